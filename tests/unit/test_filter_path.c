/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Least delays, scale and tail of a path, told what the filter would tell. */
#include "common/clock/filter_path.h"
#include "tests/unit/test.h"

#include <math.h>

static double exponential(uint64_t *state)
{
    return -log(((double)(test_random(state) >> 11) + 0.5) / 9007199254740992.0);
}

/* n exchanges whose true floors are these; returns after how many samples the floors moved, or n.
 */
static int run(struct filter_path *p, uint64_t *seed, int n, double up, double down, double jitter)
{
    int moved = n;

    for (int i = 0; i < n; i++) {
        struct filter_excess e = {up - p->floor[0] + jitter * exponential(seed),
                                  down - p->floor[1] + jitter * exponential(seed), false};

        if (filter_path_check(p, e.up + e.down, e.up - e.down, 1e-5, 1e-5) > 0 && moved == n)
            moved = i;
        filter_path_learn(p, &e);
    }
    return moved;
}

static void assert_floors(const struct filter_path *p, double up, double down, double within)
{
    assert_true(fabs(p->floor[0] - up) < within);
    assert_true(fabs(p->floor[1] - down) < within);
}

static void learns_scale(void **state)
{
    struct filter_path p;
    struct filter_box box;
    uint64_t seed = 1;

    (void)state;
    filter_path_init(&p, 2e-3, 1e-3, 1e-3);
    run(&p, &seed, 500, 1e-3, 1e-3, 1e-4);
    filter_path_shape(&p, &box);
    for (int way = 0; way < 2; way++) {
        assert_true(box.scale[way] > 0.7e-4 && box.scale[way] < 1.4e-4);
        assert_true(isinf(box.tail[way]));
    }
}

static void learns_tail(void **state)
{
    struct filter_path p;
    struct filter_box box;
    uint64_t seed = 1;

    (void)state;
    filter_path_init(&p, 2e-3, 1e-4, 1e-4);
    for (int i = 0; i < 300; i++) {
        struct filter_excess e = {1e-4 * exponential(&seed), 1e-4 * exponential(&seed), false};

        if (i % 5 == 0)
            e.up *= 300;
        filter_path_learn(&p, &e);
    }
    filter_path_shape(&p, &box);
    assert_true(box.tail[0] <= 3);
    assert_true(isinf(box.tail[1]));
}

/* Longer both ways, one way, the other, and back: seen within a few samples, and split rightly. */
static void follows_routes(void **state)
{
    static const double routes[][2] = {{21e-3, 21e-3}, {21e-3, 1e-3}, {1e-3, 21e-3}, {11e-3, 5e-3}};

    (void)state;
    for (uint64_t first = 0; first < 40; first++) {
        struct filter_path p;
        uint64_t seed = first;
        const double *to = routes[first % 4];

        filter_path_init(&p, 2e-3, 1e-4, 1e-4);
        assert_true(run(&p, &seed, 200, 1e-3, 1e-3, 1e-4) == 200);
        assert_true(run(&p, &seed, 30, to[0], to[1], 1e-4) <= 8);
        assert_floors(&p, to[0], to[1], 2e-4);
        assert_true(run(&p, &seed, 30, 1e-3, 1e-3, 1e-4) <= 1);
        assert_floors(&p, 1e-3, 1e-3, 1e-9);
    }
}

/* A new route that is shorter than any before, in one way. */
static void follows_a_short_cut(void **state)
{
    struct filter_path p;
    uint64_t seed = 3;

    (void)state;
    filter_path_init(&p, 42e-3, 1e-4, 1e-4);
    run(&p, &seed, 200, 21e-3, 21e-3, 1e-4);
    assert_true(run(&p, &seed, 30, 21e-3, 1e-3, 1e-4) == 0);
    assert_floors(&p, 21e-3, 1e-3, 3e-4);
}

/* Single packets that were long under way are no route. */
static void ignores_spikes(void **state)
{
    struct filter_path p;
    uint64_t seed = 5;

    (void)state;
    filter_path_init(&p, 2e-3, 1e-4, 1e-4);
    for (int i = 0; i < 2000; i++) {
        assert_true(run(&p, &seed, 6, 1e-3, 1e-3, 1e-4) == 6);
        assert_true(run(&p, &seed, 2, 51e-3, 1e-3, 1e-4) == 2);
    }
    assert_floors(&p, 1e-3, 1e-3, 1e-9);
}

/* Where the phase itself is not known, a change is taken as one of both ways. */
static void without_phase(void **state)
{
    struct filter_path p;

    (void)state;
    filter_path_init(&p, 2e-3, 1e-4, 1e-4);
    for (int i = 0; i < 4; i++)
        filter_path_check(&p, 20e-3, 15e-3, 1, 1e-5);
    assert_floors(&p, 11e-3, 11e-3, 3e-3);
    assert_true(fabs(p.floor[0] - p.floor[1]) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_scale),   cmocka_unit_test(learns_tail),
        cmocka_unit_test(follows_routes), cmocka_unit_test(follows_a_short_cut),
        cmocka_unit_test(ignores_spikes), cmocka_unit_test(without_phase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
