/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon wrote, read back by ntsc -i and ntsc -w. */
#ifndef NTSC_STATUS_READ_H
#define NTSC_STATUS_READ_H

#include "common/status/status_json.h"

struct status_copy {
    struct status status;
    struct status_source sources[SERVERS_MAX];
    unsigned n;
    size_t len; /* of text, the file as it is */
    char text[STATUS_FILE_MAX + 1];
};

/* Fills *c from the file at path; returns 0, errno, or EBADMSG when it is not a status. */
int status_read(const char *path, struct status_copy *c);

/* The first `cap` octets of a file, of a FIFO none; returns 0 or errno. */
int status_read_file(const char *path, char *buf, size_t cap, size_t *len);

enum status_age {
    STATUS_FRESH,
    STATUS_STALE,  /* the next is overdue */
    STATUS_FUTURE, /* written later than now: the clock was set back since */
};

enum status_age status_age(const struct status *s, struct wall now);

#endif
