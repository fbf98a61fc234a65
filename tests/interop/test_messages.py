# SPDX-License-Identifier: GPL-2.0-or-later
"""A message between the processes that is none: whoever refuses it names it before it ends."""
import ctypes
import os
import subprocess
import socket
import unittest
from pathlib import Path

import bed
import daemon as d

SYS_PIDFD_GETFD = 438  # of every architecture
JUNK = b"\x07\0\0\0\x01"


def sockets(pid):
    """Copies of the process's SOCK_SEQPACKET sockets, the one that was made first before the others."""
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(pid)
    found = []
    for fd in sorted(int(name) for name in os.listdir(f"/proc/{pid}/fd")):
        copy = libc.syscall(SYS_PIDFD_GETFD, process, fd, 0)
        if copy < 0:
            bed.skip(f"no copy of a descriptor: {os.strerror(ctypes.get_errno())}")
        if os.readlink(f"/proc/self/fd/{copy}").startswith("socket:"):
            s = socket.socket(fileno=copy)
            if (s.family, s.type) == (socket.AF_UNIX, socket.SOCK_SEQPACKET):
                found.append(s)
                continue
            s.close()
        else:
            os.close(copy)
    os.close(process)
    return found


class Messages(unittest.TestCase):
    def daemon(self):
        daemon = d.Daemon(["server 127.0.0.1 port 1"])
        self.addCleanup(daemon.end)
        daemon.wait("an engine that asks", lambda: daemon.source("127.0.0.1").get("error"))
        return daemon

    def test_to_engine(self):
        daemon = self.daemon()
        first = daemon.engine
        sockets(daemon.pid)[-1].send(JUNK)
        daemon.wait_log("a message of ntsc makes no sense (message of an unknown type, 5 octets): "
                        "the engine ends")
        daemon.wait("another engine", lambda: daemon.engine not in (0, first))
        self.assertEqual(daemon.stop(), 0)

    def test_to_ntsc(self):
        daemon = self.daemon()
        first = daemon.engine
        sockets(daemon.engine)[0].send(JUNK)
        daemon.wait_log("the engine sent what makes no sense (message of an unknown type, 5 octets)")
        daemon.wait("another engine", lambda: daemon.engine not in (0, first))
        self.assertEqual(daemon.stop(), 0)

    def test_to_starter(self):
        for junk, name in ((JUNK, "request 7, 5 octets"), (bytes(16), "request 0, 16 octets"),
                           (b"\2" + bytes(15), "request 2, 16 octets"),
                           (b"\3" + bytes(16), "request 3, 17 octets")):
            daemon = self.daemon()
            sockets(daemon.pid)[0].send(junk)
            self.assertEqual(daemon.process.wait(120), 5, daemon.log())
            self.assertIn(f"a message of ntsc makes no sense ({name}): the process that starts the "
                          "others ends", daemon.log())

    def test_of_starter(self):
        daemon = self.daemon()
        (starter, ) = d.children(daemon.pid, "ntsc-starter")
        (own, ) = sockets(starter)
        own.send(JUNK)
        daemon.wait_log("the process that starts the others sent what makes no sense (5 octets)")
        self.assertEqual(daemon.stop(), 0)

    def test_to_key_exchange(self):
        libexec = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
        for octets in (1, 4, 100, 100000):
            done = subprocess.run([os.environ["NTSC_KE_PROBE"], "-j", str(octets), libexec / "ntsc-ke",
                                   "x", "1"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("stage local\nreached 0\n", done.stdout)
            self.assertIn("makes no sense; octets: ", done.stdout)

    def test_by_hand(self):
        """Whoever starts one of them in a shell is told."""
        libexec = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
        for name in ("ntsc-engine", "ntsc-ke"):
            done = subprocess.run([libexec / name], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("it is started by ntsc only", done.stderr)


if __name__ == "__main__":
    bed.enter(servers=False)
    unittest.main(verbosity=2)
