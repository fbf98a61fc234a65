/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as the kernel has them. */
#ifndef NTSC_SOCKADDR_H
#define NTSC_SOCKADDR_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/base/net_addr.h"

/* Fills *ss, returns its octets; of an address that has a family. */
socklen_t sockaddr_of(const struct net_addr *a, struct sockaddr_storage *ss);

/*
 * The address without its port, a zone where it is link-local; false, and family 0, for one that is
 * neither IPv4 nor IPv6.
 */
bool sockaddr_address(const struct sockaddr *sa, struct net_addr *a);

#endif
