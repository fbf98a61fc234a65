/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NTP server's answer, from one who knows our request and its keys (RFC 8915 section 5.7). The
 * first octet says whether the request's Unique Identifier and origin are put in their usual places
 * and how many cookies are at hand.
 */
#include <string.h>

#include "common/clock/sample.h"
#include "common/nts/nts_ext.h"
#include "tests/fuzz/fuzz.h"

#define TRANSMIT  UINT64_C(0x0123456789abcdef)
#define UID_AT    (NTP_HEADER_LEN + 4)
#define ORIGIN_AT 24

static void put_identity(uint8_t *data, size_t len, const uint8_t uid[NTS_UID_LEN])
{
    struct wire_writer origin, field;

    if (len < UID_AT + NTS_UID_LEN)
        return;
    origin = wire_writer(data + ORIGIN_AT, 8);
    wire_put_u64(&origin, TRANSMIT);
    field = wire_writer(data + NTP_HEADER_LEN, 4 + NTS_UID_LEN);
    wire_put_u16(&field, NTS_EXT_UNIQUE_ID);
    wire_put_u16(&field, 4 + NTS_UID_LEN);
    wire_put_bytes(&field, uid, NTS_UID_LEN);
}

/* What is believed can be made a sample of, or is refused in words. */
static void use(const struct ntp_packet *p, uint8_t how)
{
    struct local_stamps local = {.t1 = {INT64_C(1800000000) * NS_PER_S}};
    struct failure f = failure_make(STAGE_OK, REASON_NONE, 0);
    struct sample s;

    local.t4.ns = local.t1.ns + (int64_t)how * 1000000;
    local.t4_raw.ns = local.t1_raw.ns + (int64_t)how * 1000000;
    if (!sample_make(&s, p, &local, local.t1, &f)) {
        FUZZ_ASSERT(f.stage == STAGE_NTP_SANITY);
        return;
    }
    FUZZ_ASSERT(s.delay_ns >= 0 && s.bound_ns >= s.delay_ns / 2);
    FUZZ_ASSERT(s.stratum > 0 && s.stratum < 16 && s.leap != NTP_LEAP_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t uid[NTS_UID_LEN] = "a unique identifier, 32 octets";
    const struct aead_key key = {.id = AEAD_AES_SIV_CMAC_256, .len = 32};
    struct wire_reader r = wire_reader(data, len);
    uint8_t how = wire_get_u8(&r);
    struct fuzz_copy answer = fuzz_rest(&r);
    struct cookie_pool pool = {.count = 0}, before;
    struct ntp_packet p, untouched;

    for (unsigned i = 0; i < how % (NTS_POOL_MAX + 1u); i++)
        FUZZ_ASSERT(cookie_pool_add(&pool, uid, NTS_UID_LEN));
    if (how & 0x80)
        put_identity(answer.data, answer.len, uid);
    before = pool;
    memset(&p, 0xa5, sizeof p);
    untouched = p;
    if (nts_response_open(answer.data, answer.len, uid, TRANSMIT, &key, &fuzz_aead, &p, &pool) ==
        NTS_OPEN_OK) {
        FUZZ_ASSERT(p.mode == NTP_MODE_SERVER && p.origin.u == TRANSMIT);
        FUZZ_ASSERT(cookie_pool_valid(&pool) && pool.count >= before.count);
        if (p.stratum != 0)
            use(&p, how);
    } else {
        FUZZ_ASSERT(memcmp(&p, &untouched, sizeof p) == 0);
        FUZZ_ASSERT(memcmp(&pool, &before, sizeof pool) == 0);
    }
    fuzz_copy_free(&answer);
    return 0;
}
