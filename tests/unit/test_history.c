/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/clock/history.h"

#define NOW_S INT64_C(1795300012)

static char file[HISTORY_OCTETS];

static void put(int64_t at_s, int64_t offset_ns)
{
    const struct history_record h = {.at_s = at_s, .offset_ns = offset_ns, .bound_ns = 5};

    assert_true(history_encode(&h, file + (ptrdiff_t)history_slot(at_s) * HISTORY_LINE));
}

static unsigned get(int64_t now_s, struct history_record *found, unsigned expect_torn)
{
    unsigned torn = 99, n = history_read(file, (struct wall){now_s * NS_PER_S}, found, &torn);

    assert_int_equal(torn, expect_torn);
    return n;
}

static int empty(void **state)
{
    (void)state;
    memset(file, 0, sizeof file);
    return 0;
}

static void test_layout(void **state)
{
    static const char expected[] =
        "1 01795300012 -0000000000000012345 0000000004567890123 15759087\n";
    const struct history_record h = {NOW_S, -12345, 4567890123};
    struct history_record again;
    char line[HISTORY_LINE];

    (void)state;
    assert_true(history_encode(&h, line));
    assert_memory_equal(line, expected, HISTORY_LINE);
    assert_true(history_decode(&again, line, history_slot(NOW_S)));
    assert_int_equal(again.at_s, h.at_s);
    assert_int_equal(again.offset_ns, h.offset_ns);
    assert_int_equal(again.bound_ns, h.bound_ns);
    /* The same line elsewhere is not where it was written to. */
    for (int slot = -1; slot <= HISTORY_SLOTS; slot++)
        assert_int_equal(history_decode(&again, line, slot), slot == history_slot(NOW_S));
}

static void test_extremes(void **state)
{
    static const struct history_record good[] = {
        {0, 0, 0},
        {INT64_C(99999999999), INT64_MAX, INT64_MAX},
        {NOW_S, -INT64_MAX, 0},
    };
    static const struct history_record bad[] = {
        {-1, 0, 0},
        {INT64_C(100000000000), 0, 0},
        {INT64_MAX, 0, 0},
        {INT64_MIN, 0, 0},
        {NOW_S, INT64_MIN, 0},
        {NOW_S, 0, -1},
        {NOW_S, 0, INT64_MIN},
    };
    struct history_record h;
    char line[HISTORY_LINE];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(history_encode(&good[i], line));
        assert_true(history_decode(&h, line, history_slot(good[i].at_s)));
        assert_int_equal(h.offset_ns, good[i].offset_ns);
        assert_int_equal(h.bound_ns, good[i].bound_ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(history_encode(&bad[i], line));
}

/* No octet may have another value. */
static void test_flipped(void **state)
{
    const struct history_record h = {NOW_S, -INT64_C(9223372036854775807), 4567890123};
    struct history_record found = {7, 7, 7};
    char line[HISTORY_LINE];

    (void)state;
    assert_true(history_encode(&h, line));
    for (size_t i = 0; i < HISTORY_LINE; i++) {
        const char right = line[i];

        for (int v = -128; v < 128; v++) {
            /* Another time belongs into another slot. */
            bool other = i >= 2 && i < 13 && v >= '0' && v <= '9';

            line[i] = (char)v;
            for (int slot = 0; v != right && slot < HISTORY_SLOTS; slot++)
                if (other || slot == history_slot(NOW_S))
                    assert_false(history_decode(&found, line, slot));
        }
        line[i] = right;
    }
    assert_int_equal(found.at_s, 7);
}

/* A line that was written half, over another one or over nothing. */
static void test_torn(void **state)
{
    struct history_record found[HISTORY_SLOTS];
    char *line = file + (ptrdiff_t)history_slot(NOW_S) * HISTORY_LINE, whole[HISTORY_LINE];

    (void)state;
    put(NOW_S, 111111111);
    memcpy(whole, line, sizeof whole);
    for (size_t cut = 0; cut < HISTORY_LINE; cut++) {
        memset(line, 0, HISTORY_LINE);
        memcpy(line, whole, cut);
        assert_int_equal(get(NOW_S, found, cut > 0), 0);
        put(NOW_S - HISTORY_SPAN_S, -222222222);
        memcpy(line, whole, cut);
        if (memcmp(line, whole, HISTORY_LINE) != 0)
            assert_int_equal(get(NOW_S, found, memcmp(line, whole, 12) == 0 || cut > 7), 0);
    }
}

static void test_noise(void **state)
{
    struct history_record found[HISTORY_SLOTS];
    unsigned torn;
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof file; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            file[i] = (char)(seed >> 56);
        }
        assert_int_equal(history_read(file, (struct wall){NOW_S * NS_PER_S}, found, &torn), 0);
        assert_int_equal(torn, HISTORY_SLOTS);
    }
}

static void test_ring(void **state)
{
    struct history_record found[HISTORY_SLOTS];

    (void)state;
    assert_int_equal(get(NOW_S, found, 0), 0);
    /* Three days, and then whatever the phase of now is: always the newest day, in order. */
    for (int64_t t = NOW_S - 3 * HISTORY_SPAN_S; t <= NOW_S; t += HISTORY_STEP_S)
        put(t, t);
    for (int64_t late = 0; late < 2 * HISTORY_SPAN_S; late += 997) {
        unsigned n = get(NOW_S + late, found, 0);

        for (unsigned i = 0; i < n; i++) {
            assert_int_equal(found[i].offset_ns, found[i].at_s);
            assert_true(found[i].at_s > NOW_S + late - HISTORY_SPAN_S);
            assert_true(i == 0 || found[i].at_s == found[i - 1].at_s + HISTORY_STEP_S);
        }
        if (late < HISTORY_STEP_S)
            assert_in_range(n, HISTORY_SLOTS - 1, HISTORY_SLOTS);
        if (late >= HISTORY_SPAN_S)
            assert_int_equal(n, 0);
    }
}

/* Yesterday's record is in the slot that now falls into: it is older than all the others. */
static void test_newest_slot(void **state)
{
    const int64_t begin = NOW_S / HISTORY_STEP_S * HISTORY_STEP_S;
    struct history_record found[HISTORY_SLOTS];

    (void)state;
    put(begin + 200 - HISTORY_SPAN_S, 1);
    put(begin - 100, 2);
    assert_int_equal(get(begin + 100, found, 0), 1);
    assert_int_equal(found[0].offset_ns, 2);
}

/* The clock was ahead, and was set back. */
static void test_future(void **state)
{
    struct history_record found[HISTORY_SLOTS];

    (void)state;
    put(NOW_S + 3600, 1);
    put(NOW_S - 600, 2);
    assert_int_equal(get(NOW_S, found, 0), 1);
    assert_int_equal(found[0].offset_ns, 2);
    assert_int_equal(get(-5, found, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test_setup(test_torn, empty),
        cmocka_unit_test(test_noise),
        cmocka_unit_test_setup(test_ring, empty),
        cmocka_unit_test_setup(test_newest_slot, empty),
        cmocka_unit_test_setup(test_future, empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
