# SPDX-License-Identifier: GPL-2.0-or-later
"""A clock that is years behind all certificates: here it is the servers, and their certificates,
that are years ahead. The clock that ntsc sets is a model that nobody vouches for, so what follows
a step is not seen here; the simulators and the guest show it."""
import os
import subprocess
import time
import unittest

import bed
import client
import pki
from capture import UDP, Capture
from daemon import Daemon, checksum

DAY = 86400
THEN = 3030             # days from now, when the servers live
VALID = (3000, 3060)
AHEAD = {"a.test": THEN, "b.test": THEN, "c.test": THEN, "liar.test": THEN + 10,
         "outside.test": THEN + 100, "old.test": -2500, "future-root.test": THEN,
         **{f"past{i}.test": -100 for i in (1, 2, 3)}}
VALIDITY = {"old.test": (-3000, -2000), **{f"past{i}.test": (-200, 60) for i in (1, 2, 3)}}


class Dates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        p = pki.Pki(bed.tmp / "pki")
        cls.root = p.root(days=(-300, 4000))
        future = p.root("future_root", days=(2990, 4000))
        old = p.root("old_root", days=(-3100, 4000))
        hosts = {name: bed.Host() for name in AHEAD}
        bed.names({**{name: host.v4 for name, host in hosts.items()},
                   "other.test": hosts["a.test"].v4})
        for name, days in AHEAD.items():
            issuer = {"old.test": old, "future-root.test": future}.get(name, cls.root)
            cert = p.server(name, issuer, [f"DNS:{name}"],
                            days=VALIDITY.get(name, VALID))
            bed.Chronyd(hosts[name], cert.chain, cert.key, ahead=days * DAY)
        cls.cas = bed.tmp / "cas.pem"
        cls.cas.write_text("".join(c.cert.read_text() for c in (cls.root, old, future)))
        cls.foreign = p.root("foreign_root").cert

    def conf(self, *lines):
        return [f"ca {self.cas}", *lines]

    def daemon(self, *names, more=()):
        daemon = Daemon(self.conf(*(f"server {name}" for name in names), *more))
        self.addCleanup(daemon.end)
        return daemon

    def run_once(self, *args, lines=()):
        """The one-shot, with the model's clock behind it; returns its run and its orders."""
        other = Daemon(self.conf(*lines), start=False)
        capture = Capture()
        done = subprocess.run([os.environ["NTSC_RECORDER"], "-f", other.conf, "-j", *args],
                              capture_output=True, text=True, timeout=60,
                              env={**os.environ, "NTSC_RECORD": str(other.record)})
        run = client.Run(done.returncode, done.stdout, done.stderr, capture.done())
        return run, other.orders()

    def assertStepped(self, orders, shown):
        """One step to the servers' time, and nothing else: no frequency, no bound."""
        self.assertEqual([o["what"] for o in orders], [1], shown)
        self.assertLess(abs(orders[0]["step_ns"] / 1e9 - THEN * DAY), 1, shown)
        self.assertEqual(orders[0]["unsync"], 1, shown)

    def assertRefused(self, name, stage, words, *args, lines=(), asked=False):
        run, orders = self.run_once("-s", *args, name, lines=lines)
        self.assertEqual((run.status, run.result["stage"], orders), (3, stage, []), run)
        self.assertRegex(run.result["error"], words, run)
        queries = [p for p in run.packets if p.proto == UDP and p.out and p.dport == 123]
        self.assertEqual(bool(queries), asked, run)

    def test_majority(self):
        daemon = self.daemon("a.test", "b.test", "liar.test")
        daemon.wait_log("stepping the clock")
        daemon.wait("the order", daemon.orders)
        self.assertStepped(daemon.orders(), daemon.shown())
        self.assertIn("2 of 3 servers agree, and their certificates are valid then", daemon.log())
        self.assertFalse(daemon.status().get("synchronized"), daemon.shown())
        self.assertEqual(list((daemon.state / "cookies").glob("*.test*")), [], "kept on disk")

    def test_two_disagree(self):
        daemon = self.daemon("a.test", "liar.test")
        daemon.wait_log("the clock is left alone: certificates are not valid at this clock: "
                        "1 of 2 servers agree, 2 are needed")
        self.assertEqual(daemon.orders(), [], daemon.shown())

    def test_single(self):
        daemon = self.daemon("a.test")
        daemon.wait_log("one server alone may not set it (trust-single)")
        self.assertEqual(daemon.orders(), [], daemon.shown())
        daemon = self.daemon("a.test", more=["trust-single"])
        daemon.wait("the order", daemon.orders)
        self.assertStepped(daemon.orders(), daemon.shown())

    def test_root_of_the_future(self):
        daemon = self.daemon("future-root.test", "a.test")
        daemon.wait("the order", daemon.orders)
        self.assertStepped(daemon.orders(), daemon.shown())

    def test_set(self):
        """Stepped, and then, because the real clock has not moved, not confirmed."""
        run, orders = self.run_once("-s", "a.test", "b.test")
        self.assertStepped(orders, run)
        self.assertEqual(run.status, 3, run)
        self.assertIn("this was not confirmed", run.err)
        self.assertEqual([r["stage"] for r in run.json["results"]], ["tls-time"] * 2, run)
        run, orders = self.run_once("-s", "a.test")
        self.assertEqual((run.status, run.json["verdict"], orders), (3, "no-agreement", []), run)
        run, orders = self.run_once("-s", "a.test", "liar.test")
        self.assertEqual((run.status, run.json["verdict"], orders), (3, "no-agreement", []), run)

    def test_long_past(self):
        """Keys that were stolen long ago, as it were: before this program was built."""
        three = [f"past{i}.test" for i in (1, 2, 3)]
        for names, lines in ((three, ()), (three[:1], ("trust-old", "trust-single")),
                             (three[:2], ("trust-old",))):
            for mode in "-s", "-q":
                run, orders = self.run_once(mode, *names, lines=lines)
                self.assertEqual((run.status, run.json["verdict"], orders), (3, "old", []), run)
                self.assertEqual([r["stage"] for r in run.json["results"]], ["ok"] * len(names), run)
        run, orders = self.run_once("-s", *three, lines=["trust-old"])
        self.assertEqual((run.status, len(orders)), (0, 1), run)
        self.assertLess(abs(orders[0]["step_ns"] / 1e9 + 100 * DAY), 1, run)

    def test_check(self):
        run, orders = self.run_once("-q", "a.test", "b.test")
        self.assertEqual((run.status, run.json["provisional"], orders), (0, True, []), run)
        self.assertLess(abs(run.json["offset_s"] - THEN * DAY), 1, run)
        run, _ = self.run_once("-q", "a.test", lines=["trust-single"])
        self.assertEqual((run.status, run.json["provisional"]), (0, True), run)

    def test_refused(self):
        before = r"not valid before \d{4}-\d\d-\d\d"
        self.assertRefused("a.test", "tls-time", before,
                           lines=["certificate-dates strict", "trust-single"])
        self.assertRefused("old.test", "tls-time", "has ended, however wrong this clock may be",
                           lines=["trust-single"])
        self.assertRefused("outside.test", "tls-time", r"expired on \d{4}",
                           lines=["trust-single"], asked=True)
        self.assertRefused("other.test", "tls-name", "for another name", lines=["trust-single"])
        self.assertRefused("a.test", "tls-trust", "does not lead to a CA", "--ca", self.foreign,
                           lines=["trust-single"])

    def test_floor(self):
        """The clock was right after the certificates' end: they have ended for certain."""
        daemon = self.daemon("a.test", more=["trust-single"])
        daemon.wait("the order", daemon.orders)
        daemon.stop()
        orders = len(daemon.orders())
        body = ("ntsc-clock-1 frequency_ppt 0 sd_ppt 1000000 good_s "
                f"{int(time.time()) + 3100 * DAY}")
        (daemon.state / "clock").write_text(f"{body} sum {checksum(body):08x}\n")
        daemon.start()
        daemon.wait_log("has ended, however wrong this clock may be")
        self.assertEqual(len(daemon.orders()), orders, daemon.shown())


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
