# SPDX-License-Identifier: GPL-2.0-or-later
"""One authenticated answer from real servers, over every kind of address, port and algorithm."""
import unittest

import bed
import client
import pki
from capture import TCP, UDP, connections, cookies, extensions, requests
from tls_servers import PlainServer

NAMES = ["a.test", "both.test", "four.test", "dead6.test"]
AEADS = {15: 32, 16: 48, 17: 64}


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        middle = cls.pki.make("middle", "intermediate", cls.root)
        addresses = [f"IP:{a}" for n in (1, 2) for a in (f"10.77.{n}.2", f"fd77:{n}::2")]
        cls.cert = cls.pki.server("server", middle, [f"DNS:{n}" for n in NAMES] + addresses)
        cls.hosts = [bed.Host(), bed.Host()]
        bed.Chronyd(cls.hosts[0], cls.cert.chain, cls.cert.key)
        bed.Ntpsec(cls.hosts[1], cls.cert.chain, cls.cert.key)

    def setUp(self):
        first = self.hosts[0]
        bed.run("ip", "-6", "route", "replace", "fd99::/64", "via", first.v6)
        bed.names({"a.test": first.v4, "both.test": [first.v6, first.v4], "four.test": first.v4,
                   "dead6.test": ["fd99::1", first.v4]})

    def ask(self, *args, **more):
        return client.run("-q", "-j", "--ca", self.root.cert, *args, **more)

    def assertAnswered(self, done, address=None, port=123):
        self.assertEqual(done.status, 0, done)
        result = done.result
        self.assertEqual(result["stage"], "ok", done)
        self.assertIsNone(result["error"], done)
        self.assertEqual(result["ntp_port"], port, done)
        if address:
            self.assertEqual(result["ntp_address"], address, done)
        # Server and client have the same clock, so the bound has to hold the offset itself.
        self.assertLessEqual(abs(result["offset_s"]), result["bound_s"], done)
        self.assertGreaterEqual(result["bound_s"], result["delay_s"] / 2, done)
        self.assertIn(result["stratum"], range(1, 16), done)
        self.assertTrue(result["key_exchange"], done)
        self.assertEqual(len(requests(done.packets, port)), 1, done)

    def test_both_servers_both_families_by_name(self):
        for host in self.hosts:
            for address in (host.v4, host.v6):
                with self.subTest(address):
                    bed.names({"a.test": address})
                    self.assertAnswered(self.ask("a.test"), address)

    def test_by_address_literal(self):
        for host in self.hosts:
            for ask, address in ((host.v4, host.v4), (f"{host.v4}:4460", host.v4),
                                 (f"[{host.v6}]:4460", host.v6), (host.v6, host.v6)):
                with self.subTest(ask):
                    self.assertAnswered(self.ask(ask), address)

    def test_certificate_dates_are_told(self):
        self.assertGreater(self.ask("a.test").result["cert_not_after"], 1.7e9)

    def test_request(self):
        """RFC 8915 section 5.7: UID of 32 octets, one cookie, placeholders of its length."""
        packet = requests(self.ask("a.test").packets)[0]
        self.assertNotEqual(packet.sport, 123)
        self.assertLessEqual(len(packet.payload), 1280)
        self.assertEqual(packet.payload[0] & 0x3f, 4 << 3 | 3)
        self.assertEqual(packet.payload[1:40], bytes(39))  # nothing told but the transmit time
        fields = extensions(packet.payload)
        kinds = [kind for kind, _ in fields]
        self.assertEqual(kinds[:2], [0x0104, 0x0204])
        self.assertEqual(kinds[-1], 0x0404)
        self.assertEqual(set(kinds[2:-1]) - {0x0304}, set())
        self.assertEqual(len(fields[0][1]), 32)
        for kind, body in fields[2:-1]:
            self.assertEqual(body, bytes(len(fields[1][1])))

    def test_several_samples(self):
        for host in self.hosts:
            with self.subTest(host.number):
                done = self.ask("-n", "3", f"{host.v4}")
                self.assertEqual(done.status, 0, done)
                sent = requests(done.packets)
                self.assertEqual(len(sent), 3, done)
                self.assertEqual(len(set(cookies(done.packets))), 3, done)
                self.assertEqual(len({extensions(p.payload)[0][1] for p in sent}), 3)
                self.assertEqual(len(connections(done.packets)), 1, done)

    def test_algorithms(self):
        for aead in AEADS:
            with self.subTest(aead):
                host = bed.Host()
                cert = self.pki.server(f"aead{aead}", self.root, [f"IP:{host.v4}"])
                bed.Ntpsec(host, cert.chain, cert.key, only_aead=aead)
                conf = client.state()
                conf.write_text(conf.read_text() + "aead 30,15,17,16\n")
                done = self.ask("-n", "2", host.v4, conf=conf)
                self.assertEqual(done.status, 0, done)
                self.assertEqual(done.result["aead"], aead, done)
                # Both keys are in NTPsec's cookies: their length shows which it used.
                lengths = {len(c) for c in cookies(done.packets)}
                self.assertEqual(lengths, {4 + 16 + 16 + 4 + 2 * AEADS[aead]}, done)
                # For this server alone; nobody offers it without being told to.
                conf = client.state()
                plain = self.ask(host.v4)
                self.assertEqual((plain.status, plain.result["aead"]), (0, 15), plain)
                conf.write_text(conf.read_text() + f"ca {self.root.cert}\n"
                                f"server {host.v4} aead {aead}\n")
                done = client.run("-q", "-j", conf=conf)
                self.assertEqual((done.status, done.result["aead"]), (0, aead), done)

    def test_ntp_on_another_host_and_port(self):
        ke, ntp = bed.Host(), bed.Host()
        cert = self.pki.server("apart", self.root, ["DNS:ke.test"])
        state = bed.tmp / "apart"
        state.mkdir()
        # Two servers that share their cookie keys: one is asked for keys, the other for the time.
        first = bed.Chronyd(ke, cert.chain, cert.key, ke_port=14460, ntp_port=1123, state=state,
                            ntp_server="ntp.test")
        first.stop()
        bed.Chronyd(ntp, cert.chain, cert.key, ntp_port=1123, state=state)
        bed.Chronyd(ke, cert.chain, cert.key, ke_port=14460, ntp_port=1123, state=state,
                    ntp_server="ntp.test")
        for address in (ntp.v4, ntp.v6):
            with self.subTest(address):
                bed.names({"ke.test": ke.v4, "ntp.test": address})
                done = self.ask("ke.test:14460")
                self.assertAnswered(done, address, 1123)
                self.assertEqual(done.result["ke_address"], ke.v4, done)
                self.assertEqual({p.device for p in requests(done.packets, 1123)}, {ntp.device})
                done = self.ask("-p", "14460", "ke.test")
                self.assertAnswered(done, address, 1123)

    def test_asking_for_an_ntp_server(self):
        """Both servers may and do ignore what is asked for."""
        for host in self.hosts:
            with self.subTest(host.number):
                done = self.ask("--ntp-server", "ntp.test", "--ntp-port", "1123", host.v4)
                self.assertAnswered(done, host.v4)

    def test_ntp_server_that_is_mute(self):
        ke, ntp = bed.Host(), bed.Host()
        cert = self.pki.server("mute", self.root, [f"IP:{ke.v4}"])
        PlainServer(ntp, 123, "udp")
        bed.Chronyd(ke, cert.chain, cert.key, ntp_server=ntp.v4)
        done = self.ask("-t", "5", ke.v4)
        self.assertEqual((done.status, done.result["stage"]), (3, "ntp-timeout"), done)
        self.assertIn(f"(NTP server {ntp.v4} port 123, named by key establishment)",
                      done.result["error"], done)
        sent = requests(done.packets)
        self.assertGreaterEqual(len(sent), 1, done)
        self.assertEqual(len(set(cookies(done.packets))), len(sent), done)

    def test_families(self):
        first = self.hosts[0]
        for option, address in (("-4", first.v4), ("-6", first.v6)):
            with self.subTest(option):
                done = self.ask(option, "both.test")
                self.assertAnswered(done, address)
                self.assertEqual({":" in p.dst for p in done.packets if p.out}, {option == "-6"})

    def test_dead_ipv6_costs_little(self):
        """RFC 8305 section 5: the next address is tried 200 ms later, not after a timeout."""
        done = self.ask("dead6.test")
        self.assertAnswered(done, self.hosts[0].v4)
        syns = connections(done.packets)
        self.assertEqual(syns[0].dst, "fd99::1", done)
        second = next(p for p in syns if p.dst == self.hosts[0].v4)
        self.assertGreater(second.at - syns[0].at, 0.15, done)
        # Before TCP itself loses patience, which is a second later: by order, not by the clock.
        self.assertEqual(syns.index(second), 1, done)

    def test_output_for_people(self):
        done = client.run("-q", "--ca", self.root.cert, "a.test")
        self.assertEqual((done.status, done.err), (0, ""), done)
        self.assertRegex(done.out, r"\Aa\.test  10\.77\.1\.2:123  offset [+-][\d.]+ [mun]?s "
                         r"\+/- [\d.]+ [mun]?s  round trip [\d.]+ [mun]?s  stratum 1  "
                         r"AES-(SIV-CMAC-256|128-GCM-SIV)  \d cookies kept\n\Z")

    def test_only_what_is_needed_crosses_the_network(self):
        done = self.ask("a.test")
        others = [str(p) for p in done.packets
                  if not (p.proto == TCP and 4460 in (p.sport, p.dport) or
                          p.proto == UDP and 123 in (p.sport, p.dport))]
        self.assertEqual(others, [], done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
