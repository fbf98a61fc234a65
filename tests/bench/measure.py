# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of a program measured from outside, and what a running one occupies and does."""
import os
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bed

NOBODY = 65534


@dataclass
class Timed:
    seen_ms: float    # until the text was printed; negative: never
    ended_ms: float
    cpu_ms: float     # of all its processes
    switches: float
    status: int
    output: str


def timed(text, command, end=False):
    """Runs a command until it ends or, with `end`, until it has printed the text."""
    done = subprocess.run([os.environ["NTSC_STOPWATCH"], *(["-e"] if end else []), text,
                           *[str(c) for c in command]], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr}")
    *numbers, status = done.stdout.split()
    return Timed(*map(float, numbers), int(status), done.stderr)


def fit(points):
    """(fixed, k) of time = fixed + k x RTT through the medians; points: {rtt: [times]}"""
    xs = sorted(points)
    ys = [statistics.median(points[x]) for x in xs]
    mx, my = statistics.fmean(xs), statistics.fmean(ys)
    k = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return my - k * mx, k


def instructions(command):
    """User-space instructions of each process of the command, by callgrind: {program: number}. It
    runs as nobody from the beginning, so that all of them may write their counts."""
    found = {}
    with tempfile.TemporaryDirectory(dir=bed.tmp) as directory:
        os.chmod(directory, 0o777)
        done = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
             Path(os.environ["NTSC_STOPWATCH"]).with_name("no_filters"), "valgrind",
             "--tool=callgrind", "--trace-children=yes", "-q", "--vgdb=no",
             f"--callgrind-out-file={directory}/%p", *[str(c) for c in command]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            env={**os.environ, "HOME": "/"})
        for file in Path(directory).iterdir():
            text = file.read_text(errors="replace")
            name = re.search(r"^cmd: *(\S+)", text, re.M)
            total = re.findall(r"^(?:summary|totals): *(\d+)", text, re.M)
            if name and total:
                name = Path(name.group(1)).name
                # A child that goes on without exec carries its parent's count along.
                found[name] = max(found.get(name, 0), int(total[-1]))
    return found, done


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def memory_kb(pids):
    """(PSS, private dirty) of the processes together."""
    pss = dirty = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        pss += int(re.search(r"^Pss: *(\d+)", text, re.M).group(1))
        dirty += int(re.search(r"^Private_Dirty: *(\d+)", text, re.M).group(1))
    return pss, dirty


def activity(pids):
    """(CPU ns, voluntary switches) of all threads so far."""
    cpu = switches = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            cpu += int((task / "schedstat").read_text().split()[0])
            switches += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)",
                                      (task / "status").read_text(), re.M).group(1))
    return cpu, switches


def libraries(pid):
    """Shared libraries mapped, without the loader itself."""
    names = {line.split()[-1].rpartition("/")[2] for line in
             Path(f"/proc/{pid}/maps").read_text().splitlines() if ".so" in line}
    return sorted(n for n in names if not n.startswith("ld-"))


class Calls:
    """System calls of processes, counted from here to done()."""

    def __init__(self, pids):
        self.file = Path(tempfile.mkstemp(dir=bed.tmp, prefix="strace-")[1])
        self.tracer = subprocess.Popen(
            ["strace", "-f", "-c", "-o", self.file, *[a for p in pids for a in ("-p", str(p))]],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def done(self):
        """{call: number}; what the tracer itself interrupts is left out."""
        self.tracer.terminate()
        self.tracer.wait()
        found = {}
        for line in self.file.read_text().splitlines():
            words = line.split()
            if len(words) >= 5 and words[0].replace(".", "").isdigit() and words[-1] != "total":
                found[words[-1]] = int(words[3])
        found.pop("restart_syscall", None)
        return found
