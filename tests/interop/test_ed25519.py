# SPDX-License-Identifier: GPL-2.0-or-later
"""CAs and servers with Ed25519 keys (RFC 8410), which the TLS library takes by a way of their own:
what is right is accepted, and whatever is wrong with them is seen as it is with other keys."""
import os
import shutil
import subprocess
import unittest

import bed
import client
import pki
from capture import UDP
from daemon import Daemon
from tls_servers import TlsServer

GOOD = "good.test"
SAN = [f"DNS:{GOOD}"]
ED = {"key": "ed25519"}
DAY = 86400
THEN, VALID = 3000, (2990, 3060)   # days from now


class Ed25519(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = p = pki.Pki(bed.tmp / "pki")
        cls.root = p.root("ed_root", **ED)
        cls.other = p.root("ed_other", cn="ed_root", **ED)  # of the same name, with another key
        cls.ec_root = p.root("ec_root")
        cls.old_root = p.root("ed_old", days=(-20, -2), **ED)
        cls.own = p.make("own", "server", san=SAN, **ED)
        cls.host = bed.Host()
        cls.strict = bed.tmp / "strict"
        cls.strict.write_text("certificate-dates strict\n")
        cls.port = 5000
        bed.names({GOOD: cls.host.v4, "other.test": cls.host.v4})

    def ask(self, ca, cert, name=GOOD, **more):
        """Of a server that only says that it cannot (RFC 8915 section 4.1.3, code 2)."""
        type(self).port += 1
        TlsServer(self.host, self.port, cert, words=b"\x80\2\0\2\0\2\x80\0\0\0", **more)
        return client.run("-q", "-j", "-t", "4", "-f", self.strict, "--ca", ca, "-p", self.port,
                          name)

    def assertAccepted(self, ca, cert, **more):
        done = self.ask(ca, cert, **more)
        # On a second connection, after a CA was found late, it says nothing.
        self.assertIn(done.result["stage"], ("ke-error", "ke-record"), done)

    def assertRefused(self, ca, cert, stage, words, **more):
        done = self.ask(ca, cert, **more)
        self.assertEqual((done.status, done.result["stage"]), (3, stage), done)
        self.assertRegex(done.result["error"], words, done)
        self.assertEqual([str(p) for p in done.packets if p.proto == UDP and p.out and
                          p.dport != 53], [], done)

    def server(self, name, issuer, **more):
        return self.pki.server(name, issuer, SAN, **{**ED, **more})

    def test_right(self):
        host = bed.Host()
        cert = self.server("right", self.root)
        bed.Chronyd(host, cert.chain, cert.key)
        bed.names({GOOD: host.v4})
        self.addCleanup(bed.names, {GOOD: self.host.v4, "other.test": self.host.v4})
        done = client.run("-q", "-j", "--ca", self.root.cert, GOOD)
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)

    def test_mixed(self):
        self.assertAccepted(self.root.cert, self.server("ec_leaf", self.root, key="ec"))
        self.assertAccepted(self.ec_root.cert, self.server("ed_leaf", self.ec_root))
        middle = self.pki.make("ed_middle", "intermediate", self.root, **ED)
        self.assertAccepted(self.root.cert, self.server("below", middle))
        both = bed.tmp / "both.pem"
        both.write_text(self.other.cert.read_text() + self.ec_root.cert.read_text() +
                        self.root.cert.read_text())
        self.assertAccepted(both, self.server("of_several", self.root))

    def test_forms(self):
        """In DER; in a directory, with and without the hashes of names."""
        cert = self.server("forms", self.root)
        der = bed.tmp / "root.der"
        subprocess.run(["openssl", "x509", "-in", self.root.cert, "-outform", "DER", "-out", der],
                       stdin=subprocess.DEVNULL, check=True)
        self.assertAccepted(der, cert)
        for hashed in (False, True):
            directory = bed.tmp / f"cas{hashed}"
            directory.mkdir()
            directory.chmod(0o755)
            shutil.copy(self.root.cert, directory / "root.pem")
            if hashed:
                subprocess.run(["openssl", "rehash", directory], stdin=subprocess.DEVNULL,
                               check=True)
            self.assertAccepted(directory, cert)
            self.assertRefused(directory, self.server(f"foreign{hashed}", self.other), "tls-trust",
                               "another key")

    def test_self_signed(self):
        self.assertAccepted(self.own.cert, self.own)
        self.assertRefused(self.own.cert, self.own, "tls-name", "for another name",
                           name="other.test")
        self.assertRefused(self.root.cert, self.own, "tls-trust", "is self-signed")
        # It vouches for itself, not for others.
        self.assertRefused(self.own.cert, self.server("by_own", self.own), "tls-trust", "no CA")

    def test_wrong(self):
        good = self.server("good", self.root)
        self.assertRefused(self.other.cert, good, "tls-trust", "another key")
        self.assertRefused(self.ec_root.cert, good, "tls-trust", "does not lead to a CA")
        self.assertRefused(self.root.cert, good, "tls-name", "for another name", name="other.test")
        false = self.pki.make("ed_false", "not_a_ca", self.root, **ED)
        self.assertRefused(self.root.cert, self.server("below_false", false), "tls-trust",
                           "issued by one that is no CA")
        self.assertRefused(false.cert, self.server("false_given", false), "tls-trust", "no CA")
        middle = self.pki.make("ed_short", "intermediate", self.root, **ED)
        deep = self.pki.make("ed_deep", "intermediate", middle, **ED)
        self.assertRefused(self.root.cert, self.server("too_deep", deep), "tls-trust",
                           "longer than a CA in it allows")
        self.assertRefused(self.root.cert, self.server("client", self.root, kind="client_only"),
                           "tls-trust", "not meant for servers")

    def test_dates(self):
        self.assertRefused(self.root.cert, self.server("old", self.root, days=(-20, -2)),
                           "tls-time", "certificate expired")
        self.assertRefused(self.root.cert, self.server("early", self.root, days=(2, 20)),
                           "tls-time", "not valid before")
        self.assertRefused(self.old_root.cert, self.server("by_old", self.old_root), "tls-time",
                           "certificate expired")
        # What is given as a CA is judged as well when a server shows it as its own.
        for name, days, words in (("own_old", (-20, -2), "certificate expired"),
                                  ("own_early", (2, 20), "not valid before")):
            own = self.pki.make(name, "server", san=SAN, days=days, **ED)
            self.assertRefused(own.cert, own, "tls-time", words)

    def test_ahead(self):
        """A clock that is years behind: the dates are judged in two steps."""
        root = self.pki.root("ed_future", days=VALID, **ED)
        cert = self.pki.server("ahead", root, ["DNS:ahead.test"], days=VALID, **ED)
        late = self.pki.server("late", root, ["DNS:late.test"], days=(THEN + 20, THEN + 30), **ED)
        hosts = bed.Host(), bed.Host()
        bed.names({"ahead.test": hosts[0].v4, "late.test": hosts[1].v4})
        self.addCleanup(bed.names, {GOOD: self.host.v4, "other.test": self.host.v4})
        for host, its in zip(hosts, (cert, late)):
            bed.Chronyd(host, its.chain, its.key, ahead=THEN * DAY)
        for name, lines, orders in (
                ("ahead.test", ["trust-single"], 1),
                ("ahead.test", ["certificate-dates strict"], 0),
                ("late.test", ["trust-single"], 0)):  # not valid at the time that it tells
            with self.subTest(name, lines=lines):
                other = Daemon([f"ca {root.cert}", *lines], start=False)
                done = subprocess.run([os.environ["NTSC_RECORDER"], "-f", other.conf, "-sj", name],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      env={**os.environ, "NTSC_RECORD": str(other.record)},
                                      timeout=60, check=False)
                # Not confirmed: behind the model of the clock that is set no certificate sees it.
                self.assertEqual((done.returncode, len(other.orders())), (3, orders), done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
