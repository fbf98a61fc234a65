/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/turn.h"

#include <string.h>

static struct source *source_of(const struct turn *t, unsigned i)
{
    return t->sources.get(t->sources.owner, i);
}

void turn_begin(struct turn *t, struct ensemble *e, const struct turn_sources *sources,
                const struct turn_clocks *clocks)
{
    memset(t, 0, sizeof *t);
    t->ensemble = e;
    t->sources = *sources;
    t->last = clocks->now;
    t->slept_ns = clocks->slept_ns;
    t->stored = clocks->now.mono;
}

void turn_ask_all(struct turn *t, enum pilot_ask how)
{
    pilot_round_want(&t->rounds, how);
}

void turn_ask_now(struct turn *t)
{
    turn_ask_all(t, PILOT_ASK_NOW);
}

bool turn_sampled(struct turn *t)
{
    bool leapt = t->ensemble->leapt;

    t->judge = true;
    t->ensemble->leapt = false;
    return leapt;
}

struct mono turn_next(const struct turn *t)
{
    struct mono next = pilot_round_next(&t->rounds);

    return t->steering == TURN_STANDS_BACK && t->rival.until.ns < next.ns ? t->rival.until : next;
}

enum turn_verdict turn_update(struct turn *t, const struct turn_clocks *clocks,
                              struct clock_order *order)
{
    /* What comes of a step has to be known first. */
    t->judge = t->step_ns != 0;
    if (t->judge)
        return TURN_NO_UPDATE;
    /* Estimates from before a sleep mean nothing: turn_take() begins anew. */
    if (ns_sub_sat(clocks->slept_ns, t->slept_ns) > PILOT_SLEPT_NS)
        return TURN_NO_UPDATE;
    if (!ensemble_update(t->ensemble, &clocks->now, order) || t->steering != TURN_STEERS)
        return TURN_UPDATED;
    if ((order->what & CLOCK_SET_STEP) != 0)
        t->step_ns = order->step_ns;
    return TURN_ORDER;
}

/* What others have done to the clock since the clock process looked last. */
static void others(struct turn *t, const struct clock_answer *m, struct mono now,
                   struct turn_answer *out)
{
    struct discipline *d = &t->ensemble->discipline;
    double rate_by = m->foreign != 0 ? m->foreign_rate - d->rate : 0;

    /* A step shows against the raw clock, and was told there (notice_jump()). */
    discipline_clock_changed(d, now, 0, rate_by, m->foreign_s);
    if (m->foreign != 0 && m->by == CLOCK_CHANGED_BY_OTHERS && t->steering != TURN_WATCHES &&
        pilot_rival_changed(&t->rival, now)) {
        t->steering = TURN_STANDS_BACK;
        out->stands_back = true;
    }
    /* What he has changed is set right again, whether or not anybody answers. */
    out->update = out->update || m->asked == 0;
}

static void refused(struct turn *t, const struct clock_answer *m, const struct turn_clocks *clocks,
                    struct turn_answer *out)
{
    struct discipline *d = &t->ensemble->discipline;

    out->step_refused = (m->refused & CLOCK_SET_STEP) != 0;
    if (out->step_refused)
        discipline_step_refused(d, clocks->now.mono);
    if ((m->refused & CLOCK_SET_FREQ) != 0)
        discipline_rate_limited(d, m->rate, m->rate_low, m->rate_high);
    discipline_table_differs(d, (m->refused & CLOCK_SET_TAI) != 0,
                             (m->refused & CLOCK_REFUSED_LEAP) != 0, clocks->now.wall);
    out->update = out->update || (m->refused & (CLOCK_SET_STEP | CLOCK_SET_FREQ)) != 0;
}

void turn_answered(struct turn *t, const struct clock_answer *m, const struct turn_clocks *clocks,
                   struct turn_answer *out)
{
    int64_t step = m->asked != 0 ? t->step_ns : 0;

    *out = (struct turn_answer){.step_ns = 0};
    if (m->asked != 0)
        t->step_ns = 0;
    if (m->by != CLOCK_CHANGED_BY_NOBODY)
        others(t, m, clocks->now.mono, out);
    if (m->refused != 0) {
        refused(t, m, clocks, out);
    } else if (step != 0 && m->error == 0) {
        out->step_ns = step;
        out->update = true;
    }
    /* Who else moved it before that order is known from the answer. */
    if (step != 0)
        t->last = clocks->now;
}

/* True when it slept. The kernel may not claim a bound until all is measured again. */
static bool notice_sleep(struct turn *t, const struct turn_clocks *clocks, struct turn_out *out)
{
    int64_t slept = ns_sub_sat(clocks->slept_ns, t->slept_ns);

    t->slept_ns = clocks->slept_ns;
    if (slept <= PILOT_SLEPT_NS)
        return false;
    out->slept_ns = slept;
    ensemble_resumed(t->ensemble);
    t->last = clocks->now;
    turn_ask_all(t, PILOT_ASK_RESTART);
    return true;
}

/* CLOCK_REALTIME against the raw clock: true when somebody else has stepped it. */
static bool notice_jump(struct turn *t, const struct instant *now, struct turn_out *out)
{
    int64_t jump = pilot_jump_ns(t->ensemble, &t->last, now);
    int64_t leap = pilot_leap_ns(t->ensemble, jump, now);

    if (jump == 0)
        return false;
    if (leap != 0) {
        out->leap_ns = leap;
        ensemble_leap(t->ensemble, leap);
        for (unsigned i = 0; i < t->ensemble->n; i++)
            source_forget_exchange(source_of(t, i));
        return false;
    }
    out->jump_ns = jump;
    discipline_clock_changed(&t->ensemble->discipline, now->mono, s_from_ns(jump), 0, 0);
    ensemble_doubt(t->ensemble);
    turn_ask_all(t, PILOT_ASK_NOW);
    return true;
}

/*
 * Answers of servers that were asked together come together: they are judged as one, and make one
 * order for the clock. It does not wait for sources that have lost packets, nor before the clock is
 * right.
 */
static bool more_to_come(const struct turn *t)
{
    if (t->ensemble->discipline.state != DISCIPLINE_SYNCHRONIZED)
        return false;
    for (unsigned i = 0; i < t->ensemble->n; i++) {
        const struct source *s = source_of(t, i);

        if ((s->state == SOURCE_POLLING || s->state == SOURCE_NAK_PENDING) && s->losses == 0)
            return true;
    }
    return false;
}

static void ask(struct turn *t, struct mono now, enum pilot_ask how)
{
    for (unsigned i = 0; i < t->ensemble->n; i++)
        pilot_ask(t->ensemble, i, source_of(t, i), now, how);
}

/* Whoever is asked besides the polls is asked here, and not too often. */
static void ask_round(struct turn *t, struct mono now)
{
    enum pilot_ask how;

    if (pilot_round_take(&t->rounds, now, &how))
        ask(t, now, how);
}

static bool wait_out(struct turn *t, struct mono now)
{
    if (t->steering != TURN_STANDS_BACK || pilot_rival_reigns(&t->rival, now))
        return false;
    t->steering = TURN_STEERS;
    t->judge = true;
    return true;
}

void turn_take(struct turn *t, const struct turn_clocks *clocks, struct turn_out *out)
{
    bool at_once;

    memset(out, 0, sizeof *out);
    at_once = notice_sleep(t, clocks, out);
    if (t->step_ns == 0) { /* else the jump is our own */
        at_once = notice_jump(t, &clocks->now, out) || at_once;
        t->last = clocks->now;
    }
    /* What was taken by certificates that did not fit the clock is done again, now that they do. */
    for (unsigned i = 0; i < t->ensemble->n; i++)
        if (pilot_renew(t->ensemble, i, source_of(t, i), &clocks->now))
            out->renewed |= UINT64_C(1) << i;
    if (t->ensemble->contradicted)
        pilot_round_want(&t->rounds, PILOT_ASK_AGAIN);
    t->ensemble->contradicted = false;
    ask_round(t, clocks->now.mono);
    out->steers_again = wait_out(t, clocks->now.mono);
    if (at_once || (t->judge && !more_to_come(t)))
        out->verdict = turn_update(t, clocks, &out->order);
    for (unsigned i = 0; i < t->ensemble->n; i++)
        pilot_hurry(t->ensemble, i, source_of(t, i));
}

bool turn_store(struct turn *t, const struct turn_clocks *clocks, bool now, struct clock_file *c)
{
    if ((!now && ns_sub_sat(clocks->now.mono.ns, t->stored.ns) <= TURN_STORE_NS) ||
        !pilot_store_clock(t->ensemble, clocks->now.wall, c))
        return false;
    t->stored = clocks->now.mono;
    return true;
}
