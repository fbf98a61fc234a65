/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom to believe. Each source claims that the true offset lies in [offset - bound, offset +
 * bound]; those whose claims meet in one place, when they are a strict majority, are believed, and
 * their estimates are combined.
 *
 * Servers of one group or at one address are one voice: at any instant of time they count once
 * however many they are.
 *
 * What is promised: as long as more than half of the voices that were counted are honest (their
 * true offset lies in their claim), the true offset lies within `bound` of the combined one.
 */
#ifndef NTSC_SELECT_H
#define NTSC_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

#define SELECT_MAX 64

enum select_state {
    SELECT_UNKNOWN,     /* not looked at yet */
    SELECT_UNREACHABLE, /* no usable estimate */
    SELECT_UNDECIDED,   /* there is no majority to measure it against */
    SELECT_FALSETICKER, /* contradicts the majority */
    SELECT_PROBATION,   /* contradicted it and agrees again, but only just: counted, not used */
    SELECT_SHADOWED,    /* agrees, but another of its group or address speaks for it */
    SELECT_SELECTED,    /* used */
};

struct select_input {
    int64_t offset_ns; /* true time minus local clock, all sources at one instant */
    int64_t bound_ns;  /* half-width of the claim: half delay + root distance + uncertainty; >= 0 */
    double sd_s;       /* standard deviation of the offset, without what asymmetry hides */
    double asymmetry_s; /* what that usually is (select_asymmetry_s); 0: nothing */
    double rate;        /* true seconds per second of the raw oscillator, minus 1 */
    double rate_sd;     /* its standard deviation */
    uint32_t group;     /* 0: its own */
    uint32_t address;   /* equal for equal addresses; 0: its own */
    uint8_t leap;       /* NTP_LEAP_NONE, _INSERT or _DELETE */
    uint8_t state;      /* enum select_state of the last time */
    bool reachable;     /* the above holds */
};

/*
 * Half of the asymmetry of a path is seen by nobody, but its size is known: of 111 monitors all
 * over the world of one good server the offset was 1.2 % of the round trip in the median, 5.6 % at
 * the 90th percentile. The server's own way to its reference is a path as well. The scale of a
 * distribution with heavy tails may be a third of the median: five such servers are combined as
 * well with that, and a slow liar pulls a third as much.
 */
#define SELECT_ASYMMETRY_SHARE 0.004

static inline double select_asymmetry_s(int64_t delay_ns, int64_t root_delay_ns)
{
    return SELECT_ASYMMETRY_SHARE * ((double)delay_ns + (double)root_delay_ns) / (double)NS_PER_S;
}

struct select_policy {
    unsigned minsources; /* voices that have to agree at least; 0 and 1: one suffices */
    bool of_all;         /* a majority of all sources, unreachable ones included: before a step */
    /*
     * Two places in which as many agree, and nothing tells them apart: those who agree with both
     * are believed when the bound, which then reaches from one to the other, is less than this.
     * Else, and always with 0, nobody is.
     */
    int64_t tie_below_ns;
};

struct select_output {
    enum select_state state;
    int64_t off_ns; /* its offset minus the combined one; 0 without a majority */
    double weight;  /* share in the combined offset, 0..1 */
};

struct select_result {
    bool majority;
    bool tie;          /* there are two, as good as each other: see select_policy */
    unsigned voices;   /* that could have agreed */
    unsigned agreeing; /* most that agree anywhere; with a majority: that do */
    unsigned needed;   /* to be believed */
    /* With a majority only, else zero: */
    int64_t offset_ns;
    int64_t bound_ns; /* see above */
    double sd_s;      /* with an allowance for asymmetry, and not below what the scatter shows */
    double rate, rate_sd;
    uint8_t leap; /* what a strict majority of the voices announces, else NTP_LEAP_NONE */
};

/*
 * Judges n sources (at most SELECT_MAX; more are not looked at), fills out[0..n-1] and *r. Keep
 * out[i].state for the next time: of two equally good answers the one that agrees with the last
 * time is taken, and without a last time none is; then whoever is not in both is undecided. Serves
 * the one-shot as well: of_all, minsources 0; one host alone is the majority of one.
 */
void select_sources(const struct select_input *in, unsigned n, const struct select_policy *policy,
                    struct select_output *out, struct select_result *r);

/* One word for people and for the status ("falseticker"). */
const char *select_state_name(enum select_state s);

#endif
