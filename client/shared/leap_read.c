/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/leap_read.h"

#include <stdio.h>
#include <string.h>

#include "client/shared/log.h"

#define LEAP_FILE "/usr/share/zoneinfo/leap-seconds.list"

void leap_read_system(struct leap_table *t)
{
    FILE *f = fopen(LEAP_FILE, "re");
    char line[256];

    leap_table_init(t);
    if (f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL) {
        if (leap_table_line(t, line, strcspn(line, "\n")))
            continue;
        log_warning(LEAP_FILE " cannot be understood: it is not used");
        leap_table_init(t);
        break;
    }
    fclose(f);
}
