/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/engine/status_file.h"
#include "client/info/status_read.h"
#include "client/shared/runtime_path.h"

static char dir_name[] = "/tmp/ntsc-status-XXXXXX";
static char path[64];
static int dir;

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir_name));
    dir = open(dir_name, O_RDONLY | O_DIRECTORY);
    snprintf(path, sizeof path, "%s/%s", dir_name, STATUS_FILE);
    return dir < 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    close(dir);
    return rmdir(dir_name); /* nothing else was left there */
}

static void put(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void test_replaced(void **state)
{
    static struct status_copy c;
    static struct status_source sources[SERVERS_MAX + 1];
    struct status s = {.pid = 7, .bound_ns = -1};
    struct stat st;
    mode_t old = umask(077);
    int before;

    (void)state;
    for (unsigned i = 0; i <= SERVERS_MAX; i++) {
        memset(sources[i].name, '"', NTS_NAME_MAX);
        sources[i].bound_ns = -1;
    }
    assert_int_equal(status_file_write(dir, &s, sources, 1), 0);
    before = open(path, O_RDONLY);
    s.pid = 8;
    assert_int_equal(status_file_write(dir, &s, sources, SERVERS_MAX), 0);
    umask(old);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0644);
    assert_int_equal(status_read(path, &c), 0);
    assert_int_equal(c.n, SERVERS_MAX);
    assert_int_equal(c.status.pid, 8);
    assert_memory_equal(c.sources, sources, sizeof c.sources);
    assert_int_equal(c.len, st.st_size);

    /* Whoever had it open still has all of the old one. */
    assert_int_equal(fstat(before, &st), 0);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(read(before, c.text, sizeof c.text), st.st_size);
    assert_true(status_json_read(c.text, (size_t)st.st_size, &c.status, c.sources, 1, &c.n));
    assert_int_equal(c.status.pid, 7);
    close(before);
}

static void test_not_written(void **state)
{
    static const struct status_source many[4 * SERVERS_MAX + 1];
    struct status s = {.bound_ns = -1};
    int reading = open(path, O_RDONLY);

    (void)state;
    assert_int_equal(status_file_write(-1, &s, NULL, 0), EBADF);
    assert_int_equal(status_file_write(reading, &s, NULL, 0), ENOTDIR);
    for (unsigned n = SERVERS_MAX; n <= 4 * SERVERS_MAX; n++) {
        int error = status_file_write(dir, &s, many, n);

        assert_true(error == 0 || error == EMSGSIZE);
    }
    close(reading);
    /* A directory is in the place of the file: the temporary one goes away. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(status_file_write(dir, &s, NULL, 0), EISDIR);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir_name), 0);
    assert_int_equal(mkdir(dir_name, 0700), 0);
    close(dir);
    dir = open(dir_name, O_RDONLY | O_DIRECTORY);
}

static void test_not_read(void **state)
{
    static struct status_copy c;
    static char large[STATUS_FILE_MAX + 2];

    (void)state;
    assert_int_equal(status_read("/nonexistent/status.json", &c), ENOENT);
    assert_int_equal(status_read(dir_name, &c), EISDIR);
    put("");
    assert_int_equal(status_read(path, &c), EBADMSG);
    put("{\"schema\":2}");
    assert_int_equal(status_read(path, &c), EBADMSG);
    memset(large, ' ', sizeof large - 1);
    memcpy(large, "{\"schema\":1}", 12);
    put(large);
    assert_int_equal(status_read(path, &c), EBADMSG);
    large[STATUS_FILE_MAX] = 0;
    put(large);
    assert_int_equal(status_read(path, &c), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(status_read(path, &c), EBADMSG); /* and does not wait for a writer */
}

static void test_age(void **state)
{
    const struct status s = {.at = {100}, .next = {200}}, never = {.at = {100}};

    (void)state;
    assert_int_equal(status_age(&s, (struct wall){99}), STATUS_FUTURE);
    assert_int_equal(status_age(&s, (struct wall){100}), STATUS_FRESH);
    assert_int_equal(status_age(&s, (struct wall){200}), STATUS_FRESH);
    assert_int_equal(status_age(&s, (struct wall){201}), STATUS_STALE);
    assert_int_equal(status_age(&never, (struct wall){INT64_MAX}), STATUS_FRESH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_not_written),
        cmocka_unit_test(test_not_read),
        cmocka_unit_test(test_age),
    };

    return cmocka_run_group_tests_name("status_file", tests, set_up, tear_down);
}
