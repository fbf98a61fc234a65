/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line says to people: the summary, and an answer to words of other programs. */
#ifndef NTSC_OPTIONS_WORDS_H
#define NTSC_OPTIONS_WORDS_H

#include <stdio.h>

/* --help: one screen of 24 lines and 80 columns, grouped by what one wants to do. */
void options_help(FILE *to);

/* "ntsc -i shows ..." for a word that does this in chronyc, ntpq, timedatectl and their like, or
 * that people try; NULL for a word that may be a host. */
const char *options_hint(const char *word);

#endif
