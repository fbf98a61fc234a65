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

struct wire_writer {
    uint8_t *data;
    size_t cap;
    size_t pos; /* octets written; never beyond cap */
    bool bad;
};

struct wire_reader wire_reader(const void *data, size_t len);
size_t wire_left(const struct wire_reader *r);
uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
/* Copies n octets to `to`; zeros, and bad, when fewer are left. */
void wire_get_bytes(struct wire_reader *r, void *to, size_t n);
/* Steps over n octets and returns where they begin; NULL, and bad, when fewer are left. */
const uint8_t *wire_skip(struct wire_reader *r, size_t n);

struct wire_writer wire_writer(void *data, size_t cap);
void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_bytes(struct wire_writer *w, const void *from, size_t n);
void wire_put_zeros(struct wire_writer *w, size_t n);

#endif
