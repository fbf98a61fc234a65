# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's processes, signals and files: what is killed, read again, stored and taken up."""
import os
import re
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

import bed
import client
import daemon as d
from capture import SYN, UDP, requests
from daemon_bed import NAMES, Case
from tls_servers import PlainServer

SELDOM = "minpoll 12 maxpoll 12"  # more than an hour: who polls earlier was told to


class Processes(Case):
    prompt = True

    def reload(self, daemon, *lines):
        daemon.configure(lines)
        daemon.process.send_signal(signal.SIGHUP)

    def wait_asked(self, daemon, names):
        asked = set()

        def all_asked():
            asked.update(self.asked(self.look()))
            return asked >= set(names)
        # Only the signal makes it ask: a signal that meets a query under way is given again.
        daemon.wait(f"{names} are asked", all_asked, poll_s=5)

    def silent(self):
        """The name of a server that begins a key exchange and then says nothing."""
        host = bed.Host()
        PlainServer(host, 4460)
        bed.names({**self.names, "silent.test": host.v4})
        self.addCleanup(bed.names, self.names)
        return "silent.test"

    def test_poll_now(self):
        daemon = self.synchronized(poll=SELDOM)
        self.look()
        daemon.poll()
        self.wait_asked(daemon, NAMES)

    def test_last_day(self):
        """A line of the history is there from the start, readable by everybody and by the scripts,
        and stays when the daemon ends."""
        daemon = self.synchronized()
        history = daemon.run / "history"
        daemon.wait("history", lambda: history.read_bytes().strip(b"\0"))
        self.assertEqual(history.stat().st_mode & 0o777, 0o644)
        show = [daemon.program, "-i", "--plot", "--runtime-dir", daemon.run]
        for ended in (False, True):
            shown = subprocess.run(show, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                   env={**os.environ, "LC_ALL": "C"}, check=False)
            self.assertEqual(shown.returncode, 3 if ended else 0, shown)
            self.assertRegex(shown.stdout, r"(?m)^ +0\|\.+[*.]")
            self.assertRegex(shown.stdout, r"(?m)^ +\|.*\*$\n +0\+-+")
            self.assertEqual("torn" in shown.stderr, False, shown)
            if not ended:
                self.assertEqual(daemon.stop(), 0)
        if shutil.which("gnuplot"):
            picture = daemon.dir / "day.svg"
            subprocess.run([Path(__file__).parents[2] / "scripts/plot-trace", history, picture],
                           stdin=subprocess.DEVNULL, check=True)
            self.assertIn("<svg", picture.read_text())

    def test_bad_configuration(self):
        daemon = self.synchronized(poll=SELDOM)
        self.reload(daemon, *self.lines(*NAMES[:2]), "sevrer x.test")
        daemon.wait_log("the configuration stays as it was")
        self.assertRegex(daemon.log(), r"conf:6:1: .*sevrer")
        self.look()
        daemon.poll()
        self.wait_asked(daemon, NAMES)
        self.assertEqual(daemon.status()["servers"], 3, daemon.shown())

    def test_good_configuration(self):
        """Who stays keeps cookies and samples; who comes is asked, who goes no longer."""
        daemon = self.synchronized(*NAMES[:2], poll=SELDOM)
        self.assertEqual(self.exchanged(self.look()), NAMES[:2])
        self.reload(daemon, *self.lines("b.test", "c.test", poll=SELDOM))
        daemon.wait_log("c.test: answers from")
        daemon.wait_log("a.test: no longer asked")
        daemon.wait("a status of it", lambda: daemon.status()["agreeing"] == 2)
        self.assertEqual([s["name"] for s in daemon.status()["sources"]], ["b.test", "c.test"])
        daemon.poll()
        packets = self.look()
        self.assertEqual(self.exchanged(packets), ["c.test"])
        self.wait_asked(daemon, ["b.test"])
        self.assertNotIn("a.test", self.asked(packets))
        self.assertEqual(daemon.log().count("b.test: answers from"), 1, daemon.log())
        self.assertSteady(daemon)

    def test_configuration_during_key_exchange(self):
        """Read again and again while a server lets a key exchange hang: numbers are not mixed."""
        silent = self.silent()
        daemon = self.daemon(silent, *NAMES, poll=SELDOM)
        daemon.wait("the key exchange", lambda: d.children(daemon.pid, "ntsc-ke"))
        daemon.wait_synchronized()
        for count, order in enumerate((("c.test", silent, "b.test"), ("b.test", "a.test", silent),
                                       (silent, "a.test", "b.test")), 1):
            self.reload(daemon, *self.lines(*order, poll=SELDOM))
            daemon.wait_log("configuration read again", count)
            daemon.wait("the new servers", lambda: order == tuple(
                s["name"] for s in daemon.status().get("sources", [])))
            daemon.wait("all others answer", lambda: all(
                s["error"] is None and s["reach"] > 0 for s in daemon.status()["sources"]
                if s["name"] != silent), poll_s=1)
        self.assertEqual([s["ntp_address"] for s in daemon.status()["sources"]],
                         [None, self.names["a.test"], self.names["b.test"]], daemon.shown())
        self.assertNotIn("ended unexpectedly", daemon.log())

    def test_engine_killed(self):
        daemon = self.synchronized()
        first = daemon.engine
        self.look()
        bed.run("kill", "-KILL", first)
        daemon.wait_log("the engine ended unexpectedly: a new one starts in 1 s")
        daemon.wait("a new engine", lambda: daemon.engine not in (0, first))
        had = len(daemon.orders())
        daemon.wait("more orders", lambda: len(daemon.orders()) > had + 3)
        second = daemon.engine
        bed.run("kill", "-KILL", second)
        daemon.wait_log("a new one starts in 2 s")
        daemon.wait("a third", lambda: daemon.engine not in (0, second))
        daemon.wait_synchronized()
        self.assertEqual(self.exchanged(self.look()), [])
        self.assertSteady(daemon)

    def test_starter_killed(self):
        """Nobody can start an engine any more: it ends so that the service manager begins anew."""
        daemon = self.synchronized()
        # The others have its name until they are what they will be.
        bed.run("kill", "-KILL", d.children(daemon.pid, "ntsc-starter")[0])
        self.assertEqual(daemon.process.wait(60), 5, daemon.log())
        self.assertIn("the process that starts the others has ended", daemon.log())

    def test_clock_process_killed(self):
        """The others end with it; the next daemon needs no key exchange."""
        daemon = self.daemon(self.silent(), *NAMES)
        daemon.wait_synchronized()
        daemon.wait("all answered", lambda: all(
            daemon.source(name).get("reach") for name in NAMES))
        others = []

        def both():
            others[:] = d.children(daemon.pid, "ntsc-engine") + d.children(daemon.pid, "ntsc-ke")
            return len(others) == 2
        daemon.wait("a key exchange", both, poll_s=1)
        daemon.stop(signal.SIGKILL)
        bed.wait_until("the others end", lambda: all(d.gone(pid) for pid in others))
        self.look()
        daemon.configure(self.lines())
        daemon.start()
        daemon.wait_log("synchronized: ", 2)
        self.assertEqual(self.exchanged(self.look()), [])

    def test_cookies_shared_while_it_runs(self):
        """One-shots find cookies beside a daemon; killed, it leaves some; nobody uses one twice."""
        daemon = self.synchronized()
        self.look()
        for _ in range(2):
            for _ in range(2):
                done = client.run("-q", "-j", conf=daemon.conf)
                self.assertEqual(done.status, 0, done)
                self.assertEqual([r["key_exchange"] for r in done.json["results"]], [False] * 3)
            daemon.poll()
            self.wait_asked(daemon, NAMES)
            engine, had = daemon.engine, daemon.log().count("synchronized: ")
            daemon.stop(signal.SIGKILL)
            bed.wait_until("the engine ends", lambda: d.gone(engine))
            daemon.start()
            daemon.wait_log("synchronized: ", had + 1)
        daemon.wait("all cookies again", lambda: all(
            s["cookies"] == 8 for s in daemon.status().get("sources", [{"cookies": 0}])), poll_s=5)
        self.assertEqual(self.exchanged(self.look()), [])

    def test_key_exchange_killed(self):
        silent = self.silent()
        daemon = self.daemon(silent, *NAMES)
        daemon.wait_synchronized()
        daemon.wait("all others answered", lambda: all(
            daemon.source(name).get("reach") for name in NAMES))
        first = []

        def begun():
            first[:] = d.children(daemon.pid, "ntsc-ke")
            return first
        daemon.wait("a key exchange", begun, poll_s=1)
        bed.run("kill", "-KILL", *first, check=False)  # that it was there then is enough
        daemon.wait_log(f"{silent}: local: ")
        daemon.wait("another", lambda: d.children(daemon.pid, "ntsc-ke") not in ([], first),
                    poll_s=1)
        self.assertTrue(daemon.status()["synchronized"])

    def test_only_one(self):
        daemon = self.synchronized()
        second = subprocess.run([daemon.program, "-f", daemon.conf, "--runtime-dir", daemon.run],
                                env={"NTSC_RECORD": str(daemon.record)}, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, 3, second)
        self.assertIn("another ntsc is running already", second.stderr)
        self.assertTrue(daemon.status()["synchronized"])

    def test_no_right(self):
        """The real one, in the bed where nobody has the right."""
        program = Path(d.os.environ["NTSC_PREFIX"]) / "bin/ntsc"
        daemon = d.Daemon(self.lines(), start=False, program=program)
        daemon.start()
        self.assertEqual(daemon.process.wait(60), 4, daemon.log())
        self.assertIn("no right to set the clock", daemon.log())
        # Connections of tests before this one may still be saying good-bye.
        self.assertEqual([p for p in self.look() if p.out and (p.proto == UDP or p.flags & SYN)],
                         [])

    def test_stop_and_start(self):
        """Frequency and cookies are stored and taken up, and the allowance of steps with them."""
        daemon = self.synchronized()
        pids = [daemon.pid, daemon.engine]
        self.assertEqual(daemon.stop(), 0)
        bed.wait_until("all ended", lambda: all(d.gone(pid) for pid in pids))
        self.assertFalse((daemon.run / "status.json").exists())
        self.assertRegex((daemon.run / "allowance").read_text(), r"^ntsc-allowance 2 0 1 1 -?\d+ sum [0-9a-f]{16}\n")
        stored = (daemon.state / "clock").read_text()
        found = re.fullmatch(r"(ntsc-clock-1 frequency_ppt )(-?\d+)( sd_ppt \d+ good_s \d+)"
                             r" sum [0-9a-f]{8}\n", stored)
        self.assertAlmostEqual(int(found[2]) / 1e6, daemon.orders()[-1]["rate_ppm"], 1)
        # Another frequency, so that it is seen whether it is taken up.
        other = f"{found[1]}12345678{found[3]}"
        (daemon.state / "clock").write_text(f"{other} sum {d.checksum(other):08x}\n")
        had = len(daemon.orders())
        self.look()
        daemon.start()
        daemon.wait("an order", lambda: len(daemon.orders()) > had)
        first = daemon.orders()[had]
        self.assertTrue(first["what"] & d.FREQ, first)
        self.assertLess(abs(first["rate_ppm"] - 12.345678), 2, first)
        daemon.wait_synchronized()
        packets = self.look()
        self.assertEqual(self.exchanged(packets), [])
        self.assertTrue(requests(packets))
        self.assertSteady(daemon)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
