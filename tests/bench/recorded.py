# SPDX-License-Identifier: GPL-2.0-or-later
"""Worlds of clknetsim from recordings of real networks and oscillators, and their summary.

A directory of recordings holds
    NAME.csv             d_forward_s, d_backward_s: delays of exchanges, in their order, s;
                         bad_clock (may be absent): 1 where the recording's own clock was wrong
    NAME-oscillator.csv  t_s, frequency_ppm: the rate of a free-running oscillator
    *monitors*.csv       monitor, offset_s, rtt_s: one server seen from many places; half of the
                         difference between the two ways is a place's offset

Each seed begins a recording at another place. The two ways of a real network differ, and half of
that difference is an error that no client sees: only the ratio of two clients means something.
"""
import csv
import math
import random
from dataclasses import dataclass
from statistics import fmean, geometric_mean, median

from worlds import World

POLLS = (("p6", (6, 6)), ("p6-10", (6, 10)))
LAST, SETTLE = 100000, 20000  # 28 h, 5.6 h: as the drawn worlds of the grid
# Strides from seed to seed and from server to server: primes, so that no two starts agree with the
# period of a recording.
DELAY_STRIDE, RATE_STRIDE, SERVER_STRIDE = 7919, 9973, 31
FIVE = "five"


def _rows(path):
    with path.open() as f:
        return list(csv.DictReader(f))


def _played(directory, name, values, start):
    """An expression that gives the values one after the other, round and round."""
    start %= len(values)
    path = directory / name
    path.write_text("".join(f"{v:.9g}\n" for v in values[start:] + values[:start]))
    return f'(file "{path}")'


@dataclass
class Recorded(World):
    """One recorded way to each server; the servers' packets meet it apart, or together."""
    delays: tuple = ()        # forward, backward
    rates: tuple = ()         # of the client's oscillator at each second, s/s; empty: drawn
    together: bool = False

    def client_rate(self, seed, directory):
        if not self.rates:
            return super().client_rate(seed, directory)
        played = _played(directory, "rates", self.rates, seed * RATE_STRIDE)
        return f"(+ {self.rate:g} {played})"

    def ways(self, server, seed, directory):
        start = seed * DELAY_STRIDE + (0 if self.together else (server - 1) * SERVER_STRIDE)
        return [_played(directory, f"{way}{server}", values, start)
                for way, values in zip(("there", "back"), self.delays)]


@dataclass
class Monitored(World):
    """Five servers (or one of them) whose ways are those of five monitors, drawn by the seed; the
    nearest is the first."""
    monitors: tuple = ()      # (least round trip, offset, mean excess) of each, s
    only: int = 0             # 1 to 5: the world with this server alone

    def ways(self, server, seed, _directory):
        five = sorted(random.Random(seed).sample(self.monitors, 5))
        least, offset, excess = five[(self.only or server) - 1]
        return [f"(+ {least / 2 + way * offset:.9g} (* {excess / 2:.9g} (exponential)))"
                for way in (1, -1)]


def _oscillator(path):
    """The rate at each second, its mean taken off, s/s."""
    seen = [(float(r["t_s"]), float(r["frequency_ppm"])) for r in _rows(path)]
    mean = fmean(ppm for _, ppm in seen)
    return [(a + (b - a) * (t - t0) / (t1 - t0) - mean) * 1e-6
            for (t0, a), (t1, b) in zip(seen, seen[1:])
            for t in range(math.ceil(t0), math.ceil(t1))]


def _monitors(path):
    by_name = {}
    for r in _rows(path):
        by_name.setdefault(r["monitor"], []).append((float(r["offset_s"]), float(r["rtt_s"])))
    for seen in by_name.values():
        least = min(rtt for _, rtt in seen)
        yield (least, median(offset for offset, _ in seen),
               median(rtt for _, rtt in seen) - least)


def worlds(directory):
    common = {"last": LAST, "settle": SETTLE}
    paths = sorted(directory.glob("*.csv"))
    oscillators = {p.stem: _oscillator(p) for p in paths if p.stem.endswith("-oscillator")}
    for p in paths:
        rows = _rows(p)
        if "monitor" in rows[0]:
            common["monitors"] = tuple(_monitors(p))
            yield Monitored(FIVE, poll=(6, 10), servers=5, **common)
            for only in range(1, 6):
                yield Monitored(f"{FIVE}-{only}", poll=(6, 10), only=only, **common)
            del common["monitors"]
        if "d_forward_s" not in rows[0]:
            continue
        good = [r for r in rows if r.get("bad_clock", "0") in ("", "0")]
        common["delays"] = tuple([float(r[k]) for r in good] for k in ("d_forward_s", "d_backward_s"))
        for name, poll in POLLS:
            yield Recorded(f"{p.stem}-{name}", poll=poll, **common)
            for o, rates in oscillators.items():
                yield Recorded(f"{p.stem}-{o}-{name}", poll=poll, rates=rates, **common)
        for name, together in (("3", False), ("3-together", True)):
            yield Recorded(f"{p.stem}-{name}-p6-10", poll=(6, 10), servers=3, together=together,
                           **common)
        del common["delays"]


def _own(outcome):
    """The error about its own mean: without what half of the asymmetry gives every client."""
    return math.sqrt(max(0, outcome.rms ** 2 - outcome.mean ** 2))


class Pair:
    """Ratios of two clients in one world, over the starts."""

    def __init__(self, name, ours, theirs):
        self.name = name
        sides = ours, theirs
        self.errors = [[o.rms for o in side] for side in sides]
        self.middle = self._ratio(median, self.errors)
        self.worst = self._ratio(max, self.errors)
        self.own = self._ratio(median, [[_own(o) for o in side] for side in sides])
        self.rate = self._ratio(lambda v: math.sqrt(fmean(x * x for x in v)),
                                [[o.rate_rms for o in side] for side in sides])

    @staticmethod
    def _ratio(summary, sides):
        return summary(sides[0]) / summary(sides[1])

    def __str__(self):
        medians = " ".join(f"{median(side):9.2e}" for side in self.errors)
        return (f"{self.name:50} {medians} {self.middle:6.3f} {self.worst:6.3f} {self.own:6.3f} "
                f"{self.rate:6.2f}")


HEAD = (f"{'':50} {'time error, RMS, s':^19} {'ntsc / chronyd':^27}\n"
        f"{'':50} {'ntsc':>9} {'chronyd':>9} {'median':>6} {'worst':>6} {'own':>6} {'freq.':>6}")


def targets(pairs):
    """(what, measured, allowed)"""
    played = [p for p in pairs if not p.name.startswith(FIVE)]
    for what, figure, mean, each in (("median of the starts", "middle", 0.55, 0.95),
                                     ("worst of the starts", "worst", 0.65, 1.0),
                                     ("error about its own mean", "own", 0.38, None),
                                     ("frequency error", "rate", None, 2.5)):
        if mean and played:
            yield f"{what}, mean", geometric_mean(getattr(p, figure) for p in played), mean
        for p in played if each else ():
            yield f"{p.name}, {what}", getattr(p, figure), each
    drawn = {p.name: p.errors for p in pairs if p.name.startswith(FIVE)}
    if FIVE in drawn:
        ours, theirs = drawn.pop(FIVE)
        yield "five servers, mean", _mean_ratio(ours, theirs), 0.6
        if len(drawn) == 5:
            singles = [errors[0] for errors in drawn.values()]
            yield "five servers / the nearest alone, mean", _mean_ratio(ours, singles[0]), 1.0
            yield ("five servers / the one that was best in hindsight, mean",
                   _mean_ratio(ours, map(min, zip(*singles))), 1.0)


def _mean_ratio(ours, theirs):
    return geometric_mean(a / b for a, b in zip(ours, theirs))
