# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the one-shot client: time, CPU, instructions."""
import statistics

import bed
import client
import measure
import place

NTSC_RUNS = 11
OTHER_RUNS = 3
FAR_RTT = place.RTTS_MS[-1]


def ntsc(*names, conf=None):
    return [client.ntsc(), "-q", *(["-f", conf] if conf else ["--no-state"]), *names]


def _once(command, text="offset", end=False):
    run = measure.timed(text, command, end)
    if run.seen_ms < 0:
        raise RuntimeError(f"{command[0]} gave no answer:\n{run.output}")
    return run


class Series:
    """Runs of one client against one kind of server, at each round trip time."""

    def __init__(self):
        self.times, self.cpu = {}, []

    def add(self, rtt, run):
        self.times.setdefault(rtt, []).append(run.seen_ms)
        self.cpu.append(run.cpu_ms)

    def fit(self):
        return measure.fit(self.times)

    def cpu_ms(self):
        return statistics.median(self.cpu)


def _warm_states(letter):
    """For each distance a state with cookies."""
    states = {}
    for rtt in place.RTTS_MS:
        states[rtt] = client.state()
        _once(ntsc(f"{letter}{rtt}.bench.test", conf=states[rtt]))
    return states


def _series(table, clients):
    """Runs all clients in turn, again and again: {name: Series}."""
    warm = {letter: _warm_states(letter) for letter in "nc"}
    found = {}
    for number in range(NTSC_RUNS):
        for rtt in place.RTTS_MS:
            for letter in "nc":
                name = f"{letter}{rtt}.bench.test"
                todo = [("cold " + letter, ntsc(name), "offset", False),
                        ("warm " + letter, ntsc(name, conf=warm[letter][rtt]), "offset", False)]
                if number < OTHER_RUNS:
                    todo += [(f"{c.name} {letter}", c.once(name), c.shown, c.ends)
                             for c in clients if c.quick]
                if number == 0 and letter == "c" and rtt == FAR_RTT:
                    todo += [(f"{c.name} {letter}", c.once(name), c.shown, c.ends)
                             for c in clients if not c.quick]
                for key, command, text, end in todo:
                    run = measure.timed(text, command, end)
                    if run.seen_ms >= 0:
                        found.setdefault(key, Series()).add(rtt, run)
    return found


def _others_table(table, found, clients):
    servers = {"n": "NTPsec's server", "c": "chronyd's server"}
    lines = [f"{'one-shot':34} {'k':>6} {'fixed ms':>9} {'CPU ms':>8}  (medians, in turn)"]
    for key, series in found.items():
        who, _, letter = key.rpartition(" ")
        who = "ntsc " + who if who in ("cold", "warm") else who
        k, fixed = ("-", f"{max(map(max, series.times.values())):.0f}") if len(series.times) < 2 \
            else (f"{series.fit()[1]:.2f}", f"{series.fit()[0]:.1f}")
        lines.append(f"{who + ', ' + servers[letter]:34} {k:>6} {fixed:>9} "
                     f"{series.cpu_ms():8.1f}")
    table.add(*lines, "")


def times(table, clients):
    found = _series(table, clients)
    for letter, text, k_max in (("n", "NTPsec's server", 4.05), ("c", "chronyd's server", 5.05)):
        fixed, k = found["cold " + letter].fit()
        table.at_most(f"cold one-shot, {text}: k / fixed", (k_max, 9), (k, fixed), " ms")
    fits = [found["warm " + letter].fit() for letter in "nc"]
    fixed, k = max(f[0] for f in fits), max(f[1] for f in fits)
    table.at_most("warm one-shot: k / fixed", (1.05, 2), (k, fixed), " ms")
    table.at_most("CPU time of all processes, cold / warm", (9, 2),
                  (found["cold n"].cpu_ms(), found["warm n"].cpu_ms()), " ms")
    _several(table)
    _dead(table)
    _others_table(table, found, clients)


def _several(table):
    """All six servers at once, beside the slowest alone."""
    names = [f"{letter}{rtt}.bench.test" for letter in "cn" for rtt in place.RTTS_MS]
    alone, together = [], []
    for _ in range(7):
        alone.append(_once(ntsc(names[len(place.RTTS_MS) - 1])).ended_ms)
        together.append(_once(ntsc(*names)).ended_ms)
    slow, all_ms = statistics.median(alone), statistics.median(together)
    # Six key exchanges also want six times the CPU, on however many processors there are.
    table.row("6 hosts at once, to the slowest alone", "<= 1.25 x",
              f"{all_ms / slow:.2f} x ({all_ms:.0f} / {slow:.0f} ms)", all_ms <= 1.25 * slow)


def _dead(table):
    for name, what in (("half", "dead first address"), ("half6", "dead IPv6")):
        more = []
        for _ in range(5):
            good = _once(ntsc("c1.bench.test")).seen_ms
            more.append(_once(ntsc(f"{name}.bench.test")).seen_ms - good)
        table.at_most(f"{what}, cold: longer by", (250,), (statistics.median(more),), " ms",
                      "{:.0f}")


def counted(command):
    """Valgrind is slow, and servers are impatient when the machine is busy."""
    for _ in range(3):
        found, done = measure.instructions(command)
        if done.returncode == 0:
            break
    return found, done.returncode


def own_state():
    conf = client.state()
    state = conf.parent / "state"
    state.mkdir()
    bed.run("chown", f"{measure.NOBODY}:{measure.NOBODY}", state)
    return conf


def instructions(table, clients):
    totals, lines = {}, [f"{'instructions, M':34} {'all':>8}  of which"]
    for kind, name in (("EC", "n1.bench.test"), ("RSA", "rsa.bench.test")):
        conf = own_state()
        for run in ("cold", "warm"):
            found, status = counted(ntsc(name, conf=conf))
            if status != 0:
                table.row(f"instructions, {run}, {kind}", "", f"not counted: status {status}")
                return
            totals[run, kind] = sum(found.values()) / 1e6
            lines.append(f"{f'ntsc {run}, {kind} certificates':34} {totals[run, kind]:8.2f}  "
                         + ", ".join(f"{p} {n / 1e6:.2f}" for p, n in sorted(found.items())))
    table.at_most("instructions, M: cold EC / cold RSA / warm", (22, 22, 1.5),
                  (totals["cold", "EC"], totals["cold", "RSA"], totals["warm", "EC"]))
    for c in clients:
        if not c.countable:
            continue
        found, status = counted(c.once("n1.bench.test"))
        if found and status == 0:
            lines.append(f"{c.name + ' cold, EC certificates':34} {sum(found.values()) / 1e6:8.2f}")
    table.add(*lines, "")
