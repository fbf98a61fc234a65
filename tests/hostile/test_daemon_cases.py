# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of cases against the daemon: each daemon has some sixty of these servers at once.

What `expect` means for a source of the daemon:

    answer        it is asked, answers, and is believed; with another offset: found to be false
    refuse STAGE  no query is ever sent to it, and STAGE is what the status says
    fail STAGE    it is asked, no sample is taken, and STAGE is what the status says

and for all of it: synchronized by those that tell the truth, never a step, one and the same engine,
a handful of log lines, and no more key exchanges than the pauses allow.
"""
import os
import re
import time
import unittest

import hostile_bed
from hostile_bed import Hostile, bed, run, storm

import daemon as d
import pki

SERVERS = 60           # the daemon takes 64
CERT_NAMES = 100       # of a certificate: wolfSSL 5.7.2 takes 128 (WOLFSSL_MAX_ALT_NAMES)
# Ten thousand fragments for each query take longer than the daemon waits; of cookies of one octet two
# are alike after some queries.
TOO_MUCH = "net.fragments-flips", "ke-good.cookies-tiny"
# What is said of each packet, and only because the test asks for it.
VERBOSE = re.compile(": (keys exchanged with|query sent to|authenticated answer from|[0-9]+ stored cookies)")
LINES = 6              # of the log for each source, at most
WAY = "192.0.2.1", "192.0.2.2"  # as in `run`: no loopback, and the second one in fragments


def usable(case):
    """What only makes sense for several runs of a one-shot, or with its options, is left out; that
    it shall ask more than once needs no telling."""
    if case.name in TOO_MUCH:
        return False
    return case.earlier is None and (case.client[:1] == ["-n"] or len(case.client) <= 1)


def number(case):
    """One of a sweep: its middle."""
    return list(case.sweep)[len(list(case.sweep)) // 2]


class Source:
    def __init__(self, case, cert, index):
        self.case, self.name = case, f"s{index}.test"
        self.kind, self.want = run.wanted(case)
        serve = dict(zip(case.serve[::2], case.serve[1::2]))
        self.address = serve.get("-l", "127.0.0.1")
        script = [line.replace("{}", str(number(case))) for line in case.script]
        self.server = Hostile(cert, script, serve=case.serve)
        self.seen = {}

    def line(self):
        # What a case wants of the configuration are options of a server as well.
        return " ".join([f"server {self.name} port {self.server.port} minpoll 4 maxpoll 4",
                         *self.case.conf])

    def stage(self):
        return (self.seen.get("error") or {}).get("stage", "ok")

    def lies(self):
        return self.kind == "answer" and float(self.want["offset"]) != 0

    def settled(self, status):
        """Whether the status shows what is expected; what else must be so is judged at the end."""
        self.seen = next(s for s in status["sources"] if s["name"] == self.name)
        if self.stage() not in self.want["stage"].split("|"):
            return False
        if self.kind != "answer":
            return True
        wanted = ("falseticker", ) if self.lies() else ("selected", "shadowed")
        return self.seen["selected"] in wanted

    def problems(self, elapsed):
        queries, exchanges = self.server.queries, self.server.exchanges
        bad = [f"request not valid or not minimal: {q}" for q in queries
               if (q["valid"], q["minimal"]) != ("1", "1")]
        if (len(queries) > 0) != (self.kind != "refuse"):
            bad.append(f"{len(queries)} queries")
        if self.kind != "answer" and self.seen["reach"] != 0:
            bad.append("a sample was taken")
        # Who closes at once, or stumbles over the request, is tried twice each time.
        twice = "accept" in str(self.case.script) or self.want["stage"].startswith("ke-")
        if storm(-(-exchanges // 2) if twice else exchanges, elapsed):
            bad.append(f"{exchanges} key exchanges in {elapsed:.0f} s")
        if self.lies() and abs(self.seen["difference_s"] - float(self.want["offset"])) > 0.2:
            bad.append(f"off by {self.seen['difference_s']}")
        # On a busy machine the first of them may come too late.
        if self.want.get("error") in ("DENY", "RSTR") and \
                (self.seen["state"], len(queries) > 3) != ("refused", False):
            bad.append("asked again after it said no")
        return bad


class Cases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for words in (f"addr add {WAY[0]}/32 dev lo", f"addr add {WAY[1]}/32 dev lo",
                      f"route replace local {WAY[1]}/32 dev lo table local mtu lock 576"):
            bed.run("ip", *words.split())
        cls.cases = [c for c in run.read_cases(hostile_bed.HERE / "cases", os.environ["NTSC_WOLFSSL"])
                     if usable(c)]
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()
        cls.certs = [cls.pki.server(f"server-{i}", cls.root, ["DNS:localhost"] + [
            f"DNS:s{n}.test" for n in range(i, min(i + CERT_NAMES, len(cls.cases)))])
                     for i in range(0, len(cls.cases), CERT_NAMES)]
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        hostile_bed.write_results("daemon-cases", cls.rows)

    def settle(self, daemon, sources):
        waiting = {}

        def all_settled():
            status = daemon.status()
            if not status.get("sources"):
                return False
            # Once is enough: on a busy machine not all are well at one instant.
            waiting.update((s.case.name, s.settled(status)) for s in sources
                           if not waiting.get(s.case.name))
            return all(waiting.values()) and status["synchronized"]
        try:
            daemon.wait("all cases", all_settled)
        except AssertionError as e:
            left = [s for s in sources if not waiting.get(s.case.name)]
            self.fail("\n".join([f"{s.case.name}: {s.case.expect}: {s.seen}" for s in left] +
                                [str(e)[:2000]]))

    def test_all(self):
        """Cases of all groups for each daemon, so that each has servers that tell the truth; and
        all daemons at once, since most cases consist of waiting."""
        sources = [Source(case, self.certs[i // CERT_NAMES], i)
                   for i, case in enumerate(self.cases)]
        for s in sources:
            self.addCleanup(s.server.kill)
        bed.names({s.name: s.address for s in sources})
        count, begin = -(-len(sources) // SERVERS), time.monotonic()
        daemons = [(d.Daemon([f"ca {self.root.cert}", *(s.line() for s in part)]), part)
                   for part in (sources[i::count] for i in range(count))]
        for daemon, _ in daemons:
            self.addCleanup(daemon.end)
        for daemon, _ in daemons:
            daemon.wait("an engine", lambda daemon=daemon: daemon.engine)
        engines = [daemon.engine for daemon, _ in daemons]
        for daemon, part in daemons:
            self.settle(daemon, part)
        self.assertEqual([daemon.engine for daemon, _ in daemons], engines)
        elapsed = time.monotonic() - begin
        for daemon, part in daemons:
            self.assertEqual(daemon.stop(), 0, daemon.log())
            self.check(daemon, len(part))
        for s in sources:
            s.server.stop()
            with self.subTest(s.case.name):
                self.assertEqual(s.problems(elapsed), [])
            self.rows.append((f"daemon.{s.case.name}", s.case.text, s.case.expect,
                              f"{s.stage()} {s.seen['selected']}"))
        print(f"{len(sources)} cases, {len(daemons)} daemons, "
              f"{sum(s.server.exchanges for s in sources)} key exchanges in {elapsed:.0f} s")

    def check(self, daemon, sources):
        log = daemon.log()
        self.assertNotIn("ended unexpectedly", log)
        self.assertNotIn("Sanitizer", log)
        self.assertNotRegex(log, run.SECRET)
        told = [line for line in log.splitlines() if not VERBOSE.search(line)]
        self.assertLess(len(told), LINES * sources)
        for order in daemon.orders():
            self.assertEqual((order["steps"], order["result"] >= 0), (0, True), order)
            # The servers that tell the truth have this machine's clock, which nobody moves: it is
            # off by nothing. The first seconds ask for half as much again.
            self.assertLessEqual(abs(order["offset_ns"]), 1500 * order["maxerror_us"], order)
            self.assertLess(abs(order["gone_ns"]), 200e6, order)


if __name__ == "__main__":
    bed.enter(servers=False)
    unittest.main(verbosity=2)
