/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/nts/cookie_file.h"

#define ID "ntp.example.org 4460"

static struct net_addr addr4(uint8_t last)
{
    return (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, last}};
}

static struct nts_session session(uint16_t aead, unsigned cookies, uint8_t n_ntp)
{
    struct nts_session s;
    uint64_t seed = 14;

    memset(&s, 0, sizeof s);
    s.c2s.id = s.s2c.id = aead;
    s.c2s.len = s.s2c.len = (uint16_t)aead_key_len(aead);
    test_random_fill(&seed, s.c2s.key, s.c2s.len);
    test_random_fill(&seed, s.s2c.key, s.s2c.len);
    for (unsigned i = 0; i < cookies; i++) {
        uint8_t cookie[192];

        test_random_fill(&seed, cookie, sizeof cookie);
        assert_true(cookie_pool_add(&s.cookies, cookie, sizeof cookie - i));
    }
    s.n_ntp = n_ntp;
    for (uint8_t i = 0; i < n_ntp; i++)
        s.ntp[i] = addr4(i);
    s.ntp[0] = (struct net_addr){.family = 6, .port = 1123, .addr = {0x20, 1, [15] = 1}};
    s.ke = addr4(99);
    s.not_before_s = 1700000000;
    s.not_after_s = INT64_C(4294967296);
    s.made.ns = INT64_C(1795262400123456789);
    return s;
}

static void comes_back(void **state)
{
    (void)state;
    for (uint16_t aead = 15; aead <= 17; aead++) {
        for (unsigned cookies = 0; cookies <= 8; cookies++) {
            for (uint8_t n = 1; n <= NET_ADDR_MAX; n++) {
                struct nts_session s = session(aead, cookies, n), back;
                uint8_t buf[COOKIE_FILE_MAX];
                size_t len;
                uint8_t *exact;

                s.plain_aead = n % 2 == 0;
                len = cookie_file_encode(&s, ID, buf, sizeof buf);
                exact = test_exact(buf, len);

                assert_true(len > 0);
                memset(&back, 0x5a, sizeof back);
                assert_true(cookie_file_decode(&back, ID, exact, len));
                assert_memory_equal(&back.c2s, &s.c2s, sizeof s.c2s);
                assert_memory_equal(&back.s2c, &s.s2c, sizeof s.s2c);
                assert_memory_equal(&back.cookies, &s.cookies, sizeof s.cookies);
                assert_memory_equal(back.ntp, s.ntp, sizeof s.ntp);
                assert_memory_equal(&back.ke, &s.ke, sizeof s.ke);
                assert_int_equal(back.n_ntp, s.n_ntp);
                assert_int_equal(back.plain_aead, s.plain_aead);
                assert_true(back.not_before_s == s.not_before_s);
                assert_true(back.not_after_s == s.not_after_s);
                assert_true(back.made.ns == s.made.ns);
                free(exact);
            }
        }
    }
}

/* Not believed, and nothing of it is left. */
static void not_believed(const char *id, const uint8_t *data, size_t len)
{
    struct nts_session s;

    memset(&s, 0x5a, sizeof s);
    assert_false(cookie_file_decode(&s, id, data, len));
    for (size_t i = 0; i < sizeof s; i++)
        assert_int_equal(((uint8_t *)&s)[i], 0);
}

static void every_truncation_and_addition(void **state)
{
    struct nts_session s = session(17, 8, 8);
    uint8_t buf[COOKIE_FILE_MAX + 1] = {0};
    size_t len = cookie_file_encode(&s, ID, buf, COOKIE_FILE_MAX);

    (void)state;
    assert_true(len > 0);
    for (size_t n = 0; n < len; n++) {
        uint8_t *exact = test_exact(buf, n);

        not_believed(ID, exact, n);
        free(exact);
    }
    for (size_t n = len + 1; n <= sizeof buf; n++)
        not_believed(ID, buf, n);
}

static void every_bit_flip(void **state)
{
    struct nts_session s = session(15, 3, 2);
    uint8_t buf[COOKIE_FILE_MAX];
    size_t len = cookie_file_encode(&s, ID, buf, sizeof buf);

    (void)state;
    for (size_t bit = 0; bit < len * 8; bit++) {
        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
        not_believed(ID, buf, len);
        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(cookie_file_decode(&s, ID, buf, len));
}

/* Torn: any page of it still zero, or still the older file's. */
static void torn(void **state)
{
    struct nts_session old = session(15, 8, 2), new = session(15, 8, 2);
    uint8_t a[COOKIE_FILE_MAX], b[COOKIE_FILE_MAX], mixed[COOKIE_FILE_MAX];
    uint8_t taken[NTS_COOKIE_MAX];
    size_t len, old_len = cookie_file_encode(&old, ID, a, sizeof a);

    (void)state;
    (void)cookie_pool_take(&new.cookies, taken);
    assert_true(cookie_pool_add(&new.cookies, taken, 192)); /* same length, other order */
    len = cookie_file_encode(&new, ID, b, sizeof b);
    assert_int_equal(len, old_len);
    for (size_t at = 1; at < len; at++) {
        memcpy(mixed, b, at);
        memset(mixed + at, 0, len - at);
        not_believed(ID, mixed, len);
        memcpy(mixed + at, a + at, len - at);
        if (memcmp(mixed, a, len) != 0 && memcmp(mixed, b, len) != 0)
            not_believed(ID, mixed, len);
    }
}

static void foreign(void **state)
{
    struct nts_session s = session(15, 8, 1);
    uint8_t buf[COOKIE_FILE_MAX];
    size_t len = cookie_file_encode(&s, ID, buf, sizeof buf);
    char id[1100];

    (void)state;
    not_believed("", buf, len);
    not_believed("ntp.example.org 4461", buf, len);
    not_believed(ID "x", buf, len);
    memcpy(id, ID, sizeof ID);
    id[0] ^= 1;
    not_believed(id, buf, len);
    /* Ends within the id, and says so. */
    buf[6] = buf[7] = buf[8] = 0, buf[9] = 20;
    not_believed(ID, buf, 20);
    not_believed("ntp.example.org", buf, len);
    memset(id, 'i', sizeof id);
    id[1024] = '\0';
    len = cookie_file_encode(&s, id, buf, sizeof buf);
    assert_true(len > 0 && cookie_file_decode(&s, id, buf, len));
    id[1024] = 'i', id[1025] = '\0';
    not_believed(id, buf, len);
    s = session(15, 8, 1);
    assert_int_equal(cookie_file_encode(&s, id, buf, sizeof buf), 0);
}

/* Nothing is written that would not be read, and nothing beyond the room. */
static void encode_refuses(void **state)
{
    struct nts_session good = session(15, 8, 2), s;
    uint8_t buf[COOKIE_FILE_MAX];
    size_t len = cookie_file_encode(&good, ID, buf, sizeof buf);

    (void)state;
    s = good, s.c2s.len = s.s2c.len = 0;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.s2c.id = 16;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.c2s.len--, s.s2c.len--;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.s2c.len--;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    for (size_t cap = 0; cap <= len; cap++) {
        memset(buf, 0xaa, sizeof buf);
        assert_int_equal(cookie_file_encode(&good, ID, buf, cap), cap < len ? 0 : len);
        for (size_t i = cap; i < sizeof buf; i++)
            assert_int_equal(buf[i], 0xaa);
        for (size_t i = 0; cap < len && i < cap; i++)
            assert_true(buf[i] == 0 || buf[i] == 0xaa); /* no key stays behind */
    }
    s = good, s.n_ntp = 0;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.n_ntp = 9;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.c2s.len = 31;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.s2c.len = 31;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.s2c.len = AEAD_KEY_MAX + 1;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.c2s.id = s.s2c.id = 30, s.c2s.len = s.s2c.len = 0;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.s2c.id = 16;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.cookies.count = 9;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.ntp[1] = addr4(1), s.ntp[1].addr[0] = 127;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
    s = good, s.not_after_s = s.not_before_s;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), len);
    s = good, s.not_after_s = s.not_before_s - 1;
    assert_int_equal(cookie_file_encode(&s, ID, buf, sizeof buf), 0);
}

static uint32_t crc32(const uint8_t *data, size_t len)
{
    uint32_t table[256], crc = UINT32_MAX;

    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int k = 0; k < 8; k++)
            table[i] = table[i] & 1 ? table[i] >> 1 ^ UINT32_C(0xedb88320) : table[i] >> 1;
    }
    for (size_t i = 0; i < len; i++)
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    return ~crc;
}

/* Its length (behind magic number and version) and checksum are right. */
static void seal(uint8_t *file, size_t len)
{
    uint32_t crc;

    for (int k = 0; k < 4; k++)
        file[6 + k] = (uint8_t)((uint32_t)len >> (24 - 8 * k));
    crc = crc32(file, len - 4);
    for (int k = 0; k < 4; k++)
        file[len - 4 + (size_t)k] = (uint8_t)(crc >> (24 - 8 * k));
}

/* A right checksum, and an octet too many, or AEAD's mark of another version. */
static void not_as_long_as_it_says(void **state)
{
    struct nts_session s = session(15, 8, 2), back;
    uint8_t buf[COOKIE_FILE_MAX + 1] = {0};
    size_t len = cookie_file_encode(&s, ID, buf, COOKIE_FILE_MAX);

    (void)state;
    buf[len - 4] = 0;
    seal(buf, len + 1);
    assert_false(cookie_file_decode(&back, ID, buf, len + 1));
    seal(buf, len - 1);
    assert_false(cookie_file_decode(&back, ID, buf, len - 1));
    len = cookie_file_encode(&s, ID, buf, COOKIE_FILE_MAX);
    buf[len - 5] = 2;
    seal(buf, len);
    assert_false(cookie_file_decode(&back, ID, buf, len));
    buf[len - 5] = 1;
    seal(buf, len);
    assert_true(cookie_file_decode(&back, ID, buf, len) && back.plain_aead);
}

/* Any content under a right checksum: what is accepted obeys every rule all the same. */
static void random_content(void **state)
{
    struct nts_session s = session(15, 8, 2), back;
    uint8_t buf[COOKIE_FILE_MAX], bad[COOKIE_FILE_MAX];
    size_t len = cookie_file_encode(&s, ID, buf, sizeof buf);
    unsigned accepted = 0;
    uint64_t seed = 15;

    (void)state;
    assert_int_equal(crc32((const uint8_t *)"123456789", 9), 0xcbf43926);
    for (int i = 0; i < 20000; i++) {
        memcpy(bad, buf, len);
        for (int k = (int)(test_random(&seed) % 3); k >= 0; k--)
            bad[test_random(&seed) % (len - 4)] = (uint8_t)test_random(&seed);
        seal(bad, len);
        if (!cookie_file_decode(&back, ID, bad, len))
            continue;
        accepted++;
        assert_true(cookie_pool_valid(&back.cookies));
        assert_int_equal(back.c2s.len, aead_key_len(back.c2s.id));
        assert_int_equal(back.s2c.id, back.c2s.id);
        assert_true(back.n_ntp >= 1 && back.n_ntp <= NET_ADDR_MAX);
        for (size_t k = 0; k < back.n_ntp; k++)
            assert_true(net_addr_usable(&back.ntp[k], &back.ke));
    }
    assert_true(accepted > 100 && accepted < 20000); /* keys and cookies may be anything */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),     cmocka_unit_test(every_truncation_and_addition),
        cmocka_unit_test(every_bit_flip), cmocka_unit_test(torn),
        cmocka_unit_test(foreign),        cmocka_unit_test(encode_refuses),
        cmocka_unit_test(random_content), cmocka_unit_test(not_as_long_as_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
