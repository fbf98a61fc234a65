/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/select.h"

#include <math.h>
#include <string.h>

#include "common/ntp_packet.h"
#include "common/time.h"

/*
 * A standing asymmetry of the path shifts an estimate without showing in its scatter. It is at most
 * the half delay, and a random share of that; a tenth of the claim stands for it. It also keeps the
 * weight of a source from growing without end while its statistical error shrinks.
 */
#define ASYMMETRY_SHARE 0.1

/* What no network clock is better than: keeps weights finite. */
#define SD_FLOOR_S 1e-9
#define RATE_FLOOR 1e-12
/* A falseticker is used again when it agrees with this share of its claim. */
#define READMIT 0.9
/* Within a group the one in use stays until another's claim is this much narrower. */
#define HOP_FACTOR 0.5

struct work {
    const struct select_input *in;
    unsigned n;
    unsigned voice[SELECT_MAX]; /* the lowest index among those who are one voice */
    int64_t lo[SELECT_MAX], hi[SELECT_MAX];
};

static double square(double x)
{
    return x * x;
}

static double at_least(double x, double low)
{
    return x > low ? x : low; /* low also for NaN */
}

static bool one_voice(const struct select_input *a, const struct select_input *b)
{
    return (a->group != 0 && a->group == b->group) || (a->address != 0 && a->address == b->address);
}

/* Group and address join transitively: A and B of one group, B and C at one address. */
static void find_voices(struct work *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        w->voice[i] = i;
        for (unsigned j = 0; j < i; j++) {
            unsigned from = w->voice[i] > w->voice[j] ? w->voice[i] : w->voice[j];
            unsigned to = w->voice[i] > w->voice[j] ? w->voice[j] : w->voice[i];

            if (!one_voice(&w->in[i], &w->in[j]))
                continue;
            for (unsigned k = 0; k <= i; k++) {
                if (w->voice[k] == from)
                    w->voice[k] = to;
            }
        }
    }
}

static unsigned count_bits(uint64_t set)
{
    unsigned n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

/* The voices, as bits, that could agree. */
static uint64_t voices_counted(const struct work *w, bool of_all)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < w->n; i++) {
        if (w->in[i].reachable || of_all)
            set |= UINT64_C(1) << w->voice[i];
    }
    return set;
}

static bool claims(const struct work *w, unsigned i, int64_t x)
{
    return w->in[i].reachable && w->lo[i] <= x && x <= w->hi[i];
}

static uint64_t voices_at(const struct work *w, int64_t x)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < w->n; i++) {
        if (claims(w, i, x))
            set |= UINT64_C(1) << w->voice[i];
    }
    return set;
}

struct place {
    int64_t lo, hi; /* where the most voices agree */
    unsigned agreeing;
    unsigned loyal;   /* of the sources used the last time */
    double precision; /* of the claims that hold it, 1 / s^2 */
    bool ambiguous;   /* another place is as good, but for the last time and the precision */
};

/* The end of the stretch from lo on in which the claims that hold lo all hold. */
static int64_t place_end(const struct work *w, int64_t lo)
{
    int64_t hi = INT64_MAX;

    for (unsigned i = 0; i < w->n; i++) {
        if (claims(w, i, lo) && w->hi[i] < hi)
            hi = w->hi[i];
    }
    return hi;
}

static struct place place_at(const struct work *w, int64_t lo)
{
    struct place p = {.lo = lo, .hi = place_end(w, lo), .agreeing = count_bits(voices_at(w, lo))};

    for (unsigned i = 0; i < w->n; i++) {
        if (!claims(w, i, lo))
            continue;
        p.loyal += w->in[i].state == SELECT_SELECTED;
        p.precision += 1 / square(at_least(s_from_ns(w->in[i].bound_ns), SD_FLOOR_S));
    }
    return p;
}

static bool better(const struct place *a, const struct place *b)
{
    if (a->agreeing != b->agreeing)
        return a->agreeing > b->agreeing;
    if (a->loyal != b->loyal)
        return a->loyal > b->loyal;
    return a->precision > b->precision;
}

/* The most agreed place begins where some claim begins, so only those points are tried. */
static struct place best_place(const struct work *w)
{
    struct place best = {0};

    for (unsigned i = 0; i < w->n; i++) {
        struct place p;
        bool tie;

        if (!w->in[i].reachable)
            continue;
        p = place_at(w, w->lo[i]);
        tie = p.agreeing == best.agreeing && voices_at(w, p.lo) != voices_at(w, best.lo);
        if (better(&p, &best)) {
            p.ambiguous = tie || (p.agreeing == best.agreeing && best.ambiguous);
            best = p;
        } else if (tie) {
            best.ambiguous = true;
        }
    }
    return best;
}

/* Of the voice of i: is there a better one than i to speak for it at this place? */
static bool outspoken(const struct work *w, const struct place *p, unsigned i)
{
    const struct select_input *a = &w->in[i];

    for (unsigned j = 0; j < w->n; j++) {
        const struct select_input *b = &w->in[j];
        double mine = (double)a->bound_ns;
        double other = (double)b->bound_ns;

        if (j == i || w->voice[j] != w->voice[i] || !(claims(w, j, p->lo) && claims(w, j, p->hi)))
            continue;
        /* The one in use has an advantage, so that two alike do not take turns. */
        mine *= a->state == SELECT_SELECTED ? HOP_FACTOR : 1;
        other *= b->state == SELECT_SELECTED ? HOP_FACTOR : 1;
        if (other < mine || (other <= mine && j < i))
            return true;
    }
    return false;
}

static bool readmitted(const struct work *w, const struct place *p, unsigned i)
{
    const struct select_input *s = &w->in[i];
    int64_t reach = (int64_t)((double)s->bound_ns * READMIT);

    if (s->state != SELECT_FALSETICKER && s->state != SELECT_PROBATION)
        return true;
    return ns_sub_sat(s->offset_ns, reach) <= p->hi && ns_add_sat(s->offset_ns, reach) >= p->lo;
}

static enum select_state judge(const struct work *w, const struct place *p, unsigned i)
{
    if (!w->in[i].reachable)
        return SELECT_UNREACHABLE;
    /* Whoever meets the place only in part agrees, and its voice is counted already: with another
       voice the place would have been smaller. */
    if (!claims(w, i, p->lo) || !claims(w, i, p->hi))
        return w->lo[i] <= p->hi && w->hi[i] >= p->lo ? SELECT_SHADOWED : SELECT_FALSETICKER;
    if (outspoken(w, p, i))
        return SELECT_SHADOWED;
    return readmitted(w, p, i) ? SELECT_SELECTED : SELECT_PROBATION;
}

/*
 * Offsets relative to the middle of the place, weighed by 1 / (sd^2 + asymmetry^2). The scatter of
 * what is combined enlarges the result when it is more than the members admit (Birge's ratio).
 */
static void combine_offset(const struct work *w, const struct place *p, struct select_output *out,
                           struct select_result *r)
{
    int64_t middle = p->lo / 2 + p->hi / 2;
    double sum = 0, mean = 0, noise = 0, scatter = 0, low, high;
    unsigned n = 0;

    for (unsigned i = 0; i < w->n; i++) {
        double bias = ASYMMETRY_SHARE * s_from_ns(w->in[i].bound_ns);

        if (out[i].state != SELECT_SELECTED)
            continue;
        out[i].weight = 1 / (square(at_least(w->in[i].sd_s, SD_FLOOR_S)) + square(bias));
        sum += out[i].weight;
        mean += out[i].weight * s_from_ns(ns_sub_sat(w->in[i].offset_ns, middle));
        n++;
    }
    mean /= sum;
    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state != SELECT_SELECTED)
            continue;
        scatter += out[i].weight * square(s_from_ns(ns_sub_sat(w->in[i].offset_ns, middle)) - mean);
        out[i].weight /= sum;
        noise += square(out[i].weight * at_least(w->in[i].sd_s, SD_FLOOR_S));
    }
    scatter = n > 1 ? at_least(scatter / (n - 1), 1) : 1;
    r->sd_s = sqrt(scatter / sum);
    r->noise_sd_s = sqrt(noise);
    low = s_from_ns(p->lo - middle);
    high = s_from_ns(p->hi - middle);
    mean = mean < low ? low : mean > high ? high : mean;
    r->offset_ns = middle + (int64_t)llrint(mean * (double)NS_PER_S);
    for (unsigned i = 0; i < w->n; i++) {
        if (w->in[i].reachable)
            out[i].off_ns = ns_sub_sat(w->in[i].offset_ns, r->offset_ns);
    }
}

/*
 * All sources watch one oscillator, so their errors of the rate are not independent: the mean is
 * weighed, but it is not called better than the best member.
 */
static void combine_rate(const struct work *w, const struct select_output *out,
                         struct select_result *r)
{
    double sum = 0, mean = 0, scatter = 0;
    double best = INFINITY;
    unsigned n = 0;

    for (unsigned i = 0; i < w->n; i++) {
        double sd = at_least(w->in[i].rate_sd, RATE_FLOOR);

        if (out[i].state != SELECT_SELECTED)
            continue;
        sum += 1 / square(sd);
        mean += w->in[i].rate / square(sd);
        best = sd < best ? sd : best;
        n++;
    }
    mean /= sum;
    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state == SELECT_SELECTED)
            scatter += square((w->in[i].rate - mean) / at_least(w->in[i].rate_sd, RATE_FLOOR));
    }
    r->rate = mean;
    r->rate_sd = best * (n > 1 ? sqrt(at_least(scatter / (n - 1), 1)) : 1);
}

/*
 * With more than half of the voices honest the truth lies where more than half of them agree; such
 * stretches begin and end where claims do. The farthest end from the combined offset is the bound.
 */
static int64_t safe_bound(const struct work *w, int64_t offset, unsigned half)
{
    int64_t bound = 0;

    for (unsigned i = 0; i < w->n; i++) {
        const int64_t ends[2] = {w->lo[i], w->hi[i]};

        for (unsigned k = 0; k < 2 && w->in[i].reachable; k++) {
            int64_t away = ns_sub_sat(ends[k], offset);

            away = away < 0 ? ns_sub_sat(0, away) : away;
            if (away > bound && count_bits(voices_at(w, ends[k])) >= half)
                bound = away;
        }
    }
    return bound;
}

static uint8_t vote_leap(const struct work *w, const struct select_output *out, unsigned voices)
{
    unsigned votes[2] = {0};

    for (unsigned i = 0; i < w->n; i++) {
        bool speaks = out[i].state == SELECT_SELECTED || out[i].state == SELECT_PROBATION;

        votes[0] += speaks && w->in[i].leap == NTP_LEAP_INSERT;
        votes[1] += speaks && w->in[i].leap == NTP_LEAP_DELETE;
    }
    if (votes[0] * 2 > voices)
        return NTP_LEAP_INSERT;
    return votes[1] * 2 > voices ? NTP_LEAP_DELETE : NTP_LEAP_NONE;
}

static void load(struct work *w, const struct select_input *in, unsigned n)
{
    w->in = in;
    w->n = n;
    for (unsigned i = 0; i < n; i++) {
        w->lo[i] = ns_sub_sat(in[i].offset_ns, in[i].bound_ns);
        w->hi[i] = ns_add_sat(in[i].offset_ns, in[i].bound_ns);
    }
    find_voices(w);
}

void select_sources(const struct select_input *in, unsigned n, const struct select_policy *policy,
                    struct select_output *out, struct select_result *r)
{
    struct work w;
    struct place p;
    bool used = false;

    n = n < SELECT_MAX ? n : SELECT_MAX;
    memset(r, 0, sizeof *r);
    load(&w, in, n);
    p = best_place(&w);
    r->voices = count_bits(voices_counted(&w, policy->of_all));
    r->agreeing = p.agreeing;
    r->needed = r->voices / 2 + 1;
    if (r->needed < policy->minsources)
        r->needed = policy->minsources;
    r->majority = p.agreeing >= r->needed && !(p.ambiguous && policy->of_all);
    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct select_output){.state = r->majority       ? judge(&w, &p, i)
                                                 : in[i].reachable ? SELECT_UNDECIDED
                                                                   : SELECT_UNREACHABLE};
        used = used || out[i].state == SELECT_SELECTED;
    }
    if (!r->majority)
        return;
    /* Nobody but the readmitted: then there is no reason to wait for better. */
    for (unsigned i = 0; i < n && !used; i++) {
        if (out[i].state == SELECT_PROBATION)
            out[i].state = SELECT_SELECTED;
    }
    combine_offset(&w, &p, out, r);
    combine_rate(&w, out, r);
    r->bound_ns = safe_bound(&w, r->offset_ns, r->voices / 2 + 1);
    r->leap = vote_leap(&w, out, r->voices);
}

const char *select_state_name(enum select_state s)
{
    static const char *const names[] = {
        [SELECT_UNKNOWN] = "unknown",     [SELECT_UNREACHABLE] = "unreachable",
        [SELECT_UNDECIDED] = "undecided", [SELECT_FALSETICKER] = "falseticker",
        [SELECT_PROBATION] = "probation", [SELECT_SHADOWED] = "shadowed",
        [SELECT_SELECTED] = "selected",
    };

    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "?";
}
