/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_box.h"
#include "common/clock/filter_ep.h"
#include "tests/unit/test.h"

#include <math.h>

/* Moments of the product of a normal prior of (phase, base) and the exact likelihood. */
struct moments {
    double mass, m[2], v[2];
};

static void integrate(const struct filter_model *g, const struct filter_box *b, double hidden,
                      struct moments *out)
{
    enum { N = 300, H = 25 };
    double sx = sqrt(g->p[FILTER_XX]), sb = sqrt(g->p[FILTER_BB]), none;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < N; i++) {
        double x = sx * 12 * ((i + 0.5) / N - 0.5);

        for (int j = 0; j < N; j++) {
            double base = sb * 12 * ((j + 0.5) / N - 0.5), l = 0, p;

            for (int k = 0; k < H; k++) {
                double h = H == 1 ? 0 : 10 * ((k + 0.5) / H - 0.5);
                double z = g->m[0] + x + h * hidden;
                double up = b->upper - z - g->m[2] - base, down = z - g->m[2] - base - b->lower;

                if (up >= 0 && down >= 0)
                    l += exp(-h * h / 2 + filter_box_density(up, b->scale[0], b->tail[0], &none) +
                             filter_box_density(down, b->scale[1], b->tail[1], &none)) *
                         10 / H / sqrt(2 * M_PI);
            }
            p = l * exp(-x * x / sx / sx / 2 - base * base / sb / sb / 2);
            out->mass += p * 144.0 / N / N / (2 * M_PI);
            out->m[0] += p * 144.0 / N / N / (2 * M_PI) * x;
            out->m[1] += p * 144.0 / N / N / (2 * M_PI) * base;
            out->v[0] += p * 144.0 / N / N / (2 * M_PI) * x * x;
            out->v[1] += p * 144.0 / N / N / (2 * M_PI) * base * base;
        }
    }
    for (int i = 0; i < 2; i++) {
        out->m[i] /= out->mass;
        out->v[i] = out->v[i] / out->mass - out->m[i] * out->m[i];
        out->m[i] += g->m[2 * i];
    }
}

struct box_case {
    double m, base, sx, sb, hidden;
    struct filter_box box;
};

/* The update against integration by brute force; `close` in prior standard deviations. */
static void check(const struct box_case *c, double close)
{
    struct filter_model g = {.m = {c->m, 0, c->base}}, prior;
    struct filter_excess excess;
    struct moments exact;
    double l;

    g.p[FILTER_XX] = c->sx * c->sx;
    g.p[FILTER_YY] = 1;
    g.p[FILTER_BB] = c->sb * c->sb;
    prior = g;
    l = filter_box_update(&g, &c->box, c->hidden, &excess);
    integrate(&prior, &c->box, c->hidden, &exact);
    assert_false(excess.missed);
    assert_true(fabs(l - log(exact.mass)) < 0.15);
    assert_true(fabs(g.m[0] - exact.m[0]) < close * c->sx);
    assert_true(fabs(g.m[2] - exact.m[1]) < close * c->sb);
    assert_true(fabs(sqrt(g.p[FILTER_XX] / exact.v[0]) - 1) < 0.2);
    assert_true(fabs(sqrt(g.p[FILTER_BB] / exact.v[1]) - 1) < 0.15);
}

static void as_integrated(void **state)
{
    static const struct box_case cases[] = {
        /* a wide box says little, a narrow one much, one beside the prior pulls */
        {0, 0, 1, 0.2, 0.01, {5, -5, {2, 2}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.2, 0.01, {1, -1, {2, 2}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.05, 0.01, {0.5, -0.3, {2, 2}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.2, 0.01, {4, 0.5, {2, 2}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.2, 0.01, {-1, -4, {2, 2}, {INFINITY, INFINITY}}},
        /* unlike ways tilt; hidden noise makes the edges soft */
        {0, 0, 1, 0.2, 0.01, {4, -1, {5, 0.7}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.2, 0.01, {4, -1, {0.7, 5}, {INFINITY, INFINITY}}},
        {0, 0, 1, 0.2, 0.8, {1, -1, {2, 2}, {INFINITY, INFINITY}}},
        {0, 0, 0.5, 0.2, 1, {3, 0.5, {2, 2}, {INFINITY, INFINITY}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i], 0.08);
}

/* Probabilities of half planes and quadrants that are known. */
static void quadrants(void **state)
{
    struct filter_site site[2];
    const struct filter_pair apart = {0, 0, 1, 0, 4}, bound = {0, 0, 1, 0.5, 1};

    (void)state;
    assert_true(fabs(filter_ep_below(0, 1, site) - log(0.5)) < 1e-12);
    assert_true(fabs(filter_ep_below(3, 1, site) - log(0.0013498980316301)) < 1e-9);
    assert_true(fabs(filter_ep_below(10, 1, site) + 53.23128515051247) < 1e-6);
    assert_true(filter_ep_below(-10, 1, site) == 0 && site[0].variance < 0);
    assert_true(isfinite(filter_ep_below(1e6, 1e-3, site)) && site[0].variance > 0);
    assert_true(fabs(filter_ep_both(&apart, site) - log(0.25)) < 1e-12);
    /* 1/4 + asin(rho) / (2 pi) */
    assert_true(fabs(filter_ep_both(&bound, site) - log(1.0 / 3)) < 0.01);
}

/* A sample that cannot be: left alone, at a price that does not depend on how wrong it is. */
static void outlier(void **state)
{
    const struct filter_model prior = {.p = {1e-10, 0, 0, 1e-16, 0, 1e-12}};
    struct filter_box box = {1e-2 + 2e-4, 1e-2, {1e-4, 1e-4}, {INFINITY, INFINITY}};
    struct filter_model g = prior;
    struct filter_excess excess;
    double first = filter_box_update(&g, &box, 1e-8, &excess);

    (void)state;
    assert_true(excess.missed);
    assert_memory_equal(&g, &prior, sizeof g);
    box.upper += 1000;
    box.lower += 1000;
    assert_true(fabs(filter_box_update(&g, &box, 1e-8, &excess) - first) < 1e-6);
    assert_true(excess.missed);
}

/* The densities are densities, and their slopes are slopes. */
static void densities(void **state)
{
    static const double tails[] = {INFINITY, 3, 1};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        double mass = 0, slope, none, e = 0.7;
        double above = filter_box_density(e + 1e-6, 2, tails[i], &none);

        for (double x = 0.005; x < 4000; x += 0.01)
            mass += 0.01 * exp(filter_box_density(x, 2, tails[i], &none));
        assert_true(fabs(mass - 2 / (isinf(tails[i]) ? 1 : tails[i])) < 2e-3);
        assert_true(fabs((filter_box_density(e, 2, tails[i], &slope) - above) / 1e-6 - slope) <
                    1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_integrated),
        cmocka_unit_test(quadrants),
        cmocka_unit_test(outlier),
        cmocka_unit_test(densities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
