/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Frama-C is told before each file: contracts of what lies outside common/. */
#ifndef NTSC_PROOF_FRAMA_H
#define NTSC_PROOF_FRAMA_H

#include <stddef.h>
#include <stdint.h>

/*@ requires \valid((uint8_t *)data + (0 .. len - 1));
    assigns ((uint8_t *)data)[0 .. len - 1]; */
void explicit_bzero(void *data, size_t len);

#endif
