/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenMetrics 1.0 text, only with what the older Prometheus text format has as well: gauges and
 * counters without time stamps, because text-file collectors read that one and take the rest for
 * comments. That one has no type "info" either, so that the build is a gauge.
 */
#include <math.h>
#include <string.h>

#include "client/info/info_parts.h"
#include "common/base/decimal.h"
#include "common/status/json_write.h"

#define VALUE_MAX 32

/* Value of the whole or of one source as text; "" when it is not known. */
struct overall_metric {
    const char *name, *unit, *help;
    void (*value)(const struct status *s, char buf[VALUE_MAX]);
};

struct source_metric {
    const char *name, *unit, *help;
    void (*value)(const struct status_source *s, char buf[VALUE_MAX]);
};

static void put_unsigned(bool known, unsigned v, char buf[VALUE_MAX])
{
    buf[0] = 0;
    if (known)
        snprintf(buf, VALUE_MAX, "%u", v);
}

static void put_ns(bool known, int64_t ns, char buf[VALUE_MAX])
{
    buf[0] = 0;
    if (known)
        decimal_from_ns(ns, buf);
}

static void put_real(double v, char buf[VALUE_MAX])
{
    buf[0] = 0;
    if (isfinite(v))
        snprintf(buf, VALUE_MAX, "%.9g", v);
}

#define OVERALL(name) static void get_##name(const struct status *s, char buf[VALUE_MAX])
#define SOURCE(name)  static void source_##name(const struct status_source *s, char buf[VALUE_MAX])

OVERALL(synchronized)
{
    put_unsigned(true, s->synchronized, buf);
}

OVERALL(monitor_only)
{
    put_unsigned(true, s->monitor_only, buf);
}

OVERALL(offset)
{
    put_ns(s->bound_ns >= 0, s->offset_ns, buf);
}

OVERALL(bound)
{
    put_ns(s->bound_ns >= 0, s->bound_ns, buf);
}

OVERALL(sd)
{
    put_real(s->sd_s, buf);
}

OVERALL(frequency)
{
    put_real(s->frequency_ppm, buf);
}

OVERALL(wander)
{
    put_real(s->wander > 0 ? s->wander : (double)NAN, buf);
}

OVERALL(leap)
{
    put_unsigned(true, s->leap, buf);
}

OVERALL(stratum)
{
    put_unsigned(s->stratum != 0, s->stratum, buf);
}

OVERALL(servers)
{
    put_unsigned(true, s->servers, buf);
}

OVERALL(agreeing)
{
    put_unsigned(true, s->agreeing, buf);
}

OVERALL(step)
{
    put_ns(s->last_step_by != STATUS_STEP_NONE, s->last_step_ns, buf);
}

OVERALL(step_at)
{
    put_ns(s->last_step_by != STATUS_STEP_NONE, s->last_step_at.ns, buf);
}

OVERALL(foreign_step)
{
    put_unsigned(true, s->last_step_by == STATUS_STEP_OTHER, buf);
}

OVERALL(started)
{
    put_ns(s->started.ns != 0, s->started.ns, buf);
}

OVERALL(written)
{
    put_ns(true, s->at.ns, buf);
}

OVERALL(steps)
{
    put_unsigned(true, s->steps, buf);
}

OVERALL(foreign_changes)
{
    put_unsigned(true, s->foreign_changes, buf);
}

SOURCE(selected)
{
    put_unsigned(true, s->selected == SELECT_SELECTED, buf);
}

SOURCE(falseticker)
{
    put_unsigned(true, s->selected == SELECT_FALSETICKER, buf);
}

SOURCE(offset)
{
    put_ns(s->bound_ns >= 0, s->offset_ns, buf);
}

SOURCE(difference)
{
    put_ns(s->bound_ns >= 0, s->off_ns, buf);
}

SOURCE(bound)
{
    put_ns(s->bound_ns >= 0, s->bound_ns, buf);
}

SOURCE(delay)
{
    put_ns(s->delay_ns != 0, s->delay_ns, buf);
}

SOURCE(stratum)
{
    put_unsigned(s->stratum != 0, s->stratum, buf);
}

SOURCE(poll)
{
    put_real(ldexp(1, s->poll_log2s), buf);
}

SOURCE(reach)
{
    put_unsigned(true, s->reach, buf);
}

SOURCE(cookies)
{
    put_unsigned(true, s->cookies, buf);
}

SOURCE(certificate)
{
    buf[0] = 0;
    /* One that was refused is the one to be told of. */
    if (s->fail.not_after_s != 0)
        snprintf(buf, VALUE_MAX, "%lld", (long long)s->fail.not_after_s);
    else if (s->cert_not_after_s != 0)
        snprintf(buf, VALUE_MAX, "%lld", (long long)s->cert_not_after_s);
}

SOURCE(anew)
{
    put_unsigned(true, s->anew, buf);
}

SOURCE(answered)
{
    put_ns(s->answered_at.ns != 0, s->answered_at.ns, buf);
}

SOURCE(root_delay)
{
    put_ns(s->root_dispersion_ns >= 0, s->root_delay_ns, buf);
}

SOURCE(root_dispersion)
{
    put_ns(s->root_dispersion_ns >= 0, s->root_dispersion_ns, buf);
}

SOURCE(queries)
{
    put_unsigned(true, s->counts.queries, buf);
}

SOURCE(answers)
{
    put_unsigned(true, s->counts.answers, buf);
}

SOURCE(key_exchanges)
{
    put_unsigned(true, s->counts.key_exchanges, buf);
}

/* A counter's name ends with this in its samples, and without it in its description. */
#define TOTAL "_total"

/* A name with a unit ends with it (OpenMetrics 1.0, "Units and Base Units"). */
static const struct overall_metric overall[] = {
    {"ntsc_synchronized", "", "1 when the clock is synchronized.", get_synchronized},
    {"ntsc_monitor_only", "", "1 when the clock is only watched (-x).", get_monitor_only},
    {"ntsc_offset_seconds", "seconds", "True time minus clock, as estimated.", get_offset},
    {"ntsc_bound_seconds", "seconds", "The true offset lies within the offset +- this.", get_bound},
    {"ntsc_offset_sd_seconds", "seconds", "Standard deviation of the offset.", get_sd},
    {"ntsc_frequency_ppm", "ppm", "Correction of the raw oscillator.", get_frequency},
    {"ntsc_wander", "", "Random walk of the oscillator's frequency, s^-1/2.", get_wander},
    {"ntsc_leap", "", "1 before a leap second is inserted, 2 before one is left out.", get_leap},
    {"ntsc_stratum", "", "Stratum of the best selected server.", get_stratum},
    {"ntsc_servers", "", "Servers that are configured.", get_servers},
    {"ntsc_agreeing", "", "Servers that agree.", get_agreeing},
    {"ntsc_last_step_seconds", "seconds", "Size of the last step of the clock.", get_step},
    {"ntsc_last_step_timestamp_seconds", "seconds", "When it was, since 1970.", get_step_at},
    {"ntsc_last_step_foreign", "", "1 when another program made it.", get_foreign_step},
    {"ntsc_steps" TOTAL, "", "Steps of the clock by ntsc since its start.", get_steps},
    {"ntsc_foreign_changes" TOTAL, "", "Changes of the clock by others since then.",
     get_foreign_changes},
    {"ntsc_start_timestamp_seconds", "seconds", "Start of the daemon, since 1970.", get_started},
    {"ntsc_status_timestamp_seconds", "seconds", "When it wrote this, since 1970.", get_written},
};

static const struct source_metric by_source[] = {
    {"ntsc_source_selected", "", "1 when the server is used.", source_selected},
    {"ntsc_source_falseticker", "", "1 when it contradicts the majority.", source_falseticker},
    {"ntsc_source_offset_seconds", "seconds", "True time minus clock, by it.", source_offset},
    {"ntsc_source_difference_seconds", "seconds", "Its offset minus that of all.",
     source_difference},
    {"ntsc_source_bound_seconds", "seconds", "Half width of its claim.", source_bound},
    {"ntsc_source_delay_seconds", "seconds", "Round trip.", source_delay},
    {"ntsc_source_stratum", "", "Its stratum.", source_stratum},
    {"ntsc_source_poll_interval_seconds", "seconds", "Time between queries.", source_poll},
    {"ntsc_source_reach", "", "The last eight queries as bits, newest lowest.", source_reach},
    {"ntsc_source_cookies", "", "Cookies left, each good for a query.", source_cookies},
    {"ntsc_source_certificate_expiry_timestamp_seconds", "seconds",
     "When its certificate expires or did, since 1970.", source_certificate},
    {"ntsc_source_began_anew" TOTAL, "", "Times it contradicted itself, and was begun anew.",
     source_anew},
    {"ntsc_source_answer_timestamp_seconds", "seconds", "Its last answer, since 1970.",
     source_answered},
    {"ntsc_source_root_delay_seconds", "seconds", "From it to its reference, and back.",
     source_root_delay},
    {"ntsc_source_root_dispersion_seconds", "seconds", "What it may be off besides.",
     source_root_dispersion},
    {"ntsc_source_queries" TOTAL, "", "Queries sent to it.", source_queries},
    {"ntsc_source_answers" TOTAL, "", "Authenticated answers with a time.", source_answers},
    {"ntsc_source_key_exchanges" TOTAL, "", "Key exchanges that gave keys.", source_key_exchanges},
};

static void describe(FILE *to, const char *name, const char *unit, const char *help)
{
    size_t n = strlen(name), end = strlen(TOTAL);
    bool counter = n > end && strcmp(name + n - end, TOTAL) == 0;
    int len = (int)(counter ? n - end : n);

    fprintf(to, "# TYPE %.*s %s\n", len, name, counter ? "counter" : "gauge");
    if (unit[0] != 0)
        fprintf(to, "# UNIT %.*s %s\n", len, name, unit);
    fprintf(to, "# HELP %.*s %s\n", len, name, help);
}

/* {source="..." without the end. */
static void label_source(FILE *to, const struct status_source *s)
{
    char name[INFO_NAME], quoted[JSON_QUOTED(INFO_NAME)];

    info_name(s, name);
    json_quoted(name, sizeof name, quoted, sizeof quoted);
    fprintf(to, "{source=\"%s\"", quoted);
}

static void one_for_each_source(FILE *to, const struct status_copy *c,
                                const struct source_metric *m)
{
    char value[VALUE_MAX];

    describe(to, m->name, m->unit, m->help);
    for (unsigned i = 0; i < c->n; i++) {
        m->value(&c->sources[i], value);
        if (value[0] == 0)
            continue;
        fputs(m->name, to);
        label_source(to, &c->sources[i]);
        fprintf(to, "} %s\n", value);
    }
}

/* Its stage is in a label, so that an alert can say it. */
static void failures(FILE *to, const struct status_copy *c)
{
    static const char name[] = "ntsc_source_failing";

    describe(to, name, "", "1 when it failed since its last answer, and at which stage.");
    for (unsigned i = 0; i < c->n; i++) {
        uint16_t stage = c->sources[i].fail.stage;

        fputs(name, to);
        label_source(to, &c->sources[i]);
        fprintf(to, ",stage=\"%s\"} %d\n", failure_stage_name(stage), stage != STAGE_OK);
    }
}

/* Every stage from the beginning, so that the first failure shows as an increase. */
static void failure_counts(FILE *to, const struct status_copy *c)
{
    static const char name[] = "ntsc_source_failures" TOTAL;

    describe(to, name, "", "Failures of queries and key exchanges, by stage.");
    for (unsigned i = 0; i < c->n; i++) {
        for (uint16_t stage = STAGE_OK + 1; stage < (uint16_t)STAGE_COUNT; stage++) {
            fputs(name, to);
            label_source(to, &c->sources[i]);
            fprintf(to, ",stage=\"%s\"} %u\n", failure_stage_name(stage),
                    c->sources[i].counts.failures[stage]);
        }
    }
}

void info_metrics(FILE *to, const struct status_copy *c, struct wall now)
{
    bool up = c != NULL && status_age(&c->status, now) == STATUS_FRESH;
    char value[VALUE_MAX];

    describe(to, "ntsc_up", "", "1 when the daemon runs and its status is fresh.");
    fprintf(to, "ntsc_up %d\n", up);
    describe(to, "ntsc_build_info", "", "1, with the version of ntsc that prints this.");
    fputs("ntsc_build_info{version=\"" NTSC_VERSION "\",wolfssl=\"" NTSC_WOLFSSL_VERSION "\"} 1\n",
          to);
    /* Old figures would pass for those of now. */
    for (size_t i = 0; up && i < sizeof overall / sizeof overall[0]; i++) {
        overall[i].value(&c->status, value);
        describe(to, overall[i].name, overall[i].unit, overall[i].help);
        if (value[0] != 0)
            fprintf(to, "%s %s\n", overall[i].name, value);
    }
    for (size_t i = 0; up && i < sizeof by_source / sizeof by_source[0]; i++)
        one_for_each_source(to, c, &by_source[i]);
    if (up) {
        failures(to, c);
        failure_counts(to, c);
    }
    fputs("# EOF\n", to);
}
