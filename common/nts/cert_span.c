/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/cert_span.h"

void cert_span_cut(struct cert_span *s, int64_t not_before_s, int64_t not_after_s)
{
    if (s->not_before_s < not_before_s)
        s->not_before_s = not_before_s;
    if (s->not_after_s > not_after_s)
        s->not_after_s = not_after_s;
}

bool cert_span_holds(const struct cert_span *s, int64_t time_s)
{
    return time_s >= s->not_before_s && time_s <= s->not_after_s;
}

bool cert_span_time(const struct cert_span *s, int64_t now_s, int64_t floor_s, int64_t *time_s)
{
    int64_t first = s->not_before_s > floor_s ? s->not_before_s : floor_s;

    if (first > s->not_after_s)
        return false;
    *time_s = now_s < first ? first : now_s > s->not_after_s ? s->not_after_s : now_s;
    return true;
}
