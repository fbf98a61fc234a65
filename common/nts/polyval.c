/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/polyval.h"

#include "common/base/wire.h"

/*@ requires n <= 8 && \valid_read(data + (0 .. n - 1));
    assigns \nothing; */
/* n octets, at most 8, the lowest first; what is missing is zero. */
static uint64_t load(const uint8_t *data, size_t n)
{
    uint64_t v = 0;

    /*@ loop invariant i <= n && v < wire_limit(i);
        loop assigns i, v;
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        v = v * 256 + data[n - 1 - i];
    return v;
}

/*@ requires \valid(out + (0 .. 7));
    assigns out[0 .. 7]; */
static void store(uint64_t v, uint8_t *out)
{
    /*@ loop invariant i <= 8;
        loop assigns i, out[0 .. 7];
        loop variant 8 - i; */
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> 8 * i & 0xff);
}

struct polyval polyval_begin(const uint8_t key[POLYVAL_BLOCK])
{
    struct polyval p = {.key_low = load(key, 8), .key_high = load(key + 8, 8)};

    return p;
}

/*@ requires \valid(p);
    assigns p->sum_low, p->sum_high; */
/*
 * The sum times the key, times x^-128 (RFC 8452 section 3): coefficient i of the sum adds the key,
 * and then all is divided by x, so that it has been 128 - i times in the end. The field's
 * polynomial is x^128 + x^127 + x^126 + x^121 + 1: where the last coefficient is 1, adding it makes
 * the division exact, and leaves its other terms, one lower, in `high`.
 */
static void multiply(struct polyval *p)
{
    const uint64_t reduced = UINT64_C(0xe100000000000000); /* x^127 + x^126 + x^125 + x^120 */
    uint64_t low = 0, high = 0;

    /*@ loop invariant i <= 128;
        loop assigns i, low, high;
        loop variant 128 - i; */
    for (unsigned i = 0; i < 128; i++) {
        uint64_t bit = (i < 64 ? p->sum_low >> i : p->sum_high >> (i - 64)) % 2;
        uint64_t mask = bit * UINT64_MAX; /* no branch, so that the time tells nothing */
        uint64_t last;

        low ^= p->key_low & mask;
        high ^= p->key_high & mask;
        last = low % 2;
        low = low >> 1 | high % 2 * UINT64_C(0x8000000000000000);
        high = high >> 1 ^ last * reduced;
    }
    p->sum_low = low;
    p->sum_high = high;
}

void polyval_add(struct polyval *p, const uint8_t *data, size_t len)
{
    size_t pos = 0;

    /*@ loop invariant pos <= len;
        loop assigns pos, p->sum_low, p->sum_high;
        loop variant len - pos; */
    while (pos < len) {
        size_t n = len - pos < POLYVAL_BLOCK ? len - pos : POLYVAL_BLOCK;

        p->sum_low ^= load(data + pos, n < 8 ? n : 8);
        if (n > 8)
            p->sum_high ^= load(data + pos + 8, n - 8);
        multiply(p);
        pos += n;
    }
}

void polyval_end(const struct polyval *p, uint8_t out[POLYVAL_BLOCK])
{
    store(p->sum_low, out);
    store(p->sum_high, out + 8);
}
