/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of name servers: as addresses, as services, and to a question made of the input. */
#include <string.h>

#include "common/nts/dns_msg.h"
#include "tests/fuzz/fuzz.h"

static void services(const struct fuzz_copy *all, const uint8_t *query, size_t query_len)
{
    struct dns_answer a;
    struct dns_srv s;

    if (!dns_answer_begin(&a, all->data, all->len, query, query_len))
        return;
    while (dns_answer_srv(&a, &s)) {
        size_t n = strnlen(s.target, sizeof s.target);

        FUZZ_ASSERT(a.pos <= all->len && s.port != 0);
        FUZZ_ASSERT(n < sizeof s.target && addr_is_name(s.target, n));
    }
}

static void addresses(const struct fuzz_copy *all, const uint8_t *query, size_t query_len)
{
    struct dns_answer a;
    struct net_addr addr;

    if (!dns_answer_begin(&a, all->data, all->len, query, query_len))
        return;
    while (dns_answer_address(&a, &addr))
        FUZZ_ASSERT(a.pos <= all->len && (addr.family == 4 || addr.family == 6) && addr.port == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    struct fuzz_copy all = fuzz_rest(&r);
    char name[NTS_NAME_MAX + 1] = {0};
    uint8_t query[DNS_QUERY_MAX];
    size_t n =
        dns_query_build("_ntske._tcp.pool.test", DNS_SRV, 0x1234, false, query, sizeof query);

    services(&all, query, n);
    addresses(&all, query, n);
    memcpy(name, data, len < NTS_NAME_MAX ? len : NTS_NAME_MAX);
    n = dns_query_build(name, DNS_A, 0, true, query, sizeof query);
    FUZZ_ASSERT(n <= sizeof query && (n == 0 || n >= 18));
    fuzz_copy_free(&all);
    return 0;
}
