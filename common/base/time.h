/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The four kinds of time in ntsc, each a type of its own so that mixing them does not compile.
 *
 * Absolute times are integers; only differences become double, in seconds.
 */
#ifndef NTSC_TIME_H
#define NTSC_TIME_H

#include <stdint.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* NTP timestamp, 32.32 fixed point, era not known; 0 means "unknown" (RFC 5905 section 6). */
struct ntp_ts {
    uint64_t u;
};

/* CLOCK_REALTIME, nanoseconds since 1970-01-01 UTC: what the user sees and what is steered. */
struct wall {
    int64_t ns;
};

/* CLOCK_BOOTTIME (CLOCK_MONOTONIC where that is refused), nanoseconds: timers and deadlines. */
struct mono {
    int64_t ns;
};

/* CLOCK_MONOTONIC_RAW, nanoseconds: the free oscillator, which nobody steers; estimation. */
struct raw {
    int64_t ns;
};

/*
 * The wall time that `ts` names, in the era that puts it nearest to `pivot` (within 68 years
 * either way, RFC 5905 section 6 and RFC 4330 section 3). Pass the build date, not a clock that may
 * be wrong by decades. Rounds to the nearest nanosecond.
 */
struct wall wall_from_ntp(struct ntp_ts ts, struct wall pivot);

/* `t` as NTP timestamp of its own era; exact to half of 2^-32 s. */
struct ntp_ts ntp_from_wall(struct wall t);

/* NTP short format (16.16 s, RFC 5905 section 6) in nanoseconds, rounded up: it serves bounds. */
int64_t ns_from_ntp_short(uint32_t s);

/*@ logic integer ns_sat(integer v) = v < INT64_MIN ? INT64_MIN : v > INT64_MAX ? INT64_MAX : v; */

/*@ assigns \nothing;
    ensures \result == ns_sat(a - b); */
/* a - b in nanoseconds, saturating at the ends of int64_t instead of wrapping. */
int64_t ns_sub_sat(int64_t a, int64_t b);

/*@ assigns \nothing;
    ensures \result == ns_sat(a + b); */
/* a + b in nanoseconds, saturating. */
int64_t ns_add_sat(int64_t a, int64_t b);

static inline double s_from_ns(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

#define PPM 1e6 /* of 1 */

/* A rate, s/s, as people say it. */
static inline double ppm_from_rate(double rate)
{
    return rate * PPM;
}

/*
 * Milliseconds from now until t, for poll(2): rounded up, so that it does not wake up too early; 0
 * when t has come, at most max.
 */
int mono_ms_until(struct mono t, struct mono now, int max);

#endif
