# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc --import with the files that Debian's packages bring, and with what is no file for it."""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
TOP = Path(__file__).resolve().parents[2]
CACHE = TOP / ".cache"
# What is in each of them: its kind, and a line that must come out.
FILES = {
    "chrony/usr/share/chrony/chrony.conf": ("chrony", "step 1 3"),
    "chrony/usr/share/doc/chrony/examples/chrony.conf.example1": ("chrony", "step 1.0 3"),
    "chrony/usr/share/doc/chrony/examples/chrony.conf.example2": ("chrony", None),
    "chrony/usr/share/doc/chrony/examples/chrony.conf.example3": ("chrony", None),
    "ntpsec/etc/ntpsec/ntp.conf": ("ntpd or NTPsec", None),
    "systemd-timesyncd/etc/systemd/timesyncd.conf": ("systemd-timesyncd", None),
    "openntpd/etc/openntpd/ntpd.conf": ("OpenNTPD", "#server 0.debian.pool.ntp.org"),
}


def ntsc(*args):
    return subprocess.run([NTSC, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)


class Import(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def check(self, path):
        """The output, which -n takes."""
        got = ntsc("--import", str(path))
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        conf = Path(self.dir.name) / "ntsc.conf"
        conf.write_text(got.stdout)
        read = ntsc("-n", "-f", str(conf))
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        return got.stdout, read.stdout

    def test_debian(self):
        for name, (kind, line) in FILES.items():
            with self.subTest(name):
                text, _ = self.check(CACHE / name)
                self.assertEqual(text.splitlines()[0],
                                 f"# Made by ntsc --import out of a configuration of {kind}.")
                if line:
                    self.assertIn(line, text.splitlines())
                # Nothing in them was new to us.
                self.assertNotIn("not known", text)
                self.assertNotIn("left out, for", text)

    def test_name_does_not_count(self):
        copy = Path(self.dir.name) / "ntp.conf"
        shutil.copyfile(CACHE / "chrony/usr/share/chrony/chrony.conf", copy)
        self.assertIn("chrony", self.check(copy)[0].splitlines()[0])

    def test_takes_over(self):
        conf = Path(self.dir.name) / "x"
        conf.write_text("server time.example.org iburst nts minpoll 8\nserver old.example.org\n"
                        "makestep 0.2 3\nminsources 1\nrtcsync\n")
        _, read = self.check(conf)
        self.assertRegex(read, r"(?m)^server time\.example\.org port 4460 minpoll 8 maxpoll 10$")
        self.assertRegex(read, r"(?m)^step 0\.2 3$")
        self.assertRegex(read, r"(?m)^minsources 1$")
        self.assertNotIn("old.example.org", read)

    def test_refusals(self):
        for path, words in (("/no/such/file", "No such file"), ("/", "Is a directory"),
                            ("/etc/passwd", "not a configuration of chrony"),
                            ("/dev/null", "not a configuration of chrony")):
            with self.subTest(path):
                got = ntsc("--import", path)
                self.assertEqual((got.returncode, got.stdout), (3, ""))
                self.assertRegex(got.stderr, f"^ntsc: {re.escape(path)}: .*{words}")
                self.assertEqual(got.stderr.count("\n"), 1)
        got = ntsc("-q", "--import", "/etc/passwd")
        self.assertEqual(got.returncode, 3)


if __name__ == "__main__":
    if shutil.which("apt-get"):
        CACHE.mkdir(exist_ok=True)
        with (CACHE / ".lock").open("w") as lock:  # tests side by side may all find it empty
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run([TOP / "scripts/fetch-deb", *{f.split("/")[0] for f in FILES}])
    if not all((CACHE / name).exists() for name in FILES):
        print("skipped: not all of Debian's packages of time daemons could be fetched",
              file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
