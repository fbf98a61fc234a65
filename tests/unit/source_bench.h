/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One source in simulated time, against a server of a few lines: for the tests of
 * common/source/source_step.c.
 */
#ifndef NTSC_TEST_SOURCE_BENCH_H
#define NTSC_TEST_SOURCE_BENCH_H

#include "common/source/source.h"
#include "tests/unit/test.h"

#define S(x) ((x)*NS_PER_S)

extern const struct source_policy bench_policy;
extern const struct wall bench_wall; /* the server's time, whatever the monotonic clock says */

/* Not a cipher: enough to tell the right key and untouched data from anything else. */
extern const struct aead bench_aead;

/* What a server answers. */
struct reply {
    uint8_t stratum, s2c;
    uint32_t kiss;
    unsigned cookies;
    bool wrong_uid, sealed;
    int64_t later_ns; /* when: after bench_wall */
    bool interleaved; /* and then tells that the answer before left at told_ns after bench_wall */
    int64_t told_ns;
};

extern const struct reply bench_good;

struct bench {
    struct source s;
    struct source_out out;
    struct mono now;
    uint64_t random;
    uint8_t ke_spread; /* what is drawn for pauses before key exchanges: 0, the shortest */
};

/* With two addresses, exchanged at `made`. */
struct nts_session bench_session(unsigned cookies, int64_t made);

void bench_start(struct bench *b);

/* Whether the source wants that done. */
bool bench_has(const struct bench *b, enum source_action a);

/* Goes to the source's own next instant and fires it. */
void bench_fire(struct bench *b);

/* The same, and it has to be a key exchange, which gives so many cookies; or a query. */
void bench_exchange_keys(struct bench *b, unsigned cookies);
void bench_ask(struct bench *b);

/* The server's answer to `request` arrives. */
void bench_deliver(struct bench *b, const struct source_out *request, struct reply r);

#endif
