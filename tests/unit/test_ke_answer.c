/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine checks in an answer of ntsc-ke, which may be in other hands: 300,000 answers,
 * most of them a good one with something changed. What counts as valid has to be so by another
 * reading of the rules; and of both kinds there have to be many.
 */
#include "common/msg/msg.h"
#include "tests/unit/test.h"

#define ANSWERS 300000

static struct net_addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (struct net_addr){.family = 4, .port = port, .addr = {a, b, c, d}};
}

static struct msg_ke_answer good(uint64_t *seed)
{
    static const uint16_t ids[] = {AEAD_AES_SIV_CMAC_256, AEAD_AES_SIV_CMAC_512};
    struct msg_ke_answer a = {.type = MSG_KE_ANSWER, .reached = 1};
    uint8_t cookie[NTS_COOKIE_MAX];

    a.fail.stage = STAGE_OK;
    a.c2s.id = a.s2c.id = ids[test_random(seed) % 2];
    a.c2s.len = a.s2c.len = (uint16_t)aead_key_len(a.c2s.id);
    test_random_fill(seed, a.c2s.key, a.c2s.len);
    test_random_fill(seed, a.s2c.key, a.s2c.len);
    test_random_fill(seed, cookie, sizeof cookie);
    for (unsigned n = 1 + (unsigned)(test_random(seed) % NTS_POOL_MAX); n > 0; n--)
        (void)cookie_pool_add(&a.cookies, cookie, 1 + test_below(seed, 120));
    a.n_ntp = (uint8_t)(1 + test_random(seed) % NET_ADDR_MAX);
    for (unsigned i = 0; i < a.n_ntp; i++)
        a.ntp[i] = v4(192, 0, 2, (uint8_t)(1 + test_random(seed) % 200), 123);
    a.ke = v4(192, 0, 2, 1, 4460);
    a.not_after_s = INT64_C(1) << 40;
    return a;
}

/* Something that matters becomes something else, on the edge as often as not. */
static void change(struct msg_ke_answer *a, uint64_t *seed)
{
    static const uint8_t odd[][4] = {{127, 0, 0, 1},   {0, 0, 0, 0},         {224, 0, 1, 1},
                                     {169, 254, 1, 1}, {255, 255, 255, 255}, {239, 1, 1, 1}};
    uint8_t small = (uint8_t)(test_random(seed) % 18);
    unsigned i = (unsigned)(test_random(seed) % NET_ADDR_MAX);

    switch (test_random(seed) % 12) {
    case 0:
        a->n_ntp = small;
        break;
    case 1:
        memcpy(a->ntp[i].addr, odd[test_random(seed) % 6], 4);
        break;
    case 2:
        memcpy(a->ke.addr, odd[test_random(seed) % 6], 4);
        break;
    case 3:
        a->ntp[i].port = (uint16_t)(test_random(seed) % 2);
        break;
    case 4:
        a->cookies.count = small;
        break;
    case 5:
        a->cookies.len[i % NTS_POOL_MAX] = (uint16_t)(test_random(seed) % 2 == 0 ? 0 : 0xffff);
        break;
    case 6:
        a->c2s.len = (uint16_t)(test_random(seed) % 70);
        break;
    case 7:
        a->s2c.id = (uint16_t)(14 + small);
        break;
    case 8:
        a->fail.stage = small;
        break;
    case 9:
        a->reached = small;
        break;
    case 10:
        a->ntp[i].family = small;
        break;
    default:
        ((uint8_t *)a)[test_random(seed) % sizeof *a] ^= (uint8_t)(1 << small % 8);
    }
}

static bool zero(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const uint8_t *)p)[i] != 0)
            return false;
    return true;
}

static void check_key(const struct aead_key *k)
{
    assert_true(k->len > 0 && k->len == aead_key_len(k->id));
    assert_true(zero(k->key + k->len, sizeof k->key - k->len));
}

static void check_address(const struct net_addr *a, const struct net_addr *ke)
{
    assert_true(a->port != 0 && (a->family == 4 || a->family == 6));
    if (a->family == 6) {
        assert_int_not_equal(a->addr[0], 0xff);
        assert_false(zero(a->addr, 16));
        return;
    }
    assert_true(a->addr[0] != 0 && a->addr[0] < 224 && zero(a->addr + 4, 12));
    if (a->addr[0] == 127)
        assert_true(ke->addr[0] == 127 || ke->family == 6);
    if (a->addr[0] == 169 && a->addr[1] == 254)
        assert_true(ke->family == 6 || (ke->addr[0] == 169 && ke->addr[1] == 254) ||
                    ke->addr[0] == 127);
}

static void check(const struct msg_ke_answer *a)
{
    size_t octets = 0;

    assert_true(a->type == MSG_KE_ANSWER && a->reached <= 1 && a->plain_aead <= 1);
    assert_true(a->fail.stage < STAGE_COUNT && a->fail.reason < REASON_COUNT);
    if (a->fail.stage != STAGE_OK) {
        assert_true(a->n_ntp == 0 && a->cookies.count == 0);
        assert_true(zero(&a->c2s, sizeof a->c2s) && zero(&a->s2c, sizeof a->s2c));
        return;
    }
    assert_int_equal(a->reached, 1);
    assert_int_equal(a->c2s.id, a->s2c.id);
    check_key(&a->c2s);
    check_key(&a->s2c);
    assert_in_range(a->cookies.count, 1, NTS_POOL_MAX);
    for (unsigned i = 0; i < a->cookies.count; i++) {
        assert_in_range(a->cookies.len[i], 1, NTS_COOKIE_MAX);
        octets += a->cookies.len[i];
    }
    assert_true(octets <= sizeof a->cookies.data);
    assert_in_range(a->n_ntp, 1, NET_ADDR_MAX);
    for (unsigned i = 0; i < a->n_ntp; i++)
        check_address(&a->ntp[i], &a->ke);
}

static void any_answer(void **state)
{
    unsigned valid = 0, refused = 0;
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < ANSWERS; i++) {
        struct msg_ke_answer a = good(&seed);

        if (i % 8 == 0) {
            assert_true(msg_ke_answer_valid(&a, sizeof a));
            test_random_fill(&seed, &a, i % 16 == 0 ? sizeof a : 0);
        }
        for (unsigned n = (unsigned)(test_random(&seed) % 3); n > 0; n--)
            change(&a, &seed);
        if (!msg_ke_answer_valid(&a, sizeof a)) {
            refused++;
            continue;
        }
        check(&a);
        valid++;
        assert_false(msg_ke_answer_valid(&a, sizeof a - 1));
        assert_false(msg_ke_answer_valid(&a, sizeof a + 1));
    }
    assert_in_range(valid, ANSWERS / 10, ANSWERS);
    assert_in_range(refused, ANSWERS / 10, ANSWERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_answer)};

    return cmocka_run_group_tests_name("ke_answer", tests, NULL, NULL);
}
