# SPDX-License-Identifier: GPL-2.0-or-later
"""Several tests of one program at once, each in a test bed of its own: most of them mostly wait."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import bed

AT_ONCE = 4  # each asks little of a processor


def _names(suite):
    """Class.test of all that are in it."""
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from _names(part)
        else:
            yield part.id().partition(".")[2]  # without __main__


def _one(name, directory):
    """(exit status, output) of one test; what it writes as results goes below the directory."""
    env = {**os.environ, "NTSC_RESULTS": str(directory / name)}
    (directory / name).mkdir()
    done = subprocess.run([sys.executable, sys.argv[0], name], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", env=env)
    return done.returncode, done.stdout


def _all(names, directory):
    """Prints what each prints, in order, and returns the worst exit status."""
    worst = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(_one, name, directory) for name in names]
        for future in futures:
            status, output = future.result()
            print(output, flush=True)
            worst = status if worst in (0, bed.SKIP) and status != 0 else worst
    return worst


def _gather(names, directory):
    """One file of results for each class, as if its tests had run one after the other."""
    target = os.environ.get("NTSC_RESULTS")
    files = [path for name in names for path in sorted((directory / name).iterdir())]
    if target:
        for path in {path.name for path in files}:
            (Path(target) / path).write_text(
                "".join(file.read_text() for file in files if file.name == path))


def main(servers=True):
    """Instead of bed.enter() and unittest.main(); with arguments it is these two."""
    if len(sys.argv) > 1 or bed.inside():
        bed.enter(servers)
        unittest.main(verbosity=2)
    names = list(_names(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])))
    with tempfile.TemporaryDirectory(prefix="ntsc-several-") as directory:
        worst = _all(names, Path(directory))
        _gather(names, Path(directory))
    sys.exit(worst)
