/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to DNS and their answers as octets (RFC 1035): only what libc's getaddrinfo() does not
 * ask, which are services (RFC 2782) and addresses that a validating resolver holds back.
 */
#ifndef NTSC_DNS_MSG_H
#define NTSC_DNS_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/err.h"

enum dns_type { DNS_A = 1, DNS_AAAA = 28, DNS_SRV = 33 };

#define DNS_QUERY_MAX 271 /* header 12, name 255, type and class 4 octets */

/*@ requires \valid(buf + (0 .. cap - 1));
    assigns buf[0 .. cap - 1];
    ensures \result <= cap; */
/*
 * Writes one recursive question and returns its octets; 0 when `name` (labels with dots between
 * them) is no name of at most 255 octets, or cap is too small. `unchecked`: the resolver shall
 * answer also what it cannot validate (RFC 4035 section 3.2.2, the CD bit).
 */
size_t dns_query_build(const char *name, enum dns_type type, uint16_t id, bool unchecked,
                       uint8_t *buf, size_t cap);

/* An answer that is being read. */
struct dns_answer {
    const uint8_t *data;
    size_t len, pos;
    unsigned left; /* records of the answer section from pos on */
};

/* One service record, RFC 2782. */
struct dns_srv {
    uint16_t priority, weight, port;
    char target[NTS_NAME_MAX + 1]; /* a host name in lower case, without the final dot */
};

/*@ requires \valid_read(data + (0 .. len - 1)) && \valid(a);
    assigns *a; */
/*
 * Begins with an answer to the question `query` (what dns_query_build() wrote). False unless it is
 * whole, without error, and repeats that very question; a name without records has none to read.
 */
NTSC_CHECK_RESULT bool dns_answer_begin(struct dns_answer *a, const uint8_t *data, size_t len,
                                        const uint8_t *query, size_t query_len);

/*
 * The next record of the kind; false when there is none or the rest is malformed. Owners are not
 * compared: DNS is believed no more than it has to be, and a certificate has the last word.
 */
bool dns_answer_address(struct dns_answer *a, struct net_addr *addr); /* port 0 */
bool dns_answer_srv(struct dns_answer *a, struct dns_srv *srv);

#endif
