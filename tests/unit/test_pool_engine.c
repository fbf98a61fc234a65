/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers of one pool side by side: two pools of two, and a server beside them. */
#include "tests/unit/test.h"

#include "client/engine/pool_engine.h"
#include "client/engine/share.h"
#include "client/shared/clocks.h"

#define HOSTS 5

static struct mono now;
static unsigned forgotten, closed;
static struct host hosts[HOSTS];
static struct engine engine;

/* In the place of what the engine is made of. */
struct mono clocks_mono(void)
{
    return now;
}

void share_forget(struct engine *e, struct host *h)
{
    (void)e, (void)h;
    forgotten++;
}

void udp_close(struct udp *u)
{
    (void)u;
    closed++;
}

void engine_prepare_host(struct engine *e, struct host *h)
{
    source_init(&h->source, &e->policy, now);
    h->ke_fd = -1;
    h->good_at = now;
}

static void has(unsigned i, uint8_t address, uint64_t name)
{
    hosts[i].source.has_session = true;
    hosts[i].source.session.n_ntp = 1;
    hosts[i].source.session.ntp[0] =
        (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, address}};
    hosts[i].member = name;
}

static int begin(void **state)
{
    static const uint8_t pools[HOSTS] = {1, 1, 0, 4, 4};

    (void)state;
    now.ns = 1000 * NS_PER_S;
    memset(hosts, 0, sizeof hosts);
    engine = (struct engine){.hosts = hosts, .setup = {.servers = HOSTS}};
    for (unsigned i = 0; i < HOSTS; i++) {
        hosts[i].server.pool = pools[i];
        engine_prepare_host(&engine, &hosts[i]);
    }
    forgotten = closed = 0;
    return 0;
}

static struct msg_ke_answer answer(uint8_t address, uint64_t name)
{
    return (struct msg_ke_answer){
        .n_ntp = 2,
        .member = name,
        .ntp = {{.family = 4, .port = 123, .addr = {198, 51, 100, 9}},
                {.family = 4, .port = 123, .addr = {192, 0, 2, address}}}};
}

static void told(void **state)
{
    struct msg_ke_start m = {.n_taken = 0};

    (void)state;
    has(1, 1, 11), has(2, 2, 22), has(3, 3, 33);
    hosts[0].member = 7;
    pool_tell(&engine, &hosts[0], &m);
    assert_int_equal(m.wanted, 7);
    assert_int_equal(m.n_taken, 1); /* of its own pool alone */
    assert_int_equal(m.taken[0].name, 11);
    assert_int_equal(m.taken[0].ntp.addr[3], 1);
    m = (struct msg_ke_start){.n_taken = 0};
    pool_tell(&engine, &hosts[2], &m);
    assert_int_equal(m.n_taken, 0);
    assert_int_equal(m.wanted, 0);
}

static void differ(void **state)
{
    struct msg_ke_answer a;

    (void)state;
    has(1, 1, 11), has(2, 2, 22), has(3, 3, 33);
    assert_true((a = answer(1, 5), pool_has(&engine, &hosts[0], &a)));
    assert_true((a = answer(7, 11), pool_has(&engine, &hosts[0], &a)));
    assert_false((a = answer(7, 5), pool_has(&engine, &hosts[0], &a)));
    assert_false((a = answer(3, 33), pool_has(&engine, &hosts[0], &a)));
    assert_false((a = answer(1, 11), pool_has(&engine, &hosts[1], &a))); /* its own, again */
    assert_false((a = answer(1, 11), pool_has(&engine, &hosts[2], &a)));
    hosts[1].member = 0; /* from the store, where names are not kept */
    assert_false((a = answer(7, 0), pool_has(&engine, &hosts[0], &a)));
    assert_ptr_equal(pool_other(&engine, &hosts[0]), &hosts[1]);
    assert_ptr_equal(pool_other(&engine, &hosts[3]), NULL);
    assert_ptr_equal(pool_other(&engine, &hosts[2]), NULL);
}

static void one_after_the_other(void **state)
{
    (void)state;
    hosts[0].source.state = SOURCE_KE;
    assert_true(pool_waits(&engine, &hosts[1]));
    assert_false(pool_waits(&engine, &hosts[0]) || pool_waits(&engine, &hosts[2]) ||
                 pool_waits(&engine, &hosts[3]));
    hosts[1].source.ke_at.ns = now.ns + 1; /* it wants no keys yet, and may be asked */
    assert_false(pool_waits(&engine, &hosts[1]));
    now.ns++;
    assert_true(pool_waits(&engine, &hosts[1]));
    hosts[0].source.state = SOURCE_WAITING;
    assert_false(pool_waits(&engine, &hosts[1]));
}

static void replaced(void **state)
{
    struct msg_ke_start m = {.n_taken = 0};

    (void)state;
    has(0, 1, 11), has(1, 2, 22), has(2, 3, 33);
    now.ns += 86400 * NS_PER_S;
    assert_false(pool_is_spent(&hosts[0], now));
    now.ns++;
    assert_true(pool_is_spent(&hosts[0], now));
    assert_false(pool_is_spent(&hosts[2], now)); /* a server is not replaced */
    assert_false(pool_is_spent(&hosts[3], now)); /* has none to be replaced */
    hosts[0].source.state = SOURCE_KE;
    assert_false(pool_is_spent(&hosts[0], now));
    hosts[0].source.state = SOURCE_REFUSED;
    assert_true(pool_is_spent(&hosts[0], now));
    pool_replace(&engine, &hosts[0]);
    assert_int_equal(forgotten, 1);
    assert_int_equal(closed, 1);
    assert_int_equal(hosts[0].server.pool, 1);
    assert_int_equal(hosts[0].source.state, SOURCE_WAITING);
    assert_false(hosts[0].source.has_session || pool_is_spent(&hosts[0], now));
    pool_tell(&engine, &hosts[0], &m);
    assert_int_equal(m.wanted, 0);
    assert_int_equal(m.n_taken, 2); /* the one it had, and the other's */
    assert_int_equal(m.taken[0].name, 11);
    assert_int_equal(m.taken[1].name, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(told, begin),
        cmocka_unit_test_setup(differ, begin),
        cmocka_unit_test_setup(one_after_the_other, begin),
        cmocka_unit_test_setup(replaced, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
