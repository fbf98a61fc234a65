/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntp.toml of ntpd-rs: tables of keys, of which a [[source]] becomes a server when the table ends.
 * Only as much of TOML as such files have: a table or a key a line, strings without escapes, inline
 * tables of numbers.
 */
#include <string.h>

#include "common/base/digit.h"
#include "common/conf/import_parts.h"

#define SERVES "ntsc serves nobody and listens on nothing"
#define OWN    "ntsc estimates in its own way, and needs no such number"

/* A piece of the line. */
struct piece {
    const char *text;
    size_t n;
};

static bool is(struct piece p, const char *text)
{
    return strlen(text) == p.n && memcmp(p.text, text, p.n) == 0;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct piece trimmed(struct piece p)
{
    while (p.n > 0 && blank(p.text[0]))
        p.text++, p.n--;
    while (p.n > 0 && blank(p.text[p.n - 1]))
        p.n--;
    return p;
}

/* Up to a comment, which does not begin inside a string. */
static struct piece without_comment(struct piece p)
{
    char quote = 0;

    for (size_t i = 0; i < p.n; i++) {
        char c = p.text[i];

        if (quote == 0 && c == '#')
            return trimmed((struct piece){p.text, i});
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
    }
    return trimmed(p);
}

static bool split(struct piece line, struct piece *key, struct piece *value)
{
    const char *equal = memchr(line.text, '=', line.n);

    if (equal == NULL)
        return false;
    *key = trimmed((struct piece){line.text, (size_t)(equal - line.text)});
    *value = trimmed((struct piece){equal + 1, (size_t)(line.text + line.n - equal - 1)});
    return key->n > 0 && value->n > 0;
}

/* What stands between quotes. */
static struct piece unquoted(struct piece v)
{
    if (v.n >= 2 && (v.text[0] == '"' || v.text[0] == '\'') && v.text[v.n - 1] == v.text[0])
        return (struct piece){v.text + 1, v.n - 2};
    return v;
}

/* The number behind KEY in { KEY = 4, ... }, or the value itself where key is NULL. */
static bool number(struct piece v, const char *key, unsigned *value)
{
    size_t at = 0, n = key != NULL ? strlen(key) : 0;
    unsigned found = 0;
    size_t digits = 0;

    if (key != NULL) {
        while (at + n <= v.n && memcmp(v.text + at, key, n) != 0)
            at++;
        for (at += n; at < v.n && (blank(v.text[at]) || v.text[at] == '='); at++)
            ;
    }
    for (; at < v.n && digit_is(v.text[at]) && digits < 9; at++, digits++)
        found = found * 10 + (unsigned)(v.text[at] - '0');
    *value = found;
    return digits > 0 && (at == v.n || !digit_is(v.text[at]));
}

static enum import_rs_table table_of(struct piece line)
{
    static const struct {
        const char *name;
        enum import_rs_table table;
    } tables[] = {
        {"[[source]]", IMPORT_RS_SOURCE},
        {"[source-defaults]", IMPORT_RS_DEFAULTS},
        {"[synchronization]", IMPORT_RS_SYNCHRONIZATION},
        {"[synchronization.algorithm]", IMPORT_RS_OWN},
        {"[observability]", IMPORT_RS_OTHER},
        {"[[server]]", IMPORT_RS_SERVER},
        {"[[nts-ke-server]]", IMPORT_RS_SERVER},
        {"[keyset]", IMPORT_RS_SERVER},
    };

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (is(line, tables[i].name))
            return tables[i].table;
    return IMPORT_RS_NONE;
}

/* Whether the line is one of that language: a table that it has, or KEY = VALUE below one. */
bool import_rs_knows(struct import *im, const char *line, size_t len)
{
    struct piece all = without_comment((struct piece){line, len}), key, value;

    if (all.n > 0 && all.text[0] == '[') {
        im->rs.table = table_of(all);
        return im->rs.table != IMPORT_RS_NONE;
    }
    return im->rs.table != IMPORT_RS_NONE && split(all, &key, &value);
}

/* One of the words that go into the server's line, if it has no blanks that would make it several.
 */
static bool keep(char *to, size_t n, struct piece v)
{
    struct text t = text_in(to, n);

    for (size_t i = 0; i < v.n; i++)
        if (v.text[i] <= ' ' || v.text[i] > '~' || v.text[i] == '#')
            return false;
    text_put(&t, "%.*s", (int)v.n, v.text);
    return v.n > 0 && v.n < n;
}

static void source_key(struct import *im, struct piece key, struct piece value, struct text *t)
{
    struct import_rs *rs = &im->rs;
    struct piece v = unquoted(value);
    bool good = true;

    if (is(key, "mode")) {
        rs->nts = is(v, "nts");
        rs->pool = is(v, "nts-pool");
        rs->other = !rs->nts && !rs->pool;
    } else if (is(key, "address")) {
        good = keep(rs->address, sizeof rs->address, v);
    } else if (is(key, "certificate-authority")) {
        good = keep(rs->ca, sizeof rs->ca, v);
    } else if (is(key, "count")) {
        good = number(value, NULL, &rs->count);
    } else if (is(key, "poll-interval-limits")) {
        (void)number(value, "min", &rs->minpoll);
        (void)number(value, "max", &rs->maxpoll);
    } else {
        import_say(t, OWN);
    }
    if (!good)
        import_say(t, "left out, for ntsc expects: one word");
}

static void synchronization_key(struct import *im, struct piece key, struct piece value,
                                struct text *t)
{
    char directive[64];
    struct text d = text_in(directive, sizeof directive);
    unsigned n;

    if (is(key, "minimum-agreeing-sources") && number(value, NULL, &n) && n > 0 &&
        n <= CONF_SERVERS_MAX) {
        im->minsources = n;
        import_say(t, "at the end, when the servers are known");
    } else if (is(key, "single-step-panic-threshold") && number(value, NULL, &n)) {
        text_put(&d, "panic %u", n);
        import_put(im, t, directive);
    } else {
        import_say(t, OWN);
    }
}

/* The table has ended: what it said becomes a line. */
void import_rs_flush(struct import *im, struct text *t)
{
    struct import_rs *rs = &im->rs;
    char directive[CONF_PRINT_MAX];
    struct text d = text_in(directive, sizeof directive);
    enum import_rs_table table = rs->table;

    if (table == IMPORT_RS_SOURCE && rs->address[0] != 0 && !rs->other && (rs->nts || rs->pool)) {
        text_put(&d, "%s %s", rs->pool ? "pool" : "server", rs->address);
        if (rs->pool && rs->count > 0)
            text_put(&d, " %u", rs->count);
        if (rs->ca[0] != 0)
            text_put(&d, " ca %s", rs->ca);
        if (rs->minpoll != 0)
            text_put(&d, " minpoll %u", rs->minpoll);
        if (rs->maxpoll != 0)
            text_put(&d, " maxpoll %u", rs->maxpoll);
        text_put(t, "\n");
        import_put(im, t, directive);
    } else if (table == IMPORT_RS_SOURCE && rs->address[0] != 0) {
        text_put(t,
                 "\n#    without NTS, which ntsc insists on; if the server has it, this line would "
                 "do:\n#server %s\n",
                 rs->address);
    }
    memset(rs, 0, sizeof *rs);
}

void import_rs_line(struct import *im, const char *line, size_t len, struct text *t)
{
    struct conf_words w = {.line = line, .len = len};
    struct piece all = without_comment((struct piece){line, len}), key, value;

    if (all.n == 0)
        return;
    if (all.text[0] == '[') {
        import_rs_flush(im, t);
        im->rs.table = table_of(all);
        import_show(im, &w, t);
        if (im->rs.table == IMPORT_RS_SERVER)
            import_say(t, SERVES);
        else if (im->rs.table == IMPORT_RS_OTHER)
            import_say(t, "ntsc -i shows the status, ntsc -i --openmetrics for a collector");
        else if (im->rs.table == IMPORT_RS_NONE)
            import_say(t, "not known to ntsc");
        return;
    }
    import_show(im, &w, t);
    if (!split(all, &key, &value))
        import_say(t, "not known to ntsc");
    else if (im->rs.table == IMPORT_RS_SOURCE)
        source_key(im, key, value, t);
    else if (im->rs.table == IMPORT_RS_SYNCHRONIZATION)
        synchronization_key(im, key, value, t);
    else if (im->rs.table == IMPORT_RS_DEFAULTS)
        import_say(t, "in ntsc a server has its own minpoll and maxpoll");
    else if (im->rs.table == IMPORT_RS_OWN)
        import_say(t, OWN);
}
