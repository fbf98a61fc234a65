/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/status_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/runtime_path.h"
#include "common/status/status_json.h"

#define TEMPORARY "." STATUS_FILE ".new"

/* Returns the octets, 0 when there are too many sources. */
static size_t compose(char *buf, size_t cap, const struct status *s,
                      const struct status_source *sources, unsigned n)
{
    size_t used = status_json_head(s, buf, cap);
    size_t len = used;

    for (unsigned i = 0; i < n && len > 0; i++) {
        len = status_json_source(&sources[i], s->at, i == 0, buf + used, cap - used);
        used += len;
    }
    if (len > 0) {
        len = status_json_tail(buf + used, cap - used);
        used += len;
    }
    return len > 0 ? used : 0;
}

/*
 * No fsync: the directory is in memory (/run), and gone after a crash anyway. Opened anew each
 * time, not truncated: a reader may still have the file that had this name before.
 */
int status_file_write(int dir, const struct status *s, const struct status_source *sources,
                      unsigned n)
{
    /* Only the pages that are written to ever cost memory. */
    static char buf[STATUS_FILE_MAX];
    size_t len = compose(buf, sizeof buf, s, sources, n);
    int fd, error = 0;

    if (len == 0)
        return EMSGSIZE;
    fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    errno = ENOSPC; /* what a short write means */
    if (write(fd, buf, len) != (ssize_t)len)
        error = errno;
    /* Whatever the umask is, everybody may know. */
    if (error == 0 && fchmod(fd, 0644) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat(dir, TEMPORARY, dir, STATUS_FILE) != 0)
        error = errno;
    if (error != 0)
        (void)unlinkat(dir, TEMPORARY, 0);
    return error;
}
