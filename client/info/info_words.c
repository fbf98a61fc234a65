/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info_parts.h"
#include "client/shared/format.h"

void info_name(const struct status_source *s, char buf[INFO_NAME])
{
    addr_with_port(s->name, s->ke_port, NTS_KE_PORT, buf, INFO_NAME);
}

void info_state_word(const struct status_source *s, char buf[INFO_WORD])
{
    const char *word = status_source_word(s);
    char off[REPORT_TIME];

    if (s->selected != SELECT_FALSETICKER || s->state == SOURCE_REFUSED) {
        snprintf(buf, INFO_WORD, "%s", word);
        return;
    }
    format_time(s->off_ns, true, 2, off);
    snprintf(buf, INFO_WORD, "%s by %.20s", word, off);
}
