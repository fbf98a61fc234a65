/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key exchanges: asked of ntsc, which starts an ntsc-ke for each and hands over a socket to it. */
#ifndef NTSC_ENGINE_KE_H
#define NTSC_ENGINE_KE_H

#include "client/engine/engine.h"

/* Asks ntsc for one; ends the process when ntsc is gone. */
void engine_ke_start(struct engine *e, struct host *h);

/* ntsc's answer, a valid message, and the descriptor that came with it (-1: none), which is taken.
 * False: it makes no sense. */
bool engine_ke_socket(struct engine *e, const struct msg_ke_socket *m, int fd);

/* ntsc-ke has answered, or has died: h->ke_fd is readable, and is closed. */
void engine_ke_answer(struct engine *e, struct host *h);

#endif
