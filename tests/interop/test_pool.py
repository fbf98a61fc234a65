# SPDX-License-Identifier: GPL-2.0-or-later
"""Pools: servers by service records, and by the answers of a key-establishment server that names
another NTP server each time. They differ, and a pool that is small is none the worse."""
import os
import shutil
import socket
import threading
import unittest
from pathlib import Path

import bed
import client
import pki
from daemon import Daemon
from dns_server import Answers

NAMES = ["a.test", "b.test", "c.test", "d.test"]
LIBEXEC = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
SERVICE = "_ntske._tcp.pool.test"


class Relay:
    """A pool's key establishment: each connection goes on to the next of the servers, which all
    have the pool's certificate and name themselves as NTP servers."""

    def __init__(self, address, servers):
        self.servers, self.asked = servers, 0
        self.socket = socket.create_server((address, 4460))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            there = socket.create_connection((self.servers[self.asked % len(self.servers)], 4460))
            self.asked += 1
            threading.Thread(target=self._both, args=(peer, there), daemon=True).start()

    def _both(self, peer, there):
        with peer, there:
            back = threading.Thread(target=self._copy, args=(there, peer))
            back.start()
            self._copy(peer, there)
            back.join()

    @staticmethod
    def _copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Pool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.hosts = [bed.Host() for _ in NAMES]
        bed.names({name: host.v4 for name, host in zip(NAMES, cls.hosts)})
        bed.resolver("127.0.0.1")
        cls.servers = []
        for name, host in zip(NAMES, cls.hosts):
            cert = cls.pki.server(name, cls.root, [f"DNS:{name}", "DNS:pool.test"])
            cls.servers.append(bed.Chronyd(host, cert.chain, cert.key, ntp_server=host.v4))
        cls.v4 = [host.v4 for host in cls.hosts]
        cls.conf = bed.tmp / "conf"

    def dns(self, services, **more):
        answers = Answers("127.0.0.1", {SERVICE: services, **more})
        self.addCleanup(answers.close)
        return answers

    def relay(self, *servers):
        relay = Relay("127.0.0.5", servers)
        self.addCleanup(relay.close)
        answers = Answers("127.0.0.1", {"pool.test": ["127.0.0.5"]})
        self.addCleanup(answers.close)
        return relay

    def ask(self, line):
        self.conf.write_text(f"ca {self.root.cert}\n{line}\n")
        return client.run("-qj", "--no-state", conf=self.conf)

    def assertServers(self, run, wanted, missing=0):
        """Those addresses answered, and the rest of the pool is not there."""
        results = run.json["results"]
        self.assertEqual(sorted(r["ntp_address"] for r in results if r["offset_s"] is not None),
                         sorted(wanted), run)
        none = [r for r in results if r["offset_s"] is None]
        self.assertEqual(len(none), missing, run)
        for r in none:
            self.assertIn("the pool gave no server", r["error"])
        self.assertEqual(run.status, 0, run)

    def test_services(self):
        self.dns([(0, 1, 4460, name) for name in NAMES])
        run = self.ask("pool pool.test")
        self.assertServers(run, self.v4)
        self.assertEqual([r["name"] for r in run.json["results"]],
                         [f"pool.test#{i}" for i in range(1, 5)])

    def test_lower_priority_first(self):
        self.dns([(i, 1, 4460, name) for i, name in enumerate(NAMES)])
        self.assertServers(self.ask("pool pool.test 2"), self.v4[:2])

    def test_weights(self):
        """What weighs nothing beside much is not drawn (one time in 10^7)."""
        self.dns([(0, 65535, 4460, "a.test"), (0, 0, 4460, "b.test")])
        self.assertServers(self.ask("pool pool.test 1"), self.v4[:1])

    def test_refusing_ones(self):
        """Nobody listens; no such name; a certificate for others; a port that is closed to us."""
        other = bed.Host()
        cert = self.pki.server("other", self.root, ["DNS:other.test"])
        bed.Chronyd(other, cert.chain, cert.key)
        self.dns([(0, 1, 4460, "dead.test"), (0, 1, 4460, "none.test"), (0, 1, 4460, "e.test"),
                  (0, 1, 4461, "d.test"), (1, 1, 4460, "a.test"), (1, 1, 4460, "b.test")],
                 **{"dead.test": ["127.0.0.9"], "e.test": [other.v4]})
        self.assertServers(self.ask("pool pool.test 2"), self.v4[:2])

    def test_port_of_the_line(self):
        """Of the records those with its port as well."""
        more = bed.Host()
        cert = self.pki.server("more", self.root, ["DNS:more.test"])
        bed.Chronyd(more, cert.chain, cert.key, ke_port=4461)
        self.dns([(0, 1, 4461, "more.test"), (0, 1, 4460, "a.test")], **{"more.test": [more.v4]})
        self.assertServers(self.ask("pool pool.test 2 port 4461"), [more.v4, self.v4[0]])

    def test_small(self):
        self.dns([(0, 1, 4460, name) for name in NAMES[:2]])
        self.assertServers(self.ask("pool pool.test"), self.v4[:2], missing=2)

    def test_two_names_at_one_address(self):
        self.dns([(0, 1, 4460, "a.test"), (0, 1, 4460, "pool.test"), (0, 1, 4460, "b.test")],
                 **{"pool.test": [self.v4[0]]})
        self.assertServers(self.ask("pool pool.test 3"), self.v4[:2], missing=1)

    def test_named_by_the_pool(self):
        relay = self.relay(*self.v4)
        self.assertServers(self.ask("pool pool.test"), self.v4)
        self.assertEqual(relay.asked, 4)

    def test_named_again(self):
        """A pool that names some twice is asked until it names another."""
        self.relay(self.v4[0], self.v4[0], self.v4[1], self.v4[0], self.v4[1], self.v4[2])
        self.assertServers(self.ask("pool pool.test 3"), self.v4[:3])

    def test_no_pool(self):
        """A server that is its own NTP server is one, however often it is wished."""
        self.dns(3, **{"pool.test": [self.v4[3]]})  # no such service
        self.assertServers(self.ask("pool pool.test 3"), self.v4[3:], missing=2)

    def test_beside_servers(self):
        self.dns([(0, 1, 4460, name) for name in NAMES[:3]])
        self.assertServers(self.ask("pool pool.test 3 group p\nserver d.test"), self.v4)

    def test_daemon(self):
        self.dns([(0, 1, 4460, name) for name in NAMES])
        lines = [f"ca {self.root.cert}", "pool pool.test minpoll 4 maxpoll 4"]
        daemon = Daemon(lines)
        self.addCleanup(daemon.end)
        daemon.wait_synchronized()

        def answered():
            return {s["name"]: s["ntp_address"] for s in daemon.status()["sources"] if s["reach"]}
        daemon.wait("four", lambda: len(answered()) == 4)
        self.assertEqual(sorted(answered().values()), sorted(self.v4))
        daemon.wait("agreement", lambda: daemon.status()["agreeing"] == 4)

    def test_replaced(self):
        """One that gives no time for a day, which here is 40 seconds, gives way to another."""
        mine = bed.tmp / "libexec"
        shutil.copytree(LIBEXEC, mine)
        shutil.copy(os.environ["NTSC_IMPATIENT_ENGINE"], mine / "ntsc-engine")
        bed.run("mount", "--bind", mine, LIBEXEC)
        self.addCleanup(bed.run, "umount", "-l", LIBEXEC)
        last = bed.Host()
        cert = self.pki.server("last", self.root, ["DNS:last.test"])
        server = bed.Chronyd(last, cert.chain, cert.key)
        self.dns([(0, 1, 4460, "last.test"), (1, 1, 4460, "a.test"), (2, 1, 4460, "b.test")],
                 **{"last.test": [last.v4]})
        daemon = Daemon([f"ca {self.root.cert}", "pool pool.test 2 minpoll 4 maxpoll 4"])
        self.addCleanup(daemon.end)

        def now():
            return sorted(s["ntp_address"] for s in daemon.status().get("sources", [])
                          if s["reach"] & 1)
        daemon.wait("both", lambda: now() == sorted([last.v4, self.v4[0]]), poll_s=4)
        server.stop()
        daemon.wait_log("another server of the pool takes its place")
        daemon.wait("another", lambda: now() == sorted(self.v4[:2]), poll_s=4)


if __name__ == "__main__":
    bed.enter()
    bed.unwatched()  # for the watch whatever is UDP is NTP, and here is DNS
    unittest.main(verbosity=2)
