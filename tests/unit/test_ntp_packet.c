/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/nts/ntp_packet.h"

static const uint8_t sample[NTP_HEADER_LEN] = {
    0xe4, 0x02, 0x06, 0xe7,                         /* leap 3, version 4, mode 4, 2, 6, -25 */
    0x00, 0x00, 0x01, 0x23, 0x00, 0x00, 0x04, 0x56, /* root delay, dispersion */
    0x4e, 0x54, 0x53, 0x4e,                         /* "NTSN" */
    0xe0, 0x00, 0x00, 0x01, 0x80, 0x00, 0x00, 0x00, /* reference */
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, /* origin */
    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, /* receive */
    0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, /* transmit */
};

static void known_header(void **state)
{
    struct ntp_packet p;
    uint8_t back[NTP_HEADER_LEN];

    (void)state;
    assert_true(ntp_packet_decode(&p, sample, sizeof sample));
    assert_int_equal(p.leap, NTP_LEAP_UNKNOWN);
    assert_int_equal(p.version, 4);
    assert_int_equal(p.mode, NTP_MODE_SERVER);
    assert_int_equal(p.stratum, 2);
    assert_int_equal(p.poll, 6);
    assert_int_equal(p.precision, -25);
    assert_int_equal(p.root_delay, 0x123);
    assert_int_equal(p.root_dispersion, 0x456);
    assert_int_equal(p.reference_id, 0x4e54534e);
    assert_true(p.reference.u == UINT64_C(0xe000000180000000));
    assert_true(p.origin.u == UINT64_C(0x0102030405060708));
    assert_true(p.receive.u == UINT64_C(0x1112131415161718));
    assert_true(p.transmit.u == UINT64_C(0x2122232425262728));
    ntp_packet_encode(&p, back);
    assert_memory_equal(back, sample, sizeof back);
}

static void any_octets_come_back(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint8_t data[NTP_HEADER_LEN], back[NTP_HEADER_LEN];
        struct ntp_packet p;

        test_random_fill(&seed, data, sizeof data);
        assert_true(ntp_packet_decode(&p, data, sizeof data));
        ntp_packet_encode(&p, back);
        assert_memory_equal(back, data, sizeof back);
    }
}

static void too_short(void **state)
{
    (void)state;
    for (size_t len = 0; len < NTP_HEADER_LEN; len++) {
        uint8_t *data = test_exact(sample, len);
        struct ntp_packet p, before;

        memset(&p, 0x55, sizeof p);
        before = p;
        assert_false(ntp_packet_decode(&p, data, len));
        assert_memory_equal(&p, &before, sizeof p);
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_header),
        cmocka_unit_test(any_octets_come_back),
        cmocka_unit_test(too_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
