# SPDX-License-Identifier: GPL-2.0-or-later
"""Valgrind over the one-shot that sets the clock, without and with stored cookies, and over unit
tests of the core that are quick enough for it: nothing is read that was not written, nothing leaks."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import hostile_bed  # noqa: E402
from hostile_bed import Hostile, bed  # noqa: E402

import passable  # noqa: E402
import pki  # noqa: E402

AHEAD = 100.0
NOBODY = 65534
PROGRAMS = {"ntsc-recorder", "ntsc-engine", "ntsc-ke"}
CORE = ("addr", "err", "interval", "json", "leap", "msg_engine", "ntp_ext", "ntp_packet", "pem",
        "select", "source", "source_session", "wire", "x509_cert")
recorder = Path(os.environ["NTSC_RECORDER"])


def valgrind(logs):
    return ["valgrind", "--trace-children=yes", "--vgdb=no", "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect", f"--log-file={logs}/%p"]


class Memcheck(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("server", cls.root, ["DNS:localhost"])
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        hostile_bed.write_results("memcheck", cls.rows)

    def look(self, logs):
        """What valgrind said of each process; returns the programs' names."""
        found = set()
        for path in Path(logs).iterdir():
            text = path.read_text(errors="replace")
            found.add(Path(re.search(r"Command: (\S+)", text)[1]).name)
            self.assertRegex(text, r"ERROR SUMMARY: 0 errors", text)
        return found

    def oneshot(self, work, server):
        """Runs as nobody from the beginning, so that all of its processes may write their logs."""
        logs = Path(tempfile.mkdtemp(dir=work))
        logs.chmod(0o777)
        (work / "record").write_text("")
        (work / "record").chmod(0o666)
        args = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                os.environ["NTSC_NO_FILTERS"], *valgrind(logs), recorder, "-s", "-f", work / "conf",
                "-t", "60", "-C", self.root.cert, f"localhost:{server.port}"]
        done = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL, timeout=200,
                              env={**os.environ, "HOME": "/", "NTSC_RECORD": str(work / "record")},
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        steps = re.findall(r"\bstep_ns=(-?\d+)", (work / "record").read_text())
        self.assertEqual(len(steps), 1, steps)
        self.assertLess(abs(int(steps[0]) / 1e9 - AHEAD), 2)
        return self.look(logs)

    def test_oneshot(self):
        server = Hostile(self.cert, [f"ntp offset={AHEAD}"])
        self.addCleanup(server.kill)
        work = Path(tempfile.mkdtemp(dir=bed.tmp))
        work.chmod(0o777)
        (work / "conf").write_text(f"statedir {work}/state\n")
        self.assertEqual(self.oneshot(work, server), PROGRAMS)
        self.assertEqual(self.oneshot(work, server), PROGRAMS - {"ntsc-ke"})
        self.assertEqual(server.exchanges, 1)
        server.stop()
        self.rows.append(("memcheck.oneshot", "valgrind over all processes, without and with cookies",
                          "no errors, no leaks", "0 errors in 5 processes"))

    def test_core(self):
        tests = recorder.parents[1] / "unit"
        for name in CORE:
            with self.subTest(name), tempfile.TemporaryDirectory(dir=bed.tmp) as logs:
                subprocess.run([*valgrind(logs), tests / f"test_{name}"], check=True,
                               stdin=subprocess.DEVNULL, capture_output=True)
                self.assertEqual(self.look(logs), {f"test_{name}"})
        self.rows.append(("memcheck.core", f"valgrind over {len(CORE)} unit tests of the core",
                          "no errors, no leaks", "0 errors"))


if __name__ == "__main__":
    if not shutil.which("valgrind"):
        bed.skip("no valgrind")
    if b"__asan_init" in recorder.read_bytes():
        bed.skip("this build has sanitizers, which valgrind cannot run")
    bed.enter(servers=False)
    passable.open_way()
    unittest.main(verbosity=2)
