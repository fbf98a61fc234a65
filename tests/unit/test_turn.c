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

/* Events make a round in sixteen seconds, however many there are; the owner's word counts at once.
 */
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
        turn_ask_now(&t, clocks.now.mono);
        assert_true(all_asked(s));
    }
    clocks = clocks_at(2001 + PILOT_ROUND_NS / NS_PER_S);
    turn_take(&t, &clocks, &out);
    assert_true(all_asked(clocks.now.mono.ns / NS_PER_S)); /* what was wanted is not forgotten */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
