/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox of ntsc-ke. */
#ifndef NTSC_SANDBOX_KE_H
#define NTSC_SANDBOX_KE_H

#include "common/msg/msg.h"

/*
 * For good: reads the CAs that the request names and what the resolver needs, writes nothing, makes
 * TCP connections to the port of the request and to that of DNS, and takes a limited share of the
 * machine.
 */
void sandbox_ke_enter(const struct msg_ke_request *req);

#endif
