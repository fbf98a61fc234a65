# SPDX-License-Identifier: GPL-2.0-or-later
"""test_faults.py [--all]: every call that can fail, failing once.

Each run of the one-shot has one fault: call number n of one function in one of the three programs
fails in one of the ways that `functions` lists. Whatever it was: no crash, an exit status that is
documented, a word about it when there is no result, the clock set right or not at all; and the next
run, without a fault, is right. --all: for all n; else for the first ones, the last and some between.
"""
import ctypes
import errno
import json
import mmap
import multiprocessing
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))
import hostile_bed  # noqa: E402
from hostile_bed import Hostile, bed  # noqa: E402
from make_shim import read_table  # noqa: E402

import passable  # noqa: E402
import pki  # noqa: E402

CLOCK = "ntsc-recorder"
PROGRAMS = CLOCK, "ntsc-engine", "ntsc-ke"
COUNT, NTH, RANDOM = range(3)
FUNCTIONS, NAME = 256, 16  # as in fault.h
HEAD = f"=4IiI{NAME * 3}s3I4xQ"
CALLS = struct.calcsize(HEAD)
AHEAD = 100.0  # the server's clock
CLONE_NEWNS = 0x20000
WORKERS = 2
FIRST = 2      # of each function, without --all
BETWEEN = 6    # and so many more
ALLOCATORS = "malloc", "calloc", "realloc"

failing, never = read_table(HERE / "functions")
sanitized = b"__asan_init" in Path(os.environ["NTSC_RECORDER"]).read_bytes()


class Page:
    def __init__(self, path):
        size = CALLS + 4 * len(PROGRAMS) * FUNCTIONS
        path.write_bytes(bytes(size))
        path.chmod(0o666)
        with path.open("r+b") as f:
            self.map = mmap.mmap(f.fileno(), size)
        self.set(COUNT)

    def set(self, mode, program=0, function=0, n=1, error=0, shorter=0):
        """What is to fail from now on; all counts begin anew."""
        names = b"".join(p.encode()[:NAME - 1].ljust(NAME, b"\0") for p in PROGRAMS)
        head = struct.pack(HEAD, mode, program, function, n, error, shorter, names, 0, 0, 0, n)
        self.map[:] = head.ljust(len(self.map), b"\0")

    def mode(self, mode):
        """Goes on counting."""
        self.map[:4] = struct.pack("=I", mode)

    def _head(self):
        return struct.unpack(HEAD, self.map[:struct.calcsize(HEAD)])

    @property
    def failed(self):
        return self._head()[7]

    @property
    def crashed(self):
        return self._head()[8]

    @property
    def in_libc(self):
        return self._head()[9] != 0

    def calls(self, program, function):
        at = CALLS + 4 * (program * FUNCTIONS + function)
        return struct.unpack("=I", self.map[at:at + 4])[0]


class Place:
    """The installed programs with the shim before them, in a mount namespace of this process."""
    originals = None

    @classmethod
    def keep_originals(cls):
        """Before the first of them hides what is installed."""
        cls.originals = bed.tmp / "originals"
        shutil.copytree(Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc", cls.originals)

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="faults-"))
        self.dir.chmod(0o755)
        libexec = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc"
        shutil.copytree(self.originals, self.dir / "libexec/real")
        mine = self.dir / "libexec"
        mine.chmod(0o755)
        for program in PROGRAMS[1:]:
            shutil.copy(os.environ["NTSC_FAULTY"], mine / program)
        shutil.copy(os.environ["NTSC_SHIM"], mine / "shim.so")
        self.page = Page(mine / "page")
        bed.run("mount", "--bind", mine, libexec)
        self.preload = f"LD_PRELOAD={libexec / 'shim.so'}"
        self.env = {**os.environ, "FAULT_PAGE": str(libexec / "page"), "NTSC_RECORD": str(self.dir / "record"),
                    "ASAN_OPTIONS": "verify_asan_link_order=0"}


class Oneshot:
    """A run that sets the clock, and what came of it."""

    def __init__(self, place, state, ca, port):
        record = place.dir / "record"
        record.write_text("")
        record.chmod(0o666)
        conf = place.dir / "conf"
        conf.write_text(f"statedir {state}\n")
        # The shim opens its page for writing, which the programs' own filters would end.
        args = [os.environ["NTSC_NO_FILTERS"], "env", place.preload,
                os.environ["NTSC_RECORDER"], "-s", "-j", "-f", conf, "-t", "8", "-C", ca,
                f"localhost:{port}"]
        try:
            done = subprocess.run([str(a) for a in args], env=place.env, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, errors="replace", timeout=60)
            self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, self.out, self.err = -99, "", "hangs"
        self.steps = [int(s) / 1e9 for s in re.findall(r"\bstep_ns=(-?\d+)", record.read_text())]
        self.crashed, self.in_libc = place.page.crashed, place.page.in_libc

    def right(self):
        try:
            result = json.loads(self.out)
        except ValueError:
            return False
        return (self.status == 0 and result["verdict"] in ("ok", "set") and len(self.steps) == 1
                and abs(self.steps[0] - AHEAD) < 1)

    def problems(self):
        bad = []
        # Without memory, glibc's getaddrinfo() itself may stumble over a NULL (nss_database.c), and
        # that is the end of one key exchange. 99: the recorder cannot open its own record.
        if (self.crashed and not self.in_libc) or self.status not in (*range(5), 99):
            bad.append(f"exit status {self.status}, signal {self.crashed}")
        if "Sanitizer" in self.err or "runtime error" in self.err:
            bad.append("sanitizer")
        if len(self.err) > 2000:
            bad.append("too many words")
        if len(self.steps) > 1 or any(abs(s - AHEAD) > 1 for s in self.steps):
            bad.append(f"the clock was set by {self.steps}")
        if self.status != 0 and not self.err.strip() and '"error":"' not in self.out:
            bad.append("not a word about it")
        return bad

    def __str__(self):
        return f"status {self.status} {self.out.strip()[:600]} {self.err.strip()[:1500]}"


class Fault:
    def __init__(self, program, function, n, error, shorter=False):
        self.program, self.function, self.n = program, function, n
        self.error, self.shorter = error, shorter

    def __str__(self):
        how = "short" if self.shorter else self.error
        return f"{PROGRAMS[self.program]}: {failing[self.function].name} number {self.n}, {how}"


def one(place, fault, ca, port):
    """(whether the call came, what was wrong, the exit status)."""
    with tempfile.TemporaryDirectory(dir=place.dir) as work:
        os.chmod(work, 0o755)
        error = getattr(errno, fault.error, 0)
        place.page.set(NTH, fault.program, fault.function, fault.n, error, int(fault.shorter))
        first = Oneshot(place, work + "/state", ca, port)
        came = place.page.failed > 0
        bad = [f"{fault}: {words}: {first}" for words in first.problems()]
        place.page.set(COUNT)
        again = Oneshot(place, work + "/state", ca, port)
        bad += [f"after {fault}: {words}: {again}" for words in again.problems()]
        if not again.right():
            bad.append(f"after {fault}: not right again: {again}; before that: {first}")
    return came, bad, first.status


def work(faults, results, ca, port):
    """A process of its own: takes faults until there are none."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        os._exit(1)
    place = Place()
    for fault in iter(faults.get, None):
        results.put((str(fault), *one(place, fault, ca, port)))
    results.close()
    results.join_thread()
    os._exit(0)  # what this process has inherited to be done at its end is its parent's


def numbers(calls, every):
    """Which calls fail: all and one more, or the first ones, the last one, and some between."""
    if every or calls <= FIRST + 1:
        return range(1, calls + (2 if every else 1))
    some = {int(FIRST * (calls / FIRST) ** (i / (BETWEEN + 1))) for i in range(1, BETWEEN + 1)}
    return sorted({*range(1, FIRST + 1), *some, calls})


class Faults(unittest.TestCase):
    every = False

    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.cert = cls.pki.server("server", cls.root, ["DNS:localhost"])
        cls.ahead = Hostile(cls.cert, [f"ntp offset={AHEAD}"])
        cls.rows = []
        Place.keep_originals()

    @classmethod
    def tearDownClass(cls):
        cls.ahead.stop()
        hostile_bed.write_results("faults", cls.rows)

    def test_list_is_complete(self):
        """Everything that the three programs call is in the list."""
        known = never | {f.name for f in failing}
        prefix = Path(os.environ["NTSC_PREFIX"])
        for program in ("bin/ntsc", "libexec/ntsc/ntsc-engine", "libexec/ntsc/ntsc-ke"):
            out = subprocess.run(["nm", "-D", "--undefined-only", prefix / program], check=True,
                                 capture_output=True, text=True).stdout
            wanted = {re.split("@", line.split()[1])[0] for line in out.splitlines()
                      if line.split()[0] == "U"}
            wanted = {w for w in wanted if not re.match("__(asan|ubsan|sanitizer|lsan)_", w)}
            self.assertEqual(wanted - known, set(), f"{program}: how can they fail?")

    def plan(self, place):
        """The faults to try: what a run without one calls, and how that can fail."""
        state = place.dir / "first"
        place.page.set(COUNT)
        run = Oneshot(place, state, self.root.cert, self.ahead.port)
        self.assertTrue(run.right(), run)
        faults = []
        for program in range(len(PROGRAMS)):
            for i, function in enumerate(failing):
                calls = place.page.calls(program, i)
                # How a sanitizer's own allocator fails is not ours to try.
                if calls == 0 or (sanitized and function.name in ALLOCATORS):
                    continue
                for n in numbers(calls, self.every):
                    errors = function.errors or [None]
                    if not self.every:
                        errors = [errors[n % len(errors)]]
                    faults += [Fault(program, i, n, str(e)) for e in errors]
                    if "short" in function.marks and (self.every or n <= FIRST):
                        faults.append(Fault(program, i, n, "", shorter=True))
        self.assertGreater(len(faults), 100)
        return faults

    def test_each_call(self):
        wanted = self.plan(Place())
        context = multiprocessing.get_context("fork")
        faults, results = context.Queue(), context.Queue()
        for fault in [*wanted, *[None] * WORKERS]:
            faults.put(fault)
        workers = [context.Process(target=work, args=(faults, results, self.root.cert,
                                                      self.ahead.port)) for _ in range(WORKERS)]
        for w in workers:
            w.start()
        begin, bad, came, statuses = time.monotonic(), [], 0, {}
        for _ in wanted:
            name, did, problems, status = results.get(timeout=200)
            came += did
            statuses[status] = statuses.get(status, 0) + did
            bad += problems
            if os.environ.get("NTSC_FAULTS_SHOWN"):
                print(f"{name}: {'came' if did else 'did not come'}, status {status}", flush=True)
        for w in workers:
            w.join()
        seen = ", ".join(f"{n} exit {s}" for s, n in sorted(statuses.items()))
        print(f"{len(wanted)} faults, {came} of them met, {seen}, "
              f"{time.monotonic() - begin:.0f} s")
        self.assertEqual(bad, [], "\n".join(bad[:20]))
        # Whether the very last call comes again depends on the network's timing.
        self.assertGreater(came, len(wanted) * 0.7)
        self.rows.append(("faults.oneshot", f"one call fails, {len(wanted)} different ones",
                          "no crash, right or not at all, right at the next run", seen))


if __name__ == "__main__":
    if "--all" in sys.argv:
        sys.argv.remove("--all")
        os.environ["NTSC_FAULTS_ALL"] = "1"
    Faults.every = "NTSC_FAULTS_ALL" in os.environ
    bed.enter(servers=False)
    passable.open_way()
    unittest.main(verbosity=2)
