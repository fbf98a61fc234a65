/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a fault of this program could make untrue, whatever comes from outside. Looked at in
 * debug builds, and in those with sanitizers, which the fuzzers are; it needs nothing but the
 * processor, so that common/ stays pure.
 */
#ifndef NTSC_INVARIANT_H
#define NTSC_INVARIANT_H

#if !defined(NDEBUG) || defined(NTSC_SANITIZED)
#define INVARIANT(condition) ((condition) ? (void)0 : __builtin_trap())
#else
#define INVARIANT(condition) ((void)sizeof(condition))
#endif

#endif
