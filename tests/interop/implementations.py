# SPDX-License-Identifier: GPL-2.0-or-later
"""The NTS servers that can be had here: of this Debian, of another one, and of the Rust registry."""
import os
import shutil
import subprocess
import unittest
from pathlib import Path

import bed
import pki

TOP = Path(__file__).resolve().parents[2]
NTPD_RS = "1.9.0"


def look():
    """Before the namespaces: what can be had, with a line for what cannot. Who calls the tests may
    have looked already."""
    if "BED_TREE" not in os.environ:
        tree = subprocess.run([TOP / "tests/package/tree", "trixie", "servers"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        os.environ["BED_TREE"] = tree.stdout.strip() if tree.returncode == 0 else ""
    if "BED_NTPD_RS" not in os.environ:
        crate = subprocess.run([TOP / "scripts/fetch-crate", "ntpd", NTPD_RS],
                               stdin=subprocess.DEVNULL)
        os.environ["BED_NTPD_RS"] = "" if crate.returncode else str(
            TOP / f".cache/ntpd-{NTPD_RS}/bin/ntp-daemon")


def implementations():
    """{name: how it is started}"""
    found = {}

    def add(name, kind, program):
        found[f"{name} {bed.version(program)}"] = lambda *a, **more: kind(*a, program=program, **more)
    add("chronyd", bed.Chronyd, [os.environ["BED_CHRONYD"]])
    add("NTPsec", bed.Ntpsec, [os.environ["BED_NTPD"]])
    if shutil.which("ntp-daemon"):
        add("ntpd-rs", bed.NtpdRs, [shutil.which("ntp-daemon")])
    if os.environ["BED_TREE"]:
        tree = bed.Tree(os.environ["BED_TREE"])
        for name, kind, path in (("chronyd", bed.Chronyd, "/usr/sbin/chronyd"),
                                 ("NTPsec", bed.Ntpsec, "/usr/sbin/ntpd"),
                                 ("ntpd-rs", bed.NtpdRs, "/usr/bin/ntp-daemon")):
            if (tree.root / path.strip("/")).exists():
                add(name, kind, tree.program(path))
    if os.environ["BED_NTPD_RS"]:
        add("ntpd-rs", bed.NtpdRs, [os.environ["BED_NTPD_RS"]])
    return found


def newest(known):
    """{kind: name} of each kind the newest version."""
    best = {}
    for name in known:
        kind, _, number = name.partition(" ")
        key = [int(n) for n in number.split(".") if n.isdigit()]
        if key >= best.get(kind, ([], None))[0]:
            best[kind] = key, name
    return {kind: name for kind, (_, name) in best.items()}


class Case(unittest.TestCase):
    """Every server that can be had, under a root of its own; the rows of a table (RESULTS)."""

    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.known = implementations()
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        text = "".join(" | ".join(row) + "\n" for row in cls.rows)
        print(text)
        if "NTSC_RESULTS" in os.environ:
            (Path(os.environ["NTSC_RESULTS"]) / f"results-{cls.__name__.lower()}").write_text(text)

    def row(self, server, what, came):
        self.rows.append((server, f"wolfSSL {os.environ['NTSC_WOLFSSL']}", what, came))
