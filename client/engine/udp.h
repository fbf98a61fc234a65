/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One NTP query on the network: a socket of its own with a random port (RFC 9109), and its stamps.
 */
#ifndef NTSC_UDP_H
#define NTSC_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/clock/sample.h"
#include "common/msg/msg.h"

struct udp {
    int fd;               /* -1: no query under way */
    struct net_addr to;   /* whom it is connected to, */
    struct net_addr from; /* and by which address of ours; family 0: not known */
    struct wall t1;
    struct raw t1_raw;
    bool t1_by_kernel; /* its stamp, else the clock just before the call */
    bool t4_by_kernel; /* likewise of the datagram that was read last, else the clock then */
};

void udp_init(struct udp *u);

/*
 * Opens a socket for a query to `to`, of which nothing leaves yet. Returns 0, or errno where there
 * is no way to send one, and then nothing is open.
 */
int udp_open(struct udp *u, const struct net_addr *to);

/*
 * Sends the packet, by the socket that was opened for it, else by one that it opens, and notes when
 * it left: by the kernel's stamp where there is one, else by the clock just before the call.
 * Returns 0 or errno, and then nothing is open.
 */
int udp_send(struct udp *u, const struct net_addr *to, const uint8_t *packet, size_t len);

/*
 * Reads one datagram. Returns its octets (0 for an empty one), with all four stamps in *local, or
 * -1 when there is none now. A datagram longer than cap is cut and then counts as junk: size the
 * buffer for the longest answer plus one.
 */
ssize_t udp_receive(struct udp *u, uint8_t *buf, size_t cap, struct local_stamps *local);

void udp_close(struct udp *u);

#endif
