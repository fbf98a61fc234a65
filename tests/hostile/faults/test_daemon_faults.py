# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon while calls of all its processes fail at random, in every way that each can: no crash,
no file left open, no wrong clock, and with the faults over it is right again."""
import os
import subprocess
import unittest

import test_faults as faults
from test_faults import Hostile, bed, hostile_bed, pki

import daemon as d
import passable

ONCE_IN = 40   # calls
ENOUGH = 100   # faults
NAMES = ["a.test", "b.test", "c.test"]


class Service(d.Daemon):
    """Behind the shim, and without the filters, which would end whoever writes the shim's page."""

    def __init__(self, lines, place):
        super().__init__(lines, start=False)
        self.place = place

    def start(self):
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [os.environ["NTSC_NO_FILTERS"], "env", self.place.preload, self.program, "-f",
                 self.conf, "--runtime-dir", self.run], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**self.place.env, "NTSC_RECORD": str(self.record)})
        return self

    def files(self):
        """How many are open in each process."""
        return [len(os.listdir(f"/proc/{pid}/fd")) for pid in (self.pid, self.engine)]

    def right(self):
        sources = self.status().get("sources", [])
        return sources and self.status()["synchronized"] and all(
            s["error"] is None and s["reach"] & 1 and s["state"] == "waiting" for s in sources)


class DaemonFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("server", cls.root, [f"DNS:{name}" for name in NAMES])
        bed.names({name: "127.0.0.1" for name in NAMES})
        # Without a route there would be no network to wait for.
        bed.Host()
        bed.prompt_engine()
        faults.Place.keep_originals()
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        hostile_bed.write_results("daemonfaults", cls.rows)

    def test_random(self):
        servers = [Hostile(self.cert) for _ in NAMES]
        for server in servers:
            self.addCleanup(server.kill)
        place = faults.Place()
        daemon = Service([f"ca {self.root.cert}", *(
            f"server {name} port {s.port} minpoll 4 maxpoll 4"
            for name, s in zip(NAMES, servers))], place).start()
        self.addCleanup(daemon.end)
        daemon.wait("burst over", lambda: daemon.right() and all(
            s["reach"] & 15 == 15 for s in daemon.status()["sources"]), poll_s=1)
        before = daemon.files()
        place.page.set(faults.RANDOM, n=ONCE_IN)
        daemon.wait("faults", lambda: place.page.failed > ENOUGH, poll_s=0.1)
        place.page.mode(faults.COUNT)
        failed, crashed, in_libc = place.page.failed, place.page.crashed, place.page.in_libc
        had = len(daemon.orders())
        daemon.wait("right again", lambda: len(daemon.orders()) > had + 3 and daemon.right(),
                    poll_s=1)
        self.assertTrue(crashed == 0 or in_libc, f"signal {crashed}\n{daemon.log()}")
        daemon.wait("no more open files", lambda: daemon.files() <= before)
        for order in daemon.orders():
            self.assertEqual(order["steps"], 0, order)
            self.assertLess(abs(order["gone_ns"]), 200e6, order)
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(len(daemon.log().splitlines()), 400)
        for server in servers:
            server.stop()
        print(f"{failed} faults in the daemon")
        self.rows.append(("faults.daemon", f"each call fails once in {ONCE_IN}, {ENOUGH} times",
                          "no crash, right afterwards", "synchronized again, no file left open"))


if __name__ == "__main__":
    bed.enter(servers=False)
    passable.open_way()
    unittest.main(verbosity=2)
