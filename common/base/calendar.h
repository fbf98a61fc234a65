/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proleptic Gregorian calendar, in UTC and in days since 1970-01-01. */
#ifndef NTSC_CALENDAR_H
#define NTSC_CALENDAR_H

#include <stdint.h>

#define CALENDAR_DAY_S 86400

struct calendar_date {
    int64_t year;
    int month, day; /* 1..12, 1..31 */
};

/* The day that second s since 1970 is in. */
int64_t calendar_day(int64_t s);

/* Day since 1970 to date and back; any day within 10^15, years likewise. */
struct calendar_date calendar_date(int64_t day);
int64_t calendar_day_of(struct calendar_date d);

/* Days of the month, 28..31. */
int calendar_month_days(int64_t year, int month);

/* "2027-01-31" of the day that second s is in; "2027-01-31 23:59:59 UTC". */
#define CALENDAR_TEXT 32
void calendar_date_text(int64_t s, char buf[CALENDAR_TEXT]);
void calendar_time_text(int64_t s, char buf[CALENDAR_TEXT]);

#endif
