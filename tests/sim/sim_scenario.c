/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_scenario.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_keys.h"

static const struct {
    const char *word;
    enum sim_happening_kind kind;
    int n;
} happenings[] = {{"sleep", SIM_SLEEP, 2},     {"pause", SIM_PAUSE, 2},
                  {"offline", SIM_OFFLINE, 2}, {"restart", SIM_RESTART, 1},
                  {"kill", SIM_KILL, 2},       {"stepped", SIM_STEPPED, 2}};

const struct sim_daemon_setting sim_daemon_usual = {
    .minpoll = 6, .maxpoll = 10, .step = 0.5, .step_count = 1, .panic = 1000, .maxdelay = 0.1};

/* The words of a line. */
struct words {
    char *at;
    const char *file;
    int line;
};

static char *next_word(struct words *w)
{
    return strtok_r(NULL, " \t\n", &w->at);
}

static bool complain(const struct words *w, const char *word, const char *expected)
{
    fprintf(stderr, "%s:%d: \"%s\": %s is expected\n", w->file, w->line, word ? word : "",
            expected);
    return false;
}

static bool numbers(struct words *w, double *to, int n)
{
    for (int i = 0; i < n; i++) {
        char *word = next_word(w), *end = NULL;

        if (word != NULL)
            to[i] = strtod(word, &end);
        if (word == NULL || *end != 0)
            return complain(w, word, "a number");
    }
    return true;
}

/* 1: taken, 0: not in this table, -1: wrong. */
static int take_key(struct words *w, const struct sim_key *keys, const char *word, void *to)
{
    while (keys->word != NULL && strcmp(keys->word, word) != 0)
        keys++;
    if (keys->word == NULL)
        return 0;
    if (!numbers(w, (double *)(void *)((char *)to + keys->at), keys->n))
        return -1;
    if (keys->both)
        memcpy((char *)to + keys->at + sizeof(double), (char *)to + keys->at, sizeof(double));
    if (keys->n == 0)
        *(double *)(void *)((char *)to + keys->at) = 1;
    return 1;
}

static bool keys_line(struct words *w, const struct sim_key *keys, void *to)
{
    for (char *word = next_word(w); word != NULL; word = next_word(w)) {
        int r = take_key(w, keys, word, to);

        if (r <= 0)
            return r == 0 ? complain(w, word, "a key") : false;
    }
    return true;
}

static bool take_shape(struct words *w, struct sim_net_setting *n)
{
    const char *word = next_word(w);

    for (unsigned i = 0; word != NULL && i < SIM_SHAPES; i++) {
        if (strcmp(word, sim_shape_names[i]) == 0) {
            n->shape = (enum sim_shape)i;
            return true;
        }
    }
    return complain(w, word, "the name of a shape");
}

/* A file is looked for where the scenario is. */
static bool file_name(struct words *w, char *path, size_t size)
{
    const char *word = next_word(w), *slash = strrchr(w->file, '/');
    int dir = slash != NULL && word != NULL && word[0] != '/' ? (int)(slash + 1 - w->file) : 0;

    if (word == NULL)
        return complain(w, word, "a file");
    snprintf(path, size, "%.*s%s", dir, w->file, word);
    return true;
}

static bool take_delays(struct words *w, struct sim_net_setting *n)
{
    char path[256];

    n->recording = file_name(w, path, sizeof path) ? sim_recording_delays(path) : NULL;
    return n->recording != NULL;
}

static bool take_rates(struct words *w, struct sim_osc_setting *o)
{
    char path[256];

    o->rates = file_name(w, path, sizeof path) ? sim_recording_rates(path) : NULL;
    return o->rates != NULL;
}

static bool take_route(struct words *w, struct sim_net_setting *n)
{
    double v[4];

    if (n->n_routes == SIM_ROUTES || !numbers(w, v, 4))
        return complain(w, "route", "UP DOWN FROM TO");
    n->routes[n->n_routes++] = (struct sim_route){v[0], v[1], v[2], v[3]};
    return true;
}

static bool server_line(struct words *w, struct sim_scenario *s)
{
    struct sim_server_setting server = {.ke_seconds = 0.2};
    struct sim_net_setting net = {.jitter = {0, 0}};
    double count = 1;

    for (char *word = next_word(w); word != NULL; word = next_word(w)) {
        int r;

        if (strcmp(word, "count") == 0)
            r = numbers(w, &count, 1) ? 1 : -1;
        else if (strcmp(word, "shape") == 0)
            r = take_shape(w, &net) ? 1 : -1;
        else if (strcmp(word, "route") == 0)
            r = take_route(w, &net) ? 1 : -1;
        else if (strcmp(word, "delays") == 0)
            r = take_delays(w, &net) ? 1 : -1;
        else
            r = take_key(w, sim_net_keys, word, &net);
        if (r == 0)
            r = take_key(w, sim_server_keys, word, &server);
        if (r <= 0)
            return r == 0 ? complain(w, word, "a key") : false;
    }
    for (; count > 0; count--) {
        if (s->n_servers == SIM_SERVERS)
            return complain(w, "server", "fewer servers");
        s->nets[s->n_servers] = net;
        s->servers[s->n_servers++] = server;
    }
    return true;
}

static bool hold_line(struct words *w, struct sim_scenario *s)
{
    const char *word = next_word(w);
    unsigned m = 0;

    while (m < SIM_METRICS && word != NULL && strcmp(word, sim_metric_names[m]) != 0)
        m++;
    if (word == NULL || m == SIM_METRICS || s->n_holds == SIM_HOLDS)
        return complain(w, word, "a metric");
    s->holds[s->n_holds].metric = (enum sim_metric)m;
    return numbers(w, &s->holds[s->n_holds++].value, 1);
}

static bool happening_line(struct words *w, struct sim_scenario *s, const char *word)
{
    for (size_t i = 0; i < sizeof happenings / sizeof *happenings; i++) {
        double v[2] = {0, 0};

        if (strcmp(word, happenings[i].word) != 0)
            continue;
        if (s->n_happenings == SIM_HAPPENINGS || !numbers(w, v, happenings[i].n))
            return complain(w, word, "fewer of them, with their numbers");
        s->happenings[s->n_happenings++] = (struct sim_happening){happenings[i].kind, v[0], v[1]};
        return true;
    }
    return complain(w, word, "a directive");
}

static bool line(struct words *w, struct sim_scenario *s, char *text)
{
    const char *word;

    text[strcspn(text, "#")] = 0;
    word = strtok_r(text, " \t\n", &w->at);
    if (word == NULL)
        return true;
    if (strcmp(word, "duration") == 0)
        return numbers(w, &s->duration, 1);
    if (strcmp(word, "settle") == 0)
        return numbers(w, &s->settle, 1);
    if (strcmp(word, "window") == 0)
        return numbers(w, s->window, 2);
    if (strcmp(word, "clock") == 0)
        return keys_line(w, sim_clock_keys, &s->clock);
    if (strcmp(word, "daemon") == 0)
        return keys_line(w, sim_daemon_keys, &s->daemon);
    if (strcmp(word, "server") == 0)
        return server_line(w, s);
    if (strcmp(word, "rates") == 0)
        return take_rates(w, &s->clock.osc);
    if (strcmp(word, "limit") == 0)
        return numbers(w, &s->limit, 1);
    if (strcmp(word, "chronyd") == 0)
        return numbers(w, s->chronyd, 4);
    if (strcmp(word, "hold") == 0)
        return hold_line(w, s);
    return happening_line(w, s, word);
}

static void set_name(struct sim_scenario *s, const char *path)
{
    const char *base = strrchr(path, '/');
    size_t n;

    base = base != NULL ? base + 1 : path;
    snprintf(s->name, sizeof s->name, "%s", base);
    n = strlen(s->name);
    if (n > 4 && strcmp(s->name + n - 4, ".sim") == 0)
        s->name[n - 4] = 0;
}

bool sim_scenario_read(struct sim_scenario *s, const char *path)
{
    struct words w = {.file = path};
    FILE *f = fopen(path, "r");
    char text[512];
    bool good = true;

    if (f == NULL) {
        perror(path);
        return false;
    }
    memset(s, 0, sizeof *s);
    set_name(s, path);
    s->daemon = sim_daemon_usual;
    while (good && fgets(text, sizeof text, f) != NULL) {
        w.line++;
        good = line(&w, s, text);
    }
    fclose(f);
    if (good && (s->duration <= 0 || s->n_servers == 0))
        good = complain(&w, "", "a duration and a server");
    return good;
}
