/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/ca_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
        return fd;
    close(fd);
    return -1;
}

int ca_files_find(const struct ca_files *c, const char *path)
{
    for (unsigned i = 0; i < c->n; i++)
        if (strcmp(c->files[i].path, path) == 0)
            return (int)i;
    return -1;
}

void ca_files_open(struct ca_files *c, const struct plan *p)
{
    for (unsigned i = 0; i < p->conf.n_servers; i++) {
        const char *path = plan_ca(p, i);
        struct ca_file *more;
        int fd;

        if (path[0] == 0 || ca_files_find(c, path) >= 0)
            continue;
        fd = open_file(path);
        if (fd < 0)
            continue;
        more = realloc(c->files, (c->n + 1) * sizeof *more);
        if (more == NULL) {
            close(fd);
            continue;
        }
        c->files = more;
        strncpy(more[c->n].path, path, CA_PATH_MAX);
        more[c->n].path[CA_PATH_MAX] = 0;
        more[c->n++].fd = fd;
    }
}

void ca_files_close(struct ca_files *c)
{
    for (unsigned i = 0; i < c->n; i++)
        close(c->files[i].fd);
    free(c->files);
    *c = (struct ca_files){.n = 0};
}
