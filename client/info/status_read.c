/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/info/status_read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Reads to the end or to cap octets; -1: errno. */
static ssize_t read_all(int fd, char *buf, size_t cap)
{
    size_t used = 0;
    ssize_t n = 1;

    while (n != 0 && used < cap) {
        n = read(fd, buf + used, cap - used);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            used += (size_t)n;
    }
    return (ssize_t)used;
}

int status_read_file(const char *path, char *buf, size_t cap, size_t *len)
{
    /* Not blocking: it might be a FIFO. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n;
    int error;

    if (fd < 0)
        return errno;
    n = read_all(fd, buf, cap);
    error = errno;
    close(fd);
    if (n < 0)
        return error;
    *len = (size_t)n;
    return 0;
}

/* As status_json.c writes it: nothing else is shown as it is (-ij). */
static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e))
            return false;
    return true;
}

int status_read(const char *path, struct status_copy *c)
{
    int error = status_read_file(path, c->text, sizeof c->text, &c->len);

    if (error != 0)
        return error;
    if (c->len > STATUS_FILE_MAX || !is_plain(c->text, c->len) ||
        !status_json_read(c->text, c->len, &c->status, c->sources, SERVERS_MAX, &c->n))
        return EBADMSG;
    return 0;
}

enum status_age status_age(const struct status *s, struct wall now)
{
    if (now.ns < s->at.ns)
        return STATUS_FUTURE;
    /* No next one is planned when no timer runs. */
    return s->next.ns != 0 && now.ns > s->next.ns ? STATUS_STALE : STATUS_FRESH;
}
