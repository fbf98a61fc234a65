/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steering: from the combined estimate to orders for the kernel's clock.
 *
 * The frequency goes to what cancels the oscillator's error, the phase is slewed by the kernel
 * itself (1 / 2^(2 + constant) of what is left each second), so that no slew outlives its end. The
 * constant follows how much the estimate still moves (ensemble.h), 0 to 10 (4 s to 4096 s): what
 * the next sample takes back anyway is not worth a change of the frequency. An offset that is not
 * as usual is slewed with 2 (16 s), or faster where the estimate moves faster. Both are raised
 * until the slew is at most 500 ppm. Nothing is ordered before there is a majority.
 *
 * In the first seconds, while queries follow each other, the constant begins at 0 (4 s) and the
 * slew may reach 0.9 %. An offset of up to 24 ms is even ordered half as much again, so that four
 * seconds take all of it; the next order, two seconds later, takes back what is too much. Should
 * there be none, half of it is left on the other side, and the bound says so. 10 ms are 1 ms after
 * 6 s instead of 60; chronyd takes 8.
 *
 * When the majority is lost the clock coasts: frequency and slew stay, the bound grows.
 *
 * What other constants gave in the simulator, fixed poll 6, 8 seeds, means of the 12 cells of
 * jitter x wander: RMS time error as a multiple of the limit, RMS frequency error of chronyd's:
 *   1: 1.128, 0.90   2 (this): 1.137, 0.63   3: 1.154, 0.46   4: 1.184, 0.34
 *
 * Phase that the kernel does not take at once (beyond 0.5 s) is ordered again at each update.
 */
#ifndef NTSC_DISCIPLINE_H
#define NTSC_DISCIPLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"
#include "common/clock/clock_order.h"
#include "common/clock/leap.h"

#define DISCIPLINE_CONSTANT     2       /* 16 s */
#define DISCIPLINE_MOVES_SDS    3.0     /* an offset beyond so many deviations is not as usual */
#define DISCIPLINE_SLEW_MAX     500e-6  /* s/s */
#define DISCIPLINE_FAST_S       9       /* after the first order, until when it is fast: */
#define DISCIPLINE_FAST_SLEW    9e-3    /* s/s, a little less than what is allowed */
#define DISCIPLINE_EAGER_S      5       /* and until when more is asked for than is wanted: */
#define DISCIPLINE_EAGER        1.5     /* times as much */
#define DISCIPLINE_BOUND_MAX_S  1.0     /* beyond it the clock is called unsynchronized */
#define DISCIPLINE_DRIFT_CAP    50e-6   /* s/s a single source may pull the frequency away */
#define DISCIPLINE_CAP_SD       5e-6    /* s/s: the rate is trusted as reference from here on */
#define DISCIPLINE_RATE_SD      50e-6   /* s/s: a rate less certain than this is not used, */
#define DISCIPLINE_RATE_SIGMAS  3.0     /* unless it is so many deviations from the one in force */
#define DISCIPLINE_CAP_FOLLOW_S 86400.0 /* time constant with which the reference follows */
#define DISCIPLINE_STEADY_S     86400.0 /* a single source that is steady for so long is believed: */
#define DISCIPLINE_STEADY       25e-6   /* its rate stays within half of what one goes by itself, */
#define DISCIPLINE_STEADY_LEAST 8       /* and is seen so often */
#define DISCIPLINE_ROUNDS       2       /* rounds of answers before a step after synchronization */
#define DISCIPLINE_ASK_NS       (16 * NS_PER_S) /* a refused step is asked for again so late */

enum discipline_state {
    DISCIPLINE_WAITING, /* no majority yet */
    DISCIPLINE_SYNCHRONIZED,
    DISCIPLINE_COASTING,       /* no majority, the bound is still good */
    DISCIPLINE_UNSYNCHRONIZED, /* the bound is beyond the limit */
    DISCIPLINE_PANIC,          /* an offset beyond `panic`: refused, nothing is steered */
    DISCIPLINE_OUT_OF_RANGE,   /* the oscillator is farther off than tick and frequency reach */
};

struct discipline_config {
    int64_t step_ns;
    int64_t panic_ns;
    uint16_t step_count;
    double bound_max_s; /* 0: DISCIPLINE_BOUND_MAX_S */
};

/* The combined estimate at `now`. Without a majority or a provisional one only now and wall hold.
 */
struct discipline_input {
    struct mono now;
    struct wall wall; /* CLOCK_REALTIME at the same instant: for the calendar only */
    bool majority;
    bool provisional;  /* no majority, but one to step by: certificates do not fit the clock yet */
    bool early;        /* so few samples that the rate is only what is usual: not vouched for */
    unsigned voices;   /* independent sources behind it */
    unsigned rounds;   /* each of them has answered at least so often since there was a doubt */
    int64_t offset_ns; /* true time minus CLOCK_REALTIME; positive: the clock is behind */
    double sd_s;       /* its standard deviation */
    double bound_s;    /* the true offset lies within offset +- bound */
    double rate;       /* true seconds per second of the raw oscillator, minus 1 */
    double rate_sd;
    double rate_reach; /* it is off by no more than this (rate_range.h) */
    double wander;     /* of the oscillator, s^-1/2 (standard deviation of rate after 1 s) */
    double moves_s; /* standard deviation of the offset just before an update, as it was of late */
    double slew_s;  /* time constant that suits how much updates still move it; 0: not known */
    uint8_t leap;   /* what the majority announces: NTP_LEAP_NONE, _INSERT, _DELETE */
};

struct discipline {
    struct discipline_config config;
    enum discipline_state state;
    uint16_t steps; /* made since the allowance began */
    bool may_step;  /* before the first synchronization, and after resume */
    bool synchronized_once;
    bool began;          /* since `first` orders are given, after the start or a resume */
    bool fast;           /* and in the first seconds they may be fast */
    bool capped;         /* a single source pulls harder than DISCIPLINE_DRIFT_CAP: not followed */
    bool doubting;       /* an offset waits for a second round of answers */
    bool late;           /* the last step asked for was one after synchronization, */
    bool late_refused;   /* and it was refused: nothing speaks for it yet */
    bool no_tai;         /* the clock process's table has another TAI */
    bool have_rate;      /* rate was ordered, or told by discipline_start_rate() */
    bool have_reference; /* see below */
    int32_t tick_us;
    struct mono first;
    int64_t last_step_ns;
    struct mono asked_at;       /* when the late step was asked for */
    double rate_low, rate_high; /* what may be ordered at all */
    int64_t
        no_leap_s; /* the clock process's table has no leap second before this midnight; 0: none */
    /* The last update: */
    struct mono updated;
    double left_s; /* phase that the kernel was given to slew */
    struct wall given;
    double second_s; /* what the kernel was slewing in that second */
    double bound_s, sd_s, rate, rate_sd, rate_reach, wander;
    int32_t constant; /* how fast the kernel slews */
    /* A leap second stays armed when the majority is lost on its day. */
    uint32_t leap_bits;
    /* What the frequency used to be, against a single source that drags it away: */
    double reference;
    struct mono referred;
    bool believed; /* it was not the source: it was steady for so long */
    unsigned steady_seen;
    struct mono steady_from;
    double steady_low, steady_high;
    int64_t leap_midnight_s;
};

/*
 * `steps`: how many were made before in this boot; `synchronized_once`: it was synchronized in this
 * boot already, so that a restart gives no new allowance.
 */
void discipline_init(struct discipline *d, const struct discipline_config *config, uint16_t steps,
                     bool synchronized_once);

/*
 * A rate to begin with, from an earlier run: in force until the estimate is better. Without one the
 * frequency is left as it is found until then.
 */
void discipline_start_rate(struct discipline *d, double rate);

/*
 * The machine slept: nobody knows what the clock did meanwhile, so it is as before the first
 * synchronization, with a new allowance of steps.
 */
void discipline_resumed(struct discipline *d);

/*
 * Somebody changed the clock: CLOCK_REALTIME by `by_s`, and its rate by `rate_by` for `for_s` up to
 * now; what the kernel had to slew is gone. The bound follows at once, whether or not anybody
 * answers. 0, 0: nothing but a slew was lost.
 */
void discipline_clock_changed(struct discipline *d, struct mono now, double by_s, double rate_by,
                              double for_s);

/* The step last ordered was not made. Update again: it is slewed, or refused, and asked for later.
 */
void discipline_step_refused(struct discipline *d, struct mono now);

/* The rate in force is `rate` and not what was ordered; what may be ordered is low..high. */
void discipline_rate_limited(struct discipline *d, double rate, double low, double high);

/* TAI or the leap second was refused by the clock process's table. */
void discipline_table_differs(struct discipline *d, bool tai, bool leap, struct wall now);

/* The tables were read again. */
void discipline_table_read(struct discipline *d);

/* How long the slew of what is off takes, s, as fast as may be; 0: it is off by less than a step.
 */
double discipline_slew_takes_s(const struct discipline *d, int64_t offset_ns);

/*
 * Takes an estimate and fills *o; false when there is nothing to order. Each order replaces what is
 * left of the last one. Call it at least once a poll interval, also without a majority, so that
 * maxerror tells the truth and the leap flag is taken back in time.
 */
bool discipline_update(struct discipline *d, const struct discipline_input *in,
                       const struct leap_table *leaps, struct clock_order *o);

/* |CLOCK_REALTIME - true time| at most, s, at `now` (not before the last update); INFINITY:
 * unknown.
 */
double discipline_bound_s(const struct discipline *d, struct mono now);

/* Its standard deviation, s; INFINITY: unknown. */
double discipline_sd_s(const struct discipline *d, struct mono now);

/* One word for people and for the status ("synchronized"). */
const char *discipline_state_name(enum discipline_state s);

/* freq and tick_us for a rate; `tick_us` is the one in force and is kept as long as it reaches.
 * False, and the nearest there is, when the rate is out of reach. */
bool discipline_frequency(double rate, int32_t tick_us, struct clock_order *o);

#endif
