/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "client/ntsc/service_state.h"

static bool is_end(unsigned s)
{
    return s == SERVICE_STOPPED || s == SERVICE_BROKEN || s == SERVICE_DENIED;
}

/* Without an engine none can end, with one no second starts, and nothing comes after the end. */
static void test_what_means_nothing(void **arg)
{
    (void)arg;
    for (unsigned s = 0; s < SERVICE_STATES; s++) {
        bool engine = service_has_engine(s);

        assert_int_equal(service_goes_on(s), s == SERVICE_PAUSING || s == SERVICE_RUNNING);
        if (engine || is_end(s))
            assert_int_equal(service_next(s, SERVICE_EV_STARTED), s);
        else
            assert_true(service_has_engine(service_next(s, SERVICE_EV_STARTED)));
        if (engine) {
            assert_false(service_has_engine(service_next(s, SERVICE_EV_ENGINE_ENDED)));
            assert_false(service_has_engine(service_next(s, SERVICE_EV_DENIED)));
        }
        for (unsigned e = 0; e < SERVICE_EVENTS; e++)
            if (is_end(s))
                assert_int_equal(service_next(s, e), s);
    }
}

/* A signal and a starter that is gone end the daemon from wherever it is. */
static void test_every_end(void **arg)
{
    (void)arg;
    for (unsigned s = 0; s < SERVICE_STATES; s++) {
        enum service_state stopped = service_next(s, SERVICE_EV_STOP);
        enum service_state broken = service_next(s, SERVICE_EV_STARTER_GONE);

        assert_false(service_goes_on(stopped));
        assert_false(service_goes_on(broken));
        assert_true(is_end(service_next(stopped, SERVICE_EV_ENGINE_ENDED)));
        /* "Start me again" is never lost on the way. */
        if (!is_end(s))
            assert_int_equal(service_next(broken, SERVICE_EV_ENGINE_ENDED), SERVICE_BROKEN);
    }
    assert_int_equal(service_next(SERVICE_STOPPING, SERVICE_EV_ENGINE_ENDED), SERVICE_STOPPED);
    assert_int_equal(service_next(SERVICE_BREAKING, SERVICE_EV_STOP), SERVICE_BREAKING);
}

/* An engine that ended is followed by another; one that may not change the clock by none. */
static void test_engines_come_and_go(void **arg)
{
    enum service_state s = SERVICE_PAUSING;

    (void)arg;
    for (int i = 0; i < 3; i++) {
        s = service_next(s, SERVICE_EV_STARTED);
        assert_int_equal(s, SERVICE_RUNNING);
        s = service_next(s, SERVICE_EV_ENGINE_ENDED);
        assert_int_equal(s, SERVICE_PAUSING);
    }
    assert_int_equal(service_next(SERVICE_RUNNING, SERVICE_EV_DENIED), SERVICE_DENIED);
}

/* "Not yet" and "not any more" are two things. */
static void test_what_is_told(void **arg)
{
    static const struct {
        bool synchronized;
        enum service_sync becomes;
        const char *words;
    } looks[] = {
        {false, SERVICE_SYNC_NOT_YET, "not synchronized yet"},
        {true, SERVICE_SYNC_NOW, "is synchronized"},
        {false, SERVICE_SYNC_NOT_ANY_MORE, "not synchronized any more"},
        {false, SERVICE_SYNC_NOT_ANY_MORE, "not synchronized any more"},
        {true, SERVICE_SYNC_NOW, "is synchronized"},
    };
    enum service_sync sync = SERVICE_SYNC_NOT_YET;

    (void)arg;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        sync = service_sync_next(sync, looks[i].synchronized);
        assert_int_equal(sync, looks[i].becomes);
        assert_non_null(strstr(service_words(SERVICE_RUNNING, sync, false), looks[i].words));
        assert_non_null(strstr(service_words(SERVICE_RUNNING, sync, true), "watched only"));
        assert_non_null(strstr(service_words(SERVICE_PAUSING, sync, false), "a new one starts"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_means_nothing), cmocka_unit_test(test_every_end),
        cmocka_unit_test(test_engines_come_and_go), cmocka_unit_test(test_what_is_told)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
