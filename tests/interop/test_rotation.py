# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers rotate the keys of their cookies (RFC 8915 section 6): what a client holds stays good for a
while, and what it gets is made with the new key. Every server that can be had does so to one daemon,
which exchanges no keys for it, and goes on when all that it holds has grown too old."""
import time
import unittest

import bed
import client
from capture import Capture, connections, cookies, requests
from daemon import Daemon
from implementations import Case, look

ROTATE_S = 10  # chronyd and ntpd-rs keep a key for at least two times as long
SHORT_S = 1
TIMES = 2
MOST_KEPT = 10  # NTPsec; ntpd-rs 8, chronyd 4
FAR_S = 200     # how long that may take; nothing is judged by it


class Rotation(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bed.prompt_engine()

    def start(self, name, **more):
        host = bed.Host()
        cert = self.pki.server(f"server{host.number}", self.root, [f"IP:{host.v4}"])

        def begin(state=None):
            return self.known[name](host, cert.chain, cert.key, state=state, **more)
        server = begin()
        return host, server, begin

    def follow(self, packets, hosts, seen):
        """Of each host's queries in order: key exchanges begun, and the numbers of the keys that the
        cookies were made with, which all three write before the rest."""
        for p in packets:
            name = hosts.get(p.dst)
            if name and connections([p]):
                seen[name].append("exchange")
            elif name and requests([p]):
                seen[name] += [cookie[:4] for cookie in cookies([p])]

    @staticmethod
    def rotations(events):
        """How often the key changed without an exchange before."""
        count, last = 0, None
        for event in events:
            count += "exchange" not in (event, last) and last is not None and event != last
            last = event
        return count

    def test_in_the_daemon(self):
        """All of them side by side, polled now and then as their keys change."""
        servers, hosts = {}, {}
        for name in self.known:
            more = {} if name.startswith("NTPsec") else {"rotate_s": ROTATE_S}
            host, server, begin = self.start(name, **more)
            servers[name], hosts[host.v4] = [server, begin], name
        capture = Capture()
        self.addCleanup(capture.done)
        daemon = Daemon([f"ca {self.root.cert}",
                         *(f"server {address} minpoll 4 maxpoll 4" for address in hosts)])
        self.addCleanup(daemon.end)
        daemon.wait("all agree", lambda: daemon.status().get("agreeing") == len(hosts), poll_s=1)
        seen = {name: [] for name in hosts.values()}

        def rotated(names, times):
            self.follow(capture.take(), hosts, seen)
            return all(self.rotations(seen[name]) >= times for name in names)
        at_rest = [name for name in self.known if name.startswith("NTPsec")]
        for times in range(1, TIMES + 1):
            for name in at_rest:
                server, begin = servers[name]
                server.rotate_keys()
                servers[name][0] = begin(state=server.dir)
            daemon.wait(f"rotation {times}", lambda: rotated(hosts.values(), times), poll_s=1)
            self.assertTrue(daemon.status()["synchronized"], daemon.shown())
        daemon.wait("all agree", lambda: daemon.status().get("agreeing") == len(hosts), poll_s=1)
        self.assertNotIn("coasting", daemon.log())
        self.assertEqual(daemon.stop(), 0, daemon.log())
        for name in hosts.values():
            self.row(name, "keys rotated under the daemon",
                     f"{TIMES} times and more; {seen[name].count('exchange')} key exchange(s)")
            # One at the start; another only where the server said so, being too late on a busy host.
            address = next(a for a, n in hosts.items() if n == name)
            self.assertLessEqual(seen[name].count("exchange"),
                                 1 + daemon.log().count(f"{address}: nak: "), daemon.log())

    def test_too_old(self):
        """Nobody asks while keys come and go until the server no longer knows any of the cookies:
        there are new ones within the run that finds out."""
        for name in self.known:
            with self.subTest(name):
                at_rest = name.startswith("NTPsec")
                host, server, begin = self.start(name, **{} if at_rest else {"rotate_s": SHORT_S})
                conf = client.state()
                self.assertTrue(self.ask(host, conf).result["key_exchange"])
                if at_rest:
                    for _ in range(MOST_KEPT + 1):
                        server.rotate_keys()
                    server = begin(state=server.dir)
                else:
                    self.come_and_go(host)
                done = self.ask(host, conf)
                self.assertTrue(done.result["key_exchange"], done)
                server.stop()
                self.row(name, "keys rotated until no cookie is good", "keys anew in the same run")

    def ask(self, host, conf=None):
        done = client.run("-q", "-j", "--ca", self.root.cert, host.v4, conf=conf)
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
        self.assertLessEqual(abs(done.result["offset_s"]), done.result["bound_s"], done)
        return done

    def come_and_go(self, host):
        """Others who ask for keys see more of them than the server keeps."""
        seen, end = set(), time.monotonic() + FAR_S
        while len(seen) <= MOST_KEPT:
            self.assertLess(time.monotonic(), end)
            seen |= {cookie[:4] for cookie in cookies(self.ask(host).packets)}


if __name__ == "__main__":
    if not bed.inside():
        look()
    bed.enter()
    unittest.main(verbosity=2)
