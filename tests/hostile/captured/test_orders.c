/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc's end of the engine's socket, in this process: messages of every length and type, with and
 * without a descriptor. What has not exactly the right form ends the engine and does nothing else.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/ntsc/orders.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "tests/unit/test.h"

#define MESSAGES 100000
#define SERVERS  3
#define LEN_MAX  600

/* What ntsc would do is counted instead. */
static unsigned spawned, applied;

int starter_engine(const struct starter *s, int socket)
{
    (void)s;
    (void)socket;
    spawned++;
    return EAGAIN;
}

int starter_ke(const struct starter *s, int socket, int ca, unsigned server, int timeout_ms)
{
    (void)server;
    (void)timeout_ms;
    (void)ca;
    return starter_engine(s, socket);
}

int ca_files_for(const struct ca_files *c, const char *path)
{
    (void)c;
    (void)path;
    return -1;
}

const char *plan_ca(const struct plan *p, unsigned i)
{
    assert_true(i < p->conf.n_servers);
    return "";
}

void plan_setup(const struct plan *p, struct msg_setup *m)
{
    (void)p;
    (void)m;
}

uint64_t ca_files_mark(const struct ca_files *c, const char *path)
{
    (void)c;
    (void)path;
    return 0;
}

void plan_server(const struct plan *p, unsigned i, uint64_t trust, struct msg_server *m)
{
    (void)trust;
    (void)p;
    (void)i;
    (void)m;
}

void plan_ke_request(const struct plan *p, unsigned i, int32_t timeout_ms, bool plain_aead,
                     struct msg_ke_request *m)
{
    (void)plain_aead;
    (void)p;
    (void)i;
    (void)timeout_ms;
    (void)m;
}

/* What the kernel says of its clock. */
static struct {
    int error;
    bool time_error;
    uint32_t status;
} kernel;

int clock_set_read(struct clock_reading *r)
{
    *r = (struct clock_reading){
        .tick_us = CLOCK_TICK_NOMINAL, .time_error = kernel.time_error, .status = kernel.status};
    return kernel.error;
}

void clock_set_pair(struct wall *wall, struct raw *raw)
{
    wall->ns = raw->ns = 0;
}

int clock_set_apply(const struct clock_order *o, struct clock_reading *after)
{
    (void)o;
    applied++;
    (void)clock_set_read(after);
    return 0;
}

static void connect_pair(struct orders *o, int *engine)
{
    int pair[2];

    assert_int_equal(ipc_pair(pair), 0);
    o->socket = pair[0];
    *engine = pair[1];
}

/* A message, most of them near a right one; returns its length. */
static size_t make(uint64_t *seed, uint8_t *buf)
{
    struct msg_ke_start ke = {.type = MSG_KE_START, .timeout_ms = 1000};
    struct msg_clock clock = {.type = MSG_CLOCK, .order = {.what = CLOCK_SET_ERRORS}};
    struct msg_done done = {.type = MSG_DONE};
    size_t len = test_random(seed) % LEN_MAX;
    uint32_t type = MSG_SETUP - 1 + (uint32_t)(test_random(seed) % 10);

    test_random_fill(seed, buf, LEN_MAX);
    switch (test_random(seed) % 6) {
    case 0: /* any octets */
        return len;
    case 1: /* of some type */
        memcpy(buf, &type, sizeof type);
        return len;
    case 2:
        ke.index = (uint16_t)(test_random(seed) % (SERVERS + 2));
        ke.timeout_ms = (int32_t)(test_random(seed) % 4000000) - 100000;
        memcpy(buf, &ke, sizeof ke);
        len = sizeof ke;
        break;
    case 3:
        done.status = (int32_t)(test_random(seed) % 8) - 2;
        memcpy(buf, &done, sizeof done);
        len = sizeof done;
        break;
    default:
        memcpy(buf, &clock, sizeof clock);
        len = sizeof clock;
    }
    /* One octet too many or too few, now and then. */
    return len + (test_random(seed) % 4 == 0) - (test_random(seed) % 4 == 0);
}

/* What may be done, said once more from the description of the messages. */
static bool right(const uint8_t *buf, size_t len)
{
    uint32_t type = 0;
    struct msg_ke_start ke;
    struct msg_done done;

    memcpy(&type, buf, len < sizeof type ? 0 : sizeof type);
    if (type == MSG_CLOCK)
        return len == sizeof(struct msg_clock);
    if (type == MSG_ALIVE)
        return len == sizeof(struct msg_alive);
    if (type == MSG_KE_START && len == sizeof ke) {
        memcpy(&ke, buf, sizeof ke);
        return ke.index < SERVERS && ke.timeout_ms >= 1 && ke.timeout_ms <= KE_TIMEOUT_MAX_MS;
    }
    if (type == MSG_DONE && len == sizeof done) {
        memcpy(&done, buf, sizeof done);
        return done.status >= 0 && done.status <= 4;
    }
    return false;
}

static void test_any_message(void **arg)
{
    static struct plan plan;
    struct handles handles = {.state = -1, .status = -1};
    struct orders o = {.plan = &plan, .handles = &handles};
    uint8_t buf[LEN_MAX + 8], answer[64];
    unsigned rights = 0;
    uint64_t seed = 1;
    int engine;

    (void)arg;
    log_open(LOG_TO_PLAIN, LOG_LEVEL_QUIET);
    plan.conf.n_servers = SERVERS;
    clock_keeper_init(&o.clock, CLOCK_MODE_DAEMON, &plan.conf);
    connect_pair(&o, &engine);
    for (unsigned i = 0; i < MESSAGES; i++) {
        size_t len = make(&seed, buf);
        unsigned done = spawned + applied;
        bool good = right(buf, len);

        assert_int_equal(ipc_send(engine, buf, len, test_random(&seed) % 8 == 0 ? 0 : -1), 0);
        assert_int_equal(orders_handle(&o), good);
        if (good) {
            o.state = ORDERS_OPEN;
            rights++;
            while (recv(engine, answer, sizeof answer, MSG_DONTWAIT) > 0)
                continue;
            continue;
        }
        assert_int_equal(spawned + applied, done);
        assert_false(orders_are_done(&o));
        close(engine);
        close(o.socket);
        connect_pair(&o, &engine);
    }
    /* Both kinds were tried. */
    assert_in_range(rights, MESSAGES / 10, MESSAGES / 10 * 9);
    assert_true(spawned > 0 && applied > 0);
    /* No descriptor that came with a message has stayed: the next one is as low as before. */
    assert_in_range(dup(0), 3, 16);
    close(engine);
    close(o.socket);
}

/* What the engine asks for is granted only where nobody vouches for the clock. */
static void test_date_floor(void **arg)
{
    const int64_t built = NTSC_BUILD_DATE;
    struct msg_ke_start m = {.two_steps = 1};
    static struct conf conf;
    struct clock_keeper k;

    (void)arg;
    clock_keeper_init(&k, CLOCK_MODE_DAEMON, &conf);
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), 0);
    kernel.status = CLOCK_PLL | CLOCK_UNSYNC;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), built);
    kernel.status = 0;
    kernel.time_error = true;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), built);
    m.last_good_s = built - 1;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), built);
    m.last_good_s = built + 1;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), built + 1);
    kernel.error = EPERM;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), 0);
    kernel.error = 0;
    conf.dates_strict = true;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), 0);
    conf.dates_strict = false;
    m.two_steps = 0;
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), 0);
    m.two_steps = 1;
    k.limit.synchronized = true; /* the allowance of this boot is over */
    assert_int_equal(clock_keeper_date_floor(&k, &conf, &m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_message),
                                       cmocka_unit_test(test_date_floor)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
