/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first line of a check for monitoring systems, by the Monitoring Plugins Development
 * Guidelines: state, a sentence, and performance data. */
#ifndef NTSC_PLUGIN_H
#define NTSC_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/clock/check_limit.h"

struct plugin_host {
    const char *name;
    int64_t offset_ns, bound_ns, delay_ns; /* bound_ns < 0: no answer, and none of the three */
    uint8_t stratum;                       /* 0: not known */
    int64_t cert_left_s;                   /* until its certificate ends; INT64_MIN: not known */
};

struct plugin_result {
    enum check_state state;
    const char *words;           /* printable, without '|' */
    struct check_limits limits;  /* shown beside the figures that they are for */
    int64_t offset_ns, bound_ns; /* of all that agree; bound_ns < 0: nothing known */
    const struct plugin_host *hosts;
    size_t n_hosts;
};

/* Room for the line of 64 hosts with names of 255 octets, five figures each. */
#define PLUGIN_LINE_MAX ((size_t)64 * 5 * 320 + 1024)

/* Appends the range as the guidelines write it: "0.5", "10:", "~:20", "@10:20"; "" for none. */
void plugin_range(struct text *t, const struct check_range *r);

/*
 * Writes the line without its end to buf (n octets with the 0). Figures are plain seconds, days and
 * numbers; those of a host have its name before them when there are several.
 */
void plugin_line(const struct plugin_result *r, char *buf, size_t n);

#endif
