/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/clock_keeper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/shared/clocks.h"
#include "client/shared/leap_read.h"
#include "client/shared/log.h"

/* At least so long between two lines about refused orders. */
#define REFUSED_PAUSE_NS (60 * NS_PER_S)

void clock_keeper_init(struct clock_keeper *k, enum clock_mode mode, const struct conf *c)
{
    struct wall built = clocks_build_date();

    *k = (struct clock_keeper){.limit_fds = {-1, -1}};
    /* No time before the build of this program, and none beyond the era (2^32 s) can be true. */
    clock_limit_init(&k->limit, mode, c->step_ns, c->step_count, built,
                     (struct wall){built.ns + (INT64_C(1) << 31) * NS_PER_S});
    leap_read_system(&k->leaps);
}

void clock_keeper_resume(struct clock_keeper *k, int first_fd, int second_fd)
{
    char text[CLOCK_LIMIT_TEXT];
    ssize_t n = pread(first_fd, text, sizeof text, 0);

    if (n <= 0)
        n = pread(second_fd, text, sizeof text, 0);
    k->limit_fds[0] = first_fd;
    k->limit_fds[1] = second_fd;
    /* It is empty at the first start in this boot. */
    if (n == 0 || (n > 0 && clock_limit_restore(&k->limit, text, (size_t)n)))
        return;
    clock_limit_spent(&k->limit);
    log_warning("what was stored of the allowance of steps cannot be read: no more steps until the "
                "machine has slept or been started again");
}

void clock_keeper_tell(const struct clock_keeper *k, struct msg_setup *setup)
{
    struct clock_reading reading;

    setup->steps_made = k->limit.steps;
    setup->synchronized = k->limit.synchronized;
    if (clock_set_read(&reading) == 0)
        setup->kernel_rate = reading.rate;
}

int64_t clock_keeper_date_floor(const struct clock_keeper *k, const struct conf *c,
                                const struct msg_ke_start *m)
{
    struct clock_reading reading;
    int64_t built = clocks_build_date().ns / NS_PER_S;

    if (!m->two_steps || c->dates_strict || k->limit.synchronized ||
        clock_set_read(&reading) != 0 ||
        (!reading.time_error && (reading.status & CLOCK_UNSYNC) == 0))
        return 0;
    return m->last_good_s > built ? m->last_good_s : built;
}

static void save_limit(const struct clock_keeper *k)
{
    char text[CLOCK_LIMIT_TEXT];
    size_t n = clock_limit_save(&k->limit, text, sizeof text);

    for (int i = 0; i < 2; i++) {
        int fd = k->limit_fds[i];

        if (fd >= 0 && (ftruncate(fd, 0) != 0 || pwrite(fd, text, n, 0) != (ssize_t)n))
            log_warning("the allowance of steps cannot be stored: %s", strerror(errno));
    }
}

/* Those that the log does not know of, but for the newest `but`. */
static void tell_refused(struct clock_keeper *k, unsigned but)
{
    unsigned long long untold = k->refused - k->told - but;

    if (untold > 0)
        log_warning("%llu more orders to change the clock were refused", untold);
    k->told = k->refused;
}

void clock_keeper_engine_ended(struct clock_keeper *k)
{
    tell_refused(k, 0);
}

/* An engine in other hands shall not fill the log: one line now and then, all are counted. */
static void refused(struct clock_keeper *k, enum clock_verdict v)
{
    struct mono now = clocks_mono();

    k->refused++;
    if (k->told > 0 && now.ns - k->told_at.ns < REFUSED_PAUSE_NS)
        return;
    tell_refused(k, 1);
    log_warning("an order to change the clock was refused: %s", clock_verdict_text(v));
    k->told_at = now;
}

/* Whether somebody else has changed what we had set. */
static bool foreign_change(const struct clock_keeper *k)
{
    const uint32_t ours = CLOCK_PLL | CLOCK_FREQHOLD;
    struct clock_reading now;

    if (!k->set_before || clock_set_read(&now) != 0)
        return false;
    return now.freq != k->last_set.freq || now.tick_us != k->last_set.tick_us ||
           (now.status & ours) != (k->last_set.status & ours);
}

void clock_keeper_order(struct clock_keeper *k, const struct msg_clock *m,
                        struct msg_clock_result *r)
{
    struct clock_limit before = k->limit;

    *r = (struct msg_clock_result){.type = MSG_CLOCK_RESULT, .foreign = foreign_change(k)};
    r->verdict =
        (int32_t)clock_limit_check(&k->limit, &m->order, clocks_mono(), clocks_wall(), &k->leaps);
    if (r->verdict != CLOCK_VERDICT_OK) {
        refused(k, (enum clock_verdict)r->verdict);
        return;
    }
    r->error = clock_set_apply(&m->order, &k->last_set);
    if (r->error == 0 && (m->order.what & CLOCK_SET_STATUS) != 0)
        k->synchronized = (m->order.status & CLOCK_UNSYNC) == 0;
    if (k->limit.steps != before.steps || k->limit.synchronized != before.synchronized ||
        k->limit.have_reference != before.have_reference)
        save_limit(k);
    k->set_before = r->error == 0 || clock_set_read(&k->last_set) == 0;
}
