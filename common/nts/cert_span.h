/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a chain of certificates is valid, and whether it may be judged at another time than that of
 * a clock nobody vouches for: the first of two steps. The second is to compare the time that the
 * servers then tell with the same span.
 */
#ifndef NTSC_CERT_SPAN_H
#define NTSC_CERT_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970, both ends included; empty when not_before_s > not_after_s. */
struct cert_span {
    int64_t not_before_s, not_after_s;
};

#define CERT_SPAN_EVER ((struct cert_span){INT64_MIN, INT64_MAX})

/* What is left of it beside a certificate with these dates. */
void cert_span_cut(struct cert_span *s, int64_t not_before_s, int64_t not_after_s);

bool cert_span_holds(const struct cert_span *s, int64_t time_s);

/*
 * A time within the span and not before `floor_s`, the nearest to the clock's `now_s`. False when
 * there is none: no time has all certificates valid, or one of them ended before the floor.
 */
bool cert_span_time(const struct cert_span *s, int64_t now_s, int64_t floor_s, int64_t *time_s);

#endif
