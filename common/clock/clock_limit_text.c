/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the limiter says in words, and what is kept of it for the boot. */
#include <stdio.h>
#include <string.h>

#include "common/base/fnv1a.h"
#include "common/clock/clock_limit.h"

const char *clock_verdict_text(enum clock_verdict v)
{
    static const char *const texts[] = {
        [CLOCK_VERDICT_OK] = "fine",
        [CLOCK_VERDICT_FORM] = "not a proper clock order",
        [CLOCK_VERDICT_MODE] = "not allowed in this mode",
        [CLOCK_VERDICT_STEP_LATE] =
            ("a step after synchronization that neither another clock nor a "
             "change by others speaks for"),
        [CLOCK_VERDICT_STEP_BUDGET] = "more steps than allowed",
        [CLOCK_VERDICT_STEP_SMALL] = "a step smaller than what has to be slewed",
        [CLOCK_VERDICT_STEP_RANGE] = "a step to a time that cannot be",
        [CLOCK_VERDICT_SLEW] = "a slew faster than 500 ppm, or than 1 % at the start",
        [CLOCK_VERDICT_FREQ] = "a frequency more than 500 ppm from the one at synchronization",
        [CLOCK_VERDICT_LEAP] = "a leap second on a day that has none",
        [CLOCK_VERDICT_TAI] = "a TAI offset that the table does not have",
    };

    return (unsigned)v < sizeof texts / sizeof *texts ? texts[v] : "?";
}

#define SAVE_NAME "ntsc-allowance 2"
/* The rate travels as an integer of 1e-12, of which 15,625 are 1,024 of the limiter's 2^-16 ppm. */
#define SAVE_UNITS     INT64_C(15625)
#define SAVE_PER_UNITS INT64_C(1024)
#define SAVE_MAX       INT64_C(200000000000) /* a rate of 0.2, beyond any clock's */
#define SAVE_DIGITS    13                    /* one more than it has */

/* To the nearest. */
static int64_t divide(int64_t a, int64_t b)
{
    return (a < 0 ? a - b / 2 : a + b / 2) / b;
}

size_t clock_limit_save(const struct clock_limit *l, char *buf, size_t n)
{
    int64_t reference = l->have_reference ? divide(l->reference * SAVE_UNITS, SAVE_PER_UNITS) : 0;
    int body = snprintf(buf, n, SAVE_NAME " %u %d %d %lld", l->steps, l->synchronized,
                        l->have_reference, (long long)reference);
    int sum;

    if (body < 0 || (size_t)body >= n)
        return 0;
    /* Against a torn file or a bad memory, not against attackers: who can write it may step. */
    sum = snprintf(buf + body, n - (size_t)body, " sum %016llx\n", (unsigned long long)fnv1a(buf));
    return sum > 0 && (size_t)(body + sum) < n ? (size_t)(body + sum) : 0;
}

/* A blank and a decimal number low..high. */
static bool take(const char **p, const char *end, int64_t low, int64_t high, int64_t *value)
{
    bool negative = false;
    int64_t v = 0;
    const char *start;

    if (*p == end || *(*p)++ != ' ')
        return false;
    if (*p < end && **p == '-') {
        negative = true;
        (*p)++;
    }
    start = *p;
    while (*p < end && *p - start < SAVE_DIGITS && **p >= '0' && **p <= '9')
        v = v * 10 + (*(*p)++ - '0');
    *value = negative ? -v : v;
    return *p > start && *value >= low && *value <= high;
}

bool clock_limit_restore(struct clock_limit *l, const char *text, size_t len)
{
    const char *p = text + strlen(SAVE_NAME);
    const char *end = text + len;
    char again[CLOCK_LIMIT_TEXT];
    struct clock_limit found = *l;
    int64_t steps, synchronized, have, reference;

    if (len < strlen(SAVE_NAME) || memcmp(text, SAVE_NAME, strlen(SAVE_NAME)) != 0)
        return false;
    if (!take(&p, end, 0, UINT16_MAX, &steps) || !take(&p, end, 0, 1, &synchronized) ||
        !take(&p, end, 0, 1, &have) || !take(&p, end, -SAVE_MAX, SAVE_MAX, &reference))
        return false;
    found.steps = (uint16_t)steps;
    found.synchronized = synchronized != 0;
    found.have_reference = have != 0;
    found.reference = divide(reference * SAVE_PER_UNITS, SAVE_UNITS);
    found.rate = found.reference;
    /* Exactly what we would write, checksum included. */
    if (clock_limit_save(&found, again, sizeof again) != len || memcmp(again, text, len) != 0)
        return false;
    *l = found;
    return true;
}

void clock_limit_spent(struct clock_limit *l)
{
    l->steps = UINT16_MAX;
    l->synchronized = true;
    clock_witness_slept(&l->witness);
    l->later_made = CLOCK_LATER_MAX;
    for (unsigned i = 0; i < CLOCK_LATER_MAX; i++)
        l->later[i].ns = INT64_MAX;
}
