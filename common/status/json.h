/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strict reader of JSON (RFC 8259), token by token, over text that need not end with 0. Stricter
 * than the RFC in two points, because our own files are so: plain ASCII only, and at most
 * JSON_DEPTH_MAX levels.
 */
#ifndef NTSC_JSON_H
#define NTSC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

#define JSON_DEPTH_MAX 8

enum json_type {
    JSON_BAD, /* not JSON, or the text ended too early; stays so */
    JSON_END, /* all was read, and it was one value */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY, /* its value is next */
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_token {
    enum json_type type;
    const char *text; /* of a key or string what is between the quotes, escapes as they are */
    size_t len;
};

enum json_want {
    JSON_WANT_VALUE,
    JSON_WANT_KEY,
    JSON_WANT_FIRST, /* the first of an object or array, or its end */
    JSON_WANT_COMMA, /* or the end of the object or array */
    JSON_WANT_NOTHING,
    JSON_WANT_NO_MORE, /* it was bad */
};

struct json {
    const char *at, *end;
    enum json_want want;
    unsigned depth;
    bool array[JSON_DEPTH_MAX]; /* else an object, for each level */
};

void json_init(struct json *j, const char *text, size_t len);

struct json_token json_next(struct json *j);

/* Goes to the end of the value that `t` began; false when it is bad. */
NTSC_CHECK_RESULT bool json_skip(struct json *j, struct json_token t);

/* Whether a key or string is exactly `s`, which has nothing that would be escaped. */
bool json_is(struct json_token t, const char *s);

/* The content of a string, escapes resolved (beyond ASCII: "?"), with a 0; false when it does not
 * fit in cap octets or has a 0 in it. */
NTSC_CHECK_RESULT bool json_text(struct json_token t, char *buf, size_t cap);

#endif
