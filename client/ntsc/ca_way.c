/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/ca_way.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an open file is called now: proc(5). "" where there is no /proc. */
static void place_of(int fd, char place[PATH_MAX])
{
    char name[sizeof "/proc/self/fd/" + 12];
    ssize_t n;

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    n = readlink(name, place, PATH_MAX - 1);
    place[n > 0 ? n : 0] = 0;
}

/* Takes `fd` over. */
static bool hold(struct ca_way *w, int fd)
{
    char place[PATH_MAX];

    if (w->n == CA_WAY_LINKS + 1) {
        close(fd);
        return false;
    }
    place_of(fd, place);
    w->point[w->n].fd = fd;
    w->point[w->n].place = strdup(place);
    return w->point[w->n++].place != NULL;
}

static int open_root(const char *path)
{
    return open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The link `fd` is followed: what it says stands before the rest of the way. */
static bool follow(struct ca_way *w, int fd, const char *target, char rest[PATH_MAX], int *dir)
{
    char whole[PATH_MAX];

    if (!hold(w, fd) ||
        (size_t)snprintf(whole, sizeof whole, "%s/%s", target, rest) >= sizeof whole)
        return false;
    memcpy(rest, whole, sizeof whole);
    if (target[0] != '/')
        return true;
    close(*dir);
    *dir = open_root(target);
    return *dir >= 0;
}

/* Takes the first name off `rest`; false when there is none. */
static bool take_name(char rest[PATH_MAX], char name[PATH_MAX])
{
    const char *begin = rest + strspn(rest, "/");
    size_t n = strcspn(begin, "/");

    memcpy(name, begin, n);
    name[n] = 0;
    begin += n;
    memmove(rest, begin, strlen(begin) + 1);
    return n > 0;
}

static bool walk(struct ca_way *w, char rest[PATH_MAX], int *dir)
{
    char name[PATH_MAX], target[PATH_MAX];

    while (*dir >= 0 && take_name(rest, name)) {
        int fd = openat(*dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
            return false;
        n = readlinkat(fd, "", target, sizeof target - 1);
        if (n >= 0) {
            target[n] = 0;
            if (!follow(w, fd, target, rest, dir))
                return false;
            continue;
        }
        close(*dir);
        *dir = fd;
    }
    return *dir >= 0;
}

bool ca_way_open(struct ca_way *w, const char *path)
{
    char rest[PATH_MAX];
    int at = open_root(path);
    bool arrived;

    w->n = 0;
    arrived = (size_t)snprintf(rest, sizeof rest, "%s", path) < sizeof rest && walk(w, rest, &at);
    if (arrived)
        arrived = hold(w, at);
    else if (at >= 0)
        close(at);
    if (!arrived)
        ca_way_close(w);
    return arrived;
}

bool ca_way_stands(const struct ca_way *w)
{
    char place[PATH_MAX];

    for (unsigned i = 0; i < w->n; i++) {
        place_of(w->point[i].fd, place);
        if (strcmp(place, w->point[i].place) != 0)
            return false;
    }
    return true;
}

void ca_way_close(struct ca_way *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        close(w->point[i].fd);
        free(w->point[i].place);
    }
    w->n = 0;
}
