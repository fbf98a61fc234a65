/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing; status_json_read.c reads. */
#include "common/status/status_json.h"

#include <math.h>
#include <string.h>

#include "common/status/json_write.h"
#include "common/status/status_fields.h"

#define ERROR_TEXT_MAX 512

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

static void put_value(struct json_out *o, const struct field *f, const uint8_t *p)
{
    struct net_addr a;

    switch (f->kind) {
    case FIELD_UINT:
        json_put_int(o, f->key, load_uint(p, f->size));
        return;
    case FIELD_INT:
        json_put_int(o, f->key, load_int(p, f->size));
        return;
    case FIELD_BOOL:
        json_put_bool(o, f->key, load_bool(p));
        return;
    case FIELD_NS:
    case FIELD_BOUND:
        json_put_ns(o, f->key, load_int(p, f->size));
        return;
    case FIELD_REAL:
        json_put_real(o, f->key, load_real(p));
        return;
    case FIELD_TEXT:
        json_put_text(o, f->key, (const char *)p, f->size);
        return;
    case FIELD_WORD:
        json_put_text(o, f->key, f->word(load_uint(p, f->size)), SIZE_MAX);
        return;
    case FIELD_ADDRESS:
        memcpy(&a, p, sizeof a);
        json_put_address(o, f->key, &a);
        return;
    }
}

static void put_fields(struct json_out *o, const struct fields *fields, const void *object)
{
    const uint8_t *base = object;

    for (unsigned i = 0; i < fields->n; i++) {
        const struct field *f = &fields->field[i];

        if (is_known(f, base))
            put_value(o, f, base + f->offset);
        else
            json_put_null(o, f->key);
    }
}

size_t status_json_head(const struct status *s, char *buf, size_t cap)
{
    struct json_out o = json_out_in(buf, cap);

    json_put_raw(&o, "{");
    json_put_int(&o, "schema", STATUS_SCHEMA);
    put_fields(&o, &status_fields, s);
    json_put_raw(&o, ",\n\"sources\":[");
    return json_out_end(&o);
}

/* Those that happened, by their stages. */
static void put_failures(struct json_out *o, const struct status_counts *counts)
{
    json_put_key(o, "failures");
    json_put_raw(o, "{");
    for (uint16_t stage = STAGE_OK + 1; stage < (uint16_t)STAGE_COUNT; stage++)
        if (counts->failures[stage] != 0)
            json_put_int(o, failure_stage_name(stage), counts->failures[stage]);
    json_put_raw(o, "},");
}

size_t status_json_source(const struct status_source *s, struct wall at, bool first, char *buf,
                          size_t cap)
{
    struct json_out o = json_out_in(buf, cap);
    char text[ERROR_TEXT_MAX];

    json_put_raw(&o, first ? "\n{" : ",\n{");
    put_fields(&o, &status_source_fields, s);
    json_put_text(&o, "word", status_source_word(s), SIZE_MAX);
    put_failures(&o, &s->counts);
    if (s->fail.stage == STAGE_OK) {
        json_put_null(&o, "error");
        json_put_raw(&o, "}");
        return json_out_end(&o);
    }
    json_put_key(&o, "error");
    json_put_raw(&o, "{");
    put_fields(&o, &status_failure_fields, &s->fail);
    failure_text(&s->fail, at, text, sizeof text);
    json_put_text(&o, "text", text, sizeof text);
    json_put_raw(&o, "}}");
    return json_out_end(&o);
}

size_t status_json_tail(char *buf, size_t cap)
{
    struct json_out o = json_out_in(buf, cap);

    json_put_raw(&o, "\n]}\n");
    return json_out_end(&o);
}
