/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/conf/import.h"

#include <string.h>

#include "common/conf/import_parts.h"

#define SHOWN_MAX    160
#define DIRECTIVE    CONF_PRINT_MAX
#define STEP_DEFAULT "0.5"
#define STEP_LEAST   "0.001" /* the least that ntsc takes, where others say 0: any offset */

void import_init(struct import *im)
{
    memset(im, 0, sizeof *im);
    conf_init(&im->conf, "/var/lib/ntsc");
}

void import_printable(struct text *t, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_put(t, "%c", text[i] >= 0x20 && text[i] <= 0x7e ? text[i] : '?');
}

void import_show(const struct import *im, const struct conf_words *w, struct text *t)
{
    size_t n = w->len;

    while (n > 0 && (w->line[n - 1] == '\n' || w->line[n - 1] == '\r'))
        n--;
    text_put(t, "\n# %u: ", im->line);
    import_printable(t, w->line, n < SHOWN_MAX ? n : SHOWN_MAX);
    text_put(t, n > SHOWN_MAX ? "...\n" : "\n");
}

void import_say(struct text *t, const char *why)
{
    text_put(t, "#    %s\n", why);
}

void import_put(struct import *im, struct text *t, const char *directive)
{
    struct conf_error e;

    if (conf_line(&im->conf, directive, strlen(directive), &e))
        text_put(t, "%s\n", directive);
    else
        text_put(t, "#    left out, for ntsc expects: %s\n", e.expected);
}

/* The next word in a buffer, cut where it is too long; false and `otherwise` when there is none. */
static bool next_word(struct conf_words *w, char *buf, size_t n, const char *otherwise)
{
    struct text t = text_in(buf, n);

    if (!conf_word_next(w)) {
        text_put(&t, "%s", otherwise);
        return false;
    }
    text_put(&t, "%.*s", (int)w->n, w->word);
    return true;
}

static bool is_zero(const char *number)
{
    while (*number == '0' || *number == '.')
        number++;
    return *number == '\0';
}

static bool word_is_number(const char *word, unsigned value)
{
    struct conf_words w = {.word = word, .n = strlen(word)};
    unsigned v;

    return import_word_number(&w, &v) && v == value;
}

static void put_step(struct import *im, struct conf_words *w, struct text *t)
{
    char seconds[32], count[32], directive[DIRECTIVE];
    struct text d = text_in(directive, sizeof directive);

    (void)next_word(w, seconds, sizeof seconds, "");
    (void)next_word(w, count, sizeof count, "");
    if (word_is_number(count, 0)) {
        import_say(t, "never a step");
        text_put(&d, "step " STEP_DEFAULT " 0");
    } else if (count[0] == '-') {
        import_say(t, "ntsc steps only before the first synchronization and after a sleep");
        text_put(&d, "step %s %d", is_zero(seconds) ? STEP_LEAST : seconds, CONF_STEPS_MAX);
    } else if (is_zero(seconds)) {
        text_put(&d, "step " STEP_LEAST " %s", count);
    } else {
        text_put(&d, "step %s %s", seconds, count);
    }
    import_put(im, t, directive);
}

static void put_value(struct import *im, struct conf_words *w, struct text *t, const char *name)
{
    char value[CA_PATH_MAX + 2], directive[DIRECTIVE];
    struct text d = text_in(directive, sizeof directive);

    (void)next_word(w, value, sizeof value, "");
    text_put(&d, "%s %s", name, value);
    import_put(im, t, directive);
}

static void put_minsources(struct import *im, struct conf_words *w, struct text *t)
{
    unsigned n;

    if (!conf_word_next(w) || !import_word_number(w, &n) || n == 0 || n > CONF_SERVERS_MAX) {
        import_say(t, "left out, for ntsc expects: a number of sources, 1 to 64");
        return;
    }
    im->minsources = n;
    import_say(t, "at the end, when the servers are known");
}

/* chrony's has a number of a set before it, or none; NTPsec's has none. */
static void put_ca(struct import *im, struct conf_words *w, struct text *t)
{
    struct conf_words first = *w;
    unsigned id = 0;

    if (im->kind == IMPORT_CHRONY && conf_word_next(&first) && import_word_number(&first, &id))
        *w = first;
    if (id != 0) {
        import_say(t, "goes to the servers that use this set");
        return;
    }
    import_say(t, "ntsc trusts these alone, not the system's as well");
    put_value(im, w, t, "ca");
}

static void put_nts(struct import *im, struct conf_words *w, struct text *t)
{
    if (!conf_word_next(w))
        return;
    if (import_is(w, "ca"))
        put_ca(im, w, t);
    else if (import_is(w, "enable") || import_is(w, "disable") || import_is(w, "key") ||
             import_is(w, "cert") || import_is(w, "cookie"))
        import_say(t, "ntsc serves nobody and listens on nothing");
    else
        import_say(t, "ntsc speaks TLS 1.3 with what the library holds for safe");
}

static void put_tinker(struct import *im, struct conf_words *w, struct text *t)
{
    char name[16], value[32], directive[DIRECTIVE];

    while (next_word(w, name, sizeof name, "")) {
        struct text d = text_in(directive, sizeof directive);
        bool zero;

        (void)next_word(w, value, sizeof value, "");
        zero = value[0] == '0' && is_zero(value);
        if (strcmp(name, "panic") == 0)
            text_put(&d, "panic %s", zero ? "1000000000" : value);
        else if (strcmp(name, "step") == 0)
            text_put(&d, "step %s", zero ? STEP_DEFAULT " 0" : value);
        else
            continue;
        if (strcmp(name, "step") == 0 && !zero)
            text_put(&d, " %d", CONF_STEPS_DEFAULT);
        import_put(im, t, directive);
    }
}

static void put_tos(struct import *im, struct conf_words *w, struct text *t)
{
    bool found = false;

    while (conf_word_next(w)) {
        if (!import_is(w, "minsane"))
            continue;
        put_minsources(im, w, t);
        found = true;
    }
    if (!found)
        import_say(t, "ntsc chooses among servers in its own way");
}

static void translate(struct import *im, const struct import_word *d, struct conf_words *w,
                      struct text *t)
{
    switch (d->verb) {
    case IMPORT_NOTHING:
        if (d->why != NULL)
            import_say(t, d->why);
        break;
    case IMPORT_SERVER:
    case IMPORT_POOL:
        import_server(im, w, t, d->verb == IMPORT_POOL);
        break;
    case IMPORT_NAMES:
        import_names(w, t);
        break;
    case IMPORT_STEP:
        put_step(im, w, t);
        break;
    case IMPORT_PANIC:
        put_value(im, w, t, "panic");
        break;
    case IMPORT_MINSOURCES:
        put_minsources(im, w, t);
        break;
    case IMPORT_CA:
        put_ca(im, w, t);
        break;
    case IMPORT_NTS:
        put_nts(im, w, t);
        break;
    case IMPORT_TINKER:
        put_tinker(im, w, t);
        break;
    case IMPORT_TOS:
        put_tos(im, w, t);
        break;
    }
}

size_t import_line(struct import *im, const char *line, size_t len, char *buf, size_t n)
{
    struct conf_error ignored;
    struct conf_words w = {.line = line, .len = len, .e = &ignored};
    struct text t = text_in(buf, n);
    const struct import_word *d;

    if (im->line == IMPORT_LINES_MAX && !im->closed)
        text_put(&t, "\n# what follows line %u was not looked at\n", im->line);
    im->closed = im->line == IMPORT_LINES_MAX;
    if (im->closed)
        return t.pos;
    im->line++;
    if (im->kind == IMPORT_NTPD_RS) {
        import_rs_line(im, line, len, &t);
        return t.pos;
    }
    if (!import_begin_line(im->kind, &w))
        return t.pos;
    import_show(im, &w, &t);
    d = import_directive(im->kind, &w);
    if (d != NULL)
        translate(im, d, &w, &t);
    else
        import_say(&t, "not known to ntsc");
    return t.pos;
}

size_t import_end(struct import *im, char *buf, size_t n)
{
    struct text t = text_in(buf, n);
    unsigned most;
    char directive[DIRECTIVE];
    struct text d = text_in(directive, sizeof directive);

    import_rs_flush(im, &t);
    most = conf_independent(&im->conf);
    text_put(&t, "\n");
    if (most == 0) {
        if (im->minsources > 0)
            text_put(&t, "# minsources %u was for other servers: it is left out.\n",
                     im->minsources);
        text_put(&t, "# There is no server with NTS in it. Until one is here, public servers are "
                     "asked:\n# ntsc -n shows them.\n");
    } else if (im->minsources > most) {
        text_put(&t, "# minsources %u would need more servers than there are.\n", im->minsources);
    } else if (im->minsources > 0) {
        text_put(&d, "minsources %u", im->minsources);
        import_put(im, &t, directive);
    }
    return t.pos;
}
