/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What every file is made with: others see it when it is whole. */
#define OWN_MODE 0600

static int fill(int fd, const void *data, size_t len, mode_t mode, bool durable)
{
    errno = ENOSPC; /* what a short write means */
    if (write(fd, data, len) != (ssize_t)len || (mode != OWN_MODE && fchmod(fd, mode) != 0) ||
        (durable && fsync(fd) != 0))
        return errno;
    return 0;
}

/* Opened anew each time, not truncated: a reader may still have the file that had the name before.
 */
int replace_file(int dir, const char *name, const void *data, size_t len, mode_t mode, bool durable)
{
    char temporary[REPLACE_NAME_MAX + sizeof "..new"];
    int fd, error;

    if (strlen(name) > REPLACE_NAME_MAX)
        return ENAMETOOLONG;
    (void)snprintf(temporary, sizeof temporary, ".%s.new", name);
    fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, OWN_MODE);
    if (fd < 0)
        return errno;
    error = fill(fd, data, len, mode, durable);
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat(dir, temporary, dir, name) != 0)
        error = errno;
    /* It is done; where only the directory cannot be synchronized it may be undone by a power cut.
     */
    if (error == 0 && durable)
        (void)fsync(dir);
    if (error != 0)
        (void)unlinkat(dir, temporary, 0);
    return error;
}
