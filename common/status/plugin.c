/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/status/plugin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/time.h"

#define SECONDS_A_DAY 86400.0

/* The first figure ends the sentence. A quote or an equals sign would end a label, a bar the
 * sentence. */
static void label(struct text *t, const char *host, const char *what)
{
    text_put(t, strchr(t->buf, '|') == NULL ? " | '" : " '");
    for (const char *p = host; *p != 0; p++)
        text_put(t, "%c", *p == '\'' || *p == '=' || *p == '|' || *p <= ' ' || *p > '~' ? '_' : *p);
    text_put(t, "%s%s'=", host[0] != 0 ? " " : "", what);
}

/* Digits, without an exponent: the guidelines know none. */
static void number(struct text *t, double s)
{
    char digits[48];
    size_t n;

    snprintf(digits, sizeof digits, "%.12f", s);
    n = strlen(digits);
    while (digits[n - 1] == '0')
        n--;
    if (digits[n - 1] == '.')
        n--;
    text_put(t, "%.*s", (int)n, digits);
}

void plugin_range(struct text *t, const struct check_range *r)
{
    if (!check_range_given(r))
        return;
    if (r->inside)
        text_put(t, "@");
    if (!isfinite(r->low_s)) {
        text_put(t, "~:");
    } else if (r->low_s < 0 || r->low_s > 0 || !isfinite(r->high_s)) {
        number(t, r->low_s);
        text_put(t, ":");
    }
    if (isfinite(r->high_s))
        number(t, r->high_s);
}

static void limits(struct text *t, const struct check_range *warn, const struct check_range *crit)
{
    text_put(t, ";");
    plugin_range(t, warn);
    text_put(t, ";");
    plugin_range(t, crit);
    text_put(t, ";0"); /* the least that it can be */
}

static void seconds(struct text *t, const char *host, const char *what, int64_t ns)
{
    label(t, host, what);
    text_put(t, "%.9fs", s_from_ns(ns));
}

static void host_figures(struct text *t, const struct plugin_host *h, const char *name)
{
    if (h->bound_ns >= 0) {
        /* A lone host's offset and bound are those of the whole. */
        if (name[0] != 0) {
            seconds(t, name, "offset", h->offset_ns);
            seconds(t, name, "bound", h->bound_ns);
        }
        seconds(t, name, "delay", h->delay_ns);
    }
    if (h->stratum != 0) {
        label(t, name, "stratum");
        text_put(t, "%u", h->stratum);
    }
    if (h->cert_left_s != INT64_MIN) {
        label(t, name, "certificate_days");
        text_put(t, "%.1f", (double)h->cert_left_s / SECONDS_A_DAY);
    }
}

void plugin_line(const struct plugin_result *r, char *buf, size_t n)
{
    static const char *const words[] = {
        [CHECK_OK] = "OK",
        [CHECK_WARNING] = "WARNING",
        [CHECK_CRITICAL] = "CRITICAL",
        [CHECK_UNKNOWN] = "UNKNOWN",
    };
    const struct check_limits *l = &r->limits;
    struct text t = text_in(buf, n);

    text_put(&t, "NTS %s - %s", words[r->state], r->words);
    if (r->bound_ns >= 0) {
        int64_t off = r->offset_ns < 0 ? -r->offset_ns : r->offset_ns;

        seconds(&t, "", "offset", r->offset_ns);
        seconds(&t, "", "bound", r->bound_ns);
        limits(&t, &l->warn_bound, &l->crit_bound);
        seconds(&t, "", "error", ns_add_sat(off, r->bound_ns));
        limits(&t, &l->warn, &l->crit);
    }
    for (size_t i = 0; i < r->n_hosts; i++)
        host_figures(&t, &r->hosts[i], r->n_hosts > 1 ? r->hosts[i].name : "");
}
