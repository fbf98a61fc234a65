/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter.h"
#include "tests/unit/test.h"

#include <math.h>

/* A clock and a path that are made up: raw clock runs at 1 + frequency, delays are exponential. */
struct rig {
    struct filter f;
    double now, phase, frequency; /* true seconds; server time less raw clock, now and per second */
    double base, jitter;
    uint64_t random;
};

static const int64_t epoch_ns = INT64_C(1800000000) * NS_PER_S;

static double exponential(struct rig *r)
{
    uint64_t z = test_random(&r->random);

    return -log(((double)(z >> 11) + 0.5) / 9007199254740992.0);
}

static void rig_init(struct rig *r, double frequency)
{
    memset(r, 0, sizeof *r);
    filter_init(&r->f);
    r->frequency = frequency;
    r->base = 1e-3;
    r->jitter = 1e-4;
}

static struct raw raw_now(const struct rig *r)
{
    return (struct raw){llrint((r->now - r->phase) * 1e9)};
}

static void advance(struct rig *r, double seconds)
{
    r->now += seconds;
    r->phase += r->frequency * seconds;
}

static bool exchange(struct rig *r)
{
    double up = r->base + r->jitter * exponential(r), down = r->base + r->jitter * exponential(r);
    struct filter_sample s = {.at = raw_now(r)};

    s.up_ns = epoch_ns + llrint((r->phase + up) * 1e9);
    s.down_ns = llrint((down - r->phase) * 1e9) - epoch_ns;
    return filter_add(&r->f, &s);
}

static void polls(struct rig *r, int n, double interval)
{
    for (int i = 0; i < n; i++) {
        advance(r, interval);
        assert_true(exchange(r));
    }
}

/* What the filter is wrong by now. */
static double error(const struct rig *r)
{
    struct filter_estimate e;

    assert_true(filter_predict(&r->f, raw_now(r), &e));
    return (double)(e.phase_ns - epoch_ns) / 1e9 + e.phase_s - r->phase;
}

static double sd(const struct rig *r)
{
    struct filter_estimate e;

    assert_true(filter_predict(&r->f, raw_now(r), &e));
    return sqrt(e.var_phase);
}

static void assert_sound(const struct filter *f, int64_t at_ns)
{
    struct filter_estimate e;
    double weights = 0;

    assert_true(filter_predict(f, (struct raw){at_ns}, &e));
    assert_true(isfinite(e.phase_s) && isfinite(e.frequency) && isfinite(e.cov));
    assert_true(e.var_phase > 0 && isfinite(e.var_phase));
    assert_true(e.var_frequency > 0 && isfinite(e.var_frequency));
    assert_true(e.cov * e.cov <= e.var_phase * e.var_frequency * (1 + 1e-9));
    assert_true(isfinite(e.wander));
    for (int i = 0; i < FILTER_MODELS; i++) {
        const struct filter_kept *g = &f->bank.models[i];

        assert_true(g->weight > 0 && g->weight <= 1);
        weights += (double)g->weight;
        for (int k = 0; k < FILTER_COVARIANCES; k++)
            assert_true(isfinite(g->p[k]));
        assert_true(g->p[FILTER_XX] > 0 && g->p[FILTER_YY] > 0);
    }
    assert_true(fabs(weights - 1) < 1e-5);
}

static void small(void **state)
{
    (void)state;
    assert_true(sizeof(struct filter) <= 24000);
}

static void nothing_known(void **state)
{
    struct filter_estimate e;
    struct filter f;

    (void)state;
    filter_init(&f);
    assert_false(filter_predict(&f, (struct raw){5}, &e));
    assert_int_equal(e.samples, 0);
}

/* One sample: the phase is known to half the round trip, and the absolute value is kept whole. */
static void first_sample(void **state)
{
    const struct filter_sample s = {
        .at = {1000}, .up_ns = epoch_ns + 3000000, .down_ns = 1000000 - epoch_ns};
    struct filter_estimate e;
    struct filter f;

    (void)state;
    filter_init(&f);
    assert_true(filter_add(&f, &s));
    assert_true(filter_predict(&f, (struct raw){1000}, &e));
    assert_int_equal(e.phase_ns, epoch_ns + 1000000);
    assert_true(e.phase_s == 0 && e.samples == 1);
    assert_int_equal(e.delay_ns, 4000000);
    assert_true(fabs(sqrt(e.var_phase) - 4e-3 / sqrt(12)) < 1e-6);
    /* 20 ppm, and one in some hundred is far off */
    assert_true(sqrt(e.var_frequency) > 20e-6 && sqrt(e.var_frequency) < 2e-3);
}

static void learns_a_clock(void **state)
{
    struct filter_estimate e;
    struct rig r;

    (void)state;
    for (int seed = 0; seed < 5; seed++) {
        rig_init(&r, seed % 2 ? -100e-6 : 100e-6);
        r.random = (uint64_t)seed;
        polls(&r, 4, 2);
        assert_true(fabs(error(&r)) < 0.5e-3);
        polls(&r, 300, 64);
        assert_true(fabs(error(&r)) < 15e-6);
        assert_true(sd(&r) < 15e-6 && sd(&r) > 0.2e-6);
        assert_true(filter_predict(&r.f, raw_now(&r), &e));
        assert_true(fabs(e.frequency - r.frequency) < 2e-8);
        assert_true(e.wander < 1e-9);
        assert_true(llabs(e.delay_ns - 2000000) < 30000);
        assert_int_equal(e.samples, 304);
    }
}

static void follows_a_frequency_jump(void **state)
{
    struct filter_estimate e;
    struct rig r;
    int moving = 0;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 200, 64);
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_false(e.moving);
    r.frequency += 1e-6;
    for (int i = 0; i < 40; i++) {
        polls(&r, 1, 64);
        assert_true(fabs(error(&r)) < 200e-6); /* (i + 1) x 64 us had nobody followed */
        assert_true(filter_predict(&r.f, raw_now(&r), &e));
        moving += e.moving && i < 4;
    }
    assert_true(moving > 0);
    polls(&r, 100, 64);
    assert_true(fabs(error(&r)) < 40e-6);
}

/* The phase is predicted through long silence, and the uncertainty grows as it must. */
static void sleeps(void **state)
{
    struct rig r;
    double before;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 300, 64);
    before = sd(&r);
    advance(&r, 8 * 3600);
    assert_true(sd(&r) > before);
    assert_true(fabs(error(&r)) < 5 * sd(&r));
    polls(&r, 20, 64);
    advance(&r, 3 * 86400);
    assert_true(fabs(error(&r)) < 5 * sd(&r));
    polls(&r, 20, 64);
    assert_true(fabs(error(&r)) < 50e-6);
}

/* After suspend the raw clock is behind: phase forgotten, frequency kept. */
static void reset_keeps_frequency(void **state)
{
    struct filter_estimate e;
    struct rig r;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 200, 64);
    r.phase += 3600;
    r.now += 1800;
    filter_reset(&r.f);
    assert_false(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(exchange(&r));
    assert_true(fabs(error(&r)) < 2e-3);
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(fabs(e.frequency - 20e-6) < 1e-7 && e.var_frequency < 1e-12);
    polls(&r, 50, 64);
    assert_true(fabs(error(&r)) < 50e-6);
}

/* A leap second: the next exchange fits as if nothing had been. */
static void shift(void **state)
{
    struct filter_estimate before, after;
    struct raw at;
    struct rig r;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 200, 64);
    at = raw_now(&r);
    assert_true(filter_predict(&r.f, at, &before));
    r.phase -= 1;
    filter_shift(&r.f, -NS_PER_S);
    assert_true(fabs(error(&r)) < 50e-6);
    assert_true(filter_predict(&r.f, at, &after));
    assert_int_equal(after.phase_ns, before.phase_ns - NS_PER_S);
    assert_true(after.var_phase == before.var_phase);
    polls(&r, 20, 64);
    assert_true(fabs(error(&r)) < 50e-6);
}

/* A reset before the path is known begins anew. */
static void early_reset(void **state)
{
    struct filter_estimate e;
    struct rig r;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 5, 2);
    r.phase += 100;
    filter_reset(&r.f);
    assert_false(filter_predict(&r.f, raw_now(&r), &e));
    polls(&r, 30, 64);
    assert_true(fabs(error(&r)) < 100e-6);
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_int_equal(e.samples, 35);
}

static void known_frequency(void **state)
{
    struct filter_estimate e;
    struct rig r;

    (void)state;
    rig_init(&r, 37e-6);
    filter_init_frequency(&r.f, 37e-6, 1e-7);
    assert_true(exchange(&r));
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(fabs(e.frequency - 37e-6) < 1e-15 && sqrt(e.var_frequency) > 1e-7);
    polls(&r, 1, 64);
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(fabs(e.frequency - 37e-6) < 1e-6 && sqrt(e.var_frequency) < 1e-6);
}

/* A route that is longer in one way only: the delay tells which, and the phase stays. */
static void route_changes(void **state)
{
    struct filter_estimate e;
    struct rig r;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 200, 64);
    for (int i = 0; i < 100; i++) {
        struct filter_sample s;

        advance(&r, 64);
        s.at = raw_now(&r);
        s.up_ns = epoch_ns + llrint((r.phase + 21e-3 + r.jitter * exponential(&r)) * 1e9);
        s.down_ns = llrint((1e-3 + r.jitter * exponential(&r) - r.phase) * 1e9) - epoch_ns;
        assert_true(filter_add(&r.f, &s));
        assert_true(fabs(error(&r)) < 200e-6);
    }
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(llabs(e.delay_ns - 22000000) < 200000);
    polls(&r, 100, 64); /* and back */
    assert_true(fabs(error(&r)) < 50e-6);
    assert_true(filter_predict(&r.f, raw_now(&r), &e));
    assert_true(llabs(e.delay_ns - 2000000) < 50000);
}

/* One absurd sample changes nothing; a source whose time has really jumped is followed. */
static void outliers_and_jumps(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 20e-6);
    polls(&r, 200, 64);
    r.phase += 1000;
    r.now += 1000; /* the raw clock does not see it */
    polls(&r, 1, 64);
    r.phase -= 1000;
    r.now -= 1000;
    assert_true(fabs(error(&r)) < 50e-6);
    polls(&r, 20, 64);
    assert_true(fabs(error(&r)) < 50e-6);
    assert_int_equal(r.f.anchored, 0);
    r.phase += 1000;
    r.now += 1000;
    polls(&r, 30, 64);
    assert_int_equal(r.f.anchored, 1);
    assert_int_equal(r.f.unsound, 0);
    assert_true(fabs(error(&r)) < 200e-6);
}

static void refuses(void **state)
{
    struct filter_sample s = {.at = {1000}, .up_ns = 1000, .down_ns = 1000};
    struct filter f;

    (void)state;
    filter_init(&f);
    assert_true(filter_add(&f, &s));
    assert_false(filter_add(&f, &s));
    s.at.ns = 999;
    assert_false(filter_add(&f, &s));
    s.at.ns = 2000;
    s.down_ns = -2000000;
    assert_false(filter_add(&f, &s));
    s.down_ns = INT64_MAX;
    assert_false(filter_add(&f, &s));
    s.up_ns = s.down_ns = INT64_MIN;
    assert_false(filter_add(&f, &s));
    assert_int_equal(f.samples, 1);
}

/* Whatever the samples are, the state stays a state. */
static void hostile(void **state)
{
    static const int64_t phases[] = {0,
                                     1,
                                     -1,
                                     1000,
                                     INT64_C(1000000000),
                                     INT64_C(100000000000000000),
                                     INT64_MIN / 2,
                                     INT64_MAX / 2};
    static const int64_t delays[] = {0, 0, 1, 100, 1000000, 999000000000, -900000};
    static const int64_t steps[] = {1,
                                    1,
                                    1000,
                                    64 * NS_PER_S,
                                    1024 * NS_PER_S,
                                    86400 * NS_PER_S,
                                    INT64_C(1000000000) * NS_PER_S};
    struct rig r;

    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        int64_t at = -epoch_ns;

        rig_init(&r, 0);
        r.random = seed;
        for (int i = 0; i < 200; i++) {
            /* each seed dwells on few kinds, so that every state is met in every other */
            uint64_t kind = (seed >> 1) + (uint64_t)(exponential(&r) * 1.5);
            int64_t delay = delays[(kind + seed) % 7], phase = phases[kind % 8];
            struct filter_sample s = {.up_ns = phase + delay / 2,
                                      .down_ns = delay - delay / 2 - phase};

            at = ns_add_sat(at, steps[(kind / 2 + seed) % (i < 150 ? 6 : 7)]);
            s.at.ns = at;
            if (filter_add(&r.f, &s))
                assert_sound(&r.f, at);
            assert_sound(&r.f, ns_add_sat(at, 86400 * NS_PER_S));
            if (kind > 12)
                filter_reset(&r.f);
            if (kind > 12)
                assert_true(filter_add(&r.f, &s) || at == INT64_MAX);
        }
    }
}

/* The same values for ever, and a server whose time stands still. */
static void monotony(void **state)
{
    struct filter_sample s = {.up_ns = 500, .down_ns = 500};
    struct filter f;

    (void)state;
    filter_init(&f);
    for (int i = 0; i < 2000; i++) {
        s.at.ns += 64 * NS_PER_S;
        assert_true(filter_add(&f, &s));
        assert_sound(&f, s.at.ns);
    }
    for (int i = 0; i < 500; i++) {
        s.at.ns += 64 * NS_PER_S;
        s.up_ns -= 64 * NS_PER_S;
        s.down_ns += 64 * NS_PER_S;
        assert_true(filter_add(&f, &s));
        assert_sound(&f, s.at.ns);
    }
}

static void later_sd(void **state)
{
    struct filter_estimate now, then;
    struct rig r;

    (void)state;
    rig_init(&r, 1e-5);
    polls(&r, 20, 64);
    assert_true(filter_predict(&r.f, raw_now(&r), &now));
    for (int64_t s = 0; s < 100000; s = s * 2 + 1) {
        struct raw at = {now.at.ns + s * NS_PER_S};

        assert_true(filter_predict(&r.f, at, &then));
        assert_true(fabs(filter_later_sd(&now, (double)s) / sqrt(then.var_phase) - 1) < 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small),
        cmocka_unit_test(nothing_known),
        cmocka_unit_test(first_sample),
        cmocka_unit_test(learns_a_clock),
        cmocka_unit_test(follows_a_frequency_jump),
        cmocka_unit_test(sleeps),
        cmocka_unit_test(reset_keeps_frequency),
        cmocka_unit_test(shift),
        cmocka_unit_test(early_reset),
        cmocka_unit_test(known_frequency),
        cmocka_unit_test(route_changes),
        cmocka_unit_test(outliers_and_jumps),
        cmocka_unit_test(refuses),
        cmocka_unit_test(hostile),
        cmocka_unit_test(monotony),
        cmocka_unit_test(later_sd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
