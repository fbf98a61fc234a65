/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/machine.h"

#include <math.h>

struct machine m;

void machine_boot(int64_t true_ns, int64_t wrong_ns, double rate)
{
    const struct discipline_config config = CONFIG;

    memset(&m, 0, sizeof m);
    m.true_ns = true_ns;
    m.rate = rate;
    kernel_clock_init(&m.kernel, (struct wall){true_ns + wrong_ns});
    discipline_init(&m.d, &config, 0, false);
    clock_limit_init(&m.limit, CLOCK_MODE_DAEMON, config.step_ns, config.step_count,
                     (struct wall){0}, (struct wall){0});
    leap_table_init(&m.leaps);
    m.in = (struct discipline_input){.majority = true,
                                     .voices = 3,
                                     .rounds = DISCIPLINE_ROUNDS,
                                     .sd_s = 1e-5,
                                     .bound_s = 5e-3,
                                     .rate_sd = 1e-8,
                                     .rate_reach = 1e-6,
                                     .wander = 1e-9};
}

void machine_pass(double s)
{
    double raw = s * 1e9 / (1 + m.rate) + m.rest;

    m.rest = raw - floor(raw);
    kernel_clock_advance(&m.kernel, (int64_t)raw);
    m.raw_ns += (int64_t)raw;
    m.true_ns += (int64_t)(s * 1e9);
}

/* False: a step was refused. */
static bool order(void)
{
    uint32_t parts;

    m.ordered = discipline_update(&m.d, &m.in, &m.leaps, &m.order);
    if (!m.ordered)
        return true;
    m.verdict = clock_limit_check(&m.limit, &m.order, m.in.now, m.kernel.wall, &m.leaps);
    if (m.verdict == CLOCK_VERDICT_OK)
        assert_true(kernel_clock_order(&m.kernel, &m.order) >= 0);
    parts = m.order.what & CLOCK_SET_STEP;
    return m.verdict == CLOCK_VERDICT_OK || parts == 0;
}

void machine_update(int64_t lie_ns)
{
    m.in.now.ns = m.raw_ns;
    m.in.wall = m.kernel.wall;
    m.in.offset_ns = m.true_ns + lie_ns - m.kernel.wall.ns;
    m.in.rate = m.rate;
    if (order() || !m.ordered)
        return;
    /* A step that is refused is told, and what is to be done without it follows at once. */
    m.refused++;
    discipline_step_refused(&m.d, m.in.now);
    assert_false(order() == false && m.ordered);
}

int64_t machine_error_ns(void)
{
    return m.kernel.wall.ns - m.true_ns;
}

void machine_update_honest(void)
{
    machine_update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
}

void machine_assert_bounded(void)
{
    assert_true(fabs((double)machine_error_ns()) * 1e-9 <=
                discipline_bound_s(&m.d, (struct mono){m.raw_ns}) + 1e-9);
}

void machine_restarted(void)
{
    m.d.synchronized_once = true;
    m.limit.synchronized = true;
}
