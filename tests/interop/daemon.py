# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon under test: ntsc with the clock's recorder, and what it shows of itself."""
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import bed

_FAR = 120.0  # how long anything may take before the test gives up; nothing is judged by it

STEP, SLEW, FREQ, STATUS, ERRORS, TAI = 1, 2, 4, 8, 16, 32  # parts of an order
PLL, FREQHOLD, UNSYNC = 1, 2, 16                            # of its status


def gone(pid):
    """Whether the process has ended; nobody may have waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def look_at(number):
    """Name, state and parent of a process."""
    words, _, rest = Path(f"/proc/{number}/stat").read_text().rpartition(")")
    return words.partition(" (")[2], rest.split()[0], int(rest.split()[1])


def is_child(number, pid, name):
    """Whether the process is one of that name, was started for pid, by itself or by its starter,
    and has not ended."""
    try:
        found, state, parent = look_at(number)
        # The kernel keeps 15 letters of a name.
        return found == name[:15] and state != "Z" and pid in (parent, look_at(parent)[2])
    except OSError:
        return False


def children(pid, name):
    """The processes of that name that pid has: all of them at one and the same time."""
    numbers = sorted(int(path.name) for path in Path("/proc").glob("[0-9]*"))
    found = [number for number in numbers if is_child(number, pid, name)]
    # On a busy machine the first may have ended before the last was looked at.
    return [number for number in found if is_child(number, pid, name)]


def checksum(text):
    """Of the state directory's file `clock`."""
    h = 2166136261
    for octet in text.encode():
        h = (h ^ octet) * 16777619 % 2**32
    return h


class Daemon:
    """Runs in a directory of its own with the given lines of configuration."""

    def __init__(self, lines, start=True, args=(), program=None):
        self.dir = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="daemon-"))
        self.dir.chmod(0o755)
        self.program, self.args = program or os.environ["NTSC_RECORDER"], args
        self.conf, self.record = self.dir / "conf", self.dir / "record"
        self.state, self.run = self.dir / "state", self.dir / "run"
        self.log_file = self.dir / "log"
        self.process = None
        self.trespasses = False  # whether a child is made to do what it may not, or to say so
        self.record.touch()
        self.record.chmod(0o666)  # with -x it is opened by whom ntsc has become
        self.configure(lines)
        if start:
            self.start()

    def configure(self, lines):
        self.conf.write_text("\n".join([f"statedir {self.state}", "log stderr verbose", *lines])
                             + "\n")

    def start(self):
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-f", self.conf, "--runtime-dir", self.run, *self.args],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NTSC_RECORD": str(self.record)})
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def engine(self):
        """The engine's process, 0 while there is none."""
        return (children(self.pid, "ntsc-engine") or [0])[0]

    def log(self):
        return self.log_file.read_text(errors="replace")

    def orders(self):
        """What the clock was told, oldest first."""
        lines = self.record.read_text().splitlines()
        return [{k: float(v) if "." in v else int(v)
                 for k, v in (word.split("=") for word in line.split())} for line in lines]

    def status(self):
        """The status file; {} while there is none."""
        try:
            return json.loads((self.run / "status.json").read_text())
        except FileNotFoundError:
            return {}

    def source(self, name):
        return next((s for s in self.status().get("sources", []) if s["name"] == name), {})

    def poll(self):
        self.process.send_signal(signal.SIGUSR1)

    def wait(self, what, true, poll_s=None):
        """Until true() is; asks it to poll now and then, if that may help."""
        begin = last = time.monotonic()
        while not true():
            now = time.monotonic()
            if self.process.poll() is not None or now > begin + _FAR:
                raise AssertionError(f"{what}: not so after {now - begin:.0f} s, exit status "
                                     f"{self.process.returncode}\n{self.shown()}")
            if poll_s and now > last + poll_s:
                self.poll()
                last = now
            time.sleep(0.02)

    def wait_log(self, text, count=1, poll_s=None):
        self.wait(f"log: {text}", lambda: self.log().count(text) >= count, poll_s)

    def wait_synchronized(self):
        self.wait("synchronized", lambda: self.status().get("synchronized"))

    def shown(self):
        return f"{self.log()}\n{json.dumps(self.status(), indent=1)}"

    def stop(self, number=signal.SIGTERM):
        """Returns its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(_FAR)
        self.honest_children()
        return status

    def honest_children(self):
        """None did what its sandbox forbids; a new engine would hide that."""
        assert self.trespasses or not any(words in self.log() for words in (
            "may not make the system call", "more files in its directories")), self.log()

    def end(self):
        """However it is."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.honest_children()
