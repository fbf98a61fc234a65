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

void turn_ask_all(struct turn *t, struct mono now, bool restart)
{
    for (unsigned i = 0; i < t->ensemble->n; i++)
        pilot_ask(t->ensemble, i, source_of(t, i), now, restart);
}

/* Once is a mistake, and corrected; whoever does it again and again is not fought with. */
bool turn_foreign(struct turn *t, struct mono now)
{
    if (!pilot_foreign(&t->foreign, now) || t->halted || t->monitor_only)
        return false;
    t->halted = true;
    return true;
}

enum turn_verdict turn_update(struct turn *t, const struct turn_clocks *clocks,
                              struct clock_order *order)
{
    t->judge = false;
    /* Estimates from before a sleep mean nothing: turn_take() begins anew. */
    if (ns_sub_sat(clocks->slept_ns, t->slept_ns) > PILOT_SLEPT_NS)
        return TURN_NO_UPDATE;
    if (!ensemble_update(t->ensemble, &clocks->now, order) || t->monitor_only || t->halted)
        return TURN_UPDATED;
    if ((order->what & CLOCK_SET_STEP) != 0)
        t->step_ns = order->step_ns;
    return TURN_ORDER;
}

int64_t turn_ordered(struct turn *t, bool done, const struct turn_clocks *clocks)
{
    int64_t step = t->step_ns;

    t->step_ns = 0;
    if (!done || step == 0)
        return 0;
    t->last = clocks->now;
    return step;
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
    turn_ask_all(t, clocks->now.mono, true);
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
    out->halted = turn_foreign(t, now->mono);
    turn_ask_all(t, now->mono, false);
    return true;
}

/*
 * A sample contradicts those before it: a server, all servers or the oscillator has jumped. Whoever
 * waited for the next polls would learn which of them after most of an hour.
 */
static void ask_in_doubt(struct turn *t, struct mono now)
{
    if (!t->ensemble->contradicted)
        return;
    t->ensemble->contradicted = false;
    if (t->has_doubted && ns_sub_sat(now.ns, t->doubted.ns) < TURN_DOUBT_NS)
        return;
    t->doubted = now;
    t->has_doubted = true;
    for (unsigned i = 0; i < t->ensemble->n; i++)
        pilot_ask_again(t->ensemble, i, source_of(t, i), now);
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
    ask_in_doubt(t, clocks->now.mono);
    if (at_once || (t->judge && !more_to_come(t)))
        out->verdict = turn_update(t, clocks, &out->order);
}

bool turn_store(struct turn *t, const struct turn_clocks *clocks, bool now, struct clock_file *c)
{
    if ((!now && ns_sub_sat(clocks->now.mono.ns, t->stored.ns) <= TURN_STORE_NS) ||
        !pilot_store_clock(t->ensemble, clocks->now.wall, c))
        return false;
    t->stored = clocks->now.mono;
    return true;
}
