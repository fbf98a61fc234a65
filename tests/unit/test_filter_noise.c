/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of noise against sums over a grid of the same density. */
#include "common/clock/filter_noise.h"
#include "tests/unit/test.h"

#include <math.h>

static struct filter_state wide(double sd)
{
    struct filter_state g = {.m = {0.3, 0, 0, 0}};

    g.p[FILTER_XX] = sd * sd;
    g.p[FILTER_YY] = 1;
    g.p[FILTER_XY] = 0.5 * sd;
    g.p[FILTER_CC] = 1e-8;
    return g;
}

/* Mean, variance and integral of prior x exp(tilt (z - x)) on |z - x| <= e/2, made a density. */
static void sum_box(double mean, double sd, double z, double e, double tilt, double out[3])
{
    double w = 0, m = 0, s = 0, norm = 0;
    const int n = 200000;

    for (int i = 0; i < n; i++) {
        double error = e * ((i + 0.5) / n - 0.5), x = z - error, u = (x - mean) / sd;
        double p = exp(-u * u / 2 + tilt * error);

        w += p;
        m += p * x;
        s += p * x * x;
        norm += exp(tilt * error);
    }
    out[0] = m / w;
    out[1] = s / w - out[0] * out[0];
    out[2] = log(w / norm / (sd * sqrt(2 * M_PI)));
}

static void check_box(enum filter_kind kind, double z, double e, const double way[2])
{
    const struct filter_excess x = {e, 1e9, {way[0], way[1]}};
    struct filter_state g = wide(1);
    double expected[3], evidence = filter_noise_observe(&g, kind, 0, z, &x);
    double tilt = kind == FILTER_TILTED ? 1 / way[1] - 1 / way[0] : 0;

    sum_box(0.3, 1, z, e, tilt, expected);
    assert_true(fabs(g.m[FILTER_PHASE] - expected[0]) < 1e-4);
    assert_true(fabs(g.p[FILTER_XX] - expected[1]) < 1e-4);
    assert_true(fabs(evidence - expected[2]) < 1e-4);
    /* what is correlated follows: gain 0.5 */
    assert_true(fabs(g.m[FILTER_RATE] - 0.5 * (expected[0] - 0.3)) < 1e-4);
}

static void boxes(void **state)
{
    static const double alike[2] = {1, 1}, tilted[2] = {2, 0.4}, other[2] = {0.3, 1.5};

    (void)state;
    for (int i = 0; i < 9; i++) {
        double z = -1.5 + 0.4 * i;

        for (double e = 0.5; e < 6; e += 0.7) {
            check_box(FILTER_UNIFORM, z, e, alike);
            check_box(FILTER_TILTED, z, e, tilted);
            check_box(FILTER_TILTED, z, e, other);
        }
    }
}

/* A narrow box is a Gaussian measurement of e^2 / 12 and the hidden noise. */
static void narrow(void **state)
{
    const struct filter_excess x = {1e-3, 1e9, {1, 1}};
    struct filter_state g = wide(1);
    double r = 1e-6 / 12 + 0.01;

    (void)state;
    (void)filter_noise_observe(&g, FILTER_UNIFORM, 0.1, 1, &x);
    assert_true(fabs(g.p[FILTER_XX] - r / (1 + r)) < 1e-9);
    assert_true(fabs(g.m[FILTER_PHASE] - (0.3 + 0.7 / (1 + r))) < 1e-9);
}

/* The learned share of the excess is taken off; beyond three usual ones it is noise. */
static void slope(void **state)
{
    const struct filter_excess x = {0.2, 1, {1, 1}}, far = {10, 1, {1, 1}};
    struct filter_state g = wide(1), h = wide(1);
    double before;

    (void)state;
    g.m[FILTER_SHARE] = h.m[FILTER_SHARE] = 0.5;
    (void)filter_noise_observe(&g, FILTER_SLOPE, 1e-4, 1, &x);
    assert_true(fabs(g.m[FILTER_PHASE] - (1 - 0.5 * 0.2)) < 1e-3);
    before = h.p[FILTER_XX];
    (void)filter_noise_observe(&h, FILTER_SLOPE, 1e-4, 1, &far);
    /* (10 - 3)^2 / 4 of noise leave little to learn */
    assert_true(h.p[FILTER_XX] > 0.9 * before && h.p[FILTER_XX] < before);
}

/* Seven deviations off: nothing moves, at the price of six. */
static void outliers(void **state)
{
    const struct filter_excess x = {1e-6, 1e9, {1, 1}};
    struct filter_state g = wide(1);
    double evidence = filter_noise_observe(&g, FILTER_UNIFORM, 0, 7.3, &x);

    (void)state;
    assert_true(g.m[FILTER_PHASE] == 0.3 && g.p[FILTER_XX] == 1);
    assert_true(fabs(evidence - (-18 - log(sqrt(2 * M_PI)))) < 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes),
        cmocka_unit_test(narrow),
        cmocka_unit_test(slope),
        cmocka_unit_test(outliers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
