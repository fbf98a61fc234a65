# SPDX-License-Identifier: GPL-2.0-or-later
"""Cookies kept between runs, runs side by side, several hosts, and the clock left alone."""
import fcntl
import os
import re
import unittest
from pathlib import Path

import bed
import client
import pki
from capture import Capture, connections, cookies, requests

NTSN = b"NTSN"


def naks(packets):
    return [p for p in packets
            if not p.out and p.sport == 123 and p.payload[1] == 0 and p.payload[12:16] == NTSN]


class State(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.hosts = [bed.Host() for _ in range(3)]
        cls.cert = cls.pki.server("server", cls.root, [f"IP:{h.v4}" for h in cls.hosts])
        cls.servers = [kind(host, cls.cert.chain, cls.cert.key) for kind, host in
                       zip((bed.Chronyd, bed.Ntpsec, bed.Chronyd), cls.hosts)]

    def ask(self, *args, conf):
        return client.run("-q", "-j", "--ca", self.root.cert, *args, conf=conf)

    def assertKept(self, directory):
        """Secrets: nobody but their owner may read them."""
        files = [os.path.join(d, f) for d, _, names in os.walk(directory) for f in names]
        for path in files:
            self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)

    def test_three_runs_one_key_exchange(self):
        for host in self.hosts[:2]:
            with self.subTest(host.number):
                conf = client.state()
                used = []
                for run in range(3):
                    done = self.ask(host.v4, conf=conf)
                    self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
                    self.assertEqual(done.result["key_exchange"], run == 0, done)
                    self.assertEqual(len(connections(done.packets)), 1 if run == 0 else 0, done)
                    self.assertEqual(len(requests(done.packets)), 1, done)
                    self.assertEqual(done.result["cookies"], 8, done)
                    used += cookies(done.packets)
                self.assertEqual(len(set(used)), 3)
                self.assertKept(conf.parent / "state")

    def test_no_state_keeps_nothing(self):
        for _ in range(2):
            done = client.run("-q", "-j", "--ca", self.root.cert, self.hosts[0].v4)
            self.assertTrue(done.result["key_exchange"], done)

    def test_stored_cookies_belong_to_the_ca(self):
        """What was trusted by one CA is not used for a run that trusts another."""
        conf = client.state()
        self.assertEqual(self.ask(self.hosts[0].v4, conf=conf).status, 0)
        other = self.pki.root("other")
        done = client.run("-q", "-j", "--ca", other.cert, self.hosts[0].v4, conf=conf)
        self.assertEqual((done.status, done.result["stage"]), (3, "tls-trust"), done)
        self.assertEqual(requests(done.packets), [], done)

    def restarted(self, kind):
        """Its answers before and after a restart that loses the cookie keys."""
        host = bed.Host()
        cert = self.pki.server(f"restart{host.number}", self.root, [f"IP:{host.v4}"])
        server = kind(host, cert.chain, cert.key)
        conf = client.state()
        self.assertEqual(self.ask(host.v4, conf=conf).status, 0)
        server.forget_keys()
        kind(host, cert.chain, cert.key, state=server.dir)
        done = self.ask(host.v4, conf=conf)
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
        self.assertTrue(done.result["key_exchange"], done)
        self.assertEqual(len(connections(done.packets)), 1, done)
        sent = cookies(done.packets)
        self.assertEqual(len(set(sent)), len(sent), done)
        self.assertFalse(self.ask(host.v4, conf=conf).result["key_exchange"])
        return done

    def test_new_cookie_keys_nak(self):
        """chronyd says so: NAK, key exchange, answer, in one run."""
        done = self.restarted(bed.Chronyd)
        self.assertGreaterEqual(len(naks(done.packets)), 1, done)
        self.assertGreaterEqual(len(requests(done.packets)), 2, done)

    def test_new_cookie_keys_silence(self):
        """NTPsec keeps silent: key exchange, answer, in one run."""
        done = self.restarted(bed.Ntpsec)
        self.assertEqual(naks(done.packets), [], done)

    def test_torn_state_is_ignored(self):
        conf = client.state()
        self.assertEqual(self.ask(self.hosts[0].v4, conf=conf).status, 0)
        torn = 0
        for directory, _, names in os.walk(conf.parent / "state"):
            for path in (os.path.join(directory, name) for name in names):
                if os.path.getsize(path) > 0:
                    os.truncate(path, os.path.getsize(path) - 1)
                    torn += 1
        self.assertGreater(torn, 0)
        done = self.ask(self.hosts[0].v4, conf=conf)
        self.assertEqual((done.status, done.result["key_exchange"]), (0, True), done)

    def test_side_by_side_never_the_same_cookie(self):
        host, conf = self.hosts[0], client.state()
        capture = Capture()
        for _ in range(4):  # the first find no cookies, the others what those before left
            runs = [client.start("-q", "-j", "--ca", self.root.cert, host.v4, conf=conf)
                    for _ in range(4)]
            for run in [client.finish(r) for r in runs]:
                self.assertEqual(run.status, 0, run)
        done = self.ask(host.v4, conf=conf)
        self.assertEqual((done.status, done.result["key_exchange"]), (0, False), done)
        sent = cookies(capture.done())
        self.assertEqual(len(sent), 17)
        self.assertEqual([c.hex() for c in set(sent) if sent.count(c) > 1], [])

    def test_cookies_are_taken_under_a_lock(self):
        """What chance seldom shows: nobody takes a cookie while another holds the store."""
        host, conf = self.hosts[0], client.state()
        self.assertEqual(self.ask(host.v4, conf=conf).status, 0)
        paths = [path for path in (conf.parent / "state").rglob("*") if path.is_file()]
        stored = {path: path.read_bytes() for path in paths}
        files = [path.open("rb") for path in paths]
        for f in files:
            fcntl.flock(f, fcntl.LOCK_EX)
        capture = Capture()
        runs = [client.start("-q", "-j", "--ca", self.root.cert, host.v4, conf=conf)
                for _ in range(3)]
        # A holder that has been stopped stops nobody: they live on keys of their own.
        for run in [client.finish(r) for r in runs]:
            self.assertEqual((run.status, run.result["key_exchange"]), (0, True), run)
        self.assertEqual(len(set(cookies(capture.done()))), 3)
        self.assertEqual({path: path.read_bytes() for path in paths}, stored)
        for f in files:
            f.close()
        done = self.ask(host.v4, conf=conf)
        self.assertEqual((done.status, done.result["key_exchange"]), (0, False), done)

    def test_several_hosts(self):
        conf = client.state()
        gone = bed.Host()  # nobody listens there
        for run in range(2):
            done = self.ask(*(h.v4 for h in self.hosts), gone.v4, conf=conf)
            results = {r["name"]: r for r in done.json["results"]}
            self.assertEqual(list(results), [h.v4 for h in self.hosts] + [gone.v4], done)
            for host in self.hosts:
                self.assertEqual(results[host.v4]["stage"], "ok", done)
                self.assertEqual(results[host.v4]["key_exchange"], run == 0, done)
            self.assertEqual(results[gone.v4]["stage"], "connect", done)
            self.assertEqual((done.status, done.json["verdict"]), (0, "ok"), done)
            self.assertEqual(done.json["schema"], 1, done)
            self.assertEqual(len(set(cookies(done.packets))), 3, done)

    def test_liar(self):
        """One of three is 3.5 s ahead: found out by a majority, no verdict without one."""
        liar, gone = bed.Host(), bed.Host()
        cert = self.pki.server("liar", self.root, [f"IP:{liar.v4}"])
        bed.Chronyd(liar, cert.chain, cert.key, ahead=3.5)
        honest = [h.v4 for h in self.hosts[:2]]
        done = client.run("-q", "-j", "--ca", self.root.cert, *honest, liar.v4)
        self.assertEqual((done.status, done.json["verdict"]), (0, "ok"), done)
        self.assertEqual(done.json["agreeing"], 2, done)
        self.assertLess(abs(done.json["offset_s"]), 0.5, done)
        self.assertAlmostEqual(done.json["results"][2]["offset_s"], 3.5, 1)
        for hosts in ([honest[0], liar.v4], honest + [liar.v4, gone.v4]):
            done = client.run("-q", "-j", "--ca", self.root.cert, *hosts)
            self.assertEqual((done.status, done.json["verdict"]), (3, "no-agreement"), done)
            self.assertIsNone(done.json["offset_s"], done)
        done = client.run("-q", "--ca", self.root.cert, *honest, liar.v4)
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out + done.err,
                         rf"(?m)^{re.escape(liar.v4)} differs .*3\.[45]\d* s$", done)
        done = client.run("-q", "--ca", self.root.cert, honest[0], liar.v4)
        self.assertEqual(done.status, 3, done)
        self.assertRegex(done.out + done.err, r"differs from .* by [+-]3\.[45]\d* s", done)

    def test_warning_and_critical(self):
        """The clocks are one and the same, so only a limit below the resolution is passed."""
        host, conf = self.hosts[0].v4, client.state()
        self.assertEqual(self.ask("-w", "10", "-c", "20", host, conf=conf).status, 0)
        self.assertEqual(self.ask("-w", "1e-12", "-c", "20", host, conf=conf).status, 1)
        self.assertEqual(self.ask("-w", "1e-13", "-c", "1e-12", host, conf=conf).status, 2)

    def plugin(self, *args, status):
        """Its first line, read as the plug-in guidelines have it: (state, {label: value, limits})."""
        done = client.run("-q", "--ca", self.root.cert, *args)
        self.assertEqual((done.status, done.err), (status, ""), done)
        first = done.out.splitlines()[0]
        words, _, figures = first.partition(" | ")
        state = re.fullmatch(r"NTS (OK|WARNING|CRITICAL|UNKNOWN) - ([^|]+)", words)
        self.assertIsNotNone(state, first)
        self.assertEqual(("OK", "WARNING", "CRITICAL", "UNKNOWN").index(state[1]), status)
        number = r"-?\d+(?:\.\d+)?"
        one = rf"'([^'=]+)'=({number})(s|%|B|c)?(?:;({number}|))?(?:;({number}|))?(?:;({number}|))?"
        self.assertRegex(figures, rf"^(?:{one}(?: |$))*$")
        return state[2], {label: (float(value), unit, warn, crit, low) for
                          label, value, unit, warn, crit, low in re.findall(one, figures)}

    def test_plugin(self):
        host, other = self.hosts[0].v4, self.hosts[1].v4
        words, figures = self.plugin("--plugin", host, status=0)
        self.assertIn("1 of 1 servers agree", words)
        self.assertEqual(set(figures), {"offset", "bound", "error", "delay", "stratum",
                                        "certificate_days"})
        self.assertAlmostEqual(figures["error"][0],
                               abs(figures["offset"][0]) + figures["bound"][0], places=8)
        self.assertEqual(figures["bound"][1:], ("s", "", "", "0"))
        self.assertGreater(figures["certificate_days"][0], 0.5)
        words, figures = self.plugin("-w", "10", "-c", "20", host, other, status=0)
        self.assertEqual(figures["error"][1:], ("s", "10", "20", "0"))
        for name in "offset", "bound", "delay", "stratum", "certificate_days":
            self.assertIn(f"{other} {name}", figures)
        # The offset alone is far below it: the bound counts as well.
        bound = figures["bound"][0]
        words, _ = self.plugin("-w", "1e-9", "-c", "20", host, status=1)
        self.assertIn("offset and bound together are above 1e-09 s", words)
        words, _ = self.plugin("--warn-bound", "1e-9", "--crit-bound", "1e-8", host, status=2)
        self.assertIn("the bound is above 1e-08 s", words)
        self.assertGreater(bound, 1e-8)

    def test_plugin_without_an_answer(self):
        words, figures = self.plugin("--plugin", "127.0.0.1:1", status=3)
        self.assertRegex(words, "^127.0.0.1:1 connect: connection refused")
        self.assertEqual(figures, {})
        words, _ = self.plugin("-w", "1", "127.0.0.1:1", "127.0.0.1:2", status=3)
        self.assertIn("no authenticated answer from any of 2 servers", words)

    def test_quiet(self):
        host = self.hosts[0].v4
        for limits, status in (((), 0), (("-w", "10"), 0), (("-w", "1e-9"), 1)):
            done = client.run("-q", "--quiet", "--ca", self.root.cert, *limits, host)
            self.assertEqual((done.status, done.err), (status, ""), done)
            self.assertEqual(done.out == "", status == 0, done)
        done = client.run("-q", "--quiet", "127.0.0.1:1")
        self.assertEqual(done.status, 3)
        self.assertIn("connection refused", done.out)

    def test_verbose(self):
        """The way to the answer: keys, queries, time stamps; the second time without key exchange."""
        host, conf = self.hosts[0].v4, client.state()
        for first in True, False:
            done = client.run("-q", "-v", "--ca", self.root.cert, host, conf=conf)
            self.assertEqual(done.status, 0, done)
            self.assertEqual(f"keys exchanged with {host} port 4460/tcp: AES-" in done.err, first, done)
            self.assertEqual("stored cookies, AES-" in done.err, not first, done)
            self.assertRegex(done.err, rf"query sent to {re.escape(host)}:123/udp, time of sending by the "
                                       r"(kernel's stamp|clock)")
            self.assertRegex(done.err, rf"authenticated answer from {re.escape(host)}:123/udp: offset ")
            if first:
                self.assertRegex(done.err, r"certificate good until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC")

    def test_set_without_the_right(self):
        """Said before any network traffic; the bed has taken the right away."""
        done = client.run("-s", "--ca", self.root.cert, self.hosts[0].v4)
        self.assertEqual(done.status, 4, done)
        self.assertEqual(done.packets, [], done)
        self.assertRegex(done.err, "CAP_SYS_TIME|root|right|permi", done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
