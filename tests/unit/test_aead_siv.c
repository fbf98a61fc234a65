/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-SIV of ours, which a wolfCrypt without it needs: against vectors that OpenSSL made and, where
 * there is one, against wolfCrypt's own at every length around a block.
 */
#include "tests/unit/test.h"

#include "client/engine/aead_siv.h"
#include "client/engine/aead_wolfcrypt.h"

struct siv_vector {
    uint16_t aead;
    const char *key, *ad, *nonce, *pt, *ct;
};

#include "tests/unit/siv_vectors.h"

#define LONGEST 80 /* five blocks: the counter goes on, the last block is whole or not */

static const uint16_t ids[] = {AEAD_AES_SIV_CMAC_256, AEAD_AES_SIV_CMAC_384, AEAD_AES_SIV_CMAC_512};

static uint8_t *unhex(const char *hex, size_t *len)
{
    uint8_t out[512];

    *len = strlen(hex) / 2;
    assert_true(*len <= sizeof out);
    for (size_t i = 0; i < *len; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return test_exact(out, *len);
}

static void agrees_with_openssl(void **state)
{
    unsigned n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        struct aead_key k = {.id = made[i].aead};
        size_t len, ad_len, nonce_len, pt_len, ct_len;
        uint8_t *key = unhex(made[i].key, &len), *ad = unhex(made[i].ad, &ad_len);
        uint8_t *nonce = unhex(made[i].nonce, &nonce_len), *pt = unhex(made[i].pt, &pt_len);
        uint8_t *ct = unhex(made[i].ct, &ct_len), *out = test_exact(ct, ct_len);

        memcpy(k.key, key, len);
        k.len = (uint16_t)len;
        memset(out, 0, ct_len);
        if (k.id == AEAD_AES_128_GCM_SIV) { /* not for this one */
            assert_false(siv_seal(&k, ad, ad_len, nonce, nonce_len, pt, pt_len, out));
        } else {
            n++;
            assert_true(siv_seal(&k, ad, ad_len, nonce, nonce_len, pt, pt_len, out));
            assert_memory_equal(out, ct, ct_len);
            memset(pt, 0xaa, pt_len);
            assert_true(siv_open(&k, ad, ad_len, nonce, nonce_len, ct, ct_len, pt));
            assert_true(siv_seal(&k, ad, ad_len, nonce, nonce_len, pt, pt_len, out));
            assert_memory_equal(out, ct, ct_len);
        }
        free(key), free(ad), free(nonce), free(pt), free(ct), free(out);
    }
    assert_true(n >= sizeof ids / sizeof *ids);
}

static void refused(const struct aead_key *k, const uint8_t *nonce, size_t nonce_len,
                    const uint8_t *ct, size_t ct_len)
{
    uint8_t pt[LONGEST];
    size_t n = ct_len < AEAD_TAG_LEN ? 0 : ct_len - AEAD_TAG_LEN;

    memset(pt, 0xaa, sizeof pt);
    assert_false(siv_open(k, (const uint8_t *)"head", 4, nonce, nonce_len, ct, ct_len, pt));
    for (size_t i = 0; i < sizeof pt; i++)
        assert_int_equal(pt[i], i < n ? 0 : 0xaa);
}

static void every_length(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        for (size_t len = 0; len <= LONGEST; len++) {
            struct aead_key k = {.id = ids[i], .len = (uint16_t)aead_key_len(ids[i])};
            uint8_t nonce[16], text[LONGEST];
            uint8_t *ct = malloc(len + AEAD_TAG_LEN), *pt;

            assert_non_null(ct);
            test_random_fill(&seed, k.key, k.len);
            test_random_fill(&seed, nonce, sizeof nonce);
            test_random_fill(&seed, text, sizeof text);
            pt = test_exact(text, len);
            assert_true(siv_seal(&k, (const uint8_t *)"head", 4, nonce, sizeof nonce, pt, len, ct));
#ifdef NTSC_LIBRARY_SIV
            {
                uint8_t theirs[LONGEST + AEAD_TAG_LEN];

                assert_true(aead_wolfcrypt.seal(&k, (const uint8_t *)"head", 4, nonce, sizeof nonce,
                                                pt, len, theirs));
                assert_memory_equal(ct, theirs, len + AEAD_TAG_LEN);
            }
#endif
            memset(pt, 0, len);
            assert_true(siv_open(&k, (const uint8_t *)"head", 4, nonce, sizeof nonce, ct,
                                 len + AEAD_TAG_LEN, pt));
            assert_memory_equal(pt, text, len);
            for (size_t bit = 0; bit < (len + AEAD_TAG_LEN) * 8; bit += 1 + test_below(&seed, 9)) {
                ct[bit / 8] ^= (uint8_t)(1 << bit % 8);
                refused(&k, nonce, sizeof nonce, ct, len + AEAD_TAG_LEN);
                ct[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
            refused(&k, nonce, 0, ct, len + AEAD_TAG_LEN);
            refused(&k, nonce, 15, ct, len + AEAD_TAG_LEN);
            refused(&k, nonce, 16, ct, AEAD_TAG_LEN - 1);
            k.len--;
            refused(&k, nonce, 16, ct, len + AEAD_TAG_LEN);
            free(ct);
            free(pt);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
