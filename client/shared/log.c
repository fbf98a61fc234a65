/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 1024

static enum log_to target = LOG_TO_PLAIN;
static enum log_level level = LOG_LEVEL_NORMAL;

/* systemd names the device and inode of the stream it has given us (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat st;

    return stream != NULL && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

enum log_to log_guess(void)
{
    if (stderr_is_journal())
        return LOG_TO_JOURNAL;
    return isatty(STDERR_FILENO) ? LOG_TO_PLAIN : LOG_TO_SYSLOG;
}

void log_open(enum log_to to, enum log_level wanted)
{
    target = to;
    level = wanted;
    /* At once, while /dev/log can still be reached. */
    if (to == LOG_TO_SYSLOG)
        openlog("ntsc", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

enum log_level log_current_level(void)
{
    return level;
}

static void __attribute__((format(printf, 2, 0))) put(int priority, const char *format, va_list ap)
{
    char line[LINE_MAX_OCTETS];

    vsnprintf(line, sizeof line, format, ap);
    switch (target) {
    case LOG_TO_PLAIN:
        dprintf(STDERR_FILENO, "ntsc: %s\n", line);
        break;
    case LOG_TO_JOURNAL:
        dprintf(STDERR_FILENO, "<%d>%s\n", priority, line);
        break;
    case LOG_TO_SYSLOG:
        syslog(priority, "%s", line);
        break;
    }
}

void log_warning(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    put(LOG_WARNING, format, ap);
    va_end(ap);
}

void log_notice(const char *format, ...)
{
    va_list ap;

    if (level < LOG_LEVEL_NORMAL)
        return;
    va_start(ap, format);
    put(LOG_NOTICE, format, ap);
    va_end(ap);
}

void log_detail(const char *format, ...)
{
    va_list ap;

    if (level < LOG_LEVEL_VERBOSE)
        return;
    va_start(ap, format);
    put(LOG_INFO, format, ap);
    va_end(ap);
}
