/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extensions of certificates (RFC 5280 section 4.2). Not for others than x509_cert.c. */
#ifndef NTSC_X509_EXT_H
#define NTSC_X509_EXT_H

#include "common/nts/x509_fields.h"

/* Reads the inside of the field `extensions` to *c; false when it is malformed or one is twice. */
bool x509_extensions_read(struct der d, struct x509_cert *c);

#endif
