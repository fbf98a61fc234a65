/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/format.h"

#include <math.h>
#include <stdio.h>

#include "common/base/calendar.h"

void format_time(int64_t ns, bool sign, int digits, char buf[REPORT_TIME])
{
    static const struct {
        double above_s, scale;
        const char *unit;
    } units[] = {{86400 * 3, 1.0 / 86400, "d"},
                 {3600 * 2, 1.0 / 3600, "h"},
                 {600, 1.0 / 60, "min"},
                 {1, 1, "s"},
                 {1e-3, 1e3, "ms"},
                 {1e-6, 1e6, "us"},
                 {0, 1e9, "ns"}};
    double s = s_from_ns(ns), v;
    /* What would be rounded to 1000 of a unit is 1 of the next. */
    double rounding = 1 - 0.5 * pow(10, -digits);
    size_t i = 0;

    while (fabs(s) < units[i].above_s * rounding)
        i++;
    v = s * units[i].scale;
    /* No exponent, whatever the digits. */
    if (fabs(v) >= pow(10, digits) * rounding)
        snprintf(buf, REPORT_TIME, sign ? "%+.0f %s" : "%.0f %s", v, units[i].unit);
    else
        snprintf(buf, REPORT_TIME, sign ? "%+.*g %s" : "%.*g %s", digits, v, units[i].unit);
}

void report_time(int64_t ns, bool sign, char buf[REPORT_TIME])
{
    format_time(ns, sign, 4, buf);
}

void format_span(int64_t ns, char buf[REPORT_TIME])
{
    static const struct {
        int64_t below_s, unit_s;
        const char *unit;
    } units[] = {{120, 1, "s"}, {7200, 60, "min"}, {172800, 3600, "h"}, {INT64_MAX, 86400, "days"}};
    int64_t s = ns / NS_PER_S;
    size_t i = 0;

    while (s >= units[i].below_s)
        i++;
    snprintf(buf, REPORT_TIME, "%lld %s", (long long)(s / units[i].unit_s), units[i].unit);
}

void format_date(struct wall t, char buf[REPORT_TIME])
{
    _Static_assert(REPORT_TIME >= CALENDAR_TEXT, "room for a date");
    calendar_time_text(t.ns / NS_PER_S - (t.ns % NS_PER_S < 0 ? 1 : 0), buf);
}
