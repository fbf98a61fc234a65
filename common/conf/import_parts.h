/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the import: what words mean in the other languages. */
#ifndef NTSC_IMPORT_PARTS_H
#define NTSC_IMPORT_PARTS_H

#include "common/base/text.h"
#include "common/conf/conf_words.h"
#include "common/conf/import.h"

/* What a directive becomes. */
enum import_verb {
    IMPORT_NOTHING, /* a comment: `why` */
    IMPORT_SERVER,
    IMPORT_POOL,
    IMPORT_NAMES, /* several servers in one line, none with NTS */
    IMPORT_STEP,
    IMPORT_PANIC,
    IMPORT_MINSOURCES,
    IMPORT_CA,
    IMPORT_NTS,    /* ntp.conf: what follows "nts" */
    IMPORT_TINKER, /* ntp.conf: pairs that follow "tinker" */
    IMPORT_TOS,    /* ntp.conf: pairs that follow "tos" */
};

struct import_word {
    const char *name;
    enum import_verb verb;
    const char *why;
};

/* What an option of a server line becomes. */
enum import_option {
    IMPORT_DROP,   /* mentioned */
    IMPORT_SILENT, /* ntsc does it anyway */
    IMPORT_WITH_NTS,
    IMPORT_SIZE, /* of a pool */
    IMPORT_XLEAVE,
    IMPORT_NTP_PORT,
    IMPORT_KE_PORT,
    IMPORT_MINPOLL,
    IMPORT_MAXPOLL,
    IMPORT_SET,
    IMPORT_SERVER_CA,
    IMPORT_ASK,
    IMPORT_NEVER, /* the server is not to be used */
};

struct import_server_word {
    const char *name;
    enum import_option what;
    bool value; /* one word follows */
};

/* The current word's meaning in that language; NULL when it has none. Case does not matter. */
const struct import_word *import_directive(enum import_kind kind, const struct conf_words *w);
const struct import_server_word *import_server_option(enum import_kind kind,
                                                      const struct conf_words *w);
bool import_is(const struct conf_words *w, const char *name);

/* Makes the first word of a line in that language the current one; false for empty lines and
 * comments. */
bool import_begin_line(enum import_kind kind, struct conf_words *w);

/* A number of a few digits, or false. */
bool import_word_number(const struct conf_words *w, unsigned *value);

/* n octets; what is not printable ASCII becomes '?'. */
void import_printable(struct text *t, const char *text, size_t n);

/* The line as a comment, printable and not too long. */
void import_show(const struct import *im, const struct conf_words *w, struct text *t);

/* A comment below it. */
void import_say(struct text *t, const char *why);

/* Adds the directive where our own parser takes it, else a comment that says what it misses. */
void import_put(struct import *im, struct text *t, const char *directive);

/* A line that names a server or a pool; w is at its first word. */
void import_server(struct import *im, struct conf_words *w, struct text *t, bool pool);

/* A line whose words from here on are servers without NTS. */
void import_names(struct conf_words *w, struct text *t);

/* ntp.toml: whether the line is one of it; what becomes of it; what a table becomes when it ends.
 */
bool import_rs_knows(struct import *im, const char *line, size_t len);
void import_rs_line(struct import *im, const char *line, size_t len, struct text *t);
void import_rs_flush(struct import *im, struct text *t);

/* The path of chrony's set of that number; NULL: not known. */
const char *import_set(const struct import *im, unsigned id);

#endif
