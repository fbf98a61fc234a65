/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates out of a PEM file (RFC 7468). Made for bundles of trusted certificates, which are
 * public: quick instead of constant in time.
 */
#ifndef NTSC_PEM_H
#define NTSC_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Finds the next CERTIFICATE block from *pos on, decodes its base64 to out and returns the octets
 * written; *pos is then behind the block. Text between blocks is skipped, and so are blocks that
 * are malformed or longer than cap. 0 when there is no more.
 */
size_t pem_next_certificate(const char *text, size_t len, size_t *pos, uint8_t *out, size_t cap);

#endif
