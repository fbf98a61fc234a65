/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of anybody, made fit for a terminal or a log. */
#ifndef NTSC_SHOW_H
#define NTSC_SHOW_H

#include <stddef.h>

/* Octets of output for one of input, at most: "\xNN". */
#define SHOW_GROWTH 4

/*
 * Copies n octets to `to` with a 0 behind them. What could steer a terminal is written as \xNN: the
 * control characters C0, DEL and C1 (ECMA-48), whatever is not UTF-8 (RFC 3629), and the characters
 * that change the direction of writing (Unicode UAX #9), which make a line look like another one.
 * What does not fit into cap octets (at least 1) is cut between characters. Returns the length.
 */
size_t show_text(char *to, size_t cap, const char *from, size_t n);

#endif
