# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the client under test, as installed, and what it said."""
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bed
from capture import Capture

_FAR = 60


@dataclass
class Run:
    status: int
    out: str
    err: str
    packets: list  # what crossed the client's links meanwhile; None with start()

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def result(self):
        """The only host's part of -j."""
        results = self.json["results"]
        assert len(results) == 1, self
        return results[0]

    def __str__(self):
        return "\n".join([f"status {self.status}", self.out.strip(), self.err.strip()] +
                         [str(p) for p in self.packets or []])


def ntsc():
    return Path(os.environ["NTSC_PREFIX"]) / "bin/ntsc"


def state():
    """A configuration with an empty state directory of its own."""
    directory = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="state-"))
    conf = directory / "conf"
    conf.write_text(f"statedir {directory}/state\n")
    directory.chmod(0o755)
    return conf


def start(*args, conf=None):
    """The client in the background; without conf it keeps no state."""
    command = [ntsc(), *(["-f", conf] if conf else ["--no-state"]), *args]
    return subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=_FAR)
    return Run(process.returncode, out, err, None)


def run(*args, conf=None):
    capture = Capture()
    done = finish(start(*args, conf=conf))
    done.packets = capture.done()
    return done
