#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints siv_vectors.h: AES-SIV of three key sizes and AES-128-GCM-SIV as OpenSSL computes them
(python3-cryptography 44 or newer, with OpenSSL 3.2).

Run by hand; the build takes the committed result. Associated data are the AD and the nonce, in
this order, as RFC 8915 section 5.6 has them (RFC 5297 section 3).
"""
import hashlib
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV, AESSIV


def octets(label, n):
    return hashlib.shake_128(label.encode()).digest(n)


def literal(b):
    return '"' + b.hex() + '"'


print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
print("/* Made by siv_vectors.py from OpenSSL's AES-SIV and AES-GCM-SIV. */")
print("/* clang-format off */")
print("static const struct siv_vector made[] = {")
SHAPES = ((1, 16, 0), (124, 16, 0), (48, 1, 1), (84, 16, 104), (228, 16, 15), (100, 12, 16),
          (7, 32, 17), (300, 33, 100))
GCM_SHAPES = ((1, 12, 0), (124, 12, 0), (148, 12, 0), (16, 12, 1), (84, 12, 104), (17, 12, 15),
              (100, 12, 16), (300, 12, 100))
for aead, key_len, shapes in ((15, 32, SHAPES), (16, 48, SHAPES), (17, 64, SHAPES),
                              (30, 16, GCM_SHAPES)):
    for ad_len, nonce_len, pt_len in shapes:
        name = f"{aead}/{ad_len}/{nonce_len}/{pt_len}"
        key = octets("key" + name, key_len)
        ad = octets("ad" + name, ad_len)
        nonce = octets("nonce" + name, nonce_len)
        pt = octets("pt" + name, pt_len)
        if aead == 30:
            ct = AESGCMSIV(key).encrypt(nonce, pt, ad)
        else:
            ct = AESSIV(key).encrypt(pt, [ad, nonce])
        print(f"    {{{aead}, {literal(key)},\n     {literal(ad)},\n     {literal(nonce)},\n"
              f"     {literal(pt)},\n     {literal(ct)}}},")
print("};")
