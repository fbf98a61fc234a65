/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a token; json.c makes them. */
#include <string.h>

#include "common/base/digit.h"
#include "common/status/json.h"
#include "common/status/json_escape.h"

size_t json_escape_len(const char *p, const char *end)
{
    if (p == end || *p == 0 || strchr("\"\\/bfnrtu", *p) == NULL)
        return 0;
    if (*p != 'u')
        return 1;
    if (end - p < 5)
        return 0;
    for (int i = 1; i < 5; i++)
        if (digit_hex(p[i]) < 0)
            return 0;
    return 5;
}

bool json_skip(struct json *j, struct json_token t)
{
    unsigned depth = j->depth;

    if (t.type == JSON_OBJECT || t.type == JSON_ARRAY)
        while (j->depth >= depth && t.type != JSON_BAD)
            t = json_next(j);
    return t.type != JSON_BAD;
}

bool json_is(struct json_token t, const char *s)
{
    return (t.type == JSON_KEY || t.type == JSON_STRING) && t.len == strlen(s) &&
           memcmp(t.text, s, t.len) == 0;
}

/* What an escape stands for, which json_escape_len() has passed. */
static char unescape(const char *p)
{
    int code = 0;

    switch (*p) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        for (int i = 1; i < 5; i++)
            code = code * 16 + digit_hex(p[i]);
        return code < 0x80 ? (char)code : '?';
    default:
        return *p;
    }
}

bool json_text(struct json_token t, char *buf, size_t cap)
{
    size_t used = 0;

    if (t.type != JSON_STRING && t.type != JSON_KEY)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.text[i];

        if (c == '\\') {
            c = unescape(t.text + i + 1);
            i += json_escape_len(t.text + i + 1, t.text + t.len);
        }
        if (c == 0 || used + 1 >= cap)
            return false;
        buf[used++] = c;
    }
    if (used >= cap)
        return false;
    buf[used] = 0;
    return true;
}
