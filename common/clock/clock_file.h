/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of the clock over a restart: one line of text, self-checking. Whatever is not
 * exactly right is not believed, and costs no more than learning the frequency again.
 */
#ifndef NTSC_CLOCK_FILE_H
#define NTSC_CLOCK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

#define CLOCK_FILE_MAX 160

/* Frequencies beyond this are no oscillator's. */
#define CLOCK_FILE_FREQUENCY_MAX_PPT INT64_C(100000000000) /* 10 % */

struct clock_file {
    int64_t frequency_ppt; /* of true time against the raw oscillator, 1e-12 */
    int64_t sd_ppt;        /* its standard deviation, > 0 */
    int64_t last_good_s;   /* when the clock was last known to be right, seconds since 1970 */
};

/* Writes the line; returns its octets, 0 when cap is too small. */
size_t clock_file_encode(const struct clock_file *c, char *buf, size_t cap);

/* Fills *c when data is a whole, unchanged line; else false and *c untouched. */
NTSC_CHECK_RESULT bool clock_file_decode(struct clock_file *c, const char *data, size_t len);

/*
 * The date before which it cannot be, seconds since 1970: when this program was built, or later,
 * when the clock was known to be right last. Nobody believes that it was beyond what this program
 * can be used for, 2^31 s.
 */
int64_t clock_file_floor_s(int64_t built_s, int64_t last_good_s);

#endif
