/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NTS server: cookies that carry the keys and are good once, keys that rotate, answers that tell
 * the time as this server sees it, which may be wrong on purpose.
 */
#ifndef NTSC_SIM_SERVER_H
#define NTSC_SIM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nts/cookie_file.h"
#include "common/nts/nts_ext.h"
#include "tests/sim/sim_rand.h"

#define SIM_EPOCH_S INT64_C(1830297600) /* 2028-01-01: true time at the start of a run */

/* Seconds, s/s and shares. */
struct sim_server_setting {
    double offset;            /* its clock is ahead */
    double drift, drift_from; /* and drifts from a time on */
    double jump, jump_at;     /* and jumps */
    double noise;             /* standard deviation of what its stamps share and no delay shows */
    double root_delay, root_dispersion;
    double stratum;
    double transmit_late;            /* error of its transmit stamps in basic mode */
    double xleave;                   /* 1: it has interleaved mode, and knows then */
    double rotate;                   /* lifetime of its key; the one before is still known */
    double restart_at;               /* it forgets all its keys */
    double rate_at;                  /* it answers RATE once */
    double ke_fail;                  /* share of key exchanges that fail at the server */
    double ke_down_from, ke_down_to; /* nobody listens there */
    double ke_seconds;               /* that a key exchange takes */
    double valid_from, valid_to;     /* its certificate; both 0: at all times */
    double address;                  /* servers with equal ones are one machine; 0: its own */
};

/* Answers of which it still knows when they have left. */
#define SIM_ANSWERS 8

struct sim_answer {
    uint64_t receive, transmit;
};

struct sim_server {
    const struct sim_server_setting *set;
    struct sim_rand random;
    unsigned index;
    bool rated;
    struct sim_answer answers[SIM_ANSWERS];
    unsigned n_answers; /* counts on */
    uint64_t serial;    /* of the next cookie */
    uint32_t *used;     /* by serial: a mark of the query it was used in */
    size_t used_len;
    /* What has happened: */
    uint64_t requests, naks, reused, bad, interleaved;
};

void sim_server_init(struct sim_server *s, const struct sim_server_setting *set, unsigned index,
                     uint64_t seed);
void sim_server_free(struct sim_server *s);

/* What its clock shows at true time t (ns since the start) less what is true, s. */
double sim_server_error(const struct sim_server *s, int64_t t);

/* Whether its clock has jumped by then. */
bool sim_server_jumped(const struct sim_server *s, int64_t t);

/* Key exchange at t: fills *out but `made`; false, and *f, *reached, when it fails. */
bool sim_server_ke(struct sim_server *s, int64_t t, struct nts_session *out, struct failure *f,
                   bool *reached);

/* A request arrives at t; returns the octets of the answer, sent at *sent; 0: none. */
size_t sim_server_answer(struct sim_server *s, int64_t t, const uint8_t *data, size_t len,
                         uint8_t answer[NTS_RESPONSE_MAX], int64_t *sent);

#endif
