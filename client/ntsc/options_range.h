/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of monitoring plug-ins on the command line. */
#ifndef NTSC_OPTIONS_RANGE_H
#define NTSC_OPTIONS_RANGE_H

#include "common/clock/check_limit.h"

/*
 * [@][START:][END] in seconds by the Monitoring Plugins Development Guidelines, "Threshold and
 * Ranges": START is 0 where it is left out and no limit as "~", END no limit where it is left out.
 * Ends the program when text is something else; option is how it is called there.
 */
struct check_range options_range(const char *option, const char *text);

#endif
