/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration, and what is wrong with it, in words. */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/conf/conf.h"

void conf_error_text(const struct conf_error *e, const char *file, char *buf, size_t n)
{
    struct text t;

    if (n == 0)
        return;
    t = text_in(buf, n);
    text_put(&t, "%s", file);
    if (e->line != 0)
        text_put(&t, ":%u", e->line);
    if (e->column != 0)
        text_put(&t, ":%u", e->column);
    text_put(&t, ": ");
    if (e->problem == CONF_MISSING)
        text_put(&t, "something is missing behind \"%s\"", e->word);
    else if (e->word[0] != '\0')
        text_put(&t, "\"%s\"", e->word);
    switch (e->problem) {
    case CONF_UNKNOWN:
        text_put(&t, " is not known");
        break;
    case CONF_EXTRA:
        text_put(&t, " is one word too many");
        break;
    case CONF_TWICE:
        text_put(&t, " is given twice");
        break;
    case CONF_DUPLICATE:
        if (e->other_line == CONF_OTHER_FILE)
            text_put(&t, " was given in another file already");
        else
            text_put(&t, " was given in line %u already", e->other_line);
        break;
    case CONF_CONFLICT:
        text_put(&t, " contradicts the rest");
        break;
    case CONF_FULL:
        text_put(&t, "%sthere is no room left", e->word[0] != '\0' ? ": " : "");
        break;
    case CONF_BAD_LINE:
        text_put(&t, "this is not a line of a configuration");
        break;
    case CONF_BAD_VALUE:
        text_put(&t, " does not fit here");
        break;
    case CONF_MISSING:
    case CONF_OK:
        break;
    }
    if (e->hint != NULL) {
        text_put(&t, "; %s", e->hint);
        return;
    }
    if (e->meant != NULL) {
        text_put(&t, "; \"%s\" was meant?", e->meant);
        return;
    }
    text_put(&t, "; expected: %s", e->expected != NULL ? e->expected : "nothing else");
}

/* Seconds with as many decimals as there are. */
static void put_seconds(struct text *t, int64_t ns)
{
    char digits[16];
    int last = 9;

    text_put(t, " %lld", (long long)(ns / NS_PER_S));
    if (ns % NS_PER_S == 0)
        return;
    (void)snprintf(digits, sizeof digits, "%09d", (int)(ns % NS_PER_S));
    while (digits[last - 1] == '0')
        last--;
    text_put(t, ".%.*s", last, digits);
}

static void put_aead(struct text *t, const struct aead_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        text_put(t, "%s%u", i > 0 ? "," : "", list->id[i]);
}

static void put_server(struct text *t, const struct conf *c, const struct conf_server *s)
{
    if (s->pool_size > 0)
        text_put(t, "pool %s %u port %u", conf_text(c, s->name), s->pool_size, s->port);
    else
        text_put(t, "server %s port %u", conf_text(c, s->name), s->port);
    if (s->ca != 0)
        text_put(t, " ca %s", conf_text(c, s->ca));
    for (unsigned i = 0; i < s->n_ip; i++)
        text_put(t, " ip %s", conf_text(c, c->ip[s->first_ip + i]));
    if (s->ntp_server != 0)
        text_put(t, " ntp-server %s", conf_text(c, s->ntp_server));
    if (s->ntp_port != 0)
        text_put(t, " ntp-port %u", s->ntp_port);
    text_put(t, " minpoll %u maxpoll %u", s->minpoll, s->maxpoll);
    if (s->xleave)
        text_put(t, " xleave");
    if (s->group != 0)
        text_put(t, " group %s", conf_text(c, s->group));
    if (s->aead.n > 0) {
        text_put(t, " aead ");
        put_aead(t, &s->aead);
    }
}

/* A directive that is a word alone. */
static void put_if(struct text *t, bool given, const char *words)
{
    if (given)
        text_put(t, "%s", words);
}

/* Directives other than server; those that are not in force leave *t empty. */
static void put_directive(struct text *t, const struct conf *c, enum conf_directive d)
{
    static const char *const to[] = {"auto", "syslog", "stderr"};
    static const char *const level[] = {"normal", "quiet", "verbose"};
    struct aead_list list;

    switch (d) {
    case CONF_MINSOURCES:
        text_put(t, "minsources %u", conf_minsources(c));
        break;
    case CONF_CA:
        if (c->ca != 0)
            text_put(t, "ca %s", conf_text(c, c->ca));
        break;
    case CONF_STEP:
        text_put(t, "step");
        put_seconds(t, c->step_ns);
        text_put(t, " %u", c->step_count);
        break;
    case CONF_PANIC:
        text_put(t, "panic");
        put_seconds(t, c->panic_ns);
        break;
    case CONF_MAXDELAY:
        text_put(t, "maxdelay");
        put_seconds(t, c->maxdelay_ns);
        break;
    case CONF_STATEDIR:
        text_put(t, "statedir %s", conf_text(c, c->statedir));
        break;
    case CONF_USER:
        text_put(t, "user %s", conf_text(c, c->user));
        break;
    case CONF_LOG:
        text_put(t, "log %s %s", to[c->log_to], level[c->log_level]);
        break;
    case CONF_CERTIFICATE_DATES:
        put_if(t, c->dates_strict, "certificate-dates strict");
        break;
    case CONF_TRUST_SINGLE:
        put_if(t, c->trust_single, "trust-single");
        break;
    case CONF_AEAD:
        list = c->aead.n > 0 ? c->aead : aead_list_default();
        text_put(t, "aead ");
        put_aead(t, &list);
        break;
    case CONF_TRUST_OLD:
        put_if(t, c->trust_old, "trust-old");
        break;
    case CONF_STEP_LATER:
        put_if(t, c->later_ns > 0, "step-later");
        if (c->later_ns > 0)
            put_seconds(t, c->later_ns);
        break;
    case CONF_SERVER:
    case CONF_POOL:
    case CONF_DIRECTIVES:
        break;
    }
}

size_t conf_print_line(const struct conf *c, unsigned i, char *buf, size_t n)
{
    struct text t;
    unsigned seen = 0;

    if (n == 0)
        return 0;
    t = text_in(buf, n);
    for (unsigned k = 0; k < c->n_servers; k++) {
        if (c->servers[k].pool_slot > 0 || seen++ != i)
            continue;
        put_server(&t, c, &c->servers[k]);
        return t.pos;
    }
    for (unsigned d = CONF_POOL + 1; d < CONF_DIRECTIVES; d++) {
        put_directive(&t, c, (enum conf_directive)d);
        if (t.pos > 0 && seen++ == i)
            return t.pos;
        t.pos = 0;
        buf[0] = '\0';
    }
    return 0;
}
