/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/runtime_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/runtime_path.h"

int runtime_dir_open(const char *path, const struct identity *id)
{
    int fd, error;

    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return -1;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || !id->change)
        return fd;
    if (fchown(fd, 0, id->gid) == 0 && fchmod(fd, 01775) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

int runtime_dir_lock(int dir)
{
    int fd = openat(dir, "allowance", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error;

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        /* What a daemon that was killed has left, perhaps as another user. */
        (void)unlinkat(dir, STATUS_FILE, 0);
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}
