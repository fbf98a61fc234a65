/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's certificates as they came. What the library keeps of them leaves out those of 2048
 * octets and more, and its verify callback fails before it is called where a CA's key is Ed25519
 * (5.7.2). But it hands every handshake message to the hash of the transcript, and a hash can be
 * watched by a crypto callback, which computes nothing here.
 */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/cryptocb.h>

#include <stdlib.h>
#include <string.h>

#include "client/ke/tls.h"
#include "client/ke/tls_wolfssl.h"

#define CERTIFICATE 11     /* RFC 8446 section 4 */
#define WATCH_ID    0x6e74 /* a device's number, of our own choice */
#define HEAD        4      /* type and length of a handshake message */

#ifdef WOLF_CRYPTO_CB
/* Of none: what we answer when asked for ours. A server's is refused by the library. */
static bool is_empty(const uint8_t *data, size_t len)
{
    return len > HEAD && len == HEAD + 1U + data[HEAD] + 3U && data[len - 3] == 0 &&
           data[len - 2] == 0 && data[len - 1] == 0;
}

static void note(struct presented *p, const uint8_t *data, size_t len)
{
    if (len < HEAD || data[0] != CERTIFICATE ||
        len - HEAD != ((size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3]) ||
        is_empty(data, len))
        return;
    /* The same again goes into the other hashes. */
    if (p->message != NULL) {
        p->twice = p->twice || p->len != len || memcmp(p->message, data, len) != 0;
        return;
    }
    p->message = malloc(len);
    if (p->message == NULL)
        return;
    memcpy(p->message, data, len);
    p->len = len;
}

static int watch(int device, wc_CryptoInfo *info, void *context)
{
    (void)device;
    if (info->algo_type == WC_ALGO_TYPE_HASH && info->hash.in != NULL)
        note(context, info->hash.in, info->hash.inSz);
    return CRYPTOCB_UNAVAILABLE;
}

static bool watch_start(WOLFSSL_CTX *ctx, struct presented *p)
{
    return wc_CryptoCb_RegisterDevice(WATCH_ID, watch, p) == 0 &&
           wolfSSL_CTX_SetDevId(ctx, WATCH_ID) == WOLFSSL_SUCCESS;
}
#else
static bool watch_start(WOLFSSL_CTX *ctx, struct presented *p)
{
    (void)ctx;
    (void)p;
    return true;
}
#endif

/*
 * Without verification the library still parses, and gives up at a critical extension that it does
 * not know, even in a certificate that nobody needs. A callback lets that pass. It judges nothing:
 * that is done after the handshake, before anything is sent.
 *
 * 5.7.2 copies each certificate before it asks, and fails with -125 when a CA's key is Ed25519, so
 * from 5.6 on there is one only where the handshake has ended at such an extension before.
 */
static int let_pass(int ok, WOLFSSL_X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

bool cert_watch(WOLFSSL_CTX *ctx, struct presented *p, bool again)
{
    bool ask = again || LIBWOLFSSL_VERSION_HEX < 0x05006000;

    cert_forget(p);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, ask ? let_pass : NULL);
    return watch_start(ctx, p);
}

/* A number of n octets in front of `in`, and as many octets as it says. */
static bool take_vector(struct der *in, unsigned n, struct der *inside)
{
    size_t len = 0;

    if (in->left < n)
        return false;
    for (unsigned i = 0; i < n; i++)
        len = len << 8 | in->p[i];
    if (len > in->left - n)
        return false;
    *inside = (struct der){in->p + n, len};
    in->p += n + len;
    in->left -= n + len;
    return true;
}

/* certificate_request_context, then each certificate with its extensions. */
static bool read_message(const struct presented *p, struct x509_path *path)
{
    struct der in = {p->message + HEAD, p->len - HEAD}, context, list, cert, extensions;

    if (!take_vector(&in, 1, &context) || !take_vector(&in, 3, &list) || in.left != 0)
        return false;
    while (list.left > 0) {
        if (!take_vector(&list, 3, &cert) || !take_vector(&list, 2, &extensions))
            return false;
        x509_path_add(path, cert.p, cert.left);
    }
    return path->n_sent > 0;
}

#define KEPT_MAX 2047 /* octets of a certificate that each build remembers */

/* Whether the first certificate is what the library took the server's key from. */
static bool agrees(WOLFSSL *ssl, const struct x509_path *path)
{
    WOLFSSL_X509_CHAIN *chain = wolfSSL_get_peer_chain(ssl);
    const struct der own = path->sent[0].whole;

    if (!path->read || own.left > KEPT_MAX)
        return true;
    return chain != NULL && wolfSSL_get_chain_count(chain) > 0 &&
           wolfSSL_get_chain_length(chain, 0) == (int)own.left &&
           memcmp(wolfSSL_get_chain_cert(chain, 0), own.p, own.left) == 0;
}

/*
 * Where nothing was noted: the library gave up before, or it has no crypto callbacks. The session
 * may have left out the first, so that after a handshake the server's own is the one whose key was
 * used, or there is none.
 */
static bool recall(WOLFSSL *ssl, bool done, struct x509_path *path)
{
    WOLFSSL_X509_CHAIN *chain = wolfSSL_get_peer_chain(ssl);
#ifdef KEEP_PEER_CERT
    WOLFSSL_X509 *own = done ? wolfSSL_get_peer_certificate(ssl) : NULL;
    int len = 0;
    const uint8_t *der = own != NULL ? wolfSSL_X509_get_der(own, &len) : NULL;

    if (der != NULL && len > 0)
        x509_path_add(path, der, (size_t)len);
#endif
    if (done && path->n_sent == 0)
        return false;
    for (int i = 0; chain != NULL && i < wolfSSL_get_chain_count(chain); i++)
        x509_path_add(path, wolfSSL_get_chain_cert(chain, i),
                      (size_t)wolfSSL_get_chain_length(chain, i));
    return path->n_sent > 0;
}

bool cert_take(WOLFSSL *ssl, const struct presented *p, bool done, struct x509_path *path)
{
    if (p->message == NULL)
        return recall(ssl, done, path);
    return !p->twice && read_message(p, path) && agrees(ssl, path);
}

void cert_forget(struct presented *p)
{
    free(p->message);
    *p = (struct presented){NULL, 0, false};
}

const char *tls_library_version(void)
{
    return wolfSSL_lib_version();
}
