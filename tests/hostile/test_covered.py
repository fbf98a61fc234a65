# SPDX-License-Identifier: GPL-2.0-or-later
"""Every test that FAULTS names is there, and every line of it names some."""
import fnmatch
import re
import subprocess
import os
import unittest
from pathlib import Path

from hostile_bed import HERE, run

TESTS = HERE.parent


def methods(path):
    return re.findall(r"def test_(\w+)", path.read_text())


def functions(path):
    """Tests of a program with cmocka: what takes the state, and what stands in its tables."""
    return re.findall(r"^static void (?:test_)?(\w+)\(void \*\*state\)", path.read_text(), re.M)


def ctest_names():
    """Of the build that this test belongs to."""
    out = subprocess.run(["ctest", "-N"], cwd=os.environ["NTSC_BUILD"], check=True,
                         capture_output=True, text=True).stdout
    return re.findall(r"Test +#\d+: (\S+)", out)


def known():
    """{kind: names}"""
    here = [name for path in HERE.glob("test_*.py") for name in methods(path)]
    return {
        "case": [case.name for case in run.read_cases(HERE / "cases", "0")],
        "daemon": here,
        "interop": [f"{path.stem[5:]}.{name}" for path in (TESTS / "interop").glob("test_*.py")
                    for name in methods(path)],
        "unit": [f"{path.stem[5:]}.{name}" for path in (TESTS / "unit").glob("test_*.c")
                 for name in functions(path)],
        "sim": [path.stem for path in (TESTS / "sim/scenarios").glob("*.sim")],
        "vm": [path.stem[5:] for path in (TESTS / "vm").glob("case_*.py")],
        "test": ctest_names(),
    }


class Covered(unittest.TestCase):
    def test_all(self):
        names, lines, references = known(), 0, 0
        for line in (HERE / "FAULTS").read_text().splitlines():
            if not line or line.startswith("#"):
                continue
            fault, _, tests = line.partition(" | ")
            self.assertTrue(tests, line)
            lines += 1
            for reference in tests.split():
                kind, _, name = reference.partition(":")
                references += 1
                with self.subTest(f"{fault}: {reference}"):
                    self.assertTrue(fnmatch.filter(names[kind], name))
        self.assertGreater(lines, 40)
        print(f"{lines} lines, {references} references")


if __name__ == "__main__":
    unittest.main()
