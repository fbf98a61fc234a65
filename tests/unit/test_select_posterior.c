/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "common/clock/select_posterior.h"
#include "tests/unit/test.h"

static struct select_posterior of(const struct select_belief *b, unsigned n, double *share)
{
    return select_posterior(b, n, -1, 1, share);
}

static void one(void **state)
{
    const struct select_belief b[] = {{0.01, 1e-4, 1e-3}};
    double share[1];
    struct select_posterior p = select_posterior(b, 1, 0.01 - 0.04, 0.01 + 0.04, share);

    (void)state;
    assert_true(fabs(p.mean - 0.01) < 1e-9 && share[0] == 1);
    assert_true(p.sd > 1e-3 && p.sd < 0.04);
}

/* Noise alone: the mean weighed by 1 / sd^2, within a few per cent of its deviation. */
static void noise(void **state)
{
    const struct select_belief b[] = {{1e-3, 1e-3, 0}, {0, 1e-3, 0}, {-0.4e-3, 0.5e-3, 0}};
    double share[3], sd = 1e-3 / sqrt(6);
    struct select_posterior p = of(b, 3, share);

    (void)state;
    assert_true(fabs(p.mean - (1e-3 - 4 * 0.4e-3) / 6) < 0.15 * sd);
    assert_true(p.sd > 0.8 * sd && p.sd < 1.2 * sd);
    assert_true(fabs(share[0] + share[1] + share[2] - 1) < 1e-12 && share[2] > share[0]);
}

/* Four that agree within their asymmetries are believed, not the nearer one that does not. */
static void agreement(void **state)
{
    const struct select_belief b[] = {{30e-3, 1e-5, 0.5e-3},
                                      {0, 1e-5, 1e-3},
                                      {0.5e-3, 1e-5, 1e-3},
                                      {-0.7e-3, 1e-5, 2e-3},
                                      {0.2e-3, 1e-5, 2e-3}};
    double share[5];
    struct select_posterior p = of(b, 5, share);

    (void)state;
    assert_true(fabs(p.mean) < 0.5e-3 && share[0] < 0.01);
}

/* Of two that differ the near one. */
static void near(void **state)
{
    const struct select_belief b[] = {{0, 1e-5, 1e-4}, {5e-3, 1e-5, 3e-3}};
    double share[2];
    struct select_posterior p = of(b, 2, share);

    (void)state;
    assert_true(fabs(p.mean) < 3e-4 && share[0] > 0.9);
}

/* Two that are certain do not yield to one that is not. */
static void certainty(void **state)
{
    const struct select_belief b[] = {
        {2.8e-3, 0.65e-3, 0.48e-3}, {-6.9e-3, 0.15e-3, 0.48e-3}, {-7.1e-3, 0.15e-3, 0.48e-3}};
    double share[3];
    struct select_posterior p = of(b, 3, share);

    (void)state;
    assert_true(fabs(p.mean + 7e-3) < 0.5e-3 && share[0] < 0.05);
}

/* Moving one source moves the result without a jump, and the farther it is the less it pulls. */
static void smooth(void **state)
{
    struct select_belief b[] = {{0, 1e-4, 1e-4}, {1e-4, 1e-4, 1e-4}, {0, 1e-4, 1e-4}};
    double share[3], before = of(b, 3, share).mean, most = 0;

    (void)state;
    for (int i = 1; i <= 400; i++) {
        double mean;

        b[2].x = i * 1e-5;
        mean = of(b, 3, share).mean;
        assert_true(fabs(mean - before) < 1e-5);
        most = fmax(most, mean);
        before = mean;
    }
    assert_true(most < 3e-4 && before < 1.2e-4);
}

/* Where the truth is known to be counts more than what anybody says. */
static void place(void **state)
{
    const struct select_belief b[] = {{0, 1e-6, 1e-6}};
    double share[1];
    struct select_posterior p = select_posterior(b, 1, 0.2, 0.3, share);

    (void)state;
    assert_true(p.mean >= 0.2 && p.mean <= 0.3 && isfinite(p.sd));
    p = select_posterior(b, 1, 0.2, 0.2, share);
    assert_true(p.mean == 0.2 && p.sd == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one),   cmocka_unit_test(noise),  cmocka_unit_test(agreement),
        cmocka_unit_test(near),  cmocka_unit_test(smooth), cmocka_unit_test(certainty),
        cmocka_unit_test(place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
