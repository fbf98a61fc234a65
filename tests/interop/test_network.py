# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a laptop: no network, a network again, another network."""
import re
import time
from pathlib import Path

import bed
from capture import TCP, UDP, requests
import several
from daemon_bed import NAMES, Case

STORM_S = 30
QUIET_S = 20  # longer than the pauses between queries, and before a key exchange is tried again


def switches(pid):
    """How often the process has gone to sleep of its own accord."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.M)[1])


class Network(Case):
    prompt = True

    def links(self, state):
        for host in self.hosts:
            bed.run("ip", "link", "set", host.device, state)

    def wait_resting(self, daemon):
        """Until nothing is planned."""
        def resting():
            sources = daemon.status().get("sources")
            return sources and all(s["next_poll_at"] is None and s["state"] == "waiting"
                                   for s in sources)
        daemon.wait("rest", resting, poll_s=1)

    def assertRests(self, daemon):
        """The engine comes to rest for good; ntsc looks at the clock once a minute in a virtual machine."""
        def quiet():
            before = [switches(p) for p in (daemon.pid, daemon.engine)]
            time.sleep(QUIET_S)
            ntsc, engine = [switches(p) - b for p, b in zip((daemon.pid, daemon.engine), before)]
            return engine == 0 and ntsc <= 1
        # Links that went down may still have something to say.
        self.assertTrue(quiet() or quiet() or quiet(), daemon.shown())

    def test_comes_and_goes(self):
        daemon = self.synchronized()
        self.links("down")
        self.addCleanup(self.links, "up")
        self.wait_resting(daemon)
        self.look()
        self.assertRests(daemon)
        self.assertEqual([str(p) for p in self.look() if p.out and p.proto in (TCP, UDP)], [])
        self.assertIsNone(daemon.status()["fresh_until"], daemon.shown())
        self.links("up")
        daemon.wait_log("the network has come: asking all servers")
        daemon.wait("answers", lambda: all(s["reach"] & 1 for s in daemon.status()["sources"]))
        self.assertSteady(daemon)

    def test_started_without(self):
        self.links("down")
        self.addCleanup(self.links, "up")
        daemon = self.daemon()
        self.wait_resting(daemon)
        self.links("up")
        daemon.wait_synchronized()

    def test_another_address(self):
        """Cookies that were sent from one address are never sent from another."""
        daemon = self.synchronized(*NAMES[:1])
        host = self.hosts[0]
        new = host.client_v4[:-1] + "9"
        self.look()
        bed.run("ip", "addr", "del", f"{host.client_v4}/24", "dev", host.device)
        bed.run("ip", "addr", "add", f"{new}/24", "dev", host.device)
        packets = []

        def asked():
            packets.extend(self.look())
            return [p for p in requests(packets) if p.src == new]
        daemon.wait("a query from the new address", asked)
        first = next(p for p in packets if p.out and p.src == new and p.dst == host.v4)
        self.assertEqual(first.proto, TCP, first)
        self.assertIn("our own address is another now", daemon.log())

    def test_storm(self):
        """Addresses that come and go without end: rounds of queries and looks at the routes stay few."""
        daemon = self.synchronized()
        host = self.hosts[0]
        extra = f"{host.client_v4[:-1]}77/24"
        self.look()
        before, end = switches(daemon.engine), time.monotonic() + STORM_S
        events = 0
        while time.monotonic() < end:
            for what in "add", "del":
                bed.run("ip", "addr", what, extra, "dev", host.device)
                events += 1
        asked = [p for p in self.look() if p.out and p.proto == UDP and p.dst == host.v4]
        woken = switches(daemon.engine) - before
        # Polls every 16 s, two or three rounds of at most four queries; one wakes it with its answers.
        self.assertLessEqual(len(asked), STORM_S // 16 + 2 + 3 * 4, f"{events} events")
        self.assertLess(woken, STORM_S * 2 + 12 * (STORM_S // 16 + 2 + 3 * 4), f"{events} events")
        self.assertLessEqual(len(re.findall("asking all servers", daemon.log())), 2, daemon.log())


if __name__ == "__main__":
    several.main()
