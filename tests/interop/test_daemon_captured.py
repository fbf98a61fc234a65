# SPDX-License-Identifier: GPL-2.0-or-later
"""An engine in other hands: ntsc stays up, and the clock moves no further than the limits allow."""
import os
import re
import shutil
import tempfile
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

    def put(self, **programs):
        """In our own mount namespace only: stubs are what ntsc finds as its programs."""
        libexec = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
        mine = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="libexec-"))
        shutil.copytree(libexec, mine, dirs_exist_ok=True)
        mine.chmod(0o755)
        for name, stub in programs.items():
            shutil.copy(stub, mine / f"ntsc-{name}")
        bed.run("mount", "--bind", mine, libexec)
        self.addCleanup(bed.run, "umount", "--lazy", libexec)

    def test_without_end(self):
        """Both children ask, log and lie as fast as they can: ntsc does little of it."""
        stubs = Path(os.environ["NTSC_ENGINE_STUB"]).parent
        self.put(engine=stubs / "engine_bomb", ke=stubs / "ke_bomb")
        daemon = d.Daemon(["server 127.0.0.1 port 1"])
        daemon.trespasses = True
        self.addCleanup(daemon.end)
        seen, most = set(), 0

        def bombed():
            nonlocal most
            running = d.children(daemon.pid, "ntsc-ke")
            seen.update(running)
            most = max(most, len(running))
            return (daemon.state / "bombed").exists()
        daemon.wait("100000 messages of the engine", bombed)
        # Whoever does not end is ended: a second after it was started, and five of grace.
        first = set(seen)
        self.assertTrue(first)

        def ended():
            bombed()
            return all(d.gone(pid) for pid in first)
        daemon.wait("the end of every key exchange so far", ended)
        log = daemon.log()
        self.assertLessEqual(most, 1, "key exchanges with one server at once")
        self.assertLessEqual(len(seen), 8, "key exchanges in half a minute at most")
        self.assertLess(len(log.splitlines()), 450)
        self.assertIn("\\x1b[2Jntsc: synchronized", log)
        self.assertNotIn("\033", log)
        for line in log.splitlines():
            self.assertNotRegex(line, "ntsc was ended|ntsc, the process", log)
        self.assertNotIn("Sanitizer", log)
        self.assertIn(daemon.stop(), (0, ))
        print(f"{len(seen)} key exchanges, {most} at once, {len(log.splitlines())} lines")

    def test_files_without_end(self):
        """No limit of the kernel counts an engine's files: ntsc does, and ends it."""
        self.put(engine=Path(os.environ["NTSC_ENGINE_STUB"]).parent / "engine_files")
        daemon = d.Daemon(["server 127.0.0.1 port 1"])
        daemon.trespasses = True
        self.addCleanup(daemon.end)

        def made():
            return {pid for place in ("state", "state/cookies", "run")
                    for name in os.listdir(daemon.dir / place)
                    for pid in re.findall(r"junk(\d+)\.", name)}

        def files(pid):
            return sum(name.startswith(f"junk{pid}.") for place in ("state", "state/cookies", "run")
                       for name in os.listdir(daemon.dir / place))
        daemon.wait_log("the engine has made more files in its directories than it needs", 2)
        daemon.wait_log("the engine ended unexpectedly", 2)
        counts = [files(pid) for pid in made()]
        # Not ended for less than an honest one may need; and what it had made was not more than
        # its pace in the time that ntsc needs to look.
        self.assertTrue(all(n > 144 for n in sorted(counts)[-2:]), counts)
        self.assertIn(daemon.stop(), (0, ))
        print(f"{sorted(counts)} files of an engine each, of at most 144")

    def test_answers_without_end(self):
        """The real engine, whose key exchanges are all in other hands, goes on and believes nothing."""
        self.put(ke=Path(os.environ["NTSC_ENGINE_STUB"]).parent / "ke_flood")
        names = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        daemon = d.Daemon([f"server {name} port 1" for name in names])
        self.addCleanup(daemon.end)
        daemon.wait("an engine", lambda: daemon.engine)
        engine = daemon.engine
        daemon.wait_log("a helper process died of signal 4", len(names))
        daemon.wait("an error of each", lambda: all(
            (daemon.source(name).get("error") or {}).get("stage") == "local" for name in names))
        self.assertEqual(daemon.engine, engine)
        self.assertFalse(daemon.status()["synchronized"])
        self.assertNotIn("Sanitizer", daemon.log())
        self.assertIn(daemon.stop(), (0, ))
        self.assertEqual(daemon.orders(), [])

    def test_random_orders(self):
        self.put(engine=os.environ["NTSC_ENGINE_STUB"])
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
