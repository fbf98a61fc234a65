/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/ca_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/ca_paths.h"
#include "client/shared/log.h"
#include "common/base/fnv1a.h"

/* The file, and the way to it, of one and the same look. */
static int open_file(const char *path, struct ca_way *way)
{
    struct stat st, last;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ca_way_open(way, path)) {
        if (fstat(way->point[way->n - 1].fd, &last) == 0 && last.st_ino == st.st_ino &&
            last.st_dev == st.st_dev)
            return fd;
        ca_way_close(way);
    }
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

/* A server's failure will be told in general words: this is the fact. */
static void say_missing(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        log_warning("ca %s: %s", path, strerror(errno));
}

void ca_files_open(struct ca_files *c, const struct plan *p)
{
    for (unsigned i = 0; i < p->conf.n_servers; i++) {
        const char *path = plan_ca(p, i);
        struct ca_file *more;
        struct ca_way way;
        int fd;

        if (path[0] == 0 || ca_files_find(c, path) >= 0)
            continue;
        fd = open_file(path, &way);
        if (fd < 0) {
            say_missing(path);
            continue;
        }
        more = realloc(c->files, (c->n + 1) * sizeof *more);
        if (more == NULL) {
            ca_way_close(&way);
            close(fd);
            continue;
        }
        c->files = more;
        strncpy(more[c->n].path, path, CA_PATH_MAX);
        more[c->n].path[CA_PATH_MAX] = 0;
        more[c->n].way = way;
        more[c->n].told = false;
        more[c->n++].fd = fd;
    }
}

void ca_files_close(struct ca_files *c)
{
    for (unsigned i = 0; i < c->n; i++) {
        ca_way_close(&c->files[i].way);
        close(c->files[i].fd);
    }
    free(c->files);
    *c = (struct ca_files){.n = 0};
}

bool ca_files_stands(const struct ca_files *c, int index)
{
    return index >= 0 && (unsigned)index < c->n && ca_way_stands(&c->files[index].way);
}

static bool may_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int ca_files_for(const struct ca_files *c, const char *path)
{
    int index = ca_files_find(c, path);

    if (index < 0 || ca_files_stands(c, index))
        return index;
    if (!c->files[index].told && !may_read(path)) {
        c->files[index].told = true;
        log_warning("%s: not the file any more that it was when ntsc started, and root's alone: "
                    "nothing is trusted there until ntsc is started again",
                    path);
    }
    return -1;
}

static uint64_t add(uint64_t mark, const struct stat *st)
{
    const int64_t numbers[] = {(int64_t)st->st_ino, (int64_t)st->st_size,
                               (int64_t)st->st_mtim.tv_sec, (int64_t)st->st_mtim.tv_nsec};

    return fnv1a_octets(mark, numbers, sizeof numbers);
}

static uint64_t add_path(uint64_t mark, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? add(mark, &st) : mark;
}

/* What the names in a directory lead to, in whatever order they come. */
static uint64_t add_entries(uint64_t mark, const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *e;
    uint64_t all = 0;
    struct stat st;

    while (d != NULL && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, 0) == 0)
            all += add(fnv1a(e->d_name), &st);
    if (d != NULL)
        closedir(d);
    return fnv1a_octets(mark, &all, sizeof all);
}

uint64_t ca_files_mark(const struct ca_files *c, const char *path)
{
    uint64_t mark = fnv1a(path);
    int known = ca_files_find(c, path);
    struct stat st;

    if (path[0] == 0) {
        mark = add_path(mark, CA_SYSTEM_DIR);
        for (unsigned i = 0; i < CA_SYSTEM_BUNDLES; i++)
            mark = add_path(mark, ca_system_bundles[i]);
        return mark;
    }
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? add_entries(mark, path) : add(mark, &st);
    /* Where we may not look. */
    if (errno == EACCES && ca_files_stands(c, known) && fstat(c->files[known].fd, &st) == 0)
        return add(mark, &st);
    return mark;
}
