/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crowd [N [WHAT]]: N clients of one server through a day, each the real state machine (source.h)
 * with the real poll policy (poll.h), and what the server sees of them all. Clients do not know
 * each other, so they live one after the other, and only what they send is added up.
 *
 * They were started in the six hours before, at random. What befalls them at noon:
 *
 *   day       nothing
 *   outage    for six hours the server is not there, neither for keys nor for time
 *   refusing  likewise, but key establishment is reached and refuses
 *   rotation  the server forgets all its keys in one instant
 *   city      a tenth of them lose power for half an hour, and boot within a minute of each other
 *   bare      likewise, and nothing was stored
 *   dark      as bare, and the server is not there for six hours: what is looked at is how they
 *             come back to it once the pauses have reached their end, 2 to 6 h after noon, against
 *             the mean of 1024 s, which is about the last pause
 *
 * A bin has 10^5 / N seconds, but one at least: some hundred queries. `peak` is the fullest bin;
 * `ratio` the worst bin against the schedule's mean: what is sent in the 64 s (2^minpoll) after or
 * before it, whichever is more, where that is a hundred in a bin. More than twice that of key
 * exchanges, or 1.5 times of queries, and four deviations of chance, is a failure.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock/poll.h"
#include "common/source/pilot.h"
#include "tests/sim/sim_aead.h"
#include "tests/sim/sim_server.h"

enum { DAY_S = 86400, NOON_S = 43200, WARM_S = 21600, OUTAGE_S = 21600, DARK_S = 1800 };
enum {
    BOOT_LEAST_S = 20,
    BOOT_SPREAD_S = 60,
    CITY = 10,
    MANY = 1000000,
    BIN = 100000,
    WINDOW_S = 64,
    LONG_S = 1024,
    SETTLED_S = 7200
};
enum what { QUERIES, EXCHANGES, WHATS };
enum fate {
    FATE_DAY,
    FATE_OUTAGE,
    FATE_REFUSING,
    FATE_ROTATION,
    FATE_CITY,
    FATE_BARE,
    FATE_DARK,
    FATES
};

#define WAY_NS       (20 * NS_PER_MS) /* there and back */
#define KE_NS        (200 * NS_PER_MS)
#define FEWEST       100 /* in a bin, for a ratio that says something, */
#define FEWEST_DARK  8   /* and where only a tenth takes part */
#define CHANCE_SDS   4   /* of a number that is drawn: deviations that are no fault, */
#define CHANCE_LEAST 8   /* and what a small one may be more by */
#define RATIO_KES    2.0
#define RATIO_QUERY  1.5
#define SD_QUIET     2e-6 /* s: so quiet a network that the interval grows as far as it may */
#define SIM_START_NS (SIM_EPOCH_S * NS_PER_S)

struct crowd {
    enum fate fate;
    unsigned clients, bins;
    double bin_s;
    double *sent[WHATS];
};

struct client {
    struct crowd *crowd;
    struct source source;
    struct poll poll;
    struct sim_server server;
    struct sim_rand random;
    struct nts_session stored;
    bool has_stored;
    int64_t t; /* ns since the day began */
};

static struct mono mono_at(int64_t t)
{
    return (struct mono){t + WARM_S * NS_PER_S};
}

static bool is_out(const struct client *c)
{
    int64_t s = c->t / NS_PER_S;
    enum fate f = c->crowd->fate;

    return (f == FATE_OUTAGE || f == FATE_REFUSING || f == FATE_DARK) && s >= NOON_S &&
           s < NOON_S + OUTAGE_S;
}

static void count(struct client *c, enum what what)
{
    if (c->t >= 0 && c->t < DAY_S * NS_PER_S)
        c->crowd->sent[what][(unsigned)((double)c->t * 1e-9 / c->crowd->bin_s)]++;
}

static void plan(struct client *c)
{
    struct poll_input in = {.valid = true, .sd_now = SD_QUIET};
    int64_t pause;

    poll_spare(&c->poll, source_cookies_left(&c->source));
    pause = poll_next_ns(&c->poll, &in, (uint32_t)sim_rand_next(&c->random));
    source_poll_at(&c->source, (struct mono){mono_at(c->t).ns + pause});
}

static void perform(struct client *c, struct source_out *out);

static void query(struct client *c, struct source_out *out)
{
    uint8_t answer[NTS_RESPONSE_MAX];
    struct local_stamps stamps = {.t1 = {SIM_START_NS + c->t}, .t1_raw = {mono_at(c->t).ns}};
    struct source_out after = {.n = 0};
    int64_t sent;
    size_t len = 0;

    count(c, QUERIES);
    if (!is_out(c))
        len = sim_server_answer(&c->server, c->t + WAY_NS / 2, out->packet, out->packet_len, answer,
                                &sent);
    if (len == 0)
        return;
    c->t += WAY_NS;
    stamps.t4.ns = SIM_START_NS + c->t;
    stamps.t4_raw.ns = mono_at(c->t).ns;
    source_datagram(&c->source, mono_at(c->t), answer, len, &stamps, &sim_aead, &after);
    perform(c, &after);
}

static void exchange_keys(struct client *c)
{
    struct source_out out = {.n = 0};
    struct nts_session s;
    struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    bool reached = c->crowd->fate == FATE_REFUSING, fine;

    count(c, EXCHANGES);
    c->t += KE_NS;
    fine = !is_out(c) && sim_server_ke(&c->server, c->t, &s, &f, &reached);
    if (fine) {
        s.made.ns = SIM_START_NS + c->t;
        source_ke_done(&c->source, mono_at(c->t), &s, &out);
    } else {
        source_ke_failed(&c->source, mono_at(c->t), &f, reached, &out);
    }
    perform(c, &out);
}

/* As pilot_failed() has it: what the server has to do with is followed by the next poll. */
static void failed(struct client *c)
{
    enum stage stage = (enum stage)c->source.fail.stage;

    if (stage == STAGE_NTP_TIMEOUT || stage == STAGE_NAK)
        plan(c);
}

static void perform(struct client *c, struct source_out *out)
{
    for (unsigned i = 0; i < out->n; i++) {
        switch (out->act[i]) {
        case SOURCE_SAVE:
            c->stored = c->source.session;
            c->has_stored = true;
            break;
        case SOURCE_SEND:
            query(c, out);
            return;
        case SOURCE_START_KE:
            exchange_keys(c);
            return;
        case SOURCE_SAMPLE:
            poll_answered(&c->poll);
            plan(c);
            break;
        case SOURCE_FAILED:
            failed(c);
            break;
        case SOURCE_CLOSE:
            break;
        }
    }
}

/* Until then it is as it is. */
static void live(struct client *c, int64_t until)
{
    while (c->t < until) {
        struct source_tools tools = {.aead = &sim_aead};
        struct source_out out = {.n = 0};
        int64_t next = source_next(&c->source).ns - mono_at(0).ns;

        if (next > c->t)
            c->t = next < until ? next : until;
        if (c->t == until)
            return;
        sim_rand_fill(&c->random, &tools.random, sizeof tools.random);
        source_timer(&c->source, mono_at(c->t), &tools, &out);
        perform(c, &out);
    }
}

static void start(struct client *c)
{
    source_init(&c->source, &pilot_policy, mono_at(c->t));
    poll_init(&c->poll, 6, 10);
    if (c->has_stored)
        source_resume(&c->source, &c->stored, mono_at(c->t));
}

static void one(struct crowd *crowd, unsigned i)
{
    static struct client c;
    const struct sim_server_setting set = {.stratum = 1,
                                           .restart_at = crowd->fate == FATE_ROTATION ? NOON_S : 0};
    bool dark =
        (crowd->fate == FATE_CITY || crowd->fate == FATE_BARE || crowd->fate == FATE_DARK) &&
        i % CITY == 0;

    memset(&c, 0, sizeof c);
    c.crowd = crowd;
    sim_rand_init(&c.random, i + 1, 3);
    sim_server_init(&c.server, &set, 0, i + 1);
    c.t = (int64_t)(-sim_rand_uniform(&c.random) * WARM_S * 1e9);
    start(&c);
    if (dark) {
        live(&c, NOON_S * NS_PER_S);
        c.has_stored = c.has_stored && crowd->fate == FATE_CITY;
        c.t = (NOON_S + DARK_S + BOOT_LEAST_S) * NS_PER_S +
              (int64_t)(sim_rand_uniform(&c.random) * BOOT_SPREAD_S * 1e9);
        start(&c);
    }
    live(&c, DAY_S * NS_PER_S);
    sim_server_free(&c.server);
}

/* The mean of the bins from..to. */
static double mean(const struct crowd *c, const double *v, unsigned from, unsigned to)
{
    double sum = 0;
    unsigned last = to < c->bins ? to : c->bins;

    for (unsigned i = from; i < last; i++)
        sum += v[i];
    return last > from ? sum / (last - from) : 0;
}

/* The worst ratio; *much: how often more was sent than `most` times the schedule and chance. */
static double worst_ratio(const struct crowd *c, const double *v, double most, unsigned *much)
{
    bool dark = c->fate == FATE_DARK;
    unsigned window = (unsigned)((dark ? LONG_S : WINDOW_S) / c->bin_s);
    unsigned from = dark ? (unsigned)((NOON_S + SETTLED_S) / c->bin_s) : 0;
    unsigned to = dark ? (unsigned)((NOON_S + OUTAGE_S) / c->bin_s) : c->bins;
    double worst = 0;

    window = window > 1 ? window : 2;
    *much = 0;
    for (unsigned i = from; i < to; i++) {
        double before = mean(c, v, i + 1 > window ? i + 1 - window : 0, i + 1);
        double schedule = fmax(before, mean(c, v, i, i + window));

        if (schedule >= (dark ? FEWEST_DARK : FEWEST))
            worst = fmax(worst, v[i] / schedule);
        *much += v[i] > most * schedule + CHANCE_SDS * sqrt(schedule) + CHANCE_LEAST;
    }
    return worst;
}

static int report(const struct crowd *c, const char *name)
{
    static const double most[WHATS] = {RATIO_QUERY, RATIO_KES};
    int failures = 0;

    printf("%-9s", name);
    for (int w = 0; w < WHATS; w++) {
        unsigned much;
        double peak = 0, ratio = worst_ratio(c, c->sent[w], most[w], &much);

        for (unsigned i = 0; i < c->bins; i++)
            peak = fmax(peak, c->sent[w][i]);
        printf(" %9.1f %9.1f %6.2f", mean(c, c->sent[w], 0, c->bins) / c->bin_s, peak / c->bin_s,
               ratio);
        failures += much > 0;
    }
    printf("%s\n", failures > 0 ? "  TOO MUCH" : "");
    fflush(stdout);
    return failures;
}

int main(int argc, char **argv)
{
    static const char *const names[FATES] = {"day",  "outage", "refusing", "rotation",
                                             "city", "bare",   "dark"};
    int clients = argc > 1 ? atoi(argv[1]) : MANY;
    int failures = 0;

    if (clients < 1000 || clients > MANY)
        return 2;
    printf("%d clients, a bin of %.0f s\n", clients, fmax((double)BIN / clients, 1));
    printf("%-9s %9s %9s %6s %9s %9s %6s\n", "", "queries/s", "peak", "ratio", "keys/s", "peak",
           "ratio");
    for (int f = 0; f < FATES; f++) {
        struct crowd c = {.fate = (enum fate)f, .clients = (unsigned)clients};

        if (argc > 2 && strcmp(argv[2], names[f]) != 0)
            continue;

        c.bin_s = fmax((double)BIN / clients, 1);
        c.bins = (unsigned)(DAY_S / c.bin_s) + 1;
        for (int w = 0; w < WHATS; w++)
            if ((c.sent[w] = calloc(c.bins, sizeof *c.sent[w])) == NULL)
                return 2;
        for (unsigned i = 0; i < c.clients; i++)
            one(&c, i);
        c.bins--; /* the last is not a whole one */
        failures += report(&c, names[f]);
        for (int w = 0; w < WHATS; w++)
            free(c.sent[w]);
    }
    return failures > 0;
}
