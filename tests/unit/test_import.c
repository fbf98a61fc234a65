/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <stdio.h>

#include "common/conf/import.h"

#define OUTPUT_MAX (4 << 20)

static struct import im;
static char output[OUTPUT_MAX];

/* Our own parser takes what came out, and no octet of it is strange. Returns the servers in it. */
static unsigned check_output(void)
{
    static struct conf c;
    struct conf_error e;

    conf_init(&c, "/var/lib/ntsc");
    for (const char *line = output; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        assert_true(line[len] == '\n');
        if (!conf_line(&c, line, len, &e))
            fail_msg("refused (expected: %s): %.*s", e.expected, (int)len, line);
        line += len + 1;
    }
    if (!conf_finish(&c, &e))
        fail_msg("refused as a whole: %s", e.expected);
    return c.n_servers;
}

static size_t line_length(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));

    return newline == NULL ? (size_t)(end - p) : (size_t)(newline - p) + 1;
}

/* The text as it comes out; IMPORT_UNKNOWN and nothing when it is not known. */
static enum import_kind convert(const char *text, size_t size)
{
    char buf[IMPORT_TEXT];
    const char *end = text + size;
    size_t used = 0;

    output[0] = '\0';
    import_init(&im);
    for (const char *p = text; p < end; p += line_length(p, end))
        import_scan(&im, p, line_length(p, end));
    if (!import_begin(&im))
        return IMPORT_UNKNOWN;
    for (const char *p = text; p < end; p += line_length(p, end)) {
        size_t n = import_line(&im, p, line_length(p, end), buf, sizeof buf);

        assert_true(n < sizeof buf - 1 && used + n < sizeof output - IMPORT_TEXT);
        assert_int_equal(strlen(buf), n);
        memcpy(output + used, buf, n);
        used += n;
    }
    used += import_end(&im, output + used, IMPORT_TEXT);
    assert_int_equal(strlen(output), used);
    (void)check_output();
    return im.kind;
}

/* A whole file, as one string, and a line that must come out of it. */
struct example {
    enum import_kind kind;
    const char *text, *line;
};

#define CH IMPORT_CHRONY
#define NT IMPORT_NTP
#define TS IMPORT_TIMESYNCD
#define ON IMPORT_OPENNTPD

static const struct example examples[] = {
    {CH, "server a.test iburst nts\n", "server a.test"},
    {CH, "SERVER A.test NTS ntsPort 4461 minpoll 8 maxpoll 12 port 123",
     "server a.test port 4461 minpoll 8 maxpoll 12"},
    {CH, "server a.test nts port 1123\nrtcsync", "server a.test ntp-port 1123"},
    {CH, "server a.test nts minpoll -2 maxpoll 24", "server a.test minpoll 4 maxpoll 17"},
    {CH, "server a.test nts minpoll -2 maxpoll 24", "#    without: minpoll -2 maxpoll 24"},
    {CH, "server a.test nts prefer xleave maxdelay 0.1", "#    without: prefer maxdelay 0.1"},
    {CH, "server a.test nts prefer xleave maxdelay 0.1", "server a.test xleave"},
    {CH, "server a.test iburst", "#server a.test"},
    {CH, "server a.test nts\nserver A.TEST nts",
     "#    left out, for ntsc expects: each server (name and port) once"},
    {CH, "server a.test nts noselect", "#    noselect: it was not to be used"},
    {CH, "pool a.test iburst nts maxsources 3 ntsport 4461", "pool a.test 3 port 4461"},
    {CH, "pool a.test nts maxsources 99", "pool a.test 16"},
    {CH, "pool a.test nts", "pool a.test"},
    {NT, "pool a.test:4461 nts\nrestrict default\n", "pool a.test port 4461"},
    {CH, "pool 2.debian.pool.ntp.org iburst\nmakestep 1 3",
     "#    a pool without NTS, which ntsc insists on; name an NTS pool or NTS servers instead"},
    {CH, "makestep 1 3\n", "step 1 3"},
    {CH, "makestep 0.1 -1\n", "step 0.1 1000"},
    {CH, "makestep 1\n", "#    left out, for ntsc expects: how many steps are allowed, 0 to 1000"},
    {CH, "makestep 1 3\nmakestep 2 4",
     "#    left out, for ntsc expects: each directive but server and pool once"},
    {CH, "maxchange 100 1 2\n", "panic 100"},
    {CH, "ntstrustedcerts /etc/ca.pem\n", "ca /etc/ca.pem"},
    {CH, "ntstrustedcerts 0 /etc/ca.pem\n", "ca /etc/ca.pem"},
    {CH, "server a.test nts certset 3\nntstrustedcerts 3 /etc/three.pem\n",
     "server a.test ca /etc/three.pem"},
    {CH, "server a.test nts certset 4\nrtcsync", "#server a.test"},
    {CH, "server a.test nts\nserver b.test nts\nminsources 2", "minsources 2"},
    {CH, "server a.test nts\nminsources 2\nrtcsync",
     "# minsources 2 would need more servers than there are."},
    {CH, "minsources 2\nrtcsync", "# minsources 2 was for other servers: it is left out."},
    {CH, "! comment\n; comment\n% comment\nrtcsync\n", "# 4: rtcsync"},
    {CH, "leapsectz right/UTC\nno-such-word 1\nrtcsync", "#    not known to ntsc"},
    {NT, "server a.test nts\ntos minclock 4 minsane 1\n", "minsources 1"},
    {NT, "server a.test:4461 nts\nrestrict default\n", "server a.test port 4461"},
    {NT, "server -4 [2001:db8::7]:4461 nts\ndriftfile /x\nrestrict ::1",
     "server 2001:db8::7 port 4461"},
    {NT, "server a.test nts ask b.test ca /etc/ca.pem\nnts enable\n",
     "server a.test ntp-server b.test ca /etc/ca.pem"},
    {NT, "nts ca /etc/ca.pem\nnts mintls TLS1.3", "ca /etc/ca.pem"},
    {NT, "tinker panic 0\n", "panic 1000000000"},
    {NT, "tinker step 0.25 panic 500\n", "step 0.25 1"},
    {NT, "tinker step 0.25 panic 500\n", "panic 500"},
    {NT, "tinker step 0.0\n", "step 0.5 0"},
    {NT, "server 127.127.1.0\nfudge 127.127.1.0 stratum 10\n",
     "#    ntsc asks NTS servers, not reference clocks"},
    {TS, "[Time]\nNTP=a.test b.test\nFallbackNTP=\n", "#server b.test"},
    {TS, "# x\n[Time]\n#NTP=\n", "# ntsc -n shows them."},
    {TS, "[Time]\nSaveIntervalSec=60\n",
     "#    frequency and cookies are kept in the state directory, /var/lib/ntsc"},
    {ON, "servers pool.ntp.org\nsensor *\nconstraints from \"https://www.example.org\"\n",
     "#server pool.ntp.org"},
};

static void test_examples(void **state)
{
    char wanted[256];

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *x = &examples[i];

        assert_int_equal(convert(x->text, strlen(x->text)), x->kind);
        (void)snprintf(wanted, sizeof wanted, "\n%s\n", x->line);
        if (strstr(output, wanted) == NULL)
            fail_msg("\"%s\" became:\n%s", x->text, output);
    }
}

static void test_unknown(void **state)
{
    static const char *const texts[] = {"", "\n\n# only a comment\n", "root:x:0:0::/root:/bin/sh\n",
                                        "[Unit]\nDescription=server\n", "\377\376\0s\0e\0r\0"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(convert(texts[i], strlen(texts[i])), IMPORT_UNKNOWN);
}

/* Words that mean something, in any order, among octets that mean nothing. */
static size_t hostile_line(uint64_t *seed, char *buf, size_t max)
{
    static const char *const words[] = {"server",
                                        "pool",
                                        "nts",
                                        "ntstrustedcerts",
                                        "certset",
                                        "minpoll",
                                        "maxpoll",
                                        "port",
                                        "ntsport",
                                        "makestep",
                                        "maxchange",
                                        "minsources",
                                        "tinker",
                                        "panic",
                                        "step",
                                        "tos",
                                        "minsane",
                                        "ca",
                                        "ask",
                                        "[Time]",
                                        "NTP=",
                                        "a.test",
                                        "b.test",
                                        "127.127.1.1",
                                        "::1",
                                        "[::1]:99999",
                                        "/etc/x",
                                        "1",
                                        "-1",
                                        "0",
                                        "64",
                                        "1e9",
                                        "99999999999999999999",
                                        "#",
                                        "=",
                                        "-4",
                                        "require",
                                        "noselect",
                                        "driftfile",
                                        "listen on"};
    size_t n = 0;

    /* Most begin as they should: else nobody reads the rest. */
    if (test_random(seed) % 4 != 0) {
        memcpy(buf, "server host00.test nts ", 23);
        buf[11] = (char)('0' + test_random(seed) % 10);
        buf[12] = (char)('0' + test_random(seed) % 10);
        n = 23;
    }
    while (n < max - 64) {
        uint64_t r = test_random(seed);
        const char *word = words[r % (sizeof words / sizeof *words)];

        if (r >> 60 == 0)
            break;
        if (r >> 59 == 2) {
            size_t junk = test_below(seed, 60);

            test_random_fill(seed, buf + n, junk);
            n += junk;
        } else {
            memcpy(buf + n, word, strlen(word));
            n += strlen(word);
        }
        buf[n++] = r >> 58 == 9 ? '\t' : ' ';
    }
    buf[n++] = '\n';
    return n;
}

static void test_hostile(void **state)
{
    static char text[1 << 16];
    uint64_t seed = 7;
    unsigned known = 0, servers = 0;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        size_t n = 0;

        for (uint64_t lines = 1 + test_random(&seed) % 12; lines > 0; lines--)
            n += hostile_line(&seed, text + n, 64 + test_below(&seed, 4000));
        char *exact = (char *)test_exact(text, n);

        known += convert(exact, n) != IMPORT_UNKNOWN ? 1 : 0;
        servers += strstr(output, "\nserver ") != NULL ? 1 : 0;
        free(exact);
    }
    /* It was worth it. */
    assert_true(known > 500 && servers > 50);
}

static void test_long(void **state)
{
    size_t n = 0;
    char *text = malloc(IMPORT_LINES_MAX * 64);

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < IMPORT_LINES_MAX + 100; i++)
        n += (size_t)sprintf(text + n, "server n%u.test nts\n", i);
    assert_int_equal(convert(text, n), IMPORT_CHRONY);
    assert_non_null(strstr(output, "what follows line 10000 was not looked at\n"));
    assert_int_equal(check_output(), CONF_SERVERS_MAX);
    memset(text, 'x', 5000);
    memcpy(text, "server ", 7);
    memcpy(text + 5000, " nts\n", 5);
    assert_int_equal(convert(text, 5005), IMPORT_CHRONY);
    assert_int_equal(check_output(), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
