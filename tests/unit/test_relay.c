/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a captured engine says, as it reaches standard output and standard error. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "client/ntsc/relay.h"
#include "client/shared/log.h"
#include "tests/unit/test.h"

#define FLOOD 100000

static char seen[1 << 20];

/* Of everything that `say` writes to fd. */
static size_t capture(int fd, void (*say)(struct relay *r), struct relay *r)
{
    FILE *file = tmpfile();
    int before = dup(fd);
    ssize_t n;

    assert_true(file != NULL && before >= 0);
    fflush(stdout);
    assert_int_equal(dup2(fileno(file), fd), fd);
    say(r);
    fflush(stdout);
    assert_int_equal(dup2(before, fd), fd);
    close(before);
    n = pread(fileno(file), seen, sizeof seen - 1, 0);
    assert_true(n >= 0);
    seen[n] = 0;
    fclose(file);
    return (size_t)n;
}

static struct msg_text make(enum text_kind kind, const char *text)
{
    struct msg_text m = {.type = MSG_TEXT, .kind = (uint16_t)kind, .len = (uint16_t)strlen(text)};

    memcpy(m.text, text, m.len);
    return m;
}

static void say_escapes(struct relay *r)
{
    struct msg_text m = make(TEXT_OUTPUT, "a.test \033[2Jok\nb\rc\n");

    assert_true(relay_text(r, &m, (struct mono){1}));
    m = make(TEXT_WARNING, "x\033]0;y\nntsc: the clock is right");
    assert_true(relay_text(r, &m, (struct mono){1}));
}

static void test_escapes(void **state)
{
    struct relay r = {.prints = true};

    (void)state;
    (void)capture(STDOUT_FILENO, say_escapes, &r);
    assert_string_equal(seen, "a.test \\x1b[2Jok\nb\\x0dc\n");
    (void)capture(STDERR_FILENO, say_escapes, &r);
    assert_string_equal(seen, "ntsc: x\\x1b]0;y\\x0antsc: the clock is right\n");
}

static void flood(struct relay *r)
{
    const struct msg_text m = make(TEXT_WARNING, "again");

    for (unsigned i = 0; i < FLOOD; i++)
        assert_true(relay_text(r, &m, (struct mono){NS_PER_S}));
    assert_true(relay_text(r, &m, (struct mono){10 * NS_PER_S}));
}

static void test_flood(void **state)
{
    struct relay r = {0};
    unsigned lines = 0;

    (void)state;
    (void)capture(STDERR_FILENO, flood, &r);
    for (const char *at = seen; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_in_range(lines, 200, 320);
    assert_non_null(strstr(seen, "99700 lines of the engine were left out"));
}

static void print_much(struct relay *r)
{
    struct msg_text m = {.type = MSG_TEXT, .kind = TEXT_OUTPUT, .len = MSG_TEXT_MAX};
    unsigned n = 0;

    memset(m.text, 'a', sizeof m.text);
    while (n < FLOOD && relay_text(r, &m, (struct mono){1}))
        n++;
    assert_in_range(n, 64, 2000);
}

/* A daemon's engine prints nothing, and a one-shot's not for ever. */
static void test_output_ends(void **state)
{
    struct relay daemon = {0}, oneshot = {.prints = true};
    const struct msg_text m = make(TEXT_OUTPUT, "a\n");

    (void)state;
    assert_false(relay_text(&daemon, &m, (struct mono){1}));
    (void)capture(STDOUT_FILENO, print_much, &oneshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_escapes), cmocka_unit_test(test_flood),
                                       cmocka_unit_test(test_output_ends)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
