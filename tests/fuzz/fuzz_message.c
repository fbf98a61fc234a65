/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one process may say to another when it has been taken over: any octets as a message, and any
 * sequence of orders for the clock.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/msg/msg_engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/kernel_clock.h"

#define START_NS (INT64_C(1803859200) * NS_PER_S) /* 2027-03-01: no leap second is near */
#define STEP_NS  (NS_PER_S / 2)
#define STEPS    2

static void check_ke_answer(const struct msg_ke_answer *a)
{
    FUZZ_ASSERT(a->fail.stage < STAGE_COUNT && a->fail.reason < REASON_COUNT);
    if (a->fail.stage != STAGE_OK) {
        FUZZ_ASSERT(a->cookies.count == 0 && a->n_ntp == 0 && a->c2s.len == 0);
        return;
    }
    FUZZ_ASSERT(cookie_pool_valid(&a->cookies) && a->cookies.count > 0);
    FUZZ_ASSERT(a->c2s.len == aead_key_len(a->c2s.id) && a->s2c.len == a->c2s.len);
    FUZZ_ASSERT(a->n_ntp > 0 && a->n_ntp <= NET_ADDR_MAX);
    for (unsigned i = 0; i < a->n_ntp; i++)
        FUZZ_ASSERT(a->ntp[i].port != 0 && net_addr_usable(&a->ntp[i], &a->ke));
}

static void check_failure(const struct failure *f)
{
    char words[512];

    failure_text(f, (struct wall){START_NS}, words, sizeof words);
    FUZZ_ASSERT(words[0] != '\0' && strchr(words, '\n') == NULL);
}

/* A message lies in memory of its own size, aligned as recv() would put it. */
static void message(const struct fuzz_copy *m)
{
    if (msg_ke_answer_valid(m->data, m->len)) {
        check_ke_answer((const struct msg_ke_answer *)(const void *)m->data);
        check_failure(&((const struct msg_ke_answer *)(const void *)m->data)->fail);
    }
    if (msg_ke_request_valid(m->data, m->len)) {
        const struct msg_ke_request *q = (const struct msg_ke_request *)(const void *)m->data;

        FUZZ_ASSERT(strlen(q->host) > 0 && q->port != 0 && q->n_fixed <= NET_ADDR_MAX);
    }
    (void)msg_setup_valid(m->data, m->len);
    (void)msg_server_valid(m->data, m->len);
    FUZZ_ASSERT(!msg_ke_start_valid(m->data, m->len, 0));
    FUZZ_ASSERT(!msg_ke_socket_valid(m->data, m->len, 0));
    (void)msg_ke_start_valid(m->data, m->len, SERVERS_MAX);
    (void)msg_ke_socket_valid(m->data, m->len, SERVERS_MAX);
    (void)msg_clock_result_valid(m->data, m->len);
    (void)msg_control_valid(m->data, m->len);
    (void)msg_done_valid(m->data, m->len);
    (void)msg_alive_valid(m->data, m->len);
    (void)msg_clock_valid(m->data, m->len);
    if (msg_text_valid(m->data, m->len))
        FUZZ_ASSERT(((const struct msg_text *)(const void *)m->data)->len <= MSG_TEXT_MAX);
}

struct bench {
    struct kernel_clock kernel;
    struct clock_limit limit;
    struct mono now;
    /* Since the first synchronization at a known frequency: */
    bool synchronized;
    int64_t since_ns, wall_ns;
    double reference;
};

static struct clock_order read_order(struct wire_reader *r)
{
    struct clock_order o = {.what = wire_get_u8(r), .status = wire_get_u8(r)};

    if (o.what & CLOCK_SET_STEP)
        o.step_ns = (int64_t)wire_get_u64(r) >> (wire_get_u8(r) & 63);
    if (o.what & CLOCK_SET_SLEW) {
        o.offset_ns = (int32_t)wire_get_u32(r);
        o.constant = (int8_t)wire_get_u8(r);
    }
    if (o.what & CLOCK_SET_FREQ) {
        o.freq = (int32_t)wire_get_u32(r);
        o.tick_us = CLOCK_TICK_NOMINAL + (int16_t)wire_get_u16(r);
    }
    if (o.what & CLOCK_SET_ERRORS)
        o.maxerror_us = o.esterror_us = (int32_t)wire_get_u32(r);
    if (o.what & CLOCK_SET_TAI)
        o.tai_s = (int16_t)wire_get_u16(r);
    return o;
}

/* After the first synchronization the clock runs within 1000 ppm of its reference, but for what the
 * first seconds allow in all. */
static void check_run(struct bench *b)
{
    double elapsed, moved;

    if (b->limit.synchronized && b->limit.have_reference && !b->synchronized) {
        b->synchronized = true;
        b->since_ns = b->now.ns;
        b->wall_ns = b->kernel.wall.ns;
        b->reference = (double)b->limit.reference / 65536e6;
    }
    if (!b->synchronized)
        return;
    elapsed = s_from_ns(b->now.ns - b->since_ns);
    moved = s_from_ns(b->kernel.wall.ns - b->wall_ns) - elapsed * (1 + b->reference);
    FUZZ_ASSERT(fabs(moved) <=
                elapsed * (CLOCK_LIMIT_SLEW_NS * 1e-9 + CLOCK_LIMIT_FREQ / 65536e6 + 2e-6) + 0.61);
}

static void order(struct bench *b, const struct clock_order *o)
{
    static const struct leap_table no_leaps;
    struct clock_limit before = b->limit;
    struct wall wall = b->kernel.wall;
    enum clock_verdict v = clock_limit_check(&b->limit, o, b->now, wall, &no_leaps);

    FUZZ_ASSERT(clock_verdict_text(v)[0] != '\0');
    if (v != CLOCK_VERDICT_OK) {
        FUZZ_ASSERT(memcmp(&before, &b->limit, sizeof before) == 0);
        return;
    }
    FUZZ_ASSERT(kernel_clock_order(&b->kernel, o) >= 0);
    if (o->what & CLOCK_SET_STEP) {
        FUZZ_ASSERT(!before.synchronized && b->limit.steps <= STEPS);
        FUZZ_ASSERT(llabs(o->step_ns) >= STEP_NS);
        FUZZ_ASSERT(b->kernel.wall.ns >= b->limit.floor.ns &&
                    b->kernel.wall.ns <= b->limit.ceiling.ns);
    }
}

static void orders(struct wire_reader *r)
{
    struct bench b = {.now = {NS_PER_S}};

    kernel_clock_init(&b.kernel, (struct wall){START_NS});
    clock_limit_init(&b.limit, CLOCK_MODE_DAEMON, STEP_NS, STEPS,
                     (struct wall){START_NS - 1000000 * NS_PER_S},
                     (struct wall){START_NS + 1000000 * NS_PER_S});
    for (int n = 0; n < 64 && wire_left(r) > 0; n++) {
        int64_t pause = (int64_t)wire_get_u16(r) * (NS_PER_S / 16);
        struct clock_order o = read_order(r);

        order(&b, &o);
        check_run(&b);
        kernel_clock_advance(&b.kernel, pause);
        b.now.ns += pause;
        check_run(&b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    struct fuzz_copy m;

    if (wire_get_u8(&r) % 2 == 0) {
        orders(&r);
        return 0;
    }
    m = fuzz_rest(&r);
    message(&m);
    fuzz_copy_free(&m);
    return 0;
}
