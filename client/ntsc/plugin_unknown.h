/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitoring plug-in that ends before anything was measured says so on standard output, where its
 * readers look (Monitoring Plugins Development Guidelines, "Print only one line of text"). */
#ifndef NTSC_PLUGIN_UNKNOWN_H
#define NTSC_PLUGIN_UNKNOWN_H

#include <stdbool.h>

/* From now on the end of the process prints "NTS UNKNOWN - " and what was complained of last. */
void plugin_unknown_begin(void);
/* Something else is what was complained of last. */
void plugin_unknown_because(const char *why);
/* Whether it still will: whoever ends the process by a signal then takes that line from its reader.
 */
bool plugin_unknown_is_due(void);
/* The result has been printed: nothing more is. */
void plugin_unknown_end(void);

#endif
