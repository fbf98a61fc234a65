/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_bank.h"
#include "tests/unit/test.h"

#include <math.h>

#include "tests/unit/filter_bank_vectors.h"

enum { SIDE = 10, COUNT = SIDE * SIDE };

static void half_decades(double first, double *out)
{
    for (int i = 0; i < SIDE; i++)
        out[i] = pow(10, first + 0.5 * i);
}

static double heaviest(const struct filter_model *models)
{
    double w = 0;

    for (int i = 0; i < COUNT; i++)
        w = fmax(w, models[i].weight);
    return w;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-9 * fabs(b));
}

/* Configured as the reference is, the bank gives the reference's answers. */
static void same_as_reference(void **state)
{
    double wander[SIDE], hidden[SIDE], evidence[COUNT];
    struct filter_grid grid = {wander, hidden, SIDE, SIDE, 0.005, 0};
    struct filter_model models[COUNT], before[COUNT], mean;

    (void)state;
    half_decades(-11.5, wander);
    half_decades(-7, hidden);
    for (size_t i = 0; i < sizeof bank_vectors / sizeof *bank_vectors; i++) {
        double z = bank_vectors[i].z, r = bank_vectors[i].r;

        if (i == 0) {
            struct filter_model first = {.m = {z}, .p[FILTER_YY] = 50e-6 * 50e-6};

            filter_bank_init(models, &grid, &first);
            for (int k = 0; k < COUNT; k++)
                models[k].p[FILTER_XX] = r + hidden[k % SIDE] * hidden[k % SIDE];
        } else {
            filter_bank_predict(models, before, &grid, bank_vectors[i].t - bank_vectors[i - 1].t);
            filter_bank_observe(models, &grid, z, r, evidence);
            filter_bank_weigh(models, &grid, evidence);
        }
        filter_bank_mean(models, &grid, 0, &mean);
        assert_near(mean.m[0], bank_vectors[i].phase);
        if (bank_vectors[i].frequency != 0)
            assert_near(mean.m[1], bank_vectors[i].frequency);
        assert_near(heaviest(models), bank_vectors[i].heaviest);
    }
}

static double total(const struct filter_model *models, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += models[i].weight;
    return sum;
}

/* Exchange and leap move weight, they make and lose none. */
static void weight_is_conserved(void **state)
{
    const double wander[] = {1e-10, 1e-9, 1e-8}, hidden[] = {1e-7, 1e-5};
    const struct filter_grid grid = {wander, hidden, 3, 2, 0.1, 0.01};
    struct filter_model models[6], before[6], first = {.p = {1e-6, 0, 0, 1e-10, 0, 1e-8}};

    (void)state;
    filter_bank_init(models, &grid, &first);
    models[0].weight = 1;
    for (int i = 1; i < 6; i++)
        models[i].weight = 0;
    filter_bank_predict(models, before, &grid, 1);
    assert_true(fabs(total(models, 6) - 1) < 1e-12);
    assert_true(fabs(models[0].weight - 0.89) < 1e-12);
    assert_true(fabs(models[1].weight - 0.05) < 1e-12);
    assert_true(fabs(models[2].weight - 0.05) < 1e-12);
    assert_true(fabs(models[4].weight - 0.01) < 1e-12);
    for (int i = 0; i < 100; i++)
        filter_bank_predict(models, before, &grid, 1);
    assert_true(fabs(total(models, 6) - 1) < 1e-12);
}

/* Evidence that is no number, or that rules out everything, leaves weights that are usable. */
static void weights_survive(void **state)
{
    const double wander[] = {1e-10, 1e-9}, hidden[] = {1e-7};
    const struct filter_grid grid = {wander, hidden, 2, 1, 0.01, 0};
    const double bad[] = {NAN, -INFINITY}, huge[] = {-1e300, 1e300};
    struct filter_model models[2], first = {.p = {1e-6, 0, 0, 1e-10, 0, 0}};

    (void)state;
    filter_bank_init(models, &grid, &first);
    filter_bank_weigh(models, &grid, bad);
    assert_true(fabs(total(models, 2) - 1) < 1e-12);
    filter_bank_weigh(models, &grid, huge);
    assert_true(fabs(models[1].weight - 1) < 1e-12);
}

/* A covariance that rounding broke becomes positive definite; what is no number is replaced. */
static void repair(void **state)
{
    struct filter_model broken = {.m = {1, 2, 3}, .p = {1, 1.1, 0, 1, 0, 1}, .weight = 0.5};
    const struct filter_model safe = {.m = {7}, .p = {1, 0, 0, 1, 0, 1}};

    (void)state;
    filter_model_repair(&broken, &safe);
    assert_true(broken.m[0] == 1 && broken.p[FILTER_XY] > 0.9 && broken.p[FILTER_XY] < 1);
    broken.p[FILTER_BB] = NAN;
    filter_model_repair(&broken, &safe);
    assert_true(broken.m[0] == 7 && broken.weight == 0.5 && broken.p[FILTER_XY] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_reference),
        cmocka_unit_test(weight_is_conserved),
        cmocka_unit_test(weights_survive),
        cmocka_unit_test(repair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
