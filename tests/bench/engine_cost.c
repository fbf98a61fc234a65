/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine computes for one poll, without any I/O: the sample's filter, every source's
 * estimate, selection, the clock's order, the next interval. Each source answers every 16 s, with
 * 1 ms of jitter. For each number of sources one line: sources, us of CPU time a poll (the least of
 * several rounds), octets of memory a source.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/source/pilot.h"

#define POLL_S  16
#define ROUNDS  7
#define SOURCES 64

static uint64_t seed = 88172645463325252;

/* xorshift64, 0 to 1 */
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static double cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

#define EPOCH_NS (INT64_C(1830297600) * NS_PER_S)

static struct instant at(int64_t ns)
{
    return (struct instant){.wall = {EPOCH_NS + ns}, .raw = {ns}, .mono = {ns}};
}

static void poll_one(struct ensemble *e, unsigned i, int64_t now_ns)
{
    struct instant now = at(now_ns);
    int64_t there = 10000000 + (int64_t)(-log(1 - uniform()) * 1e6);
    int64_t back = 10000000 + (int64_t)(-log(1 - uniform()) * 1e6);
    struct net_addr ntp = {.family = 4, .port = 123, .addr = {10, 0, 0, (uint8_t)i}};
    struct sample s = {.local = {.t1 = {now.wall.ns - there - back},
                                 .t1_raw = {now.raw.ns - there - back},
                                 .t4 = now.wall,
                                 .t4_raw = now.raw},
                       .offset_ns = (there - back) / 2,
                       .delay_ns = there + back,
                       .bound_ns = (there + back) / 2 + 100000,
                       .up_ns = EPOCH_NS + there,
                       .down_ns = back - EPOCH_NS};
    struct clock_order order;

    (void)pilot_sample(e, i, &ntp, &s);
    (void)ensemble_update(e, &now, &order);
    (void)ensemble_next_poll_ns(e, i, (uint32_t)seed);
}

static void measure(unsigned n)
{
    static struct ensemble_source sources[SOURCES];
    static struct ensemble e;
    const struct discipline_config config = {.step_ns = NS_PER_S, .step_count = 3};
    double least = INFINITY;
    int64_t now = NS_PER_S;

    e = (struct ensemble){.sources = sources, .n = n, .policy = {.minsources = 1}};
    discipline_init(&e.discipline, &config, 0, false);
    for (unsigned i = 0; i < n; i++)
        ensemble_source_init(&sources[i], 4, 4);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned polls = 2048;
        double began = cpu_us();

        for (unsigned p = 0; p < polls; p++) {
            now += POLL_S * NS_PER_S / n;
            poll_one(&e, p % n, now);
        }
        least = fmin(least, (cpu_us() - began) / polls);
    }
    if (!e.result.majority)
        exit(1); /* then something else was measured */
    printf("%u %.2f %zu\n", n, least, sizeof(struct ensemble_source));
}

int main(void)
{
    static const unsigned numbers[] = {1, 4, 16, SOURCES};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        measure(numbers[i]);
    return 0;
}
