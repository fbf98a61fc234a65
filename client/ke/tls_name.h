/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a certificate is for the server that was asked for (RFC 9525). Pure: the subjectAltName
 * comes in as octets. The subject's CN is never looked at.
 */
#ifndef NTSC_TLS_NAME_H
#define NTSC_TLS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_name_result {
    TLS_NAME_OK,
    TLS_NAME_WRONG, /* there are names, none of them fits */
    TLS_NAME_NONE,  /* no dNSName and no iPAddress at all */
};

/* If `host` is an address literal (a zone is ignored) its 4 or 16 octets, else 0. */
size_t tls_name_literal(const char *host, uint8_t addr[16]);

/*
 * One dNSName against a host name without regard to ASCII case. A wildcard is the whole left-most
 * label, stands for exactly one label and needs two more behind it. One dot at the host's end is
 * ignored. A host whose last label is a number is no name.
 */
bool tls_name_match(const uint8_t *pattern, size_t len, const char *host);

/* `san` as x509_cert_parse() gives it, NULL and 0 when there is none. */
enum tls_name_result tls_name_check(const char *host, const uint8_t *san, size_t san_len);

#endif
