/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/source_bench.h"

#include "common/source/turn.h"

#define SOURCES 2

static struct ensemble e;
static struct ensemble_source judged[SOURCES];
static struct bench benches[SOURCES];

static struct source *get(void *owner, unsigned i)
{
    (void)owner;
    return &benches[i].s;
}

static struct turn_clocks clocks_at(int64_t s)
{
    return (struct turn_clocks){.now = {.mono = {S(s)}, .raw = {S(s)}, .wall = {S(s)}}};
}

/* Sources with keys that wait for a poll that is far away. */
static void begin(struct turn *t)
{
    const struct turn_sources sources = {.get = get};
    struct turn_clocks clocks = clocks_at(2000);

    memset(&e, 0, sizeof e);
    e.sources = judged;
    e.n = SOURCES;
    for (unsigned i = 0; i < SOURCES; i++) {
        ensemble_source_init(&judged[i], 6, 10);
        bench_start(&benches[i]);
        bench_exchange_keys(&benches[i], 8);
        source_poll_at(&benches[i].s, (struct mono){S(9000)});
    }
    turn_begin(t, &e, &sources, &clocks);
}

static bool all_asked(int64_t s)
{
    bool all = true;

    for (unsigned i = 0; i < SOURCES; i++) {
        all = all && benches[i].s.poll_at.ns <= S(s);
        source_poll_at(&benches[i].s, (struct mono){S(9000)});
    }
    return all;
}

/* Events make a round in sixteen seconds, however many there are, and so does the owner's word. */
static void who_asks(void **state)
{
    struct turn_clocks clocks;
    struct turn_out out;
    struct turn t;

    (void)state;
    begin(&t);
    for (int64_t s = 2001; s < 2010; s++) {
        clocks = clocks_at(s);
        turn_ask_all(&t, PILOT_ASK_NOW);
        turn_take(&t, &clocks, &out);
        assert_int_equal(all_asked(s), s == 2001);
        turn_ask_now(&t);
        assert_false(all_asked(s));
        assert_int_equal(turn_next(&t).ns, S(2001) + PILOT_ROUND_NS);
    }
    clocks = clocks_at(2001 + PILOT_ROUND_NS / NS_PER_S);
    turn_take(&t, &clocks, &out);
    assert_true(all_asked(clocks.now.mono.ns / NS_PER_S)); /* what was wanted is not forgotten */
    assert_int_equal(turn_next(&t).ns, SOURCE_NEVER.ns);
}

enum { SIGNALS = 1, SETS = 2, ADDRESSES = 4, RESUMES = 8, ALL_EVENTS = 15 };

/* What has happened at this moment: a clock is set to and fro by a second, a sleep takes one. */
static void happen(unsigned events, unsigned count, struct turn *t, struct turn_clocks *clocks)
{
    if ((events & SIGNALS) != 0)
        turn_ask_now(t);
    if ((events & ADDRESSES) != 0)
        turn_ask_all(t, PILOT_ASK_NOW);
    if ((events & SETS) != 0 && count % 2 == 0)
        clocks->now.wall.ns += NS_PER_S;
    if ((events & RESUMES) != 0)
        clocks->slept_ns += (int64_t)count * NS_PER_S;
}

/*
 * Events every STORM_MS for an hour, then none: counts the rounds, which keep to both limits, and
 * of which the last follows the last event.
 */
#define STORM_MS 20
#define STORM_S  3600
#define AFTER_S  700
static unsigned storm(unsigned events)
{
    int64_t at[64] = {0}, step = STORM_MS * NS_PER_MS;
    unsigned n = 0, count = 0, noticed = 0;
    struct turn_out out;
    struct turn t;

    begin(&t);
    for (int64_t ns = S(2000) + step; ns < S(2000 + STORM_S + AFTER_S); ns += step) {
        struct turn_clocks clocks = {.now = {.mono = {ns}, .raw = {ns}, .wall = {ns}}};

        if (ns < S(2000 + STORM_S))
            count++;
        happen(ns < S(2000 + STORM_S) ? events : events & RESUMES, count, &t, &clocks);
        turn_take(&t, &clocks, &out);
        noticed += out.jump_ns != 0 || out.slept_ns != 0;
        if (benches[0].s.poll_at.ns > ns)
            continue;
        assert_true(n < 64 && all_asked(ns / NS_PER_S + 1));
        if (n > 0)
            assert_true(ns - at[n - 1] >= S(16));
        if (n >= 4)
            assert_true(ns - at[n - 4] >= S(600));
        at[n++] = ns;
    }
    assert_true(n > 0 && at[n - 1] >= S(2000 + STORM_S) - step);
    /* Else there was no storm. */
    assert_true((events & (SETS | RESUMES)) == 0 || noticed > STORM_S * 1000 / STORM_MS / 2);
    return n;
}

/* Three thousand a minute of each kind, and of all at once. */
static void storms(void **state)
{
    static const unsigned kinds[] = {SIGNALS, SETS, ADDRESSES, RESUMES, ALL_EVENTS};

    (void)state;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_int_equal(storm(kinds[i]), 4 * STORM_S / 600 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks),
        cmocka_unit_test(storms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
