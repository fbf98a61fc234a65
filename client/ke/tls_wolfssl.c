/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session. The library's defaults are unsafe (no verification, old ciphers): all is set here.
 */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfio.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "client/ke/tls.h"
#include "client/ke/tls_wolfssl.h"
#include "client/ke/tls_wolfssl_sign.h"
#include "common/nts/x509_host.h"

#define ALPN "ntske/1" /* RFC 8915 section 4 */

struct tls {
    WOLFSSL_CTX *ctx; /* a new one for every connection */
    WOLFSSL *ssl;
    const char *host;
    struct ca ca;
    struct presented presented;
    struct x509_trust trust;
    struct x509_path path;
    struct x509_verdict verdict;
    int fd;
    int hello_ms;     /* how long to wait for the first octet; 0: for ever */
    int answer_ms;    /* and for each part of an answer */
    int io_errno;     /* of the last failed recv or send; 0: the other side closed */
    uint8_t first[2]; /* octets received */
    unsigned n_first;
    bool established;
    bool again;           /* the library stumbled over a certificate that the path does not need */
    int64_t time_floor_s; /* 0: dates are judged by the clock */
};

/*
 * Our Finished goes out together with the request that follows at once, one packet instead of two.
 * A ClientHello (record type 22, also a second one) is not held back.
 */
static int io_send(WOLFSSL *ssl, char *buf, int len, void *arg)
{
    struct tls *t = arg;
    int flags = MSG_NOSIGNAL | (!t->established && len > 0 && buf[0] != 22 ? MSG_MORE : 0);
    ssize_t n;

    (void)ssl;
    do
        n = send(t->fd, buf, (size_t)len, flags);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return (int)n;
    t->io_errno = errno;
    return errno == EPIPE || errno == ECONNRESET ? WOLFSSL_CBIO_ERR_CONN_RST
                                                 : WOLFSSL_CBIO_ERR_GENERAL;
}

/* False when nothing has come for as long as is waited. */
static bool comes_in_time(const struct tls *t)
{
    struct pollfd p = {.fd = t->fd, .events = POLLIN};
    int wait_ms = t->established ? t->answer_ms : t->n_first == 0 ? t->hello_ms : 0;

    return wait_ms == 0 || poll(&p, 1, wait_ms) != 0;
}

static int io_recv(WOLFSSL *ssl, char *buf, int len, void *arg)
{
    struct tls *t = arg;
    ssize_t n;

    (void)ssl;
    if (!comes_in_time(t)) {
        t->io_errno = ETIMEDOUT;
        return WOLFSSL_CBIO_ERR_GENERAL;
    }
    do
        n = recv(t->fd, buf, (size_t)len, 0);
    while (n < 0 && errno == EINTR);
    for (ssize_t i = 0; i < n && t->n_first < sizeof(t->first); i++)
        t->first[t->n_first++] = (uint8_t)buf[i];
    if (n > 0)
        return (int)n;
    t->io_errno = n < 0 ? errno : 0;
    return n == 0 ? WOLFSSL_CBIO_ERR_CONN_CLOSE
                  : (errno == ECONNRESET ? WOLFSSL_CBIO_ERR_CONN_RST : WOLFSSL_CBIO_ERR_GENERAL);
}

static bool ctx_setup(WOLFSSL_CTX *ctx)
{
    static const char ciphers[] = "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:"
                                  "TLS13-CHACHA20-POLY1305-SHA256";
#ifdef OPENSSL_EXTRA /* without its OpenSSL layer wolfSSL offers all that it has */
    static const char algorithms[] =
        "ECDSA+SHA256:ED25519:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384:"
        "ECDSA+SHA512:RSA-PSS+SHA512:RSA+SHA512";
#endif
    int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};

#ifndef NO_SESSION_CACHE
    wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
#endif
    wolfSSL_CTX_SetIORecv(ctx, io_recv);
    wolfSSL_CTX_SetIOSend(ctx, io_send);
    /*
     * No resumption is offered: without psk_dhe_ke (RFC 8446 section 4.2.9) servers send no session
     * tickets. wolfSSL before 5.6 gives up the connection at one whose nonce is longer than 8. The
     * extension itself goes out all the same, with psk_ke alone: a client of wolfSSL's always sends
     * it (TLSX_PopulateExtensions in its src/tls.c), and no public call keeps it back.
     */
    return wolfSSL_CTX_no_dhe_psk(ctx) == 0 &&
           wolfSSL_CTX_SetMinRsaKey_Sz(ctx, 2048) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_SetMinEccKey_Sz(ctx, 256) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set_cipher_list(ctx, ciphers) == WOLFSSL_SUCCESS &&
#ifdef OPENSSL_EXTRA
           wolfSSL_CTX_set1_sigalgs_list(ctx, algorithms) == WOLFSSL_SUCCESS &&
#endif
           wolfSSL_CTX_set_groups(ctx, groups, sizeof(groups) / sizeof(groups[0])) ==
               WOLFSSL_SUCCESS;
}

static bool context_new(struct tls *t, struct failure *f)
{
    t->ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    if (t->ctx && ctx_setup(t->ctx) && cert_watch(t->ctx, &t->presented, t->again))
        return true;
    *f = failure_make(STAGE_LOCAL, REASON_SYSTEM, ENOMEM);
    return false;
}

static void connection_free(struct tls *t)
{
    wolfSSL_free(t->ssl);
    wolfSSL_CTX_free(t->ctx);
    t->ssl = NULL;
    t->ctx = NULL;
    t->established = false;
    t->n_first = 0;
    t->io_errno = 0;
    cert_forget(&t->presented);
    ca_free(&t->ca);
}

struct tls *tls_new(const char *host, struct ca_open *ca, int64_t time_floor_s, struct failure *f)
{
    struct tls *t;

    if (ca->dir < 0 && ca->file < 0) {
        *f = failure_make(STAGE_LOCAL, REASON_CA_UNUSABLE, 0);
        return NULL;
    }
    t = calloc(1, sizeof(*t));
    if (!t || wolfSSL_Init() != WOLFSSL_SUCCESS) {
        *f = failure_make(STAGE_LOCAL, REASON_SYSTEM, ENOMEM);
        free(t);
        return NULL;
    }
    t->host = host;
    t->ca.from = ca;
    t->time_floor_s = time_floor_s;
    if (context_new(t, f))
        return t;
    tls_free(t);
    return NULL;
}

static bool session_new(struct tls *t, int fd)
{
    uint8_t addr[16];
    char alpn[] = ALPN, name[256];
    size_t n = strlen(t->host);

    t->fd = fd;
    t->ssl = wolfSSL_new(t->ctx);
    if (!t->ssl)
        return false;
    wolfSSL_SetIOReadCtx(t->ssl, t);
    wolfSSL_SetIOWriteCtx(t->ssl, t);
    wolfSSL_KeepArrays(t->ssl); /* the exporter needs them after the handshake */
    if (wolfSSL_UseALPN(t->ssl, alpn, sizeof(alpn) - 1, WOLFSSL_ALPN_FAILED_ON_MISMATCH) !=
        WOLFSSL_SUCCESS)
        return false;
    /* RFC 6066 section 3: names only, without the dot at the end. */
    if (x509_host_literal(t->host, addr) > 0 || n == 0 || n >= sizeof(name))
        return true;
    memcpy(name, t->host, n + 1);
    if (name[n - 1] == '.')
        name[--n] = '\0';
    return wolfSSL_UseSNI(t->ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)n) ==
           WOLFSSL_SUCCESS;
}

static struct failure failure_of_alert(struct tls *t, enum stage stage)
{
    WOLFSSL_ALERT_HISTORY h;
    int code = wolfSSL_get_alert_history(t->ssl, &h) == WOLFSSL_SUCCESS ? h.last_rx.code : 0;

    if (code == wolfssl_alert_protocol_version)
        return failure_make(STAGE_TLS_VERSION, REASON_OLD_TLS, 0);
    if (code == no_application_protocol)
        return failure_make(STAGE_ALPN, REASON_OTHER_ALPN, 0);
    return failure_make(stage, REASON_ALERT, code);
}

/*
 * The connection ended, or cannot be written to; io_errno says why. From 5.7 on some builds of the
 * library call it what OpenSSL does.
 */
static bool is_cut(int error)
{
    return error == SOCKET_ERROR_E || error == SOCKET_PEER_CLOSED_E ||
           error == WOLFSSL_ERROR_SYSCALL;
}

static struct failure failure_of_handshake(struct tls *t, int error)
{
    bool tls = t->n_first == 2 && t->first[0] >= 20 && t->first[0] <= 23 && t->first[1] == 3;

    if (t->n_first > 0 && !tls)
        return failure_make(STAGE_TLS_VERSION, REASON_NOT_TLS, 0);
    if (is_cut(error) || error == WOLFSSL_ERROR_ZERO_RETURN)
        return t->io_errno == ETIMEDOUT ? failure_make(STAGE_TLS, REASON_TIMEOUT, 0)
                                        : failure_make(STAGE_TLS, REASON_RESET, t->io_errno);
    switch (error) {
    case FATAL_ERROR:
        return failure_of_alert(t, STAGE_TLS);
    case VERSION_ERROR:
        return failure_make(STAGE_TLS_VERSION, REASON_OLD_TLS, 0);
    case UNKNOWN_ALPN_PROTOCOL_NAME_E:
        return failure_make(STAGE_ALPN, REASON_OTHER_ALPN, 0);
    case MAX_CHAIN_ERROR: /* nine certificates, in 18 kB; the tenth is read as the next message */
    case HANDSHAKE_SIZE_ERROR:
        return failure_make(STAGE_TLS, REASON_CHAIN_SIZE, 0);
    default:
        return failure_make(STAGE_TLS, REASON_LIBRARY, error);
    }
}

static bool alpn_agreed(struct tls *t)
{
    char *name = NULL;
    unsigned short len = 0;

    return wolfSSL_ALPN_GetProtocol(t->ssl, &name, &len) == WOLFSSL_SUCCESS &&
           len == sizeof(ALPN) - 1 && memcmp(name, ALPN, len) == 0;
}

static struct x509_verdict verdict_of(struct tls *t)
{
    return x509_path_judge(&t->path, t->host, (int64_t)time(NULL), t->time_floor_s);
}

/* Judges what the server presented; false when there was nothing. */
static bool judge(struct tls *t, bool done)
{
    const struct failure unread = failure_make(STAGE_TLS_TRUST, REASON_BAD_CERTIFICATE, 0);

    t->trust = (struct x509_trust){&t->ca, ca_anchor, signature_check};
    x509_path_start(&t->path, &t->trust);
    t->verdict = (struct x509_verdict){.fail = unread};
    if (!cert_take(t->ssl, &t->presented, done, &t->path))
        return t->presented.message != NULL;
    t->verdict.fail = failure_make(STAGE_TLS_TRUST, REASON_UNKNOWN_CA, 0);
    if (ca_find_hashed(&t->ca, &t->path))
        t->verdict = verdict_of(t);
    if (t->verdict.fail.stage == STAGE_OK || t->verdict.fail.stage == STAGE_TLS_NAME)
        return true;
    ca_find_all(&t->ca, &t->path);
    t->verdict = verdict_of(t);
    if (t->verdict.fail.stage != STAGE_OK && !t->ca.any)
        t->verdict.fail = failure_make(STAGE_LOCAL, REASON_CA_UNUSABLE, 0);
    return true;
}

/* The chain is good, and yet the library gave up at a critical extension in it: once. */
static bool stumbled(struct tls *t, int error)
{
    bool now = !t->again && error == ASN_CRIT_EXT_E && t->verdict.fail.stage == STAGE_OK;

    t->again = t->again || now;
    return now;
}

enum tls_result tls_handshake(struct tls *t, int fd, int hello_ms, struct failure *f)
{
    int ret;

    *f = failure_make(STAGE_LOCAL, REASON_SYSTEM, ENOMEM);
    if (!t->ctx && !context_new(t, f))
        return TLS_FAILED;
    if (!session_new(t, fd))
        return TLS_FAILED;
    t->hello_ms = hello_ms;
    ret = wolfSSL_connect(t->ssl);
    if (ret != WOLFSSL_SUCCESS) {
        int error = wolfSSL_get_error(t->ssl, ret);

        *f = failure_of_handshake(t, error);
        if (!judge(t, false)) {
            connection_free(t);
            return TLS_NOBODY;
        }
        /* What is wrong with the certificates says more than what the library made of them. */
        if (t->verdict.fail.stage != STAGE_OK)
            *f = t->verdict.fail;
        return stumbled(t, error) ? TLS_AGAIN : TLS_FAILED;
    }
    if (wolfSSL_version(t->ssl) != TLS1_3_VERSION)
        *f = failure_make(STAGE_TLS_VERSION, REASON_OLD_TLS, 0);
    else if (!alpn_agreed(t)) /* a server that ignores ALPN gets this far */
        *f = failure_make(STAGE_ALPN, REASON_NO_ALPN, 0);
    else if (!judge(t, true)) /* never without a certificate */
        *f = failure_make(STAGE_TLS, REASON_LIBRARY, 0);
    else
        *f = t->verdict.fail;
    t->established = f->stage == STAGE_OK;
    return t->established ? TLS_DONE : TLS_FAILED;
}

static struct failure failure_of_session(struct tls *t, int error)
{
    if (error == FATAL_ERROR)
        return failure_of_alert(t, STAGE_KE_RECORD);
    if (t->io_errno == ETIMEDOUT)
        return failure_make(STAGE_KE_RECORD, REASON_TIMEOUT, 0);
    if (is_cut(error))
        return failure_make(STAGE_KE_RECORD, REASON_RESET, t->io_errno);
    if (error == INVALID_PARAMETER) /* nothing else that comes behind a handshake gives this */
        return failure_make(STAGE_TLS, REASON_TICKET, 0);
    return failure_make(STAGE_TLS, REASON_LIBRARY, error);
}

bool tls_write(struct tls *t, const uint8_t *data, size_t len, struct failure *f)
{
    int n = wolfSSL_write(t->ssl, data, (int)len);

    if (n == (int)len)
        return true;
    *f = failure_of_session(t, wolfSSL_get_error(t->ssl, n));
    return false;
}

int tls_read(struct tls *t, uint8_t *buf, size_t cap, int wait_ms, struct failure *f)
{
    int n, error;

    t->io_errno = 0;
    t->answer_ms = wait_ms;
    n = wolfSSL_read(t->ssl, buf, (int)cap);
    if (n > 0)
        return n;
    error = wolfSSL_get_error(t->ssl, n);
    if (error == WOLFSSL_ERROR_ZERO_RETURN || (is_cut(error) && t->io_errno == 0))
        return 0;
    *f = failure_of_session(t, error);
    return -1;
}

bool tls_export(struct tls *t, const char *label, const uint8_t *context, size_t context_len,
                uint8_t *out, size_t len)
{
    return wolfSSL_export_keying_material(t->ssl, out, len, label, strlen(label), context,
                                          context_len, 1) == WOLFSSL_SUCCESS;
}

bool tls_dates(const struct tls *t, int64_t *not_before_s, int64_t *not_after_s)
{
    *not_before_s = t->verdict.span.not_before_s;
    *not_after_s = t->verdict.span.not_after_s;
    return t->verdict.provisional;
}

void tls_reset(struct tls *t)
{
    connection_free(t);
}

void tls_close(struct tls *t)
{
    if (t->established)
        (void)wolfSSL_shutdown(t->ssl);
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    connection_free(t);
    free(t);
    wolfSSL_Cleanup();
}
