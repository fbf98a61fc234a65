# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the daemon: memory, CPU, switches, system calls. All clients run at the same time, each
with servers of its own, so that packets tell who has polled; memory is read from one after another.

ntsc's clock is the recorder of the tests: the kernel's part of an order is a line in a file. The
others may not touch the clock either (chronyd -x; no CAP_SYS_TIME), and so do less than usual.
"""
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import bed
import measure
import place
from capture import Capture, requests

WARM_S = 45          # first answers and the burst are over
WINDOW_S, WINDOWS = 32, 5
REST_S = 24          # before memory is read
SILENT_K = 15


_all = []


def end_all():
    """However they are."""
    for client in _all:
        if client.process.poll() is None:
            client.end()


class Client:
    """A running daemon."""

    def __init__(self, name, k, command, ns=None, sources=None):
        self.name, self.k, self.sources = name, k, sources or len(place.many(k))
        self.log = Path(tempfile.mkstemp(dir=bed.tmp, prefix="log-")[1])
        _all.append(self)
        enter = ["nsenter", f"--net={ns}"] if ns else []
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*enter, *[str(c) for c in command]], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, env={**os.environ, "NTSC_RECORD": f"{self.log}.record"})

    def pids(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended:\n{self.log.read_text(errors='replace')}")
        pids = measure.tree(self.process.pid)
        if self.name.startswith("ntsc,") and not any(
                Path(f"/proc/{p}/comm").read_text() == "ntsc-engine\n" for p in pids):
            raise RuntimeError(f"{self.name} is without its engine")
        return pids

    def end(self):
        pids = measure.tree(self.process.pid) if self.process.poll() is None else []
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def polls(self, packets):
        """Its queries: [(when, whom)]"""
        return [(p.at, p.dst) for p in packets if p.dst.startswith(f"10.99.{self.k}.")]


def ntsc(k, ns=None, n=None):
    directory = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="ntsc-"))
    directory.chmod(0o755)
    (directory / "conf").write_text("\n".join(
        [f"statedir {directory}/state", *(f"server {s} minpoll 4 maxpoll 4"
                                          for s in place.many(k, n)), ""]))
    client = Client("ntsc", k, [os.environ["NTSC_RECORDER"], "-f", directory / "conf",
                                "--runtime-dir", directory / "run"], ns, n)
    client.name = f"ntsc, {client.sources} source{'s'[:client.sources > 1]}"
    return client


class Window:
    """What clients did in some seconds."""

    def __init__(self, clients, seconds):
        capture = Capture()
        before = [measure.activity(c.pids()) for c in clients]
        time.sleep(seconds)
        after = [measure.activity(c.pids()) for c in clients]
        self.packets = requests(capture.done())
        self.of = {}
        for c, (cpu, switches), (cpu2, switches2) in zip(clients, before, after):
            self.of[c] = (len(c.polls(self.packets)), (cpu2 - cpu) / 1e6, switches2 - switches)


def _per_poll(windows, client):
    """Medians over the windows: (polls in all, CPU ms a poll, switches a poll)"""
    seen = [w.of[client] for w in windows if w.of[client][0] > 0]
    if not seen:
        return 0, float("nan"), float("nan")
    return (sum(s[0] for s in seen), statistics.median(s[1] / s[0] for s in seen),
            statistics.median(s[2] / s[0] for s in seen))


def _longest_gap(windows, client):
    """Longest time between two polls of one source, s. Windows follow each other at once."""
    last, longest = {}, 0.0
    for at, whom in sorted(p for w in windows for p in client.polls(w.packets)):
        longest = max(longest, at - last.get(whom, at))
        last[whom] = at
    return longest


def _calls(clients):
    """System calls a poll of each client, over three polls."""
    capture = Capture()
    counters = [(c, measure.Calls(c.pids())) for c in clients]
    time.sleep(3 * 16 + 2)
    found = [(c, counter.done()) for c, counter in counters]
    packets = requests(capture.done())
    return {c: (sum(calls.values()) / max(1, len(c.polls(packets))), calls) for c, calls in found}


def _living(table, clients, needed):
    """Those that still run; the others are named, and ntsc has to be among the living."""
    for c in clients:
        if c.process.poll() is not None:
            table.row(c.name, "", "ended: " + c.log.read_text(errors="replace")[-200:].strip())
            if c in needed:
                raise RuntimeError(f"{c.name} has ended")
    return [c for c in clients if c.process.poll() is None]


def running(table, others):
    own = {k: ntsc(k) for k in (1, 2, 3, 5)}
    silent_host = bed.Host(link=False)
    silent = ntsc(SILENT_K, silent_host.ns, 4)
    clients = [*own.values(), *(Client(o.name, k, o.daemon(place.many(k, 4)))
                                for k, o in enumerate(others, 6))]
    time.sleep(WARM_S)
    clients = _living(table, clients, own.values())
    _, quiet_before = measure.activity(silent.pids())
    began = time.monotonic()
    windows = [Window(clients, WINDOW_S) for _ in range(WINDOWS)]
    counted = [c for c in clients if c not in (own[3], own[5])]
    calls = _calls(counted)
    _, quiet = measure.activity(silent.pids())
    _rows(table, own, windows, calls, quiet - quiet_before, time.monotonic() - began)
    lines = [f"{'daemon, a poll every 16 s':30} {'CPU ms':>7} {'switches':>9} {'calls':>6} "
             f"{'polls':>6}  (a poll of one source)"]
    for c in clients:
        polls, cpu, switches = _per_poll(windows, c)
        shown = f"{calls[c][0]:6.1f}" if c in calls else f"{'-':>6}"
        lines.append(f"{c.name:30} {cpu:7.3f} {switches:9.2f} {shown} {polls:6}")
    table.add(*lines, "")
    libraries = {os.readlink(f"/proc/{pid}/exe").rpartition("/")[2]: measure.libraries(pid)
                 for pid in own[1].pids()}
    _libraries(table, libraries)
    for c in (*clients, silent):
        c.end()


def _rows(table, own, windows, calls, quiet, quiet_s):
    _, cpu, switches = _per_poll(windows, own[2])
    table.at_most("voluntary switches a poll and source", (2,), (switches,))
    table.row("voluntary switches without network", "0 an hour", f"{quiet} in {quiet_s:.0f} s",
              quiet == 0)
    table.at_most("CPU a poll, all processes", (0.1,), (cpu,), " ms", "{:.3f}")
    number, names = calls[own[2]]
    table.at_most("system calls a poll, all processes", (16,), (number,), form="{:.1f}")
    table.add("system calls of ntsc with 4 sources: " + ", ".join(
        f"{name} {n}" for name, n in sorted(names.items(), key=lambda x: -x[1])), "")
    one, many = (_per_poll(windows, own[k])[1] for k in (1, 5))
    table.row("64 sources: CPU a poll and source, to that of 1", "<= 1 x", f"{many / one:.2f} x",
              many <= one)
    gap_one, gap_many = (_longest_gap(windows, own[k]) for k in (1, 5))
    table.row("64 sources: longest time from poll to poll", "as with 1",
              f"{gap_many:.1f} s, with 1 {gap_one:.1f} s", gap_many <= gap_one + 1)


def _libraries(table, found):
    allowed = ("libc.", "libm.", "libcap.", "libseccomp.")
    every = sorted({n for names in found.values() for n in names})
    table.row("shared libraries of ntsc and ntsc-engine", "libc, libm, libcap, libseccomp",
              "; ".join(f"{p}: {', '.join(n.partition('.')[0] for n in names)}"
                        for p, names in found.items()),
              all(n.startswith(allowed) for n in every))


def _at_rest(server, start):
    """Memory (PSS, private dirty in kB) of a client that has polled for a while, alone: also
    without the server, with whose programs it might share."""
    server = server()
    client = start()
    time.sleep(REST_S)
    server.stop()
    found = measure.memory_kb(client.pids()), client.name, len(client.pids())
    client.end()
    return found


def memory(table, others, server):
    """With no other client running."""
    os.sync()  # pages of programs just installed would count as dirty
    starts = [lambda k=k: ntsc(k) for k in (2, 4)]
    starts += [lambda o=o, k=k: Client(o.name, k, o.daemon(place.many(k, 4)))
               for k, o in enumerate(others, 6)]
    found = []
    for start in starts:
        try:
            found.append(_at_rest(server, start))
        except RuntimeError as e:
            end_all()
            table.row("memory", "", f"not measured: {str(e)[-200:].strip()}")
            if len(found) < 2:  # ntsc itself
                raise
    (pss, dirty), (pss20, _) = found[0][0], found[1][0]
    table.at_most("at rest, 4 sources: PSS / private dirty", (0.8, 0.3), (pss / 1e3, dirty / 1e3),
                  " MB")
    table.at_most("at rest, more for each of 16 sources more: PSS", (4,), ((pss20 - pss) / 16,),
                  " kB", "{:.1f}")
    lines = [f"{'at rest':30} {'PSS MB':>7} {'private dirty MB':>17} {'processes':>10}"]
    for (p, d), name, n in found:
        lines.append(f"{name:30} {p / 1e3:7.2f} {d / 1e3:17.2f} {n:10}")
    table.add(*lines, "")
