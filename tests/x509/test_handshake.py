# SPDX-License-Identifier: GPL-2.0-or-later
"""What is left to the TLS library since its own judgement of certificates is off, shown and not assumed: who does not
have the key of a good chain, a handshake that was altered on its way in either direction, TLS 1.2, another ALPN or
none are all refused, and nothing is asked of such a server. NTSC, NTSC_HOSTILE as in bed.py."""
import os
import subprocess
import tempfile
import unittest

import bed
import certs
from certs import basic, certificate, children, integer, name, names, pem, purposes, seq, usage

SERVER = [basic(False), usage("digitalSignature"), purposes("serverAuth"), names("127.0.0.1")]


class ForgedEcKey(certs.EcKey):
    """Claims another's public key and signs with its own."""

    def pretend(self, other):
        self.public = other.public
        return self


def forged_rsa(victim, own):
    """RFC 8017 A.1.2: the modulus of one, and the secret numbers of the other."""
    mine = [int.from_bytes(inside, "big") for _, inside in children(certs.unpem(own.text)[0])]
    return pem("RSA PRIVATE KEY", seq(integer(0), integer(victim.n), integer(victim.e), *map(integer, mine[3:])))


class Handshake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        os.chmod(cls.place.name, 0o755)
        cls.root = certs.EcKey("p256", 1)
        cls.root_name = name(CN="Root")
        der = certificate(cls.root_name, cls.root_name, cls.root, cls.root, [basic(), usage("keyCertSign")])
        cls.ca = bed.write(cls.place.name + "/ca", pem("CERTIFICATE", der))
        cls.key = certs.EcKey("p256", 2)
        cls.chain = cls.chain_of(cls.key)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    @classmethod
    def chain_of(cls, key):
        return pem("CERTIFICATE", certificate(name(CN="server"), cls.root_name, key, cls.root, SERVER))

    def ask(self, chain=None, key=None, **more):
        with bed.Server(self.place.name, chain or self.chain, key or self.key.pem(), **more) as server:
            got = server.ask(self.ca)
            with open(server.work + "/log") as log:
                return got, log.read()

    def assertRefused(self, stages, **more):
        got, log = self.ask(**more)
        self.assertIn(got["stage"], stages, got["error"])
        self.assertNotIn("died", got["error"])
        self.assertFalse(got["key_exchange"])
        self.assertNotIn("req ", log)
        self.assertNotIn("ntp ", log)
        return got

    def test_good(self):
        """The same as all below, but for what is wrong there."""
        got, log = self.ask(alter=lambda to_server, number, record: record)
        self.assertEqual(got["stage"], "ok", got["error"])
        self.assertTrue(got["key_exchange"])
        self.assertIn("req ", log)

    def test_certificate_verify(self):
        for victim, thief in (self.key, ForgedEcKey("p256", 3)), (certs.EcKey("p384", 4), ForgedEcKey("p384", 5)):
            chain = self.chain_of(victim)
            self.assertEqual(self.ask(chain, victim.pem())[0]["stage"], "ok")
            self.assertRefused(["tls"], chain=chain, key=thief.pretend(victim).pem())

    def test_certificate_verify_rsa(self):
        victim, thief = certs.RsaKey(), certs.RsaKey()
        chain = self.chain_of(victim)
        self.assertEqual(self.ask(chain, victim.pem())[0]["stage"], "ok")
        self.assertRefused(["tls"], chain=chain, key=forged_rsa(victim, thief))

    def test_altered(self):
        """One bit of one record of the handshake: in what can be read of it, and in what is encrypted."""
        seen = []

        def count(to_server, number, record):
            if not to_server:
                seen.append(record[0])
            return record

        self.ask(alter=count)
        # ServerHello, change_cipher_spec of old, then the encrypted ones up to Finished
        self.assertEqual(seen[:2], [22, 20])
        self.assertGreaterEqual(seen.count(23), 4)

        def flip(direction, which, at):
            def alter(to_server, number, record):
                if to_server != direction or number != which:
                    return record
                place = at if at >= 0 else len(record) + at
                return record[:place] + bytes([record[place] ^ 1]) + record[place + 1:]
            return alter

        for number in range(2, 6):  # EncryptedExtensions, Certificate, CertificateVerify, Finished
            for place in 5, -1:  # first octet, authentication tag
                self.assertRefused(["tls"], alter=flip(False, number, place))
        # ServerHello: random, and the key share's last octet; ClientHello: random
        for direction, number, place in (False, 0, 20), (False, 0, -1), (True, 0, 20):
            self.assertRefused(["tls", "tls-version"], alter=flip(direction, number, place))

    def test_left_out(self):
        """A record that does not arrive, or arrives twice: each of those that are encrypted."""
        for number in range(2, 5):
            for times in 0, 2:
                self.assertRefused(["tls"], alter=lambda to_server, n, record, number=number, times=times: (
                    record * times if not to_server and n == number else record))

    def test_version(self):
        self.assertRefused(["tls-version"], script="ke tls12\n")

    def test_alpn(self):
        for other in "h2", "ntske/2", "ntske", "none", "alert":
            self.assertRefused(["alpn"], script=f"ke alpn={other}\n")

    def test_no_certificate(self):
        """An anonymous TLS 1.3 handshake does not exist but with a key that both know: nobody offers one."""
        done = subprocess.Popen(["openssl", "s_server", "-nocert", "-psk", "00" * 32, "-tls1_3", "-accept", "0",
                                 "-alpn", "ntske/1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            line = ""
            while not line.startswith("ACCEPT"):
                line = done.stdout.readline()
                self.assertTrue(line)
            with bed.Server(self.place.name, self.chain, self.key.pem()) as server:
                server.port = line.rsplit(":", 1)[1].strip()
                got = server.ask(self.ca)
        finally:
            done.terminate()
            done.communicate()
        self.assertEqual(got["stage"], "tls", got["error"])
        self.assertFalse(got["key_exchange"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
