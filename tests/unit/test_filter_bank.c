/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_bank.h"
#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

static double weights(const struct filter_bank *b)
{
    double sum = 0;

    for (int i = 0; i < FILTER_MODELS; i++)
        sum += (double)b->models[i].weight;
    return sum;
}

/* Measurements z = rate x t + white noise, each `dt` s. */
static void follow(struct filter_bank *b, double rate, double noise, int n, double dt,
                   uint64_t *random)
{
    struct filter_work w;

    for (int i = 1; i <= n; i++) {
        double sum = -6;

        for (int k = 0; k < 12; k++)
            sum += (double)(test_random(random) >> 11) / 9007199254740992.0;
        filter_bank_predict(b, &w, dt);
        filter_bank_observe(&w, rate * dt * i + noise * sum,
                            &(const struct filter_excess){1e-9, 1e-9, {1e-9, 1e-9}});
        filter_bank_keep(&w, b);
        assert_true(fabs(weights(b) - 1) < 1e-5);
    }
}

/* Rate and noise are learned, and the claimed error is the error. */
static void learns(void **state)
{
    struct filter_bank b;
    struct filter_state mean;
    double square = 0, claimed = 0;
    uint64_t random = 1;

    (void)state;
    for (int run = 0; run < 10; run++) {
        filter_bank_start(&b, 0, 1e-6, 0, 20e-6);
        follow(&b, 7e-6, 1e-4, 200, 64, &random);
        filter_bank_mean(&b, &mean);
        assert_true(fabs(mean.m[FILTER_RATE] - 7e-6) < 3e-8);
        square += pow(mean.m[FILTER_PHASE] - 7e-6 * 64 * 200, 2);
        claimed += mean.p[FILTER_XX];
    }
    assert_true(square < 4 * claimed && square > claimed / 8);
}

/* A rate of percents, which few hypotheses begin with, is found and is everybody's. */
static void spreads(void **state)
{
    struct filter_bank b;
    struct filter_state mean;
    uint64_t random = 2;
    double log_wander;

    (void)state;
    filter_bank_start(&b, 0, 1e-6, 0, 20e-6);
    assert_true(fabs(weights(&b) - 1) < 1e-5);
    assert_false(filter_bank_spread(&b));
    follow(&b, 0.04, 1e-4, 3, 2, &random);
    assert_true(filter_bank_spread(&b));
    filter_bank_mean(&b, &mean);
    assert_true(fabs(mean.m[FILTER_RATE] - 0.04) < 1e-3);
    (void)filter_bank_wander(&b, &log_wander);
    assert_true(log_wander < log(3e-9)); /* as unknown as before, not the greatest */
}

/* Whatever they believe: within the fence, and the rate within what a clock can be steered by. */
static void confines(void **state)
{
    const struct filter_fence fence = {.lower = -1e-3, .upper = 2e-3, .known = true};
    struct filter_bank b;
    struct filter_state mean;
    struct filter_work w;

    (void)state;
    filter_bank_start(&b, 0.5, 1e-6, 0.3, 20e-6);
    filter_bank_predict(&b, &w, 0);
    filter_bank_confine(&w, &fence, 64);
    for (int i = 0; i < FILTER_MODELS; i++) {
        assert_true(fabs(w.models[i].m[FILTER_PHASE] - 2e-3) < 1e-12);
        assert_true(w.models[i].m[FILTER_RATE] == FILTER_RATE_MOST);
        assert_true(w.models[i].p[FILTER_XX] > 0.2); /* it was wrong by as much */
    }
    filter_bank_keep(&w, &b);
    filter_bank_mean(&b, &mean);
    assert_true(mean.m[FILTER_PHASE] <= 2e-3 + 1e-12);
}

/* An asymmetry that is not known, then known: what the phase owes to it comes back. */
static void asymmetry(void **state)
{
    const struct filter_excess none = {1e-9, 1e-9, {1e-9, 1e-9}};
    struct filter_bank b;
    struct filter_state mean;
    struct filter_work w;
    uint64_t random = 3;

    (void)state;
    filter_bank_start(&b, 0, 1e-6, 0, 20e-6);
    follow(&b, 0, 1e-5, 100, 64, &random);
    filter_bank_predict(&b, &w, 64);
    filter_bank_unsettle(&w, 1e-2 * 1e-2 / 6);
    filter_bank_observe(&w, 5e-3, &none); /* one way grew by 10 ms */
    filter_bank_keep(&w, &b);
    filter_bank_mean(&b, &mean);
    assert_true(fabs(mean.m[FILTER_ASYMMETRY] - 5e-3) < 2e-4);
    assert_true(fabs(mean.m[FILTER_PHASE]) < 2e-4);
    filter_bank_predict(&b, &w, 0);
    filter_bank_decide(&w, 5e-3, 1e-12);
    filter_bank_keep(&w, &b);
    filter_bank_mean(&b, &mean);
    assert_true(fabs(mean.m[FILTER_ASYMMETRY] - 5e-3) < 1e-5);
    filter_bank_predict(&b, &w, 0);
    filter_bank_settle(&w, 0, 1e-10);
    filter_bank_keep(&w, &b);
    filter_bank_mean(&b, &mean);
    assert_true(mean.m[FILTER_ASYMMETRY] == 0 && fabs(mean.p[FILTER_DD] - 1e-10) < 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns),
        cmocka_unit_test(spreads),
        cmocka_unit_test(confines),
        cmocka_unit_test(asymmetry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
