/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/decimal.h"
#include "common/base/fnv1a.h"

#define AT_MAX_S     INT64_C(99999999999)
#define AT_DIGITS    11
#define NUMBER_FIRST 2 /* behind the version */
#define FIELD_DIGITS 19

int history_slot(int64_t at_s)
{
    return at_s < 0 || at_s > AT_MAX_S ? -1 : (int)(at_s / HISTORY_STEP_S % HISTORY_SLOTS);
}

bool history_encode(const struct history_record *h, char line[HISTORY_LINE])
{
    char text[HISTORY_LINE + 1];
    int body;

    /* The offset's opposite has to exist as well. */
    if (history_slot(h->at_s) < 0 || h->bound_ns < 0 || h->offset_ns < -INT64_MAX)
        return false;
    body = snprintf(text, sizeof text, "1 %011" PRId64 " %+020" PRId64 " %019" PRId64, h->at_s,
                    h->offset_ns, h->bound_ns);
    /* Against torn lines, not against attackers. */
    snprintf(text + body, sizeof text - (size_t)body, " %08" PRIx32 "\n", (uint32_t)fnv1a(text));
    memcpy(line, text, HISTORY_LINE);
    return true;
}

/* Steps over the digits and what follows them; what is no number becomes none that is written. */
static int64_t take(const char **p, unsigned digits)
{
    uint64_t v;

    if (decimal_digits(*p, digits, digits, &v) != digits)
        v = UINT64_MAX;
    *p += digits + 1;
    return v <= INT64_MAX ? (int64_t)v : -1;
}

bool history_decode(struct history_record *h, const char line[HISTORY_LINE], int slot)
{
    const char *p = line + NUMBER_FIRST;
    struct history_record r;
    char again[HISTORY_LINE];
    bool negative;

    r.at_s = take(&p, AT_DIGITS);
    negative = *p++ == '-';
    r.offset_ns = take(&p, FIELD_DIGITS);
    r.bound_ns = take(&p, FIELD_DIGITS);
    if (negative)
        r.offset_ns = -r.offset_ns;
    /* Exactly what we would write, checksum included: then nothing else needs a look. */
    if (!history_encode(&r, again) || memcmp(again, line, HISTORY_LINE) != 0 ||
        history_slot(r.at_s) != slot)
        return false;
    *h = r;
    return true;
}

unsigned history_read(const char data[HISTORY_OCTETS], struct wall now,
                      struct history_record *found, unsigned *torn)
{
    static const char never[HISTORY_LINE];
    int64_t now_s = now.ns / NS_PER_S;
    /* Whole steps: what the newest slot holds of yesterday is not of this day any more. */
    int64_t first_s = (now_s / HISTORY_STEP_S + 1 - HISTORY_SLOTS) * HISTORY_STEP_S;
    int newest = history_slot(now_s);
    unsigned n = 0;

    *torn = 0;
    for (int i = 1; i <= HISTORY_SLOTS && newest >= 0; i++) {
        int slot = (newest + i) % HISTORY_SLOTS;
        const char *line = data + (ptrdiff_t)slot * HISTORY_LINE;
        struct history_record r;

        if (history_decode(&r, line, slot)) {
            if (r.at_s <= now_s && r.at_s >= first_s)
                found[n++] = r;
        } else if (memcmp(line, never, HISTORY_LINE) != 0) {
            ++*torn;
        }
    }
    return n;
}
