/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/nts/cookie_pool.h"

static void oldest_first_and_once(void **state)
{
    struct cookie_pool p = {0};
    uint8_t out[NTS_COOKIE_MAX];

    (void)state;
    assert_int_equal(cookie_pool_take(&p, out), 0);
    assert_true(cookie_pool_add(&p, (const uint8_t *)"first", 5));
    assert_true(cookie_pool_add(&p, (const uint8_t *)"2nd", 3));
    assert_int_equal(cookie_pool_take(&p, out), 5);
    assert_memory_equal(out, "first", 5);
    assert_true(cookie_pool_valid(&p));
    assert_int_equal(cookie_pool_take(&p, out), 3);
    assert_memory_equal(out, "2nd", 3);
    assert_int_equal(cookie_pool_take(&p, out), 0);
    for (size_t i = 0; i < sizeof p; i++)
        assert_int_equal(((uint8_t *)&p)[i], 0);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    struct cookie_pool p = {0}, before;
    uint8_t big[NTS_COOKIE_MAX + 1];

    (void)state;
    memset(big, 7, sizeof big);
    assert_false(cookie_pool_add(&p, big, 0));
    assert_false(cookie_pool_add(&p, big, sizeof big));
    assert_false(cookie_pool_add(&p, big, SIZE_MAX));
    assert_int_equal(p.count, 0);
    assert_true(cookie_pool_add(&p, big, NTS_COOKIE_MAX));
    before = p;
    assert_false(cookie_pool_add(&p, big, NTS_POOL_OCTETS - NTS_COOKIE_MAX + 1));
    assert_memory_equal(&p, &before, sizeof p);
    assert_true(cookie_pool_add(&p, big, NTS_POOL_OCTETS - NTS_COOKIE_MAX));
    assert_false(cookie_pool_add(&p, big, 1));
    assert_true(cookie_pool_valid(&p));

    cookie_pool_clear(&p);
    for (int i = 0; i < NTS_POOL_MAX; i++)
        assert_true(cookie_pool_add(&p, big, 100));
    assert_false(cookie_pool_add(&p, big, 100));
    assert_true(cookie_pool_valid(&p));
}

/* `count` cookies of `len` octets, each filled with its number, from `first` on. */
static struct cookie_pool pool(uint8_t first, unsigned count, size_t len)
{
    struct cookie_pool p = {0};
    uint8_t cookie[NTS_COOKIE_MAX];

    for (unsigned i = 0; i < count; i++) {
        memset(cookie, first + (int)i, len);
        assert_true(cookie_pool_add(&p, cookie, len));
    }
    return p;
}

static void expect(struct cookie_pool *p, uint8_t first, unsigned count, size_t len)
{
    uint8_t cookie[NTS_COOKIE_MAX];

    assert_true(cookie_pool_valid(p));
    assert_int_equal(p->count, count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(cookie_pool_take(p, cookie), len);
        assert_int_equal(cookie[0], first + i);
        assert_int_equal(cookie[len - 1], first + i);
    }
}

static void moved_oldest_first(void **state)
{
    struct cookie_pool from = pool(1, 7, 100), to = {0};

    (void)state;
    cookie_pool_move(&to, &from, 4);
    expect(&from, 5, 3, 100);
    expect(&to, 1, 4, 100);
    from = pool(1, 2, 100);
    to = pool(11, 1, 100);
    cookie_pool_move(&to, &from, 8);
    expect(&from, 0, 0, 100);
    assert_int_equal(to.count, 3);
    assert_int_equal(to.data[0], 11);
    assert_int_equal(to.data[100], 1);
    cookie_pool_move(&to, &from, 8);
    assert_int_equal(to.count, 3);
    /* Room for one of 1,024 octets; the other is lost. */
    from = pool(2, 1, NTS_COOKIE_MAX);
    to = pool(1, 1, NTS_COOKIE_MAX);
    cookie_pool_move(&to, &from, 8);
    expect(&to, 1, 1, NTS_COOKIE_MAX);
    assert_int_equal(from.count, 0);
}

static void joined_the_oldest_are_lost(void **state)
{
    struct cookie_pool all, older = pool(1, 4, 100), newer = pool(5, 4, 100);

    (void)state;
    cookie_pool_join(&all, &older, &newer);
    expect(&all, 1, 8, 100);
    older = pool(1, 8, 100);
    newer = pool(9, 5, 100);
    cookie_pool_join(&all, &older, &newer);
    expect(&all, 6, 8, 100);
    /* Room for five of 300 octets. */
    older = pool(1, 4, 300);
    newer = pool(5, 3, 300);
    cookie_pool_join(&all, &older, &newer);
    expect(&all, 3, 5, 300);
    older = pool(1, 1, NTS_COOKIE_MAX);
    newer = pool(2, 1, NTS_COOKIE_MAX);
    cookie_pool_join(&all, &older, &newer);
    expect(&all, 2, 1, NTS_COOKIE_MAX);
    older = pool(1, 0, 100);
    newer = pool(1, 8, 100);
    cookie_pool_join(&all, &older, &newer);
    expect(&all, 1, 8, 100);
}

static void invalid_pools(void **state)
{
    struct cookie_pool good = {0}, p;

    (void)state;
    assert_true(cookie_pool_valid(&good));
    assert_true(cookie_pool_add(&good, (const uint8_t *)"abcd", 4));
    assert_true(cookie_pool_valid(&good));
    p = good, p.count = NTS_POOL_MAX + 1;
    assert_false(cookie_pool_valid(&p));
    p = good, p.count = 255;
    assert_false(cookie_pool_valid(&p));
    p = good, p.count = 2; /* the second would be empty */
    assert_false(cookie_pool_valid(&p));
    p = good, p.len[0] = 0;
    assert_false(cookie_pool_valid(&p));
    p = good, p.len[0] = NTS_COOKIE_MAX + 1;
    assert_false(cookie_pool_valid(&p));
    p = good, p.len[1] = 4; /* beyond count */
    assert_false(cookie_pool_valid(&p));
    p = good, p.data[4] = 1; /* behind the last cookie */
    assert_false(cookie_pool_valid(&p));
    p = good, p.count = 2, p.len[0] = 1024, p.len[1] = 513;
    assert_false(cookie_pool_valid(&p));
    p.len[1] = 512;
    assert_true(cookie_pool_valid(&p));
}

/* The pool against the plainest model there is, through a million seeded operations. */
static void model(void **state)
{
    struct cookie_pool p = {0};
    static uint8_t queue[NTS_POOL_MAX][NTS_COOKIE_MAX];
    size_t len[NTS_POOL_MAX], count = 0, used = 0;
    uint64_t seed = 4;

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        uint64_t r = test_random(&seed);
        uint8_t cookie[NTS_COOKIE_MAX];

        if (r % 2 == 0) {
            size_t n = (size_t)(r >> 8) % (r & 2 ? 200 : 1100);
            bool fits =
                n > 0 && n <= NTS_COOKIE_MAX && count < NTS_POOL_MAX && used + n <= NTS_POOL_OCTETS;

            memset(cookie, (int)(r >> 40 & 0xff), sizeof cookie);
            assert_int_equal(cookie_pool_add(&p, cookie, n), fits);
            if (fits) {
                memcpy(queue[count], cookie, n);
                len[count++] = n;
                used += n;
            }
        } else {
            size_t n = cookie_pool_take(&p, cookie);

            assert_int_equal(n, count > 0 ? len[0] : 0);
            if (count > 0) {
                assert_memory_equal(cookie, queue[0], n);
                used -= n;
                count--;
                for (size_t k = 0; k < count; k++) {
                    len[k] = len[k + 1];
                    memcpy(queue[k], queue[k + 1], len[k]);
                }
            }
        }
        assert_int_equal(p.count, count);
        if (i % 16 == 0)
            assert_true(cookie_pool_valid(&p));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oldest_first_and_once),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(moved_oldest_first),
        cmocka_unit_test(joined_the_oldest_are_lost),
        cmocka_unit_test(invalid_pools),
        cmocka_unit_test(model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
