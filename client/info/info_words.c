/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info_parts.h"
#include "client/shared/format.h"

void info_name(const struct status_source *s, char buf[INFO_NAME])
{
    addr_with_port(s->name, s->ke_port, NTS_KE_PORT, buf, INFO_NAME);
}

/* Without an estimate: what it last failed at. The line below the source tells the rest. */
static const char *failed_word(const struct status_source *s)
{
    switch ((enum stage)s->fail.stage) {
    case STAGE_OK:
        return s->reach == 0 ? "starting" : "measuring";
    case STAGE_LOCAL:
        return "local fault";
    case STAGE_RESOLVE:
    case STAGE_CONNECT:
        return "unreachable";
    case STAGE_TLS_TIME:
    case STAGE_TLS_TRUST:
    case STAGE_TLS_NAME:
    case STAGE_TLS_VERSION:
    case STAGE_TLS:
    case STAGE_ALPN:
    case STAGE_KE_RECORD:
    case STAGE_KE_ERROR:
        return "back-off"; /* RFC 8915 section 4.2 */
    case STAGE_NTP_TIMEOUT:
        return "no answer";
    case STAGE_NTP_AUTH:
        return "forged";
    case STAGE_NAK:
        return "new keys";
    case STAGE_KISS:
        return "told to wait";
    case STAGE_NTP_SANITY:
        return "unusable";
    case STAGE_COUNT:
        break;
    }
    return "?";
}

/* What it is doing, as long as it has no estimate that could be judged. */
static const char *doing_word(const struct status_source *s)
{
    if (s->state == SOURCE_KE)
        return "key exchange";
    if (s->state == SOURCE_NAK_PENDING)
        return "new keys";
    if (s->state == SOURCE_POLLING && s->fail.stage == STAGE_OK && s->reach == 0)
        return "asking";
    return failed_word(s);
}

void info_state_word(const struct status_source *s, char buf[INFO_WORD])
{
    const char *word = NULL;
    char off[REPORT_TIME];

    switch (s->selected) {
    case SELECT_UNKNOWN:
    case SELECT_UNREACHABLE:
        break;
    case SELECT_UNDECIDED:
        word = "no majority";
        break;
    case SELECT_FALSETICKER:
        format_time(s->off_ns, true, 2, off);
        if (s->state != SOURCE_REFUSED) {
            snprintf(buf, INFO_WORD, "false by %.20s", off);
            return;
        }
        break;
    case SELECT_PROBATION:
        word = "on probation";
        break;
    case SELECT_SHADOWED:
        word = "same group";
        break;
    case SELECT_SELECTED:
        word = "selected";
        break;
    }
    if (s->state == SOURCE_REFUSED)
        word = "refused";
    snprintf(buf, INFO_WORD, "%s", word != NULL ? word : doing_word(s));
}
