/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words failure_text() is made of. */
#ifndef NTSC_ERR_WORDS_H
#define NTSC_ERR_WORDS_H

#include "common/base/err.h"

/* How the code (or a date) of a failure is told, behind what happened. */
enum err_code {
    CODE_NONE,
    CODE_NUMBER,
    CODE_ERRNO,
    CODE_WAIT,
    CODE_ALERT,
    CODE_RECORD,
    CODE_KE_ERROR,
    CODE_KISS,
    CODE_MS,
    CODE_CLOCK,
    CODE_NOT_BEFORE,
    CODE_NOT_AFTER,
    CODE_SUBJECT, /* whose the certificate is */
    CODE_ISSUER,  /* who is missing */
    CODE_NAMES,   /* the names that it has */
};

struct err_words {
    const char *what, *cure;
    enum err_code code;
};

/* By reason, and where it has none of its own (NULL in what) by stage; both within their range. */
const struct err_words *err_reason_words(uint16_t reason);
const struct err_words *err_stage_words(uint16_t stage);

/* The cure where it is about an NTP server that key establishment named; NULL: as of others. */
const char *err_cure_of_named(uint16_t reason);

/* What was being done in a stage, for reasons that occur in several: "during the TLS handshake". */
const char *err_stage_when(uint16_t stage);

/* NULL when there is no word for the number. */
const char *err_errno_words(int32_t code);
const char *err_alert_words(int32_t code);
const char *err_record_words(int32_t code);
const char *err_ke_error_words(int32_t code);

#endif
