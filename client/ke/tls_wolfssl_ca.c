/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trusted certificates. A directory as c_rehash and update-ca-certificates keep it has a file for
 * each, named by a hash of its subject: that is tried first and costs 0.3 million instructions.
 * Reading all 143 roots of Debian 12 costs more than the rest of certificates' judgement; it is
 * done once, when nothing else leads to a good path: for a file, a directory without hashes, or a
 * name whose hash is not ours.
 */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/wolfcrypt/sha.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/ke/tls_wolfssl.h"
#include "common/nts/pem.h"
#include "common/nts/x509_name.h"

#define FILE_MAX        (8L * 1024 * 1024)
#define HASH_MAX        16   /* files of one hash: a CA that was renewed several times */
#define NAME_OCTETS_MAX 1024 /* of a Name; Debian's longest has 207 */

/* Whether a server's certificate may lead to it: its issuer, or itself. */
static bool is_wanted(const struct x509_path *p, const struct x509_cert *anchor)
{
    const struct der subject = {anchor->subject, anchor->subject_len};

    for (unsigned i = 0; i < p->n_sent; i++)
        if (x509_name_equal((struct der){p->sent[i].issuer, p->sent[i].issuer_len}, subject))
            return true;
    return der_is(anchor->whole, p->sent[0].whole.p, p->sent[0].whole.left);
}

static bool is_known(const struct ca *ca, const uint8_t *der, size_t len)
{
    for (const struct anchor *a = ca->list; a != NULL; a = a->next)
        if (a->len == len && memcmp(a->der, der, len) == 0)
            return true;
    return false;
}

static void keep(struct ca *ca, const uint8_t *der, size_t len)
{
    struct anchor *a = malloc(sizeof(*a) + len);

    if (a == NULL)
        return;
    memcpy(a->der, der, len);
    a->len = len;
    if (!x509_cert_parse(a->der, len, &a->view)) {
        free(a);
        return;
    }
    a->next = ca->list;
    ca->list = a;
}

static void consider(struct ca *ca, const struct x509_path *p, const uint8_t *der, size_t len)
{
    struct x509_cert c;

    if (!x509_cert_parse(der, len, &c))
        return;
    ca->any = true;
    if (is_wanted(p, &c) && !is_known(ca, der, len))
        keep(ca, der, len);
}

/* The whole file, wherever it was read last; NULL when it is none, or too long. */
static char *file_read(int fd, size_t *len)
{
    struct stat st;
    char *text = NULL;
    ssize_t n;

    *len = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX &&
        lseek(fd, 0, SEEK_SET) == 0)
        text = malloc((size_t)st.st_size + 1); /* never of no size */
    while (text && *len < (size_t)st.st_size &&
           (n = read(fd, text + *len, (size_t)st.st_size - *len)) > 0)
        *len += (size_t)n;
    return text;
}

/* PEM, or one certificate in DER. */
static void file_walk(struct ca *ca, const struct x509_path *p, int fd)
{
    size_t len, n, pos = 0;
    char *text = file_read(fd, &len);
    uint8_t *der = text ? malloc(len + 1) : NULL;

    if (der && len > 0 && text[0] == DER_SEQUENCE)
        consider(ca, p, (uint8_t *)text, len);
    while (der && (n = pem_next_certificate(text, len, &pos, der, len)) > 0)
        consider(ca, p, der, n);
    free(der);
    free(text);
}

/* False when there is no such file. */
static bool file_walk_at(struct ca *ca, const struct x509_path *p, const char *name)
{
    int fd = openat(ca->from->dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return errno != ENOENT;
    file_walk(ca, p, fd);
    close(fd);
    return true;
}

/* As `openssl x509 -subject_hash` has it: SHA-1 of the name in its canonical form, little-endian.
 */
static bool hash_name(struct der name, char text[9])
{
    uint8_t form[NAME_OCTETS_MAX], digest[WC_SHA_DIGEST_SIZE] = {0};
    size_t n = x509_name_canonical(name, form, sizeof(form));
    wc_Sha sha;
    bool done;

    if (n == 0 || wc_InitSha(&sha) != 0)
        return false;
    done = wc_ShaUpdate(&sha, form, (word32)n) == 0 && wc_ShaFinal(&sha, digest) == 0;
    wc_ShaFree(&sha);
    (void)snprintf(text, 9, "%02x%02x%02x%02x", digest[3], digest[2], digest[1], digest[0]);
    return done;
}

static void find_name(struct ca *ca, const struct x509_path *p, struct der name)
{
    char hash[9], file[16];

    if (!hash_name(name, hash))
        return;
    for (unsigned i = 0; i < HASH_MAX; i++) {
        (void)snprintf(file, sizeof(file), "%s.%u", hash, i);
        if (!file_walk_at(ca, p, file))
            return;
    }
}

bool ca_find_hashed(struct ca *ca, const struct x509_path *p)
{
    if (ca->from->dir < 0)
        return false;
    for (unsigned i = 0; i < p->n_sent; i++) {
        const struct der issuer = {p->sent[i].issuer, p->sent[i].issuer_len};
        bool seen = issuer.left == 0;

        for (unsigned j = 0; j < i && !seen; j++)
            seen = der_is(issuer, p->sent[j].issuer, p->sent[j].issuer_len);
        if (!seen)
            find_name(ca, p, issuer);
    }
    if (p->n_sent > 0 && p->sent[0].subject_len > 0)
        find_name(ca, p, (struct der){p->sent[0].subject, p->sent[0].subject_len});
    return ca->list != NULL;
}

static bool name_is_cert(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot &&
           (strcmp(dot, ".pem") == 0 || strcmp(dot, ".crt") == 0 || strcmp(dot, ".cer") == 0);
}

static void dir_walk(struct ca *ca, const struct x509_path *p)
{
    int fd = openat(ca->from->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;

    if (d == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((e = readdir(d)) != NULL)
        if (name_is_cert(e->d_name))
            (void)file_walk_at(ca, p, e->d_name);
    closedir(d);
}

/* The system's file has what its directory has; a directory that was named has no other file. */
void ca_find_all(struct ca *ca, const struct x509_path *p)
{
    if (ca->from->file >= 0)
        file_walk(ca, p, ca->from->file);
    else if (ca->from->dir >= 0)
        dir_walk(ca, p);
}

const struct x509_cert *ca_anchor(void *context, struct der name, unsigned i)
{
    const struct ca *ca = context;

    for (const struct anchor *a = ca->list; a != NULL; a = a->next)
        if (x509_name_equal((struct der){a->view.subject, a->view.subject_len}, name) && i-- == 0)
            return &a->view;
    return NULL;
}

void ca_free(struct ca *ca)
{
    while (ca->list != NULL) {
        struct anchor *next = ca->list->next;

        free(ca->list);
        ca->list = next;
    }
}
