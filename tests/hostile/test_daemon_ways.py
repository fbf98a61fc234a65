# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon with names that lie, and on ways that cut, swallow and come and go."""
import signal
import time

from hostile_bed import bed, storm
from hostile_case import NAMES, Case

import daemon as d
import several
from capture import Capture, requests
from dns import Dns


class Ways(Case):
    # Names

    def truth_comes_back(self, daemon, name_server, servers):
        """On other ports: as after a new configuration."""
        name_server.table = {name: [s.host.v4] for name, s in zip(NAMES, servers)}
        daemon.configure([f"ca {self.root.cert}"] + [
            f"server {name} port {s.port}" for name, s in zip(NAMES, servers)])
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_synchronized()
        self.honest(daemon)

    def test_poisoned_names(self):
        """All names lead to somebody with a good certificate, for another name."""
        evil = self.server(cert=self.pki.server("evil", self.root, ["DNS:evil.test"]))
        servers = self.servers([], [], [], named=False)
        name_server = Dns({name: [evil.host.v4] for name in NAMES})
        self.addCleanup(name_server.stop)
        lines = [f"server {name} port {evil.port}" for name in NAMES[:3]]
        daemon = d.Daemon([f"ca {self.root.cert}", *lines])
        self.addCleanup(daemon.end)
        for name in NAMES[:3]:
            self.wait_stage(daemon, "tls-name", name)
        self.assertEqual((evil.queries, daemon.orders()), ([], []))
        self.assertFalse(storm((evil.exchanges + 2) // 3, 15))
        self.truth_comes_back(daemon, name_server, servers)
        self.passed("a name server that leads all names to one impostor", "tls-name, never asked",
                    "tls-name, 0 queries")

    def test_all_names_at_one_server(self):
        """With a certificate for all of them: it is one voice all the same."""
        server, = self.servers(["ntp"])
        bed.names({name: server.host.v4 for name in NAMES})
        daemon = self.daemon(server, server, server, more=["minsources 2"])
        daemon.wait("four answers each", lambda: daemon.status().get("sources") and all(
            s["reach"] & 15 == 15 for s in daemon.status()["sources"]))
        self.assertFalse(daemon.status()["synchronized"], daemon.shown())
        self.assertEqual([o for o in daemon.orders() if not o["unsync"]], [])
        self.assertEqual(daemon.stop(), 0)
        self.passed("three names at one address, two sources needed", "not synchronized",
                    "not synchronized")

    def test_name_server_talks_nonsense(self):
        server, = self.servers([], named=False)
        name_server = Dns(None)
        self.addCleanup(name_server.stop)
        kinds = [Dns.junk, Dns.junk_behind, Dns.other_number, Dns.circle, Dns.failure, Dns.many]
        name_server.table = lambda dns, query: kinds[dns.asked // 6 % len(kinds)](dns, query)
        daemon = self.daemon(server)
        daemon.wait("all kinds", lambda: name_server.asked > 6 * len(kinds), poll_s=0.5)
        self.assertEqual((server.exchanges, daemon.orders()), (0, []))
        self.assertIn(self.stage(daemon), ("resolve", "connect"), daemon.shown())
        name_server.table = {NAMES[0]: [server.host.v4]}
        daemon.wait("synchronized", lambda: daemon.status()["synchronized"], poll_s=1)
        self.honest(daemon)
        self.passed("a name server that answers in six kinds of nonsense",
                    "resolve or connect, then right", "resolve or connect, then synchronized")

    def test_names_that_lead_nowhere(self):
        server, = self.servers([], named=False)
        for address in ("0.0.0.0", "224.0.1.1", "255.255.255.255", "240.0.0.1", "::", "ff02::101"):
            with self.subTest(address):
                bed.names({NAMES[0]: address})
                daemon = self.daemon(server)
                self.wait_stage(daemon, "connect|resolve")
                self.assertEqual((daemon.orders(), daemon.stop()), ([], 0))
        self.assertEqual(server.exchanges, 0)
        self.passed("names that lead to addresses that are no host's", "connect or resolve",
                    "connect or resolve")

    # Ways

    def test_small_packets_only(self):
        """The way drops what is larger than 576 octets, and says nothing."""
        server, = self.servers(["ke next aead cookie*2 port end"])
        server.host.ip("link", "set", "client", "mtu", "576")
        capture = Capture()
        daemon = self.daemon(server)
        daemon.wait("synchronized", lambda: daemon.status().get("synchronized"), poll_s=1)
        lengths = [len(p.payload) + 28 for p in requests(capture.done(), server.ntp_port)]
        self.assertGreater(lengths[0], 576)
        self.assertTrue(any(n <= 576 for n in lengths), lengths)
        self.assertLessEqual(max(lengths), 1280 + 28)
        self.honest(daemon)
        self.passed("a way that swallows what is over 576 octets", "smaller after the first loss",
                    "first query larger, the next within 576, synchronized")

    def test_ipv6_dead(self):
        """Names have addresses of both families; what goes to those of IPv6 is swallowed."""
        servers = [self.server(listen="::") for _ in NAMES[:3]]
        bed.names({name: [s.host.v6, s.host.v4] for name, s in zip(NAMES, servers)})
        bed.run("ip", "-6", "rule", "add", "pref", 100, "to", "fd77::/16", "blackhole")
        try:
            daemon = self.daemon(*servers)
            daemon.wait_synchronized()
            for name in NAMES[:3]:
                self.wait_stage(daemon, "ok", name)
                self.assertIn(".", daemon.source(name)["ntp_address"])
        finally:
            bed.run("ip", "-6", "rule", "del", "pref", 100)
        self.honest(daemon)
        self.passed("IPv6 that is there and leads nowhere", "synchronized by IPv4",
                    "synchronized by IPv4")

    def test_link_down_and_up(self):
        servers = self.servers([], [], [])
        daemon = self.daemon(*servers)
        daemon.wait_synchronized()
        daemon.wait("burst over", lambda: min(len(s.queries) for s in servers) >= 4)
        for s in servers:
            bed.run("ip", "link", "set", s.host.device, "down")
        cookies = {s["name"]: s["cookies"] for s in daemon.status()["sources"]}
        for name in NAMES[:3]:
            self.wait_stage(daemon, "connect", name)
        for _ in range(20):  # more polls than there are cookies
            daemon.poll()
            time.sleep(0.05)
        for s in servers:
            bed.run("ip", "link", "set", s.host.device, "up")
        had = [len(s.queries) for s in servers]
        for name in NAMES[:3]:
            self.wait_stage(daemon, "ok", name)
        self.assertGreater(min(len(s.queries) - n for s, n in zip(servers, had)), 0)
        self.assertEqual([s.exchanges for s in servers], [1, 1, 1], daemon.log())
        self.assertTrue(all(n >= 7 for n in cookies.values()), cookies)
        self.assertTrue(daemon.status()["synchronized"], daemon.shown())
        self.honest(daemon)
        self.passed("the link goes down for twenty polls and comes back",
                    "no cookie spent, no new keys, right at the next poll",
                    "1 key exchange each, synchronized")

    def test_captive_portal(self):
        """Every name is the portal's until somebody has paid; it speaks HTTP and its own TLS."""
        portal = bed.Host()
        own = self.pki.server("portal", self.pki.root("portal-ca"), ["DNS:portal.test"])
        speaks_tls = self.server(cert=own, host=portal)
        speaks_http = self.server("ke banner=HTTP/1.1-302-Found", host=portal)
        servers = self.servers([], [], named=False)
        name_server = Dns({})
        self.addCleanup(name_server.stop)
        for mine in (speaks_tls, speaks_http):
            name_server.table = {name: [portal.v4] for name in NAMES}
            # Who asks for the servers' ports gets the portal's.
            lines = [f"server {name} port {mine.port} minpoll 4 maxpoll 4" for name in NAMES[:2]]
            daemon = d.Daemon([f"ca {self.root.cert}", *lines])
            self.addCleanup(daemon.end)
            for name in NAMES[:2]:
                self.wait_stage(daemon, "tls-trust|tls-version", name)
            self.assertEqual((mine.queries, daemon.orders()), ([], []))
            self.assertFalse(storm((mine.exchanges + 1) // 2, 15))
            self.truth_comes_back(daemon, name_server, servers)
        self.passed("a portal that answers for everybody, by TLS and by HTTP",
                    "tls-trust, tls-version, then right", "refused, then synchronized")


if __name__ == "__main__":
    several.main(servers=False)
