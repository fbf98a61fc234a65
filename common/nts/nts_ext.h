/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NTS-protected NTPv4 exchange (RFC 8915 section 5): building requests, opening responses. */
#ifndef NTSC_NTS_EXT_H
#define NTSC_NTS_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nts/aead.h"
#include "common/nts/cookie_pool.h"
#include "common/nts/ntp_packet.h"

/* Extension field types, RFC 8915 section 7.5. */
enum {
    NTS_EXT_UNIQUE_ID = 0x0104,
    NTS_EXT_COOKIE = 0x0204,
    NTS_EXT_PLACEHOLDER = 0x0304,
    NTS_EXT_AUTHENTICATOR = 0x0404,
};

#define NTS_UID_LEN 32 /* RFC 8915 section 5.3 */
#define NTS_REQUEST_MAX                                                                            \
    1280 /* fits the IPv6 minimum MTU less its headers as well: see NTS_REQUEST_SOFT */
#define NTS_RESPONSE_MAX 2048 /* longer datagrams are not answers to ours */

/* Random octets of one request, from a CSPRNG, used once. */
struct nts_request_random {
    uint8_t uid[NTS_UID_LEN];
    uint8_t nonce[AEAD_NONCE_MAX]; /* as many as the algorithm takes: aead_nonce_len() */
    uint64_t transmit;             /* sent as transmit timestamp, comes back as origin (not 0) */
};

struct nts_request {
    const struct aead_key *c2s;
    const uint8_t *cookie;
    size_t cookie_len;
    unsigned placeholders; /* wanted; fewer are sent when the packet would pass max_len */
    size_t max_len;        /* at most NTS_REQUEST_MAX */
    /*
     * Interleaved mode (RFC 9769 section 2), both 0: basic mode. `origin`: the receive timestamp of
     * the response before; `receive` comes back as origin if the server has that mode, instead of
     * the transmit timestamp, from which it has to differ.
     */
    uint64_t origin, receive;
    struct nts_request_random random;
};

/*
 * Writes the request: header with nothing but version, mode and the random transmit timestamp (and,
 * in interleaved mode, the two others), then
 * Unique Identifier, Cookie, placeholders, Authenticator. Returns its octets, 0 when it cannot be
 * built (no room, AEAD missing).
 */
size_t nts_request_build(const struct nts_request *q, const struct aead *aead, uint8_t *buf,
                         size_t cap);

enum nts_open_result {
    NTS_OPEN_OK,
    NTS_OPEN_PLAIN,  /* our origin, a time, and nothing of NTS: an answer of plain NTP */
    NTS_OPEN_JUNK,   /* not an answer to this request: wrong mode, origin, UID, malformed */
    NTS_OPEN_FORGED, /* our UID and origin, but the authenticator is missing or wrong */
    NTS_OPEN_NAK,    /* kiss code NTSN with our UID and origin; not authenticated by nature */
};

/*
 * Opens a response. UID and origin are compared first, then the AEAD is checked over everything up
 * to the Authenticator, then *p is filled and cookies found in the encrypted part are added to
 * *cookies (as many as there is room for). In every other case *p and *cookies stay untouched.
 * An authenticated kiss-o'-death is NTS_OPEN_OK with stratum 0.
 */
enum nts_open_result nts_response_open(const uint8_t *data, size_t len,
                                       const uint8_t uid[NTS_UID_LEN], uint64_t transmit,
                                       const struct aead_key *s2c, const struct aead *aead,
                                       struct ntp_packet *p, struct cookie_pool *cookies);

#endif
