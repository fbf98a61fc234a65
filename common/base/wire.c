/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies octet by octet instead of calling memcpy: nothing here is large, and the bounds of a
 * plain loop can be proved without a model of the library.
 */
#include "common/base/wire.h"

uint16_t wire_u16_at(const uint8_t *data, size_t at)
{
    return (uint16_t)(data[at] * 256 + data[at + 1]);
}

struct wire_reader wire_reader(const void *data, size_t len)
{
    return (struct wire_reader){.data = data, .len = len, .pos = 0, .bad = false};
}

size_t wire_left(const struct wire_reader *r)
{
    return r->len - r->pos;
}

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_reading(r) && \result == !r->bad;
    ensures \result <==> !\old(r->bad) && r->len - \old(r->pos) >= n;
    ensures r->pos == (\result ? \old(r->pos) : r->len); */
/* True when n more octets can be read; else the reader is bad and at its end from here on. */
static bool reader_has(struct wire_reader *r, size_t n)
{
    if (r->bad || r->len - r->pos < n) {
        r->bad = true;
        r->pos = r->len;
        return false;
    }
    return true;
}

/*@ requires wire_reading(r) && n <= 8;
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), n) && \result < wire_limit(n); */
static uint64_t get_uint(struct wire_reader *r, size_t n)
{
    uint64_t v = 0;

    if (!reader_has(r, n))
        return 0;
    /*@ loop invariant i <= n && v < wire_limit(i);
        loop assigns i, v;
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        v = v * 256 + r->data[r->pos + i];
    r->pos += n;
    return v;
}

uint8_t wire_get_u8(struct wire_reader *r)
{
    return (uint8_t)get_uint(r, 1);
}

uint16_t wire_get_u16(struct wire_reader *r)
{
    return (uint16_t)get_uint(r, 2);
}

uint32_t wire_get_u32(struct wire_reader *r)
{
    return (uint32_t)get_uint(r, 4);
}

uint64_t wire_get_u64(struct wire_reader *r)
{
    return get_uint(r, 8);
}

void wire_get_bytes(struct wire_reader *r, void *to, size_t n)
{
    uint8_t *out = to;

    if (!reader_has(r, n)) {
        /*@ loop invariant i <= n;
            loop assigns i, out[0 .. n - 1];
            loop variant n - i; */
        for (size_t i = 0; i < n; i++)
            out[i] = 0;
        return;
    }
    /*@ loop invariant i <= n;
        loop assigns i, out[0 .. n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        out[i] = r->data[r->pos + i];
    r->pos += n;
}

const uint8_t *wire_skip(struct wire_reader *r, size_t n)
{
    size_t start = r->pos;

    if (!reader_has(r, n))
        return NULL;
    r->pos += n;
    return r->data + start;
}

struct wire_writer wire_writer(void *data, size_t cap)
{
    return (struct wire_writer){.data = data, .cap = cap, .pos = 0, .bad = false};
}

/*@ requires wire_writing(w);
    assigns w->bad;
    ensures \result == !w->bad;
    ensures \result <==> !\old(w->bad) && w->cap - w->pos >= n; */
/* True when n more octets fit; else the writer is bad from here on and writes no more. */
static bool writer_has(struct wire_writer *w, size_t n)
{
    if (w->bad || w->cap - w->pos < n) {
        w->bad = true;
        return false;
    }
    return true;
}

/*@ requires wire_writing(w) && 1 <= n <= 8;
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), n); */
static void put_uint(struct wire_writer *w, uint64_t v, size_t n)
{
    if (!writer_has(w, n))
        return;
    /*@ loop invariant i <= n;
        loop assigns i, w->data[w->pos .. w->pos + n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        w->data[w->pos + i] = (uint8_t)(v >> 8 * (n - 1 - i));
    w->pos += n;
}

void wire_put_u8(struct wire_writer *w, uint8_t v)
{
    put_uint(w, v, 1);
}

void wire_put_u16(struct wire_writer *w, uint16_t v)
{
    put_uint(w, v, 2);
}

void wire_put_u32(struct wire_writer *w, uint32_t v)
{
    put_uint(w, v, 4);
}

void wire_put_u64(struct wire_writer *w, uint64_t v)
{
    put_uint(w, v, 8);
}

void wire_put_bytes(struct wire_writer *w, const void *from, size_t n)
{
    const uint8_t *in = from;

    if (!writer_has(w, n))
        return;
    /*@ loop invariant i <= n;
        loop assigns i, w->data[w->pos .. w->pos + n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        w->data[w->pos + i] = in[i];
    w->pos += n;
}

void wire_put_zeros(struct wire_writer *w, size_t n)
{
    if (!writer_has(w, n))
        return;
    /*@ loop invariant i <= n;
        loop assigns i, w->data[w->pos .. w->pos + n - 1];
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        w->data[w->pos + i] = 0;
    w->pos += n;
}
