# SPDX-License-Identifier: GPL-2.0-or-later
"""A one-shot leaves nobody behind, however it ends: no process that goes on, and none that somebody
else would have to bury. The test stands for a first process that buries nobody but its own child
(PR_SET_CHILD_SUBREAPER), as that of many containers is, and looks the moment that child is gone."""
import ctypes
import os
import pty
import signal
import subprocess
import time
import unittest
from pathlib import Path

import bed
import client
import pki
from tls_servers import PlainServer, TlsServer

NAME = "good.test"
PR_SET_CHILD_SUBREAPER = 36


def below(pid):
    """[(pid, state, name)] of the children of a process, and of theirs."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(") ")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        found.setdefault(int(parent), []).append(
            (int(stat.parent.name), state, head.partition("(")[2]))

    def all_of(parent):
        for child in found.get(parent, ()):
            yield child
            yield from all_of(child[0])
    return list(all_of(pid))


class Children(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("good", cls.root, [f"DNS:{NAME}", "IP:10.77.1.2"])
        cls.host, cls.other = bed.Host(), bed.Host()
        bed.Chronyd(cls.host, cls.cert.chain, cls.cert.key)
        bed.names({NAME: cls.host.v4})
        PlainServer(cls.other, 4460)              # takes the connection and keeps silent
        PlainServer(cls.other, 4461, words="220 mail.test\r\n")
        TlsServer(cls.other, 4462, cls.pki.server("foreign", cls.pki.root("strange"), [f"DNS:{NAME}"]))
        assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
        cls.mute = cls.other.v4

    def start(self, *args, state=None, **more):
        self.before = {pid for pid, _, _ in below(os.getpid())}
        command = [client.ntsc(), *(["-f", state] if state else ["--no-state"]),
                   "--ca", self.root.cert, *args]
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                "stderr": subprocess.DEVNULL, **more}
        return subprocess.Popen([str(a) for a in command], **more)

    def left(self, process):
        """Who is there the moment that ntsc is gone: its status, and them."""
        status = process.wait(60)
        return status, [p for p in below(os.getpid()) if p[0] not in self.before]

    def assertNobodyLeft(self, process, status):
        self.assertEqual(self.left(process), (status, []))

    def named(self, process, name):
        """The processes of a run that bear the name; waits for the first."""
        def there():
            return [pid for pid, state, n in below(process.pid) if n == name and state != "Z"]
        bed.wait_until(name, there, process)
        return there()

    def test_ways_to_end_by_itself(self):
        for what, status, args in (
                ("an answer", 0, [NAME]),
                ("JSON", 0, ["-j", NAME]),
                ("two servers", 0, [NAME, self.host.v4]),
                ("check", 0, ["-w", "10", "-c", "20", NAME]),
                ("some samples", 0, ["-n", "2", NAME]),
                ("connection refused", 3, [f"{self.host.v4}:4470"]),
                ("no such name", 3, ["nowhere.test"]),
                ("no TLS", 3, [f"{self.mute}:4461"]),
                ("another's certificate", 3, [f"{self.mute}:4462"]),
                ("nobody says anything", 3, ["-t", "1", self.mute]),
                ("one of two is mute", 3, ["-t", "2", NAME, self.mute]),
                ("no name server answers in time", 3, ["-t", "1", "nowhere.test", self.mute])):
            with self.subTest(what):
                self.assertNobodyLeft(self.start("-q", *args), status)

    def test_state_is_kept(self):
        conf = client.state()
        for _ in range(2):
            self.assertNobodyLeft(self.start("-q", NAME, state=conf), 0)

    def test_signals(self):
        """The children are gone, and the caller sees which signal it was."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
            with self.subTest(number.name):
                process = self.start("-q", "-t", "30", self.mute)
                self.named(process, "ntsc-ke")
                process.send_signal(number)
                self.assertNobodyLeft(process, -number)

    def test_signals_of_a_group(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = self.start("-q", "-t", "30", self.mute, start_new_session=True)
                self.named(process, "ntsc-ke")
                os.killpg(process.pid, number)
                self.assertNobodyLeft(process, -number)

    def test_ignored_signals_stay_ignored(self):
        """As with nohup(1)."""
        process = self.start("-q", "-t", "2", self.mute,
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.named(process, "ntsc-ke")
        process.send_signal(signal.SIGHUP)
        self.assertNobodyLeft(process, 3)

    def test_children_ignored_by_the_caller(self):
        process = self.start("-q", NAME,
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertNobodyLeft(process, 0)

    def test_terminal(self):
        """^C shows what is known, and that is all that is left."""
        ours, theirs = pty.openpty()
        process = self.start("-q", "-t", "30", self.mute, stdin=theirs, stdout=theirs,
                             stderr=theirs, start_new_session=True)
        os.close(theirs)
        bed.wait_until("the line about waiting", lambda: b"waiting" in os.read(ours, 4096), process)
        os.killpg(process.pid, signal.SIGINT)
        self.assertNobodyLeft(process, 3)
        os.close(ours)

    def test_reader_gone(self):
        reading, writing = os.pipe()
        os.close(reading)
        process = self.start("-q", NAME, stdout=writing)
        os.close(writing)
        status, left = self.left(process)
        self.assertEqual(left, [])
        self.assertNotEqual(status, 0)

    def test_killed_children(self):
        for name in ("ntsc-engine", "ntsc-ke"):
            with self.subTest(name):
                process = self.start("-q", "-t", "4", self.mute)
                self.named(process, "ntsc-ke")
                for pid in self.named(process, name):
                    os.kill(pid, signal.SIGKILL)
                self.assertNobodyLeft(process, 3)

    def test_stopped_engine(self):
        """One that neither answers nor ends."""
        process = self.start("-q", "-t", "1", self.mute)
        os.kill(self.named(process, "ntsc-engine")[0], signal.SIGSTOP)
        self.assertNobodyLeft(process, 3)

    def test_killed_starter(self):
        process = self.start("-q", "-t", "4", self.mute)
        self.named(process, "ntsc-ke")
        os.kill(self.named(process, "ntsc-starter")[0], signal.SIGKILL)
        self.assertNobodyLeft(process, 3)

    def test_children_of_the_caller(self):
        """Of whoever became ntsc: they are none of ours, and not waited for."""
        self.before = {pid for pid, _, _ in below(os.getpid())}
        process = subprocess.Popen(
            ["sh", "-c", 'sleep 600 & exec "$@"', "sh", str(client.ntsc()), "-q", "--no-state",
             "--ca", str(self.root.cert), NAME], stdout=subprocess.DEVNULL)
        began = time.monotonic()
        status = process.wait(60)
        left = [p for p in below(os.getpid()) if p[0] not in self.before]
        self.assertEqual((status, [name for _, _, name in left]), (0, ["sleep"]))
        os.kill(left[0][0], signal.SIGKILL)
        os.waitpid(left[0][0], 0)
        print(f"beside a child of the caller: {time.monotonic() - began:.2f} s")


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
