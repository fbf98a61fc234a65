/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of other daemons that name servers. */
#include <string.h>

#include "common/base/decimal.h"

#include "common/conf/import_parts.h"

#define SERVER_TEXT CONF_PRINT_MAX
#define LEFT_TEXT   256

#define NO_NTS  "without NTS, which ntsc insists on; if the server has it, this line would do:"
#define NO_POOL "a pool without NTS, which ntsc insists on; name an NTS pool or NTS servers instead"

/* The line as it grows, and what gets lost. */
struct draft {
    char server[SERVER_TEXT], left[LEFT_TEXT];
    struct text line, lost;
    bool nts, never;
    bool set_elsewhere; /* trusts CAs that this file does not name */
};

static void lose(struct draft *d, const struct conf_words *w)
{
    text_put(&d->lost, "%s", d->lost.pos > 0 ? " " : "");
    import_printable(&d->lost, w->word, w->n);
}

/* For whoever knows better to take the mark away. */
static void put_disabled(const struct draft *d, struct text *t)
{
    text_put(t, "#");
    import_printable(t, d->server, d->line.pos);
    text_put(t, "\n");
}

/* A small number with a sign, cut to low..high; whether it was inside. */
static bool cut_number(const struct conf_words *w, long low, long high, long *value)
{
    bool negative = w->n > 0 && w->word[0] == '-';
    size_t sign = negative ? 1 : 0;
    uint64_t size;
    long v;

    /* Who writes more digits than five means more than is allowed. */
    if (decimal_digits(w->word + sign, w->n - sign, 6, &size) !=
        (w->n - sign > 6 ? 6 : w->n - sign))
        return false;
    v = negative ? -(long)size : (long)size;
    *value = v < low ? low : v > high ? high : v;
    return *value == v;
}

static void put_poll(struct draft *d, const struct conf_words *option, const struct conf_words *w)
{
    long v = -1;
    bool inside = cut_number(w, CONF_POLL_MIN, CONF_POLL_MAX, &v);

    if (v >= 0)
        text_put(&d->line, " %.*s %ld", (int)option->n, option->word, v);
    if (!inside) {
        lose(d, option);
        lose(d, w);
    }
}

static void put_set(const struct import *im, struct draft *d, const struct conf_words *option,
                    const struct conf_words *w)
{
    long id = 0;
    const char *path = NULL;

    if (cut_number(w, 1, 99999, &id))
        path = import_set(im, (unsigned)id);
    if (path != NULL) {
        text_put(&d->line, " ca %s", path);
        return;
    }
    d->set_elsewhere = true;
    lose(d, option);
    lose(d, w);
}

/* `option` is the name, `w` the value where there is one. */
static void put_option(const struct import *im, struct draft *d, enum import_option what,
                       const struct conf_words *option, const struct conf_words *w)
{
    int n = (int)w->n;

    switch (what) {
    case IMPORT_SILENT:
    case IMPORT_SIZE: /* put_size() */
        break;
    case IMPORT_WITH_NTS:
        d->nts = true;
        break;
    case IMPORT_XLEAVE:
        text_put(&d->line, " xleave");
        break;
    case IMPORT_NEVER:
        d->never = true;
        break;
    case IMPORT_NTP_PORT:
        if (!import_is(w, "123"))
            text_put(&d->line, " ntp-port %.*s", n, w->word);
        break;
    case IMPORT_KE_PORT:
        text_put(&d->line, " port %.*s", n, w->word);
        break;
    case IMPORT_MINPOLL:
    case IMPORT_MAXPOLL:
        put_poll(d, option, w);
        break;
    case IMPORT_SET:
        put_set(im, d, option, w);
        break;
    case IMPORT_SERVER_CA:
        text_put(&d->line, " ca %.*s", n, w->word);
        break;
    case IMPORT_ASK:
        text_put(&d->line, " ntp-server %.*s", n, w->word);
        break;
    case IMPORT_DROP:
        lose(d, option);
        if (w->word != option->word)
            lose(d, w);
        break;
    }
}

static void take_options(const struct import *im, struct draft *d, struct conf_words *w)
{
    while (conf_word_next(w)) {
        const struct import_server_word *o = import_server_option(im->kind, w);
        struct conf_words option = *w;

        if (o != NULL && o->value && !conf_word_next(w)) {
            lose(d, &option);
            break;
        }
        put_option(im, d, o == NULL ? IMPORT_DROP : o->what, &option, w);
    }
}

/* How many servers of the pool chrony would take (its default is ours). */
static void put_size(const struct import *im, struct draft *d, const struct conf_words *w)
{
    struct conf_words ahead = *w;
    long n = 0;

    while (conf_word_next(&ahead)) {
        const struct import_server_word *o = import_server_option(im->kind, &ahead);

        if (o != NULL && o->value && conf_word_next(&ahead) && o->what == IMPORT_SIZE &&
            (cut_number(&ahead, 1, CONF_POOL_MAX, &n) || n == CONF_POOL_MAX))
            text_put(&d->line, " %ld", n);
    }
}

/* NTPsec takes HOST:PORT. */
static bool put_host(const struct import *im, struct draft *d, const struct conf_words *w,
                     bool pool)
{
    char name[NTS_NAME_MAX + 16];
    struct text t = text_in(name, sizeof name);
    struct conf_host h;

    text_put(&t, "%.*s", (int)w->n, w->word);
    if (w->n >= sizeof name || memchr(w->word, '\0', w->n) != NULL || !conf_host_parse(name, &h))
        return false;
    text_put(&d->line, "%s %s", pool ? "pool" : "server", h.name);
    if (pool)
        put_size(im, d, w);
    if (h.port != 0)
        text_put(&d->line, " port %u", h.port);
    return true;
}

static bool is_clock(const struct conf_words *w)
{
    return w->n > 8 && memcmp(w->word, "127.127.", 8) == 0;
}

void import_server(struct import *im, struct conf_words *w, struct text *t, bool pool)
{
    struct draft d = {.nts = false};
    bool host;

    d.line = text_in(d.server, sizeof d.server);
    d.lost = text_in(d.left, sizeof d.left);
    while ((host = conf_word_next(w)) && (import_is(w, "-4") || import_is(w, "-6")))
        lose(&d, w);
    if (host && is_clock(w)) {
        import_say(t, "ntsc asks NTS servers, not reference clocks");
        return;
    }
    if (!host || !put_host(im, &d, w, pool)) {
        import_say(t, "left out, for ntsc expects: a host name or an address");
        return;
    }
    take_options(im, &d, w);
    if (d.never) {
        import_say(t, "noselect: it was not to be used");
    } else if (d.set_elsewhere) {
        import_say(
            t, "trusts CAs of a set that is defined elsewhere, and ntsc would trust the system's: "
               "say which by ca PATH and take the mark away");
        put_disabled(&d, t);
    } else if (!d.nts) {
        import_say(t, pool ? NO_POOL : NO_NTS);
        if (!pool)
            put_disabled(&d, t);
    } else {
        if (d.lost.pos > 0)
            text_put(t, "#    without: %s\n", d.left);
        import_put(im, t, d.server);
    }
}

void import_names(struct conf_words *w, struct text *t)
{
    bool found = false;

    while (conf_word_next(w)) {
        struct draft d = {.nts = false};

        d.line = text_in(d.server, sizeof d.server);
        if (!put_host(NULL, &d, w, false))
            continue;
        if (!found)
            import_say(t, NO_NTS);
        found = true;
        put_disabled(&d, t);
    }
    if (!found)
        import_say(t, "names no server");
}
