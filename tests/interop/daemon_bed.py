# SPDX-License-Identifier: GPL-2.0-or-later
"""Three real servers for the daemon, and a watch over all that it sends them."""
import unittest

import bed
import pki
from capture import Capture, connections, cookies, requests
from daemon import Daemon

NAMES = ["a.test", "b.test", "c.test"]


class Case(unittest.TestCase):
    """With a.test, b.test and c.test: chronyd, NTPsec, chronyd."""
    prompt = False  # whether the engine may be polled as often as a test likes

    @classmethod
    def setUpClass(cls):
        if cls.prompt:
            bed.prompt_engine()
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.hosts = [bed.Host() for _ in NAMES]
        cls.names = {name: host.v4 for name, host in zip(NAMES, cls.hosts)}
        bed.names(cls.names)
        cls.cert = cls.pki.server("server", cls.root, [f"DNS:{name}" for name in NAMES])
        cls.servers = {name: kind(host, cls.cert.chain, cls.cert.key) for name, kind, host in
                       zip(NAMES, (bed.Chronyd, bed.Ntpsec, bed.Chronyd), cls.hosts)}
        cls.used = []

    @classmethod
    def tearDownClass(cls):
        """No cookie twice, over everything that this class did."""
        twice = [c.hex() for c in set(cls.used) if cls.used.count(c) > 1]
        assert cls.used and not twice, f"cookies used twice: {twice}"

    def setUp(self):
        for name, server in self.servers.items():
            if server.process.poll() is not None:  # a test before has failed
                self.restart(name)
        self.capture = Capture()
        self.addCleanup(self.capture.done)
        self.addCleanup(self.look)

    def look(self):
        """The packets since the last look."""
        packets = self.capture.take()
        type(self).used += cookies(packets)
        return packets

    def lines(self, *names, poll="minpoll 4 maxpoll 4"):
        return [f"ca {self.root.cert}", *(f"server {name} {poll}" for name in names or NAMES)]

    def daemon(self, *names, more=(), args=(), **poll):
        daemon = Daemon([*self.lines(*names, **poll), *more], args=args)
        self.addCleanup(daemon.end)
        return daemon

    def synchronized(self, *names, **more):
        """A daemon that all its servers have answered, four times each: its burst is over."""
        daemon = self.daemon(*names, **more)
        daemon.wait_synchronized()
        daemon.wait("four answers each", lambda: all(
            s["reach"] & 15 == 15 for s in daemon.status()["sources"]), poll_s=15)
        return daemon

    def restart(self, name, cert=None, **more):
        """The same server, with the keys of its cookies where it keeps them."""
        old = self.servers[name]
        old.stop()
        cert = cert or self.cert
        self.servers[name] = type(old)(old.host, cert.chain, cert.key, state=old.dir, **more)

    def forget(self, name, cert=None, **more):
        """The same server, which no longer knows its cookies."""
        self.servers[name].forget_keys()
        self.restart(name, cert, **more)

    def exchanged(self, packets):
        """Names of the servers with which keys were exchanged, one for each time."""
        return sorted(name for p in connections(packets) for name, address in self.names.items()
                      if address == p.dst)

    def asked(self, packets):
        return sorted({name for p in requests(packets) for name, address in self.names.items()
                       if address == p.dst})

    def error(self, daemon, name):
        return (daemon.source(name).get("error") or {}).get("stage", "ok")

    def wait_error(self, daemon, name, stage):
        daemon.wait(f"{name}: {stage}", lambda: self.error(daemon, name) == stage, poll_s=1)

    def wait_orders(self, daemon, had=None):
        """The clock goes on being steered, and is synchronized."""
        had = len(daemon.orders()) if had is None else had
        daemon.wait("more orders", lambda: len(daemon.orders()) > had + 1, poll_s=1)
        self.assertTrue(daemon.status()["synchronized"], daemon.shown())

    def assertSteady(self, daemon):
        """Never a step, and never off by more than servers and clock on one machine explain."""
        orders = daemon.orders()
        self.assertTrue(orders, daemon.shown())
        for order in orders:
            self.assertGreaterEqual(order["result"], 0, order)
            self.assertEqual((order["steps"], order["step_ns"]), (0, 0), order)
            self.assertLess(abs(order["offset_ns"]), 20e6, order)
            self.assertLess(abs(order["gone_ns"]), 20e6, order)
