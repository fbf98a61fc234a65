/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/safe_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as a sane system has on one way. */
#define LINKS_MAX 8

struct walk {
    int dir;             /* where we are */
    char rest[PATH_MAX]; /* the way from here */
    char *at;            /* in it */
    unsigned links;
    bool careful; /* we are root */
    mode_t mode;
    char *why;
};

static bool refuse(struct walk *w, const char *what, const char *name)
{
    snprintf(w->why, SAFE_DIR_WHY, "%s%s%s", name, name[0] != 0 ? " " : "", what);
    return false;
}

static bool failed(struct walk *w, const char *name)
{
    snprintf(w->why, SAFE_DIR_WHY, "%s%s%s", name, name[0] != 0 ? ": " : "", strerror(errno));
    return false;
}

static void move_to(struct walk *w, int fd)
{
    close(w->dir);
    w->dir = fd;
}

/* Whether only root decides what a name in it means; *sticky: or its owner. */
static bool is_roots(const struct stat *st, bool *sticky)
{
    *sticky = (st->st_mode & S_ISVTX) != 0;
    return st->st_uid == 0 && (*sticky || (st->st_mode & S_IWOTH) == 0) &&
           (*sticky || (st->st_mode & S_IWGRP) == 0 || st->st_gid == 0);
}

/* The next name of the way, cut off in place; NULL: the end. */
static const char *next_name(struct walk *w)
{
    char *name = w->at + strspn(w->at, "/");
    char *end = name + strcspn(name, "/");

    if (*name == 0)
        return NULL;
    w->at = *end == 0 ? end : end + 1;
    *end = 0;
    return name;
}

static bool is_last(const struct walk *w)
{
    return w->at[strspn(w->at, "/")] == 0;
}

/* Puts what a link says before the rest of the way. */
static bool follow(struct walk *w, int link, const char *name)
{
    char target[PATH_MAX], rest[PATH_MAX];
    ssize_t n = readlinkat(link, "", target, sizeof target - 1);

    if (n < 0)
        return failed(w, name);
    target[n] = 0;
    if (++w->links > LINKS_MAX)
        return refuse(w, "is one link too many", name);
    if ((size_t)snprintf(rest, sizeof rest, "%s/%s", target, w->at) >= sizeof rest)
        return refuse(w, "leads too far", name);
    memcpy(w->rest, rest, sizeof rest);
    w->at = w->rest;
    if (rest[0] == '/') {
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0)
            return failed(w, "/");
        move_to(w, root);
    }
    return true;
}

static int open_or_make(const struct walk *w, const char *name)
{
    int fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 || errno != ENOENT ||
        (mkdirat(w->dir, name, is_last(w) ? w->mode : 0755) != 0 && errno != EEXIST))
        return fd;
    return openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static bool step(struct walk *w, const char *name)
{
    struct stat above, st;
    bool sticky = false, good;
    int fd;

    if (strcmp(name, ".") == 0)
        return true;
    if (w->careful && strcmp(name, "..") == 0)
        return refuse(w, "is no part of a path that root follows", name);
    if (fstat(w->dir, &above) != 0)
        return failed(w, name);
    if (w->careful && !is_roots(&above, &sticky))
        return refuse(w, "lies in a directory that others than root may change", name);
    fd = open_or_make(w, name);
    if (fd < 0 || fstat(fd, &st) != 0) {
        good = failed(w, name);
        if (fd >= 0)
            close(fd);
        return good;
    }
    if (S_ISLNK(st.st_mode)) {
        good = w->careful && st.st_uid != 0 ? refuse(w, "is a link that is not root's", name)
                                            : follow(w, fd, name);
        close(fd);
        return good;
    }
    if (!S_ISDIR(st.st_mode)) {
        close(fd);
        errno = ENOTDIR;
        return failed(w, name);
    }
    move_to(w, fd);
    return true;
}

int safe_dir_open(const char *path, mode_t mode, const struct identity *id, char why[SAFE_DIR_WHY])
{
    struct walk w = {.careful = id->change, .mode = mode, .why = why};
    const char *name;
    int fd = -1;
    bool good;

    if (path[0] != '/' || strlen(path) >= sizeof w.rest) {
        (void)refuse(&w, "not an absolute path, or too long", "");
        return -1;
    }
    memcpy(w.rest, path, strlen(path) + 1);
    w.at = w.rest;
    w.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    good = w.dir >= 0 || failed(&w, "/");
    while (good && (name = next_name(&w)) != NULL)
        good = step(&w, name);
    if (good) {
        fd = openat(w.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            (void)failed(&w, "");
    }
    if (w.dir >= 0)
        close(w.dir);
    return fd;
}

static bool is_named(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* "" when it may be there. */
static const char *objection(int dir, const struct safe_dir_rule *rule, const char *name)
{
    struct stat st;

    if (rule->names != NULL && !is_named(rule->names, name))
        return "holds files that are not of ntsc";
    if (rule->owner == (uid_t)-1 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        st.st_uid == rule->owner || (rule->of_root && st.st_uid == 0))
        return "";
    return "holds files of another user";
}

bool safe_dir_only(int dir, const struct safe_dir_rule *rule, char why[SAFE_DIR_WHY])
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const char *wrong = "";

    if (d == NULL) {
        snprintf(why, SAFE_DIR_WHY, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (const struct dirent *e; wrong[0] == 0 && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        wrong = objection(dir, rule, e->d_name);
        if (wrong[0] != 0)
            snprintf(why, SAFE_DIR_WHY, "%s (%.100s)", wrong, e->d_name);
    }
    closedir(d);
    return wrong[0] == 0;
}
