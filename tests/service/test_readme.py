# SPDX-License-Identifier: GPL-2.0-or-later
"""README: its minute is what the programs print, but for what was measured; its figures are those of
the tables that it names."""
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

import place

TOP = Path(__file__).resolve().parents[2]
NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
README = (TOP / "README").read_text()
LONG = 60  # the sanitizers on a busy machine


def minute():
    """{command: what README has below it}."""
    section = README.partition("One minute with it\n---")[2].partition("\n\n\n")[0]
    found = {}
    for part in re.split(r"(?m)^    \$ ", section)[1:]:
        command, _, text = part.partition("\n")
        found[command] = text
    return found


def masked(text):
    """What was measured, in any unit and width, as one figure; who answered, as HERE."""
    for old, new in ((r"(\[::1\]|127\.0\.0\.1)", "HERE"),
                     (r"[+-]?\d[\d.]*(e[+-]\d+)? (ns|us|ms|s|min)\b", "0 s"),
                     (r"[+-]?\d[\d.]* ppm, wander [\d.e+-]+", "0 ppm, wander 0"),
                     (r"the clock is (ahead|behind)", "the clock is off"),
                     (r"\d{4}-\d\d-\d\d [\d:]+ UTC", "DATE"), (r"(localhost|port|pid|HERE)[ :]\d+", r"\1 0"),
                     (r"  (\d+    [0-7]{3}   \d) ", " reached ")):
        text = re.sub(old, new, text)
    return text.split()


class Minute(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = place.directory(self.addCleanup)
        server = place.LocalServer(self.dir / "server", self.addCleanup)
        self.ca, self.name = server.ca, server.name
        self.conf = self.dir / "try.conf"
        self.conf.write_text(f"server {self.name}\nca {self.ca}\nstatedir {self.dir}/state\n")
        self.said = minute()

    def run_ntsc(self, *words):
        return subprocess.run([*place.WITHOUT, NTSC, *map(str, words)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=90)

    def same(self, command, text):
        self.assertIn(command, self.said)
        for old, new in ((str(self.ca), "/tmp/try/ca.pem"), (str(self.dir), "/tmp/try")):
            text = text.replace(old, new)
        self.assertEqual(masked(self.said[command]), masked(text), text)

    def command(self, begins):
        return next(command for command in self.said if command.startswith(begins))

    def test_query(self):
        got = self.run_ntsc("-q", "--no-state", "-t", LONG, "-C", self.ca, self.name)
        self.same(self.command("ntsc -q --no-state -C ca.pem localhost:"), got.stdout)

    def test_configuration(self):
        self.same("ntsc -n -f try.conf", self.run_ntsc("-n", "-f", self.conf).stdout)

    def test_status(self):
        command = self.command("ntsc -x -f try.conf & sleep ")
        with open(self.dir / "log", "w", encoding="utf-8") as log:
            daemon = subprocess.Popen(
                [*place.WITHOUT, NTSC, "-x", "-f", self.conf, "--runtime-dir", self.dir / "run"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until = time.monotonic() + LONG
            text = ""
            while "NO; " not in text and time.monotonic() < until:
                time.sleep(0.2)
                text = self.run_ntsc("-i", "--runtime-dir", self.dir / "run").stdout
            self.same(command, text)
        finally:
            daemon.terminate()
            daemon.wait(LONG)


class Figures(unittest.TestCase):
    """A figure of README, and where a table has it."""

    def figure(self, readme, table, row):
        shown = re.search(readme, README)
        self.assertIsNotNone(shown, readme)
        has = re.search(row, (TOP / table).read_text())
        self.assertIsNotNone(has, row)
        for mine, its in zip(shown.groups(), has.groups(), strict=True):
            places = len(mine.partition(".")[2])
            self.assertEqual(mine, f"{float(its):.{places}f}", readme)

    def test_figures(self):
        results, accuracy = "tests/sim/RESULTS", "tests/bench/ACCURACY"
        self.figure(r"every 64 s +RMS time error ([\d.]+) x", results,
                    r"poll 6: RMS / chronyd +mean ([\d.]+)")
        self.figure(r"64 to 1024 s, as each +([\d.]+) x chronyd's, with ([\d.]+) x", results,
                    r"poll 6 to 10: RMS / chronyd +mean ([\d.]+)[^\n]*\n"
                    r" +poll 6 to 10: packets / chronyd +mean ([\d.]+)")
        self.figure(r"each: ([\d.]+) x chronyd's error in\s+the median, ([\d.]+) x in the worst",
                    accuracy, r"median of the starts, mean: ([\d.]+)[^\n]*\n"
                              r"worst of the starts, mean: ([\d.]+)")
        self.figure(r"with five servers, ([\d.]+) x", accuracy, r"five servers, mean: ([\d.]+)")
        self.figure(r"\(([\d.]+) and ([\d.]+) x the error of Debian's", accuracy,
                    r"poll 6, time error, mean: ([\d.]+)[\s\S]*?"
                    r"poll 6\.\.10, time error, mean: ([\d.]+)")
        self.figure(r"\(RMS (\d+), chronyd's (\d+)\)", results,
                    r"lan-j100us-w9-p6 +([\d.]+) us.* ([\d.]+) us +[\d.]+ +[\d.]+e")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
