/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/ensemble.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"

/* So many samples show whether the oscillator is as usual. */
#define SAMPLES_EARLY 3

void ensemble_source_init(struct ensemble_source *s, uint8_t minpoll, uint8_t maxpoll)
{
    memset(s, 0, sizeof *s);
    filter_init(&s->filter);
    rate_range_init(&s->rates);
    poll_init(&s->poll, minpoll, maxpoll);
}

void ensemble_source_frequency(struct ensemble_source *s, double rate, double sd)
{
    filter_init_frequency(&s->filter, rate, sd);
}

/* What the raw clock may do. */
static struct interval_drift drift_of(const struct ensemble *e, const struct ensemble_source *s)
{
    return (struct interval_drift){.frequency = s->estimate.frequency,
                                   .rate = ensemble_reach(e, s),
                                   .wander = RATE_SDS / sqrt(3) * s->estimate.wander};
}

/*
 * Narrows what is possible by an exchange. The server's own error is this exchange's: one that has
 * just started says less of the past than of now.
 */
static void confine(struct ensemble *e, struct ensemble_source *s, struct raw at,
                    const struct sample *in)
{
    int64_t up = ns_add_sat(in->up_ns, in->server_ns);
    int64_t down = ns_add_sat(in->down_ns, in->server_ns);
    struct interval_drift drift = drift_of(e, s);

    if (interval_add(&s->interval, at, up, down, &drift)) {
        rate_range_add(&s->rates, at, -down, up);
        return;
    }
    rate_range_doubt(&s->rates, s->estimate.frequency);
    rate_range_add(&s->rates, at, -down, up);
    /* Of a falseticker nothing else is expected. */
    if (s->verdict.state != SELECT_FALSETICKER)
        e->contradicted = true;
}

/*
 * Whether an exchange contradicts what its source said before by a step or more: somebody has set
 * that server's clock, or this machine was paused and its raw clock stood still.
 */
static bool leaps_away(const struct ensemble *e, const struct ensemble_source *source,
                       const struct filter_sample *fs)
{
    struct interval_drift drift = drift_of(e, source);
    struct interval before = interval_at(&source->interval, fs->at, &drift);
    int64_t least = e->discipline.config.step_ns;

    return source->has_sample && before.known &&
           (ns_sub_sat(ns_sub_sat(0, fs->down_ns), before.hi_ns) >= least ||
            ns_sub_sat(before.lo_ns, fs->up_ns) >= least);
}

bool ensemble_sample(struct ensemble *e, unsigned i, const struct sample *s)
{
    struct ensemble_source *source = &e->sources[i];
    struct raw t1 = s->local.t1_raw, t4 = s->local.t4_raw;
    const struct filter_sample fs = {
        .at = {t1.ns + (t4.ns - t1.ns) / 2}, .up_ns = s->up_ns, .down_ns = s->down_ns};
    uint32_t anchored = source->filter.anchored;

    INVARIANT(i < e->n && e->n <= SELECT_MAX);
    /* What may be believed for a step alone is no part of an estimate. */
    if (source->has_sample && source->last.provisional != s->provisional) {
        filter_reset(&source->filter);
        source->interval.known = false;
        rate_range_break(&source->rates);
    }
    if (leaps_away(e, source, &fs)) {
        ensemble_forget(e, i);
        e->leapt = e->contradicted = true;
        source->anew++;
    }
    if (!filter_add(&source->filter, &fs))
        return false;
    source->anew += source->filter.anchored - anchored;
    confine(e, source, fs.at, s);
    if (source->fresh < ENSEMBLE_FRESH_MAX)
        source->fresh++;
    source->last = *s;
    source->asked_log2s = source->poll.log2s;
    source->has_sample = true;
    return true;
}

/*
 * A vague claim agrees with anything near it, with a liar who answers first too: it has no vote
 * until those who could agree with it as well have been heard. 100 ms is where a clock is stepped
 * rather than slewed by many programs (ntpd's STEPT is 128 ms): what is less is corrected soon.
 */
#define VAGUE_NS (NS_PER_S / 10)

/*
 * At the start those who answer first are not the majority yet: until everybody has answered or
 * failed once it has to be one of all, and whom it selects has no advantage later.
 */
static bool all_heard(const struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++) {
        if (!e->sources[i].heard)
            return false;
    }
    return true;
}

/*
 * RFC 5905 section 9.2 forgets a server after eight polls without an answer. Whoever is not asked
 * at all, for want of cookies, keys or a network, has none to fail: then it is the age of the last
 * sample that counts.
 */
#define REACH_POLLS 8

static bool is_recent(const struct ensemble_source *s, struct raw now)
{
    uint8_t log2s = s->poll.log2s > s->asked_log2s ? s->poll.log2s : s->asked_log2s;

    /* The ninth poll is one that could have been answered. */
    return ns_sub_sat(now.ns, s->last.local.t4_raw.ns) <= (REACH_POLLS + 1) * (NS_PER_S << log2s);
}

static void claim(const struct ensemble *e, struct ensemble_source *s, const struct instant *now)
{
    struct select_input *c = &s->claim;
    struct interval_drift drift;
    struct interval within;
    int64_t phase_ns, ahead_ns = ns_sub_sat(now->wall.ns, now->raw.ns);

    memset(c, 0, sizeof *c);
    c->group = s->group;
    c->address = s->address;
    c->state = (uint8_t)(all_heard(e) ? s->verdict.state : SELECT_UNKNOWN);
    c->reachable = s->reachable && s->has_sample && is_recent(s, now->raw) &&
                   !(e->discipline.synchronized_once && s->last.provisional) &&
                   filter_predict(&s->filter, now->raw, &s->estimate);
    if (!c->reachable)
        return;
    phase_ns =
        ns_add_sat(s->estimate.phase_ns, (int64_t)llrint(s->estimate.phase_s * (double)NS_PER_S));
    drift = drift_of(e, s);
    within = interval_at(&s->interval, now->raw, &drift);
    c->offset_ns = ns_sub_sat(phase_ns, ahead_ns);
    c->sd_s = sqrt(s->estimate.var_phase);
    c->asymmetry_s = select_asymmetry_s(s->estimate.delay_ns, s->last.root_delay_ns);
    c->bound_ns = ns_add_sat(interval_reach_ns(&within, phase_ns), 1);
    if (c->bound_ns > VAGUE_NS && !e->discipline.synchronized_once && !all_heard(e))
        c->reachable = false;
    s->reach = drift.rate;
    c->rate = s->estimate.frequency;
    c->rate_sd = sqrt(s->estimate.var_frequency);
    c->leap = s->last.leap;
    INVARIANT(c->bound_ns > 0 && c->sd_s > 0 && c->rate_sd > 0 && c->asymmetry_s >= 0 &&
              s->estimate.var_phase > 0 && s->estimate.var_frequency > 0);
}

/*
 * The slew's time constant is poll x (SETTLED x P_after / (P_before - P_after) + TAKEN), the
 * variances of the phase at an update as they were of late: the more an update still moves, the
 * sooner it is to be acted on; the less, the more of it the next one takes back. On a single
 * update's variances it is far worse, since the good samples get the fast slews. In the simulator,
 * cells of jitter x wander, 2 seeds, RMS time error as a multiple of the limit at poll 64 s and of
 * chronyd's at 64 to 1024 s, frequency error of chronyd's there:
 *   16 s always 1.14 0.484 2.8;  0.08, 0.04: 1.141 0.484 1.95;  0.08, 0.1: 1.148 0.489 1.35
 *   0.06, 0.15 (this): 1.145 0.492 1.18;  0.06, 0.2: 1.150 0.497 1.05
 */
#define SLEW_SETTLED 0.06
#define SLEW_TAKEN   0.15

/* How updates move the offset, and the time constant with which it is best slewed. */
static void describe_pace(const struct ensemble *e, struct discipline_input *d)
{
    double settled = 0, taken = 0, rate = 0;

    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];
        double square = s->verdict.weight * s->verdict.weight;

        if (s->verdict.state != SELECT_SELECTED || !(s->estimate.between > 0))
            continue;
        settled += square * s->estimate.settled;
        taken += square * s->estimate.taken;
        rate += square * s->estimate.taken / s->estimate.between;
    }
    d->moves_s = sqrt(settled + taken);
    d->slew_s = rate > 0 ? (SLEW_SETTLED * settled + SLEW_TAKEN * taken) / rate : 0;
}

/* The selected sources see one oscillator: the best informed speaks for its wander. */
static void describe_oscillator(const struct ensemble *e, struct discipline_input *d)
{
    double best = 0;

    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];

        if (s->verdict.state != SELECT_SELECTED || s->verdict.weight <= best)
            continue;
        best = s->verdict.weight;
        d->wander = s->estimate.wander;
    }
}

/* Whether no selected source has been asked often enough yet. */
static bool is_early(const struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];

        if (s->verdict.state == SELECT_SELECTED && s->estimate.samples >= SAMPLES_EARLY)
            return false;
    }
    return true;
}

/* Whether one of the sources, or of those that are selected, has certificates that do not fit. */
static bool any_provisional(const struct ensemble *e, bool selected)
{
    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];

        if (s->claim.reachable && s->last.provisional &&
            (!selected || s->verdict.state == SELECT_SELECTED ||
             s->verdict.state == SELECT_SHADOWED || s->verdict.state == SELECT_PROBATION))
            return true;
    }
    return false;
}

/*
 * In a tie whoever agrees with both sides is followed when that says more than the clock as it goes
 * by itself, and then until the tie is over: to and fro would be worse than either.
 */
static int64_t tie_below_ns(const struct ensemble *e, struct mono now)
{
    double bound = discipline_bound_s(&e->discipline, now);

    if (e->unfit || !all_heard(e))
        return 0;
    if ((e->result.majority && e->result.tie) || !(bound < s_from_ns(INT64_MAX)))
        return INT64_MAX;
    return (int64_t)(bound * (double)NS_PER_S);
}

/*
 * As long as there are such, everybody configured has a vote, and nobody decides alone unless he
 * was given the right to.
 */
static struct select_policy policy_now(const struct ensemble *e, struct mono now)
{
    struct select_policy policy = e->policy;

    policy.tie_below_ns = tie_below_ns(e, now);
    policy.of_all = policy.of_all || e->unfit || !(all_heard(e) || e->discipline.synchronized_once);
    if (e->unfit && !e->trust_single && policy.minsources < 2)
        policy.minsources = 2;
    return policy;
}

/* Whether so many of those who agree as make a majority have answered so often. */
static unsigned rounds_of(const struct ensemble *e)
{
    unsigned rounds = 0, n;

    do {
        n = 0;
        for (unsigned i = 0; i < e->n; i++) {
            const struct ensemble_source *s = &e->sources[i];

            n += (s->verdict.state == SELECT_SELECTED || s->verdict.state == SELECT_PROBATION ||
                  s->verdict.state == SELECT_UNDECIDED) &&
                 s->fresh > rounds;
        }
    } while (n >= e->result.needed && n > 0 && ++rounds < ENSEMBLE_FRESH_MAX);
    return rounds;
}

/* Keys that were stolen long ago serve a time at which their certificates were valid. */
static bool is_old(const struct ensemble *e, const struct instant *now)
{
    int64_t served_ns = ns_add_sat(now->wall.ns, e->result.offset_ns);

    return e->result.majority && served_ns < e->floor.ns &&
           !(e->trust_old && e->result.agreeing >= CLOCK_LATER_VOICES && !any_provisional(e, true));
}

bool ensemble_update(struct ensemble *e, const struct instant *now, struct clock_order *o)
{
    struct select_input in[SELECT_MAX];
    struct select_output out[SELECT_MAX];
    struct discipline_input d = {.now = now->mono, .wall = now->wall};
    struct select_policy policy;

    for (unsigned i = 0; i < e->n; i++) {
        claim(e, &e->sources[i], now);
        in[i] = e->sources[i].claim;
    }
    e->unfit = any_provisional(e, false);
    policy = policy_now(e, now->mono);
    select_sources(in, e->n, &policy, out, &e->result);
    for (unsigned i = 0; i < e->n; i++)
        e->sources[i].verdict = out[i];
    e->old = is_old(e, now);
    if (e->old)
        e->result.majority = false;
    e->provisional = e->result.majority && any_provisional(e, true);
    if (e->result.majority) {
        d.majority = !e->provisional;
        d.provisional = e->provisional;
        d.early = is_early(e);
        d.voices = e->result.agreeing;
        d.rounds = rounds_of(e);
        d.offset_ns = e->result.offset_ns;
        d.sd_s = e->result.sd_s;
        describe_pace(e, &d);
        d.bound_s = s_from_ns(e->result.bound_ns);
        d.rate = e->result.rate;
        d.rate_sd = e->result.rate_sd;
        d.rate_reach = ensemble_rate_reach(e);
        describe_oscillator(e, &d);
        d.leap = e->result.leap;
    }
    return discipline_update(&e->discipline, &d, &e->leaps, o);
}

int64_t ensemble_next_poll_ns(struct ensemble *e, unsigned i, uint32_t random)
{
    struct ensemble_source *s = &e->sources[i];
    struct poll_input in = {.valid = false};
    struct filter_estimate est;
    struct raw at = s->filter.at;

    if (s->has_sample && filter_predict(&s->filter, at, &est)) {
        in.valid = true;
        in.moving = est.moving;
        in.sd_now = sqrt(est.var_phase);
        for (unsigned k = 0; k < POLL_CANDIDATES; k++)
            in.sd_at[k] = filter_later_sd(&est, ldexp(1, (int)(POLL_LOG2_MIN + k)));
    }
    return poll_next_ns(&s->poll, &in, random);
}
