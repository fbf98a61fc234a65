/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/base/time.h"

/* Unix seconds of the instants at which something wraps. */
#define ERA_1   INT64_C(2085978496) /* 2036-02-07T06:28:16Z: NTP seconds wrap to 0 */
#define INT32   INT64_C(2147483648) /* 2038-01-19T03:14:08Z: a signed 32-bit time_t wraps */
#define UINT32  INT64_C(4294967296) /* 2106-02-07T06:28:16Z: an unsigned one does */
#define HALF_2  INT64_C(4233462144) /* 2104-02-26T09:42:24Z: NTP era 1 turns "negative" */
#define YEAR_S  INT64_C(31557600)
#define BUILD_S INT64_C(1795219200) /* 2026-11-21 */

static struct wall wall_s(int64_t s, int64_t ns)
{
    return (struct wall){s * NS_PER_S + ns};
}

static void known_timestamps(void **state)
{
    (void)state;
    assert_true(ntp_from_wall(wall_s(0, 0)).u == UINT64_C(2208988800) << 32);
    assert_true(ntp_from_wall(wall_s(0, 500000000)).u == (UINT64_C(2208988800) << 32 | 0x80000000));
    assert_true(ntp_from_wall(wall_s(-1, 500000000)).u ==
                (UINT64_C(2208988799) << 32 | 0x80000000));
    assert_true(ntp_from_wall(wall_s(ERA_1, 0)).u == 0);
    assert_true(ntp_from_wall(wall_s(ERA_1 - 1, 0)).u == UINT64_C(0xffffffff00000000));
    assert_true(ntp_from_wall(wall_s(ERA_1, 250000000)).u == 0x40000000);
    assert_true(ntp_from_wall(wall_s(HALF_2, 0)).u == UINT64_C(0x8000000000000000));
    /* 1 ns is 4.29 units of 2^-32 s */
    assert_true(ntp_from_wall(wall_s(ERA_1, 1)).u == 4);
    assert_true(ntp_from_wall(wall_s(ERA_1, 999999999)).u == 4294967292);
}

/* Every nanosecond comes back, on both sides of each wrap, from pivots far away. */
static void round_trip_over_eras(void **state)
{
    const int64_t at[] = {0, BUILD_S, ERA_1, INT32, HALF_2, UINT32, -UINT32 / 2};
    const int64_t away_s[] = {0, 1, -1, 20 * YEAR_S, -20 * YEAR_S, 67 * YEAR_S, -67 * YEAR_S};
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        for (size_t j = 0; j < sizeof away_s / sizeof away_s[0]; j++) {
            for (int k = 0; k < 2000; k++) {
                int64_t ns =
                    k < 20 ? k - 10 : (int64_t)(test_random(&seed) % 4000000000) - 2000000000;
                struct wall t = wall_s(at[i], ns);
                struct wall pivot = wall_s(at[i] + away_s[j], (int64_t)(test_random(&seed) % 1000));

                assert_true(wall_from_ntp(ntp_from_wall(t), pivot).ns == t.ns);
            }
        }
    }
}

/* A build of 2026 reads timestamps of 1958 to 2094 right, whatever this machine's clock says. */
static void build_pivot(void **state)
{
    struct wall pivot = wall_s(BUILD_S, 0);
    struct wall in_2094 = wall_s(BUILD_S + 68 * YEAR_S, 0);
    struct wall beyond = wall_s(BUILD_S + 69 * YEAR_S, 0);

    (void)state;
    assert_true(wall_from_ntp(ntp_from_wall(in_2094), pivot).ns == in_2094.ns);
    /* beyond it is taken for the era before: 2^32 s off, never anything else */
    assert_true(wall_from_ntp(ntp_from_wall(beyond), pivot).ns ==
                beyond.ns - (INT64_C(1) << 32) * NS_PER_S);
}

/* ... to the nearest nanosecond of the real value, for pivots with any fraction. */
static void rounds_to_nearest(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t fraction = test_random(&seed) & 0xffffffff;
        struct ntp_ts ts = {UINT64_C(1000) << 32 | fraction};
        struct wall pivot = wall_s(ERA_1, (int64_t)(test_random(&seed) % 1000000000));
        int64_t ns = wall_from_ntp(ts, pivot).ns - (ERA_1 + 1000) * NS_PER_S;
        /* |ns * 2^32 - fraction * 10^9| <= 2^31 */
        int64_t off = (int64_t)((uint64_t)ns << 32) - (int64_t)(fraction * 1000000000);

        assert_true(off <= INT64_C(1) << 31 && off >= -(INT64_C(1) << 31));
    }
}

static void no_overflow_at_the_ends(void **state)
{
    uint64_t seed = 3;
    const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, 0};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)ntp_from_wall((struct wall){ends[i]});
        for (int k = 0; k < 1000; k++)
            (void)wall_from_ntp((struct ntp_ts){test_random(&seed)}, (struct wall){ends[i]});
    }
    /* half an era away from the last representable second: saturates, does not wrap */
    assert_true(wall_from_ntp((struct ntp_ts){ntp_from_wall((struct wall){INT64_MAX}).u +
                                              (UINT64_C(0x70000000) << 32)},
                              (struct wall){INT64_MAX})
                    .ns == INT64_MAX);
}

static void short_format_rounds_up(void **state)
{
    (void)state;
    assert_true(ns_from_ntp_short(0) == 0);
    assert_true(ns_from_ntp_short(0x10000) == NS_PER_S);
    assert_true(ns_from_ntp_short(1) == 15259); /* 15258.79 */
    assert_true(ns_from_ntp_short(UINT32_MAX) == INT64_C(65535999984742));
}

static void saturation(void **state)
{
    (void)state;
    assert_true(ns_sub_sat(5, 7) == -2);
    assert_true(ns_add_sat(5, -7) == -2);
    assert_true(ns_sub_sat(INT64_MIN, 1) == INT64_MIN);
    assert_true(ns_sub_sat(INT64_MAX, -1) == INT64_MAX);
    assert_true(ns_sub_sat(0, INT64_MIN) == INT64_MAX);
    assert_true(ns_sub_sat(-1, INT64_MIN) == INT64_MAX);
    assert_true(ns_add_sat(INT64_MAX, 1) == INT64_MAX);
    assert_true(ns_add_sat(INT64_MIN, -1) == INT64_MIN);
    assert_true(ns_add_sat(INT64_MIN, INT64_MAX) == -1);
}

static void waiting(void **state)
{
    static const struct {
        int64_t t, now;
        int max, ms;
    } cases[] = {
        {0, 0, 10, 0},
        {1, 0, 10, 1},
        {1000000, 0, 10, 1},
        {1000001, 0, 10, 2},
        {10000000, 0, 10, 10},
        {10000001, 0, 10, 10},
        {INT64_MAX, 0, 7, 7},
        {0, 1, 10, 0},
        {INT64_MIN, INT64_MAX, 10, 0},
        {INT64_MAX, INT64_MIN, INT32_MAX, INT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            mono_ms_until((struct mono){cases[i].t}, (struct mono){cases[i].now}, cases[i].max),
            cases[i].ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_timestamps),
        cmocka_unit_test(round_trip_over_eras),
        cmocka_unit_test(build_pivot),
        cmocka_unit_test(rounds_to_nearest),
        cmocka_unit_test(no_overflow_at_the_ends),
        cmocka_unit_test(short_format_rounds_up),
        cmocka_unit_test(saturation),
        cmocka_unit_test(waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
