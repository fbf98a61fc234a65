/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a key exchange on disk, as octets: one file per key-establishment name and port.
 * Self-checking (magic, version, lengths, checksum); whatever is not exactly right is not believed.
 */
#ifndef NTSC_COOKIE_FILE_H
#define NTSC_COOKIE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net_addr.h"
#include "common/base/time.h"
#include "common/nts/aead.h"
#include "common/nts/cookie_pool.h"
#include "common/nts/nts_ke_msg.h"

#define COOKIE_FILE_MAX 4096
#define COOKIE_ID_MAX   639 /* octets of the name of a stored session */

/* The result of a key exchange, as the engine lives with it. */
struct nts_session {
    struct aead_key c2s, s2c;
    struct cookie_pool cookies;
    struct net_addr ntp[NET_ADDR_MAX]; /* where to send queries, best first */
    uint8_t n_ntp;
    struct net_addr ke;                /* the address the exchange was made with */
    struct net_addr local[2];          /* our own, IPv4 and IPv6, that cookies were sent from */
    int64_t not_before_s, not_after_s; /* validity shared by all certificates of the chain */
    struct wall made;                  /* when the exchange was made */
    bool plain_aead;  /* the server has not stood the list of algorithms: 15 alone was offered */
    bool provisional; /* its certificates were not valid at the clock: never stored */
};

/* Wipes keys and cookies. */
void nts_session_clear(struct nts_session *s);

/* Writes the file's content; returns its octets, 0 when cap is too small. `id` names what it
 * belongs to (host, port, asked server, CA: see state_id()), at most 1,024 octets. */
size_t cookie_file_encode(const struct nts_session *s, const char *id, uint8_t *buf, size_t cap);

/* Fills *s when data is a whole, unchanged file for `id`; else false and *s cleared. */
NTSC_CHECK_RESULT bool cookie_file_decode(struct nts_session *s, const char *id,
                                          const uint8_t *data, size_t len);

#endif
