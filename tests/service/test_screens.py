# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody at a terminal of 40, 80 and 132 columns sees of each command, as screens/NAME-WIDTH
has it. Digits that change from run to run stand there as 0. After an intended change run with
NTSC_WRITE_EXPECTED=1, and read the difference. (ntsc -i: unit.info.)"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unittest
from pathlib import Path

import place

HERE = Path(__file__).resolve().parent
NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later\n"
WIDTHS = (40, 80, 132)
CONF = "server nts.example.net group one\nserver time.example.org:4461\nlog stderr\nstatedir /x\n"
CHRONY = "server nts.example.net iburst nts\nserver old.example.net\nallow 192.0.2.0/24\n"


def screen(columns, *words):
    """(exit status, what a terminal of that width shows)."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        for name in ("COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"):
            os.environ.pop(name, None)
        os.environ["NO_COLOR"] = "1"
        os.execvp(words[0], words)
    text = b""
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:  # EIO: nobody has it open any more
            break
        if not data:
            break
        text += data
    os.close(fd)
    return (os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]),
            text.decode().replace("\r\n", "\n"))


class Screens(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = place.directory(self.addCleanup)
        for name, text in (("ntsc.conf", CONF), ("chrony.conf", CHRONY),
                           ("wrong.conf", "server a.test\nmakestep 1 3\n")):
            (self.dir / name).write_text(text)

    def shows(self, name, status, *words, fits=False, mask=()):
        for columns in WIDTHS:
            with self.subTest(name, columns=columns):
                got, text = screen(columns, *map(str, words))
                self.assertEqual(got, status, text)
                if fits:
                    self.assertLessEqual(max(map(len, text.splitlines())), columns, text)
                for old, new in ((str(self.dir), "/DIR"), *mask):
                    text = re.sub(old, new, text)
                path = HERE / f"screens/{name}-{columns}"
                if os.environ.get("NTSC_WRITE_EXPECTED"):
                    path.write_text(LICENCE + text)
                self.assertEqual(LICENCE + text, path.read_text())

    def test_help(self):
        self.shows("help", 0, NTSC, "--help")
        self.shows("version", 0, NTSC, "--version", mask=[(r"\d[\d.]*", "0")])

    def test_failures(self):
        self.shows("query-refused", 3, NTSC, "-q", "--no-state", "127.0.0.1:1", fits=True)
        self.shows("plugin-refused", 3, NTSC, "-q", "--plugin", "--no-state", "127.0.0.1:1")
        self.shows("json-refused", 3, NTSC, "-qj", "--no-state", "127.0.0.1:1")

    def test_query(self):
        """A server that answers, and one that does not."""
        server = place.LocalServer(self.dir / "server", self.addCleanup)
        # What was measured, in any unit, has the width of one figure here, which ends no line.
        figure = [(r"[+-]?\d[\d.]* (ns|us|ms|s)\b", "0 us"), (r"(localhost:|127\.0\.0\.1:|\[::1\]:)\d+", r"\1 0"),
                  (r"\n  (?=\S)", "  "), (r" +", " ")]
        self.shows("query", 0, NTSC, "-q", "--no-state", "-t", "60", "-C", server.ca,
                   f"127.0.0.1:{server.port}", fits=True, mask=figure)

    def test_set(self):
        if os.geteuid() == 0 and not subprocess.run([*place.WITHOUT, "true"]).returncode:
            self.shows("set-no-right", 4, *place.WITHOUT, NTSC, "-s", "127.0.0.1:1")

    def test_daemon_not_there(self):
        self.shows("info-none", 3, NTSC, "-i", "--runtime-dir", self.dir)
        self.shows("wait-none", 1, NTSC, "-w", "0", "--runtime-dir", self.dir)

    def test_configuration(self):
        self.shows("check-config", 0, NTSC, "-n", "-f", self.dir / "ntsc.conf")
        self.shows("check-config-wrong", 3, NTSC, "-n", "-f", self.dir / "wrong.conf")
        self.shows("import", 0, NTSC, "--import", self.dir / "chrony.conf")

    def test_mistakes(self):
        self.shows("misspelt", 3, NTSC, "-q", "--jsno", "nts.example.net")
        self.shows("other-mode", 3, NTSC, "-i", "-t", "3")
        self.shows("command", 3, NTSC, "status")
        self.shows("no-mode", 3, NTSC, "nts.example.net")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
