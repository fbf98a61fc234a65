/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of each process, as data. Compiled at build time only, by sandbox_compile.c,
 * which makes a seccomp filter for each process of it.
 */
#ifndef NTSC_SANDBOX_TABLE_H
#define NTSC_SANDBOX_TABLE_H

#include <stdint.h>

enum sandbox_who {
    NTSC = 1,
    STARTER = 2, /* may also do what those whom it starts may: they inherit its filter */
    ENGINE = 4,
    KE = 8,
    EVERYBODY = 15,
    SANITIZED = 16, /* everybody, in builds with sanitizers */
    MUSL = 32,      /* with others: they, where libc is musl */
};

/* A condition on an argument (0 to 5): the bits of `mask` are `value`, or with `unlike` are not. */
struct sandbox_check {
    uint32_t mask, value;
    uint8_t arg;
    uint8_t unlike;
};

#define SANDBOX_CHECKS 3

struct sandbox_row {
    const char *call; /* not on every architecture */
    unsigned who;
    int refuse; /* 0: may be made; else it is not, and gives this errno */
    struct sandbox_check check[SANDBOX_CHECKS]; /* all of them hold; mask 0: none */
};

extern const struct sandbox_row sandbox_table[];
/* Not size_t: the table may be made with another architecture's headers. */
extern const unsigned sandbox_table_rows;

#endif
