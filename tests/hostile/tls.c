/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's side of the handshake. Words: tls12 (no TLS 1.3), groups=LIST, certreq (ask the
 * client for a certificate), alpn=NAME|none|alert, octets (every octet in a segment of its own,
 * pause=MS apart).
 */
#include "server.h"

#include <string.h>

/* What the script wants, offered by the client or not. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *arg)
{
    const struct ke *k = arg;
    const char *want = ke_option(k, "alpn");
    (void)ssl;
    log_line("alpn %u %.*s", k->number, in_len ? in[0] : 0, (const char *)in + 1);
    if (!want)
        want = "ntske/1";
    if (!strcmp(want, "none"))
        return SSL_TLSEXT_ERR_NOACK;
    if (!strcmp(want, "alert"))
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = (const unsigned char *)want;
    *out_len = (unsigned char)strlen(want);
    return SSL_TLSEXT_ERR_OK;
}

/*
 * How a client may offer to resume: pre_shared_key, session_ticket, and psk_dhe_ke among its
 * psk_key_exchange_modes, without which no server sends a ticket. psk_ke alone asks for none.
 */
static int log_hello(SSL *ssl, int *alert, void *arg)
{
    enum { SESSION_TICKET = 35, PRE_SHARED_KEY = 41, MODES = 45, PSK_DHE_KE = 1 };
    const struct ke *k = arg;
    const unsigned char *data;
    size_t len;
    bool resuming = SSL_client_hello_get0_ext(ssl, PRE_SHARED_KEY, &data, &len) == 1 ||
                    SSL_client_hello_get0_ext(ssl, SESSION_TICKET, &data, &len) == 1;

    (void)alert;
    if (SSL_client_hello_get0_ext(ssl, MODES, &data, &len) == 1 && len > 1)
        resuming = resuming || memchr(data + 1, PSK_DHE_KE, len - 1);
    log_line("hello %u resuming=%d", k->number, resuming);
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* A BIO that sends every octet by itself. */
static int write_octets(BIO *bio, const char *data, int n)
{
    const struct ke *k = BIO_get_app_data(bio);

    for (int i = 0; i < n; i++) {
        if (send(k->fd, data + i, 1, MSG_NOSIGNAL) != 1)
            return -1;
        ke_pause(k);
    }
    return n;
}

/* Nothing is kept back, so whatever is to be flushed is out. */
static long flushed(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int any_certificate(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

bool tls_handshake(struct ke *k)
{
    const char *groups = ke_option(k, "groups");
    k->ctx = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(k->ctx, server.cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(k->ctx, server.key, SSL_FILETYPE_PEM) != 1 ||
        (groups && SSL_CTX_set1_groups_list(k->ctx, groups) != 1))
        fatal("certificate, key or groups unusable");
    SSL_CTX_set_min_proto_version(k->ctx, TLS1_2_VERSION);
    if (ke_option(k, "tls12"))
        SSL_CTX_set_max_proto_version(k->ctx, TLS1_2_VERSION);
    if (ke_option(k, "certreq"))
        SSL_CTX_set_verify(k->ctx, SSL_VERIFY_PEER, any_certificate);
    SSL_CTX_set_alpn_select_cb(k->ctx, choose_alpn, k);
    SSL_CTX_set_client_hello_cb(k->ctx, log_hello, k);
    if (ticket_wanted(k))
        ticket_prepare(k);
    k->ssl = SSL_new(k->ctx);
    SSL_set_app_data(k->ssl, k);
    SSL_set_fd(k->ssl, k->fd);
    if (ke_option(k, "octets")) {
        BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "octets");
        BIO_meth_set_write(m, write_octets);
        BIO_meth_set_ctrl(m, flushed);
        BIO *b = BIO_new(m);
        BIO_set_init(b, 1);
        BIO_set_app_data(b, k);
        SSL_set0_wbio(k->ssl, b);
    }
    return SSL_accept(k->ssl) == 1;
}
