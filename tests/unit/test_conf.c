/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "common/conf/conf.h"
#include "tests/unit/conf_equal.h"
#include "tests/unit/test.h"

static struct conf conf; /* too large for comfort on the stack */
static struct conf_error error;

static bool feed(const char *line)
{
    return conf_line(&conf, line, strlen(line), &error);
}

static int fresh(void **state)
{
    (void)state;
    conf_init(&conf, "/var/lib/ntsc");
    return 0;
}

static const char *str(uint16_t offset)
{
    return conf_text(&conf, offset);
}

static void defaults(void **state)
{
    (void)state;
    assert_int_equal(conf.step_ns, 500000000);
    assert_int_equal(conf.step_count, 1);
    assert_int_equal(conf.panic_ns, 1000 * NS_PER_S);
    assert_int_equal(conf.maxdelay_ns, NS_PER_S / 10);
    assert_string_equal(str(conf.statedir), "/var/lib/ntsc");
    assert_string_equal(str(conf.user), "ntsc");
    assert_string_equal(str(conf.ca), "");
    assert_int_equal(conf.n_servers, 0);
    assert_int_equal(conf_minsources(&conf), 1);
    assert_false(conf.dates_strict || conf.trust_single);
    assert_true(conf_finish(&conf, &error));
}

static void every_directive(void **state)
{
    const struct conf_server *s;
    struct net_addr a;

    (void)state;
    assert_true(feed("# a comment\n"));
    assert_true(feed(""));
    assert_true(feed("  \t\r\n"));
    assert_true(
        feed("server Time.Example port 4461 ca /etc/ca.pem ip 192.0.2.1 ip 2001:DB8::1 "
             "ntp-server ntp.example ntp-port 1123 minpoll 4 maxpoll 17 group one nts iburst"));
    assert_true(feed("\tserver [2001:db8::2] group one # behind"));
    assert_true(feed("server 192.0.2.7 nts iburst\r\n"));
    assert_true(feed("minsources 2"));
    assert_true(feed("ca /etc/ssl#1/all.pem"));
    assert_true(feed("step 0.128 3"));
    assert_true(feed("panic 1000000000.000"));
    assert_true(feed("maxdelay 0.25"));
    assert_true(feed("statedir /tmp/state"));
    assert_true(feed("user _time"));
    assert_true(feed("log quiet syslog"));
    assert_true(feed("certificate-dates strict"));
    assert_true(feed("trust-single"));
    assert_true(conf_finish(&conf, &error));

    assert_int_equal(conf.n_servers, 3);
    s = &conf.servers[0];
    assert_string_equal(str(s->name), "time.example");
    assert_int_equal(s->port, 4461);
    assert_string_equal(conf_server_ca(&conf, s), "/etc/ca.pem");
    assert_string_equal(str(s->ntp_server), "ntp.example");
    assert_int_equal(s->ntp_port, 1123);
    assert_int_equal(s->minpoll, 4);
    assert_int_equal(s->maxpoll, 17);
    assert_int_equal(s->line, 4);
    assert_int_equal(s->n_ip, 2);
    a = conf_server_ip(&conf, s, 0);
    assert_int_equal(a.family, 4);
    assert_int_equal(a.addr[3], 1);
    a = conf_server_ip(&conf, s, 1);
    assert_int_equal(a.family, 6);
    assert_int_equal(a.addr[15], 1);
    assert_int_equal(conf.servers[1].group, s->group);
    assert_string_equal(str(conf.servers[1].name), "2001:db8::2");
    assert_string_equal(conf_server_ca(&conf, &conf.servers[1]), "/etc/ssl#1/all.pem");
    assert_int_equal(conf.servers[2].port, 4460);
    assert_int_equal(conf.servers[2].minpoll, 6);
    assert_int_equal(conf.servers[2].maxpoll, 10);
    assert_int_equal(conf_independent(&conf), 2);
    assert_int_equal(conf.step_ns, 128000000);
    assert_int_equal(conf.step_count, 3);
    assert_int_equal(conf.panic_ns, 1000000000 * NS_PER_S);
    assert_int_equal(conf.maxdelay_ns, NS_PER_S / 4);
    assert_int_equal(conf.log_to, CONF_LOG_SYSLOG);
    assert_int_equal(conf.log_level, CONF_LOG_QUIET);
    assert_true(conf.dates_strict && conf.trust_single);
    assert_int_equal(conf_minsources(&conf), 2);
}

/* As on the command line. */
static void host_and_port(void **state)
{
    (void)state;
    assert_true(feed("server Time.Example:4461 prefer"));
    assert_true(feed("server [2001:db8::2]:4462"));
    assert_true(feed("server 192.0.2.7:4463 group one"));
    assert_true(feed("server 2001:db8::3"));
    assert_string_equal(str(conf.servers[0].name), "time.example");
    assert_string_equal(str(conf.servers[1].name), "2001:db8::2");
    assert_string_equal(str(conf.servers[2].name), "192.0.2.7");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(conf.servers[i].port, 4461 + i);
    assert_int_equal(conf.servers[3].port, 4460);
    assert_false(feed("server b.example:4461 port 4461")); /* which of them? */
    assert_int_equal(error.problem, CONF_TWICE);
    assert_false(feed("server b.example:0"));
    assert_false(feed("server b.example:65536"));
    assert_false(feed("server time.example:4461"));
    assert_int_equal(error.problem, CONF_DUPLICATE);
}

/* Lines are those of the file; what came before is elsewhere. */
static void several_files(void **state)
{
    char text[CONF_ERROR_TEXT];

    (void)state;
    assert_true(feed("# one"));
    assert_true(feed("server a.example"));
    assert_true(feed("panic 5"));
    conf_next_file(&conf);
    assert_false(feed("panic 6"));
    conf_error_text(&error, "two.conf", text, sizeof text);
    assert_string_equal(text,
                        "two.conf:1:1: \"panic\" was given in another file already; expected: "
                        "each directive but server and pool once");
    assert_false(feed("server a.example"));
    assert_int_equal(error.line, 2);
    assert_int_equal(error.other_line, CONF_OTHER_FILE);
    assert_true(feed("server b.example"));
    assert_int_equal(conf.servers[1].line, 3);
    assert_true(feed("minsources 3"));
    conf_next_file(&conf);
    assert_false(conf_finish(&conf, &error));
    assert_int_equal(error.line, 0);
}

static const struct {
    const char *line;
    enum conf_problem problem;
    const char *word;
    uint16_t column;
    const char *expects; /* a part of it */
} refused[] = {
    {"serve a.example", CONF_UNKNOWN, "serve", 1, "server"},
    {"pool", CONF_MISSING, "pool", 1, "pool"},
    {"pool 192.0.2.1", CONF_BAD_VALUE, "192.0.2.1", 6, "name of a pool"},
    {"pool a.example 0", CONF_BAD_VALUE, "0", 16, "1 to 16"},
    {"pool a.example 17", CONF_BAD_VALUE, "17", 16, "1 to 16"},
    {"pool a.example 2 ip 192.0.2.1", CONF_CONFLICT, "a.example", 6, "without ip"},
    {"pool a.example ntp-server b.example", CONF_CONFLICT, "a.example", 6, "without ip"},
    {"server", CONF_MISSING, "server", 1, "host name"},
    {"server # a.example", CONF_MISSING, "server", 1, "host name"},
    {"server 1.2.3", CONF_BAD_VALUE, "1.2.3", 8, "host name"},
    {"server [a.example]", CONF_BAD_VALUE, "[a.example]", 8, "host name"},
    {"server [192.0.2.1]", CONF_BAD_VALUE, "[192.0.2.1]", 8, "host name"},
    {"server a.example  minpol 4", CONF_UNKNOWN, "minpol", 19, "minpoll"},
    {"server a.example port", CONF_MISSING, "port", 18, "1 to 65535"},
    {"server a.example port 0", CONF_BAD_VALUE, "0", 23, "1 to 65535"},
    {"server a.example port 65536", CONF_BAD_VALUE, "65536", 23, "1 to 65535"},
    {"server a.example port 1e3", CONF_BAD_VALUE, "1e3", 23, "1 to 65535"},
    {"server a.example port 99999999999", CONF_BAD_VALUE, "99999999999", 23, "1 to 65535"},
    {"server a.example port 1 port 2", CONF_TWICE, "port", 25, "once"},
    {"server a.example nts nts", CONF_TWICE, "nts", 22, "once"},
    {"server a.example ca etc/ca.pem", CONF_BAD_VALUE, "etc/ca.pem", 21, "absolute"},
    {"server a.example ip b.example", CONF_BAD_VALUE, "b.example", 21, "IPv6"},
    {"server a.example ntp-server -x", CONF_BAD_VALUE, "-x", 29, "host name"},
    {"server a.example minpoll 3", CONF_BAD_VALUE, "3", 26, "4 (16 s)"},
    {"server a.example maxpoll 18", CONF_BAD_VALUE, "18", 26, "17"},
    {"server a.example minpoll 8 maxpoll 7", CONF_CONFLICT, "a.example", 8, "minpoll"},
    {"server a.example group", CONF_MISSING, "group", 18, "group name"},
    {"server a.example group a/b", CONF_BAD_VALUE, "a/b", 24, "group name"},
    {"minsources 0", CONF_BAD_VALUE, "0", 12, "1 to 64"},
    {"minsources 1 2", CONF_EXTRA, "2", 14, "end of the line"},
    {"ca", CONF_MISSING, "ca", 1, "absolute"},
    {"step 0.5", CONF_MISSING, "0.5", 6, "how many"},
    {"step 0 1", CONF_BAD_VALUE, "0", 6, "0.001"},
    {"step -1 1", CONF_BAD_VALUE, "-1", 6, "0.001"},
    {"step 1e3 1", CONF_BAD_VALUE, "1e3", 6, "0.001"},
    {"step . 1", CONF_BAD_VALUE, ".", 6, "0.001"},
    {"step 1.2.3 1", CONF_BAD_VALUE, "1.2.3", 6, "0.001"},
    {"step 0.0000000001 1", CONF_BAD_VALUE, "0.0000000001", 6, "0.001"},
    {"step 1 1001", CONF_BAD_VALUE, "1001", 8, "0 to 1000"},
    {"maxdelay 0", CONF_BAD_VALUE, "0", 10, "0.001"},
    {"panic 1000000000.1", CONF_BAD_VALUE, "1000000000.1", 7, "1000000000"},
    {"panic 99999999999999999999999", CONF_BAD_VALUE, "99999999999999999999999", 7, "1000000000"},
    {"statedir state", CONF_BAD_VALUE, "state", 10, "absolute"},
    {"user -r", CONF_BAD_VALUE, "-r", 6, "user name"},
    {"user a:b", CONF_BAD_VALUE, "a:b", 6, "user name"},
    {"log", CONF_MISSING, "log", 1, "syslog"},
    {"log loud", CONF_BAD_VALUE, "loud", 5, "syslog"},
    {"log syslog stderr", CONF_BAD_VALUE, "stderr", 12, "syslog"},
    {"certificate-dates lax", CONF_BAD_VALUE, "lax", 19, "strict"},
    {"trust-single yes", CONF_EXTRA, "yes", 14, "end of the line"},
    {"user a\x01z", CONF_BAD_LINE, "", 0, "control"},
    {"us\xc3\xa9r x", CONF_UNKNOWN, "us??r", 1, "server"},
};

static void refusals(void **state)
{
    static struct conf before;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        fresh(NULL);
        assert_true(feed("server x.example"));
        before = conf;
        if (feed(refused[i].line))
            fail_msg("taken: %s", refused[i].line);
        if (error.problem != refused[i].problem || error.column != refused[i].column ||
            strcmp(error.word, refused[i].word) != 0 ||
            strstr(error.expected, refused[i].expects) == NULL)
            fail_msg("%s: problem %d, column %u, word %s, expected %s", refused[i].line,
                     error.problem, error.column, error.word, error.expected);
        assert_int_equal(error.line, 2);
        assert_memory_equal(&conf, &before, offsetof(struct conf, lines));
        assert_memory_equal(conf.given, before.given, sizeof conf.given);
        /* The file can be read on. */
        assert_true(feed("server a.example"));
    }
}

static void algorithms(void **state)
{
    static const char *const good[] = {"15", "30", "30,15", "17,16,15,30"};
    static const char *const bad[] = {"",      "1",      "150",     "14",
                                      "31",    "15,",    ",15",     "15;30",
                                      "15,15", "30,15,", "15,1630", "15,16,17,30,15",
                                      "15 30", "x5",     "0x0f"};
    char line[64];

    (void)state;
    assert_true(feed("server a.example"));
    assert_int_equal(conf_server_aead(&conf, &conf.servers[0]).id[0], 30);
    assert_true(feed("server b.example aead 17"));
    assert_true(feed("aead 16,15"));
    assert_int_equal(conf_server_aead(&conf, &conf.servers[0]).n, 2);
    assert_int_equal(conf_server_aead(&conf, &conf.servers[0]).id[0], 16);
    assert_int_equal(conf_server_aead(&conf, &conf.servers[1]).n, 1);
    assert_int_equal(conf_server_aead(&conf, &conf.servers[1]).id[0], 17);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        conf_init(&conf, "/var/lib/ntsc");
        snprintf(line, sizeof line, "aead %s", good[i]);
        assert_true(feed(line));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        conf_init(&conf, "/var/lib/ntsc");
        snprintf(line, sizeof line, "aead %s", bad[i]);
        assert_false(feed(line));
        snprintf(line, sizeof line, "server a.example aead %s", bad[i]);
        assert_false(feed(line));
        assert_int_equal(conf.n_servers, 0);
    }
}

static void duplicates(void **state)
{
    (void)state;
    assert_true(feed("server a.example"));
    assert_true(feed("server a.example port 4461"));
    assert_false(feed("server A.EXAMPLE nts"));
    assert_int_equal(error.problem, CONF_DUPLICATE);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.other_line, 1);
    assert_true(feed("panic 5"));
    assert_false(feed("panic 5"));
    assert_int_equal(error.problem, CONF_DUPLICATE);
    assert_int_equal(error.other_line, 4);
}

static void poll_limits_take_each_other_along(void **state)
{
    (void)state;
    assert_true(feed("server a.example minpoll 12"));
    assert_int_equal(conf.servers[0].maxpoll, 12);
    assert_true(feed("server b.example maxpoll 4"));
    assert_int_equal(conf.servers[1].minpoll, 4);
}

static void full(void **state)
{
    char line[2048];

    (void)state;
    for (int i = 0; i < CONF_SERVERS_MAX; i++) {
        (void)snprintf(line, sizeof line, "server s%d.example ip 192.0.2.%d", i, i);
        assert_true(feed(line));
    }
    assert_false(feed("server one.more"));
    assert_int_equal(error.problem, CONF_FULL);
    fresh(NULL);
    assert_false(
        feed("server a.b ip 1.1.1.1 ip 1.1.1.2 ip 1.1.1.3 ip 1.1.1.4 ip 1.1.1.5 ip 1.1.1.6 "
             "ip 1.1.1.7 ip 1.1.1.8 ip 1.1.1.9"));
    assert_int_equal(error.problem, CONF_FULL);
    assert_int_equal(conf.n_ip, 0);
    /* Strings of 1,000 octets fill the text after sixteen. */
    for (int i = 0; i < 16; i++) {
        (void)snprintf(line, sizeof line, "server s%d ca /%0990d", i, i);
        assert_true(feed(line));
    }
    (void)snprintf(line, sizeof line, "server t ca /%0990d", 99);
    assert_false(feed(line));
    assert_int_equal(error.problem, CONF_FULL);
    /* A path that is there already needs no room. */
    (void)snprintf(line, sizeof line, "server s1 port 1 ca /%0990d", 3);
    assert_true(feed(line));
}

static void long_lines(void **state)
{
    static char line[CONF_LINE_MAX + 2];

    (void)state;
    memset(line, ' ', sizeof line);
    assert_true(conf_line(&conf, line, CONF_LINE_MAX, &error));
    assert_false(conf_line(&conf, line, CONF_LINE_MAX + 1, &error));
    assert_int_equal(error.problem, CONF_BAD_LINE);
    assert_int_equal(error.line, 2);
    assert_false(conf_line(&conf, "a\0b", 3, &error));
    assert_int_equal(error.problem, CONF_BAD_LINE);
    while (conf.lines < CONF_LINES_MAX)
        assert_true(feed(""));
    assert_false(feed(""));
    assert_int_equal(error.problem, CONF_FULL);
}

static void minsources_counts_groups(void **state)
{
    (void)state;
    assert_true(feed("server a group g"));
    assert_true(feed("server b group g"));
    assert_int_equal(conf_minsources(&conf), 1);
    assert_true(feed("server c"));
    assert_true(feed("minsources 3"));
    assert_false(conf_finish(&conf, &error));
    assert_int_equal(error.problem, CONF_CONFLICT);
    assert_int_equal(error.line, 4);
    assert_true(feed("server d"));
    assert_true(conf_finish(&conf, &error));
}

static void error_words(void **state)
{
    char text[CONF_ERROR_TEXT];

    (void)state;
    assert_false(feed("server a.example minpoll 3"));
    conf_error_text(&error, "/etc/ntsc.conf", text, sizeof text);
    assert_string_equal(text, "/etc/ntsc.conf:1:26: \"3\" does not fit here; expected: log2 of "
                              "seconds, 4 (16 s) to 17 (36 h)");
    assert_false(feed("step 1"));
    conf_error_text(&error, "f", text, sizeof text);
    assert_string_equal(text, "f:2:6: something is missing behind \"1\"; expected: how many steps "
                              "are allowed, 0 to 1000");
    conf_error_text(&error, "f", text, 10);
    assert_string_equal(text, "f:2:6: so");
    /* Every kind of problem has words, and they end within the buffer. */
    for (int p = CONF_BAD_LINE; p <= CONF_FULL; p++) {
        error.problem = (enum conf_problem)p;
        conf_error_text(&error, "f", text, sizeof text);
        assert_non_null(strstr(text, "; expected: how many"));
        assert_true(strlen(text) > strlen("f:2:6: \"1\"; expected: how many"));
    }
}

/* What is printed is taken again, and says the same. */
static void print_and_read_again(void **state)
{
    static struct conf again;
    char line[CONF_PRINT_MAX];
    char second[CONF_PRINT_MAX];
    unsigned n = 0;
    size_t len;

    (void)state;
    assert_true(feed("server time.example ca /etc/ca.pem ip 192.0.2.1 ip ::1 ntp-server n.example "
                     "ntp-port 1123 minpoll 5 group one aead 15"));
    assert_true(feed("aead 15,30"));
    assert_true(feed("server b.example"));
    assert_true(feed("ca /etc/all"));
    assert_true(feed("step 0.0625 2"));
    assert_true(feed("log verbose"));
    assert_true(feed("trust-single"));
    conf_print_line(&conf, 0, line, sizeof line);
    assert_string_equal(line, "server time.example port 4460 ca /etc/ca.pem ip 192.0.2.1 ip ::1 "
                              "ntp-server n.example ntp-port 1123 minpoll 5 maxpoll 10 group one "
                              "aead 15");
    conf_init(&again, "/else/where");
    while ((len = conf_print_line(&conf, n, line, sizeof line)) > 0) {
        n++;
        assert_int_equal(len, strlen(line));
        assert_true(conf_line(&again, line, len, &error));
    }
    assert_int_equal(n, 12); /* two servers, and all but certificate-dates */
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(conf_print_line(&conf, i, line, sizeof line),
                         conf_print_line(&again, i, second, sizeof second));
        assert_string_equal(line, second);
    }
    for (unsigned i = 0; i < conf.n_servers; i++)
        assert_true(conf_server_equal(&conf, i, &again, i));
    assert_false(conf_server_equal(&conf, 0, &again, 1));
    again.ca = 0;
    assert_true(conf_server_equal(&conf, 0, &again, 0));
    assert_false(conf_server_equal(&conf, 1, &again, 1));
}

static void builtin_servers(void **state)
{
    (void)state;
    conf_builtin(&conf);
    assert_true(conf_independent(&conf) >= 4);
    assert_int_equal(conf_minsources(&conf), 2);
    for (unsigned i = 0; i < conf.n_servers; i++) {
        assert_int_not_equal(conf.servers[i].group, 0);
        assert_int_equal(conf_server_find(&conf, str(conf.servers[i].name), 4460), i);
    }
    assert_int_equal(conf_server_find(&conf, "time.cloudflare.com", 4461), CONF_SERVERS_MAX);
    /* Not in any public list, and to be spared. */
    assert_int_equal(conf_server_find(&conf, "nts.time.nl", 4460), CONF_SERVERS_MAX);
    assert_int_equal(conf_server_find(&conf, "a.st1.ntp.br", 4460), CONF_SERVERS_MAX);
}

/* Without DNS a strict majority of the groups is left, by either family alone. */
static void builtin_addresses(void **state)
{
    unsigned with[7] = {0};

    (void)state;
    conf_builtin(&conf);
    for (unsigned i = 0; i < conf.n_servers; i++) {
        unsigned seen = 0;

        for (unsigned k = 0; k < conf.servers[i].n_ip; k++)
            seen |= 1U << conf_server_ip(&conf, &conf.servers[i], k).family;
        for (unsigned f = 4; f <= 6; f += 2)
            with[f] += seen >> f & 1;
        assert_int_equal(seen & 1, 0); /* all are addresses */
    }
    assert_true(2 * with[4] > conf_independent(&conf) && 2 * with[6] > conf_independent(&conf));
}

static void pools(void **state)
{
    char line[CONF_PRINT_MAX];

    (void)state;
    assert_true(feed("server a.example"));
    assert_true(feed("pool P.example 3 port 4461 minpoll 8 xleave group g"));
    assert_true(feed("pool q.example nts iburst"));
    assert_int_equal(conf.n_servers, 8);
    assert_int_equal(conf_independent(&conf), 6);
    assert_int_equal(conf_pool(&conf, 0), 0);
    for (unsigned i = 1; i < 8; i++) {
        assert_string_equal(str(conf.servers[i].name), i < 4 ? "p.example" : "q.example");
        assert_int_equal(conf.servers[i].pool_slot, i < 4 ? i - 1 : i - 4);
        assert_int_equal(conf_pool(&conf, i), i < 4 ? 2 : 5);
    }
    assert_int_not_equal(conf_print_line(&conf, 1, line, sizeof line), 0);
    assert_string_equal(line, "pool p.example 3 port 4461 minpoll 8 maxpoll 10 xleave group g");
    assert_int_not_equal(conf_print_line(&conf, 2, line, sizeof line), 0);
    assert_string_equal(line, "pool q.example 4 port 4460 minpoll 6 maxpoll 10");
    assert_int_not_equal(conf_print_line(&conf, 3, line, sizeof line), 0);
    assert_memory_equal(line, "minsources", 10);
    for (unsigned i = 0; i < 8; i++)
        for (unsigned j = 0; j < 8; j++)
            assert_int_equal(conf_server_equal(&conf, i, &conf, j), i == j);
}

static void hosts(void **state)
{
    static const struct {
        const char *text, *name;
        uint16_t port;
        uint8_t family;
    } good[] = {
        {"a.example", "a.example", 0, 0},
        {"A.Example:44", "a.example", 44, 0},
        {"192.0.2.1", "192.0.2.1", 0, 4},
        {"192.0.2.1:65535", "192.0.2.1", 65535, 4},
        {"::1", "::1", 0, 6},
        {"2001:DB8::1", "2001:db8::1", 0, 6},
        {"[::1]", "::1", 0, 6},
        {"[::1]:1", "::1", 1, 6},
        {"[fe80::1%3]:44", "fe80::1%3", 44, 6},
    };
    static const char *const bad[] = {"",       ":1",      "a:",        "a:0",   "a:65536",
                                      "a:1x",   "[a]",     "[a]:1",     "[::1",  "[::1]x",
                                      "[::1]:", "[::1]:0", "[]",        "1.2.3", "a b",
                                      "a:1:2",  "::1]",    "[1.2.3.4]", "-q",    "http://a"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct conf_host h;

        assert_true(conf_host_parse(good[i].text, &h));
        assert_string_equal(h.name, good[i].name);
        assert_int_equal(h.port, good[i].port);
        assert_int_equal(h.family, good[i].family);
        assert_true(conf_add_host(&conf, &h));
        h.port = h.port == 0 ? 4460 : h.port;
        assert_int_not_equal(conf_server_find(&conf, h.name, h.port), CONF_SERVERS_MAX);
        if (i != 4)
            assert_false(conf_add_host(&conf, &h));
        conf.n_servers = 0;
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct conf_host h;

        if (conf_host_parse(bad[i], &h))
            fail_msg("taken: %s", bad[i]);
    }
}

/* Bytes of all kinds, and words of the language in any order, never break the invariants. */
static void random_lines(void **state)
{
    static const char *const words[] = {"server ", "a.example ", "port ",   "44 ",    "ip ",
                                        "::1 ",    "minpoll ",   "6 ",      "group ", "g ",
                                        "step ",   "0.5 ",       "# ",      "ca ",    "/x ",
                                        "log ",    "\xff ",      "stderr ", "nts ",   "\t"};
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char line[256] = "";

        for (int k = 0; k < 8; k++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            strcat(line, words[(seed >> 33) % (sizeof words / sizeof *words)]);
        }
        if (conf.lines == CONF_LINES_MAX)
            fresh(NULL);
        if (!feed(line)) {
            assert_non_null(error.expected);
            assert_int_not_equal(error.problem, CONF_OK);
        }
        assert_true(conf.n_servers <= CONF_SERVERS_MAX && conf.n_ip <= CONF_IPS_MAX);
        assert_true(conf.text_len <= CONF_TEXT_MAX);
        assert_int_equal(conf.text[conf.text_len - 1], 0);
    }
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(defaults),
        T(every_directive),
        T(host_and_port),
        T(several_files),
        T(refusals),
        T(duplicates),
        T(algorithms),
        T(poll_limits_take_each_other_along),
        T(full),
        T(long_lines),
        T(minsources_counts_groups),
        T(error_words),
        T(print_and_read_again),
        T(pools),
        T(builtin_servers),
        T(builtin_addresses),
        T(hosts),
        T(random_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
