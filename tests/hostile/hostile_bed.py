# SPDX-License-Identifier: GPL-2.0-or-later
"""nts-hostile in the test bed, and the table of its cases, for the tests with the daemon."""
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))
import bed  # noqa: E402


def _load(name):
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


run = _load("run")  # the one-shot's runner: its table and its words


class Hostile:
    """nts-hostile with a script of its own, in the client's namespace or on a host."""

    def __init__(self, cert, script=(), host=None, listen=None, ntp=None, serve=()):
        self.dir = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="hostile-"))
        self.log_file = self.dir / "log"
        (self.dir / "script").write_text("\n".join(script) + "\n")
        args = [os.environ["NTSC_HOSTILE"], "-c", cert.chain, "-k", cert.key, "-o", self.log_file,
                *serve]
        listen = listen or (host.v4 if host else None)
        args += ["-l", listen] if listen else []
        args += ["-n", ntp] if ntp else []
        args = [str(a) for a in [*args, self.dir / "script"]]
        start = host.start if host else lambda *a, **more: subprocess.Popen(a, **more)
        with (self.dir / "err").open("wb") as err:
            self.process = start(*args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=err, text=True)
        with self.process.stdout:
            words = self.process.stdout.readline().split()
        if len(words) != 4:
            raise RuntimeError("nts-hostile: " + (self.dir / "err").read_text())
        self.port, self.ntp_port = int(words[1]), int(words[3])

    def events(self):
        """[(kind, number, {name: value})] of its log."""
        found = []
        for line in self.log_file.read_text().splitlines():
            kind, number, *facts = line.split()
            found.append((kind, int(number), dict(f.split("=", 1) for f in facts if "=" in f)))
        return found

    def count(self, kind):
        return sum(k == kind for k, _, _ in self.events())

    @property
    def exchanges(self):
        return self.count("ke")

    @property
    def queries(self):
        return [facts for kind, _, facts in self.events() if kind == "ntp"]

    def kill(self):
        """However it is."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """Ends it; raises what it could not make sense of in its script."""
        self.process.terminate()
        self.process.wait()
        if self.process.returncode != 0:
            raise RuntimeError("nts-hostile: " + (self.dir / "err").read_text())


def storm(exchanges, seconds):
    """Whether so many key exchanges are more than the pauses of RFC 8915 section 4.2 allow."""
    pause, needed = 10.0, 0.0
    for _ in range(exchanges - 1):
        needed += pause
        pause *= 1.5
    return needed > seconds


def write_results(name, rows):
    """[(case, what the server does, expected, seen)], where RESULTS is put together from."""
    directory = os.environ.get("NTSC_RESULTS")
    if directory:
        (Path(directory) / f"results-{name}").write_text(
            "".join(" | ".join(row) + "\n" for row in rows))
