/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/info/wait.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/info/status_read.h"
#include "client/shared/clocks.h"
#include "client/shared/format.h"

#define WAIT_MAX_S 1e9
/* How often to look where nothing tells that something changed: no inotify, no right to use it. */
#define LOOK_MS    1000
#define REASON_MAX 512

/* Nothing but these makes a new status appear, or the directory that we watch another. */
#define EVENTS                                                                                     \
    (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |        \
     IN_ONLYDIR)

/* Cuts the last part off; false when nothing is left to cut. */
static bool to_parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return false;
    if (slash == NULL)
        memcpy(path, ".", sizeof ".");
    else
        slash[slash == path ? 1 : 0] = 0;
    return true;
}

/* The directory of the file, or where it does not exist the nearest above it that does. */
static void nearest(const char *file, char dir[PATH_MAX])
{
    struct stat st;

    snprintf(dir, PATH_MAX, "%s", file);
    while (to_parent(dir))
        if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
            return;
}

/* An inotify descriptor that tells when there may be news; -1: none can be had. */
static int watch(const char *file)
{
    char dir[PATH_MAX], again[PATH_MAX];
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0)
        return -1;
    do {
        nearest(file, dir);
        if (inotify_add_watch(fd, dir, EVENTS) < 0 && errno != ENOENT && errno != ENOTDIR) {
            close(fd);
            return -1;
        }
        /* The next one may have come before we watched for it. */
        nearest(file, again);
    } while (strcmp(dir, again) != 0);
    return fd;
}

enum seen { SEEN_GOOD, SEEN_NOT_YET, SEEN_NEVER };

/* Synchronized; is it good enough as well? */
static bool within(const struct status *s, double limit_s, char reason[REASON_MAX])
{
    double worst = fabs(s_from_ns(s->offset_ns)) + s_from_ns(s->bound_ns);
    char offset[REPORT_TIME], bound[REPORT_TIME];

    if (limit_s < 0 || (s->bound_ns >= 0 && worst <= limit_s))
        return true;
    report_time(s->offset_ns, true, offset);
    report_time(s->bound_ns, false, bound);
    snprintf(reason, REASON_MAX, "synchronized, but offset %s +/- %s is not within %g s yet",
             offset, s->bound_ns >= 0 ? bound : "unknown", limit_s);
    return false;
}

/* Whether the clock is synchronized, or ever will be; else why not. */
static enum seen look(const char *path, double limit_s, struct status_copy *c,
                      char reason[REASON_MAX])
{
    int error = status_read(path, c);
    char date[REPORT_TIME];

    if (error == ENOENT) {
        snprintf(reason, REASON_MAX,
                 "%s is not there: the daemon does not run (systemctl start ntsc starts it, or the "
                 "init script)",
                 path);
    } else if (error != 0) {
        snprintf(reason, REASON_MAX, "%s cannot be read: %s", path,
                 error == EBADMSG ? "it is not a status" : strerror(error));
    } else if (status_age(&c->status, clocks_wall()) != STATUS_FRESH) {
        format_date(c->status.next, date);
        snprintf(reason, REASON_MAX, "the daemon's status is stale, a new one was due at %s", date);
    } else if (c->status.monitor_only) {
        snprintf(reason, REASON_MAX, "the daemon only watches the clock (-x)");
        return SEEN_NEVER;
    } else if (!c->status.synchronized) {
        snprintf(reason, REASON_MAX, "%s",
                 c->status.reason[0] != 0 ? c->status.reason : "the daemon does not say why");
    } else if (within(&c->status, limit_s, reason)) {
        return SEEN_GOOD;
    }
    return SEEN_NOT_YET;
}

/* Until there may be news or the time is over. */
static void rest(int fd, int64_t left_ns)
{
    const struct mono begin = {0}, end = {left_ns};
    int ms = mono_ms_until(end, begin, INT_MAX);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (fd < 0 && ms > LOOK_MS)
        ms = LOOK_MS;
    (void)poll(&p, 1, ms);
}

static void say_synchronized(const struct status *s)
{
    char offset[REPORT_TIME], bound[REPORT_TIME];

    report_time(s->offset_ns, true, offset);
    report_time(s->bound_ns, false, bound);
    if (s->bound_ns >= 0)
        printf("synchronized: offset %s +/- %s, %u of %u servers agree\n", offset, bound,
               s->agreeing, s->servers);
    else
        puts("synchronized");
    fflush(stdout);
}

/* A person at a terminal sees what is waited for; a state once, however often it is written. */
static void show_state(const struct wait_for *w, const char *reason, char shown[REASON_MAX])
{
    if (!w->show || strcmp(reason, shown) == 0)
        return;
    fprintf(stderr, "ntsc: waiting: %s\n", reason);
    memcpy(shown, reason, strlen(reason) + 1);
}

int wait_synchronized(const char *path, const struct wait_for *w)
{
    static struct status_copy c; /* too large for the stack */
    int64_t start = clocks_mono().ns, left, all;
    char reason[REASON_MAX], shown[REASON_MAX] = "";

    all = (int64_t)(fmin(w->seconds, WAIT_MAX_S) * (double)NS_PER_S);
    for (;;) {
        /* Made anew each time: which directory is the nearest changes. First watch, then look, so
         * that nothing falls between. */
        int fd = watch(path);
        enum seen seen = look(path, w->within_s, &c, reason);

        left = ns_sub_sat(all, clocks_mono().ns - start);
        if (seen == SEEN_NOT_YET && left > 0) {
            show_state(w, reason, shown);
            rest(fd, left);
        }
        if (fd >= 0)
            close(fd);
        if (seen == SEEN_GOOD) {
            say_synchronized(&c.status);
            return 0;
        }
        if (seen == SEEN_NEVER) {
            fprintf(stderr, "ntsc: not waiting: %s\n", reason);
            return 1;
        }
        if (left <= 0)
            break;
    }
    fprintf(stderr, "ntsc: not synchronized after %g s: %s\n", w->seconds, reason);
    return 1;
}
