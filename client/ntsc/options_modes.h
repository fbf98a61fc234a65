/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options go with which modes of ntsc. */
#ifndef NTSC_OPTIONS_MODES_H
#define NTSC_OPTIONS_MODES_H

#include "client/shared/command_line.h"

/* Options without a letter, as getopt_long() returns them. */
enum long_only {
    OPT_NO_STATE = 256,
    OPT_NTP_SERVER,
    OPT_NTP_PORT,
    OPT_OPENMETRICS,
    OPT_PLOT,
    OPT_RUNTIME_DIR,
    OPT_STARTER_DIR,
    OPT_WARN,
    OPT_SAMPLES,
    OPT_IMPORT,
    OPT_PLUGIN,
    OPT_QUIET,
    OPT_WARN_BOUND,
    OPT_CRIT_BOUND,
    OPT_WITHIN,
};

/* A bit of its own for option `c`, given with a word or not; 0 for those that choose a mode. */
uint64_t options_mode_bit(int c, bool word);

/* Every option that was seen, as bits, has to mean something in the mode; else ends with a line
 * that says with which it goes. */
void options_check_modes(const struct options *o, uint64_t seen);

/* Says what is wrong in one line on stderr and exits with EXIT_NO_ANSWER. */
_Noreturn void options_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
