/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/status/json.h"

/* Reads all; one letter a token, "!" where it is bad. A token costs at least one octet. */
static void shape(const char *text, size_t len, char *buf, size_t cap)
{
    static const char letters[] = "!.{}[]ksntf0";
    uint8_t *copy = test_exact(text, len);
    struct json_token t;
    struct json j;
    size_t n = 0;

    json_init(&j, (const char *)copy, len);
    do {
        t = json_next(&j);
        assert_true(n + 1 < cap && n <= len);
        assert_true(t.text >= (const char *)copy && t.text + t.len <= (const char *)copy + len);
        buf[n++] = letters[t.type];
    } while (t.type != JSON_BAD && t.type != JSON_END);
    assert_int_equal(json_next(&j).type, t.type); /* and it stays so */
    buf[n] = 0;
    free(copy);
}

static void test_shapes(void **state)
{
    static const struct {
        const char *text, *shape;
    } cases[] = {
        {"{}", "{}."},
        {" [ ] ", "[]."},
        {"\"a\"", "s."},
        {"-0.5e+7", "n."},
        {"{\"a\":1,\"b\":[true,false,null,{}],\"c\":{\"d\":\"\"}}", "{knk[tf0{}]k{ks}}."},
        {"[[[[[[[[]]]]]]]]", "[[[[[[[[]]]]]]]]."},
        {"[[[[[[[[[]]]]]]]]]", "[[[[[[[[!"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "s."},
        {"", "!"},
        {"{", "{!"},
        {"{]", "{!"},
        {"[}", "[!"},
        {"[1,]", "[n!"},
        {"[,1]", "[!"},
        {"[1 2]", "[n!"},
        {"{\"a\"}", "{!"},
        {"{\"a\":}", "{k!"},
        {"{\"a\":1,}", "{kn!"},
        {"{,\"a\":1}", "{!"},
        {"{\"a\":1 \"b\":2}", "{kn!"},
        {"{1:2}", "{!"},
        {"[1:2]", "[n!"},
        {"{} {}", "{}!"},
        {"{},", "{}!"},
        {"]", "!"},
        {"01", "n!"},
        {"-", "!"},
        {"+1", "!"},
        {"1.", "!"},
        {".1", "!"},
        {"1e", "!"},
        {"truth", "!"},
        {"tru", "!"},
        {"truefalse", "t!"},
        {"NaN", "!"},
        {"\"a", "!"},
        {"\"a\\", "!"},
        {"\"a\\\"", "!"},
        {"\"\\x\"", "!"},
        {"\"\\u12\"", "!"},
        {"\"\\u12g4\"", "!"},
        {"\"\n\"", "!"},
        {"\"\x7f\"", "!"},
        {"\"\xc3\xa9\"", "!"},
        {"'a'", "!"},
        {"/* */1", "!"},
    };
    char got[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        shape(cases[i].text, strlen(cases[i].text), got, sizeof got);
        if (strcmp(got, cases[i].shape) != 0)
            fail_msg("%s: %s instead of %s", cases[i].text, got, cases[i].shape);
    }
    shape("\"a\0b\"", 5, got, sizeof got);
    assert_string_equal(got, "!");
}

static struct json_token first(const char *text)
{
    struct json j;

    json_init(&j, text, strlen(text));
    return json_next(&j);
}

static void test_text(void **state)
{
    char buf[16];

    (void)state;
    assert_true(json_text(first("\"a\\\"\\\\\\/\\n\\u0041\\u00e9\\t\""), buf, sizeof buf));
    assert_string_equal(buf, "a\"\\/\nA?\t");
    assert_true(json_text(first("\"123456789012345\""), buf, sizeof buf));
    assert_false(json_text(first("\"1234567890123456\""), buf, sizeof buf));
    assert_false(json_text(first("\"\\u0000\""), buf, sizeof buf));
    assert_false(json_text(first("\"\""), buf, 0));
    assert_true(json_text(first("\"\""), buf, 1));
    assert_false(json_text(first("12"), buf, sizeof buf));
    assert_true(json_is(first("\"abc\""), "abc"));
    assert_false(json_is(first("\"abc\""), "ab"));
    assert_false(json_is(first("\"abc\""), "abcd"));
    assert_false(json_is(first("12"), "12"));
}

static void test_skip(void **state)
{
    static const char text[] = "[1,[2,{\"a\":[3]},4],\"x\",{},5]";
    struct json j;
    int values = 0;

    (void)state;
    json_init(&j, text, sizeof text - 1);
    assert_int_equal(json_next(&j).type, JSON_ARRAY);
    for (struct json_token t; (t = json_next(&j)).type != JSON_ARRAY_END; values++)
        assert_true(json_skip(&j, t));
    assert_int_equal(values, 5);
    assert_int_equal(json_next(&j).type, JSON_END);
    json_init(&j, "[1,[2", 5);
    assert_false(json_skip(&j, json_next(&j)));
}

/* Random text from the characters that mean something: it ends, within its bounds. */
static void test_any_text(void **state)
{
    static const char alphabet[] = "{{}}[[]],,::\"\"\\\"u0019.-eE+ tfn";
    uint64_t seed = 3;
    unsigned good = 0;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        char text[24], got[32];
        size_t len = test_below(&seed, sizeof text);

        for (size_t k = 0; k < len; k++)
            text[k] = alphabet[test_random(&seed) % (sizeof alphabet - 1)];
        shape(text, len, got, sizeof got);
        good += got[strlen(got) - 1] == '.' ? 1 : 0;
    }
    assert_true(good > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_any_text),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
