/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a certificate is for the server that was asked for (RFC 9525): only subjectAltName
 * counts, the subject's CN is never looked at.
 */
#ifndef NTSC_X509_HOST_H
#define NTSC_X509_HOST_H

#include "common/nts/x509_cert.h"

enum x509_host_result {
    X509_HOST_OK,
    X509_HOST_WRONG, /* there are names, none of them fits */
    X509_HOST_NONE,  /* no dNSName and no iPAddress at all */
};

/* If `host` is an address literal (a zone is ignored) its 4 or 16 octets, else 0. */
size_t x509_host_literal(const char *host, uint8_t addr[16]);

/*
 * One dNSName against a host name without regard to ASCII case. A wildcard is the whole left-most
 * label, stands for exactly one label and needs two more behind it. One dot at the host's end is
 * ignored. A host whose last label is a number is no name.
 */
bool x509_host_match(const uint8_t *pattern, size_t len, const char *host);

enum x509_host_result x509_host_check(const struct x509_cert *c, const char *host);

/*
 * The names and addresses of a certificate as a text for people, at most n octets with the 0; ends
 * in "..." where there are more than fit. What is not printable ASCII is '?'.
 */
void x509_host_list(const struct x509_cert *c, char *buf, size_t n);

/*
 * Whether it is a domain name: labels of 1 to 63 letters, digits, '-' and '_'; with `wildcard` the
 * first may be "*".
 */
bool x509_dns_valid(const uint8_t *name, size_t len, bool wildcard);

/* Without regard to ASCII case. */
bool x509_dns_equal(const uint8_t *a, const uint8_t *b, size_t n);

#endif
