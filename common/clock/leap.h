/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leap seconds: when one may be, and what the table of the IERS (leap-seconds.list of tzdata) says.
 * The table is fed line by line; without one there are only the days on which a leap second can be.
 */
#ifndef NTSC_LEAP_H
#define NTSC_LEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/time.h"

#define LEAP_TABLE_MAX 64 /* 28 entries in 2026; two a year are possible */

struct leap_table {
    int64_t expires_s; /* seconds since 1970 up to which it is complete; 0: not said */
    uint8_t n;
    int16_t tai[LEAP_TABLE_MAX];  /* TAI minus UTC from at_s[i] on, s */
    int64_t at_s[LEAP_TABLE_MAX]; /* seconds since 1970, ascending */
};

/* An empty table. */
void leap_table_init(struct leap_table *t);

/*
 * Takes one line of leap-seconds.list: "NTP-SECONDS TAI-OFFSET", "#@ NTP-SECONDS" (expiry), other
 * comments and blank lines. False when it is none of these, out of order, or one too many.
 */
bool leap_table_line(struct leap_table *t, const char *line, size_t len);

/*@ requires \valid_read(t);
    assigns \nothing; */
/* TAI minus UTC, s; 0 when not known: an empty table, a time before its first entry or after its
 * expiry. */
int leap_tai(const struct leap_table *t, struct wall now);

/* First second of the UTC day after that of `now`, since 1970. */
int64_t leap_next_midnight_s(struct wall now);

/*@ requires \valid_read(t);
    assigns \nothing; */
/*
 * Whether the UTC day of `now` may end in a leap second: 30 June or 31 December, when a table that
 * covers the day is there only if it has one. `deletion` asks for a second less.
 */
bool leap_possible(const struct leap_table *t, struct wall now, bool deletion);

#endif
