/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the three processes, over SOCK_SEQPACKET. Each has a fixed size and begins with
 * its type; a message of another length, or one that its _valid function refuses, ends the peer.
 * Both ends come from one build, so the structs travel as they are, padding zeroed.
 */
#ifndef NTSC_MSG_H
#define NTSC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/net_addr.h"
#include "common/conf/conf.h"
#include "common/nts/aead.h"
#include "common/nts/cookie_file.h"
#include "common/nts/cookie_pool.h"
#include "common/nts/nts_ke_msg.h"

/* Processes find the socket to their parent at this descriptor. */
#define MSG_FD 3

/* ntsc-ke may find the file of msg_ke_request.ca here, for when it cannot open it by its path. */
#define MSG_CA_FD 4

/* How ntsc-ke exits when no server was reached, so that none could be burdened. */
#define KE_EXIT_UNREACHED 2

#define POOL_MAX 16 /* servers of one pool */

/* A server that was found by a pool's name: two with the same name or NTP address are one. */
struct pool_member {
    uint64_t name; /* a number for the name that its certificate or the pool gives; 0: not known */
    struct net_addr ntp;
};

enum msg_type {
    MSG_KE_REQUEST = 0x4b450001,
    MSG_KE_ANSWER = 0x4b450002,
};

/* ntsc (or a test) -> ntsc-ke: everything that one key exchange needs. */
struct msg_ke_request {
    uint32_t type;
    uint16_t port;
    uint8_t family;     /* 4 or 6 for one family only, 0 for both */
    uint8_t n_fixed;    /* addresses that stand in for DNS when it does not answer */
    int32_t timeout_ms; /* over all: DNS, TCP, TLS, records, and resolving the NTP server */
    uint8_t is_pool;    /* host is a pool's name: any server of it will do but those in taken */
    uint8_t n_taken;
    uint8_t plain_aead; /* 1: of ask.aead only 15, if it is there: all that this server stands */
    uint8_t zero;
    /*
     * 0: dates of certificates are judged by the clock. Else nobody vouches for the clock, and they
     * are judged in two steps (cert_span.h); none that ended before this (seconds since 1970).
     */
    int64_t time_floor_s;
    char host[NTS_NAME_MAX + 1]; /* name or address literal, without brackets */
    char ca[CA_PATH_MAX + 1];    /* file or directory; "": the system's */
    struct nts_ke_ask ask;
    struct net_addr fixed[NET_ADDR_MAX];
    uint64_t wanted; /* name of the server to be preferred; 0: none */
    struct pool_member taken[POOL_MAX];
};

/* ntsc-ke -> ntsc-engine. Taken as hostile: msg_ke_answer_valid() first. */
struct msg_ke_answer {
    uint32_t type;
    uint8_t n_ntp;
    uint8_t reached; /* 1 when a TCP connection was made: the failure counts for the back-off */
    /* 1: not valid at the clock; only times between not_before_s and not_after_s may be believed */
    uint8_t provisional;
    uint8_t plain_aead;  /* 1: got with 15 alone, though more could have been offered */
    struct failure fail; /* stage STAGE_OK: the rest holds */
    struct aead_key c2s, s2c;
    struct cookie_pool cookies;
    struct net_addr ntp[NET_ADDR_MAX];
    struct net_addr ke;
    uint64_t member; /* of a pool: see struct pool_member; else 0 */
    /* Latest notBefore, earliest notAfter of the chain; `provisional`: of the CA above as well. */
    int64_t not_before_s, not_after_s;
};

/* n of them, the rest zero. */
bool pool_members_fit(const struct pool_member taken[POOL_MAX], unsigned n);

/*
 * Strings ended, a host, a port, counts and enumerations in range, unused parts zero. Both _valid
 * functions want data aligned as the struct is.
 */
bool msg_ke_request_valid(const void *data, size_t len);

/*
 * As above; in a good answer also: keys of one known algorithm with its length, at least one
 * cookie, one to NET_ADDR_MAX addresses with a port, none of them unspecified, multicast,
 * broadcast, or, unless the key exchange itself was on loopback, loopback; link-local only where
 * the key exchange was. A failure carries no keys, cookies or NTP addresses; it may name `ke`.
 */
bool msg_ke_answer_valid(const void *data, size_t len);

#endif
