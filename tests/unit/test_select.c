/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "common/base/time.h"
#include "common/clock/select.h"
#include "common/nts/ntp_packet.h"
#include "tests/unit/test.h"

#define MS INT64_C(1000000)

static struct select_input in[SELECT_MAX];
static struct select_output out[SELECT_MAX];
static struct select_result r;
static const struct select_policy plain = {0};
static const struct select_policy of_all = {.of_all = true};

/* A reachable source of its own: offset and bound in milliseconds, sd a hundredth of the bound; the
 * bound is half of the round trip.
 */
static struct select_input source(int64_t offset_ms, int64_t bound_ms)
{
    return (struct select_input){.offset_ns = offset_ms * MS,
                                 .bound_ns = bound_ms * MS,
                                 .sd_s = (double)bound_ms * 1e-5,
                                 .asymmetry_s = select_asymmetry_s(2 * bound_ms * MS, 0),
                                 .rate = 1e-6,
                                 .rate_sd = 1e-8,
                                 .reachable = true};
}

/* Judges, and hands the states on to the next time. */
static void run(unsigned n, const struct select_policy *policy)
{
    select_sources(in, n, policy, out, &r);
    for (unsigned i = 0; i < n; i++)
        in[i].state = (uint8_t)out[i].state;
}

static int fresh(void **state)
{
    (void)state;
    memset(in, 0, sizeof in);
    return 0;
}

static void nothing(void **state)
{
    (void)state;
    run(0, &plain);
    assert_false(r.majority);
    run(3, &plain);
    assert_false(r.majority);
    assert_int_equal(r.voices, 0);
    assert_int_equal(out[2].state, SELECT_UNREACHABLE);
}

static void one_is_its_own_majority(void **state)
{
    const struct select_policy two = {.minsources = 2};

    (void)state;
    in[0] = source(7, 10);
    run(1, &of_all);
    assert_true(r.majority);
    assert_int_equal(r.offset_ns, 7 * MS);
    assert_int_equal(r.bound_ns, 10 * MS);
    assert_int_equal(out[0].state, SELECT_SELECTED);
    assert_true(fabs(out[0].weight - 1) < 1e-12);
    assert_true(fabs(r.rate - 1e-6) < 1e-15);
    run(1, &two);
    assert_false(r.majority);
    assert_int_equal(r.needed, 2);
    assert_int_equal(out[0].state, SELECT_UNDECIDED);
}

static void two_have_to_agree(void **state)
{
    (void)state;
    in[0] = source(0, 10);
    in[1] = source(15, 10);
    run(2, &of_all);
    assert_true(r.majority);
    /* Where both claims hold: 5..10 ms. */
    assert_true(r.offset_ns >= 5 * MS && r.offset_ns <= 10 * MS);
    assert_true(r.bound_ns <= 5 * MS);
    in[1] = source(25, 10);
    run(2, &of_all);
    assert_false(r.majority);
    assert_int_equal(r.agreeing, 1);
    assert_int_equal(r.needed, 2);
}

static void liar_is_named(void **state)
{
    (void)state;
    in[0] = source(0, 10);
    in[1] = source(1000, 10);
    in[2] = source(2, 10);
    run(3, &plain);
    assert_true(r.majority);
    assert_int_equal(out[1].state, SELECT_FALSETICKER);
    assert_true(llabs(out[1].off_ns - 999 * MS) < MS);
    assert_true(out[1].weight == 0);
    assert_true(llabs(r.offset_ns - 1 * MS) < MS);
    assert_int_equal(r.agreeing, 2);
    /* Two of four are no majority. */
    in[3] = source(1001, 10);
    run(4, &plain);
    assert_false(r.majority);
    /* Two liars of five are. */
    in[4] = source(1, 10);
    run(5, &plain);
    assert_true(r.majority);
    assert_int_equal(out[3].state, SELECT_FALSETICKER);
    assert_true(llabs(r.offset_ns) < 3 * MS);
}

static void unreachable_ones_count_before_a_step(void **state)
{
    (void)state;
    in[0] = source(0, 10);
    in[1] = source(1, 10);
    in[2] = source(2, 10);
    in[3] = source(2, 10);
    in[2].reachable = in[3].reachable = false;
    run(4, &plain);
    assert_true(r.majority);
    run(4, &of_all);
    assert_false(r.majority);
    assert_int_equal(r.needed, 3);
    run(3, &of_all);
    assert_true(r.majority);
}

static void a_group_is_one_voice(void **state)
{
    (void)state;
    /* Three servers of one operator against two others. */
    for (unsigned i = 0; i < 3; i++) {
        in[i] = source(1000 + i, 10);
        in[i].group = 5;
    }
    in[3] = source(0, 10);
    in[4] = source(1, 10);
    run(5, &plain);
    assert_true(r.majority);
    assert_int_equal(r.voices, 3);
    assert_int_equal(out[0].state, SELECT_FALSETICKER);
    assert_true(llabs(r.offset_ns) < 2 * MS);
    /* The same by address, and by a chain of group and address. */
    in[0].group = 0;
    in[0].address = in[1].address = 77;
    run(5, &plain);
    assert_int_equal(r.voices, 3);
    in[0].address = 78;
    run(5, &plain);
    assert_int_equal(r.voices, 4);
    assert_false(r.majority);
}

/* Claims of one voice that only overlap agree with each other: neither is a falseticker. */
static void one_voice_does_not_contradict_itself(void **state)
{
    (void)state;
    in[0] = source(0, 4);
    in[1] = source(3, 4);
    in[0].address = in[1].address = 7;
    run(2, &of_all);
    assert_true(r.majority);
    assert_int_equal(out[0].state == SELECT_SHADOWED, out[1].state == SELECT_SELECTED);
    assert_true(out[0].state == SELECT_SHADOWED || out[1].state == SELECT_SHADOWED);
    /* Apart they do. */
    in[1].offset_ns = 9 * MS;
    in[0].state = in[1].state = SELECT_UNKNOWN;
    run(2, &of_all);
    assert_true(out[0].state == SELECT_FALSETICKER || out[1].state == SELECT_FALSETICKER ||
                !r.majority);
}

static void one_of_a_group_speaks(void **state)
{
    (void)state;
    in[0] = source(0, 12);
    in[1] = source(1, 10);
    in[2] = source(0, 10);
    in[0].group = in[1].group = 5;
    run(3, &plain);
    assert_int_equal(out[0].state, SELECT_SHADOWED);
    assert_int_equal(out[1].state, SELECT_SELECTED);
    assert_int_equal(r.agreeing, 2);
    /* It stays as long as the other is not much better. */
    in[0].bound_ns = 8 * MS;
    run(3, &plain);
    assert_int_equal(out[1].state, SELECT_SELECTED);
    in[0].bound_ns = 4 * MS;
    run(3, &plain);
    assert_int_equal(out[0].state, SELECT_SELECTED);
    assert_int_equal(out[1].state, SELECT_SHADOWED);
    /* One that lies does not speak for the other, nor take its voice away. */
    in[0].offset_ns = 500 * MS;
    run(3, &plain);
    assert_int_equal(out[0].state, SELECT_FALSETICKER);
    assert_int_equal(out[1].state, SELECT_SELECTED);
    assert_true(r.majority);
}

/* 0 and 2 contradict each other, 1 agrees with both: the last answer stays. */
static void tie_goes_to_the_last_time(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        fresh(NULL);
        in[0] = source(0, 2);
        in[1] = source(5, 5);
        in[2] = source(10, 2);
        run(3, &of_all);
        assert_false(r.majority);
        in[order == 0 ? 2 : 0].reachable = false;
        run(3, &plain);
        assert_true(r.majority);
        in[2].reachable = in[0].reachable = true;
        for (int i = 0; i < 3; i++) {
            run(3, &plain);
            assert_true(r.majority);
            assert_int_equal(out[order == 0 ? 2 : 0].state, SELECT_FALSETICKER);
            /* The truth may be at the other place as well, and the bound says so. */
            assert_true(llabs(r.offset_ns - 1 * MS) <= r.bound_ns);
            assert_true(llabs(r.offset_ns - 9 * MS) <= r.bound_ns);
        }
    }
}

/* A precise liar meets a vague honest server, as the precise honest one does: nobody is named. */
static void tie_names_nobody(void **state)
{
    (void)state;
    fresh(NULL);
    in[0] = source(0, 10);
    in[1] = source(400, 5);
    in[2] = source(0, 1400);
    for (int i = 0; i < 3; i++) {
        run(3, &plain);
        assert_false(r.majority);
        assert_int_equal(out[0].state, SELECT_UNDECIDED);
        assert_int_equal(out[1].state, SELECT_UNDECIDED);
    }
    /* All agreed the last time, and one has left: comfort does not tell which, so nobody does. */
    in[1].offset_ns = 0;
    run(3, &plain);
    assert_true(r.majority);
    in[1].offset_ns = 400 * MS;
    run(3, &plain);
    assert_false(r.majority);
}

/* The same, where the clock is known to less than the two are apart: who agrees with both leads. */
static void tie_leads_by_those_in_both(void **state)
{
    const struct select_policy lost = {.tie_below_ns = 1000 * MS},
                               kept = {.tie_below_ns = 200 * MS};

    (void)state;
    for (int order = 0; order < 2; order++) {
        fresh(NULL);
        in[2 * order] = source(0, 10);
        in[1] = source(400, 5);
        in[2 - 2 * order] = source(2, 1400);
        run(3, &kept);
        assert_false(r.majority);
        assert_true(r.tie);
        for (int i = 0; i < 3; i++) {
            run(3, &lost);
            assert_true(r.majority);
            assert_true(r.tie);
            assert_int_equal(out[2 * order].state, SELECT_UNDECIDED);
            assert_int_equal(out[1].state, SELECT_UNDECIDED);
            assert_int_equal(out[2 - 2 * order].state, SELECT_SELECTED);
            assert_true(out[2 - 2 * order].weight > 0.999);
            /* Either may be the truth. */
            assert_true(llabs(r.offset_ns + 10 * MS) <= r.bound_ns);
            assert_true(llabs(r.offset_ns - 405 * MS) <= r.bound_ns);
            assert_true(r.bound_ns < 420 * MS);
        }
        /* That it was followed decides nothing, nor does it who fits it more comfortably. */
        in[1].offset_ns = 1398 * MS;
        run(3, &lost);
        assert_false(r.majority);
        in[1].offset_ns = 900 * MS;
        run(3, &lost);
        assert_true(r.tie && r.majority);
        in[1].offset_ns = 1 * MS;
        run(3, &lost);
        assert_true(r.majority);
        assert_false(r.tie);
    }
}

/* Four of five agree at each of two places, a liar and an honest one are at one of them only. */
static void tie_of_five(void **state)
{
    const struct select_policy lost = {.tie_below_ns = 1000 * MS};

    (void)state;
    fresh(NULL);
    in[0] = source(-20, 1);
    in[1] = source(0, 35);
    in[2] = source(1, 33);
    in[3] = source(0, 2);
    in[4] = source(-1, 25);
    run(5, &lost);
    assert_true(r.majority && r.tie);
    assert_int_equal(r.agreeing, 4);
    assert_int_equal(out[0].state, SELECT_UNDECIDED);
    assert_int_equal(out[3].state, SELECT_UNDECIDED);
    assert_true(llabs(r.offset_ns) < 2 * MS);
    /* Three vague ones agree from -26 ms on, and they may be the honest ones, too. */
    assert_true(r.bound_ns >= 20 * MS && r.bound_ns <= 28 * MS);
    /* Two liars who agree are as many as those who are in both. */
    in[1] = source(-20, 1);
    in[2] = source(-2, 3);
    run(5, &lost);
    assert_false(r.majority && llabs(r.offset_ns) > r.bound_ns);
    /* None is in both. */
    fresh(NULL);
    in[0] = source(0, 10);
    in[1] = source(15, 10);
    in[2] = source(30, 10);
    in[3] = source(60, 10);
    run(4, &lost);
    assert_false(r.majority);
}

static void falseticker_returns_with_a_margin(void **state)
{
    (void)state;
    in[0] = source(0, 10);
    in[1] = source(0, 10);
    in[2] = source(100, 10);
    run(3, &plain);
    assert_int_equal(out[2].state, SELECT_FALSETICKER);
    in[0].bound_ns = in[1].bound_ns = 1 * MS;
    in[2].offset_ns = 11 * MS - MS / 2;
    run(3, &plain);
    assert_int_equal(out[2].state, SELECT_PROBATION);
    assert_true(out[2].weight == 0);
    assert_int_equal(r.agreeing, 3);
    in[2].offset_ns = 8 * MS;
    run(3, &plain);
    assert_int_equal(out[2].state, SELECT_SELECTED);
    /* Having returned it stays while its claim meets the others at all. */
    in[2].offset_ns = 11 * MS - MS / 2;
    run(3, &plain);
    assert_int_equal(out[2].state, SELECT_SELECTED);
}

static void weights(void **state)
{
    double sum = 0, alone;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        in[i] = source(0, 10);
    run(1, &plain);
    alone = r.sd_s;
    run(4, &plain);
    for (unsigned i = 0; i < 4; i++)
        assert_true(fabs(out[i].weight - 0.25) < 1e-9);
    /* Four alike are about twice as good as one. */
    assert_true(r.sd_s < alone * 0.6 && r.sd_s > alone * 0.4);
    assert_true(alone > 1.2e-4 && alone < 2.5e-4);
    /* Statistics alone never make one source everything: asymmetry is the same for all. */
    in[0].sd_s = 1e-9;
    run(4, &plain);
    assert_true(out[0].weight < 0.5);
    for (unsigned i = 0; i < 4; i++)
        sum += out[i].weight;
    assert_true(fabs(sum - 1) < 1e-9);
    in[0].sd_s = in[1].sd_s;
    /* Scatter beyond what the sources admit enlarges the deviation. */
    for (unsigned i = 0; i < 4; i++)
        in[i].offset_ns = (i % 2 == 0 ? 5 : -5) * MS;
    run(4, &plain);
    assert_true(r.sd_s > 2.5e-3);
    /* All see one oscillator: the rate is not better known than by the best of them. */
    assert_true(r.rate_sd >= 1e-8);
}

/* A server that drifts away while its claim still meets the others' pulls by noise alone. */
static void a_slow_liar_pulls_little(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        in[i] = source(0, 10);
        in[i].sd_s = 1e-4;
    }
    in[1].offset_ns = MS / 10;
    for (int ms = 1; ms <= 19; ms++) {
        in[0].offset_ns = ms * MS;
        run(3, &plain);
        assert_true(r.majority);
        assert_true(llabs(r.offset_ns) < MS / 2);
        assert_true(r.bound_ns >= 9 * MS);
    }
    /* The same of the rate: two agree within their noise. */
    in[0] = source(0, 10);
    for (unsigned i = 0; i < 3; i++)
        in[i].rate_sd = 1e-8;
    in[0].rate = 2e-6;
    run(3, &plain);
    assert_true(fabs(r.rate - 1e-6) < 3e-8);
    /* And it says that they do not agree. */
    assert_true(r.rate_sd > 1e-7);
}

static void leap_by_majority(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        in[i] = source(0, 10);
    in[0].leap = NTP_LEAP_INSERT;
    run(3, &plain);
    assert_int_equal(r.leap, NTP_LEAP_NONE);
    in[1].leap = NTP_LEAP_INSERT;
    run(3, &plain);
    assert_int_equal(r.leap, NTP_LEAP_INSERT);
    in[1].group = in[0].group = 3;
    run(3, &plain);
    assert_int_equal(r.leap, NTP_LEAP_NONE);
    in[0].leap = in[1].leap = in[2].leap = NTP_LEAP_DELETE;
    run(3, &plain);
    assert_int_equal(r.leap, NTP_LEAP_DELETE);
}

static uint64_t seed = 12345;

static double uniform(double low, double high)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return low + (high - low) * (double)(seed >> 11) / 9007199254740992.0;
}

/* As long as a majority is honest the truth is within the bound, whatever the others say. */
static void bound_holds(void **state)
{
    const struct select_policy lost = {.tie_below_ns = INT64_MAX};
    unsigned majorities = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        unsigned n = 1 + (unsigned)uniform(0, 9);
        unsigned liars = (unsigned)uniform(0, (n + 1) / 2);
        int64_t truth = (int64_t)uniform(-1e9, 1e9);

        for (unsigned i = 0; i < n; i++) {
            double bound = uniform(1e5, 2e7);

            in[i] = source(0, 0);
            in[i].bound_ns = (int64_t)bound;
            in[i].sd_s = bound * 1e-11;
            in[i].offset_ns = truth + (int64_t)uniform(-bound, bound);
            in[i].state = (uint8_t)uniform(0, (int)SELECT_SELECTED + 0.99);
            if (i < liars)
                in[i].offset_ns = truth + (int64_t)uniform(-4e7, 4e7);
        }
        run(n, &lost);
        if (!r.majority)
            continue; /* liars have made as good places as the honest ones, and nobody is in all */
        majorities++;
        if (llabs(r.offset_ns - truth) > r.bound_ns)
            fail_msg("round %d: off by %lld, bound %lld", round, (long long)(r.offset_ns - truth),
                     (long long)r.bound_ns);
        if (n == 1)
            assert_true(r.bound_ns == in[0].bound_ns);
    }
    assert_in_range(majorities, 19500, 20000);
}

/* Extreme numbers neither overflow nor hang. */
static void extremes(void **state)
{
    (void)state;
    in[0] = source(0, 0);
    in[0].offset_ns = INT64_MAX;
    in[0].bound_ns = INT64_MAX;
    in[1] = in[0];
    in[1].offset_ns = INT64_MIN;
    in[2] = source(0, 0);
    run(3, &plain);
    for (unsigned i = 0; i < SELECT_MAX; i++)
        in[i] = source(i, 100);
    run(SELECT_MAX, &plain);
    assert_true(r.majority);
    assert_int_equal(r.agreeing, SELECT_MAX);
    assert_string_equal(select_state_name(SELECT_FALSETICKER), "falseticker");
    assert_string_equal(select_state_name((enum select_state)99), "?");
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing),
        T(one_is_its_own_majority),
        T(two_have_to_agree),
        T(liar_is_named),
        T(unreachable_ones_count_before_a_step),
        T(a_group_is_one_voice),
        T(one_voice_does_not_contradict_itself),
        T(one_of_a_group_speaks),
        T(tie_goes_to_the_last_time),
        T(tie_names_nobody),
        T(tie_leads_by_those_in_both),
        T(tie_of_five),
        T(falseticker_returns_with_a_margin),
        T(weights),
        T(a_slow_liar_pulls_little),
        T(leap_by_majority),
        T(bound_holds),
        T(extremes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
