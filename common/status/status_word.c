/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a source is, in words that tables and the file have alike. */
#include <string.h>

#include "common/status/status.h"

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

const char *status_source_word(const struct status_source *s)
{
    if (s->state == SOURCE_REFUSED)
        return "refused";
    switch (s->selected) {
    case SELECT_UNKNOWN:
    case SELECT_UNREACHABLE:
        break;
    case SELECT_UNDECIDED:
        return "no majority";
    case SELECT_FALSETICKER:
        return "false";
    case SELECT_PROBATION:
        return "on probation";
    case SELECT_SHADOWED:
        return "same group";
    case SELECT_SELECTED:
        return "selected";
    }
    return doing_word(s);
}

/* Four letters, as RFC 5905 figure 12 has them, some with zeros behind them. */
static bool is_letters(uint32_t id)
{
    uint32_t rest = id;

    while (rest >> 24 > 0x20 && rest >> 24 < 0x7f)
        rest <<= 8;
    return id >> 24 != 0 && rest == 0;
}

void status_reference_text(uint8_t stratum, uint32_t id, char buf[STATUS_REFERENCE])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;

    if (stratum == 1 && is_letters(id)) {
        for (uint32_t rest = id; rest != 0; rest <<= 8)
            buf[n++] = (char)(rest >> 24);
    } else {
        for (; n < STATUS_REFERENCE - 1; n++)
            buf[n] = digits[id >> (28 - 4 * n) & 15];
    }
    memset(buf + n, 0, STATUS_REFERENCE - n);
}
