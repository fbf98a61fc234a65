/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/status_file.h"

int status_file_write(int dir, const struct status *s, const struct status_source *sources,
                      unsigned n)
{
    (void)dir, (void)s, (void)sources, (void)n;
    return 0;
}
