/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/err.h"

#include <stdbool.h>
#include <stdio.h>

#include "common/base/calendar.h"
#include "common/base/digit.h"
#include "common/base/err_words.h"
#include "common/base/text.h"

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

static void add_date(struct text *t, int64_t seconds)
{
    char date[CALENDAR_TEXT];

    calendar_time_text(seconds, date);
    text_put(t, "%s", date);
}

/* `whose`: a certificate's subject, or "". */
static void add_clock(struct text *t, const char *whose, struct wall now)
{
    text_put(t, *whose != 0 ? " (that of %s; this clock says " : " (%sthis clock says ", whose);
    add_date(t, now.ns / NS_PER_S - (now.ns % NS_PER_S < 0 ? 1 : 0));
    text_put(t, ")");
}

/* Four letters as a kiss code is, dots for what is none. */
static void add_letters(struct text *t, int32_t code)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        char c = (char)((uint32_t)code >> shift & 0xff);
        bool plain = digit_is(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        text_put(t, "%c", plain ? c : '.');
    }
}

static void add_number(struct text *t, int32_t code, const char *name)
{
    if (name != NULL)
        text_put(t, " %d (%s)", (int)code, name);
    else
        text_put(t, " %d", (int)code);
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

static void add_detail(struct text *t, enum err_code kind, const char *detail)
{
    if (*detail == 0)
        return;
    text_put(t,
             kind == CODE_NAMES    ? " (it has %s)"
             : kind == CODE_ISSUER ? " (its issuer is %s)"
                                   : " (that of %s)",
             detail);
}

static void add_code(struct text *t, enum err_code kind, const struct failure *f, struct wall now)
{
    char copy[FAILURE_DETAIL_MAX + 1];
    const char *detail = plain(f->detail, copy);

    switch (kind) {
    case CODE_NONE:
        return;
    case CODE_NUMBER:
        add_number(t, f->code, NULL);
        return;
    case CODE_ERRNO:
        add_number(t, f->code, err_errno_words(f->code));
        return;
    case CODE_WAIT: /* as wait(2) packs it: a signal in the low 7 bits, else the status above */
        if ((f->code & 0x7f) != 0)
            text_put(t, " (signal %d)", (int)(f->code & 0x7f));
        else if (f->code != 0) /* 0: nobody has waited for it here */
            text_put(t, " (exit status %d)", (int)(f->code >> 8 & 0xff));
        return;
    case CODE_ALERT:
        add_number(t, f->code, err_alert_words(f->code));
        return;
    case CODE_RECORD:
        add_number(t, f->code, err_record_words(f->code));
        return;
    case CODE_KE_ERROR:
        add_number(t, f->code, err_ke_error_words(f->code));
        return;
    case CODE_KISS:
        text_put(t, " ");
        add_letters(t, f->code);
        return;
    case CODE_MS:
        if (f->code >= 0 && f->code < INT32_MAX)
            text_put(t, " (%d ms)", (int)f->code);
        return;
    case CODE_CLOCK:
        add_clock(t, detail, now);
        return;
    case CODE_NOT_BEFORE:
    case CODE_NOT_AFTER:
        if (f->not_before_s != 0 || f->not_after_s != 0) {
            text_put(t, kind == CODE_NOT_BEFORE ? " before " : " on ");
            add_date(t, kind == CODE_NOT_BEFORE ? f->not_before_s : f->not_after_s);
        }
        add_clock(t, detail, now);
        return;
    case CODE_SUBJECT:
    case CODE_ISSUER:
    case CODE_NAMES:
        add_detail(t, kind, detail);
        return;
    }
}

/* Whether it is an NTP server, which the user need not have asked for, that this befell. */
static bool names_ntp(enum reason reason)
{
    switch (reason) {
    case REASON_TIMEOUT:
    case REASON_UNREACHABLE:
    case REASON_NO_SUCH_NAME:
    case REASON_NO_ADDRESS:
    case REASON_DNS_DOWN:
    case REASON_NO_HOST_THERE:
    case REASON_BAD_REDIRECT:
        return true;
    default:
        return false;
    }
}

/* Where it comes from, too. False when there is none. */
static bool add_named(struct text *t, const struct failure *f)
{
    char copy[FAILURE_DETAIL_MAX + 1];

    if (f->detail[0] == 0 || !names_ntp((enum reason)f->reason))
        return false;
    text_put(t, " (%s)", plain(f->detail, copy));
    return true;
}

/*
 * A reason has its own words; without one, or for a number from a newer build, the stage's. Reasons
 * that can strike anywhere (a timeout, a reset, this machine) tell what was being done.
 */
void failure_text(const struct failure *f, struct wall now, char *buf, size_t n)
{
    const struct err_words *w = NULL;
    const char *cure;
    struct text t;

    if (n == 0)
        return;
    t = text_in(buf, n);
    if (f->stage >= STAGE_COUNT) {
        text_put(&t, "unknown failure (stage %u, reason %u): install one version of all programs",
                 (unsigned)f->stage, (unsigned)f->reason);
        return;
    }
    if (f->reason != REASON_NONE && f->reason < REASON_COUNT)
        w = err_reason_words(f->reason);
    if (w == NULL)
        w = err_stage_words(f->stage);
    text_put(&t, "%s", w->what);
    add_code(&t, w->code, f, now);
    if (f->reason == REASON_TIMEOUT || f->reason == REASON_RESET || f->reason == REASON_SYSTEM ||
        f->reason == REASON_CHILD_DIED)
        text_put(&t, " %s", err_stage_when(f->stage));
    cure = w->cure;
    if (add_named(&t, f) && err_cure_of_named(f->reason) != NULL)
        cure = err_cure_of_named(f->reason);
    if (cure != NULL)
        text_put(&t, ": %s", cure);
}
