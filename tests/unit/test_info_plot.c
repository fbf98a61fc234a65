/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ntsc -i --plot prints of the last day. */
#include "tests/unit/golden.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/info/info.h"
#include "client/info/info_parts.h"
#include "client/shared/history_file.h"

#define NOW_S INT64_C(1795300012)

static char dir_name[] = "/tmp/ntsc-history-XXXXXX";
static char path[64], status[64];
static int dir;
static char *out, *err;

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir_name));
    dir = open(dir_name, O_RDONLY | O_DIRECTORY);
    snprintf(path, sizeof path, "%s/%s", dir_name, HISTORY_FILE);
    snprintf(status, sizeof status, "%s/status.json", dir_name);
    return dir < 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(dir);
    return rmdir(dir_name); /* nothing else was left there */
}

static int remove_file(void **state)
{
    (void)state;
    free(out);
    free(err);
    out = err = NULL;
    return unlink(path) != 0 && rmdir(path) != 0;
}

static void plot(unsigned width, bool utf8)
{
    const struct info_view v = {
        .format = INFO_PLOT, .now = {NOW_S * NS_PER_S}, .width = width, .utf8 = utf8};
    size_t n;
    FILE *to, *to_err;

    free(out);
    free(err);
    to = open_memstream(&out, &n);
    to_err = open_memstream(&err, &n);
    assert_true(to != NULL && to_err != NULL);
    info_plot(to, to_err, status, &v);
    fclose(to);
    fclose(to_err);
}

/* As it was `ago_s` ago. */
static void put(int fd, int64_t ago_s, double offset_ns, double bound_ns)
{
    const struct history_record h = {NOW_S - ago_s, llround(offset_ns), llround(bound_ns)};

    assert_int_equal(history_file_put(fd, &h), 0);
}

/*
 * A machine that is switched on 20 hours ago with a clock that is a second off, and sleeps from 11
 * to 9 hours ago; the temperature follows the day, and there is noise, always the same.
 */
static void put_day(int every_s)
{
    int fd = history_file_open(dir);
    uint64_t seed = 1;

    assert_true(fd >= 0);
    for (int64_t ago = 20 * 3600; ago >= 0; ago -= every_s) {
        double since = (double)(20 * 3600 - ago), noise;

        if (ago > 9 * 3600 && ago <= 11 * 3600)
            continue;
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        noise = (double)(seed >> 40) / (1 << 23) - 1;
        put(fd, ago, 1e9 * exp(-since / 100) + 12e3 * sin(since / 9000) + 4e3 * noise,
            4e6 + 1e9 * exp(-since / 100) + 4e6 * exp(-since / 4000) + 5e5 * noise);
    }
    close(fd);
}

static void test_pictures(void **state)
{
    static const unsigned widths[] = {40, 80, 132};
    char name[64];

    (void)state;
    put_day(HISTORY_STEP_S);
    for (size_t i = 0; i < 3; i++) {
        for (int utf8 = 0; utf8 < 2; utf8++) {
            plot(widths[i], utf8);
            assert_string_equal(err, "");
            snprintf(name, sizeof name, "plot-%u%s", widths[i], utf8 ? "-utf8" : "");
            golden_expect(name, out);
            golden_width(out, widths[i]);
            for (const char *p = out; !utf8 && *p != 0; p++)
                assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
        }
    }
}

/* Fewer records than columns: what was known last is drawn until it is known better. */
static void test_slow(void **state)
{
    (void)state;
    put_day(1024);
    plot(80, false);
    golden_expect("plot-slow-80", out);
}

static void test_widths(void **state)
{
    (void)state;
    put_day(HISTORY_STEP_S);
    for (unsigned width = 30; width < 400; width++) {
        plot(width, width % 2);
        golden_width(out, width);
    }
    for (unsigned width = 0; width < 30; width++)
        plot(width, false);
}

/* Whatever the numbers are, the picture has its size. */
static void test_extremes(void **state)
{
    static const int64_t values[] = {0, 1, 3, 999, INT64_C(1000000007), INT64_MAX / 2, INT64_MAX};
    int fd = history_file_open(dir);
    size_t n = sizeof values / sizeof *values;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            const struct history_record h = {NOW_S, values[i], values[k]};
            const struct history_record opposite = {NOW_S - 3600, -values[k], values[i]};

            assert_int_equal(history_file_put(fd, &h), 0);
            assert_int_equal(history_file_put(fd, &opposite), 0);
            plot(80, false);
            golden_width(out, 80);
            assert_string_equal(err, "");
        }
    }
    close(fd);
}

static void put_text(const char *text, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* One clear line about what is wrong with the file, and the rest is drawn. */
static void test_wrong_files(void **state)
{
    static char large[HISTORY_OCTETS + 1];
    int fd;

    (void)state;
    plot(80, true);
    assert_string_equal(out, "");
    assert_non_null(strstr(err, "/history: No such file or directory\n"));
    put_text("", 0);
    plot(80, true);
    assert_string_equal(out, "Nothing is known of the last day yet.\n");
    assert_string_equal(err, "");
    put_text("hello\n", 6);
    plot(80, true);
    assert_non_null(strstr(err, "/history: 1 of 288 lines are torn and left out\n"));
    memset(large, '\033', sizeof large);
    put_text(large, HISTORY_OCTETS);
    plot(80, true);
    assert_string_equal(out, "Nothing is known of the last day yet.\n");
    assert_non_null(strstr(err, "/history: 288 of 288 lines are torn and left out\n"));
    fd = history_file_open(dir);
    put(fd, 0, 1000, 2000);
    close(fd);
    plot(80, false);
    assert_null(strchr(out, '\033'));
    assert_null(strchr(err, '\033'));
    assert_non_null(strstr(out, "   +1 us|"));
    assert_non_null(strstr(err, "/history: 287 of 288 lines are torn and left out\n"));
    put_text(large, sizeof large);
    plot(80, false);
    assert_string_equal(out, "");
    assert_non_null(strstr(err, "/history is not the history of an ntsc that this one"));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes, and nobody waits */
    plot(80, false);
    assert_string_equal(out, "Nothing is known of the last day yet.\n");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    plot(80, false);
    assert_non_null(strstr(err, "/history: Is a directory\n"));
}

/* Everybody may read it; what lies there before is taken over only where it is a file. */
static void test_file(void **state)
{
    const struct history_record none = {-1, 0, 0}, h = {NOW_S, 1, 2};
    struct stat st;
    mode_t old = umask(077);
    int fd = history_file_open(dir);

    (void)state;
    umask(old);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(history_file_put(fd, &none), EINVAL);
    assert_int_equal(history_file_put(fd, &h), 0);
    close(fd);
    assert_int_equal(history_file_put(fd, &h), EBADF);
    fd = history_file_open(dir); /* nothing is lost */
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, (history_slot(NOW_S) + 1) * HISTORY_LINE);
    close(fd);
    unlink(path);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(history_file_open(dir), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_pictures, remove_file),
        cmocka_unit_test_teardown(test_slow, remove_file),
        cmocka_unit_test_teardown(test_widths, remove_file),
        cmocka_unit_test_teardown(test_extremes, remove_file),
        cmocka_unit_test_teardown(test_wrong_files, remove_file),
        cmocka_unit_test_teardown(test_file, remove_file),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
