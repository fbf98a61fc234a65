/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/state_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/msg/msg.h"

static int make_with_parents(const char *path)
{
    char part[CA_PATH_MAX + 1];

    if (strlen(path) > CA_PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (size_t i = 1; path[i] != 0; i++) {
        if (path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return -1;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/*
 * Cookies that another user has written (nobody, before the user ntsc was made) are thrown away:
 * they cost one key exchange, while files changed to a new owner could be anybody's.
 */
static void drop_foreign_cookies(int dir, uid_t uid)
{
    int fd = openat(dir, "cookies", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    DIR *d;

    if (fd < 0)
        return;
    if (fstat(fd, &st) != 0 || st.st_uid == uid || (d = fdopendir(fd)) == NULL) {
        close(fd);
        return;
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        (void)unlinkat(fd, e->d_name, 0);
    closedir(d);
    (void)unlinkat(dir, "cookies", AT_REMOVEDIR);
}

int state_dir_open(const char *path, const struct identity *id)
{
    struct stat st;
    int fd;

    if (make_with_parents(path) != 0)
        return -1;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (!id->change)
        return fd;
    if (fstat(fd, &st) != 0 || (st.st_uid != id->uid && fchown(fd, id->uid, id->gid) != 0)) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    drop_foreign_cookies(fd, id->uid);
    return fd;
}
