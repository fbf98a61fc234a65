/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as files: ntsc.conf, and what others drop into the directory beside it. */
#ifndef NTSC_CONF_FILES_H
#define NTSC_CONF_FILES_H

#include <stdbool.h>

#include "common/conf/conf.h"

/*
 * Adds to *c what stands in `config`, or, when that is NULL, in ntsc.conf and then in the files
 * ntsc.d/NAME.conf beside it, in the order of their names; none of these need be there. Each fault
 * is one line of the log with file and line. Returns false after any.
 */
bool conf_files_read(struct conf *c, const char *config);

#endif
