/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/leap.h"

#include <string.h>

#include "common/base/calendar.h"
#include "common/base/decimal.h"
#include "common/base/digit.h"

#define NTP_UNIX_OFFSET_S INT64_C(2208988800) /* RFC 5905 figure 4 */
/* TAI minus UTC was 10 s in 1972; twenty times what has come since fits. */
#define TAI_MIN 1
#define TAI_MAX 1000

void leap_table_init(struct leap_table *t)
{
    memset(t, 0, sizeof *t);
}

/* Of seconds since 1900 for the next 30,000 years. */
enum { DIGITS_MAX = 12 };

/* A decimal number behind blanks; false when there is none or it is too long. */
static bool number(const char **p, const char *end, int64_t *value)
{
    uint64_t v;
    size_t digits;

    while (*p < end && (**p == ' ' || **p == '\t'))
        (*p)++;
    digits = decimal_digits(*p, (size_t)(end - *p), DIGITS_MAX, &v);
    *p += digits;
    *value = (int64_t)v;
    return digits > 0 && (*p == end || !digit_is(**p));
}

static bool only_comment(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p == end || *p == '#';
}

bool leap_table_line(struct leap_table *t, const char *line, size_t len)
{
    const char *p = line;
    const char *end = line + len;
    int64_t at, tai;

    if (len >= 2 && line[0] == '#' && line[1] == '@') {
        p += 2;
        if (!number(&p, end, &at) || at < NTP_UNIX_OFFSET_S)
            return false;
        t->expires_s = at - NTP_UNIX_OFFSET_S;
        return true;
    }
    if (only_comment(p, end))
        return true;
    if (!number(&p, end, &at) || !number(&p, end, &tai) || !only_comment(p, end))
        return false;
    at -= NTP_UNIX_OFFSET_S;
    if (t->n == LEAP_TABLE_MAX || at < 0 || at % CALENDAR_DAY_S != 0 || tai < TAI_MIN ||
        tai > TAI_MAX)
        return false;
    if (t->n > 0 && at <= t->at_s[t->n - 1])
        return false;
    t->at_s[t->n] = at;
    t->tai[t->n++] = (int16_t)tai;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The entry in force at second s; -1 before the first. */
static int entry_at(const struct leap_table *t, int64_t s)
{
    int i = t->n - 1;

    while (i >= 0 && t->at_s[i] > s)
        i--;
    return i;
}

int leap_tai(const struct leap_table *t, struct wall now)
{
    int64_t s = floor_div(now.ns, NS_PER_S);
    int i = entry_at(t, s);

    return i >= 0 && s < t->expires_s ? t->tai[i] : 0;
}

int64_t leap_next_midnight_s(struct wall now)
{
    return (calendar_day(floor_div(now.ns, NS_PER_S)) + 1) * CALENDAR_DAY_S;
}

enum { JANUARY = 1, JULY = 7 };

bool leap_possible(const struct leap_table *t, struct wall now, bool deletion)
{
    int64_t midnight = leap_next_midnight_s(now);
    struct calendar_date d = calendar_date(midnight / CALENDAR_DAY_S);
    int i;

    /* ITU-R TF.460: first of all at the end of December and June. */
    if (d.day != 1 || (d.month != JANUARY && d.month != JULY))
        return false;
    /* A table that has run out says nothing about this day. */
    if (t->n == 0 || midnight >= t->expires_s)
        return true;
    i = entry_at(t, midnight);
    if (i < 1 || t->at_s[i] != midnight)
        return false;
    return t->tai[i] - t->tai[i - 1] == (deletion ? -1 : 1);
}
