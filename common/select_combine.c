/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One estimate out of those that agree, and what can be said about its error. */
#include <math.h>

#include "common/select_work.h"

/*
 * A standing asymmetry of the path shifts an estimate without showing in its scatter. It is at most
 * the half delay, and a random share of that; a tenth of the claim stands for it. It also keeps the
 * weight of a source from growing without end while its statistical error shrinks.
 */
#define ASYMMETRY_SHARE 0.1

#define RATE_FLOOR 1e-12

/*
 * Offsets relative to the middle of the place, weighed by 1 / (sd^2 + asymmetry^2). The scatter of
 * what is combined enlarges the result when it is more than the members admit (Birge's ratio).
 */
static void combine_offset(const struct select_work *w, const struct select_place *p,
                           struct select_output *out, struct select_result *r)
{
    int64_t middle = p->lo / 2 + p->hi / 2;
    double sum = 0, mean = 0, noise = 0, scatter = 0, low, high;
    unsigned n = 0;

    for (unsigned i = 0; i < w->n; i++) {
        double bias = ASYMMETRY_SHARE * s_from_ns(w->in[i].bound_ns);

        if (out[i].state != SELECT_SELECTED)
            continue;
        out[i].weight = 1 / (select_square(select_at_least(w->in[i].sd_s, SELECT_SD_FLOOR_S)) +
                             select_square(bias));
        sum += out[i].weight;
        mean += out[i].weight * s_from_ns(ns_sub_sat(w->in[i].offset_ns, middle));
        n++;
    }
    mean /= sum;
    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state != SELECT_SELECTED)
            continue;
        scatter +=
            out[i].weight * select_square(s_from_ns(ns_sub_sat(w->in[i].offset_ns, middle)) - mean);
        out[i].weight /= sum;
        noise += select_square(out[i].weight * select_at_least(w->in[i].sd_s, SELECT_SD_FLOOR_S));
    }
    scatter = n > 1 ? select_at_least(scatter / (n - 1), 1) : 1;
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
static void combine_rate(const struct select_work *w, const struct select_output *out,
                         struct select_result *r)
{
    double sum = 0, mean = 0, scatter = 0;
    double best = INFINITY;
    unsigned n = 0;

    for (unsigned i = 0; i < w->n; i++) {
        double sd = select_at_least(w->in[i].rate_sd, RATE_FLOOR);

        if (out[i].state != SELECT_SELECTED)
            continue;
        sum += 1 / select_square(sd);
        mean += w->in[i].rate / select_square(sd);
        best = sd < best ? sd : best;
        n++;
    }
    mean /= sum;
    for (unsigned i = 0; i < w->n; i++) {
        if (out[i].state == SELECT_SELECTED)
            scatter += select_square((w->in[i].rate - mean) /
                                     select_at_least(w->in[i].rate_sd, RATE_FLOOR));
    }
    r->rate = mean;
    r->rate_sd = best * (n > 1 ? sqrt(select_at_least(scatter / (n - 1), 1)) : 1);
}

/*
 * With more than half of the voices honest the truth lies where more than half of them agree; such
 * stretches begin and end where claims do. The farthest end from the combined offset is the bound.
 */
static int64_t safe_bound(const struct select_work *w, int64_t offset, unsigned half)
{
    int64_t bound = 0;

    for (unsigned i = 0; i < w->n; i++) {
        const int64_t ends[2] = {w->lo[i], w->hi[i]};

        for (unsigned k = 0; k < 2 && w->in[i].reachable; k++) {
            int64_t away = ns_sub_sat(ends[k], offset);

            away = away < 0 ? ns_sub_sat(0, away) : away;
            if (away > bound && select_count_bits(select_voices_at(w, ends[k])) >= half)
                bound = away;
        }
    }
    return bound;
}

void select_combine(const struct select_work *w, const struct select_place *p,
                    struct select_output *out, struct select_result *r)
{
    combine_offset(w, p, out, r);
    combine_rate(w, out, r);
    r->bound_ns = safe_bound(w, r->offset_ns, r->voices / 2 + 1);
}
