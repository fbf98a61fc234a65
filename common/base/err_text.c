/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/base/digit.h"
#include "common/base/err_words.h"

const char *failure_stage_name(uint16_t stage)
{
    static const char *const names[STAGE_COUNT] = {
        [STAGE_OK] = "ok",
        [STAGE_LOCAL] = "local",
        [STAGE_RESOLVE] = "resolve",
        [STAGE_CONNECT] = "connect",
        [STAGE_TLS_TIME] = "tls-time",
        [STAGE_TLS_TRUST] = "tls-trust",
        [STAGE_TLS_NAME] = "tls-name",
        [STAGE_TLS_VERSION] = "tls-version",
        [STAGE_TLS] = "tls",
        [STAGE_ALPN] = "alpn",
        [STAGE_KE_RECORD] = "ke-record",
        [STAGE_KE_ERROR] = "ke-error",
        [STAGE_NTP_TIMEOUT] = "ntp-timeout",
        [STAGE_NTP_AUTH] = "ntp-auth",
        [STAGE_NAK] = "nak",
        [STAGE_KISS] = "kiss",
        [STAGE_NTP_SANITY] = "ntp-sanity",
    };

    return stage < STAGE_COUNT ? names[stage] : "?";
}

/* A line being written; what does not fit is cut off. */
struct line {
    char *buf;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *format, ...)
{
    va_list ap;
    int n;

    if (l->used >= l->size)
        return;
    va_start(ap, format);
    n = vsnprintf(l->buf + l->used, l->size - l->used, format, ap);
    va_end(ap);
    if (n > 0)
        l->used += (size_t)n;
}

/*
 * Year, month, day and time of day of the proleptic Gregorian calendar. Counted in years that begin
 * on 1 March, so that the leap day is the last, and in eras of 400 of them, which all have 146,097
 * days.
 */
static void add_date(struct line *l, int64_t seconds)
{
    int64_t of_day = seconds % 86400 + (seconds % 86400 < 0 ? 86400 : 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0) + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day = days - era * 146097; /* of the era */
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
    int64_t of_month = of_year - (153 * month + 2) / 5 + 1;

    year += era * 400 + (month >= 10 ? 1 : 0);
    month += month < 10 ? 3 : -9;
    add(l, "%04lld-%02d-%02d %02d:%02d:%02d UTC", (long long)year, (int)month, (int)of_month,
        (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
}

/* `whose`: a certificate's subject, or "". */
static void add_clock(struct line *l, const char *whose, struct wall now)
{
    add(l, *whose != 0 ? " (that of %s; this clock says " : " (%sthis clock says ", whose);
    add_date(l, now.ns / NS_PER_S - (now.ns % NS_PER_S < 0 ? 1 : 0));
    add(l, ")");
}

/* Four letters as a kiss code is, dots for what is none. */
static void add_letters(struct line *l, int32_t code)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        char c = (char)((uint32_t)code >> shift & 0xff);
        bool plain = digit_is(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        add(l, "%c", plain ? c : '.');
    }
}

static void add_number(struct line *l, int32_t code, const char *name)
{
    if (name != NULL)
        add(l, " %d (%s)", (int)code, name);
    else
        add(l, " %d", (int)code);
}

/* A copy of what came from another process, and in the end from a server: only what is printable.
 */
static const char *plain(const char *detail, char copy[FAILURE_DETAIL_MAX + 1])
{
    size_t n = 0;

    for (; n < FAILURE_DETAIL_MAX && detail[n] != 0; n++)
        copy[n] = detail[n] >= 0x20 && detail[n] < 0x7f ? detail[n] : '?';
    copy[n] = 0;
    return copy;
}

static void add_detail(struct line *l, enum err_code kind, const char *detail)
{
    if (*detail == 0)
        return;
    add(l,
        kind == CODE_NAMES    ? " (it has %s)"
        : kind == CODE_ISSUER ? " (its issuer is %s)"
                              : " (that of %s)",
        detail);
}

static void add_code(struct line *l, enum err_code kind, const struct failure *f, struct wall now)
{
    char copy[FAILURE_DETAIL_MAX + 1];
    const char *detail = plain(f->detail, copy);

    switch (kind) {
    case CODE_NONE:
        return;
    case CODE_NUMBER:
        add_number(l, f->code, NULL);
        return;
    case CODE_ERRNO:
        add_number(l, f->code, err_errno_words(f->code));
        return;
    case CODE_WAIT: /* as wait(2) packs it: a signal in the low 7 bits, else the status above */
        if ((f->code & 0x7f) != 0)
            add(l, " (signal %d)", (int)(f->code & 0x7f));
        else if (f->code != 0) /* 0: nobody has waited for it here */
            add(l, " (exit status %d)", (int)(f->code >> 8 & 0xff));
        return;
    case CODE_ALERT:
        add_number(l, f->code, err_alert_words(f->code));
        return;
    case CODE_RECORD:
        add_number(l, f->code, err_record_words(f->code));
        return;
    case CODE_KE_ERROR:
        add_number(l, f->code, err_ke_error_words(f->code));
        return;
    case CODE_KISS:
        add(l, " ");
        add_letters(l, f->code);
        return;
    case CODE_MS:
        if (f->code >= 0 && f->code < INT32_MAX)
            add(l, " (%d ms)", (int)f->code);
        return;
    case CODE_CLOCK:
        add_clock(l, detail, now);
        return;
    case CODE_NOT_BEFORE:
    case CODE_NOT_AFTER:
        if (f->not_before_s != 0 || f->not_after_s != 0) {
            add(l, kind == CODE_NOT_BEFORE ? " before " : " on ");
            add_date(l, kind == CODE_NOT_BEFORE ? f->not_before_s : f->not_after_s);
        }
        add_clock(l, detail, now);
        return;
    case CODE_SUBJECT:
    case CODE_ISSUER:
    case CODE_NAMES:
        add_detail(l, kind, detail);
        return;
    }
}

/*
 * A reason has its own words; without one, or for a number from a newer build, the stage's. Reasons
 * that can strike anywhere (a timeout, a reset, this machine) tell what was being done.
 */
void failure_text(const struct failure *f, struct wall now, char *buf, size_t n)
{
    struct line l = {.buf = buf, .size = n};
    const struct err_words *w = NULL;

    if (n > 0)
        buf[0] = '\0';
    if (f->stage >= STAGE_COUNT) {
        add(&l, "unknown failure (stage %u, reason %u): install one version of all programs",
            (unsigned)f->stage, (unsigned)f->reason);
        return;
    }
    if (f->reason != REASON_NONE && f->reason < REASON_COUNT)
        w = err_reason_words(f->reason);
    if (w == NULL)
        w = err_stage_words(f->stage);
    add(&l, "%s", w->what);
    add_code(&l, w->code, f, now);
    if (f->reason == REASON_TIMEOUT || f->reason == REASON_RESET || f->reason == REASON_SYSTEM ||
        f->reason == REASON_CHILD_DIED)
        add(&l, " %s", err_stage_when(f->stage));
    if (w->cure != NULL)
        add(&l, ": %s", w->cure);
}
