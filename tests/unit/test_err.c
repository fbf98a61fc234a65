/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "common/base/err.h"

/* 2026-11-21T12:00:00Z */
static const struct wall now = {INT64_C(1795262400) * NS_PER_S};

static void stage_names(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < STAGE_COUNT; i++) {
        const char *name = failure_stage_name(i);

        assert_true(strlen(name) > 0);
        for (size_t k = 0; name[k] != '\0'; k++)
            assert_true(islower((unsigned char)name[k]) || name[k] == '-');
        for (uint16_t k = 0; k < i; k++)
            assert_string_not_equal(name, failure_stage_name(k));
    }
    assert_string_equal(failure_stage_name(STAGE_TLS_TIME), "tls-time");
    assert_string_equal(failure_stage_name(STAGE_COUNT), "?");
    assert_string_equal(failure_stage_name(UINT16_MAX), "?");
}

/* One line of plain characters that says something and, but for STAGE_OK, what to do. */
static void check_text(const struct failure *f)
{
    char buf[512];
    size_t n;

    failure_text(f, now, buf, sizeof buf);
    n = strlen(buf);
    if (n < 10 || n > 240 || strchr(buf, '?') != NULL || strstr(buf, "null") != NULL ||
        (f->stage != STAGE_OK && strstr(buf, ": ") == NULL))
        fail_msg("stage %u reason %u: %s", f->stage, f->reason, buf);
    for (size_t i = 0; i < n; i++)
        assert_true(buf[i] >= ' ' && buf[i] < 0x7f);
}

/* Also the combinations that do not occur: two processes may be of different builds. */
static void every_stage_and_reason(void **state)
{
    const int32_t codes[] = {0,  -1, 1,  2,   4,   9,   11,  40,  47,         50,        51,
                             70, 71, 80, 109, 112, 116, 120, 256, 0x52415445, INT32_MAX, INT32_MIN};

    (void)state;
    for (uint16_t stage = 0; stage <= STAGE_COUNT; stage++) {
        for (uint16_t reason = 0; reason <= REASON_COUNT; reason++) {
            for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
                struct failure f = failure_make(stage, reason, codes[i]);

                check_text(&f);
                f.not_before_s = 1, f.not_after_s = 2000000000;
                check_text(&f);
                f.not_before_s = INT64_MIN, f.not_after_s = INT64_MAX;
                check_text(&f);
            }
        }
    }
    for (int32_t code = -200; code < 200; code++) {
        struct failure f = failure_make(STAGE_LOCAL, REASON_SYSTEM, code);

        check_text(&f);
    }
}

/* Each reason says something of its own. */
static void reasons_differ(void **state)
{
    static char text[REASON_COUNT][512];

    (void)state;
    for (uint16_t i = 1; i < REASON_COUNT; i++) {
        struct failure f = {.stage = STAGE_TLS, .reason = i};

        failure_text(&f, now, text[i], sizeof text[i]);
        for (uint16_t k = 1; k < i; k++)
            assert_string_not_equal(text[i], text[k]);
    }
}

static void expect(struct failure f, const char *part)
{
    char buf[512];

    failure_text(&f, now, buf, sizeof buf);
    if (strstr(buf, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", buf, part);
}

static void words(void **state)
{
    struct failure f = failure_make(STAGE_TLS_TIME, REASON_EXPIRED, 0);

    (void)state;
    f.not_before_s = 1700000000, f.not_after_s = 1767312000;
    expect(f, "certificate expired on 2026-01-02 00:00:00 UTC (this clock says 2026-11-21");
    f = failure_make(STAGE_TLS_TIME, REASON_NOT_YET_VALID, 0);
    f.not_before_s = 1830297600, f.not_after_s = 1900000000;
    expect(f, "not valid before 2028-01-01 00:00:00 UTC (this clock says 2026-11-21");
    expect(failure_make(STAGE_TLS_TIME, REASON_EXPIRED, 0),
           "certificate expired (this clock says 2026-11-21 ");
    expect(failure_make(STAGE_LOCAL, REASON_SYSTEM, EACCES), "(permission denied)");
    expect(failure_make(STAGE_LOCAL, REASON_CHILD_DIED, 0), "a helper process of ntsc died before");
    expect(failure_make(STAGE_LOCAL, REASON_CHILD_DIED, 11), "(signal 11)");
    expect(failure_make(STAGE_LOCAL, REASON_CHILD_DIED, 3 << 8), "(exit status 3)");
    expect(failure_make(STAGE_LOCAL, REASON_NONSENSE, 5), "makes no sense; octets: 5");
    expect(failure_make(STAGE_CONNECT, REASON_TIMEOUT, 0), "while connecting");
    expect(failure_make(STAGE_TLS, REASON_TIMEOUT, 0), "during the TLS handshake");
    expect(failure_make(STAGE_TLS, REASON_ALERT, 120), "120 (no application protocol in common)");
    expect(failure_make(STAGE_KE_RECORD, REASON_MISSING, 5), "5 (New Cookie)");
    expect(failure_make(STAGE_KE_RECORD, REASON_MALFORMED, 999), "record 999:");
    expect(failure_make(STAGE_KE_ERROR, REASON_KE_ERROR, 1), "1 (bad request)");
    expect(failure_make(STAGE_KISS, REASON_NONE, 0x52415445), "RATE");
    expect(failure_make(STAGE_KISS, REASON_NONE, 0x0a3f4100), "..A.");
    expect(failure_make(STAGE_NTP_SANITY, REASON_STRATUM, 16), "16");
    expect(failure_make(STAGE_NTP_SANITY, REASON_ROOT_DISTANCE, 1700), "(1700 ms)");
}

/* Who is silent is not always who was asked. */
static void named_by_key_establishment(void **state)
{
    struct failure f = failure_make(STAGE_NTP_TIMEOUT, REASON_TIMEOUT, 0);

    (void)state;
    strcpy(f.detail, "NTP server 192.0.2.7 port 123, named by key establishment");
    expect(f, "during the NTP query (NTP server 192.0.2.7 port 123, named by key establishment): ");
    f.stage = STAGE_CONNECT;
    f.reason = REASON_UNREACHABLE;
    expect(f, "no route to the server (NTP server 192.0.2.7 port 123, named by");
    f.reason = REASON_REFUSED;
    f.detail[0] = 0;
    expect(f, "connection refused: ");
}

/* Against the C library, over leap years, centuries and both ends. */
static void dates(void **state)
{
    const int64_t at[] = {0,          -1,         951782400,   951868799,
                          951868800,  4107542399, 4107542400,  2085978496,
                          2147483648, 4294967296, -2203891200, 253402300799};
    uint64_t seed = 5;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        struct failure f = failure_make(STAGE_TLS_TIME, REASON_EXPIRED, 0);
        char date[32], part[64];
        struct tm tm;
        time_t t = i < sizeof at / sizeof at[0]
                       ? (time_t)at[i]
                       : (time_t)(test_random(&seed) % 253402300800) - (time_t)5000000000;

        f.not_before_s = 1, f.not_after_s = t;
        assert_non_null(gmtime_r(&t, &tm));
        strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S UTC", &tm);
        snprintf(part, sizeof part, "expired on %s (", date);
        expect(f, part);
    }
}

/* A short buffer cuts the line off; it is ended, and nothing behind it is written. */
static void short_buffers(void **state)
{
    struct failure f = failure_make(STAGE_TLS_TIME, REASON_EXPIRED, 0);
    char whole[512];
    size_t n;

    (void)state;
    failure_text(&f, now, whole, sizeof whole);
    n = strlen(whole);
    for (size_t size = 0; size <= n + 1; size++) {
        char buf[512];

        memset(buf, 'x', sizeof buf);
        failure_text(&f, now, buf, size);
        for (size_t i = size; i < sizeof buf; i++)
            assert_int_equal(buf[i], 'x');
        if (size > 0) {
            assert_int_equal(strlen(buf), size - 1);
            assert_memory_equal(buf, whole, size - 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_names),
        cmocka_unit_test(every_stage_and_reason),
        cmocka_unit_test(reasons_differ),
        cmocka_unit_test(words),
        cmocka_unit_test(named_by_key_establishment),
        cmocka_unit_test(dates),
        cmocka_unit_test(short_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
