/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing; status_json_read.c reads. */
#include "common/status/status_json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/decimal.h"
#include "common/status/status_fields.h"

#define ERROR_TEXT_MAX 512

struct out {
    char *buf;
    size_t cap, used;
    bool full;
    bool comma; /* due before the next member */
};

__attribute__((format(printf, 2, 3))) static void put(struct out *o, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = o->full ? -1 : vsnprintf(o->buf + o->used, o->cap - o->used, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= o->cap - o->used)
        o->full = true;
    else
        o->used += (size_t)n;
}

/* Only plain ASCII comes here; anything else is shown as a question mark. */
static void put_text(struct out *o, const char *s, size_t max)
{
    put(o, "\"");
    for (size_t i = 0; i < max && s[i] != 0; i++) {
        bool plain = s[i] >= 0x20 && s[i] <= 0x7e;

        put(o, "%s%c", s[i] == '"' || s[i] == '\\' ? "\\" : "", plain ? s[i] : '?');
    }
    put(o, "\"");
}

static void put_key(struct out *o, const char *key)
{
    put(o, "%s\"%s\":", o->comma ? "," : "", key);
    o->comma = true;
}

static int64_t load_int(const uint8_t *p, size_t size)
{
    int64_t s64;
    int32_t s32;
    int8_t s8;

    switch (size) {
    case sizeof s64:
        memcpy(&s64, p, sizeof s64);
        return s64;
    case sizeof s32:
        memcpy(&s32, p, sizeof s32);
        return s32;
    default:
        memcpy(&s8, p, sizeof s8);
        return s8;
    }
}

static uint32_t load_uint(const uint8_t *p, size_t size)
{
    uint32_t u32;
    uint16_t u16;

    switch (size) {
    case sizeof u32:
        memcpy(&u32, p, sizeof u32);
        return u32;
    case sizeof u16:
        memcpy(&u16, p, sizeof u16);
        return u16;
    default:
        return p[0];
    }
}

static double load_real(const uint8_t *p)
{
    double v;

    memcpy(&v, p, sizeof v);
    return v;
}

static bool load_bool(const uint8_t *p)
{
    bool v;

    memcpy(&v, p, sizeof v);
    return v;
}

static bool is_known(const struct field *f, const uint8_t *base)
{
    const uint8_t *p = base + f->offset;

    switch (f->kind) {
    case FIELD_UINT:
        return !f->zero_is_null || load_uint(p, f->size) != 0;
    case FIELD_INT:
        return !f->zero_is_null || load_int(p, f->size) != 0;
    case FIELD_NS:
        if (f->when != 0 && load_int(base + f->when, sizeof(int64_t)) < 0)
            return false;
        return !f->zero_is_null || load_int(p, f->size) != 0;
    case FIELD_BOUND:
        return load_int(p, f->size) >= 0;
    case FIELD_REAL:
        return isfinite(load_real(p)) && !(f->zero_is_null && load_real(p) == 0);
    case FIELD_TEXT:
        return p[0] != 0;
    case FIELD_ADDRESS:
        return load_bool(base + f->when);
    case FIELD_BOOL:
    case FIELD_WORD:
        break;
    }
    return true;
}

static void put_value(struct out *o, const struct field *f, const uint8_t *p)
{
    char text[NET_ADDR_TEXT > DECIMAL_NS_TEXT ? NET_ADDR_TEXT : DECIMAL_NS_TEXT];
    struct net_addr a;

    switch (f->kind) {
    case FIELD_UINT:
        put(o, "%lu", (unsigned long)load_uint(p, f->size));
        return;
    case FIELD_INT:
        put(o, "%lld", (long long)load_int(p, f->size));
        return;
    case FIELD_BOOL:
        put(o, "%s", load_bool(p) ? "true" : "false");
        return;
    case FIELD_NS:
    case FIELD_BOUND:
        decimal_from_ns(load_int(p, f->size), text);
        put(o, "%s", text);
        return;
    case FIELD_REAL:
        put(o, "%.9g", load_real(p));
        return;
    case FIELD_TEXT:
        put_text(o, (const char *)p, f->size);
        return;
    case FIELD_WORD:
        put_text(o, f->word(load_uint(p, f->size)), SIZE_MAX);
        return;
    case FIELD_ADDRESS:
        memcpy(&a, p, sizeof a);
        net_addr_text(&a, text);
        put_text(o, text, sizeof text);
        return;
    }
}

static void put_fields(struct out *o, const struct fields *fields, const void *object)
{
    const uint8_t *base = object;

    for (unsigned i = 0; i < fields->n; i++) {
        const struct field *f = &fields->field[i];

        put_key(o, f->key);
        if (is_known(f, base))
            put_value(o, f, base + f->offset);
        else
            put(o, "null");
    }
}

static size_t finish(const struct out *o)
{
    return o->full ? 0 : o->used;
}

size_t status_json_head(const struct status *s, char *buf, size_t cap)
{
    struct out o = {.buf = buf, .cap = cap, .comma = true};

    put(&o, "{\"schema\":%d", STATUS_SCHEMA);
    put_fields(&o, &status_fields, s);
    put(&o, ",\n\"sources\":[");
    return finish(&o);
}

size_t status_json_source(const struct status_source *s, struct wall at, bool first, char *buf,
                          size_t cap)
{
    struct out o = {.buf = buf, .cap = cap};
    char text[ERROR_TEXT_MAX];

    put(&o, "%s\n{", first ? "" : ",");
    put_fields(&o, &status_source_fields, s);
    put_key(&o, "error");
    if (s->fail.stage == STAGE_OK) {
        put(&o, "null}");
        return finish(&o);
    }
    put(&o, "{");
    o.comma = false;
    put_fields(&o, &status_failure_fields, &s->fail);
    put_key(&o, "text");
    failure_text(&s->fail, at, text, sizeof text);
    put_text(&o, text, sizeof text);
    put(&o, "}}");
    return finish(&o);
}

size_t status_json_tail(char *buf, size_t cap)
{
    struct out o = {.buf = buf, .cap = cap};

    put(&o, "\n]}\n");
    return finish(&o);
}
