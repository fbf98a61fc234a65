/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What -v tells of the way to an answer, a line each. */
#ifndef NTSC_TELL_H
#define NTSC_TELL_H

#include "client/engine/engine.h"

/* New keys: from where, with which algorithm, how many cookies, for which NTP server, for how long.
 */
void tell_key_exchange(const struct host *h, const struct nts_session *s);

/* Keys of an earlier run were found. */
void tell_stored(const struct host *h);

/* A query has left, by the kernel's time stamp or not. */
void tell_query(const struct host *h);

/* An authenticated answer. */
void tell_sample(const struct host *h, const struct sample *s);

#endif
