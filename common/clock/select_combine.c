/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One estimate out of those that agree, and what can be said about its error. */
#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/clock/select_posterior.h"
#include "common/clock/select_work.h"

#define RATE_FLOOR 1e-12

/* A value farther than so many usual deviations pulls no harder than one that far. */
#define PULL_SDS    1.5
#define PULL_ROUNDS 20

/* Values with deviation and weight; weight 0: not used. */
struct values {
    unsigned n;
    double x[SELECT_MAX], sd[SELECT_MAX], weight[SELECT_MAX];
};

/* Where half of the weight lies on either side. */
static double weighted_median(const struct values *v, const double *x)
{
    double best = 0, least = INFINITY;

    for (unsigned i = 0; i < v->n; i++) {
        double cost = 0;

        if (v->weight[i] <= 0)
            continue;
        for (unsigned j = 0; j < v->n; j++)
            cost += v->weight[j] * fabs(x[j] - x[i]);
        if (cost < least) {
            least = cost;
            best = x[i];
        }
    }
    return best;
}

/*
 * Between mean and median (Huber's estimate): the mean of those that agree within their noise, and
 * among those that do not, where asymmetry or a slow liar shifts one, each pulls with bounded
 * force. Three good servers lose nothing against the mean; a server that drifts away within its
 * claim shifts the result by its noise instead of by a third of its error. Fills `share` with what
 * each weighs in the end; the sum is 1.
 */
static double combine(const struct values *v, double share[SELECT_MAX])
{
    double mean = weighted_median(v, v->x);
    /* One reach for all: nobody pulls harder for being less certain. */
    double reach = PULL_SDS * weighted_median(v, v->sd);

    for (unsigned round = 0; round < PULL_ROUNDS; round++) {
        double sum = 0, next = 0;

        for (unsigned i = 0; i < v->n; i++) {
            double away = fabs(v->x[i] - mean);

            share[i] = v->weight[i] * (away > reach ? reach / away : 1);
            sum += share[i];
        }
        for (unsigned i = 0; i < v->n; i++) {
            share[i] /= sum;
            next += share[i] * v->x[i];
        }
        if (next == mean) /* and so it would stay */
            break;
        mean = next;
    }
    return mean;
}

struct reach {
    int64_t low, high;
};

/*
 * With more than half of the voices honest the truth lies where more than half of them agree; such
 * stretches begin and end where claims do. Not the place where the most agree: a liar who just
 * touches the honest claims would drag the result to their edge.
 */
static struct reach reach_of(const struct select_work *w, const struct select_result *r)
{
    unsigned half = r->voices / 2 + 1;
    struct reach reach = {INT64_MAX, INT64_MIN};

    for (unsigned i = 0; i < w->n; i++) {
        const int64_t ends[2] = {w->lo[i], w->hi[i]};

        for (unsigned k = 0; k < 2 && w->in[i].reachable; k++) {
            if (select_count_bits(select_voices_at(w, ends[k])) < half)
                continue;
            reach.low = ends[k] < reach.low ? ends[k] : reach.low;
            reach.high = ends[k] > reach.high ? ends[k] : reach.high;
        }
    }
    return reach;
}

/* Offsets relative to the middle of the place where the most agree. */
static void combine_offset(const struct select_work *w, const struct select_place *p,
                           const struct reach *reach, struct select_output *out,
                           struct select_result *r)
{
    int64_t middle = p->lo / 2 + p->hi / 2, low = reach->low, high = reach->high;
    struct select_belief belief[SELECT_MAX];
    struct select_posterior posterior;
    double share[SELECT_MAX];
    unsigned n = 0, who[SELECT_MAX];

    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state != SELECT_SELECTED)
            continue;
        belief[n] = (struct select_belief){s_from_ns(ns_sub_sat(w->in[i].offset_ns, middle)),
                                           select_at_least(w->in[i].sd_s, SELECT_SD_FLOOR_S),
                                           w->in[i].asymmetry_s};
        who[n++] = i;
    }
    INVARIANT(n > 0 && low <= high); /* a majority is more than half of the voices */
    posterior = select_posterior(belief, n, s_from_ns(ns_sub_sat(low, middle)),
                                 s_from_ns(ns_sub_sat(high, middle)), share);
    for (unsigned i = 0; i < n; i++)
        out[who[i]].weight = share[i];
    r->sd_s = posterior.sd;
    r->offset_ns = middle + (int64_t)llrint(posterior.mean * (double)NS_PER_S);
}

/*
 * All sources watch one oscillator, so their errors of the rate are not independent: the mean is
 * weighed, but it is not called better than the best member.
 */
static void combine_rate(const struct select_work *w, const struct select_output *out,
                         struct select_result *r)
{
    struct values v = {.n = w->n};
    double share[SELECT_MAX], scatter = 0, best = INFINITY;
    unsigned n = 0;

    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state != SELECT_SELECTED)
            continue;
        v.sd[i] = select_at_least(w->in[i].rate_sd, RATE_FLOOR);
        v.weight[i] = 1 / select_square(v.sd[i]);
        v.x[i] = w->in[i].rate;
        best = v.sd[i] < best ? v.sd[i] : best;
        n++;
    }
    r->rate = combine(&v, share);
    for (unsigned i = 0; i < w->n; i++)
        scatter += v.weight[i] * select_square(v.x[i] - r->rate);
    r->rate_sd = best * (n > 1 ? sqrt(select_at_least(scatter / (n - 1), 1)) : 1);
}

/* The combined offset is held within the reach; the farthest end from it is the bound. */
static void hold_and_bound(const struct reach *reach, struct select_result *r)
{
    int64_t low = reach->low, high = reach->high, below, above;

    r->offset_ns = r->offset_ns < low ? low : r->offset_ns > high ? high : r->offset_ns;
    below = ns_sub_sat(r->offset_ns, low);
    above = ns_sub_sat(high, r->offset_ns);
    r->bound_ns = below > above ? below : above;
    INVARIANT(r->bound_ns >= 0 && r->sd_s >= 0 && r->rate_sd > 0);
}

void select_combine(const struct select_work *w, const struct select_place *p,
                    struct select_output *out, struct select_result *r)
{
    const struct reach reach = reach_of(w, r);

    combine_offset(w, p, &reach, out, r);
    combine_rate(w, out, r);
    hold_and_bound(&reach, r);
    for (unsigned i = 0; i < w->n; i++) {
        if (w->in[i].reachable)
            out[i].off_ns = ns_sub_sat(w->in[i].offset_ns, r->offset_ns);
    }
}
