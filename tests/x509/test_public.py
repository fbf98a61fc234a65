# SPDX-License-Identifier: GPL-2.0-or-later
"""Chains as public servers of NTS present them, made anew with keys of the same kinds and lengths, the same hashes,
extensions and order, over TLS: each is good, and bad for another name or where the root is not trusted. What they are
like was read off the CAs' published profiles and certificates."""
import os
import tempfile
import unittest

import bed
import certs
from certs import basic, certificate, extension, key_id, name, names, oid, pem, purposes, seq, tlv, usage

CA_USE = usage("keyCertSign", "cRLSign")
CA_USE_TOO = usage("digitalSignature", "keyCertSign", "cRLSign")
BOTH = purposes("serverAuth", "clientAuth")


def aki(key):
    return certs.issuer_id(key.id)


def policies(*which):
    return extension("2.5.29.32", False, seq(*(seq(oid(one)) for one in which)))


def access(*urls):
    """authorityInfoAccess: OCSP, then issuers."""
    kinds = ("1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2")
    return extension("1.3.6.1.5.5.7.1.1", False, seq(*(
        seq(oid(kind), tlv(0x86, url.encode())) for kind, url in zip(kinds, urls))))


def revocation(url):
    return extension("2.5.29.31", False, seq(seq(tlv(0xa0, tlv(0xa0, tlv(0x86, url.encode()))))))


def timestamps(n=2):
    """Signed Certificate Timestamps, RFC 6962 section 3.3: of the right length."""
    one = b"\0" + b"L" * 32 + b"\0" * 8 + b"\0\0" + b"\4\3\0\x47" + b"S" * 71
    listed = (len(one).to_bytes(2, "big") + one) * n
    return extension("1.3.6.1.4.1.11129.2.4.2", False, tlv(4, len(listed).to_bytes(2, "big") + listed))


class Public(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        os.chmod(cls.place.name, 0o755)
        cls.rsa4096 = [certs.RsaKey(4096), certs.RsaKey(4096)]
        cls.rsa2048 = [certs.RsaKey(2048) for _ in range(4)]
        cls.p384 = [certs.EcKey("p384", i) for i in range(3)]
        cls.p256 = [certs.EcKey("p256", i) for i in range(4)]

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    @staticmethod
    def leaf(key, issuer, signer, *more, use=("digitalSignature",), host="127.0.0.1"):
        """Subscriber's, as the Baseline Requirements have it."""
        return certificate(name(CN="time.example.net"), issuer, key, signer, [
            usage(*use), BOTH, basic(False), key_id(key), aki(signer), access("http://o.example", "http://i.example/"),
            names("time.example.net", "*.time.example.net", host), policies("2.23.140.1.2.1"), timestamps(), *more],
            serial=0x03f1b2c3d4e5f60718293a4b5c6d7e8f9012)

    def check(self, key, chain, roots, strangers):
        """Good with any of `roots`, not with `strangers`; chain in the order of the server."""
        text = "".join(pem("CERTIFICATE", der) for der in chain)
        with bed.Server(self.place.name, text, key.pem()) as server:
            for which in (roots, *([one] for one in roots), [*strangers, *roots]):
                got = server.ask(bed.write(server.work + "/ca", "".join(pem("CERTIFICATE", one) for one in which)))
                self.assertEqual(got["stage"], "ok", got["error"])
            got = server.ask(bed.write(server.work + "/ca", "".join(pem("CERTIFICATE", one) for one in strangers)))
            self.assertEqual(got["stage"], "tls-trust", got["error"])
            self.assertIn("does not lead to a CA", got["error"])
        other = self.leaf_for_another(key, chain)
        self.assertEqual(other, "tls-name")

    def leaf_for_another(self, key, chain):
        signer, issuer = self.signer
        wrong = [self.leaf(key, issuer, signer, host="192.0.2.1"), *chain[1:]]
        with bed.Server(self.place.name, "".join(pem("CERTIFICATE", der) for der in wrong), key.pem()) as server:
            return server.ask(bed.write(server.work + "/ca", "".join(
                pem("CERTIFICATE", one) for one in self.roots)))["stage"]

    def root(self, key, extensions=(), **attributes):
        subject = name(**attributes)
        return certificate(subject, subject, key, key, [basic(), CA_USE, key_id(key), *extensions],
                           (1433415878, 2064567878)), subject

    def issuing(self, subject, issuer, key, signer, *more):
        return certificate(subject, issuer, key, signer, [
            CA_USE_TOO, BOTH, basic(True, 0), key_id(key), aki(signer), access("http://o.example", "http://i.example/"),
            policies("2.23.140.1.2.1"), revocation("http://x1.c.example/"), *more])

    def strangers(self):
        return [self.root(self.p256[3], C="XX", O="Nobody", CN="Other Root")[0]]

    def run_chain(self, key, issuer_key, issuer, sent, roots):
        self.signer, self.roots = (issuer_key, issuer), roots
        use = ("digitalSignature",) if isinstance(key, certs.EcKey) else ("digitalSignature", "keyEncipherment")
        self.check(key, [self.leaf(key, issuer, issuer_key, use=use), *sent], roots, self.strangers())

    def test_lets_encrypt_rsa(self):
        """R10 to R14 under ISRG Root X1: RSA 2048 under RSA 4096."""
        x1, x1_name = self.root(self.rsa4096[0], C="US", O="Internet Security Research Group", CN="ISRG Root X1")
        r10 = name(C="US", O="Let's Encrypt", CN="R10")
        for key in self.rsa2048[0], self.p256[0]:
            self.run_chain(key, self.rsa2048[1], r10, [self.issuing(r10, x1_name, self.rsa2048[1], self.rsa4096[0])],
                           [x1])

    def test_lets_encrypt_ecdsa(self):
        """E5 to E9 under X2, which X1 signed as well: with either root, and as sent, E5 <- X2 (by X1)."""
        x1, x1_name = self.root(self.rsa4096[0], C="US", O="Internet Security Research Group", CN="ISRG Root X1")
        x2, x2_name = self.root(self.p384[0], C="US", O="Internet Security Research Group", CN="ISRG Root X2")
        cross = certificate(x2_name, x1_name, self.p384[0], self.rsa4096[0], [
            basic(), CA_USE, key_id(self.p384[0]), aki(self.rsa4096[0]), access("http://o.example", "http://x1.i/"),
            revocation("http://x1.c/"), policies("2.23.140.1.2.1", "1.3.6.1.4.1.44947.1.1.1")])
        e5 = name(C="US", O="Let's Encrypt", CN="E5")
        sent = [self.issuing(e5, x2_name, self.p384[1], self.p384[0]), cross]
        self.run_chain(self.p256[0], self.p384[1], e5, sent, [x1, x2])
        self.run_chain(self.p384[2], self.p384[1], e5, sent, [x1, x2])

    def test_lets_encrypt_old(self):
        """As in 2021 to 2024: R3 <- X1, and X1 by DST Root CA X3, which had expired and is in old stores still."""
        x1, x1_name = self.root(self.rsa4096[0], C="US", O="Internet Security Research Group", CN="ISRG Root X1")
        dst_name = name(O="Digital Signature Trust Co.", CN="DST Root CA X3")
        dst = certificate(dst_name, dst_name, self.rsa2048[2], self.rsa2048[2], [
            basic(), CA_USE, key_id(self.rsa2048[2])], (970348339, 1633010475), how="sha1")
        cross = certificate(x1_name, dst_name, self.rsa4096[0], self.rsa2048[2], [
            basic(), CA_USE, key_id(self.rsa4096[0]), aki(self.rsa2048[2]), access("http://o.example", "http://i/"),
            revocation("http://crl.example/")], (1611167654, 1727720054))
        r3 = name(C="US", O="Let's Encrypt", CN="R3")
        sent = [self.issuing(r3, x1_name, self.rsa2048[1], self.rsa4096[0]), cross]
        self.run_chain(self.rsa2048[0], self.rsa2048[1], r3, sent, [x1])
        self.run_chain(self.rsa2048[0], self.rsa2048[1], r3, [*sent, dst], [x1])
        # With the old root in the store as well, in front of the new one.
        got_with_both = self.roots + [dst]
        text = "".join(pem("CERTIFICATE", der) for der in [self.leaf(self.p256[0], r3, self.rsa2048[1]), *sent])
        with bed.Server(self.place.name, text, self.p256[0].pem()) as server:
            got = server.ask(bed.write(server.work + "/ca", "".join(
                pem("CERTIFICATE", one) for one in reversed(got_with_both))))
            self.assertEqual(got["stage"], "ok", got["error"])
            got = server.ask(bed.write(server.work + "/ca", pem("CERTIFICATE", dst)))
            self.assertEqual(got["stage"], "tls-time", got["error"])
            self.assertRegex(got["error"], r"20(21|24)-09-30 \d\d:\d\d:\d\d UTC .that of CN=(DST Root CA X3|ISRG Root X1)")

    def test_lets_encrypt_generation_y(self):
        """YE1 <- Root YE, by X2, by X1: two cross-signs above the issuer, three deep."""
        x1, x1_name = self.root(self.rsa4096[0], C="US", O="Internet Security Research Group", CN="ISRG Root X1")
        x2, x2_name = self.root(self.p384[0], C="US", O="Internet Security Research Group", CN="ISRG Root X2")
        ye, ye_name = self.root(self.p384[2], C="US", O="ISRG", CN="Root YE")
        ye1 = name(C="US", O="Let's Encrypt", CN="YE1")
        cross_ye = certificate(ye_name, x2_name, self.p384[2], self.p384[0],
                               [basic(), CA_USE, BOTH, key_id(self.p384[2]), aki(self.p384[0])])
        cross_x2 = certificate(x2_name, x1_name, self.p384[0], self.rsa4096[0],
                               [basic(), CA_USE, key_id(self.p384[0]), aki(self.rsa4096[0])])
        issuer = certificate(ye1, ye_name, self.p384[1], self.p384[2], [
            CA_USE_TOO, purposes("serverAuth"), basic(True, 0), key_id(self.p384[1]), aki(self.p384[2])])
        self.run_chain(self.p256[0], self.p384[1], ye1, [issuer, cross_ye, cross_x2], [x1, x2, ye])

    def test_google(self):
        """WE1 <- GTS Root R4, by GlobalSign Root CA; WR2 <- GTS Root R1, likewise: a leaf without keyEncipherment."""
        old, old_name = self.root(self.rsa2048[2], C="BE", O="GlobalSign nv-sa", CN="GlobalSign Root CA")
        for top, middle, label in (self.p384[0], self.p256[1], "R4"), (self.rsa4096[1], self.rsa2048[1], "R1"):
            root, root_name = self.root(top, C="US", O="Google Trust Services LLC", CN=f"GTS Root {label}")
            cross = certificate(root_name, old_name, top, self.rsa2048[2], [
                CA_USE_TOO, BOTH, basic(), key_id(top), aki(self.rsa2048[2]), access("http://o.example", "http://i/"),
                revocation("http://c.example/"), policies("2.23.140.1.2.1")])
            issuer = name(C="US", O="Google Trust Services", CN="W" + label)
            sent = [self.issuing(issuer, root_name, middle, top), cross]
            self.run_chain(self.p256[0], middle, issuer, sent, [root, old])

    def test_sectigo(self):
        """The old hierarchy up to AAA (RSA 2048, by SHA-1), and the new one by USERTrust: four sent."""
        aaa_name = name(C="GB", O="Comodo CA Limited", CN="AAA Certificate Services")
        aaa = certificate(aaa_name, aaa_name, self.rsa2048[2], self.rsa2048[2], [
            key_id(self.rsa2048[2]), CA_USE, basic(), revocation("http://crl.example/")], (1072915200, 1861919999),
            serial=1, how="sha1")
        user, user_name = self.root(self.rsa4096[0], C="US", O="The USERTRUST Network",
                                    CN="USERTrust RSA Certification Authority")
        r46, r46_name = self.root(self.rsa4096[1], C="GB", O="Sectigo Limited",
                                  CN="Sectigo Public Server Authentication Root R46")
        cross_user = certificate(user_name, aaa_name, self.rsa4096[0], self.rsa2048[2], [
            aki(self.rsa2048[2]), key_id(self.rsa4096[0]), CA_USE, basic(), policies("2.5.29.32.0")], how="sha384")
        cross_r46 = certificate(r46_name, user_name, self.rsa4096[1], self.rsa4096[0], [
            aki(self.rsa4096[0]), key_id(self.rsa4096[1]), CA_USE, basic(), purposes("serverAuth"),
            policies("2.5.29.32.0")], how="sha384")
        dv = name(C="GB", O="Sectigo Limited", CN="Sectigo Public Server Authentication CA DV R36")
        sent = [self.issuing(dv, r46_name, self.rsa2048[1], self.rsa4096[1]), cross_r46, cross_user]
        self.run_chain(self.rsa2048[0], self.rsa2048[1], dv, sent, [r46, user, aaa])

    def test_dfn(self):
        """As PTB's: T-TeleSec GlobalRoot Class 2 <- DFN-Verein CA 2 <- DFN Global Issuing CA, the root sent too."""
        root, root_name = self.root(self.rsa2048[2], C="DE", O="T-Systems Enterprise Services GmbH",
                                    CN="T-TeleSec GlobalRoot Class 2")
        dfn2 = name(C="DE", O="Verein zur Foerderung eines Deutschen Forschungsnetzes e. V.",
                    CN="DFN-Verein Certification Authority 2")
        dfn = name(C="DE", O="Verein zur Foerderung eines Deutschen Forschungsnetzes e. V.",
                   CN="DFN-Verein Global Issuing CA")
        pcas = certificate(dfn2, root_name, self.rsa2048[1], self.rsa2048[2], [
            CA_USE, key_id(self.rsa2048[1]), aki(self.rsa2048[2]), basic(True, 2), policies("1.3.6.1.4.1.22177.300.30")])
        issuing = certificate(dfn, dfn2, self.rsa2048[3], self.rsa2048[1], [
            basic(True, 1), CA_USE, policies("1.3.6.1.4.1.22177.300.30"), key_id(self.rsa2048[3]),
            aki(self.rsa2048[1]), revocation("http://cdp1.example/")])
        self.run_chain(self.rsa2048[0], self.rsa2048[3], dfn, [issuing, pcas, root], [root])

    def test_microsec(self):
        """e-Szigno Root CA 2017: P-256 all the way up, and Microsec e-Szigno Root CA 2009: RSA 2048."""
        for top, middle, key in (self.p256[1], self.p256[2], self.p256[0]), (
                self.rsa2048[1], self.rsa2048[2], self.rsa2048[0]):
            root, root_name = self.root(top, [aki(top)], C="HU", O="Microsec Ltd.", CN="e-Szigno Root CA")
            issuer = name(C="HU", O="Microsec Ltd.", CN="e-Szigno Online SSL CA")
            self.run_chain(key, middle, issuer, [self.issuing(issuer, root_name, middle, top)], [root])


if __name__ == "__main__":
    unittest.main(verbosity=2)
