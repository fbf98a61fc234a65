/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as the kernel writes them, in its own structs, and any octets. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/source/net_view.h"
#include "tests/unit/test.h"

static _Alignas(8) uint8_t buf[8192];
static size_t used;

static struct nlmsghdr *last;

static void *begin(uint16_t type, size_t len)
{
    last = (struct nlmsghdr *)(void *)(buf + used);
    memset(last, 0, NLMSG_SPACE(len));
    last->nlmsg_type = type;
    last->nlmsg_len = NLMSG_LENGTH((uint32_t)len);
    used += NLMSG_SPACE(len);
    return NLMSG_DATA(last);
}

static void attr(unsigned short type, const void *data, size_t len)
{
    struct rtattr *a = (struct rtattr *)(void *)(buf + used);

    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(len);
    memcpy(RTA_DATA(a), data, len);
    used += RTA_SPACE(len);
    last->nlmsg_len = (uint32_t)(buf + used - (uint8_t *)last);
}

static void add_address(uint8_t family, const char *text, uint32_t flags, uint8_t scope)
{
    struct ifaddrmsg *m = begin(RTM_NEWADDR, sizeof *m);
    uint8_t octets[16];

    m->ifa_family = family;
    m->ifa_scope = scope;
    m->ifa_index = 2;
    inet_pton(family, text, octets);
    attr(IFA_ADDRESS, octets, family == AF_INET ? 4 : 16);
    attr(IFA_FLAGS, &flags, sizeof flags);
}

static void add_route(uint8_t family, const char *to, uint8_t bits, uint32_t link, uint32_t flags,
                      uint8_t type)
{
    struct rtmsg *m = begin(RTM_NEWROUTE, sizeof *m);
    uint8_t octets[16];

    m->rtm_family = family;
    m->rtm_dst_len = bits;
    m->rtm_type = type;
    m->rtm_flags = flags;
    if (bits > 0) {
        inet_pton(family, to, octets);
        attr(RTA_DST, octets, family == AF_INET ? 4 : 16);
    }
    attr(RTA_OIF, &link, sizeof link);
}

static struct net_view seen(void)
{
    struct net_view v = {.done = false};

    begin(NLMSG_DONE, 4);
    net_view_take(&v, buf, used);
    used = 0;
    return v;
}

static void addresses(void **state)
{
    struct net_view v, w;

    (void)state;
    add_address(AF_INET, "127.0.0.1", 0, RT_SCOPE_HOST);
    add_address(AF_INET6, "fe80::1", 0, RT_SCOPE_LINK);
    add_address(AF_INET6, "2001:db8::2", IFA_F_TENTATIVE, RT_SCOPE_UNIVERSE);
    add_address(AF_INET6, "2001:db8::3", IFA_F_TEMPORARY, RT_SCOPE_UNIVERSE);
    v = seen();
    assert_true(v.done && !v.bad);
    assert_int_equal(v.addresses, 0);
    add_address(AF_INET, "192.0.2.1", IFA_F_SECONDARY, RT_SCOPE_UNIVERSE);
    add_address(AF_INET6, "2001:db8::2", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE);
    v = seen();
    assert_int_equal(v.addresses, 2);
    add_address(AF_INET6, "2001:db8::2", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE);
    add_address(AF_INET, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
    w = seen();
    assert_true(w.address_sum == v.address_sum); /* in any order, whatever their flags */
    add_address(AF_INET6, "2001:db8::2", 0, RT_SCOPE_UNIVERSE);
    add_address(AF_INET, "192.0.2.2", 0, RT_SCOPE_UNIVERSE);
    w = seen();
    assert_true(w.address_sum != v.address_sum);
}

static void routes(void **state)
{
    struct net_view v;

    (void)state;
    add_route(AF_INET, "127.0.0.0", 8, 1, 0, RTN_UNICAST);
    add_route(AF_INET, "192.0.2.1", 32, 2, 0, RTN_LOCAL);
    add_route(AF_INET, "169.254.0.0", 16, 2, 0, RTN_UNICAST);
    add_route(AF_INET6, "fe80::", 64, 2, 0, RTN_UNICAST);
    add_route(AF_INET6, "ff00::", 8, 2, 0, RTN_UNICAST);
    add_route(AF_INET, "172.17.0.0", 16, 3, RTNH_F_LINKDOWN, RTN_UNICAST);
    add_route(AF_INET, "172.18.0.0", 16, 3, RTNH_F_DEAD, RTN_UNICAST);
    add_route(AF_INET6, "", 0, 1, 0, RTN_UNREACHABLE);
    v = seen();
    assert_true(v.done && !v.bad);
    assert_int_equal(v.ways, 0);
    add_route(AF_INET, "192.0.2.0", 24, 2, RTNH_F_ONLINK, RTN_UNICAST);
    add_route(AF_INET6, "", 0, 2, 0, RTN_UNICAST);
    v = seen();
    assert_int_equal(v.ways, 2);
    assert_int_equal(v.defaults, 1);
}

static struct net_view view(const char *address, uint32_t default_link)
{
    if (address)
        add_address(AF_INET, address, 0, RT_SCOPE_UNIVERSE);
    if (address)
        add_route(AF_INET, address, 24, 2, 0, RTN_UNICAST);
    if (default_link)
        add_route(AF_INET, "", 0, default_link, 0, RTN_UNICAST);
    return seen();
}

static bool came(struct net_view a, struct net_view b)
{
    return net_view_came(&a, &b);
}

static bool other(struct net_place *p, struct net_view v, int64_t s)
{
    return net_place_other(p, &v, (struct mono){s * NS_PER_S});
}

/* Another gateway or interface, or an hour away: how far servers are has to be measured anew. */
static void another_place(void **state)
{
    struct net_place p = {.known = false};
    struct net_view bad = {.bad = true, .ways = 1};

    (void)state;
    assert_false(other(&p, view("192.0.2.1", 2), 0)); /* the first one */
    assert_false(other(&p, view("192.0.2.1", 2), 10));
    assert_false(other(&p, view("192.0.2.7", 2), 20)); /* its sources see their own address */
    assert_true(other(&p, view("192.0.2.7", 3), 30));
    assert_false(other(&p, view("192.0.2.7", 3), 40));
    assert_false(other(&p, view(NULL, 0), 50));
    assert_false(other(&p, bad, 55));
    assert_false(other(&p, view(NULL, 0), 3000));
    assert_false(other(&p, view("192.0.2.7", 3), 3649)); /* the same again, within the hour */
    assert_false(other(&p, view(NULL, 0), 4000));
    assert_true(other(&p, view("192.0.2.7", 3), 7600));
    assert_false(other(&p, view("192.0.2.7", 3), 7610));
    assert_false(other(&p, view(NULL, 0), 8000));
    assert_true(other(&p, view("192.0.2.7", 2), 8010));
    assert_true(other(&p, view("192.0.2.7", 0), 8020)); /* no gateway */
}

static void what_came(void **state)
{
    struct net_view bad = {.bad = true, .ways = 1};

    (void)state;
    assert_true(came(view(NULL, 0), view("192.0.2.1", 0)));
    assert_true(came(view("192.0.2.1", 0), view("192.0.2.1", 2)));
    assert_true(came(view("192.0.2.1", 2), view("192.0.2.1", 3)));
    assert_true(came(view("192.0.2.1", 2), view("198.51.100.1", 2)));
    assert_false(came(view("192.0.2.1", 2), view("192.0.2.1", 2)));
    assert_false(came(view("192.0.2.1", 2), view("192.0.2.1", 0)));
    assert_false(came(view("192.0.2.1", 0), view(NULL, 0)));
    assert_false(came(view(NULL, 0), view(NULL, 0)));
    assert_false(came(view(NULL, 0), bad));
}

static void question(void **state)
{
    uint8_t q[NET_VIEW_QUESTION];
    struct nlmsghdr h;

    (void)state;
    assert_int_equal(net_view_ask(NET_VIEW_GET_ROUTES, q), sizeof q);
    memcpy(&h, q, sizeof h);
    assert_int_equal(h.nlmsg_len, sizeof q);
    assert_int_equal(h.nlmsg_type, RTM_GETROUTE);
    assert_int_equal(h.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
    assert_int_equal(NET_VIEW_GET_ADDRESSES, RTM_GETADDR);
    assert_int_equal(NET_VIEW_GROUPS, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
                                          RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE);
}

static void errors(void **state)
{
    struct net_view v = {.done = false};
    struct nlmsgerr *e;

    (void)state;
    net_view_take(&v, buf, 0);
    assert_false(v.bad || v.done);
    net_view_take(&v, (const uint8_t *)"short", 5);
    assert_true(v.bad);
    e = begin(NLMSG_ERROR, sizeof *e);
    e->error = -1;
    v = (struct net_view){.done = false};
    net_view_take(&v, buf, used);
    assert_true(v.bad);
    used = 0;
}

/* Good messages cut anywhere, in memory of exactly that size, and with octets changed. */
static void damaged(void **state)
{
    uint64_t seed = 7;
    size_t len;

    (void)state;
    add_address(AF_INET6, "2001:db8::2", 0, RT_SCOPE_UNIVERSE);
    add_route(AF_INET, "192.0.2.0", 24, 2, 0, RTN_UNICAST);
    add_route(AF_INET6, "", 0, 2, 0, RTN_UNICAST);
    begin(NLMSG_DONE, 4);
    len = used;
    used = 0;
    for (int i = 0; i < 200000; i++) {
        size_t n = test_below(&seed, len + 1);
        uint8_t *copy = malloc(n + 1);
        struct net_view v = {.done = false};

        assert_non_null(copy);
        memcpy(copy, buf, n);
        for (uint64_t k = test_random(&seed) % 4; n > 0 && k > 0; k--)
            copy[test_random(&seed) % n] = (uint8_t)test_random(&seed);
        copy = realloc(copy, n > 0 ? n : 1);
        net_view_take(&v, copy, n);
        assert_true(v.defaults <= v.ways && v.ways <= len / 28 && v.addresses <= len / 24);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),     cmocka_unit_test(routes),   cmocka_unit_test(what_came),
        cmocka_unit_test(another_place), cmocka_unit_test(question), cmocka_unit_test(errors),
        cmocka_unit_test(damaged),
    };

    return cmocka_run_group_tests_name("net_view", tests, NULL, NULL);
}
