# SPDX-License-Identifier: GPL-2.0-or-later
"""An engine in other hands: ntsc stays up, and the clock moves no further than the limits allow."""
import os
import re
import shutil
import unittest
from pathlib import Path

import bed
import daemon as d

MESSAGES = 100000
STEPS = 3


class Captured(unittest.TestCase):
    def check_before(self, orders):
        """The number of the first order with which it is synchronized."""
        for i, order in enumerate(orders):
            if order["what"] & d.STATUS and not order["status"] & d.UNSYNC:
                return i
        self.fail("no order ever synchronized: nothing was tried")

    def reference(self, orders, i):
        """The frequency with which it was synchronized, or else the first one after that."""
        rates = [o["rate_ppm"] for o in orders[:i + 1] if o["what"] & d.FREQ]
        return rates[-1] if rates else next(o["rate_ppm"] for o in orders if o["what"] & d.FREQ)

    def check_after(self, orders, reference, begin):
        """500 ppm of frequency around the reference, 500 ppm of slew (1 % in the first 10 s), and
        no step."""
        steps = orders[0]["steps"]
        for before, after in zip(orders, orders[1:]):
            slew = 10000 if before["raw_ns"] - begin < 10.1e9 else 500
            fastest = (abs(reference) + 500 + slew + 1) * 1e-6
            self.assertEqual((after["steps"], after["what"] & d.STEP), (steps, 0), after)
            self.assertLessEqual(abs(after["gone_ns"] - before["gone_ns"]),
                                 (after["raw_ns"] - before["raw_ns"]) * fastest + 10, after)
            if after["what"] & d.FREQ:
                self.assertLessEqual(abs(after["rate_ppm"] - reference), 500.001, after)
            if after["what"] & d.SLEW:
                self.assertLessEqual(abs(after["offset_ns"]) / (4 << after["constant"]),
                                     slew * 1000, after)

    def test_random_orders(self):
        # In our own mount namespace only: the stub is what ntsc finds as its engine.
        libexec = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
        mine = bed.tmp / "libexec"
        shutil.copytree(libexec, mine)
        shutil.copy(os.environ["NTSC_ENGINE_STUB"], mine / "ntsc-engine")
        bed.run("mount", "--bind", mine, libexec)
        daemon = d.Daemon([f"step 0.5 {STEPS}", "server 127.0.0.1 port 1"])
        self.addCleanup(daemon.end)
        stub = daemon.state / "stub"
        daemon.wait(f"{MESSAGES} messages", lambda: stub.exists() and
                    int(stub.read_text() or 0) > MESSAGES)
        log = daemon.log()
        for pause in (1, 2, 4):
            self.assertIn(f"the engine ended unexpectedly: a new one starts in {pause} s", log)
        # A line a minute at most, and one at the end of each engine; all are counted.
        self.assertIn("an order to change the clock was refused", log)
        lines = log.count(" refused")
        self.assertLess(lines, 20, log)
        refused = log.count("was refused") + sum(
            int(n) for n in re.findall(r"(\d+) more orders to change the clock were refused", log))
        self.assertGreater(refused, MESSAGES / 10)
        self.assertNotIn("Sanitizer", log)
        self.assertIn(daemon.stop(), (0, ))
        orders = daemon.orders()
        self.assertGreater(len(orders), MESSAGES / 100)
        self.assertEqual(orders[-1]["steps"], STEPS)
        self.assertTrue(all(o["result"] >= 0 for o in orders))
        first = self.check_before(orders)
        self.check_after(orders[first:], self.reference(orders, first), orders[0]["raw_ns"])
        print(f"{stub.read_text().strip()} messages, {refused} orders refused in {lines} lines, "
              f"{len(orders)} orders carried out, "
              f"{orders[-1]['steps']} steps")


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
