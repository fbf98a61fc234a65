# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals without end, and the released engine."""
import time
import unittest

import bed
from capture import requests
from daemon_bed import NAMES, Case

FLOOD_S = 8
POLL_BURST = 4  # queries of a round, common/clock/poll.h
ROUND_S = 16    # PILOT_ROUND_NS
SELDOM = "minpoll 12 maxpoll 12"  # more than an hour: who polls earlier was told to


class Signals(Case):
    def test_flood(self):
        """A loop of signals is a round of queries in 16 s, and one more when that time is over."""
        daemon = self.daemon(poll=SELDOM)
        daemon.wait_synchronized()
        daemon.wait("all answer", lambda: all(s["reach"] & 1 for s in daemon.status()["sources"]))
        self.look()
        signals, begin = 0, time.monotonic()
        while time.monotonic() - begin < FLOOD_S:
            daemon.poll()
            signals += 1
            time.sleep(0.005)
        packets = self.look()
        # What is left of the first queries, and the rounds.
        rounds = 2 + (time.monotonic() - begin) // ROUND_S
        for name in NAMES:
            asked = [p for p in requests(packets) if p.dst == self.names[name]]
            self.assertLessEqual(len(asked), rounds * POLL_BURST,
                                 f"{name}, {signals} signals: {daemon.shown()}")
        daemon.poll()
        daemon.wait("what was left over", lambda: self.asked(self.look()))


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
