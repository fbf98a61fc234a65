/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock_limit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/fnv1a.h"

/* Rounding of the frequency field; nobody moves a clock with it. */
#define ROUNDING 1e-10

void clock_limit_init(struct clock_limit *l, enum clock_mode mode, int64_t step_ns,
                      uint16_t step_count, struct wall floor, struct wall ceiling)
{
    memset(l, 0, sizeof *l);
    l->mode = mode;
    l->step_ns = step_ns;
    l->step_count = mode == CLOCK_MODE_ONESHOT ? 1 : step_count;
    l->floor = floor;
    l->ceiling = ceiling;
}

void clock_limit_resumed(struct clock_limit *l)
{
    if (l->mode != CLOCK_MODE_DAEMON)
        return;
    l->steps = 0;
    l->synchronized = false;
    l->began = false;
}

static bool within(int64_t v, int64_t low, int64_t high)
{
    return v >= low && v <= high;
}

/* Parts that are not asked for have to be zero: nothing travels unseen. */
static bool well_formed(const struct clock_order *o)
{
    if (o->what == 0 || (o->what & ~(uint32_t)CLOCK_SET_ALL) != 0)
        return false;
    if (!(o->what & CLOCK_SET_STEP) != (o->step_ns == 0))
        return false;
    if (o->what & CLOCK_SET_SLEW) {
        if (!within(o->offset_ns, -CLOCK_OFFSET_MAX_NS, CLOCK_OFFSET_MAX_NS) ||
            !within(o->constant, 0, CLOCK_CONSTANT_MAX))
            return false;
    } else if (o->offset_ns != 0 || o->constant != 0) {
        return false;
    }
    if (o->what & CLOCK_SET_FREQ) {
        if (!within(o->freq, -CLOCK_FREQ_MAX, CLOCK_FREQ_MAX) ||
            !within(o->tick_us, CLOCK_TICK_MIN, CLOCK_TICK_MAX))
            return false;
    } else if (o->freq != 0 || o->tick_us != 0) {
        return false;
    }
    if ((o->what & CLOCK_SET_STATUS) ? (o->status & ~(uint32_t)CLOCK_STATUS_ALL) != 0
                                     : o->status != 0)
        return false;
    if (!within(o->maxerror_us, 0, CLOCK_ERROR_MAX_US) ||
        !within(o->esterror_us, 0, CLOCK_ERROR_MAX_US))
        return false;
    if (!(o->what & CLOCK_SET_ERRORS) && (o->maxerror_us != 0 || o->esterror_us != 0))
        return false;
    return (o->what & CLOCK_SET_TAI) ? within(o->tai_s, 0, CLOCK_TAI_MAX) : o->tai_s == 0;
}

/* The phase-locked loop has to be the one that does not touch the frequency. */
static bool status_fits(const struct clock_order *o)
{
    uint32_t leap = o->status & (CLOCK_INS | CLOCK_DEL);

    if (!(o->what & CLOCK_SET_STATUS))
        return true;
    if (leap == (CLOCK_INS | CLOCK_DEL))
        return false;
    return (o->status & (CLOCK_PLL | CLOCK_FREQHOLD)) == (CLOCK_PLL | CLOCK_FREQHOLD);
}

/* A step, and with it or afterwards the bound within which the clock then is right. */
static bool oneshot_fits(const struct clock_limit *l, const struct clock_order *o)
{
    return ((o->what & CLOCK_SET_STEP) || l->steps > 0) && o->status == 0 &&
           !(o->what & ~(uint32_t)(CLOCK_SET_STEP | CLOCK_SET_STATUS | CLOCK_SET_ERRORS));
}

static enum clock_verdict check_step(const struct clock_limit *l, const struct clock_order *o,
                                     struct wall wall)
{
    int64_t to = ns_add_sat(wall.ns, o->step_ns);

    if (l->synchronized)
        return CLOCK_VERDICT_STEP_LATE;
    if (l->steps >= l->step_count)
        return CLOCK_VERDICT_STEP_BUDGET;
    if (l->mode == CLOCK_MODE_DAEMON && within(o->step_ns, -l->step_ns + 1, l->step_ns - 1))
        return CLOCK_VERDICT_STEP_SMALL;
    if (to < l->floor.ns || to == INT64_MAX || (l->ceiling.ns != 0 && to > l->ceiling.ns))
        return CLOCK_VERDICT_STEP_RANGE;
    return CLOCK_VERDICT_OK;
}

/* The reference is set by now, or by the time the first frequency is an hour old. */
static bool settled(const struct clock_limit *l, struct mono now)
{
    return l->have_reference ||
           (l->have_first && ns_sub_sat(now.ns, l->first.ns) > CLOCK_LIMIT_SETTLE_S * NS_PER_S);
}

/* A restart in the same boot does not bring the first seconds back. */
static double slew_max(const struct clock_limit *l, struct mono now)
{
    bool fast = l->began ? ns_sub_sat(now.ns, l->begin.ns) < CLOCK_LIMIT_FAST_S * NS_PER_S
                         : !l->synchronized;

    return fast ? CLOCK_LIMIT_FAST : CLOCK_LIMIT_SLEW;
}

static enum clock_verdict check_rate(const struct clock_limit *l, const struct clock_order *o,
                                     struct mono now)
{
    double reference = l->have_reference ? l->reference : l->rate;

    if ((o->what & CLOCK_SET_SLEW) &&
        fabs(clock_order_slew(o->offset_ns, o->constant)) > slew_max(l, now))
        return CLOCK_VERDICT_SLEW;
    if ((o->what & CLOCK_SET_FREQ) && settled(l, now) &&
        fabs(clock_order_rate(o->freq, o->tick_us) - reference) > CLOCK_LIMIT_FREQ + ROUNDING)
        return CLOCK_VERDICT_FREQ;
    return CLOCK_VERDICT_OK;
}

/* The day counts to which the order itself may step. */
static bool leap_fits(const struct clock_order *o, struct wall wall, const struct leap_table *leaps)
{
    struct wall then = {ns_add_sat(wall.ns, o->step_ns)};

    if (!(o->status & (CLOCK_INS | CLOCK_DEL)))
        return true;
    return leap_possible(leaps, then, (o->status & CLOCK_DEL) != 0);
}

/* Where the table knows it is the table's; else anything near what it has been for years. */
static bool tai_fits(const struct clock_order *o, struct wall wall, const struct leap_table *leaps)
{
    struct wall then = {ns_add_sat(wall.ns, o->step_ns)};

    return !(o->what & CLOCK_SET_TAI) || o->tai_s == leap_tai(leaps, then);
}

static void count(struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    /* Not with an order that only tells how bad the clock is: those come while nobody answers. */
    if ((o->what & CLOCK_SET_SLEW) && !l->began && !l->synchronized) {
        l->began = true;
        l->begin = now;
    }
    if (o->what & CLOCK_SET_STEP)
        l->steps++;
    if (settled(l, now) && !l->have_reference) {
        l->have_reference = true;
        l->reference = l->rate;
    }
    if (o->what & CLOCK_SET_FREQ) {
        l->rate = clock_order_rate(o->freq, o->tick_us);
        if (!l->have_first)
            l->first = now;
        l->have_first = true;
    }
    if ((o->what & CLOCK_SET_STATUS) && !(o->status & CLOCK_UNSYNC)) {
        l->synchronized = true;
    }
    if (l->synchronized && l->have_first && !l->have_reference) {
        l->have_reference = true;
        l->reference = l->rate;
    }
}

enum clock_verdict clock_limit_check(struct clock_limit *l, const struct clock_order *o,
                                     struct mono now, struct wall wall,
                                     const struct leap_table *leaps)
{
    enum clock_verdict v = CLOCK_VERDICT_OK;

    if (!well_formed(o))
        return CLOCK_VERDICT_FORM;
    if (l->mode == CLOCK_MODE_NONE || (l->mode == CLOCK_MODE_ONESHOT && !oneshot_fits(l, o)))
        return CLOCK_VERDICT_MODE;
    if (l->mode == CLOCK_MODE_DAEMON && !status_fits(o))
        return CLOCK_VERDICT_FORM;
    if (o->what & CLOCK_SET_STEP)
        v = check_step(l, o, wall);
    if (v == CLOCK_VERDICT_OK)
        v = check_rate(l, o, now);
    if (v == CLOCK_VERDICT_OK && !leap_fits(o, wall, leaps))
        v = CLOCK_VERDICT_LEAP;
    if (v == CLOCK_VERDICT_OK && !tai_fits(o, wall, leaps))
        v = CLOCK_VERDICT_TAI;
    if (v == CLOCK_VERDICT_OK)
        count(l, o, now);
    return v;
}

const char *clock_verdict_text(enum clock_verdict v)
{
    static const char *const texts[] = {
        [CLOCK_VERDICT_OK] = "fine",
        [CLOCK_VERDICT_FORM] = "not a proper clock order",
        [CLOCK_VERDICT_MODE] = "not allowed in this mode",
        [CLOCK_VERDICT_STEP_LATE] = "a step after synchronization",
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
/* The rate travels as an integer of 1e-12: text of doubles depends on the locale. */
#define SAVE_UNIT 1e12
#define SAVE_MAX  INT64_C(200000000000)

size_t clock_limit_save(const struct clock_limit *l, char *buf, size_t n)
{
    int body =
        snprintf(buf, n, SAVE_NAME " %u %d %d %lld", l->steps, l->synchronized, l->have_reference,
                 l->have_reference ? llrint(l->reference * SAVE_UNIT) : 0LL);
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
    while (*p < end && *p - start < 13 && **p >= '0' && **p <= '9')
        v = v * 10 + (*(*p)++ - '0');
    *value = negative ? -v : v;
    return *p > start && within(*value, low, high);
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
    found.reference = (double)reference / SAVE_UNIT;
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
}
