/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page that the test and the processes under test share: what is to fail, and what happened. It
 * is mapped before a process shuts itself in, so that later nothing is opened or written for it.
 * test_faults.py knows the layout as well.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FAULT_FUNCTIONS 256
#define FAULT_PROGRAMS  3
#define FAULT_NAME      16

enum fault_mode {
    FAULT_COUNT,  /* nothing fails, calls are counted */
    FAULT_NTH,    /* call number `n` of `function` in `program` */
    FAULT_RANDOM, /* each call of every function, once in `n` */
};

struct fault_page {
    uint32_t mode, program, function, n;
    int32_t error;    /* errno */
    uint32_t shorter; /* half of it is done instead */
    char programs[FAULT_PROGRAMS][FAULT_NAME];
    _Atomic uint32_t failed;  /* how often it did */
    _Atomic uint32_t crashed; /* the signal */
    _Atomic uint32_t in_libc; /* 1: it was libc that stumbled */
    _Atomic uint64_t state;   /* of the random numbers */
    _Atomic uint32_t calls[FAULT_PROGRAMS][FAULT_FUNCTIONS];
};

/* The page, and which program this is; NULL: none, then nothing fails. */
extern struct fault_page *fault_page;
extern unsigned fault_program;

/* Finds what a wrapper stands before. */
void *fault_find(const char *name);

#endif
