/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/conf/conf.h"

#include <string.h>

#include "common/base/digit.h"
#include "common/conf/conf_words.h"

#define DIRECTIVES                                                                                 \
    "server, pool, minsources, ca, step, panic, maxdelay, statedir, user, log, "                   \
    "certificate-dates, trust-single, trust-old, step-later, aead"

void conf_init(struct conf *c, const char *statedir)
{
    memset(c, 0, sizeof *c);
    c->text_len = 1; /* offset 0 is the empty string */
    c->step_ns = CONF_STEP_NS_DEFAULT;
    c->step_count = CONF_STEPS_DEFAULT;
    c->panic_ns = CONF_PANIC_S_DEFAULT * NS_PER_S;
    c->maxdelay_ns = CONF_MAXDELAY_NS_DEFAULT;
    (void)conf_keep(c, statedir, strlen(statedir), false, &c->statedir);
    (void)conf_keep(c, CONF_USER_DEFAULT, strlen(CONF_USER_DEFAULT), false, &c->user);
}

static bool line_minsources(struct conf *c, struct conf_words *w)
{
    unsigned v;

    if (!conf_word_number(w, 1, CONF_SERVERS_MAX, "a number of sources, 1 to 64", &v))
        return false;
    c->minsources = (uint8_t)v;
    return true;
}

static bool line_ca(struct conf *c, struct conf_words *w)
{
    return conf_word_path(w, c, "the absolute path of a CA file or directory", &c->ca);
}

static bool line_step(struct conf *c, struct conf_words *w)
{
    int64_t ns;
    unsigned count;

    if (!conf_word_seconds(w, "seconds from which on to step, 0.001 to 1000000000", &ns) ||
        !conf_word_number(w, 0, CONF_STEPS_MAX, "how many steps are allowed, 0 to 1000", &count))
        return false;
    c->step_ns = ns;
    c->step_count = (uint16_t)count;
    return true;
}

static bool line_panic(struct conf *c, struct conf_words *w)
{
    return conf_word_seconds(w, "seconds, 0.001 to 1000000000", &c->panic_ns);
}

static bool line_maxdelay(struct conf *c, struct conf_words *w)
{
    return conf_word_seconds(w, "seconds, 0.001 to 1000000000", &c->maxdelay_ns);
}

static bool line_statedir(struct conf *c, struct conf_words *w)
{
    return conf_word_path(w, c, "the absolute path of a directory", &c->statedir);
}

static bool line_user(struct conf *c, struct conf_words *w)
{
    const char *expected = "a user name of letters, digits, '_', '-' or '.', 32 at most";

    if (!conf_word_need(w, expected))
        return false;
    if (w->n > CONF_USER_MAX || w->word[0] == '-' || w->word[0] == '.')
        return conf_word_fail(w, CONF_BAD_VALUE, expected);
    for (size_t i = 0; i < w->n; i++) {
        char ch = w->word[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');

        if (!letter && !digit_is(ch) && ch != '_' && ch != '-' && ch != '.')
            return conf_word_fail(w, CONF_BAD_VALUE, expected);
    }
    return conf_word_keep(w, c, false, &c->user);
}

static bool line_log(struct conf *c, struct conf_words *w)
{
    static const char *const to[] = {"auto", "syslog", "stderr"};
    static const char *const level[] = {"normal", "quiet", "verbose"};
    const char *expected = "one of auto, syslog, stderr and one of normal, quiet, verbose";
    bool have_to = false;
    bool have_level = false;

    if (!conf_word_need(w, expected))
        return false;
    do {
        bool known = false;

        for (unsigned i = 0; i < 3; i++) {
            if (conf_word_is(w, to[i]) && !have_to) {
                c->log_to = (uint8_t)i;
                known = have_to = true;
            } else if (conf_word_is(w, level[i]) && !have_level) {
                c->log_level = (uint8_t)i;
                known = have_level = true;
            }
        }
        if (!known)
            return conf_word_fail(w, CONF_BAD_VALUE, expected);
    } while (conf_word_next(w));
    return true;
}

static bool line_dates(struct conf *c, struct conf_words *w)
{
    if (!conf_word_need(w, "strict"))
        return false;
    if (!conf_word_is(w, "strict"))
        return conf_word_fail(w, CONF_BAD_VALUE, "strict");
    c->dates_strict = true;
    return true;
}

static bool line_aead(struct conf *c, struct conf_words *w)
{
    return conf_word_aead(w, &c->aead);
}

static bool line_trust_old(struct conf *c, struct conf_words *w)
{
    (void)w;
    c->trust_old = true;
    return true;
}

static bool line_step_later(struct conf *c, struct conf_words *w)
{
    return conf_word_seconds(w, "seconds, 0.001 to 1000000000", &c->later_ns);
}

static bool line_trust_single(struct conf *c, struct conf_words *w)
{
    (void)w;
    c->trust_single = true;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct conf *, struct conf_words *);
} directives[CONF_DIRECTIVES] = {
    [CONF_SERVER] = {"server", conf_server_line},
    [CONF_POOL] = {"pool", conf_pool_line},
    [CONF_MINSOURCES] = {"minsources", line_minsources},
    [CONF_CA] = {"ca", line_ca},
    [CONF_STEP] = {"step", line_step},
    [CONF_PANIC] = {"panic", line_panic},
    [CONF_MAXDELAY] = {"maxdelay", line_maxdelay},
    [CONF_STATEDIR] = {"statedir", line_statedir},
    [CONF_USER] = {"user", line_user},
    [CONF_LOG] = {"log", line_log},
    [CONF_CERTIFICATE_DATES] = {"certificate-dates", line_dates},
    [CONF_TRUST_SINGLE] = {"trust-single", line_trust_single},
    [CONF_AEAD] = {"aead", line_aead},
    [CONF_TRUST_OLD] = {"trust-old", line_trust_old},
    [CONF_STEP_LATER] = {"step-later", line_step_later},
};

/* Text only: a file of another kind is told at its first line, not by its first odd word. */
static bool line_is_text(struct conf_words *w)
{
    if (w->len > CONF_LINE_MAX)
        return conf_word_fail(w, CONF_BAD_LINE, "a line of at most 4095 octets");
    for (size_t i = 0; i < w->len; i++) {
        unsigned char ch = (unsigned char)w->line[i];

        if ((ch < 0x20 && ch != '\t' && ch != '\r' && ch != '\n') || ch == 0x7f)
            return conf_word_fail(w, CONF_BAD_LINE, "text without control characters");
    }
    return true;
}

/* Words that begin a line in other time daemons' configurations, and what ntsc has instead. */
static const char *foreign_hint(const struct conf_words *w)
{
    static const char import[] =
        "another time daemon's word: ntsc --import FILE translates its file";
    static const char never[] = "ntsc serves nobody and takes no orders from the network";
    static const char itself[] = "ntsc does this by itself";
    static const struct {
        const char *word, *hint;
    } words[] = {
        /* chrony.conf(5) */
        {"allow", never},
        {"deny", never},
        {"bindcmdaddress", never},
        {"cmdallow", never},
        {"cmdport", never},
        {"local", never},
        {"port", never},
        {"driftfile", "ntsc keeps the frequency in its statedir"},
        {"ntsdumpdir", "ntsc keeps cookies in its statedir"},
        {"keyfile", "ntsc needs no keys: servers show certificates"},
        {"leapsectz", itself},
        {"rtcsync", itself},
        {"makestep", "\"step SECONDS COUNT\" is its like"},
        {"maxchange", "\"panic SECONDS\" is its like"},
        {"ntstrustedcerts", "\"ca PATH\" is its like"},
        {"peer", never},
        {"refclock", "ntsc knows no reference clocks, only servers"},
        {"sourcedir", import},
        {"confdir", import},
        {"logdir", "\"log syslog\" or \"log stderr\" is its like"},
        /* ntp.conf(5), ntpd.conf(5), timesyncd.conf(5) */
        {"restrict", never},
        {"tinker", import},
        {"tos", import},
        {"includefile", import},
        {"leapfile", itself},
        {"nts", import},
        {"servers", "\"server HOST\" is its like, a line each"},
        {"constraint", "time is authenticated by NTS itself"},
        {"constraints", "time is authenticated by NTS itself"},
        {"sensor", "ntsc knows no reference clocks, only servers"},
        {"listen", never},
        {"[Time]", import},
        {"[[source]]", import},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (conf_word_is(w, words[i].word))
            return words[i].hint;
    return NULL;
}

static bool unknown_directive(const struct conf_words *w)
{
    const char *names[CONF_DIRECTIVES];

    for (unsigned d = 0; d < CONF_DIRECTIVES; d++)
        names[d] = directives[d].name;
    conf_word_unknown(w, names, CONF_DIRECTIVES, DIRECTIVES);
    w->e->hint = foreign_hint(w);
    return false;
}

static bool take_line(struct conf *c, struct conf_words *w)
{
    unsigned d = 0;

    if (!line_is_text(w))
        return false;
    if (!conf_word_next(w))
        return true;
    while (d < CONF_DIRECTIVES && !conf_word_is(w, directives[d].name))
        d++;
    if (d == CONF_DIRECTIVES)
        return unknown_directive(w);
    if (d != CONF_SERVER && d != CONF_POOL && c->given[d] != 0) {
        conf_word_fail(w, CONF_DUPLICATE, "each directive but server and pool once");
        w->e->other_line = c->given[d];
        return false;
    }
    if (!directives[d].take(c, w) || !conf_word_end(w, "the end of the line"))
        return false;
    if (c->given[d] == 0)
        c->given[d] = w->number;
    return true;
}

/* What a line may change; a server or string beyond the counts is not there. */
#define HEAD offsetof(struct conf, lines)

bool conf_line(struct conf *c, const char *line, size_t len, struct conf_error *e)
{
    struct conf_words w = {.line = line, .len = len, .e = e};
    uint8_t before[HEAD];

    memset(e, 0, sizeof *e);
    memcpy(before, c, HEAD);
    if (c->lines == CONF_LINES_MAX) {
        w.number = CONF_LINES_MAX;
        return conf_word_fail(&w, CONF_FULL, "at most 65534 lines");
    }
    w.number = ++c->lines;
    if (take_line(c, &w))
        return true;
    memcpy(c, before, HEAD);
    return false;
}

void conf_next_file(struct conf *c)
{
    c->lines = 0;
    for (unsigned d = 0; d < CONF_DIRECTIVES; d++)
        if (c->given[d] != 0)
            c->given[d] = CONF_OTHER_FILE;
    for (unsigned i = 0; i < c->n_servers; i++)
        c->servers[i].line = CONF_OTHER_FILE;
}

bool conf_finish(const struct conf *c, struct conf_error *e)
{
    unsigned n = conf_independent(c);

    memset(e, 0, sizeof *e);
    if (n == 0 || c->minsources <= n)
        return true;
    *e = (struct conf_error){
        .problem = CONF_CONFLICT,
        .line = c->given[CONF_MINSOURCES] == CONF_OTHER_FILE ? 0 : c->given[CONF_MINSOURCES],
        .word = "minsources",
        .expected = "no more than there are servers, each group counted once"};
    return false;
}
