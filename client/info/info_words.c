/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info_parts.h"
#include "client/shared/format.h"

void info_name(const struct status_source *s, char buf[INFO_NAME])
{
    addr_with_port(s->name, s->ke_port, NTS_KE_PORT, buf, INFO_NAME);
}

bool info_ago(struct wall t, struct wall now, char buf[INFO_AGO])
{
    char span[REPORT_TIME];

    buf[0] = 0;
    if (t.ns > now.ns)
        return false;
    format_span(ns_sub_sat(now.ns, t.ns), span);
    snprintf(buf, INFO_AGO, "%s ago", span);
    return true;
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
