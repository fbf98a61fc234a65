/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A wrapper for each function of the list (calls.inc, made by make_shim.py). Its arguments are
 * eight words, whatever they mean: so no header that declares one of the functions is included, and
 * nothing here uses registers of floating point, in which other arguments may be.
 */
#include "fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#define ODD UINT64_C(0x9e3779b97f4a7c15)

typedef long word;
typedef word function(word, word, word, word, word, word, word, word);

word __libc_malloc(word size);
word __libc_calloc(word n, word size);

/* While dlsym() looks for a function it may want memory itself. */
static _Thread_local bool finding;

static function *find(function **real, const char *name)
{
    union {
        void *object;
        function *code;
    } found;

    if (*real == NULL) {
        finding = true;
        found.object = fault_find(name);
        finding = false;
        *real = found.code;
    }
    return *real;
}

/* Whether this call of function number i fails. */
static bool due(unsigned i)
{
    struct fault_page *p = fault_page;
    uint32_t number;
    uint64_t z;

    if (p == NULL)
        return false;
    number = ++p->calls[fault_program][i];
    if (p->mode == FAULT_NTH && (p->function != i || p->program != fault_program || number != p->n))
        return false;
    if (p->mode == FAULT_RANDOM) {
        z = atomic_fetch_add(&p->state, ODD) + ODD; /* splitmix64 */
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        if ((z ^ z >> 31) % p->n != 0)
            return false;
    }
    if (p->mode == FAULT_COUNT)
        return false;
    p->failed++;
    return true;
}

#define WRAP(NUMBER, NAME, VALUE, ERRNO, DONE, SHORTER)                                            \
    word NAME(word a, word b, word c, word d, word e, word f, word g, word h);                     \
    word NAME(word a, word b, word c, word d, word e, word f, word g, word h)                      \
    {                                                                                              \
        static function *real;                                                                     \
                                                                                                   \
        if (finding && NUMBER == CALLOC)                                                           \
            return __libc_calloc(a, b);                                                            \
        if (finding && NUMBER == MALLOC)                                                           \
            return __libc_malloc(a);                                                               \
        find(&real, #NAME);                                                                        \
        if (!due(NUMBER))                                                                          \
            return real(a, b, c, d, e, f, g, h);                                                   \
        if (SHORTER && fault_page->mode == FAULT_NTH && fault_page->shorter && c > 1)              \
            return real(a, b, c / 2, d, e, f, g, h);                                               \
        if (DONE)                                                                                  \
            (void)real(a, b, c, d, e, f, g, h);                                                    \
        errno = fault_page->mode == FAULT_NTH ? fault_page->error : ERRNO;                         \
        return VALUE;                                                                              \
    }

#include "calls.inc"
