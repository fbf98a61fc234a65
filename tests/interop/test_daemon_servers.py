# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon with three real servers, which forget their keys, change certificates, and lie."""

import daemon as d
import several
from daemon_bed import NAMES, Case


class Servers(Case):
    prompt = True

    def test_synchronizes(self):
        daemon = self.synchronized()
        status = daemon.status()
        self.assertEqual((status["servers"], status["agreeing"]), (3, 3), daemon.shown())
        self.assertEqual([s["selected"] for s in status["sources"]], ["selected"] * 3)
        self.assertEqual([s["stratum"] for s in status["sources"]], [1, 3, 1])
        self.assertSteady(daemon)
        orders = daemon.orders()
        self.assertTrue(any(o["what"] & d.FREQ for o in orders), orders)
        for o in orders:
            self.assertTrue(o["what"] & d.SLEW and o["what"] & d.STATUS and o["what"] & d.ERRORS, o)
            self.assertEqual(o["status"] & ~d.UNSYNC, d.PLL | d.FREQHOLD, o)
            self.assertTrue(0 < o["esterror_us"] <= o["maxerror_us"] < 1e6, o)
            self.assertLess(abs(o["rate_ppm"]), 100, o)
        self.assertEqual((orders[-1]["status"] & d.UNSYNC, orders[-1]["unsync"]), (0, 0), orders)
        packets = self.look()
        self.assertEqual(self.exchanged(packets), NAMES)
        self.assertEqual(daemon.stop(), 0)

    def test_monitor(self):
        daemon = self.daemon(args=["-x"])
        daemon.wait("agreement", lambda: daemon.status().get("agreeing") == 3)
        daemon.wait("four answers each", lambda: all(
            s["reach"] & 15 == 15 for s in daemon.status()["sources"]))
        self.assertEqual(daemon.orders(), [])
        self.assertTrue(daemon.status()["monitor_only"])
        self.assertFalse(daemon.status()["synchronized"])

    def test_nak(self):
        """A server forgets its cookies and says so: keys anew, with it alone."""
        daemon = self.synchronized()
        for name in ("a.test", "c.test"):
            with self.subTest(name):
                self.look()
                answers = daemon.log().count(f"{name}: answers from")
                self.forget(name)
                daemon.wait_log(f"{name}: nak: ", poll_s=1)
                daemon.wait_log(f"{name}: answers from", answers + 1)
                self.assertEqual(self.exchanged(self.look()), [name])
        self.wait_orders(daemon)
        self.assertSteady(daemon)

    def test_new_certificate(self):
        """One that is good, and one of an authority that nobody trusts."""
        daemon = self.synchronized()
        fresh = self.pki.server("fresh", self.root, ["DNS:a.test"], days=(-1, 20))
        foreign = self.pki.server("foreign", self.pki.root("nobody"), ["DNS:c.test"])
        self.look()
        self.forget("a.test", fresh)
        self.forget("c.test", foreign)
        self.wait_error(daemon, "c.test", "tls-trust")
        daemon.wait("a.test: keys", lambda: self.error(daemon, "a.test") == "ok" and
                    "a.test" in self.exchanged(self.look()), poll_s=1)
        self.wait_orders(daemon)
        self.forget("a.test")
        self.forget("c.test")
        self.wait_error(daemon, "c.test", "ok")
        self.wait_error(daemon, "a.test", "ok")
        self.assertSteady(daemon)

    def test_liar(self):
        """It begins to lie by a second while it is trusted, and later tells the truth again."""
        daemon = self.synchronized()
        self.restart("c.test", ahead=1)
        try:
            daemon.wait_log("c.test contradicts the majority by ", poll_s=1)
            self.wait_orders(daemon)
            liar = daemon.source("c.test")
            self.assertEqual(liar["selected"], "falseticker", daemon.shown())
            daemon.wait("by how much", lambda: abs(
                daemon.source("c.test")["difference_s"] - 1) < 0.1, poll_s=1)
            self.assertEqual(daemon.status()["agreeing"], 2, daemon.shown())
        finally:
            self.restart("c.test")
        daemon.wait_log("c.test agrees with the majority again", poll_s=1)
        self.assertSteady(daemon)

    def test_liar_from_the_start(self):
        self.restart("a.test", ahead=-1)
        try:
            daemon = self.daemon()
            daemon.wait_log("a.test contradicts the majority by -", poll_s=1)
            daemon.wait_synchronized()
            self.assertSteady(daemon)
        finally:
            self.restart("a.test")


if __name__ == "__main__":
    several.main()
