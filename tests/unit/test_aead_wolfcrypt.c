/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "client/engine/aead_wolfcrypt.h"

/* All in hexadecimal. */
struct siv_vector {
    uint16_t aead;
    const char *key, *ad, *nonce, *pt, *ct;
};

#include "tests/unit/siv_vectors.h"

/*
 * RFC 5297 appendix A.1 has one component of associated data, RFC 8915 always two, and our function
 * refuses to leave one out. The vector is run past it, by the cipher itself; its header stays where
 * it belongs.
 */
int wc_AesSivEncrypt(const uint8_t *key, uint32_t key_len, const uint8_t *ad, uint32_t ad_len,
                     const uint8_t *nonce, uint32_t nonce_len, const uint8_t *in, uint32_t in_len,
                     uint8_t *siv, uint8_t *out);

static size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = strlen(hex) / 2;

    assert_true(n <= cap);
    for (size_t i = 0; i < n; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

struct octets {
    struct aead_key key;
    uint8_t ad[512], nonce[64], pt[256], ct[256];
    size_t ad_len, nonce_len, pt_len, ct_len;
};

static struct octets load(const struct siv_vector *v)
{
    struct octets o = {.key.id = v->aead};

    o.key.len = (uint16_t)unhex(v->key, o.key.key, sizeof o.key.key);
    o.ad_len = unhex(v->ad, o.ad, sizeof o.ad);
    o.nonce_len = unhex(v->nonce, o.nonce, sizeof o.nonce);
    o.pt_len = unhex(v->pt, o.pt, sizeof o.pt);
    o.ct_len = unhex(v->ct, o.ct, sizeof o.ct);
    return o;
}

static bool open_octets(const struct octets *o, uint8_t *pt)
{
    return aead_wolfcrypt.open(&o->key, o->ad, o->ad_len, o->nonce, o->nonce_len, o->ct, o->ct_len,
                               pt);
}

static void agrees_with_openssl(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct octets o = load(&made[i]);
        uint8_t *ct = test_exact(o.ct, o.ct_len);
        uint8_t *pt = test_exact(o.pt, o.pt_len);

        assert_int_equal(o.key.len, aead_key_len(o.key.id));
        memset(ct, 0, o.ct_len);
        assert_true(
            aead_wolfcrypt.seal(&o.key, o.ad, o.ad_len, o.nonce, o.nonce_len, pt, o.pt_len, ct));
        assert_memory_equal(ct, o.ct, o.ct_len);
        memset(pt, 0, o.pt_len);
        assert_true(open_octets(&o, pt));
        assert_memory_equal(pt, o.pt, o.pt_len);
        free(ct);
        free(pt);
    }
}

static void rfc5297_a1(void **state)
{
    uint8_t key[32], ad[24], pt[14], expected[30], ct[30];

    (void)state;
    unhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", key, sizeof key);
    unhex("101112131415161718191a1b1c1d1e1f2021222324252627", ad, sizeof ad);
    unhex("112233445566778899aabbccddee", pt, sizeof pt);
    unhex("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c", expected,
          sizeof expected);
    assert_int_equal(wc_AesSivEncrypt(key, sizeof key, ad, sizeof ad, NULL, 0, pt, sizeof pt, ct,
                                      ct + AEAD_TAG_LEN),
                     0);
    assert_memory_equal(ct, expected, sizeof expected);
}

static void refused_and_wiped(const struct octets *o)
{
    uint8_t pt[256];
    size_t n = o->ct_len < AEAD_TAG_LEN ? 0 : o->ct_len - AEAD_TAG_LEN;

    memset(pt, 0xaa, sizeof pt);
    assert_false(open_octets(o, pt));
    for (size_t i = 0; i < sizeof pt; i++)
        assert_int_equal(pt[i], i < n ? 0 : 0xaa);
}

/* Every bit of everything that goes in, for every vector. */
static void no_flip_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct octets o = load(&made[i]);
        /* The second half of the key encrypts: an octet may come out the same under two keys. */
        size_t mac_key = o.pt_len > 8 ? o.key.len : o.key.len / 2;
        struct {
            uint8_t *at;
            size_t len;
        } part[] = {
            {o.key.key, mac_key}, {o.ad, o.ad_len}, {o.nonce, o.nonce_len}, {o.ct, o.ct_len}};

        for (size_t p = 0; p < sizeof part / sizeof part[0]; p++) {
            for (size_t bit = 0; bit < part[p].len * 8; bit++) {
                part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
                refused_and_wiped(&o);
                part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        }
    }
}

static void no_truncation_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct octets o = load(&made[i]);
        size_t whole = o.ct_len;

        for (o.ct_len = 0; o.ct_len < whole; o.ct_len++)
            refused_and_wiped(&o);
        for (o.ad_len--; o.ad_len > 0; o.ad_len--)
            refused_and_wiped(&o);
    }
}

static void wrong_use(void **state)
{
    struct octets good = load(&made[3]), o;
    uint8_t ct[256];

    (void)state;
    o = good, o.nonce_len = 0;
    refused_and_wiped(&o);
    assert_false(
        aead_wolfcrypt.seal(&o.key, o.ad, o.ad_len, o.nonce, o.nonce_len, o.pt, o.pt_len, ct));
    o = good, o.key.id = 30;
    refused_and_wiped(&o);
    o = good, o.key.id = AEAD_AES_SIV_CMAC_512; /* with a key of 32 octets */
    refused_and_wiped(&o);
    o = good, o.key = (struct aead_key){0};
    refused_and_wiped(&o);
    assert_false(
        aead_wolfcrypt.seal(&o.key, o.ad, o.ad_len, o.nonce, o.nonce_len, o.pt, o.pt_len, ct));
    /* AD and nonce are not one string: moving an octet from one to the other is noticed */
    o = good;
    o.ad[o.ad_len++] = o.nonce[0];
    memmove(o.nonce, o.nonce + 1, --o.nonce_len);
    refused_and_wiped(&o);
}

static void names_and_lengths(void **state)
{
    (void)state;
    assert_int_equal(aead_key_len(15), 32);
    assert_int_equal(aead_key_len(16), 48);
    assert_int_equal(aead_key_len(17), 64);
    for (unsigned id = 0; id <= UINT16_MAX; id++)
        if (id < 15 || id > 17)
            assert_int_equal(aead_key_len((uint16_t)id), 0);
    assert_string_equal(aead_name(15), "AES-SIV-CMAC-256");
    assert_string_equal(aead_name(16), "AES-SIV-CMAC-384");
    assert_string_equal(aead_name(17), "AES-SIV-CMAC-512");
    assert_string_equal(aead_name(30), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5297_a1),          cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(no_flip_is_accepted), cmocka_unit_test(no_truncation_is_accepted),
        cmocka_unit_test(wrong_use),           cmocka_unit_test(names_and_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
