# SPDX-License-Identifier: GPL-2.0-or-later
"""The init scripts, the plain one really run: in namespaces of its own, with a clock only watched."""
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import apart

PREFIX = Path(os.environ["NTSC_PREFIX"])
EXAMPLES = PREFIX / "share/doc/ntsc/examples"
SYSV = EXAMPLES / "ntsc.sysv"
DEFAULTS, CONF = Path("/etc/default/ntsc"), Path("/etc/default/ntsc.conf")
PID = Path("/run/ntsc.pid")


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          **more)


def init(action):
    return run("sh", str(SYSV), action)


class Text(unittest.TestCase):
    def test_syntax(self):
        for name in ("sysv", "openrc"):
            script = EXAMPLES / f"ntsc.{name}"
            self.assertEqual(run("sh", "-n", str(script)).stderr, "")
            self.assertIn(f"{PREFIX}/bin/ntsc", script.read_text())
            if shutil.which("shellcheck"):
                self.assertEqual(run("shellcheck", "-s", "sh", str(script)).stdout, "")

    def test_cron(self):
        """Each line is one of cron's, and what it runs is quiet when all is well."""
        lines = [line.lstrip("#") for line in (EXAMPLES / "ntsc.cron").read_text().splitlines()
                 if re.match(r"#?\d+ ", line)]
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^\d+ \S+ \* \* \* (root|nobody) ")
            words = line.split(None, 6)[6].split()
            self.assertEqual(words[0], f"{PREFIX}/bin/ntsc")
            self.assertIn("--quiet", words)
            got = run("env", "-i", "PATH=/usr/bin:/bin", *words, "-h")
            self.assertEqual((got.returncode, got.stderr), (0, ""))


class Run(unittest.TestCase):
    def setUp(self):
        CONF.write_text("server 127.0.0.1 port 1\nstatedir /run/state\n")
        DEFAULTS.write_text(f"NTSC_OPTIONS='-x -f {CONF}'\n")
        self.addCleanup(init, "stop")

    def expect(self, action, code, words=""):
        got = init(action)
        self.assertEqual(got.returncode, code, got.stdout + got.stderr)
        self.assertIn(words, got.stdout + got.stderr)

    def test_life(self):
        self.expect("status", 3, "not running")
        self.expect("reload", 7)
        self.expect("start", 0)
        first = PID.read_text()
        self.assertEqual(Path(f"/proc/{first.strip()}/comm").read_text(), "ntsc\n")
        self.expect("status", 0, f"process {first.strip()}")
        self.expect("start", 0, "already")
        self.expect("reload", 0)
        self.expect("restart", 0)
        second = PID.read_text()
        self.assertNotEqual(first, second)
        self.expect("try-restart", 0)
        self.assertNotEqual(second, PID.read_text())
        self.expect("stop", 0)
        self.assertFalse(PID.exists())
        self.expect("status", 3)
        self.expect("stop", 0)
        self.expect("try-restart", 0)
        self.assertFalse(PID.exists())

    def test_death(self):
        self.expect("start", 0)
        os.kill(int(PID.read_text()), 9)
        while init("status").returncode == 0:
            pass
        self.expect("status", 1, "unexpectedly")
        self.expect("start", 0)
        self.expect("status", 0)

    def test_somebody_elses_number(self):
        PID.write_text(f"{os.getpid()}\n")
        self.expect("status", 1)
        self.expect("stop", 0)

    def test_refused(self):
        DEFAULTS.write_text("NTSC_OPTIONS='-x -f /no/such/file'\n")
        self.expect("start", 1, "did not start")
        self.assertFalse(PID.exists())
        self.expect("nonsense", 2, "usage")


def main():
    if apart.enter():
        apart.mount("-t", "tmpfs", "tmpfs", "/etc/default")
    else:
        print("no namespaces here: the plain script is only read, not run", file=sys.stderr)
        del globals()["Run"]
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
