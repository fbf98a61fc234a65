/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text, exact and the same in every locale. A `text` need not end with 0. */
#ifndef NTSC_DECIMAL_H
#define NTSC_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* Nanoseconds as seconds with nine places: "-12.000000345". */
#define DECIMAL_NS_TEXT 24
void decimal_from_ns(int64_t ns, char buf[DECIMAL_NS_TEXT]);

/* Seconds with at most nine places, in nanoseconds; false when it is not that or does not fit. */
NTSC_CHECK_RESULT bool decimal_to_ns(const char *text, size_t len, int64_t *ns);

/*
 * The number that the text begins with: digits only, at most most_digits of them (19 at most, so
 * that it fits). Returns how many they are; 0, and *v is 0, when there is none.
 */
size_t decimal_digits(const char *text, size_t len, unsigned most_digits, uint64_t *v);

/* A whole number from min to max. */
NTSC_CHECK_RESULT bool decimal_to_int(const char *text, size_t len, int64_t min, int64_t max,
                                      int64_t *v);

/* Any finite number, exponent included; rounded right as long as it has at most 15 digits and an
 * exponent below 22, else within a few ulp. */
NTSC_CHECK_RESULT bool decimal_to_double(const char *text, size_t len, double *v);

#endif
