/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/check_limit.h"

#include <math.h>
#include <stdbool.h>

#include "common/base/time.h"

static bool beyond(double limit_s, double s)
{
    return limit_s >= 0 && s > limit_s;
}

enum check_state check_judge(const struct check_limits *l, int64_t offset_ns, int64_t bound_ns)
{
    double bound = s_from_ns(bound_ns);
    double worst = fabs(s_from_ns(offset_ns)) + bound;

    if (beyond(l->crit_s, worst) || beyond(l->crit_bound_s, bound))
        return CHECK_CRITICAL;
    if (beyond(l->warn_s, worst) || beyond(l->warn_bound_s, bound))
        return CHECK_WARNING;
    return CHECK_OK;
}
