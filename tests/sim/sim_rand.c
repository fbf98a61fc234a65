/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_rand.h"

#include <math.h>
#include <string.h>

/* SplitMix64. */
uint64_t sim_rand_next(struct sim_rand *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void sim_rand_init(struct sim_rand *r, uint64_t seed, uint64_t stream)
{
    memset(r, 0, sizeof *r);
    r->state = seed * UINT64_C(0x632be59bd9b4e019) + stream;
    r->state = sim_rand_next(r) ^ stream << 32;
    sim_rand_next(r);
}

void sim_rand_fill(struct sim_rand *r, void *buf, size_t n)
{
    uint8_t *to = buf;

    while (n > 0) {
        uint64_t v = sim_rand_next(r);
        size_t part = n < sizeof v ? n : sizeof v;

        memcpy(to, &v, part);
        to += part;
        n -= part;
    }
}

double sim_rand_uniform(struct sim_rand *r)
{
    return ((double)(sim_rand_next(r) >> 11) + 0.5) / 9007199254740992.0;
}

double sim_rand_exponential(struct sim_rand *r)
{
    return -log(sim_rand_uniform(r));
}

/* Marsaglia's polar method. */
double sim_rand_normal(struct sim_rand *r)
{
    double a, b, s;

    if (r->has_spare) {
        r->has_spare = 0;
        return r->spare;
    }
    do {
        a = 2 * sim_rand_uniform(r) - 1;
        b = 2 * sim_rand_uniform(r) - 1;
        s = a * a + b * b;
    } while (s >= 1);
    s = sqrt(-2 * log(s) / s);
    r->spare = b * s;
    r->has_spare = 1;
    return a * s;
}
