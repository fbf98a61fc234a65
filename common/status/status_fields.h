/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of the status and their names in the file, once for writing and reading. */
#ifndef NTSC_STATUS_FIELDS_H
#define NTSC_STATUS_FIELDS_H

#include "common/status/status.h"

enum field_kind {
    FIELD_UINT, /* of 1, 2 or 4 octets */
    FIELD_INT,  /* of 1, 4 or 8 */
    FIELD_BOOL,
    FIELD_NS,    /* int64_t, written in seconds */
    FIELD_BOUND, /* likewise; not known when negative */
    FIELD_REAL,
    FIELD_TEXT,    /* "": not known */
    FIELD_WORD,    /* an enumeration, by its words; of 1, 2 or 4 octets */
    FIELD_ADDRESS, /* without its port */
};

struct field {
    const char *key;
    enum field_kind kind;
    bool zero_is_null; /* 0 means not known */
    uint16_t offset, size;
    /* Not known when this one is not: a bound or an address's bool; 0: on its own. */
    uint16_t when;
    uint16_t words;
    const char *(*word)(unsigned v);
};

struct fields {
    const struct field *field;
    unsigned n;
};

extern const struct fields status_fields, status_source_fields, status_failure_fields;

#endif
