/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the witness has seen and what `step-later` has allowed, as a line of text for the boot. */
#include <stdio.h>
#include <string.h>

#include "common/base/fnv1a.h"
#include "common/clock/clock_limit.h"

#define SEEN_NAME "ntsc-seen 1"

/* Every number in it, in the order of the line. */
enum { SEEN_NUMBERS = 26 };

static unsigned span_numbers(struct witness_span *s, int64_t *at[])
{
    at[0] = &s->lo_ns;
    at[1] = &s->hi_ns;
    return 2;
}

static unsigned clock_numbers(struct witness_clock *c, int64_t *at[])
{
    unsigned n = 0;

    at[n++] = &c->at.ns;
    n += span_numbers(&c->usual, at + n);
    n += span_numbers(&c->right, at + n);
    n += span_numbers(&c->lacks, at + n);
    return n;
}

static unsigned numbers(struct clock_limit *l, int64_t *at[SEEN_NUMBERS])
{
    unsigned n = 0;

    at[n++] = &l->witness.wall.ns;
    at[n++] = &l->witness.raw.ns;
    at[n++] = &l->witness.left_ns;
    at[n++] = &l->witness.second_ns;
    at[n++] = &l->witness.moved_ns;
    for (unsigned i = 0; i < CLOCK_LATER_MAX; i++)
        at[n++] = &l->later[i].ns;
    n += clock_numbers(&l->witness.battery, at + n);
    n += clock_numbers(&l->witness.host, at + n);
    return n;
}

/* Bits below the number of steps, and the greatest value of both. */
enum { LATER_SHIFT = 5, FLAGS_MOST = CLOCK_LATER_MAX << LATER_SHIFT | ((1 << LATER_SHIFT) - 1) };

/* More than an int64_t has: what does not fit is another number when it is written again. */
enum { INT64_DIGITS = 20 };

/* What has not settled is not worth keeping: it may be looked at anew. */
static unsigned clock_flags(const struct witness_clock *c)
{
    bool kept = c->known && c->settled;

    return (unsigned)kept | (unsigned)(kept && c->missing) << 1;
}

/* What is true or not, as bits; and how many steps of `step-later` were made, above them. */
static unsigned flags(const struct clock_limit *l)
{
    const struct clock_witness *w = &l->witness;

    return (unsigned)w->looked | clock_flags(&w->battery) << 1 | clock_flags(&w->host) << 3 |
           (unsigned)l->later_made << LATER_SHIFT;
}

static void set_flags(struct clock_limit *l, unsigned f)
{
    struct clock_witness *w = &l->witness;

    w->looked = (f & 1) != 0;
    w->battery.known = w->battery.settled = (f >> 1 & 1) != 0;
    w->battery.missing = (f >> 2 & 1) != 0;
    w->host.known = w->host.settled = (f >> 3 & 1) != 0;
    w->host.missing = (f >> 4 & 1) != 0;
    l->later_made = (uint16_t)(f >> LATER_SHIFT);
}

size_t clock_limit_save_seen(const struct clock_limit *l, char *buf, size_t n)
{
    struct clock_limit copy = *l;
    int64_t *at[SEEN_NUMBERS];
    unsigned many = numbers(&copy, at);
    int len = snprintf(buf, n, SEEN_NAME " %u", flags(l));

    for (unsigned i = 0; i < many && len > 0 && (size_t)len < n; i++) {
        int more = snprintf(buf + len, n - (size_t)len, " %lld", (long long)*at[i]);

        len = more > 0 ? len + more : -1;
    }
    if (len > 0 && (size_t)len < n) {
        int sum =
            snprintf(buf + len, n - (size_t)len, " sum %016llx\n", (unsigned long long)fnv1a(buf));

        len = sum > 0 ? len + sum : -1;
    }
    return len > 0 && (size_t)len < n ? (size_t)len : 0;
}

/* A blank and a decimal number; anything odd shows when it is written again. */
static bool take(const char **p, const char *end, int64_t *value)
{
    uint64_t v = 0;
    bool negative;

    if (*p == end || *(*p)++ != ' ')
        return false;
    negative = *p < end && **p == '-';
    *p += negative;
    for (int i = 0; i < INT64_DIGITS && *p < end && **p >= '0' && **p <= '9'; i++)
        v = v * 10 + (uint64_t)(*(*p)++ - '0');
    *value = (int64_t)(negative ? 0 - v : v);
    return true;
}

bool clock_limit_restore_seen(struct clock_limit *l, const char *text, size_t len)
{
    const char *p = text + strlen(SEEN_NAME), *end = text + len;
    char again[CLOCK_LIMIT_SEEN_TEXT];
    struct clock_limit found = *l;
    int64_t *at[SEEN_NUMBERS];
    unsigned many = numbers(&found, at);
    int64_t f;

    if (len < strlen(SEEN_NAME) || memcmp(text, SEEN_NAME, strlen(SEEN_NAME)) != 0 ||
        !take(&p, end, &f) || f < 0 || f > FLAGS_MOST)
        return false;
    for (unsigned i = 0; i < many; i++)
        if (!take(&p, end, at[i]))
            return false;
    set_flags(&found, (unsigned)f);
    /* Exactly what we would write, checksum included. */
    if (clock_limit_save_seen(&found, again, sizeof again) != len || memcmp(again, text, len) != 0)
        return false;
    *l = found;
    return true;
}
