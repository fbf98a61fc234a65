/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each certificate of a path has to be, by its place in it (RFC 5280 sections 6.1.3 and
 * 6.1.4), whatever signs it and whenever it is valid.
 */
#ifndef NTSC_X509_JUDGE_H
#define NTSC_X509_JUDGE_H

#include "common/base/err.h"
#include "common/nts/x509_cert.h"

/* REASON_NONE when it may be the server's own. */
enum reason x509_judge_server(const struct x509_cert *c);

/*
 * REASON_NONE when it may issue others for servers. `below`: certificates between it and the
 * server's that are not self-issued.
 *
 * A trust anchor has to fit as well. RFC 5280 leaves an anchor's extensions to whoever trusts it;
 * OpenSSL and Mozilla's root store look at them, and so does ntsc: the keys of an administrator's
 * directory are not all meant to name servers.
 */
enum reason x509_judge_issuer(const struct x509_cert *c, unsigned below);

#endif
