/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/clock_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/decimal.h"
#include "common/base/fnv1a.h"

/* Against torn files, not against attackers. */
static uint32_t checksum(const char *data, size_t len)
{
    uint32_t h = FNV1A_START_32;

    for (size_t i = 0; i < len; i++)
        h = fnv1a_octet_32(h, (uint8_t)data[i]);
    return h;
}

static bool sane(const struct clock_file *c)
{
    return c->frequency_ppt <= CLOCK_FILE_FREQUENCY_MAX_PPT &&
           c->frequency_ppt >= -CLOCK_FILE_FREQUENCY_MAX_PPT && c->sd_ppt > 0 &&
           c->sd_ppt <= CLOCK_FILE_FREQUENCY_MAX_PPT && c->last_good_s >= 0;
}

size_t clock_file_encode(const struct clock_file *c, char *buf, size_t cap)
{
    int body, all;

    if (!sane(c))
        return 0;
    body = snprintf(buf, cap,
                    "ntsc-clock-1 frequency_ppt %" PRId64 " sd_ppt %" PRId64 " good_s %" PRId64,
                    c->frequency_ppt, c->sd_ppt, c->last_good_s);
    /* A negative result becomes a large one. */
    if ((size_t)body >= cap)
        return 0;
    all = snprintf(buf + body, cap - (size_t)body, " sum %08" PRIx32 "\n",
                   checksum(buf, (size_t)body));
    return (size_t)all >= cap - (size_t)body ? 0 : (size_t)(body + all);
}

/* Enough for a rate of 1 in 1e-12 and for any date; what is longer is refused. */
enum { DIGITS_MAX = 15 };

/* Steps over `word` and one blank, then reads a decimal number; false when that is not what is
 * there. */
static bool take(const char *data, size_t len, size_t *pos, const char *word, int64_t *v)
{
    size_t n = strlen(word);
    bool negative = false;
    size_t digits;
    uint64_t size;

    if (len - *pos < n + 1 || memcmp(data + *pos, word, n) != 0 || data[*pos + n] != ' ')
        return false;
    *pos += n + 1;
    if (*pos < len && data[*pos] == '-') {
        negative = true;
        ++*pos;
    }
    digits = decimal_digits(data + *pos, len - *pos, DIGITS_MAX, &size);
    *pos += digits;
    *v = negative ? -(int64_t)size : (int64_t)size;
    return digits > 0;
}

bool clock_file_decode(struct clock_file *c, const char *data, size_t len)
{
    struct clock_file found;
    char again[CLOCK_FILE_MAX];
    size_t pos = 0;

    if (!take(data, len, &pos, "ntsc-clock-1 frequency_ppt", &found.frequency_ppt) ||
        !take(data, len, &pos, " sd_ppt", &found.sd_ppt) ||
        !take(data, len, &pos, " good_s", &found.last_good_s))
        return false;
    /* Exactly what we would write, checksum included: then nothing else needs a look. */
    if (clock_file_encode(&found, again, sizeof again) != len || memcmp(again, data, len) != 0)
        return false;
    *c = found;
    return true;
}

int64_t clock_file_floor_s(int64_t built_s, int64_t last_good_s)
{
    bool usable = last_good_s > built_s && last_good_s - built_s < INT64_C(1) << 31;

    return usable ? last_good_s : built_s;
}
