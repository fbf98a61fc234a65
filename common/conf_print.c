/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration, and what is wrong with it, in words. */
#include <stdio.h>
#include <string.h>

#include "common/conf.h"

struct text {
    char *buf;
    size_t n;
    size_t pos;
};

/* Counts what snprintf wrote; text that does not fit is cut. */
static void advance(struct text *t, int n)
{
    size_t left = t->n - t->pos;

    if (n > 0)
        t->pos += (size_t)n < left ? (size_t)n : left - 1;
}

#define PUT(t, ...) advance((t), snprintf((t)->buf + (t)->pos, (t)->n - (t)->pos, __VA_ARGS__))

void conf_error_text(const struct conf_error *e, const char *file, char *buf, size_t n)
{
    struct text t = {buf, n, 0};

    if (n == 0)
        return;
    buf[0] = '\0';
    PUT(&t, "%s", file);
    if (e->line != 0)
        PUT(&t, ":%u", e->line);
    if (e->column != 0)
        PUT(&t, ":%u", e->column);
    PUT(&t, ": ");
    if (e->problem == CONF_MISSING)
        PUT(&t, "something is missing behind \"%s\"", e->word);
    else if (e->word[0] != '\0')
        PUT(&t, "\"%s\"", e->word);
    switch (e->problem) {
    case CONF_UNKNOWN:
        PUT(&t, " is not known");
        break;
    case CONF_EXTRA:
        PUT(&t, " is one word too many");
        break;
    case CONF_TWICE:
        PUT(&t, " is given twice");
        break;
    case CONF_DUPLICATE:
        PUT(&t, " was given in line %u already", e->other_line);
        break;
    case CONF_CONFLICT:
        PUT(&t, " contradicts the rest");
        break;
    case CONF_FULL:
        PUT(&t, "%sthere is no room left", e->word[0] != '\0' ? ": " : "");
        break;
    case CONF_BAD_LINE:
        PUT(&t, "this is not a line of a configuration");
        break;
    case CONF_BAD_VALUE:
        PUT(&t, " does not fit here");
        break;
    case CONF_MISSING:
    case CONF_OK:
        break;
    }
    PUT(&t, "; expected: %s", e->expected != NULL ? e->expected : "nothing else");
}

/* Seconds with as many decimals as there are. */
static void put_seconds(struct text *t, int64_t ns)
{
    char digits[16];
    int last = 9;

    PUT(t, " %lld", (long long)(ns / NS_PER_S));
    if (ns % NS_PER_S == 0)
        return;
    (void)snprintf(digits, sizeof digits, "%09d", (int)(ns % NS_PER_S));
    while (digits[last - 1] == '0')
        last--;
    PUT(t, ".%.*s", last, digits);
}

static void put_server(struct text *t, const struct conf *c, const struct conf_server *s)
{
    PUT(t, "server %s port %u", conf_text(c, s->name), s->port);
    if (s->ca != 0)
        PUT(t, " ca %s", conf_text(c, s->ca));
    for (unsigned i = 0; i < s->n_ip; i++)
        PUT(t, " ip %s", conf_text(c, c->ip[s->first_ip + i]));
    if (s->ntp_server != 0)
        PUT(t, " ntp-server %s", conf_text(c, s->ntp_server));
    if (s->ntp_port != 0)
        PUT(t, " ntp-port %u", s->ntp_port);
    PUT(t, " minpoll %u maxpoll %u", s->minpoll, s->maxpoll);
    if (s->group != 0)
        PUT(t, " group %s", conf_text(c, s->group));
}

/* Directives other than server; those that are not in force leave *t empty. */
static void put_directive(struct text *t, const struct conf *c, enum conf_directive d)
{
    static const char *const to[] = {"auto", "syslog", "stderr"};
    static const char *const level[] = {"normal", "quiet", "verbose"};

    switch (d) {
    case CONF_MINSOURCES:
        PUT(t, "minsources %u", conf_minsources(c));
        break;
    case CONF_CA:
        if (c->ca != 0)
            PUT(t, "ca %s", conf_text(c, c->ca));
        break;
    case CONF_STEP:
        PUT(t, "step");
        put_seconds(t, c->step_ns);
        PUT(t, " %u", c->step_count);
        break;
    case CONF_PANIC:
        PUT(t, "panic");
        put_seconds(t, c->panic_ns);
        break;
    case CONF_STATEDIR:
        PUT(t, "statedir %s", conf_text(c, c->statedir));
        break;
    case CONF_USER:
        PUT(t, "user %s", conf_text(c, c->user));
        break;
    case CONF_LOG:
        PUT(t, "log %s %s", to[c->log_to], level[c->log_level]);
        break;
    case CONF_CERTIFICATE_DATES:
        if (c->dates_strict)
            PUT(t, "certificate-dates strict");
        break;
    case CONF_TRUST_SINGLE:
        if (c->trust_single)
            PUT(t, "trust-single");
        break;
    case CONF_SERVER:
    case CONF_DIRECTIVES:
        break;
    }
}

size_t conf_print_line(const struct conf *c, unsigned i, char *buf, size_t n)
{
    struct text t = {buf, n, 0};
    unsigned seen = c->n_servers;

    if (n == 0)
        return 0;
    buf[0] = '\0';
    if (i < c->n_servers) {
        put_server(&t, c, &c->servers[i]);
        return t.pos;
    }
    for (unsigned d = CONF_SERVER + 1; d < CONF_DIRECTIVES; d++) {
        put_directive(&t, c, (enum conf_directive)d);
        if (t.pos > 0 && seen++ == i)
            return t.pos;
        t.pos = 0;
        buf[0] = '\0';
    }
    return 0;
}
