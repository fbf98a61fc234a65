/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "client/engine/aead_wolfcrypt.h"
#include "common/nts/polyval.h"

/* All in hexadecimal. */
struct siv_vector {
    uint16_t aead;
    const char *key, *ad, *nonce, *pt, *ct;
};

#include "tests/unit/siv_vectors.h"

#ifdef NTSC_LIBRARY_SIV
/*
 * RFC 5297 appendix A.1 has one component of associated data, RFC 8915 always two, and our function
 * refuses to leave one out. The vector is run past it, by the cipher itself; its header stays where
 * it belongs.
 */
int wc_AesSivEncrypt(const uint8_t *key, uint32_t key_len, const uint8_t *ad, uint32_t ad_len,
                     const uint8_t *nonce, uint32_t nonce_len, const uint8_t *in, uint32_t in_len,
                     uint8_t *siv, uint8_t *out);
#endif

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

#ifdef NTSC_LIBRARY_SIV
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
#endif

/* RFC 8452 appendix C.1, all under one key and nonce. */
static void rfc8452_c1(void **state)
{
#define ONE   "01000000000000000000000000000000"
#define THREE "030000000000000000000000"
    static const struct siv_vector published[] = {
        {30, ONE, "", THREE, "", "dc20e2d83f25705bb49e439eca56de25"},
        {30, ONE, "", THREE, "0100000000000000",
         "b5d839330ac7b786578782fff6013b815b287c22493a364c"},
        {30, ONE, "", THREE, "010000000000000000000000",
         "7323ea61d05932260047d942a4978db357391a0bc4fdec8b0d106639"},
        {30, ONE, "", THREE, "01000000000000000000000000000000",
         "743f7c8077ab25f8624e2e948579cf77303aaf90f6fe21199c6068577437a0c4"},
        {30, ONE, "01", THREE, "0200000000000000",
         "1e6daba35669f4273b0a1a2560969cdf790d99759abd1508"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        struct octets o = load(&published[i]);
        uint8_t ct[64], pt[64];

        assert_true(
            aead_wolfcrypt.seal(&o.key, o.ad, o.ad_len, o.nonce, o.nonce_len, o.pt, o.pt_len, ct));
        assert_memory_equal(ct, o.ct, o.ct_len);
        assert_true(open_octets(&o, pt));
        assert_memory_equal(pt, o.pt, o.pt_len);
    }
}

/* RFC 8452 appendix A, and what is no multiple of a block. */
static void polyval(void **state)
{
    uint8_t key[16], data[32], expected[16], sum[16], by_parts[16];
    struct polyval p;

    (void)state;
    unhex("25629347589242761d31f826ba4b757b", key, sizeof key);
    unhex("4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362", data, sizeof data);
    unhex("f7a3b47b846119fae5b7866cf5e5b77e", expected, sizeof expected);
    p = polyval_begin(key);
    polyval_add(&p, data, sizeof data);
    polyval_end(&p, sum);
    assert_memory_equal(sum, expected, sizeof sum);
    for (size_t n = 0; n < sizeof data; n++) {
        uint8_t padded[32] = {0};
        uint8_t *exact = test_exact(data, n);

        memcpy(padded, data, n);
        p = polyval_begin(key);
        polyval_add(&p, exact, n);
        polyval_end(&p, sum);
        p = polyval_begin(key);
        polyval_add(&p, padded, (n + 15) / 16 * 16);
        polyval_end(&p, by_parts);
        assert_memory_equal(sum, by_parts, sizeof sum);
        free(exact);
    }
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
        size_t mac_key =
            o.pt_len > 8 || o.key.id == AEAD_AES_128_GCM_SIV ? o.key.len : o.key.len / 2;
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
    o = good, o.key.id = AEAD_AES_128_GCM_SIV; /* with a key of 32 octets */
    refused_and_wiped(&o);
    o = load(&made[sizeof made / sizeof made[0] - 1]);
    assert_int_equal(o.key.id, AEAD_AES_128_GCM_SIV);
    for (o.nonce_len = 0; o.nonce_len < 20; o.nonce_len++) /* RFC 8452 section 6: 12 */
        if (o.nonce_len != 12)
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

static void lists(void **state)
{
    const struct aead_list usual = aead_list_default();
    static const struct aead_list good[] = {
        {.n = 0}, {.n = 1, .id = {15}}, {.n = 1, .id = {30}}, {.n = 4, .id = {17, 15, 30, 16}}};
    static const struct aead_list bad[] = {
        {.n = 1},
        {.n = 1, .id = {14}},
        {.n = 2, .id = {15, 15}},
        {.n = 3, .id = {15, 30, 15}},
        {.n = 1, .id = {15, 16}},
        {.n = 0, .id = {15}},
        {.n = 5, .id = {17, 15, 30, 16}},
        {.n = 1, .zero = 1, .id = {15}},
    };

    (void)state;
    assert_true(aead_list_valid(&usual));
    assert_int_equal(usual.n, 2);
    assert_int_equal(usual.id[0], 30);
    assert_int_equal(usual.id[1], 15);
    assert_true(aead_list_has(&usual, 15) && aead_list_has(&usual, 30));
    assert_false(aead_list_has(&usual, 16) || aead_list_has(&usual, 0));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(aead_list_valid(&good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(aead_list_valid(&bad[i]));
}

static void names_and_lengths(void **state)
{
    (void)state;
    assert_int_equal(aead_key_len(15), 32);
    assert_int_equal(aead_key_len(16), 48);
    assert_int_equal(aead_key_len(17), 64);
    assert_int_equal(aead_key_len(30), 16);
    for (unsigned id = 0; id <= UINT16_MAX; id++)
        if ((id < 15 || id > 17) && id != 30)
            assert_int_equal(aead_key_len((uint16_t)id), 0);
    assert_string_equal(aead_name(15), "AES-SIV-CMAC-256");
    assert_string_equal(aead_name(16), "AES-SIV-CMAC-384");
    assert_string_equal(aead_name(17), "AES-SIV-CMAC-512");
    assert_string_equal(aead_name(30), "AES-128-GCM-SIV");
    assert_string_equal(aead_name(29), "?");
    for (unsigned id = 15; id <= 30; id++)
        assert_int_equal(aead_nonce_len((uint16_t)id), id == 30 ? 12 : 16);
}

/* What may be offered can be used, has a name, and fits a list with all others. */
static void every_algorithm(void **state)
{
    static const uint8_t text[] = "text", ad[] = "ad", nonce[AEAD_NONCE_MAX] = {1};
    unsigned known = 0;

    (void)state;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        struct aead_key k = {.id = (uint16_t)id, .len = (uint16_t)aead_key_len((uint16_t)id)};
        uint8_t ct[sizeof text + AEAD_TAG_LEN], back[sizeof text];
        size_t n = aead_nonce_len((uint16_t)id);
        bool offered = k.len != 0;

        known += offered;
        assert_int_equal(strcmp(aead_name((uint16_t)id), "?") != 0, offered);
        assert_in_range(n, 1, AEAD_NONCE_MAX);
        assert_in_range(k.len, 0, AEAD_KEY_MAX);
        assert_int_equal(aead_wolfcrypt.seal(&k, ad, sizeof ad, nonce, n, text, sizeof text, ct),
                         offered);
        if (!offered)
            continue;
        assert_true(aead_wolfcrypt.open(&k, ad, sizeof ad, nonce, n, ct, sizeof ct, back));
        assert_memory_equal(back, text, sizeof text);
    }
    assert_in_range(known, 1, AEAD_LIST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef NTSC_LIBRARY_SIV
        cmocka_unit_test(rfc5297_a1),
#endif
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(no_flip_is_accepted),
        cmocka_unit_test(no_truncation_is_accepted),
        cmocka_unit_test(rfc8452_c1),
        cmocka_unit_test(polyval),
        cmocka_unit_test(lists),
        cmocka_unit_test(wrong_use),
        cmocka_unit_test(names_and_lengths),
        cmocka_unit_test(every_algorithm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
