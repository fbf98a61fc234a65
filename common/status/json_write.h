/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one writer of JSON. Members in a buffer of a fixed size, commas where they are due; what does
 * not fit makes all of it void. A key of NULL is none: an element of an array.
 */
#ifndef NTSC_JSON_WRITE_H
#define NTSC_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net_addr.h"

struct json_out {
    char *buf;
    size_t cap, used;
    bool full;  /* something did not fit */
    bool comma; /* due before the next member */
};

struct json_out json_out_in(char *buf, size_t cap);

/* The octets written, without the 0 behind them; 0 when it did not fit. */
size_t json_out_end(const struct json_out *o);

/* What is JSON already: "{", "]}\n". No comma before or behind it. */
void json_put_raw(struct json_out *o, const char *text);

void json_put_key(struct json_out *o, const char *key);
void json_put_null(struct json_out *o, const char *key);
void json_put_bool(struct json_out *o, const char *key, bool v);
void json_put_int(struct json_out *o, const char *key, int64_t v);
/* Seconds with nine places. */
void json_put_ns(struct json_out *o, const char *key, int64_t ns);
/* Nine digits; null when it is not finite. */
void json_put_real(struct json_out *o, const char *key, double v);
/* At most max octets of s, as json_quoted() has them. */
void json_put_text(struct json_out *o, const char *key, const char *s, size_t max);
/* Without its port; null when it has no family. */
void json_put_address(struct json_out *o, const char *key, const struct net_addr *a);

/*
 * At most max octets of s as they are between quotes, in JSON and in OpenMetrics: quotes and
 * backslashes behind a backslash, what is not printable ASCII as a question mark. Ends with 0; what
 * does not fit in cap octets is cut.
 */
#define JSON_QUOTED(octets) (2 * (octets) + 1)
void json_quoted(const char *s, size_t max, char *buf, size_t cap);

#endif
