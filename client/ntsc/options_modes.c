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
    int option;
    const char *name;
    unsigned modes;
} goes_with[] = {
    {'f', "-f", ALL_MEASURE | DAEMON | 1U << MODE_CONFIGURATION},
    {'o', "-o", 1U << MODE_IMPORT},
    {'C', "-C", ALL_MEASURE | DAEMON},
    {'p', "-p", ALL_MEASURE},
    {'4', "-4", ALL_MEASURE | DAEMON},
    {'6', "-6", ALL_MEASURE | DAEMON},
    {'t', "-t", ALL_MEASURE},
    {OPT_SAMPLES, "--samples", ALL_MEASURE},
    {OPT_WARN, "--warn", 1U << MODE_CHECK},
    {'c', "--crit", 1U << MODE_CHECK},
    {OPT_WARN_BOUND, "--warn-bound", 1U << MODE_CHECK},
    {OPT_CRIT_BOUND, "--crit-bound", 1U << MODE_CHECK},
    {OPT_PLUGIN, "--plugin", 1U << MODE_CHECK},
    {OPT_QUIET, "--quiet", ALL_MEASURE},
    {'j', "-j", ALL_MEASURE | 1U << MODE_INFO},
    {'v', "-v", ALL_MEASURE | DAEMON | 1U << MODE_WAIT},
    {'x', "-x", DAEMON},
    {OPT_NO_STATE, "--no-state", ALL_MEASURE | DAEMON},
    {OPT_NTP_SERVER, "--ntp-server", ALL_MEASURE},
    {OPT_NTP_PORT, "--ntp-port", ALL_MEASURE},
    {OPT_OPENMETRICS, "--openmetrics", 1U << MODE_INFO},
    {OPT_PLOT, "--plot", 1U << MODE_INFO},
    {OPT_WITHIN, "--within", 1U << MODE_WAIT},
    {OPT_RUNTIME_DIR, "--runtime-dir", DAEMON | STATUS},
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
