/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_path.h"

#include <math.h>
#include <string.h>

/* Shapes of the tail of the excess that compete; the first is the exponential. */
static const double tails[FILTER_PATH_TAILS] = {INFINITY, 3, 1};

static const double least_scale = 1e-8;

void filter_path_init(struct filter_path *p, double delay, double up, double down)
{
    memset(p, 0, sizeof *p);
    for (int way = 0; way < 2; way++) {
        p->floor[way] = delay / 2;
        p->median[way] = fmax((way == 0 ? up : down) * M_LN2, least_scale);
    }
}

/* Scale of the density with shape `tail` that has this median. */
static double scale_of(double median, double tail)
{
    return isinf(tail) ? median / M_LN2 : median / (exp2(1 / tail) - 1);
}

static int best_tail(const struct filter_path *p, int way)
{
    int best = 0;

    for (int k = 1; k < FILTER_PATH_TAILS; k++)
        if (p->evidence[way][k] > p->evidence[way][best] + (best == 0 ? 3 : 0))
            best = k;
    return best;
}

void filter_path_shape(const struct filter_path *p, struct filter_box *box)
{
    for (int way = 0; way < 2; way++) {
        int k = best_tail(p, way);

        box->tail[way] = tails[k];
        box->scale[way] = scale_of(p->median[way], tails[k]);
    }
}

/* -log of the probability that a way's excess is above e. */
static double rarity(const struct filter_path *p, int way, double e)
{
    double tail = tails[best_tail(p, way)], scale = scale_of(p->median[way], tail);

    return isinf(tail) ? e / scale : tail * log1p(e / scale);
}

/* Splits a change of the sum of both floors over the ways. */
static void move_floors(struct filter_path *p, double sum, double difference, double sd)
{
    double most = fabs(sum), slack = 3 * sd + 0.1 * most;

    if (fabs(difference) < slack)
        difference = 0; /* both ways alike, or nothing is known */
    else if (fabs(difference) > most - slack)
        difference = difference > 0 ? most : -most; /* one way alone */
    p->floor[0] += (sum + difference) / 2;
    p->floor[1] += (sum - difference) / 2;
    p->recent = 0;
}

/* The floors were too high: an earlier route is back, or a rise was none. */
static void lower_floors(struct filter_path *p, double sum, double difference, double sd)
{
    double home = p->home[0] + p->home[1], now = p->floor[0] + p->floor[1];
    double scale = p->median[0] + p->median[1];
    int hasty = p->risen && p->count - p->risen_at < 100;

    if (hasty)
        p->doubt = fmin(p->doubt + 1, 20);
    if (p->risen && (hasty || now + sum < home + 4 * scale + 3 * sd)) {
        /* seen from the floors before they rose */
        difference += (p->floor[0] - p->home[0]) - (p->floor[1] - p->home[1]);
        sum += now - home;
        p->floor[0] = p->home[0];
        p->floor[1] = p->home[1];
        p->recent = 0;
        p->risen = 0;
        if (sum > -6 * scale)
            return;
    }
    move_floors(p, sum, difference, sd);
}

static void raise_floors(struct filter_path *p, double sum, double difference, double sd)
{
    if (!p->risen) {
        p->home[0] = p->floor[0];
        p->home[1] = p->floor[1];
        p->risen = 1;
    } else if (p->count - p->risen_at < 2 * FILTER_PATH_RECENT) {
        /* one change, seen in two parts */
        sum += p->floor[0] - p->home[0] + p->floor[1] - p->home[1];
        difference += p->floor[0] - p->home[0] - (p->floor[1] - p->home[1]);
        p->floor[0] = p->home[0];
        p->floor[1] = p->home[1];
    }
    p->risen_at = p->count;
    move_floors(p, sum, difference, sd);
}

/* Have all of the last n samples been far above the floors? By how much at least: *sum, of which
 * up less down is *difference. */
static int all_high(const struct filter_path *p, int n, double *sum, double *difference)
{
    double least = INFINITY, up = INFINITY, down = INFINITY, ways, either;

    if (p->recent < n)
        return 0;
    for (int i = 0; i < n; i++) {
        double both = (double)p->sum[i];
        double d = fmin(fmax((double)p->difference[i], -both), both);

        least = fmin(least, both);
        up = fmin(up, (both + d) / 2);
        down = fmin(down, (both - d) / 2);
    }
    if (!(least > 0))
        return 0;
    ways = rarity(p, 0, up) + rarity(p, 1, down);
    either = fmin(rarity(p, 0, least), rarity(p, 1, least));
    *sum = up + down;
    *difference = up - down;
    return n * fmin(ways, either - log1p(either)) > 18 * (1 + p->doubt);
}

double filter_path_check(struct filter_path *p, double sum, double difference, double sd,
                         double base_sd)
{
    static const int runs[] = {4, 8, 16};
    double scale = fmax(p->median[0], p->median[1]);

    /* A delay cannot be below the floor: the floor is wrong. */
    if (sum < -10 * base_sd - least_scale) {
        if (sum > -6 * scale && !p->risen)
            return -sum; /* not a route but a base delay that was believed too firmly */
        lower_floors(p, sum, difference, sd);
        return fmax(scale, base_sd);
    }
    memmove(p->sum + 1, p->sum, sizeof p->sum - sizeof *p->sum);
    memmove(p->difference + 1, p->difference, sizeof p->difference - sizeof *p->difference);
    p->sum[0] = (float)sum;
    p->difference[0] = (float)difference;
    if (p->recent < FILTER_PATH_RECENT)
        p->recent++;
    for (int i = 0; i < 3; i++) {
        if (all_high(p, runs[i], &sum, &difference)) {
            raise_floors(p, sum, difference, 2 * sd + scale / runs[i]);
            return fmax(scale, base_sd);
        }
    }
    return 0;
}

void filter_path_learn(struct filter_path *p, const struct filter_excess *excess)
{
    double e[2] = {fmax(excess->up, 0), fmax(excess->down, 0)};
    double gain = fmax(1.4 / (8 + p->count), 0.005);

    p->count++;
    p->doubt *= 0.999;
    for (int way = 0; way < 2; way++) {
        double l[FILTER_PATH_TAILS], best = -INFINITY, none;

        for (int k = 0; k < FILTER_PATH_TAILS; k++) {
            double scale = scale_of(p->median[way], tails[k]);

            l[k] = filter_box_density(e[way], scale, tails[k], &none) -
                   log(isinf(tails[k]) ? scale : scale / tails[k]);
            best = fmax(best, l[k]);
        }
        for (int k = 0; k < FILTER_PATH_TAILS; k++)
            p->evidence[way][k] = 0.99 * p->evidence[way][k] + fmax(l[k] - best, -6);
        p->median[way] *= exp(e[way] > p->median[way] ? gain : -gain);
        p->median[way] = fmax(p->median[way], least_scale);
    }
}
