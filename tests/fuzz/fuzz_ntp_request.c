/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests for every cookie and every wish: what is sent is what RFC 8915 section 5.7 says. */
#include <string.h>

#include "common/nts/ntp_ext.h"
#include "common/nts/nts_ext.h"
#include "tests/fuzz/fuzz.h"

struct seen {
    unsigned uids, cookies, placeholders, authenticators;
};

/* Every placeholder is as long as the cookie, nothing follows the authenticator. */
static void check(const uint8_t *packet, size_t len, const struct nts_request *q)
{
    static const uint8_t zeros[NTS_REQUEST_MAX];
    size_t pos = NTP_HEADER_LEN, cookie_len = 0;
    struct seen n = {0};
    enum ntp_ext_result result;
    struct ntp_ext ext;

    while ((result = ntp_ext_next(packet, len, NTP_EXT_MIN_LEN, &pos, &ext)) == NTP_EXT_FIELD) {
        FUZZ_ASSERT(n.authenticators == 0);
        n.uids += ext.type == NTS_EXT_UNIQUE_ID;
        n.cookies += ext.type == NTS_EXT_COOKIE;
        n.placeholders += ext.type == NTS_EXT_PLACEHOLDER;
        n.authenticators += ext.type == NTS_EXT_AUTHENTICATOR;
        if (ext.type == NTS_EXT_COOKIE) {
            cookie_len = ext.body_len;
            FUZZ_ASSERT(ext.body_len >= q->cookie_len);
            FUZZ_ASSERT(memcmp(packet + ext.body, q->cookie, q->cookie_len) == 0);
        }
        if (ext.type == NTS_EXT_PLACEHOLDER)
            FUZZ_ASSERT(ext.body_len == cookie_len &&
                        memcmp(packet + ext.body, zeros, ext.body_len) == 0);
    }
    FUZZ_ASSERT(result == NTP_EXT_END);
    FUZZ_ASSERT(n.uids == 1 && n.cookies == 1 && n.authenticators == 1);
    FUZZ_ASSERT(n.placeholders <= q->placeholders);
    /* Nothing about this machine is in the header but version and mode. */
    FUZZ_ASSERT(packet[0] == (4 << 3 | NTP_MODE_CLIENT));
    FUZZ_ASSERT(memcmp(packet + 1, zeros, 39) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct aead_key key = {.id = AEAD_AES_SIV_CMAC_256, .len = 32};
    struct wire_reader r = wire_reader(data, len);
    struct nts_request q = {.c2s = &key};
    uint8_t packet[NTS_REQUEST_MAX];
    struct fuzz_copy cookie;
    size_t cap, n;

    q.placeholders = wire_get_u8(&r);
    q.max_len = wire_get_u16(&r);
    cap = wire_get_u16(&r) % (sizeof packet + 1);
    q.random.transmit = wire_get_u64(&r);
    cookie = fuzz_rest(&r);
    q.cookie = cookie.data;
    q.cookie_len = cookie.len;
    n = nts_request_build(&q, &fuzz_aead, packet, cap);
    FUZZ_ASSERT(n <= cap && n <= NTS_REQUEST_MAX);
    if (n > 0)
        check(packet, n, &q);
    fuzz_copy_free(&cookie);
    return 0;
}
