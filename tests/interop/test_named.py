# SPDX-License-Identifier: GPL-2.0-or-later
"""A key-exchange server names another NTP host, that cannot be asked: the words are about that host,
and say who named it. Whoever asked knows nothing of it."""
import unittest

import bed
import client
import pki
from capture import requests
from dns_server import SERVFAIL, Answers
from tls_servers import PlainServer

DNS = "127.0.0.53"
KE = "10.77.1.2"
OPERATOR = "tell the operator of the server that named it, or use another server"
NETWORK = "check this machine's network, or "
NAMED = "NTP server %s, named by key establishment"
# What is named, stage, words, and its cure. The network has no way to anywhere else.
CASES = [
    ("198.51.100.7", "connect", "no route to the server (NTP server 198.51.100.7 port 123, named by "
     "key establishment)", NETWORK + OPERATOR),
    ("away.test", "connect", "no route to the server (NTP server 198.51.100.8 port 123, named by "
     "key establishment)", NETWORK + OPERATOR),
    ("prohibited.test", "connect", "no route to the server (NTP server 10.66.0.9 port 123, named by "
     "key establishment)", NETWORK + OPERATOR),
    ("mute.test", "ntp-timeout", "no answer in time during the NTP query (NTP server 10.77.2.2 port "
     "123, named by key establishment)", "check the network"),
    ("closed.test", "ntp-timeout", "no answer in time during the NTP query (NTP server 10.77.3.2 "
     "port 123, named by key establishment)", "check the network"),
    ("gone.test", "resolve", f"there is no host of this name ({NAMED % 'gone.test'})", OPERATOR),
    ("other-kind.test", "resolve",
     f"the host has no address of the wanted kind ({NAMED % 'other-kind.test'})", OPERATOR),
    ("broken.test", "resolve",
     f"no name server answered, or none was able to ({NAMED % 'broken.test'})",
     "check the network and /etc/resolv.conf, or " + OPERATOR),
    ("blocked.test", "resolve", "the name leads to 0.0.0.0 or ::, which is no host "
     f"({NAMED % 'blocked.test'})", "a filter in the name server or in /etc/hosts blocks it"),
    ("blocked6.test", "resolve", "the name leads to 0.0.0.0 or ::, which is no host "
     f"({NAMED % 'blocked6.test'})", "a filter in the name server or in /etc/hosts blocks it"),
    ("0.0.0.0", "resolve", "server sent us to a host whose address can never be a server's "
     f"({NAMED % '0.0.0.0'})", "tell the server's operator, or use another server"),
    ("loop.test", "resolve", "server sent us to a host whose address can never be a server's "
     f"({NAMED % 'loop.test'})", "tell the server's operator, or use another server"),
    ("localhost", "resolve", "server sent us to a host whose address can never be a server's "
     f"({NAMED % 'localhost'})", "tell the server's operator, or use another server"),
    ("n" * 60 + ".test", "resolve", f"there is no host of this name ({NAMED % ('n' * 56)})",
     OPERATOR),
]


class Named(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        p = pki.Pki(bed.tmp / "pki")
        cls.root = p.root()
        cls.ke, cls.mute, cls.closed = bed.Host(), bed.Host(), bed.Host()
        cls.cert = p.server("ke", cls.root, [f"IP:{KE}"])
        assert cls.ke.v4 == KE
        PlainServer(cls.mute, 123, "udp")
        bed.run("ip", "route", "add", "prohibit", "10.66.0.0/24")

    def ask(self, named, *args):
        server = bed.Chronyd(self.ke, self.cert.chain, self.cert.key, ntp_server=named)
        try:
            return client.run("-q", "-j", "--no-state", "--ca", self.root.cert, *args, KE)
        finally:
            server.stop()

    def test_table(self):
        dns = Answers(DNS, {"away.test": ["198.51.100.8"], "mute.test": [self.mute.v4],
                            "closed.test": [self.closed.v4], "prohibited.test": ["10.66.0.9"],
                            "other-kind.test": ["fd77::7"], "broken.test": SERVFAIL,
                            "blocked.test": ["0.0.0.0"], "blocked6.test": ["::"],
                            "loop.test": ["127.0.0.9"]})
        self.addCleanup(dns.close)
        bed.resolver(DNS)
        for named, stage, words, cure in CASES:
            with self.subTest(named):
                # Who is mute takes all the time there is; the others' end is not waited for so long.
                options = ["-t", "6" if stage == "ntp-timeout" else "120"]
                options += ["-4"] if named == "other-kind.test" else []
                done = self.ask(named, *options)
                self.assertEqual((done.status, done.result["stage"]), (3, stage), done)
                text = done.result["error"]
                self.assertEqual(text[:len(words)], words, done)
                self.assertIn(": " + cure, text[len(words):], done)
                if stage != "ntp-timeout":
                    self.assertEqual(requests(done.packets), [], done)

    def test_name_servers_silent_until_the_end(self):
        """The time is up while the name is asked for."""
        bed.resolver("192.0.2.53", patience_s=30)
        bed.run("ip", "route", "replace", "192.0.2.0/24", "via", self.mute.v4)
        self.addCleanup(bed.run, "ip", "route", "del", "192.0.2.0/24")
        done = self.ask("slow.test", "-t", "6")
        self.assertEqual((done.status, done.result["stage"]), (3, "resolve"), done)
        self.assertIn(f"({NAMED % 'slow.test'})", done.result["error"], done)

    def test_the_host_itself(self):
        """What was asked for by name is not said to have been named by anybody."""
        bed.resolver("192.0.2.53")
        done = client.run("-q", "-j", "--ca", self.root.cert, "-t", "2", "nowhere.test")
        self.assertNotIn("named", done.result["error"], done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
