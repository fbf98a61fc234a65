/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "common/msg/msg.h"

static struct net_addr addr(const char *text)
{
    struct net_addr a = {.port = 123};

    if (inet_pton(AF_INET, text, a.addr) == 1) {
        a.family = 4;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, a.addr), 1);
        a.family = 6;
    }
    return a;
}

static bool usable(const char *ntp, const char *ke)
{
    struct net_addr a = addr(ntp), b = addr(ke);

    return net_addr_usable(&a, &b);
}

static void usable_addresses(void **state)
{
    static const char *const ordinary[] = {"192.0.2.1",
                                           "10.0.0.1",
                                           "126.255.255.255",
                                           "128.0.0.1",
                                           "1.0.0.0",
                                           "223.255.255.255",
                                           "255.0.0.1",
                                           "255.255.0.1",
                                           "255.255.255.1",
                                           "169.1.2.3",
                                           "::2",
                                           "2001:db8::1",
                                           "fd00::1",
                                           "::ffff:192.0.2.1",
                                           "fec0::1",
                                           "64:ff9b::1"};
    static const char *const never[] = {
        "0.0.0.0",   "0.1.2.3", "224.0.1.1",      "239.255.255.255",  "255.255.255.255",       "::",
        "ff02::101", "ff0e::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:255.255.255.255"};
    static const char *const loopback[] = {"127.0.0.1", "127.255.255.254", "::1",
                                           "::ffff:127.0.0.1"};
    static const char *const link[] = {"169.254.1.2", "fe80::1", "febf::1"};

    (void)state;
    for (size_t i = 0; i < sizeof ordinary / sizeof ordinary[0]; i++) {
        assert_true(usable(ordinary[i], "192.0.2.1"));
        assert_true(usable(ordinary[i], "2001:db8::5"));
        assert_true(usable(ordinary[i], "127.0.0.1"));
        assert_true(usable(ordinary[i], "fe80::1"));
    }
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_false(usable(never[i], "192.0.2.1"));
        assert_false(usable(never[i], "127.0.0.1"));
        assert_false(usable(never[i], never[i]));
    }
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
        assert_false(usable(loopback[i], "192.0.2.1"));
        assert_false(usable(loopback[i], "2001:db8::5"));
        assert_false(usable(loopback[i], "fe80::1"));
        assert_true(usable(loopback[i], "127.0.0.1"));
        assert_true(usable(loopback[i], "::1"));
    }
    for (size_t i = 0; i < sizeof link / sizeof link[0]; i++) {
        assert_false(usable(link[i], "192.0.2.1"));
        assert_false(usable(link[i], "127.0.0.1"));
        assert_true(usable(link[i], link[i]));
    }
    assert_false(usable("169.254.1.2", "fe80::1"));
}

static void address_shapes(void **state)
{
    struct net_addr ke = addr("fe80::1"), a;

    (void)state;
    ke.scope = 2;
    a = addr("fe80::2"), a.scope = 2;
    assert_true(net_addr_usable(&a, &ke));
    a.scope = 3; /* another link */
    assert_false(net_addr_usable(&a, &ke));
    a = addr("2001:db8::1"), a.scope = 2; /* a zone where none belongs */
    assert_false(net_addr_usable(&a, &ke));
    a = addr("192.0.2.1"), a.port = 0;
    assert_false(net_addr_usable(&a, &ke));
    a = addr("192.0.2.1"), a.zero = 1;
    assert_false(net_addr_usable(&a, &ke));
    a = addr("192.0.2.1"), a.scope = 1;
    assert_false(net_addr_usable(&a, &ke));
    a = addr("192.0.2.1"), a.addr[15] = 1;
    assert_false(net_addr_usable(&a, &ke));
    for (unsigned family = 0; family < 256; family++) {
        a = addr("192.0.2.1"), a.family = (uint8_t)family;
        assert_int_equal(net_addr_usable(&a, &ke), family == 4 || family == 6);
    }
    a = addr("192.0.2.1");
    memset(&ke, 0, sizeof ke); /* nothing to judge beside */
    assert_false(net_addr_usable(&a, &ke));
}

static void equal_addresses(void **state)
{
    struct net_addr a = addr("192.0.2.1"), b = a;

    (void)state;
    assert_true(net_addr_equal(&a, &b));
    b.port++;
    assert_false(net_addr_equal(&a, &b));
    b = addr("192.0.2.2");
    assert_false(net_addr_equal(&a, &b));
    b = a, b.family = 6;
    assert_false(net_addr_equal(&a, &b));
}

static struct msg_ke_request request(void)
{
    struct msg_ke_request m;

    memset(&m, 0, sizeof m);
    m.type = MSG_KE_REQUEST;
    m.port = NTS_KE_PORT;
    m.timeout_ms = 10000;
    strcpy(m.host, "ntp.example.org");
    return m;
}

static bool request_valid(const struct msg_ke_request *m)
{
    return msg_ke_request_valid(m, sizeof *m);
}

static void requests(void **state)
{
    struct msg_ke_request m = request();

    (void)state;
    assert_true(request_valid(&m));
    for (size_t len = 0; len < sizeof m; len++)
        assert_false(msg_ke_request_valid(&m, len));
    assert_false(msg_ke_request_valid(&m, sizeof m + 1));
    m = request(), m.type = MSG_KE_ANSWER;
    assert_false(request_valid(&m));
    m = request(), m.port = 0;
    assert_false(request_valid(&m));
    m = request(), m.timeout_ms = 0;
    assert_false(request_valid(&m));
    m = request(), m.timeout_ms = -1;
    assert_false(request_valid(&m));
    m = request(), m.zero = 1;
    assert_false(request_valid(&m));
    m = request(), m.plain_aead = 1;
    assert_true(request_valid(&m));
    m.plain_aead = 2;
    assert_false(request_valid(&m));
    m = request(), m.ask.aead = (struct aead_list){.n = 2, .id = {30, 15}};
    assert_true(request_valid(&m));
    m.ask.aead.id[1] = 30;
    assert_false(request_valid(&m));
    m = request(), m.time_floor_s = -1;
    assert_false(request_valid(&m));
    for (unsigned family = 0; family < 256; family++) {
        m = request(), m.family = (uint8_t)family;
        assert_int_equal(request_valid(&m), family == 0 || family == 4 || family == 6);
    }
}

/* Who is taken already, and who is wanted, means something for a pool only. */
static void request_pools(void **state)
{
    struct msg_ke_request m = request();

    (void)state;
    m.is_pool = 1;
    m.wanted = 7;
    m.n_taken = 1;
    m.taken[0].ntp = addr("192.0.2.2");
    assert_true(request_valid(&m));
    m.is_pool = 2;
    assert_false(request_valid(&m));
    m.is_pool = 0;
    assert_false(request_valid(&m));
    m.n_taken = 0;
    memset(m.taken, 0, sizeof m.taken);
    assert_false(request_valid(&m)); /* wanted */
    m.wanted = 0;
    assert_true(request_valid(&m));
    m.is_pool = 1, m.n_taken = POOL_MAX + 1;
    assert_false(request_valid(&m));
    m.n_taken = 1; /* one that is nobody */
    assert_false(request_valid(&m));
}

static void request_strings(void **state)
{
    struct msg_ke_request m = request();

    (void)state;
    m.host[0] = '\0';
    assert_false(request_valid(&m));
    memset(m.host, 0, sizeof m.host);
    assert_false(request_valid(&m));
    m = request(), memset(m.host, 'a', sizeof m.host);
    assert_false(request_valid(&m));
    m.host[sizeof m.host - 1] = '\0';
    assert_true(request_valid(&m));
    m = request(), m.host[sizeof m.host - 1] = 'x'; /* something behind the end */
    assert_false(request_valid(&m));
    m = request(), memset(m.ca, '/', sizeof m.ca);
    assert_false(request_valid(&m));
    m.ca[CA_PATH_MAX] = '\0';
    assert_true(request_valid(&m));
    m = request(), strcpy(m.ask.ntp_server, "ntp2.example.org"), m.ask.ntp_port = 1123;
    assert_true(request_valid(&m));
    strcpy(m.ask.ntp_server, "not a name, far");
    assert_false(request_valid(&m));
    m = request(), memset(m.ask.ntp_server, 'a', sizeof m.ask.ntp_server);
    assert_false(request_valid(&m));
}

static void request_addresses(void **state)
{
    struct msg_ke_request m = request();

    (void)state;
    m.fixed[0] = addr("192.0.2.1"), m.fixed[1] = addr("::1");
    assert_false(request_valid(&m)); /* more than are counted */
    m.n_fixed = 2;
    assert_true(request_valid(&m));
    m.n_fixed = 3;
    assert_false(request_valid(&m));
    for (size_t i = 0; i < NET_ADDR_MAX; i++)
        m.fixed[i] = addr("192.0.2.1");
    m.n_fixed = NET_ADDR_MAX;
    assert_true(request_valid(&m));
    m.n_fixed++;
    assert_false(request_valid(&m));
}

static struct msg_ke_answer answer(void)
{
    struct msg_ke_answer m;

    memset(&m, 0, sizeof m);
    m.type = MSG_KE_ANSWER;
    m.reached = 1;
    m.c2s.id = m.s2c.id = 15;
    m.c2s.len = m.s2c.len = 32;
    memset(m.c2s.key, 1, 32);
    memset(m.s2c.key, 2, 32);
    assert_true(cookie_pool_add(&m.cookies, (const uint8_t *)"cookie", 6));
    m.n_ntp = 1;
    m.ntp[0] = addr("192.0.2.1");
    m.ke = addr("192.0.2.2");
    m.not_before_s = 1700000000;
    m.not_after_s = 1800000000;
    return m;
}

static bool answer_valid(const struct msg_ke_answer *m)
{
    return msg_ke_answer_valid(m, sizeof *m);
}

static void good_answers(void **state)
{
    struct msg_ke_answer m = answer();

    (void)state;
    assert_true(answer_valid(&m));
    for (size_t len = 0; len < sizeof m; len++)
        assert_false(msg_ke_answer_valid(&m, len));
    m = answer(), m.type = MSG_KE_REQUEST;
    assert_false(answer_valid(&m));
    m = answer(), m.plain_aead = 1;
    assert_true(answer_valid(&m));
    m.plain_aead = 2;
    assert_false(answer_valid(&m));
    m = answer(), m.reached = 0;
    assert_false(answer_valid(&m));
    m = answer(), m.provisional = 1;
    assert_true(answer_valid(&m));
    m = answer(), m.provisional = 2;
    assert_false(answer_valid(&m));
    m = answer(), m.reached = 2;
    assert_false(answer_valid(&m));
    m = answer(), m.fail.reason = REASON_TIMEOUT;
    assert_false(answer_valid(&m));
    m = answer(), m.not_after_s = m.not_before_s - 1;
    assert_false(answer_valid(&m));
    m = answer(), m.cookies.count = 0, m.cookies.len[0] = 0, memset(m.cookies.data, 0, 6);
    assert_false(answer_valid(&m));
    m = answer(), m.cookies.count = 9;
    assert_false(answer_valid(&m));
    m = answer(), m.cookies.len[0] = 1025;
    assert_false(answer_valid(&m));
}

static void answer_keys(void **state)
{
    struct msg_ke_answer m;

    (void)state;
    for (unsigned id = 0; id < 40; id++) {
        for (unsigned len = 0; len <= 70; len++) {
            m = answer();
            m.c2s.id = m.s2c.id = (uint16_t)id;
            m.c2s.len = m.s2c.len = (uint16_t)len;
            assert_int_equal(answer_valid(&m), (id == 15 && len == 32) || (id == 16 && len == 48) ||
                                                   (id == 17 && len == 64));
        }
    }
    m = answer(), m.s2c.id = 16, m.s2c.len = 48;
    assert_false(answer_valid(&m));
    memset(m.s2c.key, 2, 48); /* well-formed, but of another algorithm */
    assert_false(answer_valid(&m));
    m = answer(), m.s2c.len = 0;
    assert_false(answer_valid(&m));
    m = answer(), m.c2s.key[32] = 1;
    assert_false(answer_valid(&m));
}

static void answer_addresses(void **state)
{
    struct msg_ke_answer m = answer();

    (void)state;
    m.n_ntp = 0;
    assert_false(answer_valid(&m));
    m = answer(), m.n_ntp = 2;
    assert_false(answer_valid(&m));
    m = answer(), m.ntp[1] = addr("192.0.2.3");
    assert_false(answer_valid(&m));
    m.n_ntp = 2;
    assert_true(answer_valid(&m));
    m.n_ntp = NET_ADDR_MAX + 1;
    assert_false(answer_valid(&m));
    m = answer(), m.ntp[0] = addr("127.0.0.1");
    assert_false(answer_valid(&m));
    m.ke = addr("::1");
    assert_true(answer_valid(&m));
    m = answer(), memset(&m.ke, 0, sizeof m.ke);
    assert_false(answer_valid(&m));
}

static void failed_answers(void **state)
{
    struct msg_ke_answer m;

    (void)state;
    memset(&m, 0, sizeof m);
    m.type = MSG_KE_ANSWER;
    m.fail = failure_make(STAGE_TLS_TIME, REASON_EXPIRED, 0);
    m.fail.not_after_s = 1;
    assert_true(answer_valid(&m));
    m.reached = 1, m.ke = addr("192.0.2.2");
    assert_true(answer_valid(&m));
    m.fail.stage = STAGE_COUNT;
    assert_false(answer_valid(&m));
    m.fail.stage = STAGE_TLS, m.fail.reason = REASON_COUNT;
    assert_false(answer_valid(&m));
    m.fail.reason = REASON_ALERT;
    assert_true(answer_valid(&m));
    m.ke.port = 0;
    assert_false(answer_valid(&m));
    /* A failure gives no addresses, keys, cookies. */
    m = answer(), m.fail.stage = STAGE_TLS;
    assert_false(answer_valid(&m));
    m.n_ntp = 0;
    assert_false(answer_valid(&m));
    memset(&m.c2s, 0, sizeof m.c2s);
    assert_false(answer_valid(&m));
    memset(&m.s2c, 0, sizeof m.s2c);
    assert_false(answer_valid(&m));
    memset(&m.cookies, 0, sizeof m.cookies);
    assert_false(answer_valid(&m));
    memset(m.ntp, 0, sizeof m.ntp);
    assert_true(answer_valid(&m));
    m.n_ntp = 1;
    assert_false(answer_valid(&m));
    m.n_ntp = 0, m.provisional = 1;
    assert_false(answer_valid(&m));
    m.provisional = 0, m.plain_aead = 1;
    assert_false(answer_valid(&m));
    m.plain_aead = 0, m.member = 1;
    assert_false(answer_valid(&m));
    m.member = 0;
    assert_true(answer_valid(&m));
}

/* As the C library writes it, for runs of zeros everywhere; its own "::1.2.3.4" form apart. */
static void texts(void **state)
{
    char buf[NET_ADDR_TEXT], expected[INET6_ADDRSTRLEN];
    uint8_t back[16];
    uint64_t seed = 13;
    struct net_addr a;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t r = test_random(&seed);

        memset(&a, 0, sizeof a);
        a.family = 6;
        test_random_fill(&seed, a.addr, 16);
        for (int g = 0; g < 8; g++) {
            if (r >> g & 1)
                a.addr[2 * g] = a.addr[2 * g + 1] = 0;
            if (r >> (g + 8) & 1)
                a.addr[2 * g] = 0;
        }
        if ((r & 0x3f) == 0x3f && !(r >> 6 & 1 && r >> 7 & 1))
            a.addr[0] = 0x20;
        assert_non_null(inet_ntop(AF_INET6, a.addr, expected, sizeof expected));
        net_addr_text(&a, buf);
        assert_int_equal(inet_pton(AF_INET6, buf, back), 1);
        assert_memory_equal(back, a.addr, sizeof back);
#ifdef __GLIBC__ /* musl's does not always leave out the first of two runs (RFC 5952               \
                    section 4.2.3) */
        if (strchr(expected, '.') == NULL)
            assert_string_equal(buf, expected);
#endif
    }
    a = addr("192.0.2.255"), net_addr_text(&a, buf);
    assert_string_equal(buf, "192.0.2.255");
    a = addr("::ffff:192.0.2.255"), net_addr_text(&a, buf);
    assert_string_equal(buf, "::ffff:192.0.2.255");
    a = addr("::"), net_addr_text(&a, buf);
    assert_string_equal(buf, "::");
    a = addr("::1"), net_addr_text(&a, buf);
    assert_string_equal(buf, "::1");
    a = addr("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), net_addr_text(&a, buf);
    assert_string_equal(buf, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
    a = addr("fe80::1"), a.scope = UINT32_MAX, net_addr_text(&a, buf);
    assert_string_equal(buf, "fe80::1%4294967295");
    memset(&a, 0, sizeof a), net_addr_text(&a, buf);
    assert_string_equal(buf, "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usable_addresses),  cmocka_unit_test(address_shapes),
        cmocka_unit_test(equal_addresses),   cmocka_unit_test(requests),
        cmocka_unit_test(request_pools),     cmocka_unit_test(request_strings),
        cmocka_unit_test(request_addresses), cmocka_unit_test(good_answers),
        cmocka_unit_test(answer_keys),       cmocka_unit_test(answer_addresses),
        cmocka_unit_test(failed_answers),    cmocka_unit_test(texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
