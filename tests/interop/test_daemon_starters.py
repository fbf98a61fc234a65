# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon as a unit: engine and key exchanges are started by who listens at two sockets, each as
its own user, as systemd does it. Whoever is killed, nobody is left behind."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import bed
import daemon as d
from daemon_bed import NAMES, Case
from tls_servers import PlainServer

STARTER = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc/ntsc-starter"


def user(name, otherwise):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return otherwise


def is_reachable(uid):
    """Whether that user may execute what is installed; in a directory of root's alone none may."""
    return subprocess.run(["test", "-x", STARTER], user=uid, group=uid, extra_groups=[],
                          check=False).returncode == 0


ENGINE, KE = user("ntsc", 65534), user("ntsc-ke", 61999)


class Manager:
    """Accepts at both sockets, and gives each connection a starter of its own."""

    def __init__(self, test):
        self.dir = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="starters-"))
        self.dir.chmod(0o755)
        self.log_file = self.dir / "log"
        self.started = {"engine": [], "ke": []}
        self.listening = []
        for name, uid in (("engine", ENGINE), ("ke", KE)):
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            listening.bind(str(self.dir / name))
            listening.listen(4)
            self.listening.append(listening)
            threading.Thread(target=self.serve, args=(listening, name, uid), daemon=True).start()
        test.addCleanup(self.end)

    def serve(self, listening, name, uid):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, self.log_file.open("ab") as log:
                self.started[name].append(subprocess.Popen(
                    [STARTER], stdin=connection, stdout=subprocess.DEVNULL, stderr=log, user=uid,
                    group=uid, extra_groups=[], env={}))

    def last(self, name):
        return self.started[name][-1]

    def end(self):
        for listening in self.listening:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for process in self.all():
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.dir)

    def all(self):
        return self.started["engine"] + self.started["ke"]

    def wait_ended(self, test):
        """All whom it has started, with success."""
        for process in self.all():
            test.assertEqual(process.wait(60), 0, self.log_file.read_text())


def who(pid):
    """User, group and effective capabilities of a process."""
    lines = dict(line.split(":\t", 1) for line in
                 Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return int(lines["Uid"].split()[0]), int(lines["Gid"].split()[0]), int(lines["CapEff"], 16)


class Starters(Case):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self)

    def run_daemon(self, *names, more=()):
        daemon = self.daemon(*names, more=more, args=("--starter-dir", self.manager.dir))
        daemon.wait_synchronized()
        return daemon

    def children(self, name, program):
        return d.children(self.manager.last(name).pid, program)

    def test_life(self):
        daemon = self.run_daemon()
        (engine, ) = self.children("engine", "ntsc-engine")
        self.assertEqual(daemon.status()["pid"], daemon.pid)
        self.assertEqual(Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text(), "")
        # Each as its unit's user, without a right; another one for key exchanges.
        self.assertEqual(who(engine), (ENGINE, ENGINE, 0))
        self.assertEqual(who(self.manager.last("engine").pid), (ENGINE, ENGINE, 0))
        self.assertEqual(who(self.manager.last("ke").pid), (KE, KE, 0))
        # The engine writes where ntsc has opened it.
        self.assertTrue((daemon.run / "status.json").exists())
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_log("configuration read again")
        self.assertEqual(daemon.stop(), 0)
        self.manager.wait_ended(self)
        self.assertTrue(d.gone(engine))
        self.assertIn("stopped", daemon.log())
        self.assertTrue(any((daemon.state / "cookies").iterdir()))
        # Another one begins where that has ended.
        self.look()
        had = daemon.log().count("synchronized: ")
        daemon.start()
        daemon.wait_log("synchronized: ", had + 1)
        self.assertEqual(self.exchanged(self.look()), [])
        self.assertEqual(len(self.manager.all()), 4)
        daemon.stop()
        self.manager.wait_ended(self)

    def test_key_exchange(self):
        """It runs as its own user, ends with who has asked, and is done again when it is killed."""
        host = bed.Host()
        PlainServer(host, 4460)
        bed.names({**self.names, "silent.test": host.v4})
        self.addCleanup(bed.names, self.names)
        daemon = self.run_daemon("silent.test", *NAMES)
        found = []

        def begun():
            now = self.children("ke", "ntsc-ke")
            found[:] = now if now != found else []
            return found
        daemon.wait("a key exchange", begun, poll_s=1)
        first = list(found)
        self.assertEqual(who(first[0]), (KE, KE, 0))
        bed.run("kill", "-KILL", *first, check=False)
        daemon.wait("another", begun, poll_s=1)
        daemon.stop(signal.SIGKILL)
        self.manager.wait_ended(self)
        self.assertTrue(all(d.gone(pid) for pid in found))

    def test_engine_killed(self):
        daemon = self.run_daemon()
        (engine, ) = self.children("engine", "ntsc-engine")
        bed.run("kill", "-KILL", engine)
        daemon.wait_log("a new one starts in 1 s")
        daemon.wait("a second", lambda: self.children("engine", "ntsc-engine") not in ([], [engine]))
        daemon.wait_synchronized()
        self.assertEqual(daemon.stop(), 0)

    def test_daemon_killed(self):
        """The starters go when it does, and with them whom they started."""
        daemon = self.run_daemon()
        (engine, ) = self.children("engine", "ntsc-engine")
        daemon.stop(signal.SIGKILL)
        self.manager.wait_ended(self)
        self.assertTrue(d.gone(engine))

    def test_starter_killed(self):
        """Either: the daemon ends, for its service manager to begin anew, and so does the other."""
        for name, other in (("engine", "ke"), ("ke", "engine")):
            with self.subTest(name):
                daemon = self.run_daemon()
                (engine, ) = self.children("engine", "ntsc-engine")
                self.manager.last(name).kill()
                self.assertEqual(daemon.process.wait(60), 5, daemon.log())
                self.assertIn("the process that starts the others has ended", daemon.log())
                self.assertEqual(self.manager.last(other).wait(60), 0)
                bed.wait_until("the engine ends", lambda pid=engine: d.gone(pid))

    def test_nobody_there(self):
        daemon = d.Daemon(self.lines(), args=("--starter-dir", "/nowhere"))
        self.addCleanup(daemon.end)
        self.assertEqual(daemon.process.wait(60), 5, daemon.log())
        self.assertIn("/nowhere: nobody starts a process for us there", daemon.log())

    def test_by_hand(self):
        """ntsc-starter for itself is of no use, and says so."""
        for stdin in (subprocess.DEVNULL, subprocess.PIPE):
            done = subprocess.run([STARTER], stdin=stdin, capture_output=True, text=True, timeout=60,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn("started by the service manager", done.stderr)


if __name__ == "__main__":
    if not all(map(is_reachable, (ENGINE, KE))):
        print("skipped: the programs lie where only root can enter")
        sys.exit(77)
    bed.enter()
    unittest.main(verbosity=2)
