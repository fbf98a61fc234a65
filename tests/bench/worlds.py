# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios for clknetsim, and the running of one of them with one client.

A world is one client and one or more stratum-1 servers (chronyd with NTS); delays, the client's
oscillator and what goes wrong are expressions of the simulator's own little language. Its second
is ours, its clocks are exact, and it is told the seed.
"""
import math
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field

USER = "nobody"  # for root: servers and clients under test need no rights in there
START = max(1830297600, int(time.time()) + 400 * 86400)  # later than any certificate and build
LIMIT = 300      # seconds of real time for one run


@dataclass
class World:
    name: str
    base: float = 1e-3      # delay each way, s
    jitter: float = 1e-4    # mean of the exponential that is added to it
    back: float = None      # the same from the server, where it is another
    wander: float = 1e-9    # of the oscillator's rate, s^-1/2
    poll: tuple = (6, 6)
    last: int = 50000       # s
    settle: int = 10000     # errors count from here on
    servers: int = 1
    loss: float = 0.0
    ahead: float = 1e-2     # what the client's clock begins with, s
    rate: float = 1e-5
    rate_more: str = ""
    up: str = ""            # more delay to the server
    down: str = ""
    server_ahead: dict = field(default_factory=dict)
    server_rate: dict = field(default_factory=dict)

    def conf(self, seed, directory):
        """The simulator's lines; a world with files of its own writes them into the directory."""
        c = self.servers + 1
        yield f"node{c}_offset = {self.ahead:g}"
        yield f"node{c}_freq = {self.client_rate(seed, directory)}"
        for s in range(1, c):
            yield f"node{s}_offset = {self.server_ahead.get(s, 0):g}"
            yield f"node{s}_freq = {self.server_rate.get(s, 0):g}"
            there, back = self.ways(s, seed, directory)
            yield f"node{c}_delay{s} = {there}"
            yield f"node{s}_delay{c} = {back}"

    def client_rate(self, _seed, _directory):
        return f"(+ {self.rate:g} (sum (* {self.wander:g} (normal))) {self.rate_more})"

    def ways(self, _server, _seed, _directory):
        back = self.jitter if self.back is None else self.back
        return self._delay(self.jitter, self.up), self._delay(back, self.down)

    def _delay(self, jitter, more):
        parts = [f"{self.base:g}", f"(* {jitter:g} (exponential))", more]
        if self.loss:  # a negative delay is a loss; (equal e e uniform) is 1 with probability 2 e
            parts.append(f"(* -1e4 (equal {self.loss / 2:g} {self.loss / 2:g} (uniform)))")
        return f"(+ {' '.join(p for p in parts if p)})"


def _grid():
    for name, base, jitter in (("lan-j10us", 1e-3, 1e-5), ("lan-j100us", 1e-3, 1e-4),
                               ("wan-j1ms", 20e-3, 1e-3), ("wan-j10ms", 20e-3, 1e-2)):
        for wander in (10, 9, 8):
            for poll, p in (((6, 6), "p6"), ((6, 10), "p6-10")):
                yield World(f"{name}-w{wander}-{p}", base, jitter, wander=10.0 ** -wander,
                            poll=poll, last=100000, settle=20000)


def _start():
    for name, ahead, rate in (("0-f10", 0, 1e-5), ("0-f100", 0, 1e-4), ("10ms-f50", 0.01, -5e-5),
                              ("10s-f50", 10, 5e-5), ("1e6s-f50", 1e6, 5e-5),
                              ("-1e6s-f50", -1e6, 5e-5), ("cold-f50", -5e8, 5e-5)):
        yield World("init-" + name, 20e-3, poll=(6, 10), last=20000, settle=5000, ahead=ahead,
                    rate=rate)


def _after(t, until=None):
    ramp = f"(* 1e6 (+ time {-t}))"
    return f"(max 0 (min 1 {ramp}" + (f" (* -1e6 (+ time {-until}))))" if until else "))")


def _disturbed():
    far = {"base": 20e-3}
    yield World("lan-j100us-w9-p4", poll=(4, 4))
    yield World("wan-j1ms-w9-p4", jitter=1e-3, poll=(4, 4), **far)
    yield World("wan-j10ms-w9-p4", jitter=1e-2, poll=(4, 4), **far)
    yield World("lan-j100us-w9-p4-10", poll=(4, 10))
    yield World("asym-j1ms", jitter=1e-3, back=1e-4, **far)
    yield World("asym-j10ms", jitter=1e-2, back=1e-4, **far)
    yield World("loss10", jitter=1e-3, loss=0.1, **far)
    yield World("loss50", jitter=1e-3, loss=0.5, **far)
    jump = {"rate_more": "(* -5e-7 (pulse 25000 1000000))"}
    yield World("tstep-j100us", **jump)
    yield World("tstep-j100us-p6-10", poll=(6, 10), **jump)
    yield World("tstep-j1ms-p6-10", jitter=1e-3, poll=(6, 10), **far, **jump)
    day = {"last": 100000, "settle": 13600, "rate_more": "(* 5e-7 (sine 86400))"}
    yield World("daily-j100us", **day)
    yield World("daily-j100us-p6-10", poll=(6, 10), **day)
    yield World("daily-j1ms-p6-10", jitter=1e-3, poll=(6, 10), **far, **day)
    yield World("hourly-j100us", rate_more="(* 1e-7 (sine 3600))")
    yield World("route-perm", up=f"(* 0.02 {_after(25000)})", **far)
    yield World("route-1h", up=f"(* 0.02 {_after(25000, 28600)})", **far)
    yield World("route-both", up=f"(* 0.02 {_after(25000)})", down=f"(* 0.02 {_after(25000)})",
                **far)
    yield World("congest-up", up="(* 0.01 (exponential) (max 0 (min 1 (* 1e6 (+ -2000 "
                "(% time 4000))))))", **far)
    spike = "(* 0.05 (exponential) (equal 0.025 0.025 (uniform)))"
    yield World("spikes", up=spike, down=spike, **far)
    yield World("three-j1ms", jitter=1e-3, servers=3, **far)
    yield World("false3", jitter=1e-3, servers=3, server_ahead={1: 0.1}, **far)
    drift = {"jitter": 1e-3, "servers": 3, "server_rate": {1: 5e-8}, "last": 100000}
    yield World("drift3", **drift, **far)
    yield World("drift3-p6-10", poll=(6, 10), **drift, **far)


WORLDS = {w.name: w for w in [*_grid(), *_start(), *_disturbed()]}


def certificates(directory, n=5):
    """Self-signed, one for each server, and all of them in one file."""
    for s in range(1, n + 1):
        name = f"node{s}.net1.clk"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "7300", "-subj",
                        f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout",
                        directory / f"key{s}", "-out", directory / f"cert{s}"],
                       check=True, stdin=subprocess.DEVNULL, capture_output=True)
        (directory / f"key{s}").chmod(0o644)  # of no worth to anybody
    (directory / "ca").write_text("".join((directory / f"cert{s}").read_text()
                                          for s in range(1, n + 1)))


@dataclass
class Outcome:
    rms: float        # s
    mean: float       # s
    rate_rms: float   # s/s
    settled: float    # within 1 ms for 60 s from here on; inf: never
    queries: int
    error: str = None


def _rms(values):
    return math.sqrt(sum(v * v for v in values) / len(values))


def _settled(offsets):
    good = 0
    for t, x in enumerate(offsets):
        good = good + 1 if abs(x) < 1e-3 else 0
        if good == 60:
            return t - 59
    return math.inf


def _judge(w, directory):
    client = w.servers  # column
    column = [[float(line.split("\t")[client]) for line in (directory / f).open()]
              for f in ("offset", "freq")]
    packets = [line.split("\t") for line in (directory / "packets").open()]
    sent = [float(p[0]) for p in packets if p[1] == str(client + 1) and p[8].strip() == "1"]
    error, rate = (c[w.settle:] for c in column)
    out = Outcome(_rms(error), sum(error) / len(error), _rms(rate), _settled(column[0]), len(sent))
    if not sent or w.last - sent[-1] > 8200:
        out.error = "the client fell silent: " + _tail(directory / f"log{client + 1}")
    return out


def _tail(log):
    return " | ".join(log.read_text(errors="replace").strip().splitlines()[-3:])[-300:]


def run(w, seed, client, tools, work):
    """Runs a world with a client, a function of (world, directory, ca file) that writes its
    configuration and returns its command line."""
    directory = work / f"{w.name}.{seed}.{client.__name__}"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    as_user = {}
    if os.geteuid() == 0:
        as_user = {"user": USER, "group": "nogroup", "extra_groups": []}
        shutil.chown(directory, USER, "nogroup")
    (directory / "conf").write_text("\n".join(w.conf(seed, directory)) + "\n")
    common = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC", "HOME": str(directory),
              "CLKNETSIM_SOCKET": str(directory / "socket"), "CLKNETSIM_START_DATE": str(START),
              "CLKNETSIM_RANDOM_SEED": str(1000 + seed), "CLKNETSIM_CONNECT_TIMEOUT": "30"}
    processes = []

    def start(command, log, env):
        with (directory / log).open("wb") as out:
            processes.append(subprocess.Popen(
                [str(c) for c in command], cwd=directory, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, env={**common, **env}, **as_user))
        return processes[-1]

    def node(n, command):
        start(command, f"log{n}", {"LD_PRELOAD": str(tools.simulator / "clknetsim.so"),
                                   "CLKNETSIM_NODE": str(n)})

    try:
        simulator = start([tools.simulator / "clknetsim", "-l", w.last, "-n", "1", "-o", "offset",
                           "-f", "freq", "-p", "packets", "-s", "socket", "conf", w.servers + 1],
                          "log", {})
        for s in range(1, w.servers + 1):
            (directory / f"server{s}").write_text("\n".join([
                f"pidfile {directory}/pid{s}", "local stratum 1", "allow", "cmdport 0",
                "bindcmdaddress /", f"ntsserverkey {work}/key{s}",
                f"ntsservercert {work}/cert{s}", "ntsprocesses 0", ""]))
            node(s, [tools.server, "-d", "-f", directory / f"server{s}"])
        node(w.servers + 1, client(w, directory, work / "ca"))
        try:
            status = simulator.wait(LIMIT)
        except subprocess.TimeoutExpired:
            status = "too slow"
    finally:
        for p in processes:
            try:
                p.wait(0 if p is processes[0] else 5)  # they end with the simulator
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
    if status != 0:
        return Outcome(math.nan, math.nan, math.nan, math.inf, 0,
                       f"clknetsim: {status}: {_tail(directory / f'log{w.servers + 1}')}")
    return _judge(w, directory)
