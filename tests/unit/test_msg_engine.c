/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/conf/conf.h"
#include "common/msg/msg_engine.h"

/* A message that `valid` takes: no other length will do, nor another type. */
static void exact(const void *data, size_t size, bool (*valid)(const void *, size_t))
{
    uint8_t copy[ENGINE_MSG_MAX + 8] __attribute__((aligned(8)));

    memset(copy, 0, sizeof copy);
    memcpy(copy, data, size);
    assert_true(valid(copy, size));
    for (size_t len = 0; len < sizeof copy; len++)
        assert_int_equal(valid(copy, len), len == size);
    copy[0] ^= 1;
    assert_false(valid(copy, size));
}

static struct msg_setup setup(enum run_mode mode)
{
    struct msg_setup m;

    memset(&m, 0, sizeof m);
    m.type = MSG_SETUP;
    m.mode = (uint8_t)mode;
    m.servers = 1;
    m.samples = mode == RUN_DAEMON ? 0 : 1;
    m.timeout_ms = mode == RUN_DAEMON ? 0 : 5000;
    m.step_ns = m.panic_ns = m.maxdelay_ns = NS_PER_S;
    return m;
}

static bool setup_valid(const struct msg_setup *m)
{
    return msg_setup_valid(m, sizeof *m);
}

static void setups(void **state)
{
    struct msg_setup m = setup(RUN_DAEMON);

    (void)state;
    exact(&m, sizeof m, msg_setup_valid);
    m.servers = 0;
    assert_false(setup_valid(&m));
    m.servers = SERVERS_MAX;
    assert_true(setup_valid(&m));
    m.servers = SERVERS_MAX + 1;
    assert_false(setup_valid(&m));
    m = setup(RUN_DAEMON), m.leaps.n = LEAP_TABLE_MAX;
    assert_true(setup_valid(&m));
    m.leaps.n = LEAP_TABLE_MAX + 1;
    assert_false(setup_valid(&m));
    m = setup(RUN_DAEMON), m.step_ns = 0;
    assert_false(setup_valid(&m));
    m = setup(RUN_DAEMON), m.maxdelay_ns = 0;
    assert_false(setup_valid(&m));
    m = setup(RUN_DAEMON), m.panic_ns = -1;
    assert_false(setup_valid(&m));
    for (unsigned mode = 0; mode < 256; mode++) {
        m = setup((enum run_mode)mode);
        assert_int_equal(setup_valid(&m),
                         mode == RUN_CHECK || mode == RUN_SET || mode == RUN_DAEMON);
    }
}

static void oneshot_setups(void **state)
{
    struct msg_setup m = setup(RUN_SET);

    (void)state;
    m.form = RUN_FORMS;
    assert_false(setup_valid(&m));
    m.form = RUN_PLUGIN;
    assert_true(setup_valid(&m));
    m.samples = 0;
    assert_false(setup_valid(&m));
    m.samples = SAMPLES_MAX;
    assert_true(setup_valid(&m));
    m.samples = SAMPLES_MAX + 1;
    assert_false(setup_valid(&m));
    m = setup(RUN_CHECK), m.timeout_ms = 0;
    assert_false(setup_valid(&m));
    m.timeout_ms = 3600 * 1000;
    assert_true(setup_valid(&m));
    m.timeout_ms++;
    assert_false(setup_valid(&m));
}

static struct msg_server server(void)
{
    struct msg_server m;

    memset(&m, 0, sizeof m);
    m.type = MSG_SERVER;
    m.port = NTS_KE_PORT;
    m.minpoll = CONF_POLL_MIN;
    m.maxpoll = CONF_POLL_MAX;
    strcpy(m.host, "ntp.example.org");
    strcpy(m.id, "ntp.example.org 4460");
    return m;
}

static bool server_valid(const struct msg_server *m)
{
    return msg_server_valid(m, sizeof *m);
}

static void servers(void **state)
{
    struct msg_server m = server();

    (void)state;
    exact(&m, sizeof m, msg_server_valid);
    m.index = SERVERS_MAX;
    assert_false(server_valid(&m));
    m = server(), m.port = 0;
    assert_false(server_valid(&m));
    m = server(), m.host[0] = '\0';
    assert_false(server_valid(&m));
    m = server(), memset(m.host, 'a', sizeof m.host);
    assert_false(server_valid(&m));
    m = server(), m.id[0] = '\0';
    assert_false(server_valid(&m));
    m = server(), memset(m.id, 'a', sizeof m.id);
    assert_false(server_valid(&m));
    m = server(), m.minpoll = CONF_POLL_MIN - 1;
    assert_false(server_valid(&m));
    m = server(), m.maxpoll = CONF_POLL_MAX + 1;
    assert_false(server_valid(&m));
    m = server(), m.minpoll = 10, m.maxpoll = 9;
    assert_false(server_valid(&m));
    m = server(), m.xleave = 1;
    assert_true(server_valid(&m));
    m.xleave = 2;
    assert_false(server_valid(&m));
}

/* What the engine says of a pool goes into the request for a pool, and into no other. */
static void pool_requests(void **state)
{
    struct msg_ke_start m;
    struct msg_ke_request r, before;

    (void)state;
    memset(&m, 0, sizeof m);
    m.n_taken = 1;
    m.wanted = 9;
    m.taken[0].ntp.family = 4;
    memset(&r, 0, sizeof r);
    before = r;
    msg_ke_request_pool(&r, &m);
    assert_memory_equal(&r, &before, sizeof r);
    r.is_pool = 1;
    msg_ke_request_pool(&r, &m);
    assert_int_equal(r.n_taken, 1);
    assert_true(r.wanted == 9);
    assert_memory_equal(r.taken, m.taken, sizeof r.taken);
}

static bool ke_start_valid(const void *data, size_t len)
{
    return msg_ke_start_valid(data, len, 2);
}

static bool ke_socket_valid(const void *data, size_t len)
{
    return msg_ke_socket_valid(data, len, 2);
}

static void key_exchanges(void **state)
{
    struct msg_ke_start start = {.type = MSG_KE_START, .index = 1, .timeout_ms = 1};
    struct msg_ke_socket socket = {.type = MSG_KE_SOCKET, .index = 1};

    (void)state;
    exact(&start, sizeof start, ke_start_valid);
    exact(&socket, sizeof socket, ke_socket_valid);
    start.timeout_ms = 0;
    assert_false(ke_start_valid(&start, sizeof start));
    start.timeout_ms = KE_TIMEOUT_MAX_MS;
    assert_true(ke_start_valid(&start, sizeof start));
    start.timeout_ms++;
    assert_false(ke_start_valid(&start, sizeof start));
    start.timeout_ms = 1, start.two_steps = 2;
    assert_false(ke_start_valid(&start, sizeof start));
    start.two_steps = 1, start.n_taken = 1; /* without an address */
    assert_false(ke_start_valid(&start, sizeof start));
    start.taken[0].ntp = (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, 1}};
    assert_true(ke_start_valid(&start, sizeof start));
    start.n_taken = 0; /* with one that is not counted */
    assert_false(ke_start_valid(&start, sizeof start));
    memset(start.taken, 0, sizeof start.taken);
    start.n_taken = POOL_MAX + 1;
    assert_false(ke_start_valid(&start, sizeof start));
    start.n_taken = 0, start.zero = 1;
    assert_false(ke_start_valid(&start, sizeof start));
    start.zero = 0, start.plain_aead = 2;
    assert_false(ke_start_valid(&start, sizeof start));
    start.plain_aead = 1, start.last_good_s = -1;
    assert_false(ke_start_valid(&start, sizeof start));
    socket.wait_ms = -1;
    assert_false(ke_socket_valid(&socket, sizeof socket));
    socket.wait_ms = 0;
    start.last_good_s = 0, start.index = socket.index = 2;
    assert_false(ke_start_valid(&start, sizeof start));
    assert_false(ke_socket_valid(&socket, sizeof socket));
}

static void orders_and_ends(void **state)
{
    struct msg_clock clock = {.type = MSG_CLOCK};
    struct msg_clock_result result = {.type = MSG_CLOCK_RESULT};
    struct msg_alive alive = {.type = MSG_ALIVE};
    struct msg_control control = {.type = MSG_CONTROL};
    struct msg_done done = {.type = MSG_DONE};

    (void)state;
    exact(&clock, sizeof clock, msg_clock_valid);
    exact(&result, sizeof result, msg_clock_result_valid);
    exact(&alive, sizeof alive, msg_alive_valid);
    exact(&done, sizeof done, msg_done_valid);
    for (uint32_t what = 0; what < 10; what++) {
        control.what = what;
        assert_int_equal(msg_control_valid(&control, sizeof control),
                         what >= CONTROL_STOP && what <= CONTROL_SHOW_LIFE);
    }
    control.what = CONTROL_STOP;
    exact(&control, sizeof control, msg_control_valid);
    for (int32_t status = -2; status < 10; status++) {
        done.status = status;
        assert_int_equal(msg_done_valid(&done, sizeof done), status >= 0 && status <= 4);
    }
}

static void texts(void **state)
{
    struct msg_text text = {.type = MSG_TEXT, .kind = TEXT_NOTICE, .len = MSG_TEXT_MAX};

    (void)state;
    exact(&text, sizeof text, msg_text_valid);
    text.len = MSG_TEXT_MAX + 1;
    assert_false(msg_text_valid(&text, sizeof text));
    text.len = 0;
    for (uint16_t kind = 0; kind < 10; kind++) {
        text.kind = kind;
        assert_int_equal(msg_text_valid(&text, sizeof text),
                         kind >= TEXT_OUTPUT && kind <= TEXT_DETAIL);
    }
}

/* Each has a name of its own, by which it is refused. */
static void type_names(void **state)
{
    const char *unknown = msg_type_name(0);
    unsigned known = 0;

    (void)state;
    for (uint32_t a = MSG_SETUP - 1; a < MSG_SETUP + 64; a++) {
        if (strcmp(msg_type_name(a), unknown) == 0)
            continue;
        known++;
        for (uint32_t b = a + 1; b < MSG_SETUP + 64; b++)
            assert_string_not_equal(msg_type_name(a), msg_type_name(b));
    }
    assert_in_range(known, 10, 63);
}

static void types(void **state)
{
    const struct msg_done done = {.type = MSG_DONE};

    (void)state;
    assert_int_equal(msg_type(&done, sizeof done), MSG_DONE);
    assert_int_equal(msg_type(&done, 4), MSG_DONE);
    for (size_t len = 0; len < 4; len++)
        assert_int_equal(msg_type(&done, len), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setups),        cmocka_unit_test(oneshot_setups),
        cmocka_unit_test(servers),       cmocka_unit_test(pool_requests),
        cmocka_unit_test(key_exchanges), cmocka_unit_test(orders_and_ends),
        cmocka_unit_test(types),         cmocka_unit_test(texts),
        cmocka_unit_test(type_names),
    };

    return cmocka_run_group_tests_name("msg_engine", tests, NULL, NULL);
}
