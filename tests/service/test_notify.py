# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon under a service manager: this test, with a socket, a watchdog and a kept file."""
import array
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "interop"))
import daemon as d  # noqa: E402

FAR = 60  # how long anything may take before the test gives up; nothing is judged by it
DAMAGED = "what was stored of the allowance of steps cannot be read"


def until(true):
    """What true() gives as soon as it gives something."""
    end = time.monotonic() + FAR
    while not (value := true()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
    return value


class Manager:
    """Starts a daemon whose only server refuses, and hears what it says."""

    def __init__(self, test, watchdog_s=None, kept=None):
        self.dir = Path(tempfile.mkdtemp(prefix="ntsc-service-"))
        test.addCleanup(self.remove)
        self.dir.chmod(0o755)
        path = self.dir / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        test.addCleanup(self.socket.close)
        self.socket.bind(str(path))
        path.chmod(0o777)  # as systemd's
        self.socket.settimeout(FAR)
        self.run = self.dir / "run"
        self.log = self.dir / "log"
        (self.dir / "record").touch()
        (self.dir / "record").chmod(0o666)
        (self.dir / "conf").write_text(f"server 127.0.0.1 port 1\nstatedir {self.dir}/state\n"
                                       "log stderr\n")
        self.env = {**os.environ, "NOTIFY_SOCKET": str(path),
                    "NTSC_RECORD": str(self.dir / "record")}
        if watchdog_s:
            self.env["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        self.kept = kept
        self.test = test

    def start(self):
        command = [os.environ["NTSC_RECORDER"], "-f", self.dir / "conf", "--runtime-dir", self.run]
        if self.kept is not None:
            # The number of the process is known in it only.
            command = ["sh", "-c", "exec 3<&%d; LISTEN_PID=$$ exec \"$@\"" % self.kept, "sh",
                       *command]
            self.env.update(LISTEN_FDS="1", LISTEN_FDNAMES="allowance")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                pass_fds=() if self.kept is None else (self.kept,))
        self.test.addCleanup(self.end)
        return self

    def end(self):
        engines = d.children(self.process.pid, "ntsc-engine")
        self.process.kill()
        self.process.wait()
        while not all(d.gone(pid) for pid in engines):  # they write into the directory
            time.sleep(0.01)

    def remove(self):
        """Of a daemon that was killed the others may still be writing."""
        until(lambda: subprocess.run(["rm", "-rf", self.dir], capture_output=True).returncode == 0)

    def engine(self):
        """READY does not wait until the starter has executed the engine."""
        return until(lambda: d.children(self.process.pid, "ntsc-engine"))[0]

    def heard(self):
        """One message as a dictionary, and the descriptor that came with it."""
        data, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(4))
        fds = array.array("i")
        for _, _, sent in control:
            fds.frombytes(sent)
        words = dict(line.split("=", 1) for line in data.decode().splitlines())
        return words, (fds[0] if fds else None)

    def wait(self, name):
        """The next message that says so."""
        while True:
            words, fd = self.heard()
            if name in words:
                return words, fd


def allowance(used):
    """As common/clock/clock_limit.c writes it: with a checksum, FNV-1a of 64 bits."""
    line, total = f"ntsc-allowance {used}".encode(), 0xcbf29ce484222325
    for octet in line:
        total = (total ^ octet) * 0x100000001b3 % (1 << 64)
    return line + b" sum %016x\n" % total


class Notify(unittest.TestCase):
    def test_life(self):
        m = Manager(self).start()
        words, kept = m.heard()
        self.assertEqual(words, {"FDSTORE": "1", "FDNAME": "allowance"})
        os.close(kept)
        self.assertEqual(m.heard()[0], {"READY": "1"})
        self.assertIn("not synchronized yet", m.heard()[0]["STATUS"])
        os.kill(m.engine(), signal.SIGKILL)
        self.assertIn("engine ended", m.heard()[0]["STATUS"])
        self.assertIn("not synchronized yet", m.heard()[0]["STATUS"])
        engine = m.engine()
        m.process.send_signal(signal.SIGHUP)
        self.assertEqual(m.heard()[0].keys(), {"RELOADING", "MONOTONIC_USEC"})
        self.assertEqual(m.heard()[0], {"READY": "1"})
        others = d.children(m.process.pid, "ntsc-starter") + [engine]
        self.assertEqual(len(others), 2)
        m.process.send_signal(signal.SIGTERM)
        self.assertEqual(m.heard()[0], {"STOPPING": "1"})
        self.assertEqual(m.process.wait(FAR), 0)
        # Whoever were left would be killed by the manager, with a line in the journal.
        self.assertEqual([pid for pid in others if Path(f"/proc/{pid}").exists()], [])

    def test_watchdog(self):
        """Nobody answers, and still there are signs of life, until the engine hangs."""
        m = Manager(self, watchdog_s=1).start()
        for _ in range(3):
            self.assertEqual(m.wait("WATCHDOG")[0], {"WATCHDOG": "1"})
        engine = m.engine()
        os.kill(engine, signal.SIGSTOP)
        m.socket.settimeout(1.5)
        late = 0
        try:
            while late < 20:  # some may have been under way
                m.wait("WATCHDOG")
                late += 1
            self.fail("the manager goes on being told that all is well")
        except TimeoutError:
            pass
        self.assertIsNone(m.process.poll(), m.log.read_text())
        m.socket.settimeout(FAR)
        os.kill(engine, signal.SIGCONT)
        self.assertEqual(m.wait("WATCHDOG")[0], {"WATCHDOG": "1"})

    def test_abstract(self):
        """A socket without a file, which Landlock hides from a process in its sandbox."""
        m = Manager(self)
        name = f"ntsc-test-{os.getpid()}"
        abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(abstract.close)
        abstract.bind("\0" + name)
        abstract.settimeout(FAR)
        m.socket, m.env["NOTIFY_SOCKET"] = abstract, "@" + name
        m.start()
        m.wait("READY")
        before = time.monotonic_ns() // 1000
        os.kill(m.process.pid, signal.SIGHUP)
        words, _ = m.wait("RELOADING")
        self.assertLessEqual(before, int(words["MONOTONIC_USEC"]))
        self.assertLessEqual(int(words["MONOTONIC_USEC"]), time.monotonic_ns() // 1000)
        m.process.terminate()
        m.wait("STOPPING")
        self.assertEqual(m.process.wait(FAR), 0)

    def test_allowance(self):
        """What the manager keeps counts, not what lies in the directory."""
        m = Manager(self).start()
        _, kept = m.wait("FDSTORE")
        self.addCleanup(os.close, kept)
        m.wait("READY")
        m.process.kill()
        m.process.wait()
        (m.run / "allowance").write_text("somebody was here\n")

        m.kept = kept
        os.write(kept, allowance("2 7 1 0 0"))
        m.start().wait("READY")
        self.assertNotIn(DAMAGED, m.log.read_text())
        m.end()

        os.ftruncate(kept, 0)
        m.start().wait("READY")
        self.assertIn(DAMAGED, m.log.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
