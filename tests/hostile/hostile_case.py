# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon whose servers are nts-hostile, each on a host of its own."""
import time
import unittest

import hostile_bed
from hostile_bed import Hostile, bed

import daemon as d
import pki

NAMES = ["a.test", "b.test", "c.test", "d.test"]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        bed.prompt_engine()
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("server", cls.root, [f"DNS:{name}" for name in NAMES])
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        hostile_bed.write_results(cls.__name__.lower(), cls.rows)

    def setUp(self):
        bed.names({})
        begin = time.monotonic()
        self.addCleanup(lambda: print(f"{time.monotonic() - begin:.0f} s ", end="", flush=True))

    def passed(self, what, expected, seen):
        """A row of the table."""
        name = self.id().rpartition("test_")[2].replace("_", "-")
        self.rows.append((f"daemon.{name}", what, expected, seen))

    def server(self, *script, cert=None, host=None, **more):
        host = host or bed.Host()
        server = Hostile(cert or self.cert, script, host=host, **more)
        server.host = host
        self.addCleanup(server.kill)
        return server

    def servers(self, *scripts, named=True):
        """A server of its own host for each script, under the names a.test and so on."""
        found = [self.server(*script) for script in scripts]
        if named:
            bed.names({name: s.host.v4 for name, s in zip(NAMES, found)})
        return found

    def daemon(self, *servers, more=(), poll="minpoll 4 maxpoll 4", start=True):
        lines = [f"server {name} port {s.port} {poll}" for name, s in zip(NAMES, servers)]
        daemon = d.Daemon([f"ca {self.root.cert}", *lines, *more], start=start)
        self.addCleanup(daemon.end)
        return daemon

    def stage(self, daemon, name=NAMES[0]):
        return (daemon.source(name).get("error") or {}).get("stage", "ok")

    def wait_stage(self, daemon, stage, name=NAMES[0], poll_s=1):
        daemon.wait(f"{name}: {stage}", lambda: daemon.status().get("sources") and
                    self.stage(daemon, name) in stage.split("|"), poll_s)

    def honest(self, daemon, lie_s=0.2):
        """Never a step, and never as far away as the lies; and still there."""
        self.assertTrue(daemon.orders(), daemon.shown())
        for order in daemon.orders():
            self.assertEqual(order["steps"], 0, order)
            self.assertLess(abs(order["gone_ns"]), lie_s * 1e9, order)
        self.assertNotIn("ended unexpectedly", daemon.log())
        self.assertEqual(daemon.stop(), 0, daemon.log())
