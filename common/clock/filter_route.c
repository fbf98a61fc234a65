/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_route.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"

/*
 * A route has changed when the round trip differs by so many usual excesses, and for a rise that is
 * seen in few samples also by so many rare ones: queues last for a while, too.
 */
static const double differs_usual = 3;
static const double differs_rare = 1.5;
enum { RUN = 4 };  /* so often in a row; or FILTER_RECENT times without a look at the rare */
enum { OLD = 32 }; /* before that a fall is the least round trip still being found */

/* Samples; the least round trip is that of one to two blocks, half a day to a day at 64 s. */
enum { BLOCK = 1024 };

/* What is shorter is below a network card's time stamps. */
static const double usual_least = 1e-7;
static const double way_least = 1e-8;

/*
 * Steps of a quantile of the logarithm that is learned from n samples are gain / n, up to the last
 * and least step. The best gain for the median of exponential numbers is 1 / ln 2 = 1.44
 * (Robbins and Monro); for the rare ones it would be 6.7, but they are seldom seen: twice the
 * usual.
 */
static const double usual_gain = 1.4, usual_step = 0.01;
static const double rare_gain = 2.8, rare_step = 0.02;
static const double rare_up = 0.95, rare_down = 0.05; /* that of 95 % */

/* The ways begin at a part of the first round trip, worth so many samples; steps as above. */
static const double way_first = 0.01, way_prior = 8, way_step = 0.005;

/* unreached() says what they are: sqrt(pi / 2), and that over the median 1.678 of two equal ways.
 */
static const double unreached_two = 1.2533, unreached_alike = 0.75;
static const double by_chance = 0.02;
static const double shortest = 1e-9; /* s, as the clocks count */

static double least_of(const struct filter_floor *f)
{
    return fmin(f->least[0], f->least[1]);
}

double filter_route_least(const struct filter_route *r)
{
    return r->samples > 0 ? least_of(&r->now) : 0;
}

/*
 * A first answer that was held up for seconds, as when a network has just come up, else leaves
 * bounds of 42 ms where 0.15 ms are possible, for twenty minutes.
 */
static const double far_shorter = 0.1;
enum { EARLY = 8 };

bool filter_route_outdone(const struct filter_route *r, double delay)
{
    return r->samples < EARLY && delay < far_shorter * filter_route_least(r);
}

/* The least of n exponential numbers is their mean / n above what they are at least. */
double filter_route_error(const struct filter_route *r)
{
    double least = least_of(&r->now), sum = r->usual;

    for (int i = 0; i < r->recents; i++)
        sum += r->recent[i] - least;
    return sum / ((r->recents + 1) * (r->recents + 1));
}

static void begin(struct filter_route *r, double least, int age)
{
    r->now = (struct filter_floor){{least, INFINITY}, age, age};
    r->recents = 0;
}

/* The least of the last n round trips and this one. */
static double least_recent(const struct filter_route *r, int n, double delay)
{
    for (int i = 0; i < n && i < r->recents; i++)
        delay = fmin(delay, r->recent[i]);
    return delay;
}

/*
 * A way that grows is as long as the last round trip says, and was never as short as the least of
 * the last few: each of these is longer than the one before, by more than is usual between two.
 */
static bool grows(const struct filter_route *r, double delay)
{
    for (int i = 0; i < RUN - 1; i++) {
        if (delay < r->recent[i] + r->usual)
            return false;
        delay = r->recent[i];
    }
    return true;
}

/* Long enough and far enough above the least? Returns the new least round trip, or 0. */
static double has_risen(const struct filter_route *r, double delay)
{
    double least = least_of(&r->now), few = least_recent(r, RUN - 1, delay),
           many = least_recent(r, FILTER_RECENT, delay);

    if (r->samples <= FILTER_RECENT)
        return 0;
    if (r->recents >= RUN - 1 &&
        few > least + fmax(differs_usual * r->usual, differs_rare * r->rare))
        return grows(r, delay) ? delay : few;
    return r->recents == FILTER_RECENT && many > least + differs_usual * r->usual ? few : 0;
}

static struct filter_turn turn(struct filter_route *r, double delay)
{
    double least = least_of(&r->now), risen;

    if (r->away && delay < (least + least_of(&r->home)) / 2) {
        r->now = r->home;
        r->away = false;
        r->recents = 0;
        return (struct filter_turn){FILTER_ROUTE_HOME, 0, least};
    }
    if (r->now.age > OLD && delay < least - differs_usual * r->usual) {
        begin(r, delay, 0);
        r->away = false;
        return (struct filter_turn){FILTER_ROUTE_CHANGED, delay - least, least};
    }
    risen = has_risen(r, delay);
    if (risen > 0) {
        bool left = !r->away;

        if (left)
            r->home = r->now;
        r->away = true;
        begin(r, risen, RUN);
        return (struct filter_turn){left ? FILTER_ROUTE_LEFT : FILTER_ROUTE_CHANGED, risen - least,
                                    least};
    }
    return (struct filter_turn){FILTER_ROUTE_SAME, 0, 0};
}

/*
 * The first of them: steps would be too slow. The mean is less at the mercy of a few than the
 * median, which in the end it is; but of one that is far longer than most, as when a machine has
 * just woken up, only so many medians count.
 */
static const double medians_most = 10;

static void learn_first(struct filter_route *r)
{
    double sum = 0, most = 0, middle = 0, least = least_of(&r->now);

    for (int i = 0; i < r->recents; i++) {
        double x = r->recent[i] - least;
        int under = 0;

        for (int k = 0; k < r->recents; k++)
            under += r->recent[k] < r->recent[i];
        if (under <= r->recents / 2)
            middle = fmax(middle, x);
        most = fmax(most, x);
    }
    for (int i = 0; i < r->recents; i++)
        sum += fmin(r->recent[i] - least, medians_most * fmax(middle, usual_least));
    r->usual = fmax(r->samples < FILTER_RECENT ? sum / r->recents : middle, usual_least);
    r->rare = fmax(most, r->usual);
}

/*
 * Quantiles are learned by steps up and down: no tail, however long, moves them by more than one.
 * The steps shrink to 1 % and 2 %, some 100 samples of memory.
 */
static void learn(struct filter_route *r, double e)
{
    double n = r->samples + 4;

    if (r->samples <= FILTER_RECENT) {
        learn_first(r);
        return;
    }
    r->usual *= exp((e > r->usual ? 1 : -1) * fmax(usual_gain / n, usual_step));
    r->usual = fmax(r->usual, usual_least);
    r->rare *= exp((e > r->rare ? rare_up : -rare_down) * fmax(rare_gain / n, rare_step));
    r->rare = fmax(r->rare, r->usual);
}

/*
 * By how much the least round trip of the n seen is above the least there is. Of two exponential
 * ways with means a and b the least of n sums lies sqrt(pi a b / (2 n)) above; few that agree by
 * chance prove nothing, hence 2 % of the round trip at first and the powers of n.
 */
static double unreached(const struct filter_route *r, double delay)
{
    double n = fmin(r->now.age, 2 * BLOCK);
    double scale = r->samples < FILTER_RECENT ? unreached_alike * r->usual
                                              : unreached_two * sqrt(r->way[0] * r->way[1]);

    return scale / sqrt(n) * (1 + 4 / (n * n)) + by_chance * delay / (n * n) + shortest;
}

static void count(struct filter_route *r, double delay)
{
    struct filter_floor *f = &r->now;

    memmove(r->recent + 1, r->recent, sizeof r->recent - sizeof *r->recent);
    r->recent[0] = delay;
    if (r->recents < FILTER_RECENT)
        r->recents++;
    f->age++;
    if (++f->in_block > BLOCK) {
        f->least[1] = f->least[0];
        f->least[0] = delay;
        f->in_block = 1;
    }
    f->least[0] = fmin(f->least[0], delay);
    r->samples++;
}

struct filter_turn filter_route_add(struct filter_route *r, double delay, struct filter_excess *e)
{
    struct filter_turn t = {FILTER_ROUTE_SAME, 0, 0};

    if (r->samples == 0) {
        begin(r, delay, 0);
        r->way[0] = r->way[1] = way_first * delay + usual_least;
    } else {
        t = turn(r, delay);
    }
    count(r, delay);
    learn(r, delay - least_of(&r->now));
    e->now = delay - least_of(&r->now) + unreached(r, delay);
    e->usual = r->usual;
    e->way[0] = r->way[0];
    e->way[1] = r->way[1];
    INVARIANT(r->recents > 0 && r->recents <= FILTER_RECENT && least_of(&r->now) >= 0 &&
              e->now >= 0 && r->usual > 0 && r->usual <= r->rare && r->way[0] > 0 && r->way[1] > 0);
    return t;
}

void filter_route_learn_ways(struct filter_route *r, const double each[2])
{
    for (int i = 0; i < 2; i++) {
        double step = fmax(usual_gain / (way_prior + r->samples), way_step);

        /* the median of an exponential is ln 2 of its mean */
        r->way[i] *= exp(each[i] > r->way[i] * M_LN2 ? step : -step);
        r->way[i] = fmax(r->way[i], way_least);
    }
}
