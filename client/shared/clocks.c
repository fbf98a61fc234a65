/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/clocks.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) != 0)
        return -1;
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct wall clocks_wall(void)
{
    return (struct wall){read_ns(CLOCK_REALTIME)};
}

struct mono clocks_mono(void)
{
    int64_t ns = read_ns(CLOCK_BOOTTIME);

    return (struct mono){ns >= 0 ? ns : read_ns(CLOCK_MONOTONIC)};
}

struct raw clocks_raw(void)
{
    return (struct raw){read_ns(CLOCK_MONOTONIC_RAW)};
}

/*
 * The process may be held up between two readings, for milliseconds on a busy machine, and then the
 * middle is no longer the instant of the wall clock's reading: the narrowest of a few pairs counts.
 */
#define PAIR_TRIES     5
#define PAIR_NARROW_NS 1000

void clocks_pair(struct wall *wall, struct raw *raw)
{
    int64_t narrowest = INT64_MAX;

    for (int i = 0; i < PAIR_TRIES && narrowest > PAIR_NARROW_NS; i++) {
        int64_t before = read_ns(CLOCK_MONOTONIC_RAW);
        int64_t now = read_ns(CLOCK_REALTIME);
        int64_t width = read_ns(CLOCK_MONOTONIC_RAW) - before;

        if (width < narrowest) {
            narrowest = width;
            wall->ns = now;
            raw->ns = before + width / 2;
        }
    }
}

int64_t clocks_slept_ns(void)
{
    int64_t boot = read_ns(CLOCK_BOOTTIME);

    return boot < 0 ? 0 : boot - read_ns(CLOCK_MONOTONIC);
}

/* A timer that is never due, but cancelled by every change of the clock (timerfd_create(2)). */
int clocks_watch(void)
{
    const struct itimerspec never = {.it_value.tv_sec = INT64_MAX};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

    if (fd >= 0 &&
        timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void clocks_watch_again(int fd)
{
    uint64_t times;

    if (fd >= 0 && read(fd, &times, sizeof times) < 0)
        return; /* ECANCELED is what tells; it goes on */
}

struct wall clocks_build_date(void)
{
    return (struct wall){NTSC_BUILD_DATE * NS_PER_S};
}
