/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/file_quota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/log.h"
#include "common/msg/msg_engine.h"

/*
 * A file a server, one half-written in each directory, and clock, history and status; twice as
 * many, for servers that change with the configuration.
 */
#define NEW_MAX (2 * (SERVERS_MAX + 8))

/* So many made, most of which replace one: looked at no more often than that. */
#define LOOK_EVERY 32

/*
 * What engines before may have left, each a little. Of servers that somebody asked once (ntsc -q)
 * there is a file for 90 days (client/engine/state.c).
 */
#define BEFORE_MAX 16384

#define DIRS 3

static struct {
    int watch, dirs[DIRS];
    unsigned made, before; /* since the last look; when the engine began */
} quota = {.watch = -1, .dirs = {-1, -1, -1}};

/* By the descriptor, whatever its name is by now; through a path, as the filter has no fdopendir().
 */
struct path {
    char text[32];
};

static struct path path_of(int dir)
{
    struct path p;

    (void)snprintf(p.text, sizeof p.text, "/proc/self/fd/%d", dir);
    return p;
}

static void watch(int dir)
{
    if (dir >= 0 && inotify_add_watch(quota.watch, path_of(dir).text, IN_CREATE | IN_ONLYDIR) < 0)
        log_detail("the engine's files are not counted: %s", strerror(errno));
}

/* The engine's own, made here so that it is watched from the beginning. */
static int open_cookies(int state)
{
    if (state < 0 || (mkdirat(state, "cookies", 0700) != 0 && errno != EEXIST))
        return -1;
    return openat(state, "cookies", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void file_quota_open(int state, int status)
{
    quota.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (quota.watch < 0) {
        log_detail("the engine's files are not counted: %s", strerror(errno));
        return;
    }
    quota.dirs[0] = state;
    quota.dirs[1] = open_cookies(state);
    quota.dirs[2] = status;
    for (unsigned i = 0; i < DIRS; i++)
        watch(quota.dirs[i]);
}

int file_quota_fd(void)
{
    return quota.watch;
}

static unsigned count(int dir)
{
    DIR *d = dir < 0 ? NULL : opendir(path_of(dir).text);
    unsigned n = 0;

    if (d == NULL)
        return 0;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static unsigned count_all(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DIRS; i++)
        n += count(quota.dirs[i]);
    return n;
}

bool file_quota_begin(void)
{
    if (quota.watch < 0)
        return true;
    (void)file_quota_turn();
    quota.made = 0;
    quota.before = count_all();
    return quota.before <= BEFORE_MAX;
}

bool file_quota_turn(void)
{
    _Alignas(struct inotify_event) char buf[4096];
    ssize_t n;

    while ((n = read(quota.watch, buf, sizeof buf)) > 0) {
        for (ssize_t at = 0; at < n;) {
            struct inotify_event e;

            memcpy(&e, buf + at, sizeof e);
            at += (ssize_t)(sizeof e + e.len);
            quota.made += (e.mask & IN_Q_OVERFLOW) != 0 ? LOOK_EVERY : 1;
        }
        if (quota.made < LOOK_EVERY)
            continue;
        quota.made = 0;
        if (count_all() > quota.before + NEW_MAX)
            return false;
    }
    return true;
}
