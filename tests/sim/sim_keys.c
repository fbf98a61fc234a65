/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_keys.h"

#include <stdio.h>

#define OSC(m)    offsetof(struct sim_clock_setting, osc.m)
#define NET(m)    offsetof(struct sim_net_setting, m)
#define SERVER(m) offsetof(struct sim_server_setting, m)
#define DAEMON(m) offsetof(struct sim_daemon_setting, m)

const struct sim_key sim_clock_keys[] = {
    {"offset", offsetof(struct sim_clock_setting, offset), 1, false},
    {"rtc", offsetof(struct sim_clock_setting, rtc), 1, false},
    {"rtc-resolution", offsetof(struct sim_clock_setting, rtc_resolution), 1, false},
    {"rtc-absent", offsetof(struct sim_clock_setting, rtc_absent), 0, false},
    {"frequency", OSC(frequency), 1, false},
    {"wander", OSC(wander), 1, false},
    {"sine", OSC(sine), 2, false}, /* amplitude, period */
    {"sine2", OSC(sine2), 2, false},
    {"jump", OSC(jump), 2, false}, /* by, at */
    {"aging", OSC(aging), 1, false},
    {NULL, 0, 0, false},
};

const struct sim_key sim_daemon_keys[] = {
    {"poll", DAEMON(minpoll), 2, false},
    {"minsources", DAEMON(minsources), 1, false},
    {"step", DAEMON(step), 2, false}, /* from, count */
    {"panic", DAEMON(panic), 1, false},
    {"xleave", DAEMON(xleave), 1, false},
    {"trust-single", DAEMON(trust_single), 1, false},
    {"dates-strict", DAEMON(dates_strict), 1, false},
    {"step-later", DAEMON(later), 1, false},
    {"trust-old", DAEMON(trust_old), 1, false},
    {"maxdelay", DAEMON(maxdelay), 1, false},
    {NULL, 0, 0, false},
};

const struct sim_key sim_net_keys[] = {
    {"delay", NET(delay), 1, true},
    {"delay-up", NET(delay[SIM_UP]), 1, false},
    {"delay-down", NET(delay[SIM_DOWN]), 1, false},
    {"jitter", NET(jitter), 1, true},
    {"jitter-up", NET(jitter[SIM_UP]), 1, false},
    {"jitter-down", NET(jitter[SIM_DOWN]), 1, false},
    {"loss", NET(loss), 1, false},
    {"bursts", NET(burst_share), 2, false}, /* share of time, mean length */
    {"duplicate", NET(duplicate), 1, false},
    {"spikes", NET(spike_share), 2, false}, /* share, mean */
    {"gamma", NET(gamma), 1, false},
    {"congestion", NET(congestion), 2, false}, /* mean, period */
    {"congestion-down", NET(congestion_down), 2, false},
    {"jam-up", NET(jam[SIM_UP]), 3, false}, /* mean, share of time, mean length */
    {"jam-down", NET(jam[SIM_DOWN]), 3, false},
    {"bloat-up", NET(bloat[SIM_UP]), 3, false}, /* depth, share of time, mean length */
    {"bloat-down", NET(bloat[SIM_DOWN]), 3, false},
    {"queue", NET(queue), 2, false}, /* mean, memory */
    {"grid", NET(grid), 1, false},
    {"floor", NET(floor), 1, false},
    {"ramp", NET(ramp), 3, false}, /* rate, from, to */
    {"outage", NET(outage_from), 2, false},
    {"mtu", NET(mtu), 1, false},
    {NULL, 0, 0, false},
};

const struct sim_key sim_server_keys[] = {
    {"offset", SERVER(offset), 1, false},
    {"drift", SERVER(drift), 2, false}, /* rate, from */
    {"jump", SERVER(jump), 2, false},   /* by, at */
    {"noise", SERVER(noise), 1, false},
    {"root", SERVER(root_delay), 2, false}, /* delay, dispersion */
    {"stratum", SERVER(stratum), 1, false},
    {"transmit-late", SERVER(transmit_late), 1, false},
    {"xleave", SERVER(xleave), 1, false},
    {"rotate", SERVER(rotate), 1, false},
    {"forgets", SERVER(restart_at), 1, false},
    {"rate", SERVER(rate_at), 1, false},
    {"ke-fails", SERVER(ke_fail), 1, false},
    {"ke-down", SERVER(ke_down_from), 2, false},
    {"ke-takes", SERVER(ke_seconds), 1, false},
    {"valid", SERVER(valid_from), 2, false}, /* its certificate: from, to */
    {"address", SERVER(address), 1, false},
    {NULL, 0, 0, false},
};

static void print_keys(FILE *f, const struct sim_key *k, const void *of)
{
    for (; k->word != NULL; k++) {
        const double *v = (const double *)(const void *)((const char *)of + k->at);
        bool any = false;

        for (int i = 0; i < k->n; i++)
            any = any || v[i] < 0 || v[i] > 0;
        if (!any || k->both) /* `delay` and `jitter` are said for each way */
            continue;
        fprintf(f, " %s", k->word);
        for (int i = 0; i < k->n; i++)
            fprintf(f, " %.9g", v[i]);
    }
}

void sim_scenario_print(FILE *f, const struct sim_scenario *s)
{
    fprintf(f, "# %s\nduration %.9g\nsettle %.9g\nclock", s->name, s->duration, s->settle);
    print_keys(f, sim_clock_keys, &s->clock);
    if (s->clock.osc.rates != NULL)
        fprintf(f, "\nrates %s", s->clock.osc.rates->path);
    fprintf(f, "\ndaemon");
    print_keys(f, sim_daemon_keys, &s->daemon);
    for (unsigned i = 0; i < s->n_servers; i++) {
        const struct sim_net_setting *n = &s->nets[i];

        fprintf(f, "\nserver shape %s", sim_shape_names[n->shape]);
        print_keys(f, sim_net_keys, n);
        print_keys(f, sim_server_keys, &s->servers[i]);
        if (n->recording != NULL)
            fprintf(f, " delays %s", n->recording->path);
        for (unsigned k = 0; k < n->n_routes; k++)
            fprintf(f, " route %.9g %.9g %.9g %.9g", n->routes[k].up, n->routes[k].down,
                    n->routes[k].from, n->routes[k].to);
    }
    fprintf(f, "\n");
}
