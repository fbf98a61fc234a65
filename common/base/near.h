/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A word that nobody knows, and the known one that was probably meant. */
#ifndef NTSC_NEAR_H
#define NTSC_NEAR_H

#include <stddef.h>

/*
 * The one of n words nearest to `given` by letters inserted, left out, replaced or swapped with
 * their neighbour (optimal string alignment distance): at most 1 for words of up to 4 letters, 2
 * for longer ones. NULL when none is that near, or two are equally near.
 */
const char *near_word(const char *given, const char *const *words, size_t n);

#endif
