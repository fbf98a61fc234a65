/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names (RFC 5280 section 4.1.2.4): compared, hashed and told. A Name comes with its
 * tag and length, as x509_cert_parse() gives it.
 */
#ifndef NTSC_X509_NAME_H
#define NTSC_X509_NAME_H

#include "common/nts/der.h"

/* Whether it has no attribute at all. */
bool x509_name_is_empty(struct der name);

/*
 * RFC 5280 section 7.1: attributes in the same order, of the same types; strings of letters
 * compared without regard to their encoding, to ASCII case and to more than one blank in a row.
 * Names that are malformed are equal when their octets are.
 */
bool x509_name_equal(struct der a, struct der b);

/* Whether `name` begins with all of `base`, of which each is a Name (section 4.2.1.10). */
bool x509_name_within(struct der name, struct der base);

/*
 * The form in which names are compared, as OpenSSL hashes it for the file names of a directory of
 * CAs: each RelativeDistinguishedName with strings as UTF8String, folded, without the sequence
 * around them. Returns its length; 0 when it takes more than `cap` octets, or has what is not
 * written that way here: malformed names, several attributes in a set, strings of two or four
 * octets for a character, and TeletexString beyond ASCII.
 */
size_t x509_name_canonical(struct der name, uint8_t *out, size_t cap);

/* The same for names that are equal. */
uint32_t x509_name_hash(struct der name);

/*
 * The name as a text for people, cut off at n octets with the 0: "CN=a", or without a common name
 * the organization, or else all attributes that have a short name. What is not printable ASCII is
 * '?'.
 */
void x509_name_text(struct der name, char *buf, size_t n);

#endif
