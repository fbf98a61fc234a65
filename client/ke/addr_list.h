/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of one host, in the order to be tried. */
#ifndef NTSC_ADDR_LIST_H
#define NTSC_ADDR_LIST_H

#include "common/base/net_addr.h"

struct addr_list {
    unsigned n;
    struct net_addr a[NET_ADDR_MAX];
};

#endif
