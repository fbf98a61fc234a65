/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a clock is good enough for whoever checks it. */
#ifndef NTSC_CHECK_LIMIT_H
#define NTSC_CHECK_LIMIT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The values are exit statuses of monitoring plug-ins (Monitoring Plugins Development Guidelines).
 */
enum check_state { CHECK_OK = 0, CHECK_WARNING = 1, CHECK_CRITICAL = 2, CHECK_UNKNOWN = 3 };

/* A threshold as the guidelines write it (section "Threshold and Ranges"): alerts outside of
 * [low_s, high_s], or, with inside, within it. */
struct check_range {
    double low_s, high_s; /* -INFINITY and INFINITY: no limit */
    int64_t inside;       /* 0 or 1; so wide that the struct has no padding */
};

/* clang-format off */
#define CHECK_RANGE_NONE {-INFINITY, INFINITY, 0}
#define CHECK_LIMITS_NONE {CHECK_RANGE_NONE, CHECK_RANGE_NONE, CHECK_RANGE_NONE, CHECK_RANGE_NONE}
/* clang-format on */

struct check_limits {
    struct check_range warn, crit;             /* of the worst possible error, |offset| + bound */
    struct check_range warn_bound, crit_bound; /* of the bound alone */
};

bool check_range_given(const struct check_range *r);
/* Whether a value of s seconds is a reason to alert. */
bool check_range_alerts(const struct check_range *r, double s);

/* True time is within offset_ns +- bound_ns of this clock. Which limits are passed? */
enum check_state check_judge(const struct check_limits *l, int64_t offset_ns, int64_t bound_ns);

#endif
