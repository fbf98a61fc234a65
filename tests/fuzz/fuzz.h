/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share. Each target is one file with the entry point of libFuzzer, which
 * AFL++ takes as well; where neither is there, replay.c feeds it the committed seeds.
 */
#ifndef NTSC_FUZZ_H
#define NTSC_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/wire.h"
#include "common/nts/aead.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the run: the input has broken a promise. */
#define FUZZ_ASSERT(promise)                                                                       \
    do {                                                                                           \
        if (!(promise))                                                                            \
            fuzz_broken(#promise, __FILE__, __LINE__);                                             \
    } while (0)
_Noreturn void fuzz_broken(const char *promise, const char *file, int line);

/*
 * An AEAD that lets everything pass that is long enough: the plaintext is the ciphertext behind the
 * tag. So a fuzzer gets behind the authentication, where a server that has the keys would be.
 */
extern const struct aead fuzz_aead;

/* What is left of the input, as a string of its own size: sanitizers see each octet beyond it. */
struct fuzz_copy {
    uint8_t *data;
    size_t len;
};
struct fuzz_copy fuzz_rest(struct wire_reader *r);
void fuzz_copy_free(struct fuzz_copy *c);

#endif
