/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_REPORT_FOLD_H
#define NTSC_REPORT_FOLD_H

#include <stdio.h>

/*
 * Prints a line, and its end. Where it is longer than `columns` it goes on below, set in by two:
 * broken at two blanks, which stand between what is told of a server, else at one; words are never
 * broken. columns 0: it is not broken.
 */
void report_fold(FILE *to, const char *line, unsigned columns);

#endif
