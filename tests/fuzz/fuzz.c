/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

static bool seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    (void)k;
    (void)ad;
    (void)ad_len;
    (void)nonce;
    (void)nonce_len;
    memset(ct, 0, AEAD_TAG_LEN);
    if (pt_len > 0)
        memcpy(ct + AEAD_TAG_LEN, pt, pt_len);
    return true;
}

static bool open_any(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                     const uint8_t *nonce, size_t nonce_len, const uint8_t *ct, size_t ct_len,
                     uint8_t *pt)
{
    (void)k;
    (void)ad;
    (void)ad_len;
    (void)nonce;
    if (ct_len < AEAD_TAG_LEN || nonce_len == 0)
        return false;
    memcpy(pt, ct + AEAD_TAG_LEN, ct_len - AEAD_TAG_LEN);
    return true;
}

const struct aead fuzz_aead = {seal, open_any};

struct fuzz_copy fuzz_rest(struct wire_reader *r)
{
    struct fuzz_copy c = {.len = wire_left(r)};

    c.data = malloc(c.len > 0 ? c.len : 1);
    if (c.data == NULL)
        abort();
    wire_get_bytes(r, c.data, c.len);
    return c;
}

void fuzz_copy_free(struct fuzz_copy *c)
{
    free(c->data);
    c->data = NULL;
}
