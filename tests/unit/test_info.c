/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ntsc -i prints: info/NAME.json as info/CASE.txt has it. */
#include "tests/unit/golden.h"

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "client/info/info.h"
#include "client/info/info_parts.h"

#define NOW (INT64_C(1795300012) * NS_PER_S)

struct output {
    int status;
    char *out, *err;
};

static struct output show_as(const char *name, const struct info_view *v)
{
    struct output o;
    char path[512];
    size_t n;
    FILE *out = open_memstream(&o.out, &n), *err = open_memstream(&o.err, &n);

    assert_true(out != NULL && err != NULL);
    snprintf(path, sizeof path, "%s/%s.json", NTSC_INFO_DIR, name);
    o.status = info_show(out, err, path, v);
    fclose(out);
    fclose(err);
    return o;
}

static struct output show(const char *name, enum info_format format, int64_t now, unsigned width)
{
    return show_as(name, &(struct info_view){.format = format, .now = {now}, .width = width});
}

static void drop(struct output *o)
{
    free(o->out);
    free(o->err);
}

/* The last line, and one line only. */
static void check_legend(const char *out)
{
    const char *legend = strstr(out, "\n\n+/- bound");

    if (legend == NULL)
        assert_non_null(strstr(out, "\nno servers\n"));
    else
        assert_string_equal(strchr(legend + 2, '\n'), "\n");
}

static void test_tables(void **state)
{
    static const char *const names[] = {"running", "starting", "coasting", "watching"};
    static const int statuses[] = {0, 1, 0, 1};
    static const unsigned widths[] = {40, 80, 132};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t w = 0; w < 3; w++) {
            struct output o = show(names[i], INFO_TEXT, NOW, widths[w]);
            char expected[64];

            snprintf(expected, sizeof expected, "%s-%u", names[i], widths[w]);
            golden_expect(expected, o.out);
            golden_width(o.out, widths[w]);
            assert_string_equal(o.err, "");
            if (widths[w] >= 80)
                check_legend(o.out);
            assert_int_equal(o.status, statuses[i]);
            drop(&o);
        }
    }
}

/* -v: all that is known of each server. */
static void test_details(void **state)
{
    static const char *const names[] = {"running", "starting"};
    static const unsigned widths[] = {40, 80, 132};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t w = 0; w < 3; w++) {
            struct output o = show_as(names[i], &(struct info_view){.format = INFO_TEXT,
                                                                    .now = {NOW},
                                                                    .width = widths[w],
                                                                    .verbose = true});
            char expected[64];

            snprintf(expected, sizeof expected, "%s-v-%u", names[i], widths[w]);
            golden_expect(expected, o.out);
            golden_width(o.out, widths[w]);
            drop(&o);
        }
    }
}

/* Colour marks what is wrong and what is right, and changes nothing else. */
static void test_colour(void **state)
{
    static const char *const names[] = {"running", "starting", "coasting", "watching"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct output plain = show(names[i], INFO_TEXT, NOW, 80);
        struct output o = show_as(
            names[i],
            &(struct info_view){.format = INFO_TEXT, .now = {NOW}, .width = 80, .colour = true});
        char *to = o.out;
        unsigned n = 0;

        assert_null(strchr(plain.out, '\033'));
        for (const char *from = o.out; *from != 0;) {
            if (*from == '\033') {
                size_t len = strcspn(from, "m");

                assert_true(from[1] == '[' && strspn(from + 2, "0123456789;") == len - 2);
                from += len + 1;
                n++;
            } else {
                *to++ = *from++;
            }
        }
        *to = 0;
        assert_true(n >= 2 && n % 2 == 0); /* each is ended */
        assert_string_equal(o.out, plain.out);
        drop(&o);
        drop(&plain);
    }
}

/* Every width gives lines that fit, down to where name and state find no place any more. */
static void test_widths(void **state)
{
    (void)state;
    for (unsigned width = 32; width < 200; width++) {
        struct output o = show("running", INFO_TEXT, NOW, width);

        golden_width(o.out, width);
        drop(&o);
    }
    for (unsigned width = 0; width < 32; width++) {
        struct output o = show("running", INFO_TEXT, NOW, width);

        assert_int_equal(o.status, 0);
        drop(&o);
    }
}

static void test_stale(void **state)
{
    struct output o = show("running", INFO_TEXT, NOW + 5000 * NS_PER_S, 80);

    (void)state;
    golden_expect("stale-80", o.out);
    assert_int_equal(o.status, 3);
    drop(&o);
    o = show("running", INFO_TEXT, NOW - 5000 * NS_PER_S, 80);
    golden_expect("future-80", o.out);
    assert_int_equal(o.status, 3);
    drop(&o);
}

static void test_no_status(void **state)
{
    struct output o = show("no-such", INFO_TEXT, NOW, 80);

    (void)state;
    assert_int_equal(o.status, 3);
    assert_string_equal(o.out, "");
    assert_non_null(strstr(o.err, "/no-such.json is not there: the daemon does not run\n"));
    drop(&o);
    o = show("no-such/x", INFO_JSON, NOW, 80);
    assert_int_equal(o.status, 3);
    assert_string_equal(o.out, "");
    drop(&o);
    o = show("../test_info.c/x", INFO_TEXT, NOW, 80);
    assert_int_equal(o.status, 3);
    assert_non_null(strstr(o.err, "Not a directory"));
    drop(&o);
}

static void test_json(void **state)
{
    struct output o = show("starting", INFO_JSON, NOW, 80);
    char *file = golden_read(NTSC_INFO_DIR "/starting.json");

    (void)state;
    assert_string_equal(o.out, file);
    assert_int_equal(o.status, 1);
    assert_string_equal(o.err, "");
    drop(&o);
    o = show("starting", INFO_JSON, NOW + 5000 * NS_PER_S, 80);
    assert_string_equal(o.out, file);
    assert_int_equal(o.status, 3);
    assert_non_null(strstr(o.err, "ntsc: the status is stale: a new one was due"));
    drop(&o);
    free(file);
}

/* A word for each way to be. */
static void test_words(void **state)
{
    char word[INFO_WORD];

    (void)state;
    for (unsigned st = 0; st < SOURCE_STATES; st++) {
        for (unsigned sel = 0; sel <= SELECT_SELECTED; sel++) {
            for (uint16_t stage = 0; stage < STAGE_COUNT; stage++) {
                struct status_source s = {.state = (enum source_state)st,
                                          .selected = (enum select_state)sel,
                                          .off_ns = INT64_MIN,
                                          .fail = failure_make(stage, REASON_NONE, 0)};

                info_state_word(&s, word);
                assert_true(strlen(word) >= 6);
                assert_int_equal(strcmp(word, "refused") == 0, st == SOURCE_REFUSED);
                if (st != SOURCE_REFUSED)
                    assert_int_equal(strcmp(word, "selected") == 0, sel == SELECT_SELECTED);
            }
        }
    }
}

/* The rules of OpenMetrics 1.0 for what is a family, for the line that `p` is at. */
struct family {
    char name[80];
    bool typed, helped, sampled, counter;
    char unit[16];
};

static const char *check_name(const char *p, char *name, size_t cap)
{
    size_t n = 0;

    assert_true(isalpha((unsigned char)*p) || *p == '_');
    while (isalnum((unsigned char)*p) || *p == '_') {
        assert_true(n + 1 < cap);
        name[n++] = *p++;
    }
    name[n] = 0;
    return p;
}

/* {name="value",...} */
static const char *check_labels(const char *p)
{
    char name[32];

    assert_int_equal(*p++, '{');
    for (;;) {
        p = check_name(p, name, sizeof name);
        assert_int_equal(*p++, '=');
        assert_int_equal(*p++, '"');
        for (; *p != '"'; p++) {
            assert_true(*p != 0 && *p != '\n');
            if (*p == '\\') {
                p++;
                assert_true(*p == '"' || *p == '\\' || *p == 'n');
            }
        }
        p++;
        if (*p == '}')
            return p + 1;
        assert_int_equal(*p++, ',');
    }
}

static void check_comment(const char *line, struct family *f, char seen[][80], size_t *n)
{
    char word[8], name[80], rest[160];

    assert_int_equal(sscanf(line, "# %7s %79s %159[^\n]", word, name, rest), 3);
    if (strcmp(word, "TYPE") == 0) {
        assert_true(strcmp(rest, "gauge") == 0 || strcmp(rest, "counter") == 0);
        for (size_t i = 0; i < *n; i++)
            assert_string_not_equal(seen[i], name); /* each family in one piece */
        *f = (struct family){.typed = true, .counter = rest[0] == 'c'};
        strcpy(f->name, name);
        strcpy(seen[(*n)++], name);
    }
    assert_string_equal(f->name, name);
    assert_true(f->typed && !f->sampled);
    if (strcmp(word, "UNIT") == 0) {
        char end[32];

        snprintf(end, sizeof end, "_%.15s", rest);
        assert_true(strlen(name) > strlen(end));
        assert_string_equal(name + strlen(name) - strlen(end), end);
    } else if (strcmp(word, "HELP") == 0) {
        assert_false(f->helped);
        f->helped = true;
        assert_true(strchr(rest, '\\') == NULL);
    } else {
        assert_string_equal(word, "TYPE");
    }
}

static void check_sample(const char *line, struct family *f)
{
    char name[80], *end;
    const char *p = check_name(line, name, sizeof name);

    assert_true(f->typed && f->helped);
    if (f->counter) {
        assert_true(strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0);
        name[strlen(name) - 6] = 0;
    }
    assert_string_equal(name, f->name);
    f->sampled = true;
    if (*p == '{')
        p = check_labels(p);
    assert_int_equal(*p, ' ');
    (void)strtod(p + 1, &end);
    assert_true(end > p + 1 && *end == '\n'); /* no time stamp: text-file collectors refuse it */
}

/* Returns the number of samples. */
static unsigned check_metrics(const char *text)
{
    static const char *const lasts[] = {"_total", "_count", "_sum", "_bucket", "_created"};
    char seen[64][80];
    struct family f = {.typed = false};
    unsigned samples = 0;
    size_t n = 0;

    while (strcmp(text, "# EOF\n") != 0) {
        const char *end = strchr(text, '\n');

        assert_non_null(end);
        if (text[0] == '#') {
            check_comment(text, &f, seen, &n);
        } else {
            check_sample(text, &f);
            samples++;
        }
        text = end + 1;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof lasts / sizeof *lasts; k++)
            assert_true(strlen(seen[i]) < strlen(lasts[k]) ||
                        strcmp(seen[i] + strlen(seen[i]) - strlen(lasts[k]), lasts[k]) != 0);
    return samples;
}

static void test_metrics(void **state)
{
    static const char *const names[] = {"running", "starting", "coasting", "watching"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct output o = show(names[i], INFO_OPENMETRICS, NOW, 80);
        char expected[64];

        assert_true(check_metrics(o.out) > 10);
        snprintf(expected, sizeof expected, "%s-metrics", names[i]);
        if (i < 2)
            golden_expect(expected, o.out);
        drop(&o);
    }
}

static void test_metrics_of_none(void **state)
{
    struct output o = show("no-such", INFO_OPENMETRICS, NOW, 80);

    (void)state;
    assert_int_equal(check_metrics(o.out), 2);
    assert_non_null(strstr(o.out, "\nntsc_up 0\n"));
    assert_int_equal(o.status, 0);
    drop(&o);
    o = show("running", INFO_OPENMETRICS, NOW + 5000 * NS_PER_S, 80);
    assert_int_equal(check_metrics(o.out), 2);
    assert_non_null(strstr(o.out, "\nntsc_up 0\n"));
    assert_int_equal(o.status, 0);
    drop(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),  cmocka_unit_test(test_widths),
        cmocka_unit_test(test_stale),   cmocka_unit_test(test_no_status),
        cmocka_unit_test(test_json),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_metrics), cmocka_unit_test(test_metrics_of_none),
        cmocka_unit_test(test_details), cmocka_unit_test(test_colour),
    };

    return cmocka_run_group_tests_name("info", tests, NULL, NULL);
}
