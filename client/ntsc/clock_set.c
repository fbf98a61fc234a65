/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/clock_set.h"

#include <errno.h>
#include <sys/timex.h>
#include <time.h>

#include "client/shared/clocks.h"
#include "common/base/time.h"

static const struct {
    uint32_t ours;
    int kernels;
} status_bits[] = {{CLOCK_PLL, STA_PLL},
                   {CLOCK_FREQHOLD, STA_FREQHOLD},
                   {CLOCK_INS, STA_INS},
                   {CLOCK_DEL, STA_DEL},
                   {CLOCK_UNSYNC, STA_UNSYNC}};

#define STATUS_BITS (sizeof status_bits / sizeof status_bits[0])

/* Every call, whatever it changes, tells how the clock is after it. */
static int adjust(struct timex *t, struct clock_reading *r)
{
    int state = clock_adjtime(CLOCK_REALTIME, t);

    if (state < 0)
        return errno;
    *r = (struct clock_reading){
        .freq = (int32_t)t->freq, .tick_us = (int32_t)t->tick, .time_error = state == TIME_ERROR};
    for (unsigned i = 0; i < STATUS_BITS; i++)
        if ((t->status & status_bits[i].kernels) != 0)
            r->status |= status_bits[i].ours;
    r->rate = clock_order_rate(r->freq, r->tick_us);
    return 0;
}

int clock_set_read(struct clock_reading *r)
{
    struct timex t = {.modes = 0};

    return adjust(&t, r);
}

void clock_set_pair(struct wall *wall, struct raw *raw)
{
    clocks_pair(wall, raw);
}

bool clock_set_needs_right(void)
{
    return true;
}

int clock_set_allowed(void)
{
    struct timex t = {.modes = 0};
    struct clock_reading r;
    int error = adjust(&t, &r);

    if (error != 0)
        return error;
    t.modes = ADJ_TICK;
    return adjust(&t, &r);
}

static int apply_step(int64_t offset_ns, struct clock_reading *r)
{
    struct timex t = {.modes = ADJ_SETOFFSET | ADJ_NANO};
    int64_t s = offset_ns / NS_PER_S;
    int64_t ns = offset_ns % NS_PER_S;

    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    t.time.tv_sec = (time_t)s;
    t.time.tv_usec = (suseconds_t)ns;
    return adjust(&t, r);
}

/*
 * Any step, ours or another program's, makes the kernel forget the second for which it was armed
 * while it still believes that it is, so that setting the flag once more has no effect. A step
 * leaves STA_UNSYNC behind; switching STA_PLL off starts the state machine anew.
 */
static int prepare_leap(const struct clock_order *o, struct clock_reading *r)
{
    struct timex now = {.modes = 0};
    struct timex off = {.modes = ADJ_STATUS, .status = STA_UNSYNC};
    int error;

    if ((o->status & (CLOCK_INS | CLOCK_DEL)) == 0)
        return 0;
    error = adjust(&now, r);
    return error == 0 && (now.status & STA_UNSYNC) != 0 ? adjust(&off, r) : error;
}

/* Everything but step and TAI goes in one call, so that the kernel never runs with half of it. */
static int apply_rest(const struct clock_order *o, struct clock_reading *r)
{
    struct timex t = {.modes = ADJ_NANO};
    int error = prepare_leap(o, r);

    if (error != 0)
        return error;

    if ((o->what & CLOCK_SET_SLEW) != 0) {
        t.modes |= ADJ_OFFSET | ADJ_TIMECONST;
        t.offset = (long)o->offset_ns;
        t.constant = o->constant;
    }
    if ((o->what & CLOCK_SET_FREQ) != 0) {
        t.modes |= ADJ_FREQUENCY | ADJ_TICK;
        t.freq = o->freq;
        t.tick = o->tick_us;
    }
    if ((o->what & CLOCK_SET_STATUS) != 0) {
        t.modes |= ADJ_STATUS;
        for (unsigned i = 0; i < STATUS_BITS; i++)
            if ((o->status & status_bits[i].ours) != 0)
                t.status |= status_bits[i].kernels;
    }
    if ((o->what & CLOCK_SET_ERRORS) != 0) {
        t.modes |= ADJ_MAXERROR | ADJ_ESTERROR;
        t.maxerror = o->maxerror_us;
        t.esterror = o->esterror_us;
    }
    return adjust(&t, r);
}

static int apply_tai(int32_t tai_s, struct clock_reading *r)
{
    struct timex t = {.modes = ADJ_TAI, .constant = tai_s};

    return adjust(&t, r);
}

int clock_set_apply(const struct clock_order *o, struct clock_reading *after)
{
    int error = 0;

    if ((o->what & CLOCK_SET_STEP) != 0)
        error = apply_step(o->step_ns, after);
    if (error == 0 && (o->what & ~(uint32_t)(CLOCK_SET_STEP | CLOCK_SET_TAI)) != 0)
        error = apply_rest(o, after);
    if (error == 0 && (o->what & CLOCK_SET_TAI) != 0)
        error = apply_tai(o->tai_s, after);
    return error;
}
