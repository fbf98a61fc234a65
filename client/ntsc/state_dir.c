/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(char *why, const char *what)
{
    snprintf(why, SAFE_DIR_WHY, "%s", what);
    return false;
}

static bool hand_over(int fd, const struct identity *id, char *why)
{
    const struct safe_dir_rule rule = {.owner = id->uid};
    struct stat st;

    if (fstat(fd, &st) != 0)
        return refuse(why, strerror(errno));
    if ((st.st_mode & (S_IWOTH | S_ISVTX)) != 0 ||
        ((st.st_mode & S_IWGRP) != 0 && st.st_gid != id->gid))
        return refuse(why, "others may write to it");
    if (st.st_uid == id->uid)
        return true;
    if (st.st_uid != 0) {
        snprintf(why, SAFE_DIR_WHY, "belongs to user %u, not to %u, as which the engine runs",
                 (unsigned)st.st_uid, (unsigned)id->uid);
        return false;
    }
    if (!safe_dir_only(fd, &rule, why))
        return false;
    return fchown(fd, id->uid, id->gid) == 0 || refuse(why, strerror(errno));
}

int state_dir_open(const char *path, const struct identity *id, char why[SAFE_DIR_WHY])
{
    int fd = safe_dir_open(path, 0700, id, why);

    if (fd < 0 || !id->change || hand_over(fd, id, why))
        return fd;
    close(fd);
    return -1;
}
