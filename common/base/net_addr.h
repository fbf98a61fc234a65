/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses with a port, as they travel between the processes and lie in files. */
#ifndef NTSC_NET_ADDR_H
#define NTSC_NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_ADDR_MAX 8 /* addresses of one server that are kept */

struct net_addr {
    uint8_t family; /* 4 or 6; 0: none */
    uint8_t zero;
    uint16_t port;  /* host order */
    uint32_t scope; /* IPv6 link-local zone, else 0 */
    uint8_t addr[16];
};

/* An address as the struct has to hold one, wherever it points. */
bool net_addr_valid(const struct net_addr *a);

/* Whether an NTP server may live there, judged beside the address of the key exchange. */
bool net_addr_usable(const struct net_addr *ntp, const struct net_addr *ke);

enum { NET_ADDR_V4 = 4, NET_ADDR_V6 = 6 };

/*@ requires \valid_read(a);
    assigns \nothing; */
static inline bool net_addr_is_v6(const struct net_addr *a)
{
    return a->family == NET_ADDR_V6;
}

/* The same family, address and port. */
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);

/*
 * Of addresses that lie `stride` octets apart, the lowest index whose address is that of index i:
 * equal numbers are one address, and no number outlives what made it.
 */
unsigned net_addr_first(const struct net_addr *a, size_t stride, unsigned i);

/* "192.0.2.1" or "2001:db8::1" (RFC 5952), zone as %number, "none"; no port. At most
 * NET_ADDR_TEXT octets with the 0. */
#define NET_ADDR_TEXT 64
void net_addr_text(const struct net_addr *a, char buf[NET_ADDR_TEXT]);

#endif
