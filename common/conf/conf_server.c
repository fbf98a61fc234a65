/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server lines of the configuration, and the built-in servers. */
#include <string.h>

#include "common/base/addr.h"
#include "common/base/digit.h"
#include "common/conf/conf_words.h"

#define OPTIONS                                                                                    \
    "port, ca, ip, ntp-server, ntp-port, minpoll, maxpoll, group, aead, xleave, nts, iburst, "     \
    "prefer"
#define HOST_WORDS "a host name or an address"
#define POOL_WORDS "the name of a pool"
#define PORT_WORDS "a port, 1 to 65535"
#define POLL_WORDS "log2 of seconds, 4 (16 s) to 17 (36 h)"

enum option {
    OPTION_PORT,
    OPTION_CA,
    OPTION_IP,
    OPTION_NTP_SERVER,
    OPTION_NTP_PORT,
    OPTION_MINPOLL,
    OPTION_MAXPOLL,
    OPTION_GROUP,
    OPTION_AEAD,
    OPTION_XLEAVE,
    OPTION_NTS,
    OPTION_IBURST,
    OPTION_PREFER,
    OPTIONS_COUNT
};

static const char *const option_names[OPTIONS_COUNT] = {
    [OPTION_PORT] = "port",
    [OPTION_CA] = "ca",
    [OPTION_IP] = "ip",
    [OPTION_NTP_SERVER] = "ntp-server",
    [OPTION_NTP_PORT] = "ntp-port",
    [OPTION_MINPOLL] = "minpoll",
    [OPTION_MAXPOLL] = "maxpoll",
    [OPTION_GROUP] = "group",
    [OPTION_AEAD] = "aead",
    [OPTION_XLEAVE] = "xleave",
    [OPTION_NTS] = "nts",
    [OPTION_IBURST] = "iburst",
    [OPTION_PREFER] = "prefer",
};

/* The current word as host name or address literal; brackets, as in a URL, fall away. */
static bool take_host(struct conf *c, struct conf_words *w, uint16_t *offset)
{
    struct net_addr a;
    const char *text = w->word;
    size_t n = w->n;
    bool bracketed = n > 2 && text[0] == '[' && text[n - 1] == ']';

    if (bracketed) {
        text++;
        n -= 2;
    }
    if (!addr_parse(text, n, &a) && (bracketed || !addr_is_name(text, n)))
        return conf_word_fail(w, CONF_BAD_VALUE, HOST_WORDS);
    if (bracketed && a.family != 6)
        return conf_word_fail(w, CONF_BAD_VALUE, HOST_WORDS);
    return conf_keep(c, text, n, true, offset) ||
           conf_word_fail(w, CONF_FULL, "names and paths of 16 KB in all");
}

/* The same, or HOST:PORT as on the command line; *port stays as it is without one. */
static bool take_server_host(struct conf *c, struct conf_words *w, struct conf_server *s,
                             unsigned *seen)
{
    char text[NTS_NAME_MAX + sizeof "[]:65535"];
    struct conf_host h;

    if (w->n >= sizeof text || memchr(w->word, '\0', w->n) != NULL)
        return take_host(c, w, &s->name);
    memcpy(text, w->word, w->n);
    text[w->n] = '\0';
    if (!conf_host_parse(text, &h) || h.port == 0)
        return take_host(c, w, &s->name);
    s->port = h.port;
    *seen |= 1U << OPTION_PORT;
    return conf_keep(c, h.name, strlen(h.name), true, &s->name) ||
           conf_word_fail(w, CONF_FULL, "names and paths of 16 KB in all");
}

static bool option_port(struct conf_words *w, uint16_t *port)
{
    unsigned v;

    if (!conf_word_number(w, 1, 65535, PORT_WORDS, &v))
        return false;
    *port = (uint16_t)v;
    return true;
}

static bool option_poll(struct conf_words *w, uint8_t *poll)
{
    unsigned v;

    if (!conf_word_number(w, CONF_POLL_MIN, CONF_POLL_MAX, POLL_WORDS, &v))
        return false;
    *poll = (uint8_t)v;
    return true;
}

static bool option_ip(struct conf *c, struct conf_words *w, struct conf_server *s)
{
    struct net_addr a;

    if (!conf_word_need(w, "an IPv4 or IPv6 address"))
        return false;
    if (!addr_parse(w->word, w->n, &a))
        return conf_word_fail(w, CONF_BAD_VALUE, "an IPv4 or IPv6 address");
    if (s->n_ip == NET_ADDR_MAX)
        return conf_word_fail(w, CONF_FULL, "at most 8 addresses for a server");
    if (c->n_ip == CONF_IPS_MAX)
        return conf_word_fail(w, CONF_FULL, "at most 64 addresses in all");
    if (!conf_word_keep(w, c, true, &c->ip[c->n_ip]))
        return false;
    c->n_ip++;
    s->n_ip++;
    return true;
}

static bool option_group(struct conf *c, struct conf_words *w, struct conf_server *s)
{
    const char *expected = "a group name of letters, digits, '-', '_' and '.', 63 at most";

    if (!conf_word_need(w, expected))
        return false;
    for (size_t i = 0; i < w->n; i++) {
        char ch = w->word[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');

        if (!letter && !digit_is(ch) && ch != '-' && ch != '_' && ch != '.')
            return conf_word_fail(w, CONF_BAD_VALUE, expected);
    }
    if (w->n > CONF_GROUP_MAX)
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    return conf_word_keep(w, c, false, &s->group);
}

static bool take_option(struct conf *c, struct conf_words *w, struct conf_server *s, enum option o)
{
    switch (o) {
    case OPTION_PORT:
        return option_port(w, &s->port);
    case OPTION_CA:
        return conf_word_path(w, c, "the absolute path of a CA file or directory", &s->ca);
    case OPTION_IP:
        return option_ip(c, w, s);
    case OPTION_NTP_SERVER:
        return conf_word_need(w, HOST_WORDS) && take_host(c, w, &s->ntp_server);
    case OPTION_NTP_PORT:
        return option_port(w, &s->ntp_port);
    case OPTION_MINPOLL:
        return option_poll(w, &s->minpoll);
    case OPTION_MAXPOLL:
        return option_poll(w, &s->maxpoll);
    case OPTION_GROUP:
        return option_group(c, w, s);
    case OPTION_AEAD:
        return conf_word_aead(w, &s->aead);
    case OPTION_XLEAVE:
        s->xleave = true;
        return true;
    default: /* nts and iburst say what ntsc does anyway, and it weighs servers by what they show */
        return true;
    }
}

/* The options; bit o of *seen is set for each. */
static bool take_options(struct conf *c, struct conf_words *w, struct conf_server *s,
                         unsigned *seen)
{
    while (conf_word_next(w)) {
        unsigned o = 0;

        while (o < OPTIONS_COUNT && !conf_word_is(w, option_names[o]))
            o++;
        if (o == OPTIONS_COUNT)
            return conf_word_unknown(w, option_names, OPTIONS_COUNT, OPTIONS);
        if ((*seen & 1U << o) != 0 && o != OPTION_IP)
            return conf_word_fail(w, CONF_TWICE, "each option but ip once");
        *seen |= 1U << o;
        if (!take_option(c, w, s, (enum option)o))
            return false;
    }
    return true;
}

/* Adds n servers that differ in their place in the pool; one that is no pool for n = 0. */
static bool add(struct conf *c, const struct conf_words *name, struct conf_server *s, unsigned n)
{
    unsigned twin = conf_server_find(c, conf_text(c, s->name), s->port);

    if (twin != CONF_SERVERS_MAX) {
        conf_word_fail(name, CONF_DUPLICATE, "each server (name and port) once");
        name->e->other_line = c->servers[twin].line;
        return false;
    }
    if (c->n_servers == CONF_SERVERS_MAX || n > CONF_SERVERS_MAX - (unsigned)c->n_servers)
        return conf_word_fail(name, CONF_FULL, "at most 64 servers");
    s->pool_size = (uint8_t)n;
    do
        c->servers[c->n_servers++] = *s;
    while (++s->pool_slot < n);
    return true;
}

static bool finish(struct conf *c, const struct conf_words *name, struct conf_server *s,
                   unsigned seen, unsigned n)
{
    /* One of the two given beyond the other's default takes that along. */
    if ((seen & 1U << OPTION_MAXPOLL) == 0 && s->maxpoll < s->minpoll)
        s->maxpoll = s->minpoll;
    if ((seen & 1U << OPTION_MINPOLL) == 0 && s->minpoll > s->maxpoll)
        s->minpoll = s->maxpoll;
    if (s->minpoll > s->maxpoll)
        return conf_word_fail(name, CONF_CONFLICT, "a minpoll that is not above maxpoll");
    return add(c, name, s, n);
}

static struct conf_server defaults(const struct conf *c, const struct conf_words *w)
{
    return (struct conf_server){.port = NTS_KE_PORT,
                                .line = w->number,
                                .minpoll = CONF_MINPOLL_DEFAULT,
                                .maxpoll = CONF_MAXPOLL_DEFAULT,
                                .first_ip = c->n_ip};
}

bool conf_server_line(struct conf *c, struct conf_words *w)
{
    struct conf_words name;
    unsigned seen = 0;
    struct conf_server s = defaults(c, w);

    if (!conf_word_need(w, HOST_WORDS))
        return false;
    name = *w;
    return take_server_host(c, w, &s, &seen) && take_options(c, w, &s, &seen) &&
           finish(c, &name, &s, seen, 0);
}

/* The next word, where it is a number, says how many servers. */
static bool take_size(struct conf_words *w, unsigned *n)
{
    struct conf_words ahead = *w;

    *n = CONF_POOL_DEFAULT;
    if (!conf_word_next(&ahead) || !digit_is(ahead.word[0]))
        return true;
    return conf_word_number(w, 1, CONF_POOL_MAX, "a number of servers, 1 to 16", n);
}

bool conf_pool_line(struct conf *c, struct conf_words *w)
{
    const unsigned alone = 1U << OPTION_IP | 1U << OPTION_NTP_SERVER | 1U << OPTION_NTP_PORT;
    struct conf_words name;
    struct net_addr a;
    unsigned seen = 0, n = 0;
    struct conf_server s = defaults(c, w);

    if (!conf_word_need(w, POOL_WORDS))
        return false;
    name = *w;
    if (!take_server_host(c, w, &s, &seen))
        return false;
    if (addr_parse(conf_text(c, s.name), strlen(conf_text(c, s.name)), &a))
        return conf_word_fail(&name, CONF_BAD_VALUE, POOL_WORDS);
    if (!take_size(w, &n) || !take_options(c, w, &s, &seen))
        return false;
    /* They say who the server is, and a pool is to say that itself. */
    if ((seen & alone) != 0)
        return conf_word_fail(&name, CONF_CONFLICT, "a pool without ip, ntp-server and ntp-port");
    return finish(c, &name, &s, seen, n);
}

unsigned conf_pool(const struct conf *c, unsigned i)
{
    return c->servers[i].pool_size == 0 ? 0 : i - c->servers[i].pool_slot + 1;
}

const char *conf_server_ca(const struct conf *c, const struct conf_server *s)
{
    return conf_text(c, s->ca != 0 ? s->ca : c->ca);
}

struct net_addr conf_server_ip(const struct conf *c, const struct conf_server *s, unsigned i)
{
    struct net_addr a = {0};
    const char *text = conf_text(c, c->ip[s->first_ip + i]);

    (void)addr_parse(text, strlen(text), &a);
    return a;
}

/* A final dot tells resolvers something, but the name is the same. */
static bool same_name(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    n -= n > 0 && a[n - 1] == '.';
    m -= m > 0 && b[m - 1] == '.';
    return n == m && memcmp(a, b, n) == 0;
}

unsigned conf_server_find(const struct conf *c, const char *name, uint16_t port)
{
    for (unsigned i = 0; i < c->n_servers; i++) {
        if (c->servers[i].port == port && same_name(conf_text(c, c->servers[i].name), name))
            return i;
    }
    return CONF_SERVERS_MAX;
}

struct aead_list conf_server_aead(const struct conf *c, const struct conf_server *s)
{
    return s->aead.n > 0 ? s->aead : c->aead.n > 0 ? c->aead : aead_list_default();
}

unsigned conf_independent(const struct conf *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_servers; i++) {
        bool counted = false;

        for (unsigned j = 0; j < i && c->servers[i].group != 0; j++)
            counted = counted || c->servers[j].group == c->servers[i].group;
        n += counted ? 0 : 1;
    }
    return n;
}

unsigned conf_minsources(const struct conf *c)
{
    if (c->minsources != 0)
        return c->minsources;
    return conf_independent(c) > 2 ? 2 : 1;
}
