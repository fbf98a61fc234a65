/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/clock/clock_file.h"

static const struct clock_file samples[] = {
    {0, 1, 0},
    {-20123456, 5000, 1795300000},
    {CLOCK_FILE_FREQUENCY_MAX_PPT, CLOCK_FILE_FREQUENCY_MAX_PPT, 4102444800},
    {-CLOCK_FILE_FREQUENCY_MAX_PPT, 1, 99999999999},
};

static void both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char line[CLOCK_FILE_MAX];
        size_t n = clock_file_encode(&samples[i], line, sizeof line);
        struct clock_file c;

        assert_true(n > 0);
        assert_int_equal(line[n - 1], '\n');
        assert_true(clock_file_decode(&c, line, n));
        assert_memory_equal(&c, &samples[i], sizeof c);
        for (size_t cap = 0; cap <= n; cap++)
            assert_int_equal(clock_file_encode(&samples[i], line, cap), 0);
    }
}

static void nothing_else_is_believed(void **state)
{
    char line[CLOCK_FILE_MAX];
    size_t n = clock_file_encode(&samples[1], line, sizeof line);
    struct clock_file c;

    (void)state;
    for (size_t len = 0; len < n; len++) {
        uint8_t *torn = test_exact(line, len);

        assert_false(clock_file_decode(&c, (const char *)torn, len));
        free(torn);
    }
    for (size_t bit = 0; bit < n * 8; bit++) {
        line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
        assert_false(clock_file_decode(&c, line, n));
        line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
    }
    line[n] = ' ';
    assert_false(clock_file_decode(&c, line, n + 1));
    assert_true(clock_file_decode(&c, line, n));
}

/* Before the checksum is looked at: numbers that no file of ours has. */
static void strange_numbers(void **state)
{
    static const char *const lines[] = {
        "ntsc-clock-1 frequency_ppt 1234567890123456 sd_ppt 1 good_s 1 sum 00000000\n",
        "ntsc-clock-1 frequency_ppt - sd_ppt 1 good_s 1 sum 00000000\n",
        "ntsc-clock-1 frequency_ppt 1 sd_ppt 1 good_s 1",
        "ntsc-clock-1 frequency_ppt -",
        "ntsc-clock-1 frequency_ppt 5 sd_ppt 0 good_s 1 sum 00000000\n",
    };
    struct clock_file c;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(clock_file_decode(&c, lines[i], strlen(lines[i])));
}

static void nonsense_is_not_written(void **state)
{
    const struct clock_file bad[] = {{CLOCK_FILE_FREQUENCY_MAX_PPT + 1, 1, 0},
                                     {-CLOCK_FILE_FREQUENCY_MAX_PPT - 1, 1, 0},
                                     {0, 0, 0},
                                     {0, CLOCK_FILE_FREQUENCY_MAX_PPT + 1, 0},
                                     {0, 1, -1}};
    char line[CLOCK_FILE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(clock_file_encode(&bad[i], line, sizeof line), 0);
}

static void date_floor(void **state)
{
    const int64_t built = 1700000000, usable = INT64_C(1) << 31;

    (void)state;
    assert_int_equal(clock_file_floor_s(built, 0), built);
    assert_int_equal(clock_file_floor_s(built, built), built);
    assert_int_equal(clock_file_floor_s(built, built + 1), built + 1);
    assert_int_equal(clock_file_floor_s(built, built + usable - 1), built + usable - 1);
    assert_int_equal(clock_file_floor_s(built, built + usable), built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),       cmocka_unit_test(nothing_else_is_believed),
        cmocka_unit_test(strange_numbers), cmocka_unit_test(nonsense_is_not_written),
        cmocka_unit_test(date_floor),
    };

    return cmocka_run_group_tests_name("clock_file", tests, NULL, NULL);
}
