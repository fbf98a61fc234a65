/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/nts/ntp_ext.h"

static void walks_fields(void **state)
{
    uint8_t data[48 + 16 + 28] = {0};
    struct ntp_ext e;
    size_t pos = 48;

    (void)state;
    memcpy(data + 48, "\x01\x04\x00\x10", 4);
    memcpy(data + 64, "\x04\x04\x00\x1c", 4);
    assert_int_equal(ntp_ext_next(data, sizeof data, NTP_EXT_MIN_LEN, &pos, &e), NTP_EXT_FIELD);
    assert_int_equal(e.type, 0x0104);
    assert_int_equal(e.start, 48);
    assert_int_equal(e.body, 52);
    assert_int_equal(e.body_len, 12);
    assert_int_equal(pos, 64);
    assert_int_equal(ntp_ext_next(data, sizeof data, NTP_EXT_MIN_LEN, &pos, &e), NTP_EXT_FIELD);
    assert_int_equal(e.type, 0x0404);
    assert_int_equal(e.body_len, 24);
    assert_int_equal(ntp_ext_next(data, sizeof data, NTP_EXT_MIN_LEN, &pos, &e), NTP_EXT_END);
    assert_int_equal(pos, sizeof data);
}

/* Each length at each packet size: a field exactly when the rules say so, and pos moves only then.
 */
static void every_length(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 80; len++) {
        for (size_t min = 4; min <= 16; min += 12) {
            uint8_t *data = calloc(1, len > 0 ? len : 1);

            assert_non_null(data);
            for (unsigned field = 0; field <= 100; field++) {
                struct ntp_ext e = {0};
                size_t pos = 0;
                bool good = len >= 4 && field >= min && field % 4 == 0 && field <= len;
                enum ntp_ext_result r;

                if (len >= 4)
                    data[3] = (uint8_t)field;
                r = ntp_ext_next(data, len, min, &pos, &e);
                assert_int_equal(r, len == 0 ? NTP_EXT_END : good ? NTP_EXT_FIELD : NTP_EXT_BAD);
                assert_int_equal(pos, good ? field : 0);
            }
            free(data);
        }
    }
}

static void extremes(void **state)
{
    static uint8_t data[65536];
    struct ntp_ext e;
    size_t pos = 0;

    (void)state;
    data[2] = 0xff, data[3] = 0xfc; /* the longest multiple of four */
    assert_int_equal(ntp_ext_next(data, sizeof data, 16, &pos, &e), NTP_EXT_FIELD);
    assert_int_equal(e.body_len, 0xfffc - 4);
    pos = sizeof data + 1; /* a caller's error ends the walk as well */
    assert_int_equal(ntp_ext_next(data, sizeof data, 16, &pos, &e), NTP_EXT_BAD);
    pos = 0, data[2] = 0, data[3] = 0; /* zero length must not loop, whatever the minimum */
    assert_int_equal(ntp_ext_next(data, sizeof data, 0, &pos, &e), NTP_EXT_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_fields),
        cmocka_unit_test(every_length),
        cmocka_unit_test(extremes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
