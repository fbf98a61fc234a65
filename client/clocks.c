/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/clocks.h"

#include <time.h>

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

void clocks_pair(struct wall *wall, struct raw *raw)
{
    int64_t before = read_ns(CLOCK_MONOTONIC_RAW);
    int64_t after;

    wall->ns = read_ns(CLOCK_REALTIME);
    after = read_ns(CLOCK_MONOTONIC_RAW);
    raw->ns = before + (after - before) / 2;
}

struct wall clocks_build_date(void)
{
    return (struct wall){NTSC_BUILD_DATE * NS_PER_S};
}
