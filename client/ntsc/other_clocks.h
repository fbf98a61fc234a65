/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks that go on while this machine is paused: the battery clock, and, in a virtual machine, the
 * host's. They are only read, as witnesses (common/clock/clock_witness.h).
 */
#ifndef NTSC_OTHER_CLOCKS_H
#define NTSC_OTHER_CLOCKS_H

#include <stdbool.h>

#include "common/clock/clock_witness.h"

struct other_clocks {
    int battery; /* /sys/class/rtc/rtcN/since_epoch; -1: none */
    int host;    /* /dev/ptpN, where it shows the host's time; -1: none */
    bool may_be_paused;
};

/* Opens what there is, while we have all rights: reading goes on without them. */
void other_clocks_open(struct other_clocks *c);

/* None, for tests and one-shots. */
void other_clocks_none(struct other_clocks *c);

/* Reads them into the look's `battery` and `host`; has_battery and has_host tell whether. */
void other_clocks_read(const struct other_clocks *c, struct witness_look *look);

#endif
