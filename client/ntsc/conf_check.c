/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/conf_check.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/log.h"

/* errno of reading it; ENOENT where it is neither file nor directory. */
static int unreadable(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), error = 0;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        error = ENOENT;
    /* ntsc-ke reads a directory itself; a file is opened for it. */
    else if (S_ISDIR(st.st_mode) && (st.st_mode & 05) != 05)
        error = EACCES;
    close(fd);
    return error;
}

static bool check_ca(const struct plan *p, unsigned i)
{
    const char *path = plan_ca(p, i);
    int error;

    if (path[0] == 0)
        return true;
    for (unsigned k = 0; k < i; k++)
        if (strcmp(plan_ca(p, k), path) == 0)
            return true; /* said already */
    error = unreadable(path);
    if (error == 0)
        return true;
    log_warning("ca %s (server %s): %s%s", path, conf_text(&p->conf, p->conf.servers[i].name),
                strerror(error),
                error == EACCES ? ": ntsc-ke, a user of its own, has to read it (chmod o+rx)" : "");
    return false;
}

static bool check_user(const struct plan *p)
{
    const char *user = conf_text(&p->conf, p->conf.user);

    if (strcmp(user, CONF_USER_DEFAULT) == 0 || getpwnam(user) != NULL)
        return true;
    log_warning("user %s: there is no such user (systemd-sysusers or useradd --system makes one)",
                user);
    return false;
}

static bool check_statedir(const struct plan *p)
{
    const char *path = conf_text(&p->conf, p->conf.statedir);
    struct stat st;
    int error;

    if (path[0] == 0)
        return true;
    error = stat(path, &st) != 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    if (error == 0 || error == ENOENT) /* it will be made */
        return true;
    log_warning("statedir %s: %s", path, strerror(error));
    return false;
}

bool conf_check(const struct plan *p)
{
    bool good = check_user(p);

    good = check_statedir(p) && good;
    for (unsigned i = 0; i < p->conf.n_servers; i++)
        good = check_ca(p, i) && good;
    return good;
}
