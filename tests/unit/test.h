/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka with the headers it wants first, and a seeded random generator for reproducible tests. */
#ifndef NTSC_TESTS_TEST_H
#define NTSC_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka 2 knows it by this name and warns of the other. */
#ifdef assert_uint_in_range
#undef assert_in_range
#define assert_in_range(value, least, most)                                                        \
    assert_uint_in_range((uintmax_t)(value), (uintmax_t)(least), (uintmax_t)(most))
#endif

/* splitmix64: the same numbers on every machine. */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Of 0 to n - 1. */
static inline size_t test_below(uint64_t *seed, size_t n)
{
    return (size_t)(test_random(seed) % n);
}

static inline void test_random_fill(uint64_t *state, void *buf, size_t n)
{
    uint8_t *out = buf;

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)test_random(state);
}

/* A heap copy of exactly len octets, so that a read beyond the end meets the sanitizer's red zone.
 */
static inline uint8_t *test_exact(const void *data, size_t len)
{
    uint8_t *p = malloc(len > 0 ? len : 1);

    assert_non_null(p);
    if (len > 0)
        memcpy(p, data, len);
    return p;
}

#endif
