/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine has to say, printed or logged by ntsc; the engine has no output of its own. */
#ifndef NTSC_RELAY_H
#define NTSC_RELAY_H

#include "client/ntsc/brake.h"
#include "common/msg/msg_engine.h"

struct relay {
    struct brake_bucket lines;
    uint32_t printed; /* octets */
    bool prints;      /* one-shot: there is something to print */
};

/*
 * Takes a valid message. Of lines for the log only so many pass, and those that did not are counted
 * in the log. False when the engine prints what no engine prints.
 */
bool relay_text(struct relay *r, const struct msg_text *m, struct mono now);

#endif
