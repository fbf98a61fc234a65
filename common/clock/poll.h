/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to ask a server again. At the start a few queries in a row, then four after pauses that
 * double (4 s, 8 s ..), then at minpoll until there are enough answers to tell the oscillator's
 * wander from the network's noise, then as seldom as the filter's own prediction allows: the
 * longest interval after which the predicted error is still within a set multiple of the present
 * one. Longer step by step, shorter at once; and at minpoll again when the oscillator begins to
 * move. One that always moves does so once in POLL_SETTLE calm answers.
 *
 * Without the four the frequency is unknown for the first minute, and 10 ppm of it move the clock
 * out of 1 ms before the second query at minpoll: time to stay within 1 ms in the simulator with
 * 1 ms of jitter, median of 8 seeds, 72 s without and 6 s with them.
 *
 * Beside chronyd at poll 6..10 (tests/bench/accuracy, 12 cells, 2 seeds), time error in the mean
 * and in the worst cell, and queries in the worst cell, all as a multiple of chronyd's:
 *
 *   growth 2                     0.47  1.12  2.0; 10 ms of jitter: far from the truth for hours
 *   growth 2, 16 answers first   0.36  0.47  2.0
 *   growth 4, 16 answers first   0.47  0.64  0.97
 *   growth 6, 16 answers first   0.52  0.81  0.95
 *
 * Nothing here knows the time or random numbers: intervals come out, a random number goes in.
 */
#ifndef NTSC_POLL_H
#define NTSC_POLL_H

#include <stdbool.h>
#include <stdint.h>

#define POLL_LOG2_MIN     4
#define POLL_LOG2_MAX     17
#define POLL_CANDIDATES   (POLL_LOG2_MAX - POLL_LOG2_MIN + 1)
#define POLL_BURST        4
#define POLL_BURST_NS     INT64_C(2000000000)
#define POLL_OPENING      2  /* log2 s: the pause behind the first burst; then each is doubled */
#define POLL_COOKIES_KEPT 2  /* a burst leaves so many */
#define POLL_LEARN        16 /* answers at minpoll, after the first burst */
#define POLL_SETTLE                                                                                \
    32                   /* then one that moved shortens them again: else 1.26 x chronyd's packets \
                          */
#define POLL_GROWTH  4.0 /* allowed multiple of the present error */
#define POLL_FLOOR_S 1e-6 /* an error below it is not worth a packet */
#define POLL_SPREAD  0.03 /* intervals are spread by so much either way */

struct poll {
    uint8_t minpoll, maxpoll; /* as configured, log2 s */
    uint8_t floor;            /* minpoll, raised by RATE */
    uint8_t log2s;            /* interval in force after the burst */
    uint8_t burst;            /* queries of the burst still to be sent behind the next */
    uint8_t granted;          /* what it was when it began */
    uint8_t settling; /* answers without a moving oscillator, until one that moves counts again */
    bool unheard;     /* no answer since then */
    uint8_t opening;  /* log2 s of the next pause on the way to log2s; 0: arrived */
    uint8_t learning; /* answers still to come before the interval may be longer */
};

/* What the filter predicts; all standard deviations of the phase in seconds. */
struct poll_input {
    bool valid;    /* there is an estimate: else the interval stays as it is */
    bool moving;   /* the oscillator has begun to move: samples contradict the prediction */
    double sd_now; /* just after the last sample */
    double sd_at[POLL_CANDIDATES]; /* predicted 2^(POLL_LOG2_MIN + i) s later; not falling with i */
};

/* minpoll <= maxpoll, both POLL_LOG2_MIN..POLL_LOG2_MAX. A burst of POLL_BURST queries is due. */
void poll_init(struct poll *p, uint8_t minpoll, uint8_t maxpoll);

/* Other limits, while it runs: what is in force is held within them, and RATE still counts. */
void poll_limit(struct poll *p, uint8_t minpoll, uint8_t maxpoll);

/*
 * A burst is due with the next query (start, resume, network back, SIGUSR1): so many queries in all
 * as leave POLL_COOKIES_KEPT of the cookies, at least one and at most POLL_BURST. The interval
 * begins at minpoll again when `restart`.
 */
void poll_burst(struct poll *p, unsigned cookies, bool restart);

/* A burst goes no further than the cookies do. */
void poll_spare(struct poll *p, unsigned cookies);

/*
 * An answer came. When it is the first one, the burst begins again: what of it was sent into a
 * network that was not there yet has taught nothing.
 */
void poll_answered(struct poll *p);

/*
 * Nanoseconds from the query just sent to the next one. `random` is a uniform 32-bit number. Call
 * it once a query, with or without an answer, after what the answer taught has gone into *in.
 */
int64_t poll_next_ns(struct poll *p, const struct poll_input *in, uint32_t random);

/* An authenticated RATE: twice as long from now on, and never shorter again, up to maxpoll. */
void poll_rate(struct poll *p);

/* The interval that the input asks for, log2 s, without regard to what is in force. */
uint8_t poll_wanted(const struct poll *p, const struct poll_input *in);

#endif
