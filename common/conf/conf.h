/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration, fed line by line; the caller reads the file.
 *
 *   struct conf c;
 *   conf_init(&c, "/var/lib/ntsc");
 *   for each line: if (!conf_line(&c, text, length, &error)) conf_error_text(&error, file, ...);
 *   if (!conf_finish(&c, &error)) ...
 *
 * One directive a line, words between blanks, '#' at the start of a word begins a comment. A line
 * that is refused leaves the configuration as it was, so that the caller may go on and show every
 * error of a file.
 *
 * struct conf (about 20 KB) owns everything: strings live in `text` and are named by their offset,
 * equal strings by equal offsets, so that an offset serves as identity (of groups, say).
 */
#ifndef NTSC_CONF_H
#define NTSC_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/aead_id.h"
#include "common/base/err.h"

#define CONF_SERVERS_MAX  64
#define CONF_IPS_MAX      64    /* over all servers; NET_ADDR_MAX for one */
#define CONF_TEXT_MAX     16384 /* octets of all strings with their final 0 */
#define CONF_LINE_MAX     4095  /* octets of a line */
#define CONF_LINES_MAX    65534
#define CONF_GROUP_MAX    63
#define CONF_POOL_MAX     16 /* servers of one pool */
#define CONF_POOL_DEFAULT 4
#define CONF_USER_MAX     32
#define CA_PATH_MAX       1023 /* octets of the path of a CA file or directory */

#define CONF_POLL_MIN            4  /* 16 s */
#define CONF_POLL_MAX            17 /* 36 h */
#define CONF_MINPOLL_DEFAULT     6
#define CONF_MAXPOLL_DEFAULT     10
#define CONF_STEP_NS_DEFAULT     INT64_C(500000000)
#define CONF_STEPS_DEFAULT       1
#define CONF_STEPS_MAX           1000
#define CONF_PANIC_S_DEFAULT     1000
#define CONF_MAXDELAY_NS_DEFAULT INT64_C(100000000)
#define CONF_SECONDS_MAX                                                                           \
    INT64_C(1000000000) /* of step, panic, maxdelay; the least is a millisecond */
#define CONF_USER_DEFAULT "ntsc"

enum conf_log {
    CONF_LOG_AUTO, /* stderr under systemd (with <N>) and on a terminal, else syslog */
    CONF_LOG_SYSLOG,
    CONF_LOG_STDERR,
};

enum conf_verbosity {
    CONF_LOG_NORMAL,  /* one line for each change of state */
    CONF_LOG_QUIET,   /* warnings and errors only */
    CONF_LOG_VERBOSE, /* also what helps to find a fault */
};

enum conf_directive {
    CONF_SERVER,
    CONF_POOL,
    CONF_MINSOURCES,
    CONF_CA,
    CONF_STEP,
    CONF_PANIC,
    CONF_MAXDELAY,
    CONF_STATEDIR,
    CONF_USER,
    CONF_LOG,
    CONF_CERTIFICATE_DATES,
    CONF_TRUST_SINGLE,
    CONF_AEAD,
    CONF_TRUST_OLD,
    CONF_STEP_LATER,
    CONF_DIRECTIVES
};

/* Offsets are into conf.text; 0 is the empty string: not given. */
struct conf_server {
    uint16_t name;       /* key-establishment host in lower case, or an address without brackets */
    uint16_t ca;         /* 0: conf.ca */
    uint16_t ntp_server; /* to ask for, RFC 8915 section 4.1.7 */
    uint16_t group;      /* 0: a group of its own */
    struct aead_list aead; /* to be offered; none: conf.aead */
    uint16_t port;         /* of key establishment */
    uint16_t ntp_port;     /* to ask for, RFC 8915 section 4.1.8; 0: none */
    uint16_t line;         /* where it was given; 0: not in a file */
    uint8_t minpoll,
        maxpoll;            /* log2 seconds, CONF_POLL_MIN <= minpoll <= maxpoll <= CONF_POLL_MAX */
    bool xleave;            /* interleaved mode (RFC 9769) where the server has it */
    uint8_t first_ip, n_ip; /* in conf.ip */
    /* A pool is so many servers of one name, which are found by it; 0: no pool, a server. */
    uint8_t pool_size, pool_slot; /* slot: which of them it is, from 0 */
};

struct conf {
    /* Up to text_len: what one line may change; restored when it is refused. */
    int64_t step_ns;     /* smallest offset that is stepped */
    int64_t later_ns;    /* largest step after synchronization on three sources' word; 0: none */
    int64_t panic_ns;    /* offset beyond which nothing is done after synchronization */
    int64_t maxdelay_ns; /* round trips longer than the shortest by more than this are refused */
    uint16_t step_count; /* steps allowed; 0: never step */
    uint8_t minsources;  /* 0: conf_minsources() chooses */
    uint8_t log_to;      /* enum conf_log */
    uint8_t log_level;   /* enum conf_verbosity */
    bool dates_strict;   /* certificate dates are always judged by the clock */
    bool trust_old;      /* three sources may set a time before this program was built */
    bool trust_single;   /* one source may set a wrong clock alone */
    uint8_t n_servers, n_ip;
    struct aead_list aead; /* to be offered; none: aead_list_default() */
    uint16_t ca, statedir, user;
    uint16_t text_len;
    uint16_t lines;                  /* fed so far */
    uint16_t given[CONF_DIRECTIVES]; /* line of each directive; 0: default; CONF_OTHER_FILE */
    struct conf_server servers[CONF_SERVERS_MAX];
    uint16_t ip[CONF_IPS_MAX]; /* address literals */
    char text[CONF_TEXT_MAX];
};

enum conf_problem {
    CONF_OK,
    CONF_BAD_LINE, /* too long, or octets that are not text */
    CONF_UNKNOWN,  /* directive or option */
    CONF_MISSING,  /* the line ends where a word has to follow */
    CONF_BAD_VALUE,
    CONF_EXTRA,     /* a word too many */
    CONF_TWICE,     /* an option twice on one line */
    CONF_DUPLICATE, /* server or directive of other_line again */
    CONF_CONFLICT,  /* contradicts other_line or the same line */
    CONF_FULL,      /* more than ntsc holds */
};

/* In the place of a line: in a file that was read before. */
#define CONF_OTHER_FILE UINT16_MAX

#define CONF_WORD_SHOWN 47

struct conf_error {
    enum conf_problem problem;
    uint16_t line, column; /* from 1; column 0: the line as a whole */
    uint16_t other_line;   /* CONF_DUPLICATE, CONF_CONFLICT; else 0 */
    char word[CONF_WORD_SHOWN +
              1];         /* the offending word (CONF_MISSING: the one before), printable */
    const char *expected; /* constant text */
    const char *meant;    /* CONF_UNKNOWN: the known word that is nearest, or NULL */
    const char *hint;     /* CONF_UNKNOWN: what to do with another daemon's word, or NULL */
};

/* An empty configuration with all defaults; `statedir` is that of the caller's user. */
void conf_init(struct conf *c, const char *statedir);

/*
 * Takes the next line, without or with its line end. Returns false with *e filled when it is
 * refused; every call counts as a line.
 */
NTSC_CHECK_RESULT bool conf_line(struct conf *c, const char *line, size_t len,
                                 struct conf_error *e);

/* Lines are counted from 1 again, and those so far are of another file. */
void conf_next_file(struct conf *c);

/* Checks what only the whole can show; false with *e filled. Without servers it is content. */
NTSC_CHECK_RESULT bool conf_finish(const struct conf *c, struct conf_error *e);

/*
 * Writes "FILE:LINE:COLUMN: what, and what was expected", one line without line end, to buf (at
 * most n octets with the 0). `file` is how the user calls the file.
 */
void conf_error_text(const struct conf_error *e, const char *file, char *buf, size_t n);
#define CONF_ERROR_TEXT 640

/* Adds the built-in public servers, each operator a group; for a configuration without any. */
void conf_builtin(struct conf *c);

/* The string at an offset. */
static inline const char *conf_text(const struct conf *c, uint16_t offset)
{
    return c->text + offset;
}

/* CA file or directory of a server; "": the system's. */
const char *conf_server_ca(const struct conf *c, const struct conf_server *s);

/* What is offered to it in key establishment. */
struct aead_list conf_server_aead(const struct conf *c, const struct conf_server *s);

/* Address number i (below s->n_ip) to use when DNS does not answer; its port is 0. */
struct net_addr conf_server_ip(const struct conf *c, const struct conf_server *s, unsigned i);

/* The server of that name and port (CONF_SERVERS_MAX: none). `name` in lower case. */
unsigned conf_server_find(const struct conf *c, const char *name, uint16_t port);

/* A number for the pool that server i belongs to, the same for all of it; 0: none. */
unsigned conf_pool(const struct conf *c, unsigned i);

/* Independent sources: servers, of those in one group only one. */
unsigned conf_independent(const struct conf *c);

/*
 * How many sources have to agree: as configured, else 1 with one or two independent sources and 2
 * with more, so that somebody who can block packets cannot leave one server of his choice to
 * decide.
 */
unsigned conf_minsources(const struct conf *c);

/*
 * Writes line i (from 0) of the configuration as understood, defaults included, in a form that
 * conf_line() takes. Returns its length; 0 when there is no such line. buf holds CONF_PRINT_MAX.
 */
#define CONF_PRINT_MAX 2560
size_t conf_print_line(const struct conf *c, unsigned i, char *buf, size_t n);

/* HOST on the command line. */
struct conf_host {
    char name[NTS_NAME_MAX + 1]; /* host name in lower case, or address literal without brackets */
    uint16_t port;               /* 0: not given */
    uint8_t family;              /* 4 or 6 for an address, 0 for a name */
};

/*
 * Reads `name`, `name:port`, an IPv4 address, the same with port, an IPv6 address, `[v6]` and
 * `[v6]:port`; false, and *h untouched, for anything else.
 */
bool conf_host_parse(const char *text, struct conf_host *h);

/*
 * Adds a server of the command line with default settings. False when it is there already or there
 * is no room. port 0: NTS_KE_PORT.
 */
bool conf_add_host(struct conf *c, const struct conf_host *h);

#endif
