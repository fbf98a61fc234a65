/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS as NTS key establishment needs it (RFC 8915 section 3), the library hidden behind it. One
 * session to one server, on a blocking socket; the process's deadline ends a silent wait.
 */
#ifndef NTSC_TLS_H
#define NTSC_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/ke/ca_open.h"
#include "common/base/err.h"

struct tls;

/*
 * For the server `host` (name or address literal), trusting the certificates in `ca`. Dates are
 * judged by CLOCK_REALTIME. With time_floor_s > 0 nobody vouches for that: certificates that it
 * refuses are then judged at a time at which all of them are valid, when there is one that is not
 * before the floor; all else is checked as ever. Both must outlive the session. NULL with *f set
 * when it cannot be.
 */
struct tls *tls_new(const char *host, struct ca_open *ca, int64_t time_floor_s, struct failure *f);

/* Of the library that is linked now, which may be newer than that of the build. */
const char *tls_library_version(void);

enum tls_result {
    TLS_DONE,   /* the server is who it should be and speaks ntske/1 */
    TLS_FAILED, /* *f says why */
    TLS_NOBODY, /* as TLS_FAILED, before any certificate was seen: another address may do better */
    TLS_AGAIN,  /* as TLS_FAILED, but the same address will do after tls_reset(); only once */
};

/*
 * Handshake and every check there is. Nothing may be sent unless it returns TLS_DONE. When the
 * other side has not begun to answer within hello_ms it is TLS_NOBODY with REASON_TIMEOUT; 0 sets
 * no limit. After TLS_NOBODY it may be called again, with a new connection.
 */
NTSC_CHECK_RESULT enum tls_result tls_handshake(struct tls *t, int fd, int hello_ms,
                                                struct failure *f);

/* Sends all of it at once. */
NTSC_CHECK_RESULT bool tls_write(struct tls *t, const uint8_t *data, size_t len, struct failure *f);

/*
 * Up to cap octets; 0 when the server has closed, whether politely or not; -1 with *f set, to
 * REASON_TIMEOUT when nothing came for wait_ms (0: no limit).
 */
NTSC_CHECK_RESULT int tls_read(struct tls *t, uint8_t *buf, size_t cap, int wait_ms,
                               struct failure *f);

/* Makes ready for a handshake on another connection. */
void tls_reset(struct tls *t);

/* RFC 8446 section 7.5, RFC 8915 section 5.1. */
NTSC_CHECK_RESULT bool tls_export(struct tls *t, const char *label, const uint8_t *context,
                                  size_t context_len, uint8_t *out, size_t len);

/*
 * When the server's certificate and all above it, the trusted one included, are valid: latest
 * notBefore and earliest notAfter. True when they were not judged by the clock: then what depends
 * on them is to be believed only for times in between.
 */
bool tls_dates(const struct tls *t, int64_t *not_before_s, int64_t *not_after_s);

/* Sends close_notify without waiting for the other side's. */
void tls_close(struct tls *t);

void tls_free(struct tls *t);

#endif
