/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service manager is told, as sd_notify(3) describes it: one datagram each. Without
 * $NOTIFY_SOCKET all of this does nothing.
 */
#ifndef NTSC_NOTIFY_H
#define NTSC_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Reads what the manager has put into the environment; before rights are given up. */
void notify_open(void);

/* Started, or the configuration is read again. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

/* One line that "systemctl status" shows; sent when it is another than the last. */
void notify_status(const char *text);

/* Alive. */
void notify_alive(void);

/* How often the manager wants to hear that we are alive, in nanoseconds; 0: not at all. */
int64_t notify_watchdog_ns(void);

/*
 * Leaves a descriptor with the manager, which gives it back at a restart; one of a name. False when
 * there is no manager.
 */
bool notify_store(const char *name, int fd);

/* What was left there, closed on exec; -1: nothing. To be called once for each. */
int notify_stored(const char *name);

#endif
