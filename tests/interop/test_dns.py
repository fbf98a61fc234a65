# SPDX-License-Identifier: GPL-2.0-or-later
"""What DNS may answer, or not: a resolver that validates, with a clock that is wrong; names that are
withheld; addresses that stand in; and the built-in servers, whose addresses are known."""
import unittest

import bed
import client
import pki
from dns_server import Answers, SERVFAIL

NAMES = ["a.test", "b.test"]
# By ntsc.conf(5): name and one address of each family.
BUILTIN = {"time.cloudflare.com": ("162.159.200.1", "2606:4700:f1::1"),
           "nts.netnod.se": ("194.58.207.79", "2a01:3f0:1:4::28"),
           "ptbtime1.ptb.de": ("192.53.103.108", "2001:638:610:be01::108"),
           "ntppool1.time.nl": ("94.198.159.15", "2a00:d78:0:712:94:198:159:15")}


class Dns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.hosts = [bed.Host() for _ in BUILTIN]
        cert = cls.pki.server("server", cls.root, [f"DNS:{n}" for n in (*NAMES, *BUILTIN)])
        for host, addresses in zip(cls.hosts, BUILTIN.values()):
            for address, via in zip(addresses, (host.v4, host.v6)):
                host.ip("addr", "add", address, "dev", "lo")
                bed.run("ip", "route", "add", address, "via", via)
            bed.Chronyd(host, cert.chain, cert.key)
        bed.names({})
        bed.resolver("127.0.0.1")
        cls.conf = bed.tmp / "conf"

    def dns(self, table):
        answers = Answers("127.0.0.1", table)
        self.addCleanup(answers.close)
        return answers

    def ask(self, *args, conf=""):
        self.conf.write_text(f"ca {self.root.cert}\nstatedir {bed.tmp}/state\n{conf}")
        return client.run("-q", "--no-state", *args, conf=self.conf)

    def assertTime(self, run, n=1):
        self.assertEqual((run.status, run.out.count(" offset ")), (0, n), run)

    def test_validating(self):
        """SERVFAIL as long as what is asked for may be checked."""
        a = self.hosts[0]
        for addresses in ([a.v4], [a.v6], [a.v6, a.v4]):
            with self.subTest(addresses):
                dns = self.dns({"a.test": (SERVFAIL, addresses)})
                self.assertTime(self.ask("a.test"))
                self.assertTrue(all(name == "a.test" for name, _, _ in dns.asked), dns.asked)
                self.assertTrue({cd for _, _, cd in dns.asked} == {True, False}, dns.asked)
                dns.close()

    def test_validating_one_family(self):
        a = self.hosts[0]
        self.dns({"a.test": (SERVFAIL, [a.v6, a.v4])})
        self.assertTime(self.ask("-4", "a.test"))
        self.assertTime(self.ask("-6", "a.test"))

    def test_failing(self):
        """A name server that is of no use in either case: `ip` stands in, and without it the words
        are true."""
        self.dns({"a.test": (SERVFAIL, SERVFAIL)})
        run = self.ask("a.test")
        self.assertEqual(run.status, 3, run)
        self.assertIn("resolve: no name server answered, or none was able to", run.out + run.err)
        self.assertTime(self.ask(conf=f"server a.test ip {self.hosts[0].v4}\n"))

    def test_no_such_name(self):
        self.dns({})
        self.assertIn("no host of this name", self.ask("a.test").out)
        self.assertTime(self.ask(conf=f"server a.test ip {self.hosts[0].v6}\n"))

    def test_no_address(self):
        self.dns({"a.test": []})
        self.assertTime(self.ask(conf=f"server a.test ip {self.hosts[0].v4}\n"))

    def test_dns_is_believed_first(self):
        """What it gives is used, and nothing beside it."""
        self.dns({"a.test": [self.hosts[1].v4]})
        run = self.ask(conf=f"server a.test ip {self.hosts[0].v4}\n")
        self.assertTime(run)
        self.assertIn(self.hosts[1].v4, run.out)

    def test_another_name(self):
        """An address that stands in is no reason to believe somebody else."""
        self.dns({})
        run = self.ask(conf=f"server c.test ip {self.hosts[0].v4}\n")
        self.assertEqual(run.status, 3, run)
        self.assertIn("tls-name: ", run.out)

    def builtin(self, table):
        """The built-in servers: those whose addresses are known agree, as a majority of all."""
        dns = self.dns(table) if table is not None else None
        for family, at in (("-4", 0), ("-6", 1)):
            with self.subTest(family):
                run = self.ask(family)
                self.assertTime(run, len(BUILTIN))
                for name, addresses in BUILTIN.items():
                    shown = addresses[at] if at == 0 else f"[{addresses[at]}]"
                    self.assertIn(f"{name}  {shown}", run.out)
        if dns:
            dns.close()

    def test_builtin_no_such_names(self):
        self.builtin({})

    def test_builtin_failing(self):
        self.builtin(dict.fromkeys(BUILTIN, (SERVFAIL, SERVFAIL)))

    def test_builtin_nobody(self):
        self.builtin(None)


if __name__ == "__main__":
    bed.enter()
    bed.unwatched()  # for the watch whatever is UDP is NTP, and here is DNS
    unittest.main(verbosity=2)
