# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc-onebox, all roles in one process, keeps time by real servers as the daemon does."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import bed
import pki

_FAR = 100  # nothing is judged by it


class Onebox:
    def __init__(self, lines, *args, program="NTSC_ONEBOX_RECORDER"):
        self.dir = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="onebox-"))
        self.record = self.dir / "record"
        self.record.touch()
        (self.dir / "run").mkdir()
        (self.dir / "conf").write_text("\n".join(
            [f"statedir {self.dir}/state", "log stderr", *lines, ""]))
        self.log = (self.dir / "log").open("wb")
        self.process = subprocess.Popen(
            [os.environ[program], "-f", self.dir / "conf", "--runtime-dir", self.dir / "run", *args],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "NTSC_RECORD": str(self.record)})

    def status(self):
        try:
            return json.loads((self.dir / "run/status.json").read_text())
        except OSError:
            return None

    def wait(self, what, true):
        try:
            bed.wait_until(what, lambda: (s := self.status()) and true(s), self.process)
        except RuntimeError as e:
            raise RuntimeError(f"{e}\n{(self.dir / 'log').read_text()}\n{self.status()}") from None
        return self.status()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(_FAR)
        self.log.close()
        return status


class OneboxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keys = pki.Pki(bed.tmp / "pki")
        cls.root = keys.root()
        cls.hosts = [bed.Host() for _ in range(3)]
        cert = keys.server("server", cls.root, [f"IP:{h.v4}" for h in cls.hosts])
        cls.servers = [kind(host, cert.chain, cert.key) for kind, host in
                       zip((bed.Chronyd, bed.Ntpsec, bed.Chronyd), cls.hosts)]

    def lines(self, hosts):
        return [f"ca {self.root.cert}"] + [f"server {h.v4} minpoll 4 maxpoll 4" for h in hosts]

    def test_steers_by_three_servers(self):
        box = Onebox(self.lines(self.hosts))
        status = box.wait("synchronized", lambda s: s["synchronized"] and s["agreeing"] == 3
                          and all(x["reach"] & 6 == 6 for x in s["sources"]))
        self.assertLess(abs(status["offset_s"]), status["bound_s"])
        for source in status["sources"]:
            self.assertEqual((source["selected"], source["error"]), ("selected", None))
        self.assertEqual(box.stop(), 0)
        orders = [dict(w.split("=") for w in line.split())
                  for line in box.record.read_text().splitlines()]
        self.assertGreaterEqual(len(orders), 2)  # one for each round of answers
        self.assertEqual({o["result"] for o in orders if int(o["result"]) < 0}, set())
        self.assertEqual(orders[-1]["unsync"], "0")
        self.assertEqual(len(list((box.dir / "state/cookies").glob("10.*"))), 3)

    def test_server_that_does_not_listen(self):
        box = Onebox(self.lines(self.hosts[1:2]) + [f"server {self.hosts[2].v4} port 1"], "-x",
                     program="NTSC_ONEBOX")
        status = box.wait("both tried", lambda s: s["sources"][0]["reach"] & 1
                          and s["sources"][1]["error"])
        self.assertEqual(status["sources"][1]["error"]["stage"], "connect")
        self.assertTrue(status["monitor_only"])
        self.assertFalse(status["synchronized"])
        self.assertEqual(box.stop(), 0)


if __name__ == "__main__":
    bed.enter()
    unittest.main(argv=["test_onebox"])
