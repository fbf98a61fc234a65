/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers of a run: each part of the world has a stream of its own, made from the seed. */
#ifndef NTSC_SIM_RAND_H
#define NTSC_SIM_RAND_H

#include <stddef.h>
#include <stdint.h>

struct sim_rand {
    uint64_t state;
    double spare; /* the second number of the last pair of normal ones */
    int has_spare;
};

/* Stream `stream` of run `seed`. */
void sim_rand_init(struct sim_rand *r, uint64_t seed, uint64_t stream);

uint64_t sim_rand_next(struct sim_rand *r);
void sim_rand_fill(struct sim_rand *r, void *buf, size_t n);
double sim_rand_uniform(struct sim_rand *r); /* within (0, 1) */
double sim_rand_exponential(struct sim_rand *r);
double sim_rand_normal(struct sim_rand *r);

#endif
