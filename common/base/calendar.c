/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counted in years that begin on 1 March, so that the leap day is the last, and in eras of 400 of
 * them, which all have 146,097 days. 1970-01-01 is 719,468 days after 1 March of the year 0.
 */
#include "common/base/calendar.h"

#include <stdbool.h>
#include <stdio.h>

#define ERA_YEARS 400
#define ERA_DAYS  146097
#define ZERO_DAY  719468

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t calendar_day(int64_t s)
{
    return floor_div(s, CALENDAR_DAY_S);
}

struct calendar_date calendar_date(int64_t day)
{
    int64_t era = floor_div(day + ZERO_DAY, ERA_DAYS);
    int64_t in_era = day + ZERO_DAY - era * ERA_DAYS;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * in_year + 2) / 153); /* 0 is March */

    return (struct calendar_date){
        .year = era * ERA_YEARS + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = (int)(in_year - (153 * month + 2) / 5 + 1),
    };
}

int64_t calendar_day_of(struct calendar_date d)
{
    int64_t y = d.month > 2 ? d.year : d.year - 1;
    int64_t from_march = (d.month + 9) % 12;
    int64_t era = floor_div(y, ERA_YEARS);
    int64_t year = y - era * ERA_YEARS;

    return era * ERA_DAYS + year * 365 + year / 4 - year / 100 + (153 * from_march + 2) / 5 +
           d.day - 1 - ZERO_DAY;
}

int calendar_month_days(int64_t year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

void calendar_date_text(int64_t s, char buf[CALENDAR_TEXT])
{
    struct calendar_date d = calendar_date(calendar_day(s));

    (void)snprintf(buf, CALENDAR_TEXT, "%04lld-%02d-%02d", (long long)d.year, d.month, d.day);
}

void calendar_time_text(int64_t s, char buf[CALENDAR_TEXT])
{
    struct calendar_date d = calendar_date(calendar_day(s));
    int of_day = (int)(s % CALENDAR_DAY_S + (s % CALENDAR_DAY_S < 0 ? CALENDAR_DAY_S : 0));

    (void)snprintf(buf, CALENDAR_TEXT, "%04lld-%02d-%02d %02d:%02d:%02d UTC", (long long)d.year,
                   d.month, d.day, of_day / 3600, of_day / 60 % 60, of_day % 60);
}
