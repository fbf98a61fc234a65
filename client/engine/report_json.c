/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -j of -q and -s: one object. */
#include "client/engine/report.h"
#include "client/shared/clocks.h"
#include "common/status/json_write.h"

#define ERROR_MAX 512
/* A name and an error of which every octet is quoted, and the figures, which are less than 512. */
#define HOST_MAX (JSON_QUOTED(REPORT_NAME) + JSON_QUOTED(ERROR_MAX) + 512)

/* A number that is never 0 when it is known. */
static void put_known(struct json_out *o, const char *key, int64_t v)
{
    if (v == 0)
        json_put_null(o, key);
    else
        json_put_int(o, key, v);
}

static void put_sample(struct json_out *o, const struct sample *s)
{
    json_put_ns(o, "offset_s", s->offset_ns);
    json_put_ns(o, "bound_s", s->bound_ns);
    json_put_ns(o, "delay_s", s->delay_ns);
    json_put_int(o, "stratum", s->stratum);
    json_put_int(o, "leap", s->leap);
    json_put_null(o, "error");
}

static void put_failure(struct json_out *o, const struct host *h)
{
    static const char *const unknown[] = {"offset_s", "bound_s", "delay_s", "stratum", "leap"};
    char text[ERROR_MAX];

    failure_text(&h->source.fail, clocks_wall(), text, sizeof text);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        json_put_null(o, unknown[i]);
    json_put_text(o, "error", text, sizeof text);
}

static void put_host(struct json_out *o, const struct host *h, const struct result *r)
{
    const struct nts_session *s = &h->source.session;
    const struct failure *fail = &h->source.fail;
    bool good = r->samples > 0;
    char name[REPORT_NAME];

    report_host_name(h, name);
    json_put_raw(o, "{");
    json_put_text(o, "name", name, sizeof name);
    json_put_text(o, "stage", good ? "ok" : failure_stage_name(fail->stage), SIZE_MAX);
    json_put_address(o, "ke_address", &s->ke);
    json_put_address(o, "ntp_address", &h->ntp);
    put_known(o, "ntp_port", h->ntp.port);
    if (good)
        put_sample(o, &r->best);
    else
        put_failure(o, h);
    put_known(o, "aead", s->c2s.id);
    json_put_int(o, "cookies", source_cookies_left(&h->source));
    json_put_bool(o, "key_exchange", h->source.key_exchange_made);
    put_known(o, "cert_not_after", fail->not_after_s != 0 ? fail->not_after_s : s->not_after_s);
    json_put_raw(o, "}");
}

static void put_conclusion(struct json_out *o, const struct conclusion *c)
{
    static const char *const words[] = {"ok",           "warning", "critical", "no-answer",
                                        "no-agreement", "old",     "set",      "set-failed"};

    json_put_raw(o, "{");
    json_put_int(o, "schema", 1);
    json_put_text(o, "verdict", words[c->verdict], SIZE_MAX);
    if (c->answered > 0 && c->verdict != VERDICT_NO_AGREEMENT) {
        json_put_ns(o, "offset_s", c->offset_ns);
        json_put_ns(o, "bound_s", c->bound_ns);
    } else {
        json_put_null(o, "offset_s");
        json_put_null(o, "bound_s");
    }
    json_put_int(o, "agreeing", c->agreeing);
    json_put_bool(o, "provisional", c->provisional);
    json_put_key(o, "results");
}

void report_json(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    char buf[HOST_MAX];
    struct json_out out = json_out_in(buf, sizeof buf);

    put_conclusion(&out, c);
    fprintf(to, "%.*s[", (int)json_out_end(&out), buf);
    for (unsigned i = 0; i < o->engine.setup.servers; i++) {
        out = json_out_in(buf, sizeof buf);
        put_host(&out, &o->engine.hosts[i], &o->results[i]);
        fprintf(to, "%s%.*s", i > 0 ? "," : "", (int)json_out_end(&out), buf);
    }
    fputs("]}\n", to);
}
