/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.json, schema 1, both ways. Written in pieces, so that nobody needs room for all of it:
 * head, each source, tail. Times are seconds since 1970; what is not known is null.
 */
#ifndef NTSC_STATUS_JSON_H
#define NTSC_STATUS_JSON_H

#include "common/msg/msg_engine.h"
#include "common/status/status.h"

/* What a piece takes at most. */
#define STATUS_JSON_HEAD_MAX   1536
#define STATUS_JSON_SOURCE_MAX 4096
#define STATUS_JSON_TAIL_MAX   8

/* A larger file is none of ours. */
#define STATUS_FILE_MAX                                                                            \
    (STATUS_JSON_HEAD_MAX + SERVERS_MAX * STATUS_JSON_SOURCE_MAX + STATUS_JSON_TAIL_MAX)

/* Each returns the octets written, without the 0 that follows them; 0 when cap does not suffice. */
size_t status_json_head(const struct status *s, char *buf, size_t cap);
/* `at`: the clock, for dates beside which it is told; `first`: no other came before. */
size_t status_json_source(const struct status_source *s, struct wall at, bool first, char *buf,
                          size_t cap);
size_t status_json_tail(char *buf, size_t cap);

/*
 * Reads a whole file. What it does not know is passed over, what is missing is as if it were not
 * known; false for another schema, for what is malformed or out of range, and for more than cap
 * sources. The KE address has the port ke_port, which is not written twice.
 */
NTSC_CHECK_RESULT bool status_json_read(const char *text, size_t len, struct status *s,
                                        struct status_source *sources, unsigned cap, unsigned *n);

#endif
