/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of a process: one line for a change of state, never a secret. */
#ifndef NTSC_LOG_H
#define NTSC_LOG_H

#include <stdbool.h>

enum log_to {
    LOG_TO_PLAIN,   /* stderr, "ntsc: TEXT": one-shots and terminals */
    LOG_TO_JOURNAL, /* stderr, "<N>TEXT" as journald reads it */
    LOG_TO_SYSLOG,
};

enum log_level { LOG_LEVEL_QUIET, LOG_LEVEL_NORMAL, LOG_LEVEL_VERBOSE };

/*
 * Where a log belongs that nobody directed: journal under systemd, terminal, else syslog. What it
 * was when this was asked first: to be called before the filter of system calls is in force.
 */
enum log_to log_guess(void);

/* Until this is called: LOG_TO_PLAIN, LOG_LEVEL_NORMAL. */
void log_open(enum log_to to, enum log_level level);

/* For a process without an output of its own: takes every line that log_open()'s level lets pass.
 */
enum log_kind { LOG_KIND_WARNING, LOG_KIND_NOTICE, LOG_KIND_DETAIL };
typedef void log_relay(enum log_kind kind, const char *line);
void log_open_relay(log_relay *to);

/* Takes every line that is written, shown as it is written, beside its place. */
void log_open_copy(log_relay *to);

enum log_level log_current_level(void);

/* Something needs a person's attention. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A change of state. */
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What helps to find a fault: with -v or "log verbose" only. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
