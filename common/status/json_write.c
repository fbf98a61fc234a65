/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/status/json_write.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/decimal.h"

struct json_out json_out_in(char *buf, size_t cap)
{
    return (struct json_out){.buf = buf, .cap = cap, .full = cap == 0};
}

size_t json_out_end(const struct json_out *o)
{
    return o->full ? 0 : o->used;
}

static void add(struct json_out *o, const char *text, size_t n)
{
    if (o->full || n >= o->cap - o->used) {
        o->full = true;
        return;
    }
    memcpy(o->buf + o->used, text, n);
    o->used += n;
    o->buf[o->used] = '\0';
}

void json_put_raw(struct json_out *o, const char *text)
{
    add(o, text, strlen(text));
    o->comma = false;
}

void json_put_key(struct json_out *o, const char *key)
{
    if (o->comma)
        add(o, ",", 1);
    o->comma = true;
    if (key == NULL)
        return;
    add(o, "\"", 1);
    add(o, key, strlen(key));
    add(o, "\":", 2);
}

static void put(struct json_out *o, const char *key, const char *value)
{
    json_put_key(o, key);
    add(o, value, strlen(value));
}

void json_put_null(struct json_out *o, const char *key)
{
    put(o, key, "null");
}

void json_put_bool(struct json_out *o, const char *key, bool v)
{
    put(o, key, v ? "true" : "false");
}

void json_put_int(struct json_out *o, const char *key, int64_t v)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, v);
    put(o, key, text);
}

void json_put_ns(struct json_out *o, const char *key, int64_t ns)
{
    char text[DECIMAL_NS_TEXT];

    decimal_from_ns(ns, text);
    put(o, key, text);
}

void json_put_real(struct json_out *o, const char *key, double v)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%.9g", v);
    put(o, key, isfinite(v) ? text : "null");
}

/* Into two octets; returns how many. */
static size_t quote(char c, char out[2])
{
    size_t n = 0;

    if (c == '"' || c == '\\')
        out[n++] = '\\';
    out[n++] = c >= 0x20 && c <= 0x7e ? c : '?';
    return n;
}

void json_put_text(struct json_out *o, const char *key, const char *s, size_t max)
{
    char c[2];

    json_put_key(o, key);
    add(o, "\"", 1);
    for (size_t i = 0; i < max && s[i] != '\0'; i++)
        add(o, c, quote(s[i], c));
    add(o, "\"", 1);
}

void json_put_address(struct json_out *o, const char *key, const struct net_addr *a)
{
    char text[NET_ADDR_TEXT];

    if (a->family == 0) {
        json_put_null(o, key);
        return;
    }
    net_addr_text(a, text);
    json_put_text(o, key, text, sizeof text);
}

void json_quoted(const char *s, size_t max, char *buf, size_t cap)
{
    size_t used = 0, n;
    char c[2];

    for (size_t i = 0; i < max && s[i] != '\0'; i++) {
        n = quote(s[i], c);
        if (used + n >= cap)
            break;
        memcpy(buf + used, c, n);
        used += n;
    }
    buf[used] = '\0';
}
