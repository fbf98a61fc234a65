/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a clock is good enough for whoever checks it. */
#ifndef NTSC_CHECK_LIMIT_H
#define NTSC_CHECK_LIMIT_H

#include <stdint.h>

/* The values are exit statuses of monitoring plug-ins (Monitoring Plugins Development Guidelines).
 */
enum check_state { CHECK_OK = 0, CHECK_WARNING = 1, CHECK_CRITICAL = 2, CHECK_UNKNOWN = 3 };

/* In seconds; negative: no limit. */
struct check_limits {
    double warn_s, crit_s;             /* of the worst possible error, |offset| + bound */
    double warn_bound_s, crit_bound_s; /* of the bound alone */
};

/* True time is within offset_ns +- bound_ns of this clock. Which limits are passed? */
enum check_state check_judge(const struct check_limits *l, int64_t offset_ns, int64_t bound_ns);

#endif
