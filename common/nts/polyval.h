/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * POLYVAL, the hash of AES-GCM-SIV (RFC 8452 section 3), in time that does not depend on key or
 * data. Without tables: a query of 200 octets has 13 blocks.
 */
#ifndef NTSC_POLYVAL_H
#define NTSC_POLYVAL_H

#include <stddef.h>
#include <stdint.h>

#define POLYVAL_BLOCK 16

/* Elements of GF(2^128): bit i of `low` is the coefficient of x^i, of `high` that of x^(64 + i). */
struct polyval {
    uint64_t key_low, key_high;
    uint64_t sum_low, sum_high;
};

/*@ requires \valid_read(key + (0 .. POLYVAL_BLOCK - 1));
    assigns \nothing; */
/* A sum of nothing, under the key. */
struct polyval polyval_begin(const uint8_t key[POLYVAL_BLOCK]);

/*@ requires \valid(p) && \valid_read(data + (0 .. len - 1));
    requires \separated(p, data + (0 .. len - 1));
    assigns p->sum_low, p->sum_high; */
/* Adds len octets and zeros up to a multiple of the block. */
void polyval_add(struct polyval *p, const uint8_t *data, size_t len);

/*@ requires \valid_read(p) && \valid(out + (0 .. POLYVAL_BLOCK - 1));
    requires \separated(p, out + (0 .. POLYVAL_BLOCK - 1));
    assigns out[0 .. POLYVAL_BLOCK - 1]; */
void polyval_end(const struct polyval *p, uint8_t out[POLYVAL_BLOCK]);

#endif
