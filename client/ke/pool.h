/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key establishment with some server of a pool, or with the server that the request names. */
#ifndef NTSC_POOL_H
#define NTSC_POOL_H

#include "client/ke/ke_proc.h"

/*
 * As ke_exchange(). For a pool (req->is_pool) the servers of _ntske._tcp.HOST (RFC 2782) are tried
 * in their order until one answers; where there are none HOST itself is asked, and again as long as
 * it sends us to NTP servers that we have. Never one of req->taken; REASON_NO_OTHER when there is
 * no other.
 */
void pool_exchange(const struct msg_ke_request *req, struct ca_open *trusted,
                   struct ke_progress *progress, ke_deliver *deliver);

#endif
