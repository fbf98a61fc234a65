/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/set_note.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTE_NAME "set"
#define NOTE_HEAD "ntsc-set 1 "

int set_note_make(const char *dir)
{
    int at = geteuid() == 0 ? open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    int fd;

    if (at < 0)
        return -1;
    (void)unlinkat(at, NOTE_NAME, 0);
    fd = openat(at, NOTE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    close(at);
    return fd;
}

void set_note_write(int fd, struct raw now)
{
    char text[48];
    int n = snprintf(text, sizeof text, NOTE_HEAD "%" PRId64 "\n", now.ns);

    /* A note that cannot be written costs a word in the daemon's log. */
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
        return;
}

bool set_note_read(int dir, struct raw *at)
{
    int fd = dir < 0 ? -1 : openat(dir, NOTE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char text[48], *end = text;
    struct stat st;
    ssize_t n = -1;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 && (st.st_mode & 022) == 0)
        n = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    if (n <= (ssize_t)strlen(NOTE_HEAD) || memcmp(text, NOTE_HEAD, strlen(NOTE_HEAD)) != 0)
        return false;
    text[n] = 0;
    at->ns = strtoll(text + strlen(NOTE_HEAD), &end, 10);
    return *end == '\n';
}
