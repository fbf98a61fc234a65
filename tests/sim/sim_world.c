/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void sim_world_init(struct sim_world *w, const struct sim_scenario *set, uint64_t seed)
{
    int64_t start = SIM_EPOCH_S * NS_PER_S + llrint(set->clock.offset * 1e9);

    memset(w, 0, sizeof *w);
    w->set = set;
    sim_osc_init(&w->osc, &set->clock.osc, seed);
    kernel_clock_init(&w->kernel, (struct wall){start});
    w->mono_behind = start - 50 * NS_PER_S;
    w->battery_ahead_ns = llrint(set->clock.offset * 1e9); /* whence the kernel has its time */
    sim_rand_init(&w->random, seed, 2);
    for (unsigned i = 0; i < set->n_servers; i++) {
        sim_server_init(&w->servers[i], &set->servers[i], i, seed);
        sim_net_init(&w->nets[i], &set->nets[i], seed, i);
    }
    w->next_event = INT64_MAX;
}

void sim_world_free(struct sim_world *w)
{
    for (unsigned i = 0; i < w->set->n_servers; i++)
        sim_server_free(&w->servers[i]);
}

/*
 * The kernel sets the battery clock when it is told that its own is synchronized, and every 11
 * minutes while it is (sync_hw_clock() in kernel/time/ntp.c).
 */
#define BATTERY_NS (660 * NS_PER_S)

static void set_battery(struct sim_world *w)
{
    w->battery_due = 0;
    if ((w->kernel.status & KERNEL_STA_UNSYNC) != 0)
        return;
    w->battery_due = sim_world_mono(w).ns + BATTERY_NS;
    w->battery_ahead_ns = w->kernel.wall.ns - SIM_EPOCH_S * NS_PER_S - w->t;
    w->battery_set = w->t;
}

void sim_world_advance(struct sim_world *w, int64_t t)
{
    int32_t tai = w->kernel.tai_s;

    kernel_clock_advance(&w->kernel, sim_osc_advance(&w->osc, t));
    /* A leap second moves CLOCK_REALTIME alone. */
    w->mono_behind += (tai - w->kernel.tai_s) * NS_PER_S;
    w->t = t;
    if (t % NS_PER_S == 0)
        sim_osc_second(&w->osc);
    if (t % NS_PER_S == 0 && w->battery_due != 0 && w->battery_due <= sim_world_mono(w).ns)
        set_battery(w);
}

/* The kernel adds to its clocks what the battery-backed one says that was slept. */
void sim_world_sleep(struct sim_world *w, int64_t t)
{
    const struct sim_clock_setting *c = &w->set->clock;
    double resolution = c->rtc_resolution * (2 * sim_rand_uniform(&w->random) - 1);
    int64_t slept = t - w->t + llrint((double)(t - w->t) * c->rtc + resolution * 1e9);

    slept = slept > 0 ? slept : 0;
    w->kernel.wall.ns += slept;
    w->slept_ns += slept;
    sim_osc_skip(&w->osc, t);
    w->t = t;
}

void sim_world_pause(struct sim_world *w, int64_t t)
{
    sim_osc_skip(&w->osc, t);
    w->t = t;
}

bool sim_world_battery(const struct sim_world *w, int64_t *ns)
{
    const struct sim_clock_setting *c = &w->set->clock;
    int64_t step = llrint(c->rtc_resolution * 1e9);
    int64_t since = w->t - w->battery_set;

    *ns = SIM_EPOCH_S * NS_PER_S + w->t + w->battery_ahead_ns + llrint((double)since * c->rtc);
    if (step > 0)
        *ns -= *ns % step;
    return c->rtc_absent == 0;
}

struct mono sim_world_mono(const struct sim_world *w)
{
    return (struct mono){w->kernel.wall.ns - w->mono_behind};
}

struct instant sim_world_instant(const struct sim_world *w)
{
    return (struct instant){
        .wall = w->kernel.wall, .raw = {w->osc.raw_ns}, .mono = sim_world_mono(w)};
}

double sim_world_rate(const struct sim_world *w)
{
    return (double)w->kernel.second_len / 4294967296e9 * (1 + w->osc.rate) - 1;
}

double sim_world_error(const struct sim_world *w)
{
    int64_t ns = w->kernel.wall.ns - SIM_EPOCH_S * NS_PER_S - w->t;

    return ((double)ns + w->kernel.wall_frac / 4294967296.0) * 1e-9;
}

int sim_world_order(struct sim_world *w, const struct clock_order *o)
{
    int result = kernel_clock_order(&w->kernel, o);

    if (o->what & CLOCK_SET_STEP)
        w->mono_behind += o->step_ns;
    if ((o->what & CLOCK_SET_STATUS) && w->battery_due == 0)
        set_battery(w);
    return result < 0 ? result : 0;
}

void sim_world_step(struct sim_world *w, int64_t ns)
{
    kernel_clock_set(&w->kernel, (struct wall){w->kernel.wall.ns + ns});
    w->mono_behind += ns;
}

static void find_next(struct sim_world *w)
{
    w->next_event = INT64_MAX;
    for (unsigned i = 0; i < SIM_UNDER_WAY; i++) {
        if (w->events[i].kind != SIM_NO_EVENT && w->events[i].t < w->next_event)
            w->next_event = w->events[i].t;
    }
}

void sim_world_add_event(struct sim_world *w, const struct sim_event *e)
{
    unsigned i = 0;

    while (i < SIM_UNDER_WAY && w->events[i].kind != SIM_NO_EVENT)
        i++;
    if (i == SIM_UNDER_WAY)
        abort(); /* more packets under way than queries can bring about */
    w->events[i] = *e;
    if (e->t < w->next_event)
        w->next_event = e->t;
}

bool sim_world_take_event(struct sim_world *w, struct sim_event *e)
{
    if (w->next_event > w->t)
        return false;
    for (unsigned i = 0; i < SIM_UNDER_WAY; i++) {
        if (w->events[i].kind == SIM_NO_EVENT || w->events[i].t != w->next_event)
            continue;
        *e = w->events[i];
        w->events[i].kind = SIM_NO_EVENT;
        break;
    }
    find_next(w);
    return true;
}

/* One copy of the request has reached the server. */
static void arrived(struct sim_world *w, unsigned server, uint64_t query, int64_t t,
                    const uint8_t *data, size_t len)
{
    struct sim_event e = {.kind = SIM_DATAGRAM, .server = server, .query = query};
    double delay[2];
    int64_t sent;
    unsigned copies;

    e.len = sim_server_answer(&w->servers[server], t, data, len, e.data, &sent);
    if (e.len == 0)
        return;
    copies = sim_net_send(&w->nets[server], (double)sent * 1e-9, SIM_DOWN, e.len, delay);
    for (unsigned i = 0; i < copies; i++) {
        e.t = sent + llrint(delay[i] * 1e9);
        /* Nobody waits so long. */
        if (e.t - w->t < 60 * NS_PER_S)
            sim_world_add_event(w, &e);
    }
}

void sim_world_send(struct sim_world *w, unsigned server, uint64_t query, const uint8_t *data,
                    size_t len)
{
    double delay[2];
    unsigned copies = sim_net_send(&w->nets[server], (double)w->t * 1e-9, SIM_UP, len, delay);

    for (unsigned i = 0; i < copies; i++)
        arrived(w, server, query, w->t + llrint(delay[i] * 1e9), data, len);
}
