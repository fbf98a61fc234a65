/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/options_modes.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ALL_MEASURE (1U << MODE_CHECK | 1U << MODE_SET)
#define DAEMON      (1U << MODE_DAEMON)
#define STATUS      (1U << MODE_INFO | 1U << MODE_WAIT)

/* Which option goes with which modes, and how it is called in messages. Those that choose a mode,
 * -h and -V are not here. */
static const struct {
    const char *name;
    int option;
    unsigned modes;
} goes_with[] = {
    {"-f", 'f', ALL_MEASURE | DAEMON | 1U << MODE_CONFIGURATION},
    {"-o", 'o', 1U << MODE_IMPORT},
    {"-C", 'C', ALL_MEASURE | DAEMON},
    {"-p", 'p', ALL_MEASURE},
    {"-4", '4', ALL_MEASURE | DAEMON},
    {"-6", '6', ALL_MEASURE | DAEMON},
    {"-t", 't', ALL_MEASURE},
    {"--samples", OPT_SAMPLES, ALL_MEASURE},
    {"--warn", OPT_WARN, 1U << MODE_CHECK},
    {"--crit", 'c', 1U << MODE_CHECK},
    {"--warn-bound", OPT_WARN_BOUND, 1U << MODE_CHECK},
    {"--crit-bound", OPT_CRIT_BOUND, 1U << MODE_CHECK},
    {"--plugin", OPT_PLUGIN, 1U << MODE_CHECK},
    {"--quiet", OPT_QUIET, ALL_MEASURE},
    {"-j", 'j', ALL_MEASURE | 1U << MODE_INFO},
    {"-v", 'v', ALL_MEASURE | DAEMON | STATUS},
    {"-x", 'x', DAEMON},
    {"--no-state", OPT_NO_STATE, ALL_MEASURE | DAEMON},
    {"--ntp-server", OPT_NTP_SERVER, ALL_MEASURE},
    {"--ntp-port", OPT_NTP_PORT, ALL_MEASURE},
    {"--openmetrics", OPT_OPENMETRICS, 1U << MODE_INFO},
    {"--plot", OPT_PLOT, 1U << MODE_INFO},
    {"--within", OPT_WITHIN, 1U << MODE_WAIT},
    {"--runtime-dir", OPT_RUNTIME_DIR, DAEMON | STATUS},
    {"--starter-dir", OPT_STARTER_DIR, DAEMON},
};

#define OPTIONS (sizeof goes_with / sizeof goes_with[0])

/* The modes that `mask` has, as a person writes them: "-q, -s or -i". */
static void modes_text(unsigned mask, char *buf, size_t n)
{
    static const char *const names[] = {
        [MODE_DAEMON] = "the daemon (no -q, -s, -i ...)",
        [MODE_CHECK] = "-q",
        [MODE_SET] = "-s",
        [MODE_CONFIGURATION] = "--check-config",
        [MODE_INFO] = "-i",
        [MODE_WAIT] = "--wait",
        [MODE_IMPORT] = "--import",
    };
    static const enum options_mode order[] = {
        MODE_IMPORT, MODE_CHECK, MODE_SET, MODE_INFO, MODE_WAIT, MODE_CONFIGURATION, MODE_DAEMON};
    size_t used = 0;

    buf[0] = 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0] && used < n; i++) {
        if ((mask >> order[i] & 1) == 0)
            continue;
        mask &= ~(1U << order[i]);
        used += (size_t)snprintf(buf + used, n - used, "%s%s",
                                 used == 0   ? ""
                                 : mask == 0 ? " or "
                                             : ", ",
                                 names[order[i]]);
    }
}

void options_check_modes(const struct options *o, uint64_t seen)
{
    char modes[128];

    for (size_t i = 0; i < OPTIONS; i++) {
        if ((seen >> i & 1) == 0 || (goes_with[i].modes >> o->mode & 1) != 0)
            continue;
        modes_text(goes_with[i].modes, modes, sizeof modes);
        options_wrong("%s goes with %s", goes_with[i].name, modes);
    }
}

uint64_t options_mode_bit(int c, bool word)
{
    if (c == 'n' && word)
        c = OPT_SAMPLES;
    else if (c == 'w' && word)
        c = OPT_WARN;
    for (size_t i = 0; i < OPTIONS; i++)
        if (goes_with[i].option == c)
            return UINT64_C(1) << i;
    return 0;
}
