/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts that info.c puts together. */
#ifndef NTSC_INFO_PARTS_H
#define NTSC_INFO_PARTS_H

#include <stdio.h>

#include "client/info/status_read.h"
#include "client/shared/format.h"

struct info_view;

/* What follows is right, doubtful or wrong, until INFO_PLAIN; nothing where no colour is wanted. */
enum info_colour { INFO_PLAIN, INFO_GOOD, INFO_DOUBTFUL, INFO_BAD };
void info_colour(FILE *to, const struct info_view *v, enum info_colour c);

/* A few lines: synchronized or why not, offset, frequency, steps. */
void info_summary(FILE *to, const struct status *s, const struct info_view *v);

/* A line for each source, and below it what failed last; then what the headers mean. */
void info_table(FILE *to, const struct status_copy *c, const struct info_view *v);

/* Lines below a source's: its last answer, estimate, keys and counters. */
#define INFO_INDENT 4
void info_detail(FILE *to, const struct status_source *s, const struct info_view *v);

/* The last day as a chart, of the history beside the status at `path`; what is wrong with it goes
 * to err. */
void info_plot(FILE *to, FILE *err, const char *path, const struct info_view *v);

/* Metrics; with c NULL only that the daemon is not there. */
void info_metrics(FILE *to, const struct status_copy *c, struct wall now);

/* How a source is, in one or two words: "selected", "false by +1 s", "key exchange". */
#define INFO_WORD 32
void info_state_word(const struct status_source *s, char buf[INFO_WORD]);

/* Name and, where it is not the usual one, port. */
#define INFO_NAME (NTS_NAME_MAX + 16)
void info_name(const struct status_source *s, char buf[INFO_NAME]);

/* "2 h ago"; false, and nothing, for what lies in the future, because the clock was set back. */
#define INFO_AGO (REPORT_TIME + 8)
bool info_ago(struct wall t, struct wall now, char buf[INFO_AGO]);

/* Prints head, then the words of text; lines end before `width` and go on at `indent`. */
void info_wrap(FILE *to, const char *head, const char *text, unsigned indent, unsigned width);

#endif
