/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/sync_flag.h"

#include <fcntl.h>
#include <unistd.h>

#define NAME "synchronized"

static int place = -1;

void sync_flag_open(const char *dir)
{
    place = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int sync_flag_place(void)
{
    return place;
}

void sync_flag_set(void)
{
    int fd;

    if (place < 0)
        return;
    fd = openat(place, NAME, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
}

void sync_flag_clear(void)
{
    if (place >= 0)
        (void)unlinkat(place, NAME, 0);
}
