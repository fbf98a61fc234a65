/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/ca_open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/ca_paths.h"
#include "common/msg/msg.h"

/* A file or a directory, whichever it is; neither: both -1 and errno says why. */
static void open_any(struct ca_open *c, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        c->dir = fd;
    else if (S_ISREG(st.st_mode))
        c->file = fd;
    else
        close(fd);
}

/* The file as ntsc opened it, unless it has been removed since, or another put in its place. */
static int handed_over(void)
{
    struct stat st;

    if (fstat(MSG_CA_FD, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink == 0)
        return -1;
    return fcntl(MSG_CA_FD, F_DUPFD_CLOEXEC, 0);
}

void ca_open(struct ca_open *c, const char *path)
{
    *c = (struct ca_open){-1, -1};
    if (*path != 0) {
        errno = 0;
        open_any(c, path);
        /* Only where we may not look: what is not there any more is not trusted any more. */
        if (c->dir < 0 && c->file < 0 && errno == EACCES)
            c->file = handed_over();
        return;
    }
    open_any(c, CA_SYSTEM_DIR);
    for (unsigned i = 0; i < CA_SYSTEM_BUNDLES && c->file < 0; i++) {
        struct ca_open one = {-1, -1};

        open_any(&one, ca_system_bundles[i]);
        c->file = one.file;
        if (one.dir >= 0) /* of that name */
            close(one.dir);
    }
}

void ca_close(struct ca_open *c)
{
    if (c->dir >= 0)
        close(c->dir);
    if (c->file >= 0)
        close(c->file);
    *c = (struct ca_open){-1, -1};
}
