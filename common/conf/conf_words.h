/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the configuration parser: one line as words, and values out of words. */
#ifndef NTSC_CONF_WORDS_H
#define NTSC_CONF_WORDS_H

#include "common/conf/conf.h"

struct conf_words {
    const char *line;
    size_t len;       /* up to the comment */
    size_t pos;       /* behind the current word */
    const char *word; /* the current word; not ended by 0 */
    size_t n;         /* its octets */
    uint16_t number;  /* of the line */
    struct conf_error *e;
};

/* Makes the next word the current one; false, and the current one stays, at the end. */
bool conf_word_next(struct conf_words *w);

/* The same where a word has to be: CONF_MISSING when there is none. */
/* An unknown one among n known words: with the nearest of them. Returns false. */
bool conf_word_unknown(const struct conf_words *w, const char *const *known, size_t n,
                       const char *expected);

bool conf_word_need(struct conf_words *w, const char *expected);

/* CONF_EXTRA when there is another word. */
bool conf_word_end(struct conf_words *w, const char *expected);

bool conf_word_is(const struct conf_words *w, const char *text);

/* Fills the error about the current word and returns false. */
bool conf_word_fail(const struct conf_words *w, enum conf_problem problem, const char *expected);

/* The next word as a number low..high; CONF_MISSING or CONF_BAD_VALUE otherwise. */
bool conf_word_number(struct conf_words *w, unsigned low, unsigned high, const char *expected,
                      unsigned *value);

/* The next word as seconds, 0.001 to CONF_SECONDS_MAX with at most nine decimals. */
bool conf_word_seconds(struct conf_words *w, const char *expected, int64_t *ns);

/* Keeps the octets as a string, in lower case if wanted; CONF_FULL when there is no room. */
bool conf_keep(struct conf *c, const char *text, size_t n, bool lower, uint16_t *offset);
bool conf_word_keep(struct conf_words *w, struct conf *c, bool lower, uint16_t *offset);

/* The next word as algorithms, "30,15", in order of preference. */
bool conf_word_aead(struct conf_words *w, struct aead_list *list);

/* The next word as an absolute path. */
bool conf_word_path(struct conf_words *w, struct conf *c, const char *expected, uint16_t *offset);

/* What follows the word "server", or "pool"; w is at that word. */
bool conf_server_line(struct conf *c, struct conf_words *w);
bool conf_pool_line(struct conf *c, struct conf_words *w);

#endif
