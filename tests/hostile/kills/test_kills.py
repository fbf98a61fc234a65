# SPDX-License-Identifier: GPL-2.0-or-later
"""test_kills.py [--all]: SIGKILL at every system call.

The one-shot that sets the clock, and the daemon's start with its first poll, are killed before their
n-th system call: all processes at once, as when the power goes, or only the one that makes the call,
as when memory runs out. Whatever it was: the clock set right or not at all, an exit status that is
documented when it was not ntsc itself that was killed, no cookie used twice, stored files that the
next start takes or does not find, and that one is right. --all: for all n; else for a sample.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import hostile_bed  # noqa: E402
from hostile_bed import Hostile, bed  # noqa: E402

import daemon as d  # noqa: E402
import pki  # noqa: E402

AHEAD = 100.0  # the server's clock, for the one-shot
PROGRAMS = None, "ntsc-recorder", "ntsc-engine", "ntsc-ke"  # None: all at once
SAMPLE = {"oneshot": 40, "daemon": 8}  # of each kind, without --all
AT_ONCE = {"oneshot": 4, "daemon": 12}  # which mostly waits
NOT_TAKEN = "unusable", "not kept", "cannot be read", "Sanitizer", "ignored"


def tool(report, program, n):
    """The command that kills what follows at its call number n; 0: it counts."""
    which = [] if program is None else ["-p", program, "-1"]
    return [os.environ["NTSC_KILL_AT"], "-o", str(report), "-n", str(n), *which]


class Report:
    """How many calls there were, and whether one was the last."""

    def __init__(self, path):
        calls, done, self.call, self.program = path.read_text().split()
        self.calls, self.done = int(calls), done == "1"


class Oneshot:
    def __init__(self, work, ca, port):
        self.work, self.ca, self.port = Path(work), ca, port
        self.work.chmod(0o755)
        (self.work / "conf").write_text(f"statedir {work}/state\n")
        self.files = work + "/state"

    def run(self, *before):
        record = self.work / "record"
        record.write_text("")
        record.chmod(0o666)
        args = [*before, os.environ["NTSC_RECORDER"], "-s", "-v", "-f", self.work / "conf", "-t",
                "8", "-C", self.ca, f"localhost:{self.port}"]
        done = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL, timeout=60,
                              env={**os.environ, "NTSC_RECORD": str(record)}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        self.status, self.out = done.returncode, done.stdout
        self.steps = [int(s) / 1e9 for s in re.findall(r"\bstep_ns=(-?\d+)", record.read_text())]
        return self

    def killed(self, program, n):
        """(report, problems) of the run in which somebody is killed."""
        report = self.work / "report"
        self.run(*tool(report, program, n))
        bad = [] if all(abs(s - AHEAD) < 1 for s in self.steps) and len(self.steps) < 2 else \
            [f"the clock was set by {self.steps}"]
        itself = program in PROGRAMS[:2]
        if not itself and (self.status not in range(4) or not self.out.strip()):
            bad.append(f"status {self.status}, {self.out}")
        return Report(report), bad

    def again(self):
        """Problems of the run after it."""
        self.run()
        bad = [f"{self.out}" for words in NOT_TAKEN if words in self.out]
        if self.status != 0 or len(self.steps) != 1 or abs(self.steps[0] - AHEAD) > 1:
            bad.append(f"not right: status {self.status}, steps {self.steps}, {self.out}")
        return bad


class Service:
    """The daemon, by turns under the tool and without it."""

    def __init__(self, work, ca, port):
        self.report = Path(work) / "report"
        self.d = d.Daemon([f"ca {ca}", f"server localhost port {port} minpoll 4 maxpoll 4"],
                          start=False)
        self.files = self.d.state

    def start(self, *before):
        with self.d.log_file.open("ab") as log:
            self.d.process = subprocess.Popen(
                [*before, self.d.program, "-f", self.d.conf, "--runtime-dir", self.d.run],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NTSC_RECORD": str(self.d.record)})

    def answered(self):
        return self.d.process.poll() is not None or \
            self.d.source("localhost").get("reach", 0) & 1

    def killed(self, program, n):
        self.start(*tool(self.report, program, n))
        begin = time.monotonic()
        while not self.answered() and time.monotonic() < begin + 60:
            time.sleep(0.02)
        bad = []
        if self.d.process.poll() is None:
            if not self.answered():
                bad.append(f"no answer after it: {self.d.shown()}")
            self.d.stop()
        # 5: it ends with the process that starts the others, for its own starter to begin again.
        if self.d.process.returncode not in ((0, 5, 128 + 9) if program in PROGRAMS[:2] else (0,)):
            bad.append(f"status {self.d.process.returncode}: {self.d.log()}")
        return Report(self.report), bad + self.orders()

    def orders(self):
        """The server has this machine's time: nothing may move the clock away from it."""
        return [f"{o}" for o in self.d.orders() if o["steps"] or abs(o["gone_ns"]) > 200e6]

    def again(self):
        had = len(self.d.log()) if self.d.log_file.exists() else 0
        (self.d.run / "status.json").unlink(missing_ok=True)
        self.start()
        self.d.wait("an answer", self.answered)
        bad = [] if self.d.process.poll() is None and self.d.stop() == 0 else ["it ended"]
        said = self.d.log()[had:]
        bad += [said for words in NOT_TAKEN if words in said]
        return bad + self.orders()


def numbers(calls, sample):
    """Which calls: all, or so many with equal distances."""
    if sample is None:
        return range(1, calls + 1)
    return sorted({round((i + 0.5) * calls / sample) for i in range(sample)})


class Kills(unittest.TestCase):
    every = False

    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("server", cls.root, ["DNS:localhost"])
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        hostile_bed.write_results("kills", cls.rows)

    def one(self, kind, server, program, n):
        """(report, problems) of one run and the next."""
        with tempfile.TemporaryDirectory(dir=bed.tmp) as work:
            run = kind(work, self.root.cert, server.port)
            report, bad = run.killed(program, n)
            bad += [f"afterwards: {words}" for words in run.again()] if n else []
            bad += [f"left over: {p}" for p in Path(run.files).glob("cookies/.*.new")]
            where = f"{program or 'all'} at call {n} ({report.call} of {report.program}): "
            return report, [where + words for words in bad]

    def each(self, kind, name, script):
        server = Hostile(self.cert, script)
        self.addCleanup(server.kill)
        begin, met, bad = time.monotonic(), 0, []
        calls = {p: self.one(kind, server, p, 0)[0].calls for p in PROGRAMS}
        self.assertTrue(all(n > 50 for n in calls.values()), calls)
        plan = [(p, n) for p in PROGRAMS
                for n in numbers(calls[p], None if self.every else SAMPLE[name])]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE[name]) as pool:
            for report, problems in pool.map(lambda j: self.one(kind, server, *j), plan):
                met += report.done
                bad += problems
        total = ", ".join(f"{p or 'all'} {n}" for p, n in calls.items())
        print(f"{name}: {len(plan)} kills, {met} of them met, of calls: {total}; "
              f"{time.monotonic() - begin:.0f} s")
        self.assertEqual(bad, [], "\n".join(bad[:10]))
        # The last calls are not always made.
        self.assertGreater(met, len(plan) * 0.8)
        # A cookie that comes a second time makes a query not valid for this server.
        queries = server.queries
        self.assertEqual([q for q in queries if q["valid"] != "1"], [])
        self.assertGreater(len(queries), len(plan))
        server.stop()
        self.rows.append((f"kills.{name}", f"SIGKILL at {len(plan)} system calls",
                          "clock right or untouched, no cookie twice, right at the next start",
                          f"{met} met, {len(queries)} queries, all right"))

    def test_oneshot(self):
        self.each(Oneshot, "oneshot", [f"ntp offset={AHEAD}"])

    def test_daemon(self):
        self.each(Service, "daemon", ["ntp"])


if __name__ == "__main__":
    if "--all" in sys.argv:
        sys.argv.remove("--all")
        os.environ["NTSC_KILLS_ALL"] = "1"
    Kills.every = "NTSC_KILLS_ALL" in os.environ
    bed.enter(servers=False)
    unittest.main(verbosity=2)
