/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as people read them. */
#ifndef NTSC_FORMAT_H
#define NTSC_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

/* "+12.3 us": ns with a unit that fits, sign on request; at most REPORT_TIME octets with the 0. */
#define REPORT_TIME 32
void report_time(int64_t ns, bool sign, char buf[REPORT_TIME]);

/* The same with that many digits that count, 1 to 9. */
void format_time(int64_t ns, bool sign, int digits, char buf[REPORT_TIME]);

/* How long something takes or is ago, roughly: "59 s", "17 min", "3 h", "12 days". */
void format_span(int64_t ns, char buf[REPORT_TIME]);

/* "2026-11-21 03:04:05 UTC" */
void format_date(struct wall t, char buf[REPORT_TIME]);

#endif
