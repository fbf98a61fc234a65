/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a one-shot prints: lines for people, or one JSON object (schema 1). */
#ifndef NTSC_REPORT_H
#define NTSC_REPORT_H

#include <stdio.h>

#include "client/engine/oneshot.h"
#include "client/shared/format.h"

/* One line a host, then, where there is more to say than the lines do, one that sums up. */
void report_text(FILE *to, const struct oneshot *o, const struct conclusion *c);

void report_json(FILE *to, const struct oneshot *o, const struct conclusion *c);

#endif
