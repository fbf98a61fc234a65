/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process that holds the clock has seen with its own eyes, and what follows from it: by
 * how much others have moved CLOCK_REALTIME, and how much time went by that this machine's clocks
 * did not count, because it was paused. Only after such a thing is a step allowed once the clock
 * has been synchronized, so that whoever has captured the engine, which asks for steps, gains
 * nothing by asking.
 *
 * The ledger: CLOCK_REALTIME is held against CLOCK_MONOTONIC_RAW from look to look. What is beyond
 * the rate in force and what was ordered to be slewed is somebody else's doing.
 *
 * The battery clock goes on while the machine is paused. It is read in whole seconds, and may keep
 * another zone's time, so what counts is what it is ahead of CLOCK_REALTIME: an interval, which
 * many looks make narrow, and which grows by what such a clock may drift. Where it leaves that
 * interval, time has gone by, or somebody has set the clock. The kernel sets the battery clock
 * every 11 minutes by the very clock that is wrong; then it is back where it used to be, but behind
 * by what CLOCK_REALTIME lacks. So what was seen is kept until the clock has been stepped, or has
 * been synchronized for a day.
 *
 * Until the kernel has set the battery clock for the first time nobody knows when it does: it may
 * be anywhere between what it shows and CLOCK_REALTIME, and only what leaves that is an event.
 *
 * The host's clock (ptp_kvm, vmclock), where there is one, is such a clock too, only more exact.
 */
#ifndef NTSC_CLOCK_WITNESS_H
#define NTSC_CLOCK_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

/* Readings of the clocks may lie so far apart in time on a machine that is busy. */
#define WITNESS_READING_NS 10000000
/* What the raw clock's and the steered clock's rates may differ unseen: 1 in so many, 100 ppm. */
#define WITNESS_RATE_SHARE 10000
/* A battery clock's crystal, uncompensated, over its temperatures: 200 ppm. */
#define WITNESS_DRIFT_SHARE 5000
/* Since it was told that its clock is synchronized the kernel sets the battery clock so often
 * (SYNC_PERIOD_NS of kernel/time/ntp.c); a look comes so long before it. */
#define WITNESS_SET_NS    (660 * NS_PER_S)
#define WITNESS_BEFORE_NS (2 * NS_PER_S)
/* A step may lead so far beyond what was seen: what the clock was off by before that. */
#define WITNESS_TOLERANCE_NS (NS_PER_S / 2)
/* So much is seen as an event at least: what the kernel's setting of a battery clock is off by is
 * less. */
#define WITNESS_LEAST_NS (NS_PER_S / 4)
/* So long after it is told that its clock is synchronized the kernel has set the battery clock: it
 * tries within two seconds, and again until it succeeds. */
#define WITNESS_SETTLE_NS (16 * NS_PER_S)
/* What was seen counts no longer once the clock has been synchronized for so long. */
#define WITNESS_KEPT_NS (86400 * NS_PER_S)

/* Low and high end, ns. */
struct witness_span {
    int64_t lo_ns, hi_ns;
};

/* A clock that goes on while this machine is paused. */
struct witness_clock {
    bool known;   /* the next two hold, as of `at`, */
    bool settled; /* and were taken once the kernel had set it by a synchronized clock */
    struct witness_span
        usual; /* by how much it is ahead of the clock by which the kernel set it, */
    struct witness_span right; /* and of the right time, since slewed, or paused, or stepped */
    struct raw at;
    bool missing; /* time has gone by that CLOCK_REALTIME lacks: */
    struct witness_span lacks;
};

struct clock_witness {
    bool looked;
    struct wall wall; /* at the last look */
    struct raw raw;
    int64_t left_ns;   /* the most that the last order may go on to slew, */
    int64_t second_ns; /* and that in a second */
    int64_t moved_ns;  /* how far in all others have moved the clock since the last step allowed */
    struct witness_clock battery, host;
    bool vouched; /* the clock is called synchronized, since: */
    struct raw vouched_since;
    bool kept; /* the kernel sets the battery clock, since: */
    struct mono kept_from;
    bool calm; /* there is something to forget, and the clock is synchronized, since: */
    struct raw calm_since;
};

/* The clocks at one instant. */
struct witness_look {
    struct wall wall;
    struct raw raw;
    int64_t rate_ppb;  /* rate in force, against the raw clock, 1e-9 */
    int64_t leap_ns;   /* what a leap second since the last look has moved CLOCK_REALTIME by */
    bool synchronized; /* by our own last order */
    bool has_battery, has_host;
    struct witness_span battery, host; /* within which that clock's time lies, ns since 1970 */
};

/*
 * Takes a look; one comes before each order. Returns by how much others have moved the clock since
 * the last one; 0: they have not, or by less than can be told.
 */
int64_t clock_witness_look(struct clock_witness *w, const struct witness_look *look);

/* What is proved of clock_witness_allows(), in terms of: */
/*@ predicate witness_clock_permits(struct witness_clock *c, integer step_ns) =
      c->missing && ns_sat(c->lacks.lo_ns - WITNESS_TOLERANCE_NS) <= step_ns <=
        ns_sat(c->lacks.hi_ns + WITNESS_TOLERANCE_NS) &&
      (c->lacks.lo_ns > 0 ==> step_ns > 0) && (c->lacks.hi_ns < 0 ==> step_ns < 0);
    predicate clock_witness_permits(struct clock_witness *w, integer step_ns) =
      (w->moved_ns > 0 && ns_sat(ns_sat(\abs(step_ns)) -
        (w->moved_ns < WITNESS_TOLERANCE_NS ? w->moved_ns : WITNESS_TOLERANCE_NS)) <=
          w->moved_ns) ||
      witness_clock_permits(&w->battery, step_ns) || witness_clock_permits(&w->host, step_ns); */

/*@ requires \valid_read(w);
    assigns \nothing;
    ensures \result <==> clock_witness_permits(w, step_ns); */
/*
 * Whether what was seen allows a step of `step_ns`: one towards the time that the battery clock or
 * the host's shows, or one no longer than what others have moved the clock by in all.
 */
bool clock_witness_allows(const struct clock_witness *w, int64_t step_ns);

/*@ requires \valid(w);
    assigns w->wall.ns, w->moved_ns, w->battery, w->host;
    ensures w->moved_ns == 0 && !w->battery.missing && !w->host.missing; */
/* A step of our own is made: what allowed it is used up. */
void clock_witness_stepped(struct clock_witness *w, int64_t step_ns);

/*@ requires \valid(w);
    assigns w->left_ns, w->second_ns; */
/* A slew of so much is ordered, of which the first second takes 1 / 2^(2 + constant). */
void clock_witness_slewing(struct clock_witness *w, int64_t offset_ns, int32_t constant);

/*@ requires \valid(w);
    assigns w->kept, w->kept_from.ns; */
/* The kernel was told that its clock is synchronized, or that it is not. */
void clock_witness_told(struct clock_witness *w, bool synchronized, struct mono now);

/*
 * When the next look is due after one at `last`: `period_ns` later, or before the kernel sets the
 * battery clock by one that may have stood still.
 */
struct mono clock_witness_next(const struct clock_witness *w, struct mono last, int64_t period_ns);

/*@ requires \valid(w);
    assigns *w; */
/* The machine slept: nothing before it can be compared with what follows. */
void clock_witness_slept(struct clock_witness *w);

#endif
