/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_route.h"
#include "tests/unit/test.h"

#include <math.h>

struct rig {
    struct filter_route r;
    struct filter_excess e;
    struct filter_turn t;
    uint64_t random;
};

static double exponential(struct rig *g)
{
    uint64_t z = test_random(&g->random);

    return -log(((double)(z >> 11) + 0.5) / 9007199254740992.0);
}

/* n round trips of two exponential ways; how many turns there were. */
static int adds(struct rig *g, int n, double base, double jitter)
{
    int turns = 0;

    for (int i = 0; i < n; i++) {
        double delay = base + jitter * (exponential(g) + exponential(g));
        double least;

        g->t = filter_route_add(&g->r, delay, &g->e);
        least = filter_route_least(&g->r);
        assert_true(least >= 0 && least <= delay && g->e.now > 0);
        turns += g->t.change != FILTER_ROUTE_SAME;
    }
    return turns;
}

/* The least round trip is found, and quiet noise is no change of the route. */
static void quiet(void **state)
{
    int turns = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct rig g = {.random = seed};

        turns += adds(&g, 1000, 20e-3, 1e-4);
        assert_true(filter_route_least(&g.r) - 20e-3 < 3e-5);
        /* median of two exponentials 1.678, 95 % quantile 4.744 */
        assert_true(g.e.usual > 1.2e-4 && g.e.usual < 2.3e-4);
        assert_true(g.r.rare > 3e-4 && g.r.rare < 7e-4);
    }
    assert_true(turns <= 1);
}

static void leaves_and_comes_home(void **state)
{
    struct rig g = {.random = 1};

    (void)state;
    assert_int_equal(adds(&g, 200, 20e-3, 1e-4), 0);
    assert_int_equal(adds(&g, 3, 50e-3, 1e-4), 0); /* three long ones are a queue */
    assert_int_equal(adds(&g, 1, 50e-3, 1e-4), 1);
    assert_int_equal(g.t.change, FILTER_ROUTE_LEFT);
    assert_true(fabs(g.t.by - 30e-3) < 5e-4 && fabs(g.t.from - 20e-3) < 1e-4);
    assert_int_equal(adds(&g, 100, 50e-3, 1e-4), 0);
    assert_true(filter_route_error(&g.r) < 2e-5);
    assert_int_equal(adds(&g, 1, 20.3e-3, 0), 1);
    assert_int_equal(g.t.change, FILTER_ROUTE_HOME);
    assert_true(filter_route_least(&g.r) < 20.1e-3);
}

static void falls(void **state)
{
    struct rig g = {.random = 2};

    (void)state;
    (void)adds(&g, 200, 50e-3, 1e-4);
    assert_int_equal(adds(&g, 1, 20e-3, 1e-4), 1);
    assert_int_equal(g.t.change, FILTER_ROUTE_CHANGED);
    assert_true(g.t.by < -29e-3 && g.t.by > -30.1e-3);
    assert_int_equal(adds(&g, 31, 20e-3, 1e-4), 0); /* the least is still being found */
}

/* Spikes on every other packet never make a route. */
/* A way that grows by 1 ms at each exchange is as long as the last one: none was the least. */
static void grows_on(void **state)
{
    struct rig g = {.random = 3};
    double base = 20e-3;
    int turns = 0;

    (void)state;
    assert_int_equal(adds(&g, 100, base, 1e-4), 0);
    for (int i = 0; i < 40; i++) {
        base += 1e-3;
        if (adds(&g, 1, base, 1e-4) == 0)
            continue;
        turns++;
        assert_true(filter_route_least(&g.r) >= base);
    }
    assert_true(turns >= 5);
    assert_true(base - filter_route_least(&g.r) < 6e-3);
}

static void spikes(void **state)
{
    struct rig g = {.random = 3};

    (void)state;
    (void)adds(&g, 100, 20e-3, 1e-4);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(adds(&g, 1, 70e-3, 1e-2), 0);
        assert_int_equal(adds(&g, 1, 20e-3, 1e-4), 0);
    }
    assert_true(filter_route_least(&g.r) < 20.1e-3);
}

/* The least of a route of old is forgotten: one too good to be true does not stay for ever. */
static void forgets(void **state)
{
    struct rig g = {.random = 4};

    (void)state;
    (void)adds(&g, 100, 20e-3, 1e-4);
    (void)adds(&g, 1, 19.9e-3, 0);
    assert_true(filter_route_least(&g.r) < 19.91e-3);
    (void)adds(&g, 2100, 20e-3, 1e-4);
    assert_true(filter_route_least(&g.r) >= 20e-3);
}

/* Means of exponential excesses, by their medians. */
static void ways(void **state)
{
    struct rig g = {.random = 5};

    (void)state;
    (void)adds(&g, 2, 20e-3, 1e-4);
    for (int i = 0; i < 4000; i++) {
        (void)adds(&g, 1, 20e-3, 1e-4);
        filter_route_learn_ways(&g.r,
                                (const double[2]){3e-4 * exponential(&g), 1e-5 * exponential(&g)});
    }
    assert_true(g.r.way[0] > 2e-4 && g.r.way[0] < 4.5e-4);
    assert_true(g.r.way[1] > 0.7e-5 && g.r.way[1] < 1.5e-5);
}

/* One that was held up, whenever it came among the first, does not set the measure. */
static void held_up(void **state)
{
    (void)state;
    for (int at = 0; at < 8; at++) {
        struct rig g = {.random = 7};

        (void)adds(&g, at, 1e-3, 1e-5);
        (void)filter_route_add(&g.r, 2, &g.e);
        assert_int_equal(filter_route_outdone(&g.r, 1e-3), at == 0);
        assert_false(filter_route_outdone(&g.r, 1e-3 / 2) && at > 0);
        (void)adds(&g, 3, 1e-3, 1e-5);
        if (at > 0)
            assert_true(g.e.now < 5e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet),  cmocka_unit_test(leaves_and_comes_home),
        cmocka_unit_test(falls),  cmocka_unit_test(grows_on),
        cmocka_unit_test(spikes), cmocka_unit_test(forgets),
        cmocka_unit_test(ways),   cmocka_unit_test(held_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
