# SPDX-License-Identifier: GPL-2.0-or-later
"""What monitoring systems read, by readers that others wrote: performance data by
Monitoring::Plugin, metrics by Prometheus' own Python client and promtool, and by the specification
(openmetrics.py)."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import openmetrics
import place

TOP = Path(__file__).resolve().parents[2]
NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
STATUSES = TOP / "tests/unit/info"
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
CLIENT = """
import json, sys
from prometheus_client.openmetrics import parser
print(json.dumps({f.name: [f.type, f.unit, [[s.name, s.labels, s.value] for s in f.samples]]
                  for f in parser.text_string_to_metric_families(sys.stdin.read())}))
"""
PLUGIN = r"""
use JSON::PP; use Monitoring::Plugin::Performance; local $/;
my @found = map { my $t = $_->threshold;
    { label => $_->label, value => $_->value, uom => $_->uom, min => $_->min,
      warning => $t->warning->is_set ? "" . $t->warning : undef,
      critical => $t->critical->is_set ? "" . $t->critical : undef } }
    Monitoring::Plugin::Performance->parse_perfstring(<STDIN>);
print encode_json(\@found);
"""


def ask(*command, text):
    """What another program makes of the text, as JSON; None where that program is not here."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    if done.returncode and ("No module named" in done.stderr or "Can't locate" in done.stderr):
        return None
    assert done.returncode == 0, done.stderr + text
    return json.loads(done.stdout)


def metrics(status, fresh):
    """(exit status, octets) of --openmetrics over that status; None: over no status."""
    with tempfile.TemporaryDirectory() as directory:
        if status is not None:
            if fresh:
                now = int(time.time())
                for key, at in (("written_at", now), ("fresh_until", now + 100)):
                    status = re.sub(rf'"{key}": [0-9.]+', f'"{key}": {at}.0', status)
            Path(directory, "status.json").write_bytes(status.encode())
            os.chmod(directory, 0o755)  # the status is read as another user
        done = subprocess.run([NTSC, "-i", "--openmetrics", "--runtime-dir", directory],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return done.returncode, done.stdout


class Metrics(unittest.TestCase):
    def pages(self):
        found = {"none": metrics(None, False)}
        for path in sorted(STATUSES.glob("*.json")):
            status = path.read_text()
            first = re.search(r'\{"name": ("[^"]*")', status)
            found[path.stem] = metrics(status, True)
            found[path.stem + " stale"] = metrics(status, False)
            for name in ('a"b\\c\n.test', "x" * 255):
                if first:
                    found[f"{path.stem} {name[:9]!r}"] = metrics(
                        status.replace(first[1], json.dumps(name, ensure_ascii=False)), True)
        return found

    def test_pages(self):
        seen = {"strict": 0, "prometheus_client": 0, "promtool": 0}
        promtool = shutil.which("promtool")
        for name, (code, page) in self.pages().items():
            with self.subTest(name):
                self.assertEqual(code, 0)
                mine = openmetrics.read(page)
                seen["strict"] += 1
                up = 0 if name == "none" or name.endswith("stale") else 1
                self.assertEqual(mine["ntsc_up"]["samples"], [([], float(up))])
                theirs = self.client(page.decode())
                if theirs is not None:
                    seen["prometheus_client"] += 1
                    self.assertEqual(theirs, {n: [f["TYPE"], f.get("UNIT", ""),
                                                  len(f["samples"])] for n, f in mine.items()})
                if promtool:
                    seen["promtool"] += 1
                    done = subprocess.run([promtool, "check", "metrics"], input=page,
                                          capture_output=True, timeout=60)
                    # It knows the older form alone, where a counter's family has its whole name.
                    said = [line for line in done.stderr.decode().splitlines()
                            if not line.endswith("_total no help text")]
                    self.assertEqual((done.returncode in (0, 3), said), (True, []))
        self.assertGreater(seen["strict"], 10)
        for reader, pages in seen.items():
            print(f"{reader}: {pages} pages" if pages else
                  f"skipped: {reader} is not here (scripts/install-deps test)", file=sys.stderr)

    @staticmethod
    def client(page):
        """By Python's client, which may be there for the system's Python alone."""
        for python in (sys.executable, "/usr/bin/python3"):
            found = ask(python, "-c", CLIENT, text=page) if os.access(python, os.X_OK) else None
            if found is not None:
                return {name: [kind, unit, len(samples)]
                        for name, (kind, unit, samples) in found.items()}
        return None

    def test_the_reader_reads(self):
        """openmetrics.read() refuses what the specification does."""
        good = b"# TYPE a counter\n# HELP a x\na_total{b=\"c\"} 1\n# EOF\n"
        openmetrics.read(good)
        for wrong in (good[:-6], good.replace(b"a_total", b"a"), good.replace(b" 1", b" -1"),
                      good.replace(b" 1", b"  1"), good.replace(b'"c"', b"c"),
                      good.replace(b"\n# EOF", b"\n\n# EOF"), good.replace(b"# HELP", b"# UNIT"),
                      good.replace(b"# EOF", b'a_total{b="c"} 2\n# EOF'),
                      good.replace(b'"c"', b'"\\c"'), good.replace(b"counter", b"info")):
            with self.subTest(wrong), self.assertRaises(openmetrics.Wrong):
                openmetrics.read(wrong)


class Plugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = place.LocalServer(place.directory(cls.addClassCleanup), cls.addClassCleanup)
        cls.port, cls.ca = server.port, server.ca

    def check(self, status, *words, hosts=("localhost",)):
        """The line's words and {label: figure}; the same figures as Perl's reader finds."""
        hosts = [h if ":" in h else f"{h}:{self.port}" for h in hosts]
        done = subprocess.run([NTSC, "-q", "--no-state", "-C", self.ca, *words, *hosts],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, status, done)
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.endswith("\n"))
        line, _, details = done.stdout.partition("\n")
        self.assertLessEqual(line.count("|"), 1)
        self.assertNotIn("|", details)  # what follows a second bar would be figures again
        said, _, figures = line.partition(" | ")
        self.assertTrue(said.startswith(f"NTS {STATES[status]} - "), said)
        found = {}
        for figure in figures.split(" '")[:] if figures else []:
            label, _, rest = figure.lstrip("'").partition("'=")
            found[label] = rest
        theirs = ask("perl", "-e", PLUGIN, text=figures) if shutil.which("perl") else None
        if theirs is None:
            print("skipped: perl's Monitoring::Plugin is not here", file=sys.stderr)
            return said, found
        self.assertEqual([f["label"] for f in theirs], list(found))
        for f in theirs:
            value = found[f["label"]].split(";")
            self.assertEqual(float(f["value"]), float(value[0].rstrip("s")))
            self.assertEqual(f["uom"] or "", "s" if value[0].endswith("s") else "")
            # That reader takes no "@" in performance data; the guidelines do.
            for part, limit in zip(("warning", "critical", "min"), value[1:]):
                if "@" in "".join(value):
                    break
                self.assertEqual(f[part] is not None and f[part] != "", limit != "", f)
        return said, found

    def test_states(self):
        said, figures = self.check(0, "--plugin")
        self.assertLessEqual({"offset", "bound", "error", "delay", "stratum", "certificate_days"},
                             set(figures))
        self.check(0, "-w", "1", "-c", "2")
        self.check(1, "-w", "0", "-c", "2")
        self.check(2, "-w", "0", "-c", "0")
        self.check(1, "--warn-bound", "0")
        self.check(2, "--crit-bound", "0", "-w", "9")

    def test_ranges(self):
        """Of the guidelines: the error here is less than a second."""
        for limit, status in (("0:1", 0), ("~:1", 0), (":1", 0), ("10:20", 1), ("@10:20", 0),
                              ("@0:20", 1), ("1:", 1), ("@~:5", 1), ("@1:", 0), ("1e-12", 1)):
            with self.subTest(limit):
                _, figures = self.check(status, "-w", limit)
                shown = figures["error"].split(";")[1]
                self.assertEqual(shown, {"0:1": "1", ":1": "1", "@0:20": "@20",
                                         "1e-12": "0.000000000001"}.get(limit, limit))
        self.check(2, "-c", "1:", "-w", "9")

    def test_stopped(self):
        """By the signal of who waits no longer, while a server that is silent is waited for."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            host = f"127.0.0.1:{silent.getsockname()[1]}"
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                with self.subTest(number):
                    run = subprocess.Popen([NTSC, "-q", "--plugin", "--no-state", "-t", "90", host],
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True)
                    with silent.accept()[0]:  # kept, and not answered
                        run.send_signal(number)
                        said = run.communicate(timeout=60)
                    self.assertEqual(said, ("NTS UNKNOWN - stopped by a signal\n", ""))
                    self.assertEqual(run.returncode, 3)

    def test_several(self):
        said, figures = self.check(0, "--plugin", hosts=("localhost", "127.0.0.1"))
        self.assertIn("2 of 2 servers agree", said)
        self.assertIn(f"127.0.0.1:{self.port} delay", figures)

    def test_unknown(self):
        """Nothing there, nothing said in time, no such name, a name that has a bar in it."""
        said, figures = self.check(3, "--plugin", hosts=("127.0.0.1:1",))
        self.assertIn("connect", said)
        self.assertEqual(figures, {})
        for words, why in (("-w x h", '"x" is no limit'), ("-w 2:1 h", '"2:1" is no limit'),
                           ("--plugin a|b", "\"a/b\" is not a host"), ("--plugin --qeury h", "--query"),
                           ("--plugin -f /none h", "/none: No such file"),
                           ("-c 1 h h", "given twice"), ("--plugin status", "ntsc -i")):
            with self.subTest(words):
                done = subprocess.run([NTSC, "-q", *words.split()], stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 3)
                self.assertTrue(done.stdout.startswith("NTS UNKNOWN - "), done.stdout)
                self.assertTrue(done.stdout.endswith("\n"))
                self.assertEqual(done.stdout.count("\n"), 1)
                self.assertIn(why, done.stdout)
                self.assertNotIn("|", done.stdout)
        # So short that the engine has ended when key exchanges are being started for it.
        for _ in range(10):
            said, _ = self.check(3, "--plugin", "-t", "0.01", hosts=("localhost", "127.0.0.1:1"))
            self.assertRegex(said, "no authenticated answer from any of 2 |no agreement: 1 of 2 ")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
