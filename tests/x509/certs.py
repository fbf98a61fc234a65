# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates written octet by octet, as nobody's library would: RFC 5280's structures in DER, signed with ECDSA or
RSA by the textbook. Keys and nonces come from a seed and keep no secret."""
import base64
import datetime
import hashlib
import ipaddress
import re
import subprocess

OIDS = {"CN": "2.5.4.3", "O": "2.5.4.10", "C": "2.5.4.6", "serverAuth": "1.3.6.1.5.5.7.3.1",
        "clientAuth": "1.3.6.1.5.5.7.3.2", "emailProtection": "1.3.6.1.5.5.7.3.4", "any": "2.5.29.37.0"}
USES = ("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
        "cRLSign")


def tlv(tag, *parts):
    inside = b"".join(parts)
    if len(inside) < 0x80:
        return bytes([tag, len(inside)]) + inside
    size = (len(inside).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(inside).to_bytes(size, "big") + inside


def seq(*parts):
    return tlv(0x30, *parts)


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(name):
    first, second, *rest = map(int, OIDS.get(name, name).split("."))
    out = bytes([first * 40 + second])
    for n in rest:
        part = [n & 0x7f]
        while n := n >> 7:
            part.insert(0, 0x80 | n & 0x7f)
        out += bytes(part)
    return tlv(6, out)


def bits(data):
    return tlv(3, b"\0", data)


def children(der):
    """The elements inside an element."""
    def split(data):
        while data:
            size, begin = data[1], 2
            if size & 0x80:
                begin = 2 + (size & 0x7f)
                size = int.from_bytes(data[2:begin], "big")
            yield data[:begin + size], data[begin:begin + size]
            data = data[begin + size:]
    return list(split(next(split(der))[1]))


def name(**attributes):
    return seq(*(tlv(0x31, seq(oid(key), tlv(0x0c, value.encode()))) for key, value in attributes.items()))


def time(when):
    moment = datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
    if moment.year < 2050:
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


# Extensions: whole ones, ready for certificate().
def extension(number, critical, inside):
    return seq(oid(number), tlv(1, b"\xff") if critical else b"", tlv(4, inside))


def basic(ca=True, path_len=None, critical=True):
    parts = (tlv(1, b"\xff") if ca else b"", b"" if path_len is None else integer(path_len))
    return extension("2.5.29.19", critical, seq(*parts))


def usage(*which, critical=True):
    value = sum(0x80 >> USES.index(one) for one in which)
    unused = (value & -value).bit_length() - 1 if value else 0
    return extension("2.5.29.15", critical, tlv(3, bytes([unused, value])))


def purposes(*which, critical=False):
    return extension("2.5.29.37", critical, seq(*map(oid, which)))


def general(text, mask=False):
    """DNS name, address, network (mask), or a Name."""
    if isinstance(text, bytes):
        return tlv(0xa4, text)
    try:
        if mask:
            net = ipaddress.ip_network(text)
            return tlv(0x87, net.network_address.packed + net.netmask.packed)
        return tlv(0x87, ipaddress.ip_address(text).packed)
    except ValueError:
        return tlv(0x82, text.encode())


def names(*which, critical=False):
    return extension("2.5.29.17", critical, seq(*map(general, which)))


def constraints(permitted=(), excluded=(), critical=True):
    def subtrees(tag, which):
        return tlv(tag, *(seq(general(one, True)) for one in which)) if which else b""
    return extension("2.5.29.30", critical, seq(subtrees(0xa0, permitted), subtrees(0xa1, excluded)))


def key_id(key):
    return extension("2.5.29.14", False, tlv(4, key.id))


def issuer_id(identifier):
    return extension("2.5.29.35", False, seq(tlv(0x80, identifier)))


class EcKey:
    """SEC 1: secret d, public d * G."""
    curves = {  # oid, p, b, order, G
        "p256": ("1.2.840.10045.3.1.7", 2**256 - 2**224 + 2**192 + 2**96 - 1,
                 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
                 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
                 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
                 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
        "p384": ("1.3.132.0.34", 2**384 - 2**128 - 2**96 + 2**32 - 1,
                 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef,
                 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
                 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
                 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f)}
    hashes = {"p256": "sha256", "p384": "sha384"}
    algorithms = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3",
                  "sha512": "1.2.840.10045.4.3.4"}

    def __init__(self, curve="p256", seed=1):
        self.curve, self.hash = curve, self.hashes[curve]
        self.oid, self.p, _, self.n, gx, gy = self.curves[curve]
        self.size = (self.p.bit_length() + 7) // 8
        self.base = (gx, gy)
        self.d = int.from_bytes(hashlib.sha512(f"key {seed}".encode()).digest(), "big") % self.n
        self.k = int.from_bytes(hashlib.sha512(f"nonce {seed}".encode()).digest(), "big") % self.n
        x, y = self.times(self.d)
        self.public = b"\4" + x.to_bytes(self.size, "big") + y.to_bytes(self.size, "big")
        self.r = self.times(self.k)[0] % self.n
        self.info = seq(seq(oid("1.2.840.10045.2.1"), oid(self.oid)), bits(self.public))
        self.id = hashlib.sha1(self.public).digest()

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0] and (a[1] + b[1]) % self.p == 0:
            return None
        slope = ((3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, self.p) if a == b else
                 (b[1] - a[1]) * pow(b[0] - a[0], -1, self.p))
        x = (slope * slope - a[0] - b[0]) % self.p
        return x, (slope * (a[0] - x) - a[1]) % self.p

    def times(self, n):
        total, power = None, self.base
        while n:
            if n & 1:
                total = self.add(total, power)
            power, n = self.add(power, power), n >> 1
        return total

    def algorithm(self, how):
        return seq(oid(self.algorithms[how]))

    def sign(self, data, how):
        """Always the same nonce: whoever has two signatures has the key, and may."""
        digest = hashlib.new(how, data).digest()[:self.size]
        s = pow(self.k, -1, self.n) * (int.from_bytes(digest, "big") + self.r * self.d) % self.n
        return seq(integer(self.r), integer(s))

    def pem(self):
        return pem("EC PRIVATE KEY", seq(integer(1), tlv(4, self.d.to_bytes(self.size, "big")),
                                         tlv(0xa0, oid(self.oid)), tlv(0xa1, bits(self.public))))


class RsaKey:
    """RFC 8017, PKCS #1 version 1.5. The primes are openssl's."""
    hash = "sha256"
    algorithms = {"sha1": "1.2.840.113549.1.1.5", "sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12",
                  "sha512": "1.2.840.113549.1.1.13"}
    digests = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2",
               "sha512": "2.16.840.1.101.3.4.2.3"}

    def __init__(self, size=2048):
        self.text = subprocess.run(["openssl", "genrsa", "-traditional", str(size)], check=True, capture_output=True,
                                   text=True).stdout
        _, self.n, self.e, self.d, *_ = (int.from_bytes(inside, "big") for _, inside in children(unpem(self.text)[0]))
        self.size = size // 8
        public = seq(integer(self.n), integer(self.e))
        self.info = seq(seq(oid("1.2.840.113549.1.1.1"), tlv(5)), bits(public))
        self.id = hashlib.sha1(public).digest()

    def algorithm(self, how):
        return seq(oid(self.algorithms[how]), tlv(5))

    def sign(self, data, how):
        digest = seq(seq(oid(self.digests[how]), tlv(5)), tlv(4, hashlib.new(how, data).digest()))
        block = b"\0\1" + b"\xff" * (self.size - len(digest) - 3) + b"\0" + digest
        return pow(int.from_bytes(block, "big"), self.d, self.n).to_bytes(self.size, "big")

    def pem(self):
        return self.text


def certificate(subject, issuer, key, signer, extensions=(), dates=(1577836800, 2366841600), serial=4096, version=3,
                how=None):
    """In DER. subject, issuer: name(); dates: seconds since 1970; how: the hash, by default as the signer has it."""
    algorithm = signer.algorithm(how or signer.hash)
    tbs = seq(tlv(0xa0, integer(version - 1)) if version > 1 else b"", integer(serial), algorithm, issuer,
              seq(*map(time, dates)), subject, key.info, tlv(0xa3, seq(*extensions)) if version == 3 else b"")
    return seq(tbs, algorithm, bits(signer.sign(tbs, how or signer.hash)))


def pem(label, der):
    text = base64.encodebytes(der).decode().replace("\n", "")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def unpem(text):
    return [base64.b64decode(body) for body in re.findall(r"-----BEGIN [^-]+-----([^-]+)-----END", text)]
