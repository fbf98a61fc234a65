/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name constraints (RFC 5280 section 4.2.1.10) on DNS names, addresses and directory names. A
 * certificate that has a name of another form which is constrained above it is refused (ibid.: an
 * application either processes such a constraint or rejects the certificate).
 */
#ifndef NTSC_X509_CONSTRAINT_H
#define NTSC_X509_CONSTRAINT_H

#include "common/nts/x509_cert.h"

/* Whether the constraints of a CA are written as section 4.2.1.10 wants them. */
bool x509_constraints_valid(const struct x509_cert *ca);

/*
 * Whether all names of `below` are within the constraints of `ca`, which are valid. Each comparison
 * takes one off *budget; false too when that ends.
 */
bool x509_constraints_allow(const struct x509_cert *ca, const struct x509_cert *below,
                            uint32_t *budget);

#endif
