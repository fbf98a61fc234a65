/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a one-shot prints: lines for people, or one JSON object (schema 1). */
#ifndef NTSC_REPORT_H
#define NTSC_REPORT_H

#include <stdio.h>

#include "client/engine/oneshot.h"
#include "client/shared/format.h"

/* One line a host, then, where there is more to say than the lines do, one that sums up. */
void report_text(FILE *to, const struct oneshot *o, const struct conclusion *c);

/* One line for monitoring systems, then the lines of report_text() but for its last. */
void report_plugin(FILE *to, const struct oneshot *o, const struct conclusion *c);

/* How the user called it: name, or name:port where the port is not the usual one. */
#define REPORT_NAME 512
void report_host_name(const struct host *h, char buf[REPORT_NAME]);

/* The line of one host: what it measured, or why not. */
void report_host(FILE *to, const struct oneshot *o, unsigned i);

/* The lines of the hosts that were not shown yet, and who contradicts. */
void report_hosts(FILE *to, const struct oneshot *o, const struct conclusion *c);

void report_json(FILE *to, const struct oneshot *o, const struct conclusion *c);

#endif
