/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of another time daemon as one of ours, fed line by line, twice:
 *
 *   import_init(&im);
 *   for each line: import_scan(&im, text, length);
 *   if (!import_begin(&im)) ...            nothing that we know
 *   for each line: n = import_line(&im, text, length, buf, sizeof buf);
 *   n = import_end(&im, buf, sizeof buf);
 *
 * What has a counterpart comes out as a directive, everything else as a comment that says why not.
 * The other file's lines are shown as comments, in printable ASCII. Whatever the input is, the
 * whole of the output is a configuration that conf_line() and conf_finish() take.
 */
#ifndef NTSC_IMPORT_H
#define NTSC_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/conf/conf.h"

enum import_kind {
    IMPORT_UNKNOWN,
    IMPORT_CHRONY,
    IMPORT_NTP, /* ntp.conf of ntpd and NTPsec */
    IMPORT_TIMESYNCD,
    IMPORT_OPENNTPD,
    IMPORT_NTPD_RS,
    IMPORT_KINDS
};

#define IMPORT_LINES_MAX 10000 /* what comes after them is not looked at */
#define IMPORT_SETS_MAX  8

/* Which table of ntp.toml the lines are in. */
enum import_rs_table {
    IMPORT_RS_NONE,
    IMPORT_RS_SOURCE,
    IMPORT_RS_DEFAULTS,
    IMPORT_RS_SYNCHRONIZATION,
    IMPORT_RS_OWN,    /* numbers of its estimator */
    IMPORT_RS_SERVER, /* what it serves */
    IMPORT_RS_OTHER,
};

/* The table so far; a source becomes a line when it ends. */
struct import_rs {
    enum import_rs_table table;
    bool nts, pool, other;
    unsigned count, minpoll, maxpoll; /* 0: not given */
    char address[NTS_NAME_MAX + 16];
    char ca[CA_PATH_MAX + 1];
};

/* What a line says about other files. */
enum import_more { IMPORT_MORE_NONE, IMPORT_MORE_FILES, IMPORT_MORE_CONF, IMPORT_MORE_SOURCES };

/* About 30 KB. */
struct import {
    enum import_kind kind;
    int score[IMPORT_KINDS];
    unsigned line;
    unsigned minsources;
    bool closed; /* IMPORT_LINES_MAX is reached, and it was said */
    struct {
        unsigned id;
        char path[CA_PATH_MAX + 1];
    } sets[IMPORT_SETS_MAX]; /* chrony's sets of certificates */
    unsigned n_sets;
    struct import_rs rs;
    struct conf conf; /* what has come out so far */
};

void import_init(struct import *im);

/* First pass: whose language is it? The line may have its end or not. */
void import_scan(struct import *im, const char *line, size_t len);

/*
 * Whether the line names further files, in pattern[CA_PATH_MAX + 1]: IMPORT_MORE_FILES as a pattern
 * of the shell, IMPORT_MORE_CONF all files *.conf in that directory, IMPORT_MORE_SOURCES all
 * *.sources. Their lines are fed, in the order of the names, at the place of this line, in both
 * passes.
 */
enum import_more import_more(const char *line, size_t len, char *pattern);

/* Between the passes. False when it is no configuration that we know. */
bool import_begin(struct import *im);

/*
 * Second pass: writes what becomes of the line, any number of lines with their ends, and returns
 * its length. n is IMPORT_TEXT at least.
 */
#define IMPORT_TEXT 8192
size_t import_line(struct import *im, const char *line, size_t len, char *buf, size_t n);

/* What only the whole shows. */
size_t import_end(struct import *im, char *buf, size_t n);

const char *import_kind_name(enum import_kind kind);

#endif
