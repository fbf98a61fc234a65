/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading and writing of big-endian fields (network order).
 *
 * Both carry a sticky `bad` flag: after the first access beyond the end every read gives zeros,
 * every write does nothing, and the one check that matters is `bad` at the end.
 */
#ifndef NTSC_WIRE_H
#define NTSC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_reader {
    const uint8_t *data;
    size_t len; /* octets at data */
    size_t pos; /* next octet to read; never beyond len */
    bool bad;
};

/*@ predicate wire_reading(struct wire_reader *r) =
      \valid(r) && r->pos <= r->len && \valid_read(r->data + (0 .. r->len - 1)); */

struct wire_writer {
    uint8_t *data;
    size_t cap;
    size_t pos; /* octets written; never beyond cap */
    bool bad;
};

/*@ predicate wire_writing(struct wire_writer *w) =
      \valid(w) && w->pos <= w->cap && \valid(w->data + (0 .. w->cap - 1)); */

/*@ logic integer wire_limit(integer n) =
      n == 0 ? 1 : n == 1 ? 0x100 : n == 2 ? 0x10000 : n == 3 ? 0x1000000 : n == 4 ? 0x100000000 :
      n == 5 ? 0x10000000000 : n == 6 ? 0x1000000000000 : n == 7 ? 0x100000000000000 :
      0x10000000000000000; */

/*@ predicate wire_read(struct wire_reader *r, integer pos, _Bool bad, integer n) =
      wire_reading(r) && (bad != 0 || r->len - pos < n ? r->bad && r->pos == r->len
                                                      : !r->bad && r->pos == pos + n);
    predicate wire_written(struct wire_writer *w, integer pos, _Bool bad, integer n) =
      wire_writing(w) && (bad != 0 || w->cap - pos < n ? w->bad && w->pos == pos
                                                      : !w->bad && w->pos == pos + n); */

/*@ requires at < SIZE_MAX && \valid_read(data + (at .. at + 1));
    assigns \nothing; */
/* The number in the two octets that begin `at` octets behind data. */
uint16_t wire_u16_at(const uint8_t *data, size_t at);

/*@ requires \valid_read((const uint8_t *)data + (0 .. len - 1));
    assigns \nothing;
    ensures \result.data == (const uint8_t *)data && \result.len == len;
    ensures \result.pos == 0 && !\result.bad; */
struct wire_reader wire_reader(const void *data, size_t len);

/*@ requires wire_reading(r);
    assigns \nothing;
    ensures \result == r->len - r->pos; */
size_t wire_left(const struct wire_reader *r);

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), 1); */
uint8_t wire_get_u8(struct wire_reader *r);

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), 2); */
uint16_t wire_get_u16(struct wire_reader *r);

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), 4); */
uint32_t wire_get_u32(struct wire_reader *r);

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), 8); */
uint64_t wire_get_u64(struct wire_reader *r);

/*@ requires wire_reading(r) && \valid((uint8_t *)to + (0 .. n - 1));
    assigns r->pos, r->bad, ((uint8_t *)to)[0 .. n - 1];
    ensures wire_read(r, \old(r->pos), \old(r->bad), n); */
/* Copies n octets to `to`; zeros, and bad, when fewer are left. */
void wire_get_bytes(struct wire_reader *r, void *to, size_t n);

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_read(r, \old(r->pos), \old(r->bad), n);
    ensures r->bad ? \result == \null : \result == r->data + \old(r->pos); */
/* Steps over n octets and returns where they begin; NULL, and bad, when fewer are left. */
const uint8_t *wire_skip(struct wire_reader *r, size_t n);

/*@ requires \valid((uint8_t *)data + (0 .. cap - 1));
    assigns \nothing;
    ensures \result.data == (uint8_t *)data && \result.cap == cap;
    ensures \result.pos == 0 && !\result.bad; */
struct wire_writer wire_writer(void *data, size_t cap);

/*@ requires wire_writing(w);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), 1); */
void wire_put_u8(struct wire_writer *w, uint8_t v);

/*@ requires wire_writing(w);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), 2); */
void wire_put_u16(struct wire_writer *w, uint16_t v);

/*@ requires wire_writing(w);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), 4); */
void wire_put_u32(struct wire_writer *w, uint32_t v);

/*@ requires wire_writing(w);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), 8); */
void wire_put_u64(struct wire_writer *w, uint64_t v);

/*@ requires wire_writing(w) && \valid_read((const uint8_t *)from + (0 .. n - 1));
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), n); */
void wire_put_bytes(struct wire_writer *w, const void *from, size_t n);

/*@ requires wire_writing(w);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_written(w, \old(w->pos), \old(w->bad), n); */
void wire_put_zeros(struct wire_writer *w, size_t n);

#endif
