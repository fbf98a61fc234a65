/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "common/status/json.h"
#include "common/status/json_write.h"
#include "tests/unit/test.h"

static size_t write_all(char *buf, size_t cap)
{
    const struct net_addr none = {.family = 0};
    const struct net_addr v4 = {.family = 4, .port = 1, .addr = {192, 0, 2, 1}};
    struct json_out o = json_out_in(buf, cap);

    json_put_raw(&o, "{");
    json_put_null(&o, "a");
    json_put_bool(&o, "b", true);
    json_put_bool(&o, "c", false);
    json_put_int(&o, "d", INT64_MIN);
    json_put_ns(&o, "e", -1);
    json_put_ns(&o, "f", INT64_MIN);
    json_put_real(&o, "g", 1.5e-30);
    json_put_real(&o, "h", (double)NAN);
    json_put_real(&o, "i", (double)INFINITY);
    json_put_text(&o, "j", "say \"\\\x7f\n\xff", 100);
    json_put_text(&o, "k", "cut here", 3);
    json_put_address(&o, "l", &none);
    json_put_address(&o, "m", &v4);
    json_put_key(&o, "n");
    json_put_raw(&o, "[");
    json_put_int(&o, NULL, 1);
    json_put_text(&o, NULL, "", 1);
    json_put_raw(&o, "]}");
    return json_out_end(&o);
}

static const char right[] =
    "{\"a\":null,\"b\":true,\"c\":false,\"d\":-9223372036854775808,\"e\":-0.000000001,"
    "\"f\":-9223372036.854775808,\"g\":1.5e-30,\"h\":null,\"i\":null,\"j\":\"say \\\"\\\\???\","
    "\"k\":\"cut\",\"l\":null,\"m\":\"192.0.2.1\",\"n\":[1,\"\"]}";

static void every_kind(void **state)
{
    char buf[512];

    (void)state;
    assert_int_equal(write_all(buf, sizeof buf), sizeof right - 1);
    assert_string_equal(buf, right);
}

/* What was written is JSON, and says what was put in. */
static void read_back(void **state)
{
    struct json_token t;
    struct json j;
    unsigned n = 0;

    (void)state;
    json_init(&j, right, sizeof right - 1);
    while ((t = json_next(&j)).type != JSON_END) {
        assert_true(t.type != JSON_BAD);
        n++;
    }
    assert_in_range(n, 30, 40);
}

/* Whatever room there is: all of it or nothing, and never an octet beyond. */
static void any_room(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < sizeof right + 2; cap++) {
        char *buf = malloc(cap + 1);
        size_t n;

        assert_non_null(buf);
        buf[cap] = 'x';
        n = write_all(buf, cap);
        assert_int_equal(n, cap >= sizeof right ? sizeof right - 1 : 0);
        assert_int_equal(buf[cap], 'x');
        free(buf);
    }
}

static void quoted(void **state)
{
    static const char hostile[] = "a\"}\\\x1b[2J\r\n";
    char buf[JSON_QUOTED(sizeof hostile)];

    (void)state;
    json_quoted(hostile, sizeof hostile, buf, sizeof buf);
    assert_string_equal(buf, "a\\\"}\\\\?[2J??");
    json_quoted(hostile, 1, buf, sizeof buf);
    assert_string_equal(buf, "a");
    /* An escape is never cut in two. */
    json_quoted(hostile, sizeof hostile, buf, 3);
    assert_string_equal(buf, "a");
    json_quoted(hostile, sizeof hostile, buf, 4);
    assert_string_equal(buf, "a\\\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind), cmocka_unit_test(read_back),
                                       cmocka_unit_test(any_room), cmocka_unit_test(quoted)};

    return cmocka_run_group_tests_name("json_write", tests, NULL, NULL);
}
