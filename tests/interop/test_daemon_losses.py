# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon when servers, their names or the way to them are lost, and come back."""

import bed
import daemon as d
from capture import requests
import several
from daemon_bed import NAMES, Case

FORBID = "ipproto", "tcp", "dport", "4460"


class Losses(Case):
    prompt = True

    def test_loss_of_each(self):
        daemon = self.synchronized()
        self.look()
        for name in NAMES:
            with self.subTest(name):
                had = len(daemon.orders())
                self.servers[name].stop()
                self.wait_error(daemon, name, "ntp-timeout")
                self.restart(name)
                self.wait_orders(daemon, had)
                self.wait_error(daemon, name, "ok")
        self.assertSteady(daemon)
        self.assertEqual(self.exchanged(self.look()), [])

    def test_loss_of_the_majority(self):
        """Two of three silent for eight polls: it coasts, and only the bound grows. NTPsec, which
        says nothing to cookies that it does not know, is asked for new keys then; and all is well
        before the other one is back."""
        daemon = self.synchronized()
        self.look()
        bed.run("ip", "rule", "add", "pref", 100, *FORBID, "prohibit")
        try:
            self.servers["a.test"].stop()
            self.forget("b.test")
            daemon.wait_log("coasting: no majority any more: 1 of 1 answering servers agree, "
                            "2 are needed", poll_s=1)
            queries = 0

            def asked(times):
                nonlocal queries
                queries += sum(p.dst == self.names["c.test"] for p in requests(self.look()))
                return queries >= times
            self.look()
            # What was ordered just before may take until then to be seen.
            daemon.wait("c.test asked again", lambda: asked(1), poll_s=1)
            had = len(daemon.orders())
            daemon.wait("c.test asked twice more", lambda: asked(3), poll_s=1)
            told = daemon.orders()[had:]
            self.assertTrue(told, daemon.shown())
            for order in told:
                # Without an estimate there is nothing to change; the frequency is told as it is,
                # and the offset of TAI where this machine's table of leap seconds still holds.
                self.assertEqual(order["what"] & ~(d.FREQ | d.TAI), d.STATUS | d.ERRORS, order)
                self.assertEqual(order["freq"], told[0]["freq"], told)
            bounds = [order["maxerror_us"] for order in told]
            self.assertEqual(bounds, sorted(bounds), told)
            self.assertTrue(daemon.status()["synchronized"], daemon.shown())
        finally:
            bed.run("ip", "rule", "del", "pref", 100)
        self.wait_error(daemon, "b.test", "ok")
        self.wait_orders(daemon)
        self.restart("a.test")
        self.wait_error(daemon, "a.test", "ok")
        self.wait_orders(daemon)
        self.assertSteady(daemon)

    def test_name_service_lost(self):
        daemon = self.synchronized()
        bed.names({})
        try:
            had = len(daemon.orders())
            self.forget("a.test")
            self.wait_error(daemon, "a.test", "resolve")
            self.wait_orders(daemon, had)
        finally:
            bed.names(self.names)
        self.wait_error(daemon, "a.test", "ok")
        self.assertSteady(daemon)

    def test_port_4460_forbidden(self):
        """By a firewall that says so."""
        daemon = self.synchronized()
        bed.run("ip", "rule", "add", "pref", 100, *FORBID, "prohibit")
        try:
            had = len(daemon.orders())
            self.forget("c.test")
            self.wait_error(daemon, "c.test", "connect")
            self.wait_orders(daemon, had)
        finally:
            bed.run("ip", "rule", "del", "pref", 100)
        self.wait_error(daemon, "c.test", "ok")
        self.assertSteady(daemon)

    def test_port_4460_swallowed(self):
        """By one that keeps still: the others go on while a key exchange waits."""
        daemon = self.synchronized()
        host = self.servers["c.test"].host
        # The rule for the host's own addresses comes first; ours has to come before it.
        host.ip("rule", "add", "pref", "20", "lookup", "local")
        host.ip("rule", "del", "pref", "0")
        host.ip("rule", "add", "pref", "10", "iif", "client", *FORBID, "blackhole")
        try:
            self.forget("c.test")
            daemon.wait("a key exchange that hangs",
                        lambda: daemon.source("c.test")["state"] == "key-exchange", poll_s=1)
            self.wait_orders(daemon)
            self.assertEqual(daemon.source("c.test")["state"], "key-exchange", daemon.shown())
        finally:
            host.ip("rule", "del", "pref", "10")
        self.wait_error(daemon, "c.test", "ok")
        self.assertSteady(daemon)


if __name__ == "__main__":
    several.main()
