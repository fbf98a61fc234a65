#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints siv_vectors.h: AES-SIV of three key sizes as OpenSSL computes it (python3-cryptography).

Run by hand; the build takes the committed result. Associated data are the AD and the nonce, in
this order, as RFC 8915 section 5.6 has them (RFC 5297 section 3).
"""
import hashlib
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


def octets(label, n):
    return hashlib.shake_128(label.encode()).digest(n)


def literal(b):
    return '"' + b.hex() + '"'


print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
print("/* Made by siv_vectors.py from OpenSSL's AES-SIV. */")
print("/* clang-format off */")
print("static const struct siv_vector made[] = {")
for aead, key_len in ((15, 32), (16, 48), (17, 64)):
    for ad_len, nonce_len, pt_len in ((1, 16, 0), (124, 16, 0), (48, 1, 1), (84, 16, 104),
                                      (228, 16, 15), (100, 12, 16), (7, 32, 17), (300, 33, 100)):
        name = f"{aead}/{ad_len}/{nonce_len}/{pt_len}"
        key = octets("key" + name, key_len)
        ad = octets("ad" + name, ad_len)
        nonce = octets("nonce" + name, nonce_len)
        pt = octets("pt" + name, pt_len)
        ct = AESSIV(key).encrypt(pt, [ad, nonce])
        print(f"    {{{aead}, {literal(key)},\n     {literal(ad)},\n     {literal(nonce)},\n"
              f"     {literal(pt)},\n     {literal(ct)}}},")
print("};")
