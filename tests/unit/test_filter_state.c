/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_state.h"
#include "tests/unit/test.h"

#include <math.h>

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-9 * fmax(fabs(b), 1e-300));
}

/* What a walk of the rate adds to phase and rate, by its integrals. */
static void later(void **state)
{
    struct filter_state g = {.m = {1, 0.5}};

    (void)state;
    g.p[FILTER_XX] = 2;
    g.p[FILTER_XY] = 0.25;
    g.p[FILTER_YY] = 3;
    filter_state_later(&g, 2, 10);
    assert_near(g.m[FILTER_PHASE], 6);
    assert_near(g.p[FILTER_XX], 2 + 2 * 10 * 0.25 + 100 * 3 + 4 * 1000 / 3.0);
    assert_near(g.p[FILTER_XY], 0.25 + 10 * 3 + 4 * 100 / 2.0);
    assert_near(g.p[FILTER_YY], 3 + 4 * 10);
}

/* Seen exactly as a Kalman filter does it: one number of variance v + r moves all by its gains. */
static void sees(void **state)
{
    struct filter_state g = {.m = {1, 2, 3, 0.1}};
    double r = 0.5, slope = 2, y = 7, v, off;

    (void)state;
    g.p[FILTER_XX] = 4;
    g.p[FILTER_XY] = 1;
    g.p[FILTER_YY] = 2;
    g.p[FILTER_DD] = 0.25;
    g.p[FILTER_CC] = 0.0625;
    v = filter_state_variance(&g, slope) + r;
    assert_near(v, 4 + 0.25 + 4 * 0.0625 + 0.5);
    off = y - (1 + 3 + 0.2);
    filter_state_see(&g, slope, v, off / sqrt(v), 0);
    assert_near(g.m[FILTER_PHASE], 1 + 4 / v * off);
    assert_near(g.m[FILTER_RATE], 2 + 1 / v * off);
    assert_near(g.m[FILTER_ASYMMETRY], 3 + 0.25 / v * off);
    assert_near(g.m[FILTER_SHARE], 0.1 + slope * 0.0625 / v * off);
    assert_near(g.p[FILTER_XX], 4 - 16 / v);
    assert_near(g.p[FILTER_XD], -4 * 0.25 / v);
    assert_near(g.p[FILTER_CC], 0.0625 - pow(slope * 0.0625, 2) / v);
}

/* A mixture has the moments of its parts. */
static void mixes(void **state)
{
    struct filter_kept two[2] = {{.m = {1, 0, 0, 0}, .weight = 0.25f},
                                 {.m = {5, 4, 0, 0}, .weight = 0.75f}};
    struct filter_state out;

    (void)state;
    two[0].p[FILTER_XX] = two[1].p[FILTER_XX] = 2;
    filter_state_mix(two, (const int[2]){0, 1}, (const double[2]){1, 1}, 2, &out);
    assert_near(out.weight, 1);
    assert_near(out.m[FILTER_PHASE], 4);
    assert_near(out.m[FILTER_RATE], 3);
    assert_near(out.p[FILTER_XX], 2 + 0.25 * 9 + 0.75 * 1);
    assert_near(out.p[FILTER_XY], 0.25 * 9 + 0.75);
    assert_near(out.p[FILTER_YY], 0.25 * 9 + 0.75);
    /* a part of one */
    filter_state_mix(two, (const int[1]){1}, (const double[1]){0.5}, 1, &out);
    assert_near(out.weight, 0.375);
    assert_near(out.m[FILTER_PHASE], 5);
}

/* What rounding breaks is mended: no variance is negative, no correlation beyond 1. */
static void tidies(void **state)
{
    struct filter_state g = {.m = {0, 0, 0, 3}};

    (void)state;
    g.p[FILTER_XX] = -1;
    g.p[FILTER_YY] = 1e-12;
    g.p[FILTER_XY] = -5;
    g.p[FILTER_CC] = 1;
    filter_state_tidy(&g);
    assert_true(g.m[FILTER_SHARE] == 0.5);
    assert_near(g.p[FILTER_XX], 1e-18);
    assert_near(g.p[FILTER_XY], -sqrt(1e-18 * 1e-12));
    assert_true(g.p[FILTER_DD] == 0);
}

static void places(void **state)
{
    struct filter_state g = {.m = {1, 2, 3, 0}};

    (void)state;
    for (int c = 0; c < FILTER_COVARIANCES; c++)
        g.p[c] = 1;
    filter_state_place(&g, 9, 4);
    assert_true(g.m[FILTER_PHASE] == 9 && g.m[FILTER_RATE] == 2 && g.p[FILTER_XX] == 4);
    assert_true(g.p[FILTER_XY] == 0 && g.p[FILTER_XD] == 0 && g.p[FILTER_XC] == 0);
    assert_true(g.p[FILTER_YD] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later),  cmocka_unit_test(sees),   cmocka_unit_test(mixes),
        cmocka_unit_test(tidies), cmocka_unit_test(places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
