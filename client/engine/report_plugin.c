/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/engine/report.h"
#include "client/shared/clocks.h"
#include "common/base/text.h"
#include "common/status/plugin.h"

#define WORDS_MAX 768

static void words_of_failure(const struct oneshot *o, const struct conclusion *c, char *buf)
{
    const struct host *h = &o->engine.hosts[0];
    char text[REPORT_NAME], name[REPORT_NAME];
    struct text t = text_in(buf, WORDS_MAX);

    if (c->verdict == VERDICT_NO_AGREEMENT) {
        text_put(&t, "no agreement: %u of %u servers answered, and no majority agrees", c->answered,
                 o->engine.setup.servers);
    } else if (c->verdict == VERDICT_OLD) {
        text_put(&t, "%u of %u servers agree on a time that is long past: not believed",
                 c->agreeing, o->engine.setup.servers);
    } else if (o->engine.setup.servers > 1) {
        text_put(&t, "no authenticated answer from any of %u servers", o->engine.setup.servers);
    } else {
        report_host_name(h, name);
        failure_text(&h->source.fail, clocks_wall(), text, sizeof text);
        text_put(&t, "%s %s: %s", name, failure_stage_name(h->source.fail.stage), text);
    }
    /* A bar would end the sentence. */
    for (char *p = buf; *p != 0; p++)
        if (*p == '|')
            *p = '/';
}

static void words_of_limit(struct text *t, const char *what, const struct check_range *r)
{
    if (r->low_s <= 0 && !r->inside) {
        text_put(t, "; %s above %g s", what, r->high_s);
        return;
    }
    text_put(t, "; %s %s the range ", what, r->inside ? "in" : "outside");
    plugin_range(t, r);
    text_put(t, " s");
}

/* What is known, and the limit that was passed. */
static void words_of_result(const struct oneshot *o, const struct conclusion *c, char *buf)
{
    const struct check_limits *l = &o->engine.setup.limits;
    bool critical = c->verdict == VERDICT_CRITICAL;
    const struct check_range *of_bound = critical ? &l->crit_bound : &l->warn_bound;
    char offset[REPORT_TIME], bound[REPORT_TIME];
    struct text t = text_in(buf, WORDS_MAX);

    report_time(c->offset_ns, true, offset);
    report_time(c->bound_ns, false, bound);
    text_put(&t, "offset %s +/- %s, %u of %u servers agree", offset, bound, c->agreeing,
             o->engine.setup.servers);
    if (c->verdict == VERDICT_OK)
        return;
    if (check_range_alerts(of_bound, s_from_ns(c->bound_ns)))
        words_of_limit(&t, "the bound is", of_bound);
    else
        words_of_limit(&t, "offset and bound together are", critical ? &l->crit : &l->warn);
}

static struct plugin_host host_of(const struct oneshot *o, unsigned i, char name[REPORT_NAME])
{
    const struct host *h = &o->engine.hosts[i];
    const struct result *r = &o->results[i];
    int64_t end = h->source.fail.not_after_s != 0 ? h->source.fail.not_after_s
                                                  : h->source.session.not_after_s;
    struct plugin_host p = {.name = name, .bound_ns = -1, .cert_left_s = INT64_MIN};

    report_host_name(h, name);
    if (end != 0)
        p.cert_left_s = end - clocks_wall().ns / NS_PER_S;
    if (r->samples == 0)
        return p;
    p.offset_ns = r->best.offset_ns;
    p.bound_ns = r->best.bound_ns;
    p.delay_ns = r->best.delay_ns;
    p.stratum = r->best.stratum;
    return p;
}

static enum check_state state_of(enum verdict v)
{
    switch (v) {
    case VERDICT_OK:
    case VERDICT_SET:
        return CHECK_OK;
    case VERDICT_WARNING:
        return CHECK_WARNING;
    case VERDICT_CRITICAL:
        return CHECK_CRITICAL;
    case VERDICT_NO_ANSWER:
    case VERDICT_NO_AGREEMENT:
    case VERDICT_OLD:
    case VERDICT_SET_FAILED:
        break;
    }
    return CHECK_UNKNOWN;
}

void report_plugin(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    static char names[SERVERS_MAX][REPORT_NAME], line[PLUGIN_LINE_MAX];
    struct plugin_host hosts[SERVERS_MAX];
    struct plugin_result r = {.state = state_of(c->verdict),
                              .limits = o->engine.setup.limits,
                              .bound_ns = -1,
                              .hosts = hosts,
                              .n_hosts = o->engine.setup.servers};
    char words[WORDS_MAX];

    for (unsigned i = 0; i < r.n_hosts; i++)
        hosts[i] = host_of(o, i, names[i]);
    if (r.state == CHECK_UNKNOWN) {
        words_of_failure(o, c, words);
    } else {
        words_of_result(o, c, words);
        r.offset_ns = c->offset_ns;
        r.bound_ns = c->bound_ns;
    }
    r.words = words;
    plugin_line(&r, line, sizeof line);
    fprintf(to, "%s\n", line);
    /* What follows the first line is shown only to those who ask for it. */
    report_hosts(to, o, c);
}
