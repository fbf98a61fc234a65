/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told of a directive: each line that says something else than the default changes the
 * messages that it has to reach, and no others. A new directive wants a line here.
 */
#include "tests/unit/test.h"

#include <stdio.h>

#include "client/ntsc/conf_files.h"
#include "client/ntsc/plan.h"
#include "client/shared/log.h"
#include "common/base/fnv1a.h"

/* Not what this is about: who reads files and the command line. */
bool conf_files_read(struct conf *c, const char *path)
{
    (void)c;
    (void)path;
    return true;
}

bool options_plugin(const struct options *o)
{
    (void)o;
    return false;
}

enum told {
    TO_NTSC = 0,   /* ntsc's own business */
    TO_ENGINE = 1, /* msg_setup */
    TO_SERVER = 2, /* msg_server, of the first */
    TO_KE = 4,     /* msg_ke_request, of the first */
};

struct line {
    const char *text;
    unsigned told;
};

static const struct line directives[CONF_DIRECTIVES][2] = {
    [CONF_SERVER] = {{"server b.example", TO_ENGINE}},
    [CONF_POOL] = {{"pool b.example", TO_ENGINE}},
    [CONF_MINSOURCES] = {{"minsources 5", TO_ENGINE}},
    [CONF_CA] = {{"ca /a", TO_SERVER | TO_KE}}, /* sessions under another CA are not shared */
    [CONF_STEP] = {{"step 0.25 1", TO_ENGINE}, {"step 0.5 7", TO_ENGINE}},
    [CONF_PANIC] = {{"panic 5", TO_ENGINE}},
    [CONF_MAXDELAY] = {{"maxdelay 0.25", TO_ENGINE}},
    [CONF_STATEDIR] = {{"statedir /a", TO_NTSC}},
    [CONF_USER] = {{"user a", TO_NTSC}},
    [CONF_LOG] = {{"log syslog verbose", TO_ENGINE}},
    [CONF_CERTIFICATE_DATES] = {{"certificate-dates strict", TO_NTSC}},
    [CONF_TRUST_SINGLE] = {{"trust-single", TO_ENGINE}},
    [CONF_AEAD] = {{"aead 15", TO_SERVER | TO_KE}},
    [CONF_TRUST_OLD] = {{"trust-old", TO_ENGINE}},
    [CONF_STEP_LATER] = {{"step-later 3", TO_NTSC}},
};

static const struct line options[] = {
    {"port 5000", TO_SERVER | TO_KE},
    {"ca /a", TO_SERVER | TO_KE},
    {"ip 192.0.2.1", TO_KE},
    {"ntp-server b.example", TO_SERVER | TO_KE},
    {"ntp-port 1123", TO_SERVER | TO_KE},
    {"minpoll 5", TO_SERVER},
    {"maxpoll 9", TO_SERVER},
    {"group g", TO_SERVER},
    {"aead 15", TO_SERVER | TO_KE},
    {"xleave", TO_SERVER},
};

struct messages {
    struct msg_setup setup;
    struct msg_server server;
    struct msg_ke_request ke;
};

static void take(struct conf *c, const char *text)
{
    struct conf_error e;
    char why[CONF_ERROR_TEXT];

    if (conf_line(c, text, strlen(text), &e))
        return;
    conf_error_text(&e, "test", why, sizeof why);
    fail_msg("%s", why);
}

/* What is told when these two lines are all that is configured. */
static void messages_of(const char *server, const char *other, struct messages *m)
{
    static struct plan p;

    memset(&p, 0, sizeof p);
    p.options.mode = MODE_DAEMON;
    conf_init(&p.conf, "/var/lib/ntsc");
    take(&p.conf, server);
    if (other != NULL)
        take(&p.conf, other);
    plan_log(&p);
    plan_setup(&p, &m->setup);
    plan_server(&p, 0, fnv1a(plan_ca(&p, 0)), &m->server); /* as if no file had the same content */
    plan_ke_request(&p, 0, 1000, false, &m->ke);
    log_open(LOG_TO_PLAIN, LOG_LEVEL_QUIET);
}

static unsigned told(const struct messages *a, const struct messages *b)
{
    return (memcmp(&a->setup, &b->setup, sizeof a->setup) != 0 ? TO_ENGINE : 0) |
           (memcmp(&a->server, &b->server, sizeof a->server) != 0 ? TO_SERVER : 0) |
           (memcmp(&a->ke, &b->ke, sizeof a->ke) != 0 ? TO_KE : 0);
}

static void test_directives(void **state)
{
    static struct messages usual, other;

    (void)state;
    messages_of("server a.example", NULL, &usual);
    for (unsigned d = 0; d < CONF_DIRECTIVES; d++) {
        if (directives[d][0].text == NULL)
            fail_msg("directive %u: who is told of it?", d);
        for (unsigned i = 0; i < 2 && directives[d][i].text != NULL; i++) {
            messages_of("server a.example", directives[d][i].text, &other);
            if (told(&usual, &other) != directives[d][i].told)
                fail_msg("%s: told to %u, not to %u", directives[d][i].text, told(&usual, &other),
                         directives[d][i].told);
        }
    }
}

static void test_options(void **state)
{
    static struct messages usual, other;
    char line[128];

    (void)state;
    messages_of("server a.example", NULL, &usual);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        snprintf(line, sizeof line, "server a.example %s", options[i].text);
        messages_of(line, NULL, &other);
        if (told(&usual, &other) != options[i].told)
            fail_msg("%s: told to %u, not to %u", line, told(&usual, &other), options[i].told);
    }
}

/* Each option that conf_server.c knows is tried above. */
static void test_all_options(void **state)
{
    static struct conf c;
    struct conf_error e;
    const char *list, *end;

    (void)state;
    conf_init(&c, "/a");
    assert_false(conf_line(&c, "server a.example nothing-such", 29, &e));
    assert_int_equal(e.problem, CONF_UNKNOWN);
    /* "one of port, ca, ..., nts, iburst, ...": what comes before nts is ours. */
    list = strstr(e.expected, "port, ");
    assert_non_null(list);
    for (; strncmp(list, "nts,", 4) != 0; list = end + 2) {
        bool tried = false;

        end = strchr(list, ',');
        assert_non_null(end);
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
            tried = tried || (strncmp(options[i].text, list, (size_t)(end - list)) == 0);
        if (!tried)
            fail_msg("%.*s is not tried", (int)(end - list), list);
    }
}

/* What is said of an unknown directive names each that there is. */
static void test_all_directives(void **state)
{
    static struct conf c;
    struct conf_error e;

    (void)state;
    conf_init(&c, "/a");
    assert_false(conf_line(&c, "nothing-such", 12, &e));
    assert_int_equal(e.problem, CONF_UNKNOWN);
    for (unsigned d = 0; d < CONF_DIRECTIVES; d++) {
        const char *name = directives[d][0].text, *at = e.expected;
        size_t n = strcspn(name, " ");
        bool named = false;

        while (!named && at != NULL) {
            at += strspn(at, ", ");
            named = strncmp(at, name, n) == 0 && (at[n] == ',' || at[n] == 0);
            at = strchr(at, ',');
        }
        if (!named)
            fail_msg("%.*s is not among \"%s\"", (int)n, name, e.expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directives), cmocka_unit_test(test_options),
        cmocka_unit_test(test_all_options), cmocka_unit_test(test_all_directives)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
