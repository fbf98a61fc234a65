# SPDX-License-Identifier: GPL-2.0-or-later
"""A host with several addresses, of which the first takes the connection and is no NTS server: a
broken path for one family, or another service there."""
import unittest

import bed
import client
import pki
from capture import connections
from tls_servers import PlainServer, TlsServer

NAME = "good.test"
PORT = 4460


class Addresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = p = pki.Pki(bed.tmp / "pki")
        cls.root = p.root()
        cls.cert = p.server("good", cls.root, [f"DNS:{NAME}"])
        cls.foreign = p.server("foreign", p.root("other"), [f"DNS:{NAME}"])
        cls.good, cls.bad = bed.Host(), bed.Host()
        bed.Chronyd(cls.good, cls.cert.chain, cls.cert.key)
        bed.names({NAME: [cls.bad.v6, cls.good.v4]})

    def ask(self, *args):
        return client.run("-q", "-j", "--ca", self.root.cert, *args, NAME)

    def broken(self, start, cert=None, **more):
        """Something at the first address, until the end of the test."""
        server = start(self.bad, PORT, *([cert] if cert else []), address=self.bad.v6, **more)
        self.addCleanup(server.stop)

    def assertSecond(self, done):
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
        self.assertEqual(done.result["ke_address"], self.good.v4, done)
        self.assertEqual([p.dst for p in connections(done.packets)],
                         [self.bad.v6, self.good.v4], done)
        self.show(done)

    def show(self, done):
        """What the first address has cost, by the kernel's stamps; nothing is judged by it."""
        first, second = (next(p.at for p in connections(done.packets) if p.dst == a)
                         for a in (self.bad.v6, self.good.v4))
        print(f"the next address after {(second - first) * 1000:.0f} ms ... ", end="", flush=True)

    def test_closes(self):
        self.broken(PlainServer, words="CLOSE")
        self.assertSecond(self.ask())

    # Their time would be longer than any run of the tests is waited for (client.py): who is broken
    # takes none of it but the delay until the next one is tried.
    ALL_TIME = ["-t", "120"]

    def test_refuses(self):
        self.assertSecond(self.ask(*self.ALL_TIME))

    def test_silent(self):
        """Takes the connection, and nothing comes."""
        self.broken(PlainServer)
        self.assertSecond(self.ask(*self.ALL_TIME))

    def test_vanishes(self):
        """No answer to the SYN, which goes out again and again."""
        self.bad.ip("route", "add", "blackhole", f"{self.bad.client_v6}/128")
        self.addCleanup(self.bad.ip, "route", "del", "blackhole", f"{self.bad.client_v6}/128")
        done = self.ask(*self.ALL_TIME)
        self.assertEqual((done.status, done.result["ke_address"]), (0, self.good.v4), done)
        tried = [p.dst for p in connections(done.packets)]
        self.assertEqual(list(dict.fromkeys(tried)), [self.bad.v6, self.good.v4], done)
        self.show(done)

    def test_no_tls(self):
        self.broken(PlainServer, words="220 mail.test\r\n")
        self.assertSecond(self.ask())

    def test_old_tls(self):
        self.broken(TlsServer, self.cert, options=["-no_tls1_3"])
        self.assertSecond(self.ask())

    def test_other_alpn(self):
        """The server says so before it shows its certificate."""
        self.broken(TlsServer, self.cert, alpn="http/1.1")
        self.assertSecond(self.ask())

    def test_certificate_is_final(self):
        self.broken(TlsServer, self.foreign)
        done = self.ask()
        self.assertEqual((done.status, done.result["stage"]), (3, "tls-trust"), done)
        self.assertEqual([p.dst for p in connections(done.packets)], [self.bad.v6], done)

    def test_none_is_good(self):
        """The failure that is told is the first one's that answered at all."""
        self.broken(PlainServer, words="220 mail.test\r\n")
        bed.names({NAME: [self.bad.v6, self.bad.v4]})
        self.addCleanup(bed.names, {NAME: [self.bad.v6, self.good.v4]})
        done = self.ask()
        self.assertEqual((done.status, done.result["stage"]), (3, "tls-version"), done)
        self.assertRegex(done.result["error"], "does not speak TLS", done)

    def test_slow_is_waited_for(self):
        """Who was passed over has the rest of the time, when nobody else is better."""
        self.broken(PlainServer)
        bed.names({NAME: [self.bad.v6, self.bad.v4]})
        self.addCleanup(bed.names, {NAME: [self.bad.v6, self.good.v4]})
        done = self.ask("-t", "3")
        self.assertEqual((done.status, done.result["stage"]), (3, "tls"), done)
        self.assertRegex(done.result["error"], "no answer in time", done)
        self.assertEqual([p.dst for p in connections(done.packets)],
                         [self.bad.v6, self.bad.v4, self.bad.v6], done)

    def test_no_host(self):
        """What filters answer for a name that they block."""
        self.addCleanup(bed.names, {NAME: [self.bad.v6, self.good.v4]})
        for addresses in ("0.0.0.0", ["::", "0.0.0.0"]):
            with self.subTest(addresses):
                bed.names({NAME: addresses})
                done = self.ask()
                self.assertEqual((done.status, done.result["stage"]), (3, "resolve"), done)
                self.assertRegex(done.result["error"], "leads to 0.0.0.0", done)
                self.assertEqual(connections(done.packets), [], done)
        bed.names({NAME: ["0.0.0.0", self.good.v4]})
        self.assertEqual(self.ask().status, 0)

    def test_final_dot(self):
        """A name with a dot at its end is the same server, without the resolver's search list."""
        bed.names({NAME + ".": self.good.v4, NAME: self.good.v4})
        self.addCleanup(bed.names, {NAME: [self.bad.v6, self.good.v4]})
        done = client.run("-q", "-j", "--ca", self.root.cert, NAME + ".")
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
