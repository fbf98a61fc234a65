/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "common/base/addr.h"
#include "common/status/status_json.h"

#define SOURCES 3
#define MAX     (STATUS_JSON_HEAD_MAX + SOURCES * STATUS_JSON_SOURCE_MAX + STATUS_JSON_TAIL_MAX)

static struct status full_status(void)
{
    struct status s = {0};

    s.at.ns = 1795300000123456789;
    s.next.ns = 1795300064000000000;
    s.started.ns = 1795200000000000001;
    s.pid = 4294967295U;
    s.synchronized = true;
    s.monitor_only = true;
    s.offset_ns = -12345;
    s.bound_ns = 4567890;
    s.sd_s = 1.5e-05;
    s.frequency_ppm = -12.345678;
    s.wander = 1.25e-09;
    s.leap = 2;
    s.stratum = 15;
    s.last_step_by = STATUS_STEP_OTHER;
    s.last_step_at.ns = 1795290000000000000;
    s.last_step_ns = -9800000000;
    s.servers = 65535;
    s.agreeing = 4;
    s.steps = 3;
    s.foreign_changes = 4294967295U;
    strcpy(s.reason, "a \"reason\" with \\");
    return s;
}

static struct status_source full_source(void)
{
    struct status_source s = {0};

    strcpy(s.name, "time.example.net");
    s.ke_port = 4461;
    s.state = SOURCE_NAK_PENDING;
    s.has_ke_address = true;
    s.has_ntp_address = true;
    assert_true(addr_parse("192.0.2.7", 9, &s.ke));
    s.ke.port = 4461;
    assert_true(addr_parse("fe80::1%3", 9, &s.ntp));
    s.ntp.port = 123;
    s.fail = failure_make(STAGE_TLS_TIME, REASON_EXPIRED, -5);
    s.fail.not_before_s = 1700000000;
    s.fail.not_after_s = 1790000000;
    s.poll_log2s = -3;
    s.reach = 0377;
    s.stratum = 1;
    s.aead = 15;
    s.cookies = 8;
    s.selected = SELECT_FALSETICKER;
    s.off_ns = 1000000000;
    s.offset_ns = 999987655;
    s.bound_ns = 8000000;
    s.delay_ns = 15210000;
    s.next_poll.ns = 1795300031500000000;
    s.cert_not_after_s = 1799999999;
    s.answered_at.ns = 1795299990000000000;
    s.root_delay_ns = 15000;
    s.root_dispersion_ns = 30000;
    strcpy(s.reference, "GPS");
    s.stamps = STATUS_STAMPS_KERNEL;
    s.samples = 34;
    s.span_ns = 2176000000000;
    s.frequency_ppm = -12.5;
    s.frequency_sd_ppm = 0.0125;
    s.sd_s = 2.5e-05;
    s.keys_at.ns = 1795290000000000000;
    s.counts.queries = 120;
    s.counts.answers = 118;
    s.counts.key_exchanges = 2;
    s.counts.failures[STAGE_NAK] = 1;
    s.counts.failures[STAGE_NTP_TIMEOUT] = 2;
    return s;
}

static size_t write_all(const struct status *s, const struct status_source *sources, unsigned n,
                        char *buf)
{
    size_t used = status_json_head(s, buf, STATUS_JSON_HEAD_MAX);

    assert_true(used > 0);
    for (unsigned i = 0; i < n; i++) {
        size_t len =
            status_json_source(&sources[i], s->at, i == 0, buf + used, STATUS_JSON_SOURCE_MAX);

        assert_true(len > 0);
        used += len;
    }
    used += status_json_tail(buf + used, STATUS_JSON_TAIL_MAX);
    return used;
}

static void test_both_ways(void **state)
{
    static const struct status nothing = {.bound_ns = -1};
    static const struct status_source no_source = {.bound_ns = -1, .root_dispersion_ns = -1};
    const struct status all[] = {full_status(), nothing};
    const struct status_source sources[SOURCES] = {full_source(), no_source, full_source()};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned n = 0; n <= SOURCES; n++) {
            struct status_source back[SOURCES];
            char text[MAX];
            size_t len = write_all(&all[i], sources, n, text);
            struct status s;
            unsigned found;

            assert_true(status_json_read(text, len, &s, back, SOURCES, &found));
            assert_int_equal(found, n);
            assert_memory_equal(&s, &all[i], sizeof s);
            assert_memory_equal(back, sources, n * sizeof back[0]);
            if (n > 0)
                assert_false(status_json_read(text, len, &s, back, n - 1, &found));
        }
    }
}

/*
 * Every member by its place, none left out: the compiler complains here when there is a new one,
 * and the comparison when status_fields.c does not know it.
 */
static void test_every_member(void **state)
{
    static const struct status all = {{1}, {2}, {3}, 4,   true, true, 5,  6,     0.5, 1.5, 2.5,
                                      1,   2,   1,   {7}, 8,    9,    10, "why", 11,  12};
    static const struct status_source source = {
        "name",
        1,
        SOURCE_KE,
        true,
        true,
        {.family = 4, .port = 1, .addr = {192, 0, 2, 1}},
        {.family = 4, .port = 2, .addr = {192, 0, 2, 2}},
        {.stage = STAGE_CONNECT, .reason = REASON_REFUSED, .code = 3},
        4,
        5,
        6,
        15,
        8,
        SELECT_SELECTED,
        9,
        10,
        11,
        12,
        {13},
        14,
        30,
        {15},
        16,
        17,
        "PPS",
        STATUS_STAMPS_PROGRAM,
        18,
        19,
        20.5,
        21.5,
        22.5,
        {23},
        {24, 25, 26, {0, 27, 28, 29}}};
    struct status_source back_source;
    struct status back;
    char text[MAX];
    size_t len = write_all(&all, &source, 1, text);
    unsigned found;

    (void)state;
    assert_true(status_json_read(text, len, &back, &back_source, 1, &found));
    assert_memory_equal(&back, &all, sizeof back);
    assert_memory_equal(&back_source, &source, sizeof source);
}

/* The names are an interface: nobody changes them by chance. */
static void test_text(void **state)
{
    static const char right[] =
        "{\"schema\":1,\"written_at\":1795300000.123456789,\"fresh_until\":1795300064.000000000,"
        "\"started_at\":1795200000.000000001,\"pid\":4294967295,\"synchronized\":true,"
        "\"reason\":\"a \\\"reason\\\" with \\\\\",\"monitor_only\":true,"
        "\"offset_s\":-0.000012345,\"bound_s\":0.004567890,\"sd_s\":1.5e-05,"
        "\"frequency_ppm\":-12.345678,\"wander\":1.25e-09,\"leap\":2,\"stratum\":15,"
        "\"last_step_by\":\"other\",\"last_step_at\":1795290000.000000000,"
        "\"last_step_s\":-9.800000000,\"servers\":65535,\"agreeing\":4,\"steps\":3,"
        "\"foreign_changes\":4294967295,\n\"sources\":[\n"
        "{\"name\":\"time.example.net\",\"ke_port\":4461,\"state\":\"nak-pending\","
        "\"selected\":\"falseticker\",\"ke_address\":\"192.0.2.7\",\"ntp_address\":\"fe80::1%3\","
        "\"ntp_port\":123,\"offset_s\":0.999987655,\"difference_s\":1.000000000,"
        "\"bound_s\":0.008000000,\"delay_s\":0.015210000,\"stratum\":1,\"poll_log2s\":-3,"
        "\"reach\":255,\"aead\":15,\"cookies\":8,\"next_poll_at\":1795300031.500000000,"
        "\"cert_not_after\":1799999999,\"began_anew\":0,"
        "\"answered_at\":1795299990.000000000,"
        "\"root_delay_s\":0.000015000,\"root_dispersion_s\":0.000030000,"
        "\"reference\":\"GPS\",\"stamps\":\"kernel\",\"samples\":34,"
        "\"span_s\":2176.000000000,\"frequency_ppm\":-12.5,\"frequency_sd_ppm\":0.0125,"
        "\"sd_s\":2.5e-05,\"keys_at\":1795290000.000000000,\"queries\":120,\"answers\":118,"
        "\"key_exchanges\":2,\"word\":\"false\",\"failures\":{\"ntp-timeout\":2,\"nak\":1},"
        "\"error\":{\"stage\":\"tls-time\",\"reason\":";
    const struct status s = full_status();
    const struct status_source source = full_source();
    char text[MAX];
    size_t len = write_all(&s, &source, 1, text);

    (void)state;
    assert_true(len > sizeof right);
    assert_non_null(
        strstr(text, ",\"code\":-5,\"cert_not_before\":1700000000,"
                     "\"cert_not_after\":1790000000,\"cert_of\":null,\"text\":\"certificate"));
    text[sizeof right - 1] = 0;
    assert_string_equal(text, right);
}

static void test_reference(void **state)
{
    static const struct {
        uint8_t stratum;
        uint32_t id;
        const char *text;
    } cases[] = {
        {1, 0x47505300, "GPS"},      {1, 0x50545020, "50545020"},  {1, 0x44434661, "DCFa"},
        {1, 0x7f7f0101, "7F7F0101"}, {1, 0, "00000000"},           {2, 0x47505300, "47505300"},
        {1, 0x47005053, "47005053"}, {15, 0xffffffff, "FFFFFFFF"},
    };
    char text[STATUS_REFERENCE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        status_reference_text(cases[i].stratum, cases[i].id, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_what_is_not_known(void **state)
{
    struct status s = full_status(), back;
    struct status_source one[1];
    char text[MAX];
    unsigned n;
    size_t len;

    (void)state;
    s.sd_s = (double)INFINITY;
    s.wander = (double)NAN;
    s.bound_ns = -5;
    len = write_all(&s, NULL, 0, text);
    assert_non_null(strstr(text, "\"offset_s\":null,\"bound_s\":null,\"sd_s\":null"));
    assert_true(status_json_read(text, len, &back, one, 1, &n));
    assert_int_equal(back.bound_ns, -1);
    assert_int_equal(back.offset_ns, 0);
    assert_true(back.sd_s >= 0 && back.sd_s <= 0);
}

/* The longest of everything fits the sizes that the header promises. */
static void test_longest(void **state)
{
    struct status s = full_status();
    struct status_source sources[SOURCES];
    char text[MAX];

    (void)state;
    memset(s.reason, '"', sizeof s.reason - 1);
    s.at.ns = s.next.ns = s.started.ns = s.last_step_at.ns = s.last_step_ns = INT64_MIN;
    s.frequency_ppm = s.sd_s = s.wander = -1.23456789e-300;
    for (unsigned i = 0; i < SOURCES; i++) {
        sources[i] = full_source();
        memset(sources[i].name, '\\', NTS_NAME_MAX);
        sources[i].off_ns = sources[i].offset_ns = sources[i].delay_ns = INT64_MIN;
        sources[i].answered_at.ns = sources[i].keys_at.ns = sources[i].root_delay_ns = INT64_MIN;
        sources[i].span_ns = INT64_MIN;
        sources[i].root_dispersion_ns = INT64_MAX;
        sources[i].frequency_ppm = sources[i].frequency_sd_ppm = sources[i].sd_s = -1.23456789e-300;
        memset(&sources[i].counts, 0xff, sizeof sources[i].counts);
        memset(sources[i].reference, '"', STATUS_REFERENCE - 1);
    }
    (void)write_all(&s, sources, SOURCES, text);
    for (uint16_t reason = 0; reason < REASON_COUNT; reason++) {
        for (uint16_t stage = 1; stage < STAGE_COUNT; stage++) {
            sources[0].fail = failure_make(stage, reason, INT32_MIN);
            sources[0].fail.not_before_s = sources[0].fail.not_after_s = INT64_MIN;
            memset(sources[0].fail.detail, '"', FAILURE_DETAIL_MAX);
            (void)write_all(&s, sources, 1, text);
        }
    }
}

static void test_too_small(void **state)
{
    const struct status s = full_status();
    const struct status_source source = full_source();
    char text[MAX];
    size_t head = status_json_head(&s, text, sizeof text);
    size_t one = status_json_source(&source, s.at, true, text, sizeof text);

    (void)state;
    for (size_t cap = 0; cap <= head; cap++) {
        char *exact = malloc(cap + 1);

        assert_non_null(exact);
        assert_int_equal(status_json_head(&s, exact, cap), 0);
        free(exact);
    }
    for (size_t cap = 0; cap <= one; cap++)
        assert_int_equal(status_json_source(&source, s.at, true, text, cap), 0);
    assert_int_equal(status_json_tail(text, 4), 0);
    assert_int_equal(status_json_tail(text, 5), 4);
}

static bool read_copy(const char *text, size_t len)
{
    uint8_t *copy = test_exact(text, len);
    struct status_source back[SOURCES];
    struct status s;
    unsigned n = 99;
    bool good = status_json_read((const char *)copy, len, &s, back, SOURCES, &n);

    assert_true(n <= SOURCES);
    assert_true(memchr(s.reason, 0, sizeof s.reason) != NULL);
    for (unsigned i = 0; good && i < n && i < SOURCES; i++) {
        assert_non_null(memchr(back[i].name, 0, sizeof back[i].name));
        assert_true(back[i].state < SOURCE_STATES && back[i].selected <= SELECT_SELECTED &&
                    back[i].fail.stage < STAGE_COUNT);
    }
    free(copy);
    return good;
}

static void test_torn_and_flipped(void **state)
{
    const struct status s = full_status();
    const struct status_source sources[2] = {full_source(), full_source()};
    char text[MAX];
    size_t len = write_all(&s, sources, 2, text);
    unsigned refused = 0;

    (void)state;
    assert_true(read_copy(text, len));
    assert_true(read_copy(text, len - 1)); /* only the line end */
    for (size_t cut = 0; cut < len - 1; cut++)
        assert_false(read_copy(text, cut));
    for (size_t bit = 0; bit < len * 8; bit++) {
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        refused += read_copy(text, len) ? 0 : 1;
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
    }
    assert_true(refused > len * 2);
    assert_true(read_copy(text, len));
}

static void test_by_hand(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"{\"schema\":1}", true},
        {"{\"sources\":[],\"schema\":1}", true},
        {"{\"schema\":1,\"new\":{\"a\":[1,{\"pid\":\"x\"}]},\"sources\":[{\"new\":[]}]}", true},
        {"{\"schema\":1,\"pid\":null,\"bound_s\":null,\"reason\":null}", true},
        {"{\"schema\":1,\"sources\":[{\"error\":{\"new\":{}}}]}", true},
        {"{\"schema\":1,\"sources\":[{\"failures\":{\"new\":1,\"nak\":4294967295}}]}", true},
        {"{\"schema\":1,\"sources\":[{\"failures\":{\"nak\":4294967296}}]}", false},
        {"{\"schema\":1,\"sources\":[{\"failures\":{\"nak\":-1}}]}", false},
        {"{\"schema\":1,\"sources\":[{\"failures\":{\"nak\":{}}}]}", false},
        {"{\"schema\":1,\"sources\":[{\"failures\":[]}]}", false},
        {"{\"schema\":1,\"sources\":[{\"failures\":null}]}", false},
        {"{\"schema\":1,\"sources\":[{\"stamps\":\"hardware\"}]}", false},
        {"{\"schema\":1,\"sources\":[{\"error\":null}]}", true},
        {"{}", false},
        {"[]", false},
        {"{\"schema\":2}", false},
        {"{\"schema\":\"1\"}", false},
        {"{\"schema\":1}x", false},
        {"{\"schema\":1,\"pid\":-1}", false},
        {"{\"schema\":1,\"pid\":4294967296}", false},
        {"{\"schema\":1,\"pid\":\"1\"}", false},
        {"{\"schema\":1,\"synchronized\":1}", false},
        {"{\"schema\":1,\"synchronized\":null}", false},
        {"{\"schema\":1,\"bound_s\":-1}", false},
        {"{\"schema\":1,\"offset_s\":1e3}", false},
        {"{\"schema\":1,\"last_step_by\":\"me\"}", false},
        {"{\"schema\":1,\"sources\":{}}", false},
        {"{\"schema\":1,\"sources\":[1]}", false},
        {"{\"schema\":1,\"sources\":[{\"poll_log2s\":128}]}", false},
        {"{\"schema\":1,\"sources\":[{\"ke_address\":\"localhost\"}]}", false},
        {"{\"schema\":1,\"sources\":[{\"error\":\"bad\"}]}", false},
        {"{\"schema\":1,\"sources\":[{\"error\":{\"stage\":\"?\"}}]}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (read_copy(cases[i].text, strlen(cases[i].text)) != cases[i].good)
            fail_msg("%s was %s", cases[i].text, cases[i].good ? "refused" : "taken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_every_member),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_too_small),
        cmocka_unit_test(test_torn_and_flipped),
        cmocka_unit_test(test_by_hand),
    };

    return cmocka_run_group_tests_name("status_json", tests, NULL, NULL);
}
