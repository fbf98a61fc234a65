/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The distinguished encoding rules of ASN.1 (ITU-T X.690), as much as certificates need: elements
 * one after the other, each a tag of one octet, a length and an inside. Strict: only definite,
 * shortest lengths (section 10.1), and none beyond 16 MB.
 */
#ifndef NTSC_DER_H
#define NTSC_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X.690 section 8.1.2: class and form in the upper bits, number in the lower five. */
enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_TELETEX_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1a,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,             /* primitive */
    DER_CONTEXT_CONSTRUCTED = 0xa0, /* constructed */
};

/* What is left to be read, or the inside of an element. */
struct der {
    const uint8_t *p;
    size_t left;
};

/*@ requires \valid(d) && \valid(tag) && \valid(in) && \separated(d, tag, in);
    requires \valid_read(d->p + (0 .. d->left - 1));
    assigns *d, *tag, *in;
    ensures \result ==> \old(d->left) >= 2 && d->left <= \old(d->left) - 2;
    ensures \result ==> d->p == \old(d->p) + (\old(d->left) - d->left);
    ensures \result ==> in->left <= \old(d->left) - 2;
    ensures \result ==> \valid_read(in->p + (0 .. in->left - 1));
    ensures \valid_read(d->p + (0 .. d->left - 1));
    ensures !\result ==> d->p == \old(d->p) && d->left == \old(d->left); */
/* Takes one element off *d; *in is its inside. False, and *d as it was, when none is well formed.
 */
bool der_any(struct der *d, uint8_t *tag, struct der *in);

/*@ requires \valid(d) && \valid(in) && \separated(d, in);
    requires \valid_read(d->p + (0 .. d->left - 1));
    assigns *d, *in;
    ensures \result ==> \old(d->left) >= 2 && d->left <= \old(d->left) - 2;
    ensures \result ==> \valid_read(in->p + (0 .. in->left - 1));
    ensures \valid_read(d->p + (0 .. d->left - 1));
    ensures !\result ==> d->p == \old(d->p) && d->left == \old(d->left); */
/* Likewise one with this tag; otherwise *in too is as it was. */
bool der_take(struct der *d, uint8_t tag, struct der *in);

/*@ requires \valid(d) && \valid(value);
    requires \valid_read(d->p + (0 .. d->left - 1));
    assigns *d, *value;
    ensures \valid_read(d->p + (0 .. d->left - 1)); */
/*
 * Takes a BOOLEAN, if one is next, to *value; without one *value stays. False only when it is
 * there and malformed: X.690 section 11.1 knows 00 and ff.
 */
bool der_take_flag(struct der *d, bool *value);

/*@ requires \valid_read(d.p + (0 .. d.left - 1)) && \valid_read(octets + (0 .. n - 1));
    assigns \nothing; */
bool der_is(struct der d, const uint8_t *octets, size_t n);

#define DER_IS(d, array) der_is(d, array, sizeof(array))

#endif
