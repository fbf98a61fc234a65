/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of the engine as a whole in virtual time: sources, filters, selection and discipline, held
 * against the limits of the clock process. Who drives it says what happens; whatever that is, these
 * promises hold:
 *
 *   no cookie is sent twice, also when the engine is killed and goes on with what it stored;
 *   a query brings one sample at most, and none after the server told us to stay away;
 *   key exchanges that fail, or that lead to nothing, follow each other in growing pauses;
 *   the discipline orders nothing that the clock process refuses, and no step without a majority;
 *   nobody spins: what is due is done, and the next thing is later.
 */
#ifndef NTSC_FUZZ_ENGINE_RUN_H
#define NTSC_FUZZ_ENGINE_RUN_H

#include "common/base/wire.h"
#include "common/clock/clock_limit.h"
#include "common/source/pilot.h"

#define RUN_SOURCES  4
#define RUN_START_NS (INT64_C(1803859200) * NS_PER_S) /* 2027-03-01 */
#define RUN_COOKIES  8192

struct peer {
    struct source source;
    struct nts_session stored;
    bool has_stored;
    struct net_addr ntp;
    struct local_stamps stamps;
    struct mono sent;
    bool ke, open, sampled;
    uint8_t request[NTS_REQUEST_MAX];
    size_t request_len;
    /* Key exchanges: the one under way; the last that reached a server; how many of those in a row
     * no authenticated answer has followed. */
    struct mono ke_start, ke_reached;
    unsigned fruitless;
};

struct run {
    struct wire_reader in; /* what the events are read from */
    struct ensemble ensemble;
    struct ensemble_source sources[RUN_SOURCES];
    struct peer peers[RUN_SOURCES];
    struct clock_limit limit;
    int64_t raw_ns, slept_ns;
    /* CLOCK_REALTIME: its rate against the oscillator, and what is left to slew. */
    struct wall wall;
    double rate, left_s, slew_tau_s;
    uint64_t random;
    uint32_t next_cookie;
    uint8_t cookie_sent[RUN_COOKIES];
    bool killed;
};

struct mono run_now(const struct run *r);

/* Time goes on by ns; to the next timer, or by at most `most`. */
void run_pass(struct run *r, int64_t ns);
void run_pass_to_next(struct run *r, int64_t most);

/* Does all that is due. */
void run_timers(struct run *r);

/* What the source wants done. */
void run_perform(struct run *r, unsigned i, struct source_out *out);

/* Before a source is told anything: it sees the session on disk. */
void run_sync_store(struct run *r, struct peer *p);

/* A key exchange reached its server (RFC 8915 section 4.2: in growing pauses). */
void run_ke_reached(struct peer *p);

/* The clock is steered. */
void run_update(struct run *r);

/* Killed at this very moment, and started again with what is on disk. */
void run_start(struct run *r);

#endif
