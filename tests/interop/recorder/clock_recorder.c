/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of client/ntsc/clock_set.c: a model of the kernel's clock on this machine's raw
 * oscillator takes the orders. Each is appended as one line of NAME=VALUE to the file that
 * NTSC_RECORD names, with what the model's clock says after it:
 *
 *   gone_ns   how far it is from where the oscillator alone would have taken it
 *   rate_ppm  frequency and tick together
 *   unsync    1: it calls itself unsynchronized
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client/ntsc/clock_set.h"
#include "tests/sim/kernel_clock.h"

static struct {
    struct kernel_clock kernel;
    struct wall start;
    int64_t raw_start, raw;
    int fd;
    bool ready;
} recorder = {.fd = -1};

static int64_t read_ns(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* The model as it is now; opens the record the first time. */
static struct kernel_clock *model(void)
{
    const char *path = getenv("NTSC_RECORD");
    int64_t raw = read_ns(CLOCK_MONOTONIC_RAW);

    if (!recorder.ready) {
        recorder.ready = true;
        recorder.fd =
            path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (recorder.fd < 0) {
            perror("ntsc-recorder: NTSC_RECORD");
            _exit(99);
        }
        recorder.start.ns = read_ns(CLOCK_REALTIME);
        recorder.raw = recorder.raw_start = raw;
        kernel_clock_init(&recorder.kernel, recorder.start);
    }
    kernel_clock_advance(&recorder.kernel, raw - recorder.raw);
    recorder.raw = raw;
    return &recorder.kernel;
}

/* Before anything is given up. */
static void __attribute__((constructor)) begin(void)
{
    if (getenv("NTSC_RECORD") != NULL)
        (void)model();
}

bool clock_set_needs_right(void)
{
    return false;
}

int clock_set_allowed(void)
{
    (void)model();
    return 0;
}

int clock_set_read(struct clock_reading *r)
{
    struct kernel_timex t = {.modes = 0};
    int state = kernel_clock_adjtime(model(), &t);

    *r = (struct clock_reading){.rate = clock_order_rate((int32_t)t.freq, (int32_t)t.tick),
                                .freq = (int32_t)t.freq,
                                .tick_us = (int32_t)t.tick,
                                .time_error = state == KERNEL_TIME_ERROR};
    r->status = ((t.status & KERNEL_STA_PLL) != 0 ? CLOCK_PLL : 0U) |
                ((t.status & KERNEL_STA_FREQHOLD) != 0 ? CLOCK_FREQHOLD : 0U) |
                ((t.status & KERNEL_STA_INS) != 0 ? CLOCK_INS : 0U) |
                ((t.status & KERNEL_STA_DEL) != 0 ? CLOCK_DEL : 0U) |
                ((t.status & KERNEL_STA_UNSYNC) != 0 ? CLOCK_UNSYNC : 0U);
    return 0;
}

void clock_set_pair(struct wall *wall, struct raw *raw)
{
    *wall = model()->wall;
    raw->ns = recorder.raw;
}

static void record(const struct clock_order *o, int result)
{
    const struct kernel_clock *k = &recorder.kernel;
    int64_t gone = k->wall.ns - recorder.start.ns - (recorder.raw - recorder.raw_start);
    double rate = clock_order_rate((int32_t)(k->time_freq / 65536000), k->tick_us);

    dprintf(recorder.fd,
            "raw_ns=%lld what=%u step_ns=%lld offset_ns=%lld constant=%d freq=%d tick_us=%d "
            "status=%u maxerror_us=%d esterror_us=%d tai_s=%d result=%d gone_ns=%lld "
            "rate_ppm=%.6f steps=%llu unsync=%d\n",
            (long long)recorder.raw, o->what, (long long)o->step_ns, (long long)o->offset_ns,
            o->constant, o->freq, o->tick_us, o->status, o->maxerror_us, o->esterror_us, o->tai_s,
            result, (long long)gone, rate * 1e6, (unsigned long long)k->steps,
            (k->status & KERNEL_STA_UNSYNC) != 0);
}

int clock_set_apply(const struct clock_order *o, struct clock_reading *after)
{
    int result = kernel_clock_order(model(), o);

    record(o, result);
    return result < 0 ? -result : clock_set_read(after);
}
