/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "common/base/show.h"

#define LINE_MAX_OCTETS 1024

static enum log_to target = LOG_TO_PLAIN;
static enum log_level level = LOG_LEVEL_NORMAL;
static bool heard; /* by somebody at syslog(3) */
static log_relay *relay, *copy;

/* systemd names the device and inode of the stream it has given us (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat st;

    return stream != NULL && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/*
 * Asked once, at the start: libcs differ in the system calls by which they find out (glibc 2.43
 * takes TCGETS2), and the answer does not change.
 */
enum log_to log_guess(void)
{
    static bool known;
    static enum log_to guess;

    if (!known) {
        known = true;
        guess = stderr_is_journal()     ? LOG_TO_JOURNAL
                : isatty(STDERR_FILENO) ? LOG_TO_PLAIN
                                        : LOG_TO_SYSLOG;
    }
    return guess;
}

static bool syslog_listens(void)
{
    struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool listens = fd >= 0 && connect(fd, (struct sockaddr *)&log, sizeof log) == 0;

    if (fd >= 0)
        close(fd);
    return listens;
}

void log_open(enum log_to to, enum log_level wanted)
{
    target = to;
    level = wanted;
    if (to != LOG_TO_SYSLOG || relay != NULL)
        return;
    /* At once, while /dev/log can still be reached; where nobody listens, on stderr as well. */
    heard = syslog_listens();
    openlog("ntsc", LOG_PID | LOG_NDELAY | (heard ? 0 : LOG_PERROR), LOG_DAEMON);
}

void log_open_relay(log_relay *to)
{
    relay = to;
}

void log_open_copy(log_relay *to)
{
    copy = to;
}

enum log_level log_current_level(void)
{
    return level;
}

static enum log_kind kind_of(int priority)
{
    return priority == LOG_WARNING ? LOG_KIND_WARNING
           : priority == LOG_INFO  ? LOG_KIND_DETAIL
                                   : LOG_KIND_NOTICE;
}

/* Whoever wrote what is in it, a line shows itself and steers no terminal. */
static void write_line(int priority, const char *raw)
{
    char line[LINE_MAX_OCTETS * SHOW_GROWTH];

    (void)show_text(line, sizeof line, raw, strlen(raw));
    if (copy != NULL)
        copy(kind_of(priority), line);
    switch (target) {
    case LOG_TO_PLAIN:
        dprintf(STDERR_FILENO, "ntsc: %s\n", line);
        break;
    case LOG_TO_JOURNAL:
        dprintf(STDERR_FILENO, "<%d>%s\n", priority, line);
        break;
    case LOG_TO_SYSLOG:
        syslog(priority, "%s", line);
        /* Whoever redirected stderr, or started us by hand, looks there for what went wrong. */
        if (priority == LOG_WARNING && heard && log_guess() != LOG_TO_JOURNAL)
            dprintf(STDERR_FILENO, "ntsc: %s\n", line);
        break;
    }
}

static void __attribute__((format(printf, 2, 0))) put(int priority, const char *format, va_list ap)
{
    char line[LINE_MAX_OCTETS];

    vsnprintf(line, sizeof line, format, ap);
    if (relay != NULL)
        relay(kind_of(priority), line);
    else
        write_line(priority, line);
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
