/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last day's offset and bound: a file of HISTORY_SLOTS lines of one length, each line a record
 * that checks itself. Its time alone says where a record belongs, so that nobody has to know where
 * the newest is: today's overwrites yesterday's. Slots never written to are zeros.
 */
#ifndef NTSC_HISTORY_H
#define NTSC_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/time.h"

#define HISTORY_SPAN_S 86400
#define HISTORY_STEP_S 300
#define HISTORY_SLOTS  (HISTORY_SPAN_S / HISTORY_STEP_S)
#define HISTORY_LINE   64 /* octets of a record, its newline included */
#define HISTORY_OCTETS (HISTORY_SLOTS * HISTORY_LINE)

struct history_record {
    int64_t at_s;      /* since 1970 */
    int64_t offset_ns; /* true time minus clock, as estimated then */
    int64_t bound_ns;  /* the true offset lay within offset_ns +- bound_ns; >= 0 */
};

/* The slot of that time, which changes every HISTORY_STEP_S; -1: before 1970 or too late. */
int history_slot(int64_t at_s);

/* Writes a record without an end of the string; false when it is none. */
NTSC_CHECK_RESULT bool history_encode(const struct history_record *h, char line[HISTORY_LINE]);

/* Fills *h when the line is a whole, unchanged record of that slot; else false and *h untouched. */
NTSC_CHECK_RESULT bool history_decode(struct history_record *h, const char line[HISTORY_LINE],
                                      int slot);

/*
 * Of a file's octets the records of the day before `now`, oldest first, into `found` of
 * HISTORY_SLOTS. Returns how many; *torn becomes the number of slots that hold something else than
 * a record.
 */
unsigned history_read(const char data[HISTORY_OCTETS], struct wall now,
                      struct history_record *found, unsigned *torn);

#endif
