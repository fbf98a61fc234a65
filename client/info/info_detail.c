/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc -i -v: what the table has no room for. */
#include <string.h>

#include "client/info/info.h"
#include "client/info/info_parts.h"
#include "client/shared/format.h"
#include "common/base/text.h"
#include "common/nts/aead.h"

#define TEXT_MAX 512

static void say(FILE *to, const char *label, const char *text, const struct info_view *v)
{
    char head[64];

    snprintf(head, sizeof head, "%*s%s", INFO_INDENT, "", label);
    info_wrap(to, head, text, INFO_INDENT, v->width);
}

/* How long ago; "at a later time" where the clock was set back since. */
static void ago(struct wall t, const struct info_view *v, char buf[INFO_AGO])
{
    if (!info_ago(t, v->now, buf))
        snprintf(buf, INFO_AGO, "at a later time");
}

static void answer(FILE *to, const struct status_source *s, const struct info_view *v)
{
    char past[INFO_AGO], delay[REPORT_TIME], dispersion[REPORT_TIME], text[TEXT_MAX];

    if (s->answered_at.ns == 0) {
        say(to, "last answer:", "none", v);
        return;
    }
    ago(s->answered_at, v, past);
    if (s->root_dispersion_ns < 0) {
        say(to, "last answer:", past, v);
        return;
    }
    format_time(s->root_delay_ns, false, 3, delay);
    format_time(s->root_dispersion_ns, false, 3, dispersion);
    snprintf(text, sizeof text,
             "%s, reference %s, root delay %s, root dispersion %s, time stamps of the %s", past,
             s->reference[0] != 0 ? s->reference : "not known", delay, dispersion,
             status_stamps_name(s->stamps));
    say(to, "last answer:", text, v);
}

static void estimate(FILE *to, const struct status_source *s, const struct info_view *v)
{
    char span[REPORT_TIME], sd[REPORT_TIME], text[TEXT_MAX];

    if (s->samples == 0 || s->frequency_sd_ppm <= 0)
        return;
    format_span(s->span_ns, span);
    format_time(s->sd_s < 1e9 ? (int64_t)(s->sd_s * 1e9) : INT64_MAX, false, 2, sd);
    snprintf(text, sizeof text, "%u sample%s in %s, deviation %s, frequency %+.3f +/- %.2g ppm",
             s->samples, s->samples == 1 ? "" : "s", span, sd, s->frequency_ppm,
             s->frequency_sd_ppm);
    say(to, "estimate:", text, v);
}

static void keys(FILE *to, const struct status_source *s, const struct info_view *v)
{
    char past[INFO_AGO], end[REPORT_TIME], text[TEXT_MAX];
    struct text t = text_in(text, sizeof text);

    if (s->keys_at.ns == 0) {
        text_put(&t, "none; %u key exchange%s", s->counts.key_exchanges,
                 s->counts.key_exchanges == 1 ? "" : "s");
        say(to, "keys:", text, v);
        return;
    }
    ago(s->keys_at, v, past);
    text_put(&t, "made %s, %s, %u cookies; %u key exchange%s, %u NAK%s", past, aead_name(s->aead),
             s->cookies, s->counts.key_exchanges, s->counts.key_exchanges == 1 ? "" : "s",
             s->counts.failures[STAGE_NAK], s->counts.failures[STAGE_NAK] == 1 ? "" : "s");
    if (s->cert_not_after_s > 0 && s->cert_not_after_s < INT64_MAX / NS_PER_S) {
        format_date((struct wall){s->cert_not_after_s * NS_PER_S}, end);
        text_put(&t, "; certificate good until %s", end);
    }
    say(to, "keys:", text, v);
}

static void counts(FILE *to, const struct status_source *s, const struct info_view *v)
{
    char text[TEXT_MAX];
    struct text t = text_in(text, sizeof text);
    const char *before = "; failures: ";

    text_put(&t, "%u quer%s, %u answer%s", s->counts.queries, s->counts.queries == 1 ? "y" : "ies",
             s->counts.answers, s->counts.answers == 1 ? "" : "s");
    for (uint16_t stage = STAGE_OK + 1; stage < (uint16_t)STAGE_COUNT; stage++) {
        if (s->counts.failures[stage] == 0)
            continue;
        text_put(&t, "%s%u %s", before, s->counts.failures[stage], failure_stage_name(stage));
        before = ", ";
    }
    say(to, "since the start:", text, v);
}

void info_detail(FILE *to, const struct status_source *s, const struct info_view *v)
{
    char address[NET_ADDR_TEXT];

    if (s->has_ntp_address) {
        net_addr_text(&s->ntp, address);
        say(to, "address:", address, v);
    }
    answer(to, s, v);
    estimate(to, s, v);
    keys(to, s, v);
    counts(to, s, v);
}
