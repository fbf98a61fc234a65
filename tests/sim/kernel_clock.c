/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/kernel_clock.h"

#include <errno.h>
#include <string.h>

#define FRAC_BITS      32
#define PPM_SCALE      INT64_C(65536000) /* 2^-16 ppm in ns/s << 32 */
#define MAX_FREQ       (INT64_C(500000) << FRAC_BITS)
#define MAX_PHASE_NS   INT64_C(500000000)
#define PHASE_LIMIT_US INT64_C(16000000)
#define MAX_CONSTANT   10
#define MAX_ADJUST_US  500 /* adjtime(3), a second */
#define DRIFT_US       500 /* growth of maxerror, a second */
#define SHIFT_PLL      2
#define SHIFT_FLL      2
#define FLL_MIN_S      256
#define FLL_MAX_S      2048
#define NEVER          INT64_MAX
#define DAY_S          86400
#define STA_READ_ONLY  (KERNEL_STA_NANO | KERNEL_STA_MODE)

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* Right shift towards zero, also of negative numbers. */
static int64_t shift_right(int64_t v, int bits)
{
    return v < 0 ? -(-v >> bits) : v >> bits;
}

static int64_t wall_s(const struct kernel_clock *k)
{
    return k->wall.ns / NS_PER_S - (k->wall.ns % NS_PER_S < 0);
}

/* A new base takes effect in the running second as well. */
static void update_base(struct kernel_clock *k)
{
    int64_t base = ((int64_t)k->tick_us * 100000 << FRAC_BITS) + k->time_freq;

    k->second_len += base - k->second_base;
    k->second_base = base;
}

/* What a change of the time by hand ends. */
static void clear(struct kernel_clock *k)
{
    k->time_adjust_us = 0;
    k->time_offset = 0;
    k->status |= KERNEL_STA_UNSYNC;
    k->maxerror_us = k->esterror_us = PHASE_LIMIT_US;
    update_base(k);
    k->second_len = k->second_base;
    k->next_leap_s = NEVER;
}

void kernel_clock_init(struct kernel_clock *k, struct wall now)
{
    memset(k, 0, sizeof *k);
    k->wall = now;
    k->constant = 2;
    k->tick_us = CLOCK_TICK_NOMINAL;
    k->state = KERNEL_TIME_OK;
    clear(k);
}

/* Returns what the leap second adds to the count of seconds. */
static int leap_second(struct kernel_clock *k, int64_t s)
{
    switch (k->state) {
    case KERNEL_TIME_OK:
        if (k->status & KERNEL_STA_INS) {
            k->state = KERNEL_TIME_INS;
            k->next_leap_s = s + DAY_S - s % DAY_S;
        } else if (k->status & KERNEL_STA_DEL) {
            k->state = KERNEL_TIME_DEL;
            k->next_leap_s = s + DAY_S - (s + 1) % DAY_S;
        }
        return 0;
    case KERNEL_TIME_INS:
        if (!(k->status & KERNEL_STA_INS)) {
            k->next_leap_s = NEVER;
            k->state = KERNEL_TIME_OK;
        } else if (s == k->next_leap_s) {
            k->state = KERNEL_TIME_OOP;
            return -1;
        }
        return 0;
    case KERNEL_TIME_DEL:
        if (!(k->status & KERNEL_STA_DEL)) {
            k->next_leap_s = NEVER;
            k->state = KERNEL_TIME_OK;
        } else if (s == k->next_leap_s) {
            k->next_leap_s = NEVER;
            k->state = KERNEL_TIME_WAIT;
            return 1;
        }
        return 0;
    case KERNEL_TIME_OOP:
        k->next_leap_s = NEVER;
        k->state = KERNEL_TIME_WAIT;
        return 0;
    case KERNEL_TIME_WAIT:
        if (!(k->status & (KERNEL_STA_INS | KERNEL_STA_DEL)))
            k->state = KERNEL_TIME_OK;
        return 0;
    case KERNEL_TIME_ERROR:
        break;
    }
    return 0;
}

/* A second of the clock is over: set up the next. */
static void second_over(struct kernel_clock *k)
{
    int leap = leap_second(k, wall_s(k));
    int64_t chunk;
    int64_t adjust;

    k->wall.ns += leap * NS_PER_S;
    k->tai_s -= leap;
    k->maxerror_us += DRIFT_US;
    if (k->maxerror_us > PHASE_LIMIT_US) {
        k->maxerror_us = PHASE_LIMIT_US;
        k->status |= KERNEL_STA_UNSYNC;
    }
    chunk = shift_right(k->time_offset, SHIFT_PLL + k->constant);
    k->time_offset -= chunk;
    adjust = clamp(k->time_adjust_us, -MAX_ADJUST_US, MAX_ADJUST_US);
    k->time_adjust_us -= adjust;
    k->second_len = k->second_base + chunk + adjust * 1000 * (INT64_C(1) << FRAC_BITS);
}

/*
 * What the clock goes on by in n nanoseconds of the oscillator, not more than to the end of a
 * second, in units of 2^-32 ns: n * second_len / NS_PER_S in two parts, so that 64 bits hold it.
 */
static uint64_t units_of(const struct kernel_clock *k, int64_t n, uint32_t *rest)
{
    uint64_t whole = (uint64_t)k->second_len / NS_PER_S, part = (uint64_t)k->second_len % NS_PER_S;
    uint64_t parts = (uint64_t)n * part + k->rest;

    *rest = (uint32_t)(parts % NS_PER_S);
    return (uint64_t)n * whole + parts / NS_PER_S;
}

/* The clock goes on by what `raw_ns` of the oscillator are at the rate of the running second. */
static void go_on(struct kernel_clock *k, int64_t raw_ns)
{
    uint32_t rest;
    uint64_t units = units_of(k, raw_ns, &rest) + k->wall_frac;

    k->rest = rest;
    k->wall.ns += (int64_t)(units >> FRAC_BITS);
    k->wall_frac = (uint32_t)units;
}

/* The least number of nanoseconds of the oscillator in which it goes on by as many units. */
static int64_t raw_for(const struct kernel_clock *k, uint64_t units)
{
    int64_t n = (int64_t)(units / ((uint64_t)k->second_len / NS_PER_S)); /* at most 2 too many */
    uint32_t rest;

    while (n > 0 && units_of(k, n - 1, &rest) >= units)
        n--;
    while (units_of(k, n, &rest) < units)
        n++;
    return n;
}

void kernel_clock_advance(struct kernel_clock *k, int64_t raw_ns)
{
    while (raw_ns > 0) {
        int64_t end = (wall_s(k) + 1) * NS_PER_S;
        int64_t need = raw_for(k, ((uint64_t)(end - k->wall.ns) << FRAC_BITS) - k->wall_frac);

        if (need > raw_ns) {
            go_on(k, raw_ns);
            return;
        }
        go_on(k, need);
        raw_ns -= need;
        second_over(k);
    }
}

void kernel_clock_set(struct kernel_clock *k, struct wall now)
{
    k->stepped_ns += now.ns > k->wall.ns ? now.ns - k->wall.ns : k->wall.ns - now.ns;
    k->steps++;
    k->wall = now;
    clear(k);
}

static void set_status(struct kernel_clock *k, int32_t status)
{
    if ((k->status & KERNEL_STA_PLL) && !(status & KERNEL_STA_PLL)) {
        k->state = KERNEL_TIME_OK;
        k->status = KERNEL_STA_UNSYNC | (k->status & STA_READ_ONLY);
        k->next_leap_s = NEVER;
    }
    if (!(k->status & KERNEL_STA_PLL) && (status & KERNEL_STA_PLL))
        k->reftime_s = wall_s(k);
    k->status = (k->status & STA_READ_ONLY) | (status & ~STA_READ_ONLY);
}

/* The phase-locked loop: without STA_FREQHOLD an offset changes the frequency as well. */
static void set_offset(struct kernel_clock *k, int64_t offset)
{
    int64_t now_s = wall_s(k);
    int64_t secs = k->status & KERNEL_STA_FREQHOLD ? 0 : now_s - k->reftime_s;
    int64_t limit = INT64_C(1) << (SHIFT_PLL + 1 + k->constant);
    int64_t freq = k->time_freq;

    if (!(k->status & KERNEL_STA_PLL))
        return;
    if (!(k->status & KERNEL_STA_NANO))
        offset = clamp(offset, -1000000, 1000000) * 1000;
    offset = clamp(offset, -MAX_PHASE_NS, MAX_PHASE_NS);
    k->reftime_s = now_s;
    k->status &= ~KERNEL_STA_MODE;
    if (secs >= FLL_MIN_S && ((k->status & KERNEL_STA_FLL) || secs > FLL_MAX_S)) {
        k->status |= KERNEL_STA_MODE;
        freq += offset * (INT64_C(1) << (FRAC_BITS - SHIFT_FLL)) / secs;
    }
    secs = clamp(secs, 0, limit);
    freq += offset * secs * (INT64_C(1) << (FRAC_BITS - 2 * (SHIFT_PLL + 2 + k->constant)));
    k->time_freq = clamp(freq, -MAX_FREQ, MAX_FREQ);
    k->time_offset = offset * (INT64_C(1) << FRAC_BITS);
}

static void set_modes(struct kernel_clock *k, const struct kernel_timex *t)
{
    if (t->modes & KERNEL_ADJ_STATUS)
        set_status(k, t->status);
    if (t->modes & KERNEL_ADJ_NANO)
        k->status |= KERNEL_STA_NANO;
    if (t->modes & KERNEL_ADJ_MICRO)
        k->status &= ~KERNEL_STA_NANO;
    if (t->modes & KERNEL_ADJ_FREQUENCY)
        k->time_freq = clamp(t->freq, -CLOCK_FREQ_MAX, CLOCK_FREQ_MAX) * PPM_SCALE;
    if (t->modes & KERNEL_ADJ_MAXERROR)
        k->maxerror_us = clamp(t->maxerror, 0, PHASE_LIMIT_US);
    if (t->modes & KERNEL_ADJ_ESTERROR)
        k->esterror_us = clamp(t->esterror, 0, PHASE_LIMIT_US);
    if (t->modes & KERNEL_ADJ_TIMECONST) {
        int64_t constant = clamp(t->constant, 0, MAX_CONSTANT);

        constant += k->status & KERNEL_STA_NANO ? 0 : 4;
        k->constant = (int32_t)clamp(constant, 0, MAX_CONSTANT);
    }
    if ((t->modes & KERNEL_ADJ_TAI) && t->constant >= 0 && t->constant <= 100000)
        k->tai_s = (int32_t)t->constant;
    if (t->modes & KERNEL_ADJ_OFFSET)
        set_offset(k, t->offset);
    if (t->modes & KERNEL_ADJ_TICK)
        k->tick_us = (int32_t)t->tick;
    if (t->modes & (KERNEL_ADJ_TICK | KERNEL_ADJ_FREQUENCY | KERNEL_ADJ_OFFSET))
        update_base(k);
}

static int refuse(const struct kernel_clock *k, const struct kernel_timex *t)
{
    bool nano = (t->modes & KERNEL_ADJ_NANO) != 0;

    if (t->modes & 0x8000) {
        if (!(t->modes & KERNEL_ADJ_OFFSET))
            return -EINVAL;
        return k->denied && t->modes != KERNEL_ADJ_OFFSET_SS_READ ? -EPERM : 0;
    }
    if (t->modes != 0 && k->denied)
        return -EPERM;
    if ((t->modes & KERNEL_ADJ_TICK) && (t->tick < CLOCK_TICK_MIN || t->tick > CLOCK_TICK_MAX))
        return -EINVAL;
    if ((t->modes & KERNEL_ADJ_SETOFFSET) &&
        (t->time_sub < 0 || t->time_sub >= (nano ? NS_PER_S : NS_PER_S / 1000)))
        return -EINVAL;
    return 0;
}

static void step(struct kernel_clock *k, const struct kernel_timex *t)
{
    int64_t sub = t->modes & KERNEL_ADJ_NANO ? t->time_sub : t->time_sub * 1000;

    kernel_clock_set(k, (struct wall){k->wall.ns + t->time_s * NS_PER_S + sub});
}

static void report(const struct kernel_clock *k, struct kernel_timex *t)
{
    int64_t sub = k->wall.ns - wall_s(k) * NS_PER_S;

    t->freq = k->time_freq / PPM_SCALE;
    t->maxerror = k->maxerror_us;
    t->esterror = k->esterror_us;
    t->status = k->status;
    t->constant = k->constant;
    t->tick = k->tick_us;
    t->tai = k->tai_s;
    t->time_s = wall_s(k);
    t->time_sub = k->status & KERNEL_STA_NANO ? sub : sub / 1000;
}

int kernel_clock_adjtime(struct kernel_clock *k, struct kernel_timex *t)
{
    int error = refuse(k, t);

    if (error != 0)
        return error;
    k->calls += t->modes != 0 && t->modes != KERNEL_ADJ_OFFSET_SS_READ;
    if (t->modes & 0x8000) {
        int64_t before = k->time_adjust_us;

        if (t->modes != KERNEL_ADJ_OFFSET_SS_READ)
            k->time_adjust_us = t->offset;
        t->offset = before;
    } else {
        if (t->modes & KERNEL_ADJ_SETOFFSET)
            step(k, t);
        set_modes(k, t);
        t->offset = shift_right(k->time_offset, FRAC_BITS);
        if (!(k->status & KERNEL_STA_NANO))
            t->offset /= 1000;
    }
    report(k, t);
    return k->status & KERNEL_STA_UNSYNC ? KERNEL_TIME_ERROR : (int)k->state;
}

static int32_t status_bits(uint32_t status)
{
    return (status & CLOCK_PLL ? KERNEL_STA_PLL : 0) |
           (status & CLOCK_FREQHOLD ? KERNEL_STA_FREQHOLD : 0) |
           (status & CLOCK_INS ? KERNEL_STA_INS : 0) | (status & CLOCK_DEL ? KERNEL_STA_DEL : 0) |
           (status & CLOCK_UNSYNC ? KERNEL_STA_UNSYNC : 0);
}

static struct kernel_timex main_call(const struct clock_order *o)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_NANO};

    if (o->what & CLOCK_SET_SLEW) {
        t.modes |= KERNEL_ADJ_OFFSET | KERNEL_ADJ_TIMECONST;
        t.offset = o->offset_ns;
        t.constant = o->constant;
    }
    if (o->what & CLOCK_SET_FREQ) {
        t.modes |= KERNEL_ADJ_FREQUENCY | KERNEL_ADJ_TICK;
        t.freq = o->freq;
        t.tick = o->tick_us;
    }
    if (o->what & CLOCK_SET_STATUS) {
        t.modes |= KERNEL_ADJ_STATUS;
        t.status = status_bits(o->status);
    }
    if (o->what & CLOCK_SET_ERRORS) {
        t.modes |= KERNEL_ADJ_MAXERROR | KERNEL_ADJ_ESTERROR;
        t.maxerror = o->maxerror_us;
        t.esterror = o->esterror_us;
    }
    return t;
}

int kernel_clock_order(struct kernel_clock *k, const struct clock_order *o)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_SETOFFSET | KERNEL_ADJ_NANO};
    int result = 0;

    if (o->what & CLOCK_SET_STEP) {
        t.time_s = o->step_ns / NS_PER_S - (o->step_ns % NS_PER_S < 0);
        t.time_sub = o->step_ns - t.time_s * NS_PER_S;
        result = kernel_clock_adjtime(k, &t);
    }
    if (result >= 0 && (o->what & ~(uint32_t)(CLOCK_SET_STEP | CLOCK_SET_TAI))) {
        t = main_call(o);
        result = kernel_clock_adjtime(k, &t);
    }
    if (result >= 0 && (o->what & CLOCK_SET_TAI)) {
        t = (struct kernel_timex){.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_TAI, .constant = o->tai_s};
        result = kernel_clock_adjtime(k, &t);
    }
    return result;
}
