/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that ntsc reads back: the first octet chooses which. Whatever is believed is written
 * again and read again as the same; whatever is not leaves nothing behind.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock/clock_file.h"
#include "common/clock/clock_limit.h"
#include "common/clock/leap.h"
#include "common/nts/cookie_file.h"
#include "common/status/status_json.h"
#include "tests/fuzz/fuzz.h"

#define ID "time.example:4460"

static void clock_state(const uint8_t *data, size_t len)
{
    struct clock_file c = {.sd_ppt = 1}, again;
    char text[CLOCK_FILE_MAX];
    size_t n;

    if (!clock_file_decode(&c, (const char *)data, len)) {
        FUZZ_ASSERT(c.sd_ppt == 1 && c.frequency_ppt == 0 && c.last_good_s == 0);
        return;
    }
    FUZZ_ASSERT(llabs(c.frequency_ppt) <= CLOCK_FILE_FREQUENCY_MAX_PPT && c.sd_ppt > 0);
    n = clock_file_encode(&c, text, sizeof text);
    FUZZ_ASSERT(n > 0 && clock_file_decode(&again, text, n));
    FUZZ_ASSERT(memcmp(&c, &again, sizeof c) == 0);
}

static void check_session(const struct nts_session *s)
{
    struct nts_session again;
    uint8_t file[COOKIE_FILE_MAX];
    size_t n = cookie_file_encode(s, ID, file, sizeof file);

    FUZZ_ASSERT(cookie_pool_valid(&s->cookies));
    FUZZ_ASSERT(s->n_ntp <= NET_ADDR_MAX);
    FUZZ_ASSERT(aead_key_len(s->c2s.id) == s->c2s.len && aead_key_len(s->s2c.id) == s->s2c.len);
    FUZZ_ASSERT(n > 0 && cookie_file_decode(&again, ID, file, n));
    FUZZ_ASSERT(memcmp(s, &again, sizeof again) == 0);
}

static void cookies(const uint8_t *data, size_t len)
{
    static const struct nts_session none;
    struct nts_session s;

    if (cookie_file_decode(&s, ID, data, len))
        check_session(&s);
    else
        FUZZ_ASSERT(memcmp(&s, &none, sizeof s) == 0);
}

/* Checksums keep most inputs out: they are mended here, as one would who writes the file. */
static void mend_clock(const struct fuzz_copy *body)
{
    char text[CLOCK_FILE_MAX + 16];
    uint32_t h = UINT32_C(2166136261); /* FNV-1a */
    int n = (int)(body->len < CLOCK_FILE_MAX ? body->len : CLOCK_FILE_MAX);

    for (int i = 0; i < n; i++)
        h = (h ^ body->data[i]) * UINT32_C(16777619);
    n = snprintf(text, sizeof text, "%.*s sum %08" PRIx32 "\n", n, (const char *)body->data, h);
    clock_state((const uint8_t *)text, (size_t)n);
}

static uint32_t crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = 0;

    for (size_t bit = 0; bit < len * 8; bit++) {
        uint32_t in = (uint32_t)data[bit / 8] >> bit % 8 & 1;

        /* The first 32 bits go in inverted. */
        in ^= bit < 32;
        crc = crc >> 1 ^ (((crc ^ in) & 1) != 0 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

static void mend_cookies(struct fuzz_copy *file)
{
    struct wire_writer w;

    if (file->len >= 14) {
        w = wire_writer(file->data + 6, 4);
        wire_put_u32(&w, (uint32_t)file->len);
        w = wire_writer(file->data + file->len - 4, 4);
        wire_put_u32(&w, crc32(file->data, file->len - 4));
    }
    cookies(file->data, file->len);
}

static void allowance(const uint8_t *data, size_t len)
{
    struct clock_limit l, before;
    char text[CLOCK_LIMIT_TEXT];

    memset(&l, 0, sizeof l);
    clock_limit_init(&l, CLOCK_MODE_DAEMON, NS_PER_S / 2, 1, (struct wall){0}, (struct wall){0});
    before = l;
    if (!clock_limit_restore(&l, (const char *)data, len)) {
        FUZZ_ASSERT(memcmp(&l, &before, sizeof l) == 0);
        return;
    }
    /* What was used may be more than a new boot's nothing, never less. */
    FUZZ_ASSERT(l.step_count == before.step_count && l.step_ns == before.step_ns);
    FUZZ_ASSERT(clock_limit_save(&l, text, sizeof text) > 0);
}

static void leap_seconds(const uint8_t *data, size_t len)
{
    struct leap_table t;

    leap_table_init(&t);
    for (size_t at = 0; at < len;) {
        const uint8_t *end = memchr(data + at, '\n', len - at);
        size_t n = end == NULL ? len - at : (size_t)(end - data) - at;

        if (!leap_table_line(&t, (const char *)data + at, n))
            break;
        at += n + 1;
    }
    FUZZ_ASSERT(t.n <= LEAP_TABLE_MAX);
    for (unsigned i = 1; i < t.n; i++)
        FUZZ_ASSERT(t.at_s[i] > t.at_s[i - 1]);
    (void)leap_tai(&t, (struct wall){INT64_C(1483228800) * NS_PER_S});
    (void)leap_possible(&t, (struct wall){INT64_C(1483228799) * NS_PER_S}, false);
}

static void status(const uint8_t *data, size_t len)
{
    static struct status_source sources[4];
    char text[STATUS_JSON_SOURCE_MAX];
    struct status s;
    unsigned n;

    if (!status_json_read((const char *)data, len, &s, sources, 4, &n))
        return;
    FUZZ_ASSERT(n <= 4);
    FUZZ_ASSERT(memchr(s.reason, 0, sizeof s.reason) != NULL);
    FUZZ_ASSERT(status_json_head(&s, text, STATUS_JSON_HEAD_MAX) > 0);
    for (unsigned i = 0; i < n; i++) {
        FUZZ_ASSERT(memchr(sources[i].name, 0, sizeof sources[i].name) != NULL);
        FUZZ_ASSERT(status_json_source(&sources[i], s.at, i == 0, text, sizeof text) > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    uint8_t which = wire_get_u8(&r);
    struct fuzz_copy file = fuzz_rest(&r);

    switch (which % 7) {
    case 0:
        clock_state(file.data, file.len);
        break;
    case 1:
        cookies(file.data, file.len);
        break;
    case 2:
        mend_clock(&file);
        break;
    case 3:
        mend_cookies(&file);
        break;
    case 4:
        allowance(file.data, file.len);
        break;
    case 5:
        leap_seconds(file.data, file.len);
        break;
    default:
        status(file.data, file.len);
    }
    fuzz_copy_free(&file);
    return 0;
}
