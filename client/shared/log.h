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

/* Where a log belongs that nobody directed: journal under systemd, terminal, else syslog. */
enum log_to log_guess(void);

/* Until this is called: LOG_TO_PLAIN, LOG_LEVEL_NORMAL. */
void log_open(enum log_to to, enum log_level level);

enum log_level log_current_level(void);

/* Something needs a person's attention. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A change of state. */
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What helps to find a fault: with -v or "log verbose" only. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
