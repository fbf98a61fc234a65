/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose language a file is written in, and which other files belong to it. */
#include <string.h>

#include "common/base/digit.h"
#include "common/conf/import_parts.h"

/* What a line that a language knows counts for it; one that it does not know counts 1 against it.
 */
#define KNOWN_POINTS 4

const char *import_kind_name(enum import_kind kind)
{
    static const char *const names[IMPORT_KINDS] = {
        [IMPORT_UNKNOWN] = "unknown",    [IMPORT_CHRONY] = "chrony",
        [IMPORT_NTP] = "ntpd or NTPsec", [IMPORT_TIMESYNCD] = "systemd-timesyncd",
        [IMPORT_OPENNTPD] = "OpenNTPD",  [IMPORT_NTPD_RS] = "ntpd-rs",
    };

    return names[kind];
}

/* Makes the first word the current one; false for empty lines and comments. */
bool import_begin_line(enum import_kind kind, struct conf_words *w)
{
    const char *equal;

    if (!conf_word_next(w) || strchr("#;!%", w->word[0]) != NULL)
        return false;
    equal = kind == IMPORT_TIMESYNCD ? memchr(w->word, '=', w->n) : NULL;
    if (equal != NULL) {
        w->n = (size_t)(equal - w->word);
        w->pos = (size_t)(equal - w->line) + 1;
    }
    return true;
}

/* A number of a few digits, or false. */
bool import_word_number(const struct conf_words *w, unsigned *value)
{
    unsigned v = 0;

    if (w->n == 0 || w->n > 9)
        return false;
    for (size_t i = 0; i < w->n; i++) {
        if (!digit_is(w->word[i]))
            return false;
        v = v * 10 + (unsigned)(w->word[i] - '0');
    }
    *value = v;
    return true;
}

/* chrony's sets may be given after the servers that use them. */
static void scan_set(struct import *im, struct conf_words *w)
{
    unsigned id;

    if (!import_is(w, "ntstrustedcerts") || im->n_sets == IMPORT_SETS_MAX || !conf_word_next(w) ||
        !import_word_number(w, &id) || !conf_word_next(w) || w->n > CA_PATH_MAX ||
        import_set(im, id) != NULL)
        return;
    im->sets[im->n_sets].id = id;
    memcpy(im->sets[im->n_sets++].path, w->word, w->n);
}

const char *import_set(const struct import *im, unsigned id)
{
    for (unsigned i = 0; i < im->n_sets; i++)
        if (im->sets[i].id == id)
            return im->sets[i].path;
    return NULL;
}

/* How many words of the rest of a server line that language does not know. */
static unsigned strange_options(enum import_kind kind, struct conf_words w)
{
    const struct import_server_word *o;
    unsigned strange = 0;

    if (kind == IMPORT_TIMESYNCD)
        return 0;             /* has names only */
    (void)conf_word_next(&w); /* the name */
    while (conf_word_next(&w)) {
        o = import_server_option(kind, &w);
        strange += o == NULL ? 1 : 0;
        if (o != NULL && o->value)
            (void)conf_word_next(&w);
    }
    return strange;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

void import_scan(struct import *im, const char *line, size_t len)
{
    struct conf_error ignored;
    struct conf_words start = {.line = line, .len = len, .e = &ignored};
    struct conf_words w = start;

    if (!import_begin_line(IMPORT_CHRONY, &w) || ++im->line > IMPORT_LINES_MAX)
        return;
    for (unsigned k = IMPORT_CHRONY; k < IMPORT_KINDS; k++) {
        const struct import_word *d;
        int points = -1;

        if (k == IMPORT_NTPD_RS) {
            im->score[k] += import_rs_knows(im, line, len) ? KNOWN_POINTS : -1;
            continue;
        }
        w = start;
        (void)import_begin_line((enum import_kind)k, &w);
        d = import_directive((enum import_kind)k, &w);
        if (d != NULL)
            points = KNOWN_POINTS;
        /* Every language has servers; whose options are they? */
        if (d != NULL && (d->verb == IMPORT_SERVER || d->verb == IMPORT_NAMES))
            points -= (int)least(strange_options((enum import_kind)k, w), KNOWN_POINTS - 1);
        im->score[k] += points;
    }
    w = start;
    (void)import_begin_line(IMPORT_CHRONY, &w);
    scan_set(im, &w);
}

bool import_begin(struct import *im)
{
    int best = 0;

    for (unsigned k = IMPORT_CHRONY; k < IMPORT_KINDS; k++) {
        if (im->score[k] <= best)
            continue;
        best = im->score[k];
        im->kind = (enum import_kind)k;
    }
    im->line = 0;
    memset(&im->rs, 0, sizeof im->rs);
    return im->kind != IMPORT_UNKNOWN;
}

enum import_more import_more(const char *line, size_t len, char *pattern)
{
    static const struct {
        const char *word;
        enum import_more more;
    } words[] = {{"include", IMPORT_MORE_FILES},
                 {"includefile", IMPORT_MORE_FILES},
                 {"confdir", IMPORT_MORE_CONF},
                 {"sourcedir", IMPORT_MORE_SOURCES}};
    struct conf_error ignored;
    struct conf_words w = {.line = line, .len = len, .e = &ignored};
    struct conf_words path;

    if (!import_begin_line(IMPORT_CHRONY, &w))
        return IMPORT_MORE_NONE;
    path = w;
    if (!conf_word_next(&path) || path.n > CA_PATH_MAX || memchr(path.word, 0, path.n) != NULL)
        return IMPORT_MORE_NONE;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!import_is(&w, words[i].word))
            continue;
        memcpy(pattern, path.word, path.n);
        pattern[path.n] = 0;
        return words[i].more;
    }
    return IMPORT_MORE_NONE;
}
