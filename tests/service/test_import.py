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

    def convert(self, text):
        conf = Path(self.dir.name) / "x"
        conf.write_text(text)
        return self.check(conf)

    def test_unknown_options_do_not_change_the_language(self):
        """A word that is newer than this program must not make a file one of OpenNTPD's."""
        for line in ("server a.example.com iburst nts newoption 5", "server b.example.com iburst nts",
                     "pool p.example.com iburst maxsources 1 nts certset 1",
                     "server b.example.com nts some thing very new"):
            with self.subTest(line):
                text, _ = self.convert(line + "\n")
                self.assertIn("of chrony.", text.splitlines()[0])
        text, read = self.convert("server a.example.com iburst nts newoption 5\n"
                                  "server b.example.com iburst nts\n")
        self.assertRegex(read, r"(?m)^server a\.example\.com ")
        self.assertIn("without: newoption 5", text)
        for line in "server a.example.com weight 5 trusted", "servers pool.example.com":
            self.assertIn("of OpenNTPD.", self.convert(line + "\n")[0].splitlines()[0])
        self.assertIn("timesyncd", self.convert("[Time]\nNTP=a.test b.test c.test d.test e.test\n"
                                               )[0].splitlines()[0])

    def test_trust_is_never_widened(self):
        """A set of CAs that another file defines: the server stays out until somebody says which."""
        text, read = self.convert("server a.example.com nts certset 7\nserver b.example.com nts\n")
        self.assertRegex(text, r"(?m)^#server a\.example\.com")
        self.assertIn("defined elsewhere", text)
        self.assertRegex(read, r"(?m)^server b\.example\.com ")
        self.assertNotIn("a.example.com", read)

    def test_steps(self):
        for line, step in (("makestep 0 0", "step 0.5 0"), ("makestep 1 0", "step 0.5 0"),
                           ("makestep 0 3", "step 0.001 3"), ("makestep 0.1 3", "step 0.1 3"),
                           ("makestep 0 -1", "step 0.001 ")):
            with self.subTest(line):
                _, read = self.convert(f"server a.example.com nts\n{line}\n")
                self.assertRegex(read, f"(?m)^{re.escape(step)}")

    def test_other_files(self):
        top = Path(self.dir.name)
        top.chmod(0o755)
        (top / "conf.d").mkdir()
        (top / "sources.d").mkdir()
        (top / "conf.d/1.conf").write_text(f"ntstrustedcerts 3 {top}/three.pem\ninclude {top}/in*.x\n")
        (top / "three.pem").touch()
        (top / "conf.d/2.txt").write_text("server no.example.com nts\n")
        (top / "inner.x").write_text(f"server i.example.com nts\ninclude {top}/inner.x\n")
        (top / "sources.d/a.sources").write_text("server s.example.com nts certset 3\n")
        text, read = self.convert(f"confdir {top}/conf.d\nsourcedir {top}/sources.d\n"
                                  f"sourcedir {top}/none.d\nserver m.example.com nts iburst\n")
        self.assertEqual(re.findall(r"(?m)^server (\S+)", read),
                         ["i.example.com", "s.example.com", "m.example.com"])
        self.assertIn(f"server s.example.com port 4460 ca {top}/three.pem", read)
        self.assertIn("there are none", text)

    def test_ntpd_rs(self):
        text, read = self.convert('''# of the package
[observability]
log-level = "info"
[[source]]
mode = "nts"
address = "a.example.com:4461"  # with a port
certificate-authority = "/etc/passwd"
poll-interval-limits = { min = 5, max = 9 }
[[source]]
mode = "pool"
address = "pool.example.com"
count = 4
[[source]]
address = 'b.example.com'
mode = 'nts'
[[server]]
listen = "0.0.0.0:123"
[synchronization]
minimum-agreeing-sources = 2
single-step-panic-threshold = 1000
startup-step-panic-threshold = { forward="inf", backward = 86400 }
''')
        self.assertIn("of ntpd-rs.", text.splitlines()[0])
        self.assertEqual(re.findall(r"(?m)^server .*", read),
                         ["server a.example.com port 4461 ca /etc/passwd minpoll 5 maxpoll 9",
                          "server b.example.com port 4460 minpoll 6 maxpoll 10"])
        self.assertRegex(read, r"(?m)^minsources 2$")
        self.assertRegex(read, r"(?m)^panic 1000$")
        self.assertIn("#server pool.example.com", text)
        self.assertIn("serves nobody", text)

    def test_output(self):
        """The file is replaced as a whole, or left as it is."""
        top = Path(self.dir.name)
        old = top / "old.conf"
        new = top / "ntsc.conf"
        new.write_text("server before.example.com\n")
        new.chmod(0o640)
        for text, words in (("server a.example.com iburst\n", "no server with NTS"),
                            ("nothing of that kind\n", "not a configuration")):
            old.write_text(text)
            got = ntsc("--import", str(old), "-o", str(new))
            self.assertEqual((got.returncode, got.stdout), (3, ""))
            self.assertIn(words, got.stderr)
            self.assertEqual(got.stderr.count("\n"), 1, got.stderr)
            self.assertEqual(new.read_text(), "server before.example.com\n")
        old.write_text("server a.example.com nts\n")
        got = ntsc("--import", str(old), "-o", str(new))
        self.assertEqual((got.returncode, got.stdout), (0, ""), got.stderr)
        self.assertIn("\nserver a.example.com\n", new.read_text())
        self.assertEqual(new.stat().st_mode & 0o7777, 0o640)
        got = ntsc("--import", str(old), "-o", "/no/such/directory/x")
        self.assertEqual(got.returncode, 3)
        self.assertEqual(sorted(p.name for p in top.iterdir()), ["ntsc.conf", "old.conf"])

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
