/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is ordered of the kernel at an update; discipline.c knows how sure the clock is. */
#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/clock/discipline.h"
#include "common/clock/discipline_work.h"
#include "common/nts/ntp_packet.h"

#define US_PER_S 1e6

/* Microseconds for the kernel, rounded up; at most what it calls unsynchronized. */
static int32_t error_us(double s)
{
    double us = s * US_PER_S;

    return us < CLOCK_ERROR_MAX_US ? (int32_t)ceil(us) : CLOCK_ERROR_MAX_US;
}

/* The phase that the kernel is to slew from now on, as fast as slew_max allows. */
static void order_slew(int64_t offset_ns, int32_t constant, double slew_max, struct clock_order *o)
{
    o->offset_ns = offset_ns > CLOCK_OFFSET_MAX_NS    ? CLOCK_OFFSET_MAX_NS
                   : offset_ns < -CLOCK_OFFSET_MAX_NS ? -CLOCK_OFFSET_MAX_NS
                                                      : offset_ns;
    o->constant = constant;
    while (fabs(clock_order_slew(o->offset_ns, o->constant)) > slew_max)
        o->constant++;
    INVARIANT(o->constant >= 0 && o->constant <= CLOCK_CONSTANT_MAX);
    o->what |= CLOCK_SET_SLEW;
}

/*
 * The kernel chooses at the beginning of each second what it slews in it, and a new order does not
 * change that: what it will still slew until the next one, ns.
 */
static int64_t in_flight(struct discipline *d, struct wall now)
{
    int64_t seconds = now.ns / NS_PER_S - d->given.ns / NS_PER_S;
    double share = 1.0 / (4 << d->constant);

    if (seconds != 0)
        d->second_s = seconds > 0 ? d->left_s * share * pow(1 - share, (double)(seconds - 1)) : 0;
    d->given = now;
    return (int64_t)(d->second_s * (double)(NS_PER_S - now.ns % NS_PER_S));
}

/* With constant 0 the kernel slews a quarter of an offset in a second: what may be slewed then. */
static const double eager_most_ns = DISCIPLINE_FAST_SLEW * 4 * NS_PER_S;

/* More than is wanted, where that makes it faster: an offset that is slewed at once. */
static int64_t eager(int64_t offset_ns, int64_t age_ns)
{
    double more = (double)offset_ns * DISCIPLINE_EAGER;

    if (age_ns >= DISCIPLINE_EAGER_S * NS_PER_S || fabs(more) > eager_most_ns)
        return offset_ns;
    return (int64_t)more;
}

/* An order is given: from the first one on the clock process counts the fast seconds. */
static void begin(struct discipline *d, struct mono now)
{
    if (!d->began) {
        d->first = now;
        d->fast = !d->synchronized_once;
    }
    d->began = true;
}

/* The kernel's constant for what is left of the phase. */
static int32_t constant_for(const struct discipline_input *in, int64_t offset_ns)
{
    double log2s = in->slew_s > 0 ? rint(log2(in->slew_s)) - 2 : DISCIPLINE_CONSTANT;
    int32_t constant = (int32_t)fmin(fmax(log2s, 0), CLOCK_CONSTANT_MAX);

    if (constant > DISCIPLINE_CONSTANT &&
        fabs(s_from_ns(offset_ns)) > DISCIPLINE_MOVES_SDS * in->moves_s)
        return DISCIPLINE_CONSTANT;
    return constant;
}

/* Slews what is left of the phase; in the first seconds faster than later. */
static void slew(struct discipline *d, const struct discipline_input *in, int64_t offset_ns,
                 struct clock_order *o)
{
    int64_t flying_ns = in_flight(d, in->wall), age;

    begin(d, in->now);
    age = ns_sub_sat(in->now.ns, d->first.ns);
    if (d->capped || (o->what & CLOCK_SET_STEP) != 0) {
        order_slew(0, DISCIPLINE_CONSTANT, DISCIPLINE_SLEW_MAX, o);
        d->given.ns = ns_add_sat(d->given.ns, o->step_ns);
    } else if (d->fast && age < DISCIPLINE_FAST_S * NS_PER_S) {
        order_slew(eager(offset_ns - flying_ns, age), 0, DISCIPLINE_FAST_SLEW, o);
    } else {
        order_slew(offset_ns - flying_ns, constant_for(in, offset_ns), DISCIPLINE_SLEW_MAX, o);
    }
}

/* Whether the rate of a single source, that is not followed, has been the same for a day. */
static bool has_been_steady(struct discipline *d, const struct discipline_input *in, bool begins)
{
    d->steady_low = fmin(d->steady_low, in->rate);
    d->steady_high = fmax(d->steady_high, in->rate);
    if (begins || d->steady_high - d->steady_low > DISCIPLINE_STEADY) {
        d->steady_from = in->now;
        d->steady_low = d->steady_high = in->rate;
        d->steady_seen = 0;
    }
    d->steady_seen++;
    return d->steady_seen >= DISCIPLINE_STEADY_LEAST &&
           discipline_elapsed_s(d->steady_from, in->now) >= DISCIPLINE_STEADY_S;
}

/*
 * A single source cannot show whether it or our oscillator changes. So it may not take the
 * frequency farther from what it was for a day than an oscillator goes by itself; beyond that the
 * clock keeps the limit, does not slew after it, and says so. When the source has been steady for a
 * day it is believed: a virtual machine may have come to another host, whose counter runs
 * otherwise, and would never be right again. With two or more sources they decide.
 */
static double cap_rate(struct discipline *d, const struct discipline_input *in)
{
    double t = discipline_elapsed_s(d->referred, in->now);
    bool begins = !d->capped;
    double away;

    d->referred = in->now;
    d->capped = false;
    if (!d->have_reference) {
        d->have_reference = in->rate_sd <= DISCIPLINE_CAP_SD;
        d->reference = in->rate;
        return in->rate;
    }
    away = in->rate - d->reference;
    if (in->voices < 2 && fabs(away) > DISCIPLINE_DRIFT_CAP) {
        d->believed = has_been_steady(d, in, begins);
        d->capped = !d->believed;
        if (d->capped)
            return d->reference + (away > 0 ? DISCIPLINE_DRIFT_CAP : -DISCIPLINE_DRIFT_CAP);
        d->reference = in->rate;
        return in->rate;
    }
    d->reference += away * (in->voices < 2 ? 1 - exp(-t / DISCIPLINE_CAP_FOLLOW_S) : 1);
    return in->rate;
}

/* The kernel acts at the end of the day on which the flag is set: never sooner than on that day. */
static uint32_t leap_bits(struct discipline *d, const struct discipline_input *in,
                          const struct leap_table *leaps)
{
    int64_t midnight = leap_next_midnight_s(in->wall);

    if (in->majority || midnight != d->leap_midnight_s)
        d->leap_bits = 0;
    d->leap_midnight_s = midnight;
    if (midnight == d->no_leap_s)
        return 0;
    if (in->majority && in->leap == NTP_LEAP_INSERT && leap_possible(leaps, in->wall, false))
        d->leap_bits = CLOCK_INS;
    if (in->majority && in->leap == NTP_LEAP_DELETE && leap_possible(leaps, in->wall, true))
        d->leap_bits = CLOCK_DEL;
    return d->leap_bits;
}

/* The kernel counts TAI on by itself as the leap second begins, while UTC still has the old day. */
static bool leap_under_way(const struct discipline *d, const struct discipline_input *in)
{
    return d->leap_bits != 0 && in->wall.ns / NS_PER_S >= d->leap_midnight_s - 1;
}

static void order_state(struct discipline *d, const struct discipline_input *in,
                        const struct leap_table *leaps, struct clock_order *o)
{
    int tai = leap_tai(leaps, in->wall);
    double bound = discipline_bound_s(d, in->now);
    /* An oscillator may be percents off: what is ordered on synchronization has to be its rate. */
    bool rate_known =
        d->synchronized_once || (!in->early && d->have_rate && d->rate_sd <= DISCIPLINE_RATE_SD);
    bool synchronized = bound <= d->config.bound_max_s && d->state != DISCIPLINE_PANIC &&
                        d->state != DISCIPLINE_OUT_OF_RANGE && rate_known;

    o->what |= CLOCK_SET_STATUS | CLOCK_SET_ERRORS;
    o->status = CLOCK_PLL | CLOCK_FREQHOLD | leap_bits(d, in, leaps);
    if (!synchronized)
        o->status = CLOCK_PLL | CLOCK_FREQHOLD | CLOCK_UNSYNC;
    o->maxerror_us = error_us(bound);
    /* Nothing is probable that is not possible. */
    o->esterror_us = error_us(fmin(discipline_sd_s(d, in->now), bound));
    if (synchronized && tai != 0 && !d->no_tai && !leap_under_way(d, in)) {
        o->what |= CLOCK_SET_TAI;
        o->tai_s = tai;
    }
    if (d->state == DISCIPLINE_PANIC || d->state == DISCIPLINE_OUT_OF_RANGE)
        return;
    if (!synchronized)
        d->state = DISCIPLINE_UNSYNCHRONIZED;
    else
        d->state = in->majority ? DISCIPLINE_SYNCHRONIZED : DISCIPLINE_COASTING;
}

/* No majority: the clock goes on as it is. */
static bool coast(struct discipline *d, const struct discipline_input *in,
                  const struct leap_table *leaps, struct clock_order *o)
{
    if (d->state == DISCIPLINE_WAITING)
        return false;
    if (d->state == DISCIPLINE_PANIC)
        d->state = DISCIPLINE_COASTING; /* the claim is no longer made, but the bound keeps it */
    /* Somebody else's frequency, and what became of a slew, do not stay for as long as it lasts. */
    if (d->have_rate && discipline_frequency(d->rate, d->tick_us, o)) {
        o->what |= CLOCK_SET_FREQ;
        d->tick_us = o->tick_us;
    }
    order_state(d, in, leaps, o);
    return true;
}

/* A step is for an offset that is certainly there: a few are all there are. */
static bool is_stepped(const struct discipline *d, const struct discipline_input *in)
{
    return d->config.step_count > 0 &&
           (in->offset_ns >= d->config.step_ns || in->offset_ns <= -d->config.step_ns) &&
           fabs(s_from_ns(in->offset_ns)) > in->bound_s;
}

static bool wants_step(const struct discipline *d, const struct discipline_input *in)
{
    return d->may_step && d->steps < d->config.step_count && is_stepped(d, in);
}

/*
 * After that the clock process decides, by what it has seen itself (clock_witness.h), and is asked
 * when everybody has answered twice since the offset showed.
 */
static bool wants_late_step(const struct discipline *d, const struct discipline_input *in)
{
    return !wants_step(d, in) && !in->provisional && is_stepped(d, in) &&
           in->rounds >= DISCIPLINE_ROUNDS &&
           ns_sub_sat(in->now.ns, d->asked_at.ns) >= DISCIPLINE_ASK_NS;
}

static void order_step(struct discipline *d, const struct discipline_input *in,
                       struct clock_order *o)
{
    o->what |= CLOCK_SET_STEP;
    o->step_ns = d->last_step_ns = in->offset_ns;
    o->voices = (int32_t)in->voices;
    d->late = !d->may_step || d->steps >= d->config.step_count;
    d->late_refused = false;
    if (!d->late)
        d->steps++;
}

/* At the edge the benefit of the doubt is not the claimant's. */
static bool beyond_panic(const struct discipline *d, const struct discipline_input *in)
{
    return fabs((double)in->offset_ns) + in->bound_s * (double)NS_PER_S >=
           (double)d->config.panic_ns;
}

/* Refused: no slew, the frequency as it is; the kernel is told that nobody vouches for the clock.
 */
static bool refuse(struct discipline *d, const struct discipline_input *in,
                   const struct leap_table *leaps, struct clock_order *o)
{
    d->state = DISCIPLINE_PANIC;
    order_slew(0, DISCIPLINE_CONSTANT, DISCIPLINE_SLEW_MAX, o);
    discipline_age(d, in->now);
    d->bound_s = fabs(s_from_ns(in->offset_ns)) + in->bound_s;
    d->sd_s = fabs(s_from_ns(in->offset_ns)) + in->sd_s;
    order_state(d, in, leaps, o);
    return true;
}

/*
 * Off by more than is slewed, but not everybody has answered twice since it showed: neither towards
 * it nor away from it until then, and nobody vouches for the clock.
 */
static bool in_doubt(const struct discipline *d, const struct discipline_input *in)
{
    return d->synchronized_once && is_stepped(d, in) && in->rounds < DISCIPLINE_ROUNDS;
}

static bool wait_for_rounds(struct discipline *d, const struct discipline_input *in,
                            const struct leap_table *leaps, struct clock_order *o)
{
    order_slew(0, DISCIPLINE_CONSTANT, DISCIPLINE_SLEW_MAX, o);
    discipline_age(d, in->now);
    d->bound_s = fmax(d->bound_s, fabs(s_from_ns(in->offset_ns)) + in->bound_s);
    d->sd_s = fmax(d->sd_s, fabs(s_from_ns(in->offset_ns)));
    d->state = DISCIPLINE_UNSYNCHRONIZED;
    order_state(d, in, leaps, o);
    return true;
}

/*
 * The first few samples say little about the rate: one that is not certain enough is not used,
 * since a wrong frequency costs more than a late one. False when the rate is out of reach.
 */
static bool order_rate(struct discipline *d, const struct discipline_input *in,
                       struct clock_order *o)
{
    double rate = cap_rate(d, in);
    bool certain = in->rate_sd <= DISCIPLINE_RATE_SD ||
                   fabs(rate - d->rate) > DISCIPLINE_RATE_SIGMAS * in->rate_sd;
    bool reached;

    if (!certain && !d->have_rate)
        return true;
    if (certain)
        d->rate = fmin(fmax(rate, d->rate_low), d->rate_high);
    d->have_rate = true;
    reached = discipline_frequency(d->rate, d->tick_us, o);
    o->what |= CLOCK_SET_FREQ;
    d->tick_us = o->tick_us;
    return reached;
}

bool discipline_update(struct discipline *d, const struct discipline_input *in,
                       const struct leap_table *leaps, struct clock_order *o)
{
    int64_t offset_ns = in->offset_ns;
    bool reached;

    memset(o, 0, sizeof *o);
    d->doubting = in->majority && in_doubt(d, in);
    if (in->provisional && wants_step(d, in)) {
        order_step(d, in, o);
        begin(d, in->now);
        return true;
    }
    if (!in->majority)
        return coast(d, in, leaps, o);
    if (wants_step(d, in) || wants_late_step(d, in)) {
        order_step(d, in, o);
        offset_ns = 0;
    } else if (in_doubt(d, in)) {
        return wait_for_rounds(d, in, leaps, o);
    } else if (beyond_panic(d, in)) {
        return refuse(d, in, leaps, o);
    }
    reached = order_rate(d, in, o);
    slew(d, in, offset_ns, o);
    d->updated = in->now;
    d->left_s = s_from_ns(o->offset_ns);
    d->constant = o->constant;
    /* What the kernel was not given stays. What it is given it adds to its seconds as if they were
       the oscillator's: they are shorter by the rate, and while it slews forth. */
    d->bound_s =
        in->bound_s + fabs(s_from_ns(offset_ns - o->offset_ns)) +
        fabs(d->left_s) * (fabs(d->rate) + fabs(clock_order_slew(o->offset_ns, o->constant)));
    INVARIANT(in->bound_s >= 0 && in->sd_s >= 0 && in->rate_sd >= 0 && in->rate_reach >= 0 &&
              in->wander >= 0 && d->rate_low <= d->rate_high);
    d->sd_s = in->sd_s;
    d->rate_sd = in->rate_sd + fabs(in->rate - d->rate);
    d->rate_reach = in->rate_reach + fabs(in->rate - d->rate);
    d->wander = in->wander;
    d->state = reached ? DISCIPLINE_SYNCHRONIZED : DISCIPLINE_OUT_OF_RANGE;
    order_state(d, in, leaps, o);
    if (d->state == DISCIPLINE_SYNCHRONIZED) {
        d->synchronized_once = true;
        d->may_step = false;
    }
    return true;
}
