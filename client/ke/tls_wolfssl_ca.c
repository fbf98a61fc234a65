/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trusted certificates. Measured with the 143 roots of Debian 12: loading the bundle costs 51
 * million instructions, as much as the whole rest of a key establishment; looking up the one issuer
 * that is needed in the hashed directory 0.3 million. The library's name hash differs from
 * OpenSSL's for 2 of the 143. For those, and for directories whose hashes are stale, the bundle is
 * then searched for the issuer's name and the exchange made once more on a new connection: the
 * library offers no place to bring in a certificate between the server's Certificate message and
 * its verdict. It costs a second connection only when the issuer is really there.
 *
 * Certificates enter through X509_STORE_add_cert: the load_verify functions of Debian's build also
 * make "trusted peers" of them, for which neither dates nor anything else is checked. An Ed25519
 * key is what the former cannot read (5.5.4); such a CA takes the other way, its dates are judged
 * by us, and before the handshake all trusted peers are forgotten.
 */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/ssl.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/ke/tls_wolfssl.h"
#include "common/msg/msg.h"
#include "common/nts/pem.h"

#define SYSTEM_DIR    "/etc/ssl/certs"
#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define FILE_MAX      (8L * 1024 * 1024)

struct cert *cert_new(const uint8_t *der, size_t len)
{
    struct cert *c = calloc(1, sizeof(*c) + len);

    if (!c)
        return NULL;
    memcpy(c->der, der, len);
    c->next = NULL;
    c->len = len;
    if (x509_cert_parse(c->der, len, &c->view))
        return c;
    free(c);
    return NULL;
}

static void list_free(struct cert **list)
{
    while (*list) {
        struct cert *next = (*list)->next;

        free(*list);
        *list = next;
    }
}

static void list_add(struct cert **list, struct cert *c)
{
    c->next = *list;
    *list = c;
}

const struct cert *cert_issuer_in(const struct cert *list, const struct x509_cert *cert)
{
    while (list && !x509_cert_issued_by(cert, &list->view))
        list = list->next;
    return list;
}

bool cert_is_current(const struct x509_cert *cert)
{
    const struct cert_span span = {cert->not_before_s, cert->not_after_s};

    return cert_span_holds(&span, tls_now_s());
}

static bool store_add(struct WOLFSSL_CTX *ctx, const struct cert *c)
{
    WOLFSSL_X509 *x;
    bool ok;

    if (c->view.key == X509_KEY_ED25519)
        return cert_is_current(&c->view) &&
               wolfSSL_CTX_load_verify_buffer(ctx, c->der, (long)c->len, WOLFSSL_FILETYPE_ASN1) ==
                   WOLFSSL_SUCCESS;
    x = wolfSSL_X509_d2i(NULL, c->der, (int)c->len);
    ok = x && wolfSSL_X509_STORE_add_cert(wolfSSL_CTX_get_cert_store(ctx), x) == WOLFSSL_SUCCESS;
    wolfSSL_X509_free(x);
    return ok;
}

/* Nobody is trusted for being known, only for being signed. */
static bool forget_peers(struct WOLFSSL_CTX *ctx)
{
#ifdef WOLFSSL_TRUST_PEER_CERT
    return wolfSSL_CTX_Unload_trust_peers(ctx) == WOLFSSL_SUCCESS;
#else
    (void)ctx;
    return true;
#endif
}

/* What to do with each certificate of a file; true ends the walk. Owns *c. */
typedef bool cert_visit(struct ca *ca, const struct x509_cert *wanted, struct cert *c);

static bool visit_trust(struct ca *ca, const struct x509_cert *wanted, struct cert *c)
{
    (void)wanted;
    ca->usable++;
    if (!store_add(ca->ctx, c)) {
        if (cert_is_current(&c->view))
            free(c);
        else
            list_add(&ca->dated, c);
    } else if (!c->view.ca) {
        list_add(&ca->server, c);
    } else {
        free(c);
    }
    return false;
}

static bool visit_find(struct ca *ca, const struct x509_cert *wanted, struct cert *c)
{
    if (!x509_cert_issued_by(wanted, &c->view)) {
        free(c);
        return false;
    }
    list_add(&ca->extra, c);
    return true;
}

static bool visit_issuer(struct ca *ca, const struct x509_cert *wanted, struct cert *c)
{
    if (!x509_cert_issued_by(wanted, &c->view) || !cert_is_current(&c->view)) {
        free(c);
        return false;
    }
    list_add(&ca->issuers, c);
    return true;
}

/* The file that the request names may come open (MSG_CA_FD), where we have no right to its path. */
static int file_open(const struct ca *ca, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 && strcmp(path, ca->path) == 0) {
        fd = fcntl(MSG_CA_FD, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0)
            (void)lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

static char *file_read(const struct ca *ca, const char *path, size_t *len)
{
    struct stat st;
    char *text = NULL;
    ssize_t n = 0;
    int fd = file_open(ca, path);

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
        text = malloc((size_t)st.st_size + 1); /* never of no size */
    *len = 0;
    while (text && *len < (size_t)st.st_size &&
           (n = read(fd, text + *len, (size_t)st.st_size - *len)) > 0)
        *len += (size_t)n;
    close(fd);
    return text;
}

/* PEM, or one certificate in DER. */
static bool file_walk(struct ca *ca, const char *path, cert_visit *visit,
                      const struct x509_cert *wanted)
{
    size_t len = 0, n, pos = 0;
    bool ended = false;
    char *text = file_read(ca, path, &len);
    uint8_t *der = text ? malloc(len + 1) : NULL;
    struct cert *c;

    if (der && len > 0 && text[0] == 0x30 && (c = cert_new((uint8_t *)text, len)))
        ended = visit(ca, wanted, c);
    while (der && !ended && (n = pem_next_certificate(text, len, &pos, der, len)) > 0)
        if ((c = cert_new(der, n)))
            ended = visit(ca, wanted, c);
    free(der);
    free(text);
    return ended;
}

/* "1f0a2b3c.0" */
static bool name_is_hash(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
           name[9] <= '9' && name[10] == '\0';
}

static bool name_is_cert(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot &&
           (strcmp(dot, ".pem") == 0 || strcmp(dot, ".crt") == 0 || strcmp(dot, ".cer") == 0);
}

static bool dir_is_hashed(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    bool found = false;

    while (d && !found && (e = readdir(d)))
        found = name_is_hash(e->d_name);
    if (d)
        closedir(d);
    return found;
}

static bool dir_walk(struct ca *ca, const char *path, cert_visit *visit,
                     const struct x509_cert *wanted)
{
    DIR *d = opendir(path);
    struct dirent *e;
    bool ended = false;

    while (d && !ended && (e = readdir(d))) {
        char name[2048];

        if (name_is_cert(e->d_name) &&
            (size_t)snprintf(name, sizeof(name), "%s/%s", path, e->d_name) < sizeof(name))
            ended = file_walk(ca, name, visit, wanted);
    }
    if (d)
        closedir(d);
    return ended;
}

static bool lookup_lazily(struct ca *ca, const char *path)
{
    WOLFSSL_X509_STORE *store = wolfSSL_CTX_get_cert_store(ca->ctx);
    WOLFSSL_X509_LOOKUP *lookup =
        wolfSSL_X509_STORE_add_lookup(store, wolfSSL_X509_LOOKUP_hash_dir());

    ca->lazy = lookup && wolfSSL_X509_LOOKUP_ctrl(lookup, WOLFSSL_X509_L_ADD_DIR, path,
                                                  X509_FILETYPE_PEM, NULL) == WOLFSSL_SUCCESS;
    return ca->lazy;
}

/* False when there is none. */
static bool load_all(struct ca *ca)
{
    const char *dir = *ca->path ? ca->path : SYSTEM_DIR;
    struct stat st;

    for (const struct cert *c = ca->extra; c; c = c->next) {
        struct cert *copy = cert_new(c->der, c->len);

        if (copy)
            (void)visit_trust(ca, NULL, copy);
    }
    if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (dir_is_hashed(dir) && lookup_lazily(ca, dir))
            return true;
        (void)dir_walk(ca, dir, visit_trust, NULL);
    } else {
        (void)file_walk(ca, *ca->path ? ca->path : SYSTEM_BUNDLE, visit_trust, NULL);
    }
    return ca->usable > 0;
}

bool ca_load(struct ca *ca, struct WOLFSSL_CTX *ctx, struct failure *f)
{
    ca->ctx = ctx;
    ca->usable = 0;
    list_free(&ca->server);
    list_free(&ca->dated);
    if (load_all(ca) && forget_peers(ctx))
        return true;
    *f = failure_make(STAGE_LOCAL, REASON_CA_UNUSABLE, 0);
    return false;
}

bool ca_find_issuer(struct ca *ca, const struct x509_cert *cert)
{
    if (!ca->lazy || ca->extra)
        return false;
    if (*ca->path)
        return dir_walk(ca, ca->path, visit_find, cert);
    return file_walk(ca, SYSTEM_BUNDLE, visit_find, cert);
}

void ca_find_issuers(struct ca *ca, const struct x509_cert *cert)
{
    struct stat st;

    if (*ca->path && stat(ca->path, &st) == 0 && S_ISDIR(st.st_mode))
        (void)dir_walk(ca, ca->path, visit_issuer, cert);
    else
        (void)file_walk(ca, *ca->path ? ca->path : SYSTEM_BUNDLE, visit_issuer, cert);
}

void ca_free(struct ca *ca)
{
    list_free(&ca->issuers);
    list_free(&ca->extra);
    list_free(&ca->server);
    list_free(&ca->dated);
}
