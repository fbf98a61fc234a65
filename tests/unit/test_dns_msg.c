/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to DNS and their answers; octets by RFC 1035, RFC 2782 and RFC 4035. */
#include "common/nts/dns_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* _ntske._tcp.pool.test, SRV, id 0x1234 */
static const uint8_t question[] = "\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0\x06_ntske\x04_tcp\x04pool"
                                  "\x04test\0\x00\x21\x00\x01";
#define QUESTION_LEN (sizeof question - 1)

static uint8_t message[1024];
static size_t message_len;

static void put(const char *octets, size_t n)
{
    assert_true(message_len + n <= sizeof message);
    memcpy(message + message_len, octets, n);
    message_len += n;
}
#define PUT(literal) put(literal, sizeof literal - 1)

/* The answer to the question, with so many records to follow. */
static void begin(unsigned records)
{
    memcpy(message, question, QUESTION_LEN);
    message_len = QUESTION_LEN;
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = (uint8_t)records;
}

static bool opens(struct dns_answer *a)
{
    return dns_answer_begin(a, message, message_len, question, QUESTION_LEN);
}

static void builds(void **state)
{
    uint8_t buf[DNS_QUERY_MAX];
    char name[300];

    (void)state;
    assert_int_equal(
        dns_query_build("_ntske._tcp.pool.test", DNS_SRV, 0x1234, false, buf, sizeof buf),
        QUESTION_LEN);
    assert_memory_equal(buf, question, QUESTION_LEN);
    assert_int_equal(dns_query_build("a.test", DNS_AAAA, 1, true, buf, sizeof buf), 24);
    assert_memory_equal(buf, "\x00\x01\x01\x10\x00\x01", 6); /* RD and CD */
    assert_memory_equal(buf + 20, "\x00\x1c\x00\x01", 4);
    assert_int_equal(dns_query_build("a.test", DNS_A, 1, true, buf, 23), 0);
    assert_int_equal(dns_query_build("", DNS_A, 1, true, buf, sizeof buf), 0);
    assert_int_equal(dns_query_build("a..test", DNS_A, 1, true, buf, sizeof buf), 0);
    memset(name, 'a', sizeof name);
    name[64] = '\0';
    assert_int_equal(dns_query_build(name, DNS_A, 1, true, buf, sizeof buf), 0);
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 2 == 0 ? 'a' : '.';
    name[253] = '\0'; /* 127 labels of one octet: 255 with their lengths */
    assert_int_equal(dns_query_build(name, DNS_A, 1, true, buf, sizeof buf), DNS_QUERY_MAX);
    name[253] = '.';
    name[255] = '\0';
    assert_int_equal(dns_query_build(name, DNS_A, 1, true, buf, sizeof buf), 0);
}

static void begins(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 0x13},  {2, 0x01}, {2, 0x89}, {2, 0x83},  /* id, no answer, opcode, truncated */
        {3, 0x82},  {3, 0x83}, {5, 2},    {13, 'x'},  /* SERVFAIL, NXDOMAIN, questions, name */
        {12, 0x26}, {36, 1},   {38, 3},   {13, 0x7f}, /* label's length, type, class */
    };
    struct dns_answer a;

    (void)state;
    begin(0);
    assert_true(opens(&a));
    message[13] = '_';
    message[14] = 'N'; /* another case is the same name */
    assert_true(opens(&a));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        begin(0);
        message[wrong[i].at] = wrong[i].value;
        assert_false(opens(&a));
        assert_int_equal(a.left, 0);
    }
    for (size_t n = 0; n < QUESTION_LEN; n++) {
        begin(0);
        message_len = n;
        assert_false(opens(&a));
    }
}

static void reads_services(void **state)
{
    struct dns_answer a;
    struct dns_srv s;

    (void)state;
    begin(4);
    /* A chain of names first, which is stepped over. */
    PUT("\xc0\x0c\x00\x05\x00\x01\0\0\0\x3c\x00\x02\xc0\x18");
    PUT("\xc0\x0c\x00\x21\x00\x01\0\0\0\x3c\x00\x0a\x00\x01\x00\x02\x11\x6c\x01"
        "A\xc0\x18");                                                              /* a.pool.test */
    PUT("\xc0\x0c\x00\x21\x00\x01\0\0\0\x3c\x00\x07\x00\x00\x00\x00\x11\x6c\x00"); /* none */
    PUT("\xc0\x0c\x00\x21\x00\x01\0\0\0\x3c\x00\x0e\x00\x03\x00\x00\x00\x01\x01"
        "b\x04test\x00");
    assert_true(opens(&a));
    assert_true(dns_answer_srv(&a, &s));
    assert_string_equal(s.target, "a.pool.test");
    assert_int_equal(s.priority, 1);
    assert_int_equal(s.weight, 2);
    assert_int_equal(s.port, 4460);
    assert_true(dns_answer_srv(&a, &s));
    assert_string_equal(s.target, "b.test");
    assert_int_equal(s.port, 1);
    assert_false(dns_answer_srv(&a, &s));
    assert_false(dns_answer_srv(&a, &s));
    assert_true(opens(&a));
    message_len--; /* the last is cut off */
    assert_true(opens(&a));
    assert_true(dns_answer_srv(&a, &s));
    assert_false(dns_answer_srv(&a, &s));
}

/* Pointers to themselves, to each other, forwards and beyond the end. */
static void pointers_end(void **state)
{
    static const uint8_t places[] = {57, 58, 38, 200};
    struct dns_answer a;
    struct dns_srv s;

    (void)state;
    for (size_t i = 0; i < sizeof places; i++) {
        begin(1);
        PUT("\xc0\x0c\x00\x21\x00\x01\0\0\0\x3c\x00\x08\x00\x01\x00\x02\x11\x6c\xc0");
        message[message_len++] = places[i];
        assert_true(opens(&a));
        assert_false(dns_answer_srv(&a, &s));
    }
}

static void reads_addresses(void **state)
{
    struct dns_answer a;
    struct net_addr addr;

    (void)state;
    begin(4);
    PUT("\xc0\x0c\x00\x01\x00\x01\0\0\0\x3c\x00\x04\xc0\x00\x02\x01");
    PUT("\xc0\x0c\x00\x01\x00\x01\0\0\0\x3c\x00\x05\xc0\x00\x02\x01\x00"); /* no address */
    PUT("\xc0\x0c\x00\x01\x00\x03\0\0\0\x3c\x00\x04\xc0\x00\x02\x02");     /* CHAOS */
    PUT("\xc0\x0c\x00\x1c\x00\x01\0\0\0\x3c\x00\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01");
    assert_true(opens(&a));
    assert_true(dns_answer_address(&a, &addr));
    assert_int_equal(addr.family, 4);
    assert_memory_equal(addr.addr, "\xc0\x00\x02\x01\0\0\0\0", 8);
    assert_true(dns_answer_address(&a, &addr));
    assert_int_equal(addr.family, 6);
    assert_memory_equal(addr.addr, "\x20\x01\x0d\xb8", 4);
    assert_false(dns_answer_address(&a, &addr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds),          cmocka_unit_test(begins),
        cmocka_unit_test(reads_services),  cmocka_unit_test(pointers_end),
        cmocka_unit_test(reads_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
