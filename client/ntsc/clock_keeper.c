/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/clock_keeper.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "client/ntsc/set_note.h"
#include "client/shared/clocks.h"
#include "client/shared/leap_read.h"
#include "client/shared/log.h"

/* At least so long between two lines about refused orders. */
#define REFUSED_PAUSE_NS (60 * NS_PER_S)

/*
 * A virtual machine may be paused at any time, and its kernel then sets the battery clock by a time
 * that has not gone on: it has to be looked at before that, also where the kernel keeps to another
 * period than we know. Other machines are looked at for who else changes the clock while nobody
 * answers.
 */
#define LOOK_VIRTUAL_NS (64 * NS_PER_S)
#define LOOK_NS         (1024 * NS_PER_S)
/* A daemon that is killed loses so much of the ledger at most. */
#define SAVE_NS (3600 * NS_PER_S)
/* A note counts for what is seen so long after it: the one-shot makes two orders. */
#define NOTE_NS (60 * NS_PER_S)

void clock_keeper_allow(struct clock_keeper *k, const struct conf *c)
{
    k->limit.later_ns = c->later_ns;
    /* No time before the build of this program can be true, unless its owner trusts in three
       sources that say so. */
    k->limit.floor.ns = c->trust_old ? 0 : clocks_build_date().ns;
}

void clock_keeper_init(struct clock_keeper *k, enum clock_mode mode, const struct conf *c)
{
    struct wall built = clocks_build_date();

    *k = (struct clock_keeper){.limit_fds = {-1, -1}, .note = -1};
    other_clocks_none(&k->others);
    /* None beyond the era (2^32 s) can be true. */
    clock_limit_init(&k->limit, mode, c->step_ns, c->step_count, built,
                     (struct wall){built.ns + (INT64_C(1) << 31) * NS_PER_S});
    clock_keeper_allow(k, c);
    clock_keeper_read_leaps(k);
}

void clock_keeper_read_leaps(struct clock_keeper *k)
{
    leap_read_system(&k->leaps);
}

void clock_keeper_resume(struct clock_keeper *k, int first_fd, int second_fd)
{
    char text[CLOCK_LIMIT_TEXT + CLOCK_LIMIT_SEEN_TEXT];
    ssize_t n = pread(first_fd, text, sizeof text, 0);
    const char *end;
    size_t line;

    if (n <= 0)
        n = pread(second_fd, text, sizeof text, 0);
    k->limit_fds[0] = first_fd;
    k->limit_fds[1] = second_fd;
    /* It is empty at the first start in this boot. */
    if (n == 0)
        return;
    end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    line = end != NULL ? (size_t)(end - text) + 1 : 0;
    if (end != NULL && clock_limit_restore(&k->limit, text, line)) {
        /* What an older program has stored has no second line. */
        if ((size_t)n == line || clock_limit_restore_seen(&k->limit, text + line, (size_t)n - line))
            return;
    }
    clock_limit_spent(&k->limit);
    log_warning("what was stored of the allowance of steps cannot be read: no more steps until the "
                "machine has slept or been started again");
}

void clock_keeper_tell(const struct clock_keeper *k, struct msg_setup *setup)
{
    struct clock_reading reading;

    setup->steps_made = k->limit.steps;
    setup->synchronized = k->limit.synchronized;
    setup->leaps = k->leaps;
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

void clock_keeper_save(struct clock_keeper *k)
{
    char text[CLOCK_LIMIT_TEXT + CLOCK_LIMIT_SEEN_TEXT];
    size_t n = clock_limit_save(&k->limit, text, CLOCK_LIMIT_TEXT);

    n += clock_limit_save_seen(&k->limit, text + n, sizeof text - n);
    k->saved_at = clocks_mono();
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

/* Whether somebody else has changed what we had set; from now on that is what is there. */
static bool foreign_change(struct clock_keeper *k, const struct clock_reading *now)
{
    const uint32_t ours = CLOCK_PLL | CLOCK_FREQHOLD;
    bool foreign =
        k->set_before && (now->freq != k->last_set.freq || now->tick_us != k->last_set.tick_us ||
                          (now->status & ours) != (k->last_set.status & ours));

    if (foreign)
        k->last_set = *now;
    return foreign;
}

/* Who it was: `ntsc -s` leaves a note before it changes anything. */
static enum clock_changed_by changed_by(const struct clock_keeper *k, struct raw now)
{
    struct raw at;

    return set_note_read(k->note, &at) && at.ns <= now.ns && now.ns - at.ns < NOTE_NS
               ? CLOCK_CHANGED_BY_SET
               : CLOCK_CHANGED_BY_OTHERS;
}

/* What the leap second for which we have armed the kernel has moved its clock by since. */
static int64_t leapt_ns(struct clock_keeper *k, struct wall now)
{
    int64_t ns = k->leap_ns;

    /* 23:59:59 comes twice, or not at all: it has begun a second before that midnight. */
    if (ns == 0 || now.ns / NS_PER_S < k->leap_midnight_s - 1)
        return 0;
    if (now.ns / NS_PER_S >= k->leap_midnight_s)
        k->leap_ns = 0;
    return k->limit.witness.wall.ns / NS_PER_S < k->leap_midnight_s ? ns : 0;
}

bool clock_keeper_look(struct clock_keeper *k, struct clock_answer *r)
{
    struct witness_look look = {.synchronized = k->synchronized};
    struct clock_reading now;
    int64_t moved;

    *r = (struct clock_answer){.error = 0};
    if (k->limit.mode != CLOCK_MODE_DAEMON || clock_set_read(&now) != 0)
        return false;
    clock_set_pair(&look.wall, &look.raw);
    look.rate_ppb = (int64_t)(now.rate * 1e9);
    look.leap_ns = leapt_ns(k, look.wall);
    other_clocks_read(&k->others, &look);
    r->foreign_rate = now.rate;
    r->foreign_s = s_from_ns(ns_sub_sat(look.raw.ns, k->looked.ns));
    r->foreign = foreign_change(k, &now);
    r->moved_ns = moved = clock_witness_look(&k->limit.witness, &look);
    k->looked = look.raw;
    k->looked_at = clocks_mono();
    if (moved != 0 || clocks_mono().ns - k->saved_at.ns > SAVE_NS)
        clock_keeper_save(k);
    if (moved == 0 && r->foreign == 0)
        return false;
    /* A step makes the kernel call itself unsynchronized, whoever makes it. */
    k->synchronized = k->synchronized && moved == 0;
    r->by = (uint8_t)changed_by(k, look.raw);
    return true;
}

int clock_keeper_wait_ms(const struct clock_keeper *k)
{
    int64_t period_ns = k->others.may_be_paused ? LOOK_VIRTUAL_NS : LOOK_NS;

    if (k->limit.mode != CLOCK_MODE_DAEMON || !k->set_before)
        return -1;
    return mono_ms_until(clock_witness_next(&k->limit.witness, k->looked_at, period_ns),
                         clocks_mono(), INT_MAX);
}

/* What the kernel was armed for. */
static void note_leap(struct clock_keeper *k, const struct clock_order *o)
{
    if ((o->what & CLOCK_SET_STATUS) == 0)
        return;
    k->leap_ns = (o->status & CLOCK_INS) != 0   ? -NS_PER_S
                 : (o->status & CLOCK_DEL) != 0 ? NS_PER_S
                                                : 0;
    k->leap_midnight_s = leap_next_midnight_s(clocks_wall());
}

void clock_keeper_order(struct clock_keeper *k, const struct msg_clock *m, struct clock_answer *r)
{
    struct clock_limit before;
    struct clock_order order = m->order;

    (void)clock_keeper_look(k, r);
    before = k->limit;
    r->asked = 1;
    r->verdict = (int32_t)clock_limit_take(&k->limit, &order, clocks_mono(), clocks_wall(),
                                           &k->leaps, &r->refused);
    clock_limit_rates(&k->limit, clocks_mono(), &r->rate_low, &r->rate_high);
    if (r->verdict != CLOCK_VERDICT_OK)
        refused(k, (enum clock_verdict)r->verdict);
    if (order.what == 0)
        return;
    /* The note comes first: the daemon sees the change at once. */
    if (k->limit.mode == CLOCK_MODE_ONESHOT)
        set_note_write(k->note, clocks_raw());
    r->error = clock_set_apply(&order, &k->last_set);
    if (r->error == 0 && (order.what & CLOCK_SET_STATUS) != 0)
        k->synchronized = (order.status & CLOCK_UNSYNC) == 0;
    if (r->error == 0)
        note_leap(k, &order);
    if (k->limit.steps != before.steps || k->limit.synchronized != before.synchronized ||
        k->limit.have_reference != before.have_reference || (order.what & CLOCK_SET_STEP) != 0)
        clock_keeper_save(k);
    k->set_before = r->error == 0 || clock_set_read(&k->last_set) == 0;
    r->rate = k->last_set.rate;
}
