/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One NTS key establishment (RFC 8915 section 4), from name to keys, cookies and NTP addresses. */
#ifndef NTSC_KE_PROC_H
#define NTSC_KE_PROC_H

#include <signal.h>

#include "client/ke/ca_open.h"
#include "common/msg/msg.h"

/* How far it has come, to be read by a signal handler that ends it at its deadline. */
struct ke_progress {
    volatile sig_atomic_t stage;        /* enum stage it is in */
    volatile sig_atomic_t reached;      /* a TCP connection was made, and ke is set */
    struct net_addr ke;                 /* to whom */
    char named[FAILURE_DETAIL_MAX + 1]; /* in STAGE_RESOLVE: the NTP server, once there is one */
};

/*
 * Called once with the answer, while the connection is still open, so that nobody waits for the
 * farewell. The answer is wiped when it returns.
 */
typedef void ke_deliver(const struct msg_ke_answer *answer);

/*
 * Performs *req, which is valid, with what is trusted for it, and delivers one valid answer. Blocks
 * as long as the network does: the caller keeps request.timeout_ms.
 */
void ke_exchange(const struct msg_ke_request *req, struct ca_open *trusted,
                 struct ke_progress *progress, ke_deliver *deliver);

/*
 * The answer when the time is over in progress->stage: no name server answered, or a silent other
 * side while connecting, in the handshake, or in the NTS-KE exchange.
 */
void ke_answer_timeout(const struct ke_progress *progress, struct msg_ke_answer *answer);

#endif
