/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/base/wire.h"

static void put_then_get(void **state)
{
    uint8_t buf[32];
    uint8_t bytes[3];
    struct wire_writer w = wire_writer(buf, sizeof buf);
    struct wire_reader r;
    const uint8_t *skipped;

    (void)state;
    wire_put_u8(&w, 0x01);
    wire_put_u16(&w, 0x0203);
    wire_put_u32(&w, 0x04050607);
    wire_put_u64(&w, UINT64_C(0x08090a0b0c0d0e0f));
    wire_put_bytes(&w, "\x10\x11\x12", 3);
    wire_put_zeros(&w, 2);
    assert_false(w.bad);
    assert_int_equal(w.pos, 20);
    for (uint8_t i = 0; i < 18; i++)
        assert_int_equal(buf[i], i + 1); /* network order */
    assert_int_equal(buf[18] | buf[19], 0);

    r = wire_reader(buf, w.pos);
    assert_int_equal(wire_get_u8(&r), 0x01);
    assert_int_equal(wire_get_u16(&r), 0x0203);
    assert_int_equal(wire_get_u32(&r), 0x04050607);
    assert_true(wire_get_u64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
    wire_get_bytes(&r, bytes, sizeof bytes);
    assert_memory_equal(bytes, "\x10\x11\x12", 3);
    assert_int_equal(wire_left(&r), 2);
    skipped = wire_skip(&r, 2);
    assert_ptr_equal(skipped, buf + 18);
    assert_false(r.bad);
    assert_int_equal(wire_left(&r), 0);
}

static void highest_values(void **state)
{
    uint8_t buf[15];
    struct wire_writer w = wire_writer(buf, sizeof buf);
    struct wire_reader r = wire_reader(buf, sizeof buf);

    (void)state;
    wire_put_u8(&w, UINT8_MAX);
    wire_put_u16(&w, UINT16_MAX);
    wire_put_u32(&w, UINT32_MAX);
    wire_put_u64(&w, UINT64_MAX);
    assert_false(w.bad);
    assert_int_equal(wire_get_u8(&r), UINT8_MAX);
    assert_int_equal(wire_get_u16(&r), UINT16_MAX);
    assert_true(wire_get_u32(&r) == UINT32_MAX);
    assert_true(wire_get_u64(&r) == UINT64_MAX);
    assert_false(r.bad);
}

/* Every width at every shortage; the reader stays bad although smaller reads would fit. */
static void read_beyond_end(void **state)
{
    (void)state;
    for (size_t len = 0; len < 8; len++) {
        uint8_t *data = test_exact("\xff\xff\xff\xff\xff\xff\xff\xff", len);
        uint8_t to[8];
        struct wire_reader r = wire_reader(data, len);

        assert_true(wire_get_u64(&r) == 0);
        assert_true(r.bad);
        assert_int_equal(wire_left(&r), 0);
        assert_int_equal(wire_get_u8(&r), 0);

        r = wire_reader(data, len);
        memset(to, 0xaa, sizeof to);
        wire_get_bytes(&r, to, len + 1);
        assert_true(r.bad);
        for (size_t i = 0; i <= len; i++)
            assert_int_equal(to[i], 0);

        r = wire_reader(data, len);
        assert_null(wire_skip(&r, len + 1));
        assert_true(r.bad);
        assert_null(wire_skip(&r, 0));

        r = wire_reader(data, len);
        assert_null(wire_skip(&r, SIZE_MAX));
        free(data);
    }
}

static void write_beyond_end(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 8; cap++) {
        uint8_t buf[9];
        struct wire_writer w = wire_writer(buf, cap);

        memset(buf, 0xaa, sizeof buf);
        wire_put_u64(&w, 0);
        assert_true(w.bad);
        wire_put_u8(&w, 0); /* would fit, but comes too late */
        wire_put_zeros(&w, 0);
        assert_int_equal(w.pos, 0);
        w = wire_writer(buf, cap);
        wire_put_bytes(&w, "12345678", cap + 1);
        assert_true(w.bad);
        w = wire_writer(buf, cap);
        wire_put_zeros(&w, SIZE_MAX);
        assert_true(w.bad);
        for (size_t i = 0; i < sizeof buf; i++)
            assert_int_equal(buf[i], 0xaa);
    }
}

/* Exactly n octets, not one more although there is room. */
static void writes_no_more_than_told(void **state)
{
    (void)state;
    for (size_t n = 0; n < 8; n++) {
        uint8_t buf[9];
        struct wire_writer w = wire_writer(buf, sizeof buf);

        memset(buf, 0xaa, sizeof buf);
        wire_put_zeros(&w, n);
        assert_int_equal(w.pos, n);
        for (size_t i = 0; i < sizeof buf; i++)
            assert_int_equal(buf[i], i < n ? 0 : 0xaa);
        memset(buf, 0xaa, sizeof buf);
        w = wire_writer(buf, sizeof buf);
        wire_put_bytes(&w, "12345678", n);
        for (size_t i = 0; i < sizeof buf; i++)
            assert_int_equal(buf[i], i < n ? '1' + (int)i : 0xaa);
    }
}

static void nothing_at_all(void **state)
{
    struct wire_reader r = wire_reader(NULL, 0);
    struct wire_writer w = wire_writer(NULL, 0);

    (void)state;
    wire_get_bytes(&r, NULL, 0);
    wire_put_bytes(&w, NULL, 0);
    assert_false(r.bad);
    assert_false(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_then_get),    cmocka_unit_test(highest_values),
        cmocka_unit_test(read_beyond_end), cmocka_unit_test(write_beyond_end),
        cmocka_unit_test(nothing_at_all),  cmocka_unit_test(writes_no_more_than_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
