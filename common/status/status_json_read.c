/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "common/base/addr.h"
#include "common/base/decimal.h"
#include "common/status/json.h"
#include "common/status/status_fields.h"
#include "common/status/status_json.h"

static void store_int(uint8_t *p, size_t size, int64_t v)
{
    int32_t s32 = (int32_t)v;
    int8_t s8 = (int8_t)v;

    if (size == sizeof v)
        memcpy(p, &v, sizeof v);
    else if (size == sizeof s32)
        memcpy(p, &s32, sizeof s32);
    else
        memcpy(p, &s8, sizeof s8);
}

static void store_uint(uint8_t *p, size_t size, uint32_t v)
{
    uint16_t u16 = (uint16_t)v;

    if (size == sizeof v)
        memcpy(p, &v, sizeof v);
    else if (size == sizeof u16)
        memcpy(p, &u16, sizeof u16);
    else
        p[0] = (uint8_t)v;
}

static bool read_uint(struct json_token t, const struct field *f, uint8_t *p)
{
    int64_t max = f->size == 4 ? UINT32_MAX : f->size == 2 ? UINT16_MAX : UINT8_MAX;
    int64_t v;

    if (t.type != JSON_NUMBER || !decimal_to_int(t.text, t.len, 0, max, &v))
        return false;
    store_uint(p, f->size, (uint32_t)v);
    return true;
}

static bool read_int(struct json_token t, const struct field *f, uint8_t *p)
{
    int64_t max = f->size == 8 ? INT64_MAX : f->size == 4 ? INT32_MAX : INT8_MAX;
    int64_t v;

    if (t.type != JSON_NUMBER || !decimal_to_int(t.text, t.len, -max - 1, max, &v))
        return false;
    store_int(p, f->size, v);
    return true;
}

static bool read_bool(struct json_token t, uint8_t *p)
{
    bool v = t.type == JSON_TRUE;

    memcpy(p, &v, sizeof v);
    return v || t.type == JSON_FALSE;
}

static bool read_ns(struct json_token t, const struct field *f, uint8_t *p)
{
    int64_t v;

    if (t.type != JSON_NUMBER || !decimal_to_ns(t.text, t.len, &v) ||
        (f->kind == FIELD_BOUND && v < 0))
        return false;
    store_int(p, sizeof v, v);
    return true;
}

static bool read_real(struct json_token t, uint8_t *p)
{
    double v;

    if (t.type != JSON_NUMBER || !decimal_to_double(t.text, t.len, &v))
        return false;
    memcpy(p, &v, sizeof v);
    return true;
}

static bool read_word(struct json_token t, const struct field *f, uint8_t *p)
{
    for (unsigned v = 0; v < f->words; v++) {
        if (t.type == JSON_STRING && json_is(t, f->word(v))) {
            store_uint(p, f->size, v);
            return true;
        }
    }
    return false;
}

/* Keeps the port, which is a member of its own. */
static bool read_address(struct json_token t, const struct field *f, uint8_t *base)
{
    const bool has = true;
    struct net_addr a, old;
    char text[NET_ADDR_TEXT];

    if (t.type != JSON_STRING || !json_text(t, text, sizeof text) ||
        !addr_parse(text, strlen(text), &a))
        return false;
    memcpy(&old, base + f->offset, sizeof old);
    a.port = old.port;
    memcpy(base + f->offset, &a, sizeof a);
    memcpy(base + f->when, &has, sizeof has);
    return true;
}

/* A name or a number in words: what could steer a terminal is none, and is not shown as such. */
static bool read_text(struct json_token t, const struct field *f, uint8_t *p)
{
    char *text = (char *)p;

    if (t.type != JSON_STRING || !json_text(t, text, f->size))
        return false;
    for (; *text != 0; text++)
        if (*text < 0x20 || *text > 0x7e)
            *text = '?';
    return true;
}

static bool read_value(struct json_token t, const struct field *f, uint8_t *base)
{
    uint8_t *p = base + f->offset;

    if (t.type == JSON_NULL) /* not known, as it was set at the start */
        return f->kind != FIELD_BOOL && f->kind != FIELD_WORD;
    switch (f->kind) {
    case FIELD_UINT:
        return read_uint(t, f, p);
    case FIELD_INT:
        return read_int(t, f, p);
    case FIELD_BOOL:
        return read_bool(t, p);
    case FIELD_NS:
    case FIELD_BOUND:
        return read_ns(t, f, p);
    case FIELD_REAL:
        return read_real(t, p);
    case FIELD_TEXT:
        return read_text(t, f, p);
    case FIELD_WORD:
        return read_word(t, f, p);
    case FIELD_ADDRESS:
        return read_address(t, f, base);
    }
    return false;
}

static const struct field *find(const struct fields *fields, struct json_token key)
{
    for (unsigned i = 0; i < fields->n; i++)
        if (json_is(key, fields->field[i].key))
            return &fields->field[i];
    return NULL;
}

enum step { STEP_BAD, STEP_END, STEP_OTHER };

/* Reads members of an object that was begun, until its end or one that is none of the fields: then
 * *key is its key and *value how it begins. */
static enum step read_fields(struct json *j, const struct fields *fields, void *object,
                             struct json_token *key, struct json_token *value)
{
    for (;;) {
        const struct field *f;

        *key = json_next(j);
        if (key->type == JSON_OBJECT_END)
            return STEP_END;
        if (key->type != JSON_KEY)
            return STEP_BAD;
        *value = json_next(j);
        if (value->type == JSON_BAD)
            return STEP_BAD;
        f = find(fields, *key);
        if (f == NULL)
            return STEP_OTHER;
        if (!read_value(*value, f, object))
            return STEP_BAD;
    }
}

static bool read_failure(struct json *j, struct json_token t, struct failure *fail)
{
    struct json_token key, value;
    enum step step;

    memset(fail, 0, sizeof *fail);
    if (t.type != JSON_OBJECT)
        return t.type == JSON_NULL;
    while ((step = read_fields(j, &status_failure_fields, fail, &key, &value)) == STEP_OTHER)
        if (!json_skip(j, value))
            return false;
    return step == STEP_END;
}

/* Stages that a newer program may have are passed over. */
static bool read_failures(struct json *j, struct json_token t, uint32_t failures[STAGE_COUNT])
{
    struct json_token key;
    int64_t v;

    if (t.type != JSON_OBJECT)
        return false;
    while ((key = json_next(j)).type == JSON_KEY) {
        t = json_next(j);
        if (t.type != JSON_NUMBER || !decimal_to_int(t.text, t.len, 0, UINT32_MAX, &v))
            return false;
        for (uint16_t stage = STAGE_OK + 1; stage < (uint16_t)STAGE_COUNT; stage++)
            if (json_is(key, failure_stage_name(stage)))
                failures[stage] = (uint32_t)v;
    }
    return key.type == JSON_OBJECT_END;
}

static bool read_member(struct json *j, struct json_token key, struct json_token value,
                        struct status_source *s)
{
    if (json_is(key, "error"))
        return read_failure(j, value, &s->fail);
    if (json_is(key, "failures"))
        return read_failures(j, value, s->counts.failures);
    return json_skip(j, value);
}

static bool read_source(struct json *j, struct status_source *s)
{
    struct json_token key, value;
    enum step step;

    memset(s, 0, sizeof *s);
    s->bound_ns = s->root_dispersion_ns = -1;
    while ((step = read_fields(j, &status_source_fields, s, &key, &value)) == STEP_OTHER)
        if (!read_member(j, key, value, s))
            return false;
    if (s->has_ke_address)
        s->ke.port = s->ke_port;
    return step == STEP_END;
}

static bool read_sources(struct json *j, struct json_token t, struct status_source *sources,
                         unsigned cap, unsigned *n)
{
    *n = 0;
    if (t.type != JSON_ARRAY)
        return false;
    while ((t = json_next(j)).type == JSON_OBJECT)
        if (*n == cap || !read_source(j, &sources[(*n)++]))
            return false;
    return t.type == JSON_ARRAY_END;
}

static bool is_schema(struct json_token t)
{
    int64_t v;

    return t.type == JSON_NUMBER && decimal_to_int(t.text, t.len, STATUS_SCHEMA, STATUS_SCHEMA, &v);
}

bool status_json_read(const char *text, size_t len, struct status *s, struct status_source *sources,
                      unsigned cap, unsigned *n)
{
    struct json j;
    struct json_token key, value;
    enum step step;
    bool schema = false;

    json_init(&j, text, len);
    memset(s, 0, sizeof *s);
    s->bound_ns = -1;
    *n = 0;
    if (json_next(&j).type != JSON_OBJECT)
        return false;
    while ((step = read_fields(&j, &status_fields, s, &key, &value)) == STEP_OTHER) {
        if (json_is(key, "schema")) {
            if (!is_schema(value))
                return false;
            schema = true;
        } else if (json_is(key, "sources")) {
            if (!read_sources(&j, value, sources, cap, n))
                return false;
        } else if (!json_skip(&j, value)) {
            return false;
        }
    }
    return step == STEP_END && schema && json_next(&j).type == JSON_END;
}
