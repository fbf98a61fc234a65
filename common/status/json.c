/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/status/json.h"

#include <string.h>

#include "common/base/digit.h"
#include "common/status/json_escape.h"

void json_init(struct json *j, const char *text, size_t len)
{
    memset(j, 0, sizeof *j);
    j->at = text;
    j->end = text + len;
    j->want = JSON_WANT_VALUE;
}

static struct json_token token(enum json_type type, const char *text, const char *end)
{
    return (struct json_token){type, text, (size_t)(end - text)};
}

static struct json_token bad(struct json *j)
{
    j->want = JSON_WANT_NO_MORE;
    return token(JSON_BAD, j->end, j->end);
}

static void skip_space(struct json *j)
{
    while (j->at < j->end && (*j->at == ' ' || *j->at == '\n' || *j->at == '\t' || *j->at == '\r'))
        j->at++;
}

/* RFC 8259 section 7 */
static struct json_token string(struct json *j, enum json_type type)
{
    const char *p = j->at + 1;
    const char *text = p;

    while (p < j->end && *p != '"') {
        size_t n = 1;

        if (*p < 0x20 || *p > 0x7e)
            return bad(j);
        if (*p == '\\') {
            n = json_escape_len(p + 1, j->end);
            if (n++ == 0)
                return bad(j);
        }
        p += n;
    }
    if (p == j->end)
        return bad(j);
    j->at = p + 1;
    return token(type, text, p);
}

static bool digits(const char **p, const char *end)
{
    const char *from = *p;

    while (*p < end && digit_is(**p))
        ++*p;
    return *p > from;
}

/* RFC 8259 section 6 */
static struct json_token number(struct json *j)
{
    const char *p = j->at;

    if (p < j->end && *p == '-')
        p++;
    if (p < j->end && *p == '0')
        p++;
    else if (!digits(&p, j->end))
        return bad(j);
    if (p < j->end && *p == '.') {
        p++;
        if (!digits(&p, j->end))
            return bad(j);
    }
    if (p < j->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < j->end && (*p == '+' || *p == '-'))
            p++;
        if (!digits(&p, j->end))
            return bad(j);
    }
    struct json_token t = token(JSON_NUMBER, j->at, p);
    j->at = p;
    return t;
}

static struct json_token word(struct json *j)
{
    static const struct {
        const char *text;
        enum json_type type;
    } words[] = {{"true", JSON_TRUE}, {"false", JSON_FALSE}, {"null", JSON_NULL}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].text);

        if ((size_t)(j->end - j->at) >= n && memcmp(j->at, words[i].text, n) == 0) {
            struct json_token t = token(words[i].type, j->at, j->at + n);

            j->at += n;
            return t;
        }
    }
    return bad(j);
}

static void after_value(struct json *j)
{
    if (j->want != JSON_WANT_NO_MORE)
        j->want = j->depth == 0 ? JSON_WANT_NOTHING : JSON_WANT_COMMA;
}

static struct json_token open_level(struct json *j, bool array)
{
    if (j->depth == JSON_DEPTH_MAX)
        return bad(j);
    j->array[j->depth++] = array;
    j->want = JSON_WANT_FIRST;
    j->at++;
    return token(array ? JSON_ARRAY : JSON_OBJECT, j->at - 1, j->at);
}

static struct json_token close_level(struct json *j)
{
    bool array = j->array[--j->depth];

    j->at++;
    after_value(j);
    return token(array ? JSON_ARRAY_END : JSON_OBJECT_END, j->at - 1, j->at);
}

static struct json_token value(struct json *j)
{
    struct json_token t;

    if (*j->at == '{' || *j->at == '[')
        return open_level(j, *j->at == '[');
    if (*j->at == '"')
        t = string(j, JSON_STRING);
    else if (*j->at == '-' || digit_is(*j->at))
        t = number(j);
    else
        t = word(j);
    after_value(j);
    return t;
}

static struct json_token key(struct json *j)
{
    struct json_token t;

    if (*j->at != '"')
        return bad(j);
    t = string(j, JSON_KEY);
    if (t.type == JSON_BAD)
        return t;
    skip_space(j);
    if (j->at == j->end || *j->at != ':')
        return bad(j);
    j->at++;
    j->want = JSON_WANT_VALUE;
    return t;
}

struct json_token json_next(struct json *j)
{
    bool array = j->depth > 0 && j->array[j->depth - 1];

    if (j->want == JSON_WANT_NO_MORE)
        return bad(j);
    skip_space(j);
    if (j->at == j->end)
        return j->want == JSON_WANT_NOTHING ? token(JSON_END, j->end, j->end) : bad(j);
    if ((j->want == JSON_WANT_FIRST || j->want == JSON_WANT_COMMA) && *j->at == (array ? ']' : '}'))
        return close_level(j);
    if (j->want == JSON_WANT_COMMA) {
        if (*j->at != ',')
            return bad(j);
        j->at++;
        skip_space(j);
        if (j->at == j->end)
            return bad(j);
    }
    if (j->want == JSON_WANT_NOTHING)
        return bad(j);
    if (j->want == JSON_WANT_VALUE || array)
        return value(j);
    return key(j);
}
