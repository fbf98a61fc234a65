/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/conf/conf_words.h"

#include <string.h>

#include "common/base/decimal.h"
#include "common/base/digit.h"
#include "common/base/near.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool conf_word_next(struct conf_words *w)
{
    size_t pos = w->pos;

    while (pos < w->len && is_blank(w->line[pos]))
        pos++;
    if (pos == w->len || w->line[pos] == '#')
        return false;
    w->word = w->line + pos;
    while (pos < w->len && !is_blank(w->line[pos]))
        pos++;
    w->n = (size_t)(w->line + pos - w->word);
    w->pos = pos;
    return true;
}

bool conf_word_fail(const struct conf_words *w, enum conf_problem problem, const char *expected)
{
    struct conf_error *e = w->e;
    size_t shown = 0;

    *e = (struct conf_error){.problem = problem, .line = w->number, .expected = expected};
    if (w->word != NULL) {
        e->column = (uint16_t)(w->word - w->line + 1);
        shown = w->n < CONF_WORD_SHOWN ? w->n : CONF_WORD_SHOWN;
    }
    for (size_t i = 0; i < shown; i++)
        e->word[i] = w->word[i] >= 0x21 && w->word[i] <= 0x7e ? w->word[i] : '?';
    return false;
}

bool conf_word_unknown(const struct conf_words *w, const char *const *known, size_t n,
                       const char *expected)
{
    conf_word_fail(w, CONF_UNKNOWN, expected);
    w->e->meant = near_word(w->e->word, known, n);
    return false;
}

bool conf_word_need(struct conf_words *w, const char *expected)
{
    return conf_word_next(w) || conf_word_fail(w, CONF_MISSING, expected);
}

bool conf_word_end(struct conf_words *w, const char *expected)
{
    return !conf_word_next(w) || conf_word_fail(w, CONF_EXTRA, expected);
}

bool conf_word_is(const struct conf_words *w, const char *text)
{
    return strlen(text) == w->n && memcmp(w->word, text, w->n) == 0;
}

bool conf_word_number(struct conf_words *w, unsigned low, unsigned high, const char *expected,
                      unsigned *value)
{
    uint64_t v;

    if (!conf_word_need(w, expected))
        return false;
    if (decimal_digits(w->word, w->n, 6, &v) != w->n || v < low || v > high)
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    *value = (unsigned)v;
    return true;
}

/* Decimal seconds without a sign into nanoseconds; exact, and the same in every locale. */
static bool parse_seconds(const char *text, size_t n, int64_t *ns)
{
    uint64_t whole, part = 0;
    size_t before = decimal_digits(text, n, 19, &whole), behind = 0;
    bool point = before < n && text[before] == '.';

    if (point)
        behind = decimal_digits(text + before + 1, n - before - 1, 9, &part);
    if (before + behind == 0 || before + point + behind != n || whole > CONF_SECONDS_MAX)
        return false;
    for (size_t place = behind; place < 9; place++)
        part *= 10;
    *ns = (int64_t)whole * NS_PER_S + (int64_t)part;
    return true;
}

bool conf_word_seconds(struct conf_words *w, const char *expected, int64_t *ns)
{
    int64_t v;

    if (!conf_word_need(w, expected))
        return false;
    if (!parse_seconds(w->word, w->n, &v) || v < NS_PER_S / 1000 || v > CONF_SECONDS_MAX * NS_PER_S)
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    *ns = v;
    return true;
}

static char fold(char c, bool lower)
{
    return lower && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_kept(const char *kept, const char *text, size_t n, bool lower)
{
    for (size_t i = 0; i < n; i++) {
        if (kept[i] != fold(text[i], lower)) /* also at the end of a shorter one */
            return false;
    }
    return kept[n] == '\0';
}

bool conf_keep(struct conf *c, const char *text, size_t n, bool lower, uint16_t *offset)
{
    size_t pos = 0;

    /* Equal strings are kept once. */
    while (pos < c->text_len) {
        if (is_kept(c->text + pos, text, n, lower)) {
            *offset = (uint16_t)pos;
            return true;
        }
        pos += strlen(c->text + pos) + 1;
    }
    if (n + 1 > (size_t)CONF_TEXT_MAX - pos)
        return false;
    for (size_t i = 0; i < n; i++)
        c->text[pos + i] = fold(text[i], lower);
    c->text[pos + n] = '\0';
    c->text_len = (uint16_t)(pos + n + 1);
    *offset = (uint16_t)pos;
    return true;
}

bool conf_word_keep(struct conf_words *w, struct conf *c, bool lower, uint16_t *offset)
{
    return conf_keep(c, w->word, w->n, lower, offset) ||
           conf_word_fail(w, CONF_FULL, "names and paths of 16 KB in all");
}

bool conf_word_path(struct conf_words *w, struct conf *c, const char *expected, uint16_t *offset)
{
    if (!conf_word_need(w, expected))
        return false;
    if (w->word[0] != '/' || w->n > CA_PATH_MAX)
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    return conf_word_keep(w, c, false, offset);
}

bool conf_word_aead(struct conf_words *w, struct aead_list *list)
{
    const char *expected = "AEAD algorithms, as 30,15: of 15, 16, 17 and 30 each once";
    struct aead_list found = {.n = 0};

    if (!conf_word_need(w, expected))
        return false;
    for (size_t at = 0; at <= w->n; at += 3) {
        const char *text = w->word + at;

        if (found.n == AEAD_LIST_MAX || w->n - at < 2 || !digit_is(text[0]) || !digit_is(text[1]) ||
            (w->n - at > 2 && text[2] != ','))
            return conf_word_fail(w, CONF_BAD_VALUE, expected);
        found.id[found.n++] = (uint16_t)((text[0] - '0') * 10 + text[1] - '0');
        if (w->n - at == 2)
            break;
    }
    if (!aead_list_valid(&found))
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    *list = found;
    return true;
}
