# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon among those who forge, lie, refuse and stop it."""
import os
import signal
import time
from pathlib import Path

from hostile_bed import bed, storm
from hostile_case import NAMES, Case

import daemon as d
import several

SPOOFS = 10**6


def received(device):
    """Packets that came in there."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == device:
            return int(numbers.split()[1])
    raise ValueError(device)


class Attacks(Case):
    # Spoofing

    def spoof(self, known_port):
        hold = bed.tmp / f"hold{known_port}"
        server, evil = self.server("ntp none", "ntp none", f"ntp hold={hold} delay=100"), bed.Host()
        bed.names({NAMES[0]: server.host.v4})
        # Replies come in from another side than the server's.
        daemon = self.daemon(server)
        asked = Path(f"{hold}.asked")
        daemon.wait("the third query", lambda: asked.exists() and asked.read_text())
        self.assertEqual(daemon.orders(), [])
        before = received(evil.device)
        sent = bed.run("nsenter", f"--net={evil.ns}", os.environ["NTSC_SPOOF"], SPOOFS,
                       server.host.v4, server.ntp_port, evil.client_v4,
                       *([asked.read_text()] if known_port else []), capture_output=True, text=True)
        self.assertEqual(int(sent.stdout), SPOOFS, sent)
        self.assertGreaterEqual(received(evil.device) - before, SPOOFS)
        self.assertEqual((daemon.orders(), daemon.source(NAMES[0])["reach"]), ([], 0))
        hold.touch()
        daemon.wait_synchronized()
        # No NAK was believed; eight polls without an answer would be another reason.
        self.assertNotIn(": nak: ", daemon.log())
        self.assertLessEqual(server.exchanges, 2)
        self.honest(daemon)
        self.passed(f"{SPOOFS} forged replies before the true one, " +
                    ("to the right port" if known_port else "to ports as a client has them"),
                    "none is taken, the true one is, no NAK is believed",
                    f"{SPOOFS} sent, synchronized by the true one")

    def test_spoofed_replies(self):
        self.spoof(False)

    def test_spoofed_replies_to_the_port(self):
        self.spoof(True)

    # Cookies and keys

    def test_forged_nak(self):
        """One NAK: the next poll, with an old cookie, is answered, and no keys are exchanged."""
        server, = self.servers(["ntp", "ntp nak uid", "ntp"])
        daemon = self.daemon(server)
        daemon.wait_log(f"{NAMES[0]}: nak: ")
        daemon.wait("old cookies", lambda: len(server.queries) >= 4 and
                    daemon.source(NAMES[0])["reach"] & 3 == 3, poll_s=1)
        self.assertEqual(server.exchanges, 1)
        daemon.wait_synchronized()
        self.honest(daemon)
        self.passed("one forged NAK", "the next poll is answered, no new keys",
                    "1 key exchange, synchronized")

    def test_forged_naks_while_keys_cannot_be_had(self):
        begin = time.monotonic()
        server, = self.servers(["ke", "ke reset=accept", "ntp"] + ["ntp nak uid"] * 4 + ["ntp"])
        daemon = self.daemon(server)
        daemon.wait("keys wanted", lambda: server.exchanges >= 2, poll_s=1)
        daemon.wait("old cookies", lambda: len(server.queries) >= 7 and
                    daemon.source(NAMES[0])["reach"] & 1 == 1, poll_s=1)
        daemon.wait_synchronized()
        # Each failed one connects twice: a server may have closed the first by mistake.
        self.assertFalse(storm(1 + server.exchanges // 2, time.monotonic() - begin))
        self.honest(daemon)
        self.passed("four forged NAKs, and no new keys to be had", "old cookies go on",
                    "synchronized by old cookies")

    def test_cookies_run_out_while_keys_cannot_be_had(self):
        begin = time.monotonic()
        server, = self.servers(["ke", "ke reset=accept", "ke reset=accept", "ke"] +
                               ["ntp in.cookies=0"] * 8 + ["ntp"])
        daemon = self.daemon(server)
        daemon.wait("keys wanted", lambda: server.exchanges >= 3, poll_s=1)
        self.assertEqual(len(server.queries), 8)
        daemon.wait("keys again", lambda: len(server.queries) > 8, poll_s=1)
        # The two connections that are reset may be one try: its address is tried again.
        self.assertFalse(storm(server.exchanges - 2, time.monotonic() - begin))
        self.wait_stage(daemon, "ok")
        self.honest(daemon)
        self.passed("no new cookies, and key establishment out of order for two tries",
                    "each cookie once, tries with pauses, then new keys",
                    "8 queries with 8 cookies, then new keys")

    # Liars

    def test_minority_lies(self):
        servers = self.servers(["ntp"], ["ntp"], ["ntp offset=1000"], ["ntp"])
        daemon = self.daemon(*servers)
        daemon.wait("found", lambda: daemon.source(NAMES[2]).get("selected") == "falseticker")
        daemon.wait_synchronized()
        self.assertEqual(daemon.status()["agreeing"], 3)
        self.honest(daemon)
        self.passed("one of four is off by 1,000 s", "falseticker, synchronized with the others",
                    "falseticker, 3 agree")

    def test_liars_disagree(self):
        servers = self.servers(["ntp offset=1000"], ["ntp offset=-50"], ["ntp offset=7"], ["ntp"])
        daemon = self.daemon(*servers)
        daemon.wait("four answers each", lambda: daemon.status().get("sources") and all(
            s["reach"] & 15 == 15 for s in daemon.status()["sources"]))
        self.assertFalse(daemon.status()["synchronized"], daemon.shown())
        self.assertEqual([o for o in daemon.orders() if not o["unsync"]], [])
        self.assertEqual([o["steps"] for o in daemon.orders() if o["steps"]], [])
        self.assertEqual(daemon.stop(), 0)
        self.passed("three of four lie, each in another way", "no order, not synchronized",
                    "not synchronized, no step")

    def test_majority_begins_to_lie(self):
        """Nobody can tell then who lies; but what the limits allow is all that they get."""
        lie = ["ntp"] * 4 + ["ntp offset=1000"]
        servers = self.servers(lie, lie, lie, ["ntp"])
        daemon = self.daemon(*servers)
        daemon.wait_synchronized()
        daemon.wait("the lie", lambda: any(
            abs(s["offset_s"] or 0) > 900 for s in daemon.status()["sources"]), poll_s=1)
        begin = len(daemon.orders())
        daemon.wait("polls", lambda: min(len(s.queries) for s in servers) >= 9, poll_s=1)
        for order in daemon.orders()[begin:]:
            self.assertEqual(order["steps"], 0, order)
        self.honest(daemon)
        self.passed("three of four begin to lie by 1,000 s when trusted", "never a step",
                    "no step, clock within 0.2 s")

    def test_rate_is_bounded(self):
        server, = self.servers(["ntp kiss=RATE times=50"])
        daemon = self.daemon(server, poll="minpoll 4 maxpoll 6")
        daemon.wait("polls", lambda: len(server.queries) >= 6, poll_s=1)
        self.assertLessEqual(daemon.source(NAMES[0])["poll_log2s"], 6, daemon.shown())
        self.assertEqual((self.stage(daemon), server.exchanges), ("kiss", 1))
        self.assertEqual(daemon.stop(), 0)
        self.passed("RATE, authenticated, in every answer", "asked less often, up to maxpoll",
                    "kiss, poll within maxpoll")

    # Stalls

    def stalled(self, stop):
        """A query whose answer waits while stop(daemon) has stopped somebody; he goes on later."""
        hold = bed.tmp / f"stall-{self.id()}"
        server, = self.servers(["ntp", "ntp", f"ntp hold={hold}", "ntp"])
        daemon = self.daemon(server)
        asked = Path(f"{hold}.asked")
        daemon.wait("the query", lambda: asked.exists(), poll_s=1)
        stopped = stop(daemon)
        os.kill(stopped, signal.SIGSTOP)
        hold.touch()
        time.sleep(1)  # the stall itself; nothing is decided by how long it is
        os.kill(stopped, signal.SIGCONT)
        had = len(daemon.orders())
        daemon.wait("more orders", lambda: len(daemon.orders()) > had + 2, poll_s=1)
        for order in daemon.orders():
            self.assertLessEqual(abs(order["offset_ns"]), 1500 * order["maxerror_us"], order)
        daemon.wait("synchronized", lambda: daemon.status()["synchronized"], poll_s=1)
        self.honest(daemon)
        self.passed("stopped for a second while an answer waits", "dropped, or within the bound",
                    "offsets within the bound, synchronized")

    def test_engine_stopped(self):
        self.stalled(lambda daemon: daemon.engine)

    def test_clock_process_stopped(self):
        self.stalled(lambda daemon: daemon.pid)

    def test_key_exchange_stopped(self):
        server, other = self.servers(["ke stall=accept", "ke"], [])
        daemon = self.daemon(server, other)
        daemon.wait("the other one", lambda: daemon.source(NAMES[1]).get("reach"))
        found = []

        def begun():
            found[:] = d.children(daemon.pid, "ntsc-ke")
            return found and server.exchanges
        daemon.wait("a key exchange", begun, poll_s=1)
        pid, had = found[0], len(other.queries)
        os.kill(pid, signal.SIGSTOP)
        daemon.wait("the other one goes on", lambda: len(other.queries) > had + 1, poll_s=1)
        self.wait_stage(daemon, "ok", NAMES[1])
        os.kill(pid, signal.SIGCONT)
        self.assertEqual(daemon.stop(), 0)
        bed.wait_until("it ends as well", lambda: d.gone(pid))
        self.passed("a key exchange is stopped", "the others go on, and all end together",
                    "the other answers")


if __name__ == "__main__":
    several.main(servers=False)
