/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/time.h"

/* Seconds from 1900-01-01 (NTP era 0) to 1970-01-01. */
#define NTP_UNIX_OFFSET_S UINT64_C(2208988800)

struct ntp_ts ntp_from_wall(struct wall t)
{
    int64_t s = t.ns / NS_PER_S;
    int64_t ns = t.ns % NS_PER_S;
    uint64_t fraction;

    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    fraction = (((uint64_t)ns << 32) + NS_PER_S / 2) / (uint64_t)NS_PER_S;
    return (struct ntp_ts){(((uint64_t)s + NTP_UNIX_OFFSET_S) << 32) + fraction};
}

struct wall wall_from_ntp(struct ntp_ts ts, struct wall pivot)
{
    /* The pivot in whole seconds is exact as an NTP timestamp: it adds no rounding of its own. */
    struct wall second = {pivot.ns - pivot.ns % NS_PER_S};
    /* The difference to the pivot, modulo 2^32 s, is the nearest one when read as signed. */
    int64_t delta = (int64_t)(ts.u - ntp_from_wall(second).u);
    int64_t s = delta / (INT64_C(1) << 32);
    int64_t fraction = delta % (INT64_C(1) << 32);
    int64_t half = INT64_C(1) << 31;
    int64_t scaled = fraction * NS_PER_S;
    int64_t ns = (scaled + (scaled < 0 ? -half : half)) / (INT64_C(1) << 32);

    return (struct wall){ns_add_sat(second.ns, s * NS_PER_S + ns)};
}

int64_t ns_from_ntp_short(uint32_t s)
{
    return (int64_t)(((uint64_t)s * (uint64_t)NS_PER_S + 0xffff) >> 16);
}

int64_t ns_sub_sat(int64_t a, int64_t b)
{
    if (b > 0 && a < INT64_MIN + b)
        return INT64_MIN;
    if (b < 0 && a > INT64_MAX + b)
        return INT64_MAX;
    return a - b;
}

int64_t ns_add_sat(int64_t a, int64_t b)
{
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    return a + b;
}

int mono_ms_until(struct mono t, struct mono now, int max)
{
    int64_t ns = ns_sub_sat(t.ns, now.ns);

    if (ns <= 0)
        return 0;
    return ns > max * NS_PER_MS ? max : (int)((ns + NS_PER_MS - 1) / NS_PER_MS);
}
