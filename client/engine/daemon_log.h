/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line in the log for each change of state, never one per packet. */
#ifndef NTSC_DAEMON_LOG_H
#define NTSC_DAEMON_LOG_H

#include "client/engine/daemon.h"

/* Source i has failed: told when it fails in another way than the last time. */
void daemon_log_failure(struct daemon *d, unsigned i);

/* Source i has answered: told when it had failed before, or had never answered. */
void daemon_log_answer(struct daemon *d, unsigned i);

/* The clock is about to be stepped. */
void daemon_log_step(const struct daemon *d, int64_t step_ns);

/* Something of this kind happened: false when it was told of within a minute, and is counted. */
bool daemon_log_event(struct daemon *d, enum event_kind kind);

/* Somebody else, or `ntsc -s`, has moved the clock. */
void daemon_log_moved(struct daemon *d, int64_t ns, bool ours);

/* Source i's answer was off by a step at once. */
void daemon_log_leapt(struct daemon *d, unsigned i);

/* Source i has contradicted itself, and its estimate began anew: told the first time. */
void daemon_log_anew(struct daemon *d, unsigned i);

/* ntsc stands back from now on. */
void daemon_log_rival(const struct daemon *d);

/* A step after synchronization was refused: told once, until one is made. */
void daemon_log_refused(struct daemon *d);

/* "which takes 2 h; ntsc -s does it now" */
void daemon_slew_words(const struct daemon *d, int64_t offset_ns, char *buf, size_t n);

/* After an update: who has begun or ceased to be false, and how the clock is. */
void daemon_log_verdicts(struct daemon *d);

/* Why the clock is not synchronized, in words; "" when it is. */
void daemon_reason(const struct daemon *d, char *buf, size_t n);

#endif
