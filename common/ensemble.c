/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/ensemble.h"

#include <math.h>
#include <string.h>

/*
 * What an oscillator may change by unseen while a sample ages, as in the discipline. RFC 5905 has
 * 15e-6 for clocks whose rate nobody knows: at 1024 s claims would then be so wide that a liar of
 * 50 ms is one of them.
 */
#define PHI DISCIPLINE_DRIFT

/* So many samples show whether the oscillator is as usual. */
#define SAMPLES_EARLY 3

/* The estimate counts as true within so many of its standard deviations. */
#define CLAIM_SDS 4.0

void ensemble_source_init(struct ensemble_source *s, uint8_t minpoll, uint8_t maxpoll)
{
    memset(s, 0, sizeof *s);
    filter_init(&s->filter);
    poll_init(&s->poll, minpoll, maxpoll);
}

void ensemble_source_frequency(struct ensemble_source *s, double rate, double sd)
{
    filter_init_frequency(&s->filter, rate, sd);
}

bool ensemble_sample(struct ensemble *e, unsigned i, const struct sample *s)
{
    struct ensemble_source *source = &e->sources[i];
    struct raw t1 = s->local.t1_raw, t4 = s->local.t4_raw;
    const struct filter_sample fs = {
        .at = {t1.ns + (t4.ns - t1.ns) / 2}, .up_ns = s->up_ns, .down_ns = s->down_ns};

    if (!filter_add(&source->filter, &fs))
        return false;
    source->last = *s;
    source->has_sample = true;
    return true;
}

/* True time minus CLOCK_REALTIME, from true time minus raw clock. */
static double offset_within(const struct filter_estimate *est, const struct instant *now,
                            int64_t *offset_ns)
{
    int64_t ahead = ns_sub_sat(now->wall.ns, now->raw.ns);

    *offset_ns = ns_add_sat(ns_sub_sat(est->phase_ns, ahead), (int64_t)llrint(est->phase_s * 1e9));
    return sqrt(est->var_phase);
}

static void claim(struct ensemble_source *s, const struct instant *now)
{
    struct select_input *c = &s->claim;
    double age, uncertain;

    memset(c, 0, sizeof *c);
    c->group = s->group;
    c->address = s->address;
    c->state = (uint8_t)s->verdict.state;
    c->reachable =
        s->reachable && s->has_sample && filter_predict(&s->filter, now->raw, &s->estimate);
    if (!c->reachable)
        return;
    c->sd_s = offset_within(&s->estimate, now, &c->offset_ns);
    age = s_from_ns(ns_sub_sat(now->raw.ns, s->last.local.t4_raw.ns));
    uncertain = CLAIM_SDS * c->sd_s + PHI * (age > 0 ? age : 0);
    c->bound_ns = ns_add_sat(s->estimate.delay_ns / 2 + s->last.root_delay_ns / 2 +
                                 s->last.root_dispersion_ns + 1,
                             uncertain < 1e9 ? (int64_t)(uncertain * 1e9) : NS_PER_S * NS_PER_S);
    c->rate = s->estimate.frequency;
    c->rate_sd = sqrt(s->estimate.var_frequency);
    c->leap = s->last.leap;
}

/* The selected sources see one oscillator: the best informed speaks for its wander. */
static double wander_of(const struct ensemble *e)
{
    double best = 0, wander = 0;

    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];

        if (s->verdict.state != SELECT_SELECTED || s->verdict.weight <= best)
            continue;
        best = s->verdict.weight;
        wander = s->estimate.wander;
    }
    return wander;
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

/*
 * At the start those who answer first are not the majority yet: until everybody has answered or
 * failed once it has to be one of all.
 */
static bool wait_for_all(const struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++) {
        if (!e->sources[i].heard)
            return !e->discipline.synchronized_once;
    }
    return false;
}

bool ensemble_update(struct ensemble *e, const struct instant *now, struct clock_order *o)
{
    struct select_input in[SELECT_MAX];
    struct select_output out[SELECT_MAX];
    struct discipline_input d = {.now = now->mono, .wall = now->wall};
    struct select_policy policy = e->policy;

    for (unsigned i = 0; i < e->n; i++) {
        claim(&e->sources[i], now);
        in[i] = e->sources[i].claim;
    }
    policy.of_all = policy.of_all || wait_for_all(e);
    select_sources(in, e->n, &policy, out, &e->result);
    for (unsigned i = 0; i < e->n; i++)
        e->sources[i].verdict = out[i];
    if (e->result.majority) {
        d.majority = true;
        d.early = is_early(e);
        d.voices = e->result.agreeing;
        d.offset_ns = e->result.offset_ns;
        d.sd_s = e->result.sd_s;
        d.bound_s = s_from_ns(e->result.bound_ns);
        d.rate = e->result.rate;
        d.rate_sd = e->result.rate_sd;
        d.wander = wander_of(e);
        d.leap = e->result.leap;
    }
    return discipline_update(&e->discipline, &d, &e->leaps, o);
}

void ensemble_resumed(struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++)
        filter_reset(&e->sources[i].filter);
    for (unsigned i = 0; i < e->n; i++)
        e->sources[i].has_sample = false;
    discipline_resumed(&e->discipline);
}

void ensemble_leap(struct ensemble *e, int64_t ns)
{
    for (unsigned i = 0; i < e->n; i++)
        filter_shift(&e->sources[i].filter, ns);
}

int64_t ensemble_next_poll_ns(struct ensemble *e, unsigned i, uint32_t random)
{
    struct ensemble_source *s = &e->sources[i];
    struct poll_input in = {.valid = false};
    struct filter_estimate est;
    struct raw at = s->filter.at;

    if (s->has_sample && filter_predict(&s->filter, at, &est)) {
        in.valid = true;
        in.sd_now = sqrt(est.var_phase);
        for (unsigned k = 0; k < POLL_CANDIDATES; k++)
            in.sd_at[k] = filter_later_sd(&est, ldexp(1, (int)(POLL_LOG2_MIN + k)));
    }
    return poll_next_ns(&s->poll, &in, random);
}
