/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NTS-KE records (RFC 8915 section 4): the request, and the check of the response. */
#ifndef NTSC_NTS_KE_MSG_H
#define NTSC_NTS_KE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/err.h"
#include "common/nts/aead.h"
#include "common/nts/cookie_pool.h"

#define NTS_KE_RESPONSE_MAX 65536 /* RFC 8915 section 4: at least this much must be accepted */
#define NTS_KE_REQUEST_MAX  320

/* Record types, RFC 8915 section 7.6. */
enum {
    NTS_KE_END_OF_MESSAGE = 0,
    NTS_KE_NEXT_PROTOCOL = 1,
    NTS_KE_ERROR = 2,
    NTS_KE_WARNING = 3,
    NTS_KE_AEAD = 4,
    NTS_KE_NEW_COOKIE = 5,
    NTS_KE_NTP_SERVER = 6,
    NTS_KE_NTP_PORT = 7,
    /*
     * chronyd's "compliant AES-128-GCM-SIV export", from the range for experiments, empty and not
     * critical. Who sends it derives the keys of algorithm 30 as section 5.1 says; without it in
     * request and answer they are derived as if it were 15, as the first servers with 30 did.
     */
    NTS_KE_COMPLIANT_EXPORT = 1024,
};

/*
 * What may be asked for; an empty name or port 0 asks for nothing (RFC 8915 4.1.7, 4.1.8), a list
 * without algorithms for the default ones.
 */
struct nts_ke_ask {
    char ntp_server[NTS_NAME_MAX + 1];
    uint16_t ntp_port;
    struct aead_list aead;
};

/* What a valid response says. */
struct nts_ke_answer {
    uint16_t aead;          /* in our offer */
    uint16_t exporter_aead; /* what stands for it in the exporter's context */
    char ntp_server[NTS_NAME_MAX +
                    1];         /* name or address as sent, checked to be one; "" : the KE host */
    uint16_t ntp_port;          /* 123 when not sent */
    struct cookie_pool cookies; /* at least one */
};

/*@ requires \valid_read(name + (0 .. len - 1));
    assigns \nothing; */
/* Whether an NTP server may be called so (section 4.1.7): a name, with or without its final dot, or
 * an address literal without a zone. */
bool nts_ke_server_valid(const char *name, size_t len);

/*@ requires \valid_read(ask) && \valid(buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures \result <= cap; */
/*
 * Writes the request and returns its octets; 0 when cap is too small or the asked server is neither
 * a name nor an address.
 */
size_t nts_ke_request_build(const struct nts_ke_ask *ask, uint8_t *buf, size_t cap);

/*@ requires \valid_read(data + (0 .. len - 1)) && \valid(pos);
    assigns *pos; */
/*
 * Whether the octets read so far hold a whole response: true once an End of Message record is
 * complete (also when what precedes it is wrong: nts_ke_response_check() will say so). Looks at
 * record headers only, so that no octet is waited for in vain. *pos (0 at first) remembers how far
 * it has come, so that reading octet by octet stays linear.
 */
bool nts_ke_response_complete(const uint8_t *data, size_t len, size_t *pos);

/*@ requires \valid_read(ask);
    assigns \nothing; */
/* The algorithms that a request for it offers. */
struct aead_list nts_ke_offer(const struct nts_ke_ask *ask);

/*@ requires \valid_read(data + (0 .. len - 1)) && \valid(a) && \valid(f) && \separated(a, f);
    requires \valid_read(offered);
    assigns *a, *f; */
/*
 * Checks a response to a request that offered these algorithms as section 4 demands and fills *a
 * only when it is valid in full; otherwise returns false with *f set (STAGE_KE_RECORD or
 * STAGE_KE_ERROR) and *a cleared. The first fault in the order of the octets is the one told, what
 * is missing last. Octets behind End of Message are malformed. Unknown non-critical records are
 * skipped; more cookies than the pool holds are dropped; a cookie that is empty or too long is
 * skipped, unless no other is left.
 */
NTSC_CHECK_RESULT bool nts_ke_response_check(const uint8_t *data, size_t len,
                                             const struct aead_list *offered,
                                             struct nts_ke_answer *a, struct failure *f);

/* Exporter context of RFC 8915 section 5.1: 00 00, AEAD id, 00 for C2S or 01 for S2C. */
#define NTS_EXPORTER_LABEL       "EXPORTER-network-time-security"
#define NTS_EXPORTER_CONTEXT_LEN 5
/*@ requires \valid(context + (0 .. NTS_EXPORTER_CONTEXT_LEN - 1));
    assigns context[0 .. NTS_EXPORTER_CONTEXT_LEN - 1]; */
void nts_exporter_context(uint16_t aead, bool s2c, uint8_t context[NTS_EXPORTER_CONTEXT_LEN]);

#endif
