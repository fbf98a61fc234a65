/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/check_limit.h"

#include <math.h>

#include "common/base/time.h"

bool check_range_given(const struct check_range *r)
{
    return isfinite(r->low_s) || isfinite(r->high_s) || r->inside;
}

bool check_range_alerts(const struct check_range *r, double s)
{
    bool within = s >= r->low_s && s <= r->high_s;

    return r->inside ? within : !within;
}

enum check_state check_judge(const struct check_limits *l, int64_t offset_ns, int64_t bound_ns)
{
    double bound = s_from_ns(bound_ns);
    double worst = fabs(s_from_ns(offset_ns)) + bound;

    if (check_range_alerts(&l->crit, worst) || check_range_alerts(&l->crit_bound, bound))
        return CHECK_CRITICAL;
    if (check_range_alerts(&l->warn, worst) || check_range_alerts(&l->warn_bound, bound))
        return CHECK_WARNING;
    return CHECK_OK;
}
