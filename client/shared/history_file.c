/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int history_file_open(int dir)
{
    int fd =
        openat(dir, HISTORY_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

    /* Whatever the umask is, everybody may know. */
    if (fd >= 0)
        (void)fchmod(fd, 0644);
    return fd;
}

int history_file_put(int fd, const struct history_record *h)
{
    char line[HISTORY_LINE];

    if (!history_encode(h, line))
        return EINVAL;
    errno = ENOSPC; /* what a short write means */
    if (pwrite(fd, line, sizeof line, (off_t)history_slot(h->at_s) * HISTORY_LINE) !=
        (ssize_t)sizeof line)
        return errno;
    return 0;
}
