# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody at a terminal: results as they come, whom it waits for, ^C; and nothing of it in pipes."""
import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import termios
import time
import unittest

NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
REFUSED = "127.0.0.1:1"
LONG = 60  # the sanitizers on a busy machine


def silent():
    """A server that takes connections and never says a word, and its name."""
    server = socket.create_server(("127.0.0.1", 0))
    return server, f"127.0.0.1:{server.getsockname()[1]}"


class Terminal:
    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # so wide that no line is folded
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
            os.execv(NTSC, [NTSC, *args])
        self.text = ""

    def read(self):
        """False at the end."""
        if not select.select([self.fd], [], [], LONG)[0]:
            raise TimeoutError(self.text)
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # EIO: nobody has it open any more
            return False
        self.text += data.decode()
        return data != b""

    def until(self, words):
        while words not in self.text and self.read():
            pass
        if words not in self.text:
            raise AssertionError(f"{words} not in {self.text}")

    def end(self):
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Live(unittest.TestCase):
    def setUp(self):
        self.server, self.name = silent()
        self.addCleanup(self.server.close)

    def test_interrupt(self):
        """What failed at once is told at once, although it was named last; ^C tells the rest."""
        began = time.monotonic()
        t = Terminal("-q", "--no-state", "-t", "600", self.name, REFUSED)
        t.until(f"{REFUSED}  connect: ")
        self.assertNotIn("no authenticated answer", t.text)
        t.until("waiting for 1 of 2 servers")
        os.write(t.fd, b"\x03")
        self.assertEqual(t.end(), 3, t.text)
        self.assertLess(time.monotonic() - began, 600)
        self.assertIn(f"{self.name}  not known: interrupted before it answered", t.text)
        self.assertEqual(t.text.count(f"{REFUSED}  connect: "), 1)

    def test_end(self):
        """Without ^C each line comes once, and the line that sums up comes last."""
        t = Terminal("-q", "--no-state", "-t", "3", self.name, REFUSED)
        self.assertEqual(t.end(), 3, t.text)
        for name in (self.name, REFUSED):
            self.assertEqual(t.text.count(f"\n{name}  ") + t.text.startswith(f"{name}  "), 1, t.text)
        self.assertTrue(t.text.endswith("no authenticated answer from any of 2 servers\r\n"), t.text)

    def test_pipe(self):
        """As asked, whoever was first; nobody is told of waiting."""
        done = subprocess.run([NTSC, "-q", "--no-state", "-t", "3", self.name, REFUSED],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 3)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()],
                         [self.name, REFUSED, "no"])
        self.assertNotIn("waiting", done.stderr)

    def test_json(self):
        t = Terminal("-qj", "--no-state", "-t", "3", self.name, REFUSED)
        self.assertEqual(t.end(), 3, t.text)
        self.assertNotIn("waiting", t.text)
        self.assertTrue(t.text.startswith("{"), t.text)


if __name__ == "__main__":
    unittest.main()
