/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "common/clock/clock_limit.h"
#include "tests/sim/kernel_clock.h"
#include "tests/unit/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_S) /* November 2023: no leap second near */
#define STATUS   (CLOCK_PLL | CLOCK_FREQHOLD)

static struct clock_limit l;
static struct leap_table leaps;

static int fresh(void **state)
{
    (void)state;
    clock_limit_init(&l, CLOCK_MODE_DAEMON, 500000000, 2, (struct wall){START_NS - 1000 * NS_PER_S},
                     (struct wall){START_NS + 1000 * NS_PER_S});
    leap_table_init(&leaps);
    return 0;
}

static enum clock_verdict check(struct clock_order o)
{
    return clock_limit_check(&l, &o, (struct mono){0}, (struct wall){START_NS}, &leaps);
}

static enum clock_verdict step(int64_t ns)
{
    return check((struct clock_order){.what = CLOCK_SET_STEP, .step_ns = ns});
}

static enum clock_verdict slew(int64_t ns, int32_t constant)
{
    return check(
        (struct clock_order){.what = CLOCK_SET_SLEW, .offset_ns = ns, .constant = constant});
}

static enum clock_verdict frequency_at(int32_t ppm, int32_t tick_us, int64_t s)
{
    struct clock_order o = {.what = CLOCK_SET_FREQ, .freq = ppm * 65536, .tick_us = tick_us};

    return clock_limit_check(&l, &o, (struct mono){s * NS_PER_S}, (struct wall){START_NS}, &leaps);
}

static enum clock_verdict synchronize(void)
{
    return check((struct clock_order){.what = CLOCK_SET_STATUS, .status = STATUS});
}

static void form(void **state)
{
    static const struct clock_order bad[] = {
        {0},
        {.what = 64},
        {.what = CLOCK_SET_STEP},
        {.what = CLOCK_SET_SLEW, .constant = 3, .step_ns = 1},
        {.what = CLOCK_SET_SLEW, .constant = -1},
        {.what = CLOCK_SET_SLEW, .constant = 11},
        {.what = CLOCK_SET_SLEW, .constant = 10, .offset_ns = 500000001},
        {.what = CLOCK_SET_SLEW, .constant = 10, .offset_ns = INT64_MIN},
        {.what = CLOCK_SET_ERRORS, .offset_ns = 1},
        {.what = CLOCK_SET_ERRORS, .constant = 1},
        {.what = CLOCK_SET_ERRORS, .maxerror_us = -1},
        {.what = CLOCK_SET_ERRORS, .esterror_us = 16000001},
        {.what = CLOCK_SET_ERRORS, .freq = 1},
        {.what = CLOCK_SET_ERRORS, .tick_us = 10000},
        {.what = CLOCK_SET_ERRORS, .tai_s = 37},
        {.what = CLOCK_SET_ERRORS, .status = STATUS},
        {.what = CLOCK_SET_FREQ, .tick_us = 8999},
        {.what = CLOCK_SET_FREQ, .tick_us = 11001},
        {.what = CLOCK_SET_FREQ},
        {.what = CLOCK_SET_FREQ, .tick_us = 10000, .freq = 500 * 65536 + 1},
        {.what = CLOCK_SET_FREQ, .tick_us = 10000, .freq = INT32_MIN},
        {.what = CLOCK_SET_FREQ, .tick_us = 10000, .maxerror_us = 1},
        {.what = CLOCK_SET_STATUS},
        {.what = CLOCK_SET_STATUS, .status = CLOCK_PLL},
        {.what = CLOCK_SET_STATUS, .status = CLOCK_FREQHOLD},
        {.what = CLOCK_SET_STATUS, .status = STATUS | 32},
        {.what = CLOCK_SET_STATUS, .status = STATUS | CLOCK_INS | CLOCK_DEL},
        {.what = CLOCK_SET_TAI, .tai_s = -1},
        {.what = CLOCK_SET_TAI, .tai_s = 1001},
    };
    struct clock_limit before = l;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (check(bad[i]) != CLOCK_VERDICT_FORM)
            fail_msg("order %zu is taken", i);
        assert_memory_equal(&l, &before, sizeof l);
    }
}

static void steps(void **state)
{
    (void)state;
    assert_int_equal(step(499999999), CLOCK_VERDICT_STEP_SMALL);
    assert_int_equal(step(-499999999), CLOCK_VERDICT_STEP_SMALL);
    assert_int_equal(step(1001 * NS_PER_S), CLOCK_VERDICT_STEP_RANGE);
    assert_int_equal(step(-1001 * NS_PER_S), CLOCK_VERDICT_STEP_RANGE);
    assert_int_equal(step(INT64_MAX), CLOCK_VERDICT_STEP_RANGE);
    assert_int_equal(step(INT64_MIN), CLOCK_VERDICT_STEP_RANGE);
    assert_int_equal(step(1000 * NS_PER_S), CLOCK_VERDICT_OK);
    assert_int_equal(step(-500000000), CLOCK_VERDICT_OK);
    assert_int_equal(step(500000000), CLOCK_VERDICT_STEP_BUDGET);
    clock_limit_resumed(&l);
    assert_int_equal(step(500000000), CLOCK_VERDICT_OK);
    assert_int_equal(synchronize(), CLOCK_VERDICT_OK);
    assert_int_equal(step(500000000), CLOCK_VERDICT_STEP_LATE);
    /* One order that declares synchronization and steps: judged as of before. */
    clock_limit_resumed(&l);
    assert_int_equal(check((struct clock_order){.what = CLOCK_SET_STEP | CLOCK_SET_STATUS,
                                                .step_ns = NS_PER_S,
                                                .status = STATUS}),
                     CLOCK_VERDICT_OK);
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_STEP_LATE);
}

static enum clock_verdict slew_at(int64_t ns, int32_t constant, int64_t s)
{
    struct clock_order o = {.what = CLOCK_SET_SLEW, .offset_ns = ns, .constant = constant};

    return clock_limit_check(&l, &o, (struct mono){s * NS_PER_S}, (struct wall){START_NS}, &leaps);
}

static void slews(void **state)
{
    (void)state;
    l.synchronized = true; /* by an earlier run in this boot */
    assert_int_equal(slew(16000000, 3), CLOCK_VERDICT_OK);
    assert_int_equal(slew(-16000000, 3), CLOCK_VERDICT_OK);
    assert_int_equal(slew(16000001, 3), CLOCK_VERDICT_SLEW);
    assert_int_equal(slew(-16000001, 3), CLOCK_VERDICT_SLEW);
    assert_int_equal(slew(2000000, 0), CLOCK_VERDICT_OK);
    assert_int_equal(slew(2000001, 0), CLOCK_VERDICT_SLEW);
    assert_int_equal(slew(500000000, 8), CLOCK_VERDICT_OK);
    assert_int_equal(slew(500000000, 7), CLOCK_VERDICT_SLEW);
}

static void first_slews(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        int64_t start = 100 + 1000 * round;

        assert_int_equal(slew_at(40000000, 0, start), CLOCK_VERDICT_OK);
        assert_int_equal(slew_at(-40000001, 0, start), CLOCK_VERDICT_SLEW);
        assert_int_equal(synchronize(), CLOCK_VERDICT_OK);
        assert_int_equal(slew_at(-40000000, 0, start + 9), CLOCK_VERDICT_OK);
        assert_int_equal(slew_at(2000001, 0, start + 10), CLOCK_VERDICT_SLEW);
        assert_int_equal(slew_at(2000000, 0, start + 10), CLOCK_VERDICT_OK);
        clock_limit_resumed(&l);
    }
}

/* An hour without a network is told to the kernel as well; the first seconds come after it. */
static void first_slews_after_silence(void **state)
{
    const struct clock_order silence = {.what = CLOCK_SET_STATUS | CLOCK_SET_ERRORS,
                                        .status = STATUS | CLOCK_UNSYNC,
                                        .maxerror_us = CLOCK_ERROR_MAX_US,
                                        .esterror_us = CLOCK_ERROR_MAX_US};

    (void)state;
    clock_limit_resumed(&l);
    assert_int_equal(check(silence), CLOCK_VERDICT_OK);
    assert_int_equal(slew_at(40000000, 0, 3600), CLOCK_VERDICT_OK);
    assert_int_equal(slew_at(40000000, 0, 3609), CLOCK_VERDICT_OK);
    assert_int_equal(slew_at(40000000, 0, 3610), CLOCK_VERDICT_SLEW);
}

static void frequencies(void **state)
{
    (void)state;
    /* Anything at first, for an oscillator that is 5 % off. */
    assert_int_equal(frequency_at(0, 10500, 0), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(10, 9500, 10), CLOCK_VERDICT_OK);
    assert_int_equal(synchronize(), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(500, 9500, 20), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(-490, 9500, 20), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(-491, 9500, 20), CLOCK_VERDICT_FREQ);
    assert_int_equal(frequency_at(411, 9501, 20), CLOCK_VERDICT_FREQ);
    assert_int_equal(frequency_at(0, 10000, 20), CLOCK_VERDICT_FREQ);
    /* The reference does not follow, not even over a sleep. */
    clock_limit_resumed(&l);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(frequency_at(500, 9500, 1000 + i), CLOCK_VERDICT_OK);
        assert_int_equal(frequency_at(411, 9501, 1000 + i), CLOCK_VERDICT_FREQ);
    }
}

/* Who never declares synchronization does not keep the freedom of the first minutes. */
static void settles_without_synchronization(void **state)
{
    (void)state;
    assert_int_equal(frequency_at(0, 10000, 0), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(0, 10030, 3600), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(0, 10100, 3601), CLOCK_VERDICT_FREQ);
    assert_int_equal(frequency_at(0, 10034, 3601), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(0, 10036, 3602), CLOCK_VERDICT_FREQ);
    assert_int_equal(frequency_at(0, 10025, 3603), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(0, 10024, 9999), CLOCK_VERDICT_FREQ);
}

static void leap_and_tai(void **state)
{
    const struct clock_order arm = {.what = CLOCK_SET_STATUS, .status = STATUS | CLOCK_INS};
    const struct clock_order tai = {.what = CLOCK_SET_TAI, .tai_s = 36};
    const struct wall day = {INT64_C(1483225200) * NS_PER_S}; /* 2016-12-31 23:00 */
    const struct mono now = {0};

    (void)state;
    assert_int_equal(check(arm), CLOCK_VERDICT_LEAP);
    assert_int_equal(check(tai), CLOCK_VERDICT_TAI);
    assert_int_equal(clock_limit_check(&l, &arm, now, day, &leaps), CLOCK_VERDICT_OK);
    assert_true(leap_table_line(&leaps, "#@ 3912192000", 13));
    assert_true(leap_table_line(&leaps, "3644697600 36", 13));
    assert_int_equal(clock_limit_check(&l, &arm, now, day, &leaps), CLOCK_VERDICT_LEAP);
    assert_int_equal(clock_limit_check(&l, &tai, now, day, &leaps), CLOCK_VERDICT_OK);
}

static enum clock_verdict once(const struct clock_order *o)
{
    return clock_limit_check(&l, o, (struct mono){0}, (struct wall){START_NS}, &leaps);
}

static void other_modes(void **state)
{
    const struct wall floor = {START_NS - 1000 * NS_PER_S};
    const struct wall none = {0};

    (void)state;
    clock_limit_init(&l, CLOCK_MODE_NONE, 0, 5, floor, none);
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_MODE);
    assert_int_equal(slew(1, 3), CLOCK_VERDICT_MODE);
    clock_limit_init(&l, CLOCK_MODE_ONESHOT, 500000000, 5, floor, none);
    assert_int_equal(slew(1, 3), CLOCK_VERDICT_MODE);
    assert_int_equal(synchronize(), CLOCK_VERDICT_MODE);
    assert_int_equal(frequency_at(1, 10000, 0), CLOCK_VERDICT_MODE);
    assert_int_equal(step(-1001 * NS_PER_S), CLOCK_VERDICT_STEP_RANGE);
    assert_int_equal(step(1), CLOCK_VERDICT_OK); /* also a small one */
    assert_int_equal(step(1), CLOCK_VERDICT_STEP_BUDGET);
    clock_limit_resumed(&l);
    assert_int_equal(step(1), CLOCK_VERDICT_STEP_BUDGET);
    clock_limit_init(&l, CLOCK_MODE_ONESHOT, 500000000, 5, floor, none);
    {
        struct clock_order with_bound = {.what =
                                             CLOCK_SET_STEP | CLOCK_SET_STATUS | CLOCK_SET_ERRORS,
                                         .step_ns = NS_PER_S,
                                         .maxerror_us = 7};

        with_bound.status = CLOCK_INS;
        assert_int_equal(once(&with_bound), CLOCK_VERDICT_MODE);
        with_bound.status = 0;
        assert_int_equal(once(&with_bound), CLOCK_VERDICT_OK);
        assert_int_equal(once(&with_bound), CLOCK_VERDICT_STEP_LATE);
    }
    clock_limit_init(&l, CLOCK_MODE_ONESHOT, 500000000, 5, floor, none);
    {
        /* The bound of a step that had to be confirmed first. */
        const struct clock_order bound = {.what = CLOCK_SET_STATUS | CLOCK_SET_ERRORS,
                                          .maxerror_us = 7};

        assert_int_equal(once(&bound), CLOCK_VERDICT_MODE);
        assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_OK);
        assert_int_equal(once(&bound), CLOCK_VERDICT_OK);
        assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_STEP_LATE);
        assert_int_equal(slew(1, 3), CLOCK_VERDICT_MODE);
    }
    clock_limit_init(&l, CLOCK_MODE_ONESHOT, 500000000, 5, floor, none);
    assert_int_equal(step(100000000 * NS_PER_S), CLOCK_VERDICT_OK);
}

static void survives_a_restart(void **state)
{
    char text[CLOCK_LIMIT_TEXT];
    size_t len;

    (void)state;
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_OK);
    assert_int_equal(frequency_at(-100, 9500, 0), CLOCK_VERDICT_OK);
    assert_int_equal(synchronize(), CLOCK_VERDICT_OK);
    len = clock_limit_save(&l, text, sizeof text);
    assert_true(len > 0 && len < sizeof text);
    assert_int_equal(clock_limit_save(&l, text, len), 0);
    len = clock_limit_save(&l, text, sizeof text);
    fresh(NULL);
    assert_true(clock_limit_restore(&l, text, len));
    assert_int_equal(l.steps, 1);
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_STEP_LATE);
    assert_int_equal(frequency_at(0, 10000, 0), CLOCK_VERDICT_FREQ);
    assert_int_equal(frequency_at(-300, 9500, 0), CLOCK_VERDICT_OK);
    text[len] = '\n';
    assert_false(clock_limit_restore(&l, text, len + 1));
    /* No truncation and no changed octet is taken, and nothing of it. */
    for (size_t i = 0; i < len; i++) {
        struct clock_limit before;

        fresh(NULL);
        before = l;
        assert_false(clock_limit_restore(&l, text, i));
        for (int c = 0; c < 256; c++) {
            char changed[CLOCK_LIMIT_TEXT];

            memcpy(changed, text, len);
            changed[i] = (char)c;
            if (c != (uint8_t)text[i])
                assert_false(clock_limit_restore(&l, changed, len));
        }
        assert_memory_equal(&l, &before, sizeof l);
    }
    /* What cannot be read counts as used. */
    fresh(NULL);
    clock_limit_spent(&l);
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_STEP_LATE);
    assert_true(clock_limit_save(&l, text, sizeof text) > 0);
    clock_limit_resumed(&l);
    assert_int_equal(step(NS_PER_S), CLOCK_VERDICT_OK);
}

static int64_t random_between(uint64_t *seed, int64_t low, int64_t high)
{
    return low + (int64_t)(test_random(seed) % (uint64_t)(high - low + 1));
}

/* Orders from a captured engine: near every limit, mixed, also plain noise. */
static struct clock_order hostile(uint64_t *seed, bool early)
{
    struct clock_order o;

    if (test_random(seed) % 8 == 0) {
        test_random_fill(seed, &o, sizeof o);
        return o;
    }
    o = (struct clock_order){.what = (uint32_t)random_between(seed, 1, CLOCK_SET_ALL)};
    if (o.what & CLOCK_SET_STEP)
        o.step_ns = random_between(seed, -2000 * NS_PER_S, 2000 * NS_PER_S);
    if (o.what & CLOCK_SET_SLEW) {
        o.constant = (int32_t)random_between(seed, 0, 10);
        o.offset_ns = (int64_t)(4 << o.constant) * (early ? 10000000 : 500000);
        o.offset_ns = o.offset_ns < CLOCK_OFFSET_MAX_NS ? o.offset_ns : CLOCK_OFFSET_MAX_NS;
    }
    if (o.what & CLOCK_SET_FREQ) {
        o.freq = (int32_t)random_between(seed, 0, CLOCK_FREQ_MAX);
        o.tick_us = (int32_t)random_between(seed, 9990, 11000);
    }
    if (o.what & CLOCK_SET_STATUS)
        o.status = STATUS | (test_random(seed) & (CLOCK_UNSYNC | CLOCK_DEL));
    return o;
}

/*
 * Whatever is sent, the clock ends no further off than the allowance: two steps of up to 1000 s,
 * once a tenth of an hour for the frequency before it settles, then 1000 ppm, and 0.6 s for the
 * first seconds.
 */
static void captured_engine(void **state)
{
    const double hours = 6;
    uint64_t taken = 0;

    (void)state;
    for (uint64_t round = 1; round <= 20; round++) {
        bool synchronized_first = round % 2 == 0;
        double allowed = hours * 3600 * 1000e-6 + 0.6;
        struct kernel_clock k;
        uint64_t seed = round;
        double off;

        fresh(NULL);
        kernel_clock_init(&k, (struct wall){START_NS});
        if (synchronized_first) {
            const struct clock_order first = {
                .what = CLOCK_SET_FREQ | CLOCK_SET_STATUS, .tick_us = 10000, .status = STATUS};

            assert_int_equal(check(first), CLOCK_VERDICT_OK);
            kernel_clock_order(&k, &first);
        } else {
            allowed += 2 * 1000 + 3601 * 0.1005 + hours * 3600 * 0.1;
        }
        for (int s = 0; s < (int)(hours * 3600); s++) {
            for (int i = 0; i < 5; i++) {
                struct clock_order o = hostile(&seed, s < 12);

                if (clock_limit_check(&l, &o, (struct mono){s * NS_PER_S}, k.wall, &leaps) !=
                    CLOCK_VERDICT_OK)
                    continue;
                taken++;
                assert_true(kernel_clock_order(&k, &o) >= 0);
            }
            kernel_clock_advance(&k, NS_PER_S);
        }
        off = fabs((double)(k.wall.ns - START_NS) * 1e-9 - hours * 3600);
        if (off > allowed)
            fail_msg("round %d: off by %f s, allowed %f", (int)round, off, allowed);
        assert_true(k.steps <= (synchronized_first ? 0U : 2U));
        /* The attack is one: it uses a good part of what there is. */
        if (synchronized_first)
            assert_true(off > allowed / 3);
    }
    assert_true(taken > 100000);
}

static void words(void **state)
{
    (void)state;
    for (int v = CLOCK_VERDICT_OK; v <= CLOCK_VERDICT_TAI; v++)
        assert_true(strlen(clock_verdict_text((enum clock_verdict)v)) > 3);
    assert_string_equal(clock_verdict_text((enum clock_verdict)99), "?");
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(form),
        T(steps),
        T(slews),
        T(first_slews),
        T(first_slews_after_silence),
        T(frequencies),
        T(settles_without_synchronization),
        T(leap_and_tai),
        T(other_modes),
        T(survives_a_restart),
        T(captured_engine),
        T(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
