# SPDX-License-Identifier: GPL-2.0-or-later
"""Interleaved mode (RFC 9769) with chronyd, which has it, and NTPsec, which has not."""
import struct
import unittest

import bed
from capture import UDP, requests
from daemon_bed import Case


def stamps(payload):
    """Origin, receive and transmit timestamp."""
    return struct.unpack("!3Q", payload[24:48])


class Interleaved(Case):
    def answers(self, packets, name):
        """(stamps of the request, stamps of its answer), in order; by the query's port."""
        asked, pairs = {}, []
        for p in packets:
            if p.proto != UDP or len(p.payload) < 48:
                continue
            if p.out and p.dst == self.names[name]:
                asked[p.sport] = stamps(p.payload)
            elif not p.out and p.src == self.names[name] and p.dport in asked:
                pairs.append((asked.pop(p.dport), stamps(p.payload)))
        return pairs

    def check(self, pairs, has):
        """Returns how many answers told of the exchange before, as `has` says whether they may."""
        run, found, before = 0, 0, None
        for (origin, receive, transmit), answer in pairs:
            run = run + 1 if origin else 0  # after a change of the network it begins anew
            self.assertEqual(origin, before[1] if run else 0)
            # chronyd begins to keep its stamps with the first request that asks for the mode.
            if has and run >= 2:
                self.assertEqual(answer[0], receive)
                self.assertTrue(before[1] < answer[2] < before[1] + (1 << 32), "within a second")
                found += 1
            else:
                self.assertEqual(answer[0], transmit)
            before = answer
        return found

    def test_side_by_side(self):
        daemon = self.daemon("a.test", "b.test", "c.test", poll="minpoll 4 maxpoll 4 xleave")
        daemon.wait_synchronized()
        packets = []

        def enough():
            packets.extend(self.look())
            return self.check(self.answers(packets, "a.test"), True) >= 4 and \
                len(self.answers(packets, "b.test")) >= 6
        daemon.wait("four interleaved answers", enough, poll_s=16)
        self.assertEqual(self.check(self.answers(packets, "b.test"), False), 0)
        daemon.wait("reach", lambda: all(s["reach"] & 63 == 63 for s in daemon.status()["sources"]),
                    poll_s=16)
        daemon.wait("agreement", lambda: daemon.status()["agreeing"] == 3)
        self.assertSteady(daemon)

    def test_off(self):
        """Without the word nothing but the transmit timestamp is sent."""
        daemon = self.daemon("a.test")
        daemon.wait_synchronized()
        packets = self.look()
        self.assertTrue(requests(packets))
        self.assertEqual({stamps(p.payload)[:2] for p in requests(packets)}, {(0, 0)})


if __name__ == "__main__":
    bed.enter()
    bed.unwatched()  # its rules are those of basic mode: all but one timestamp is zero
    unittest.main(verbosity=2)
