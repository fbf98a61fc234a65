# SPDX-License-Identifier: GPL-2.0-or-later
"""What the processes that speak with the network may do: nothing but that."""
import os
import pwd
import subprocess
import unittest
from pathlib import Path

import bed
import client
import pki
from tls_servers import PlainServer


def processes(name):
    """{pid: /proc/PID/status as a dict} of the processes that run this program."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.path.basename(os.readlink(path / "exe")) == name:
                lines = (path / "status").read_text().splitlines()
                found[int(path.name)] = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        except OSError:
            pass  # ended meanwhile
    return found


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = pki.Pki(bed.tmp / "pki")
        cls.root = cls.pki.root()

    def assertHasNothing(self, name):
        """Waits until the program runs and has given everything up, then looks closely."""
        def powerless():
            return any(int(p["CapPrm"], 16) == 0 and p["Uid"].split()[0] != "0"
                       for p in processes(name).values())
        bed.wait_until(f"{name} without rights", powerless)
        users = set()
        for user in ("ntsc-ke",) if name == "ntsc-ke" else ("ntsc", "nobody"):
            try:
                users.add(pwd.getpwnam(user).pw_uid)
            except KeyError:
                pass
        if name == "ntsc-ke" and not users:
            users = set(range(61184, 65520))  # those that nobody has
        for status in processes(name).values():
            for kind in ("Inh", "Prm", "Eff", "Amb"):
                self.assertEqual(int(status[f"Cap{kind}"], 16), 0, (name, kind))
            uids = {int(uid) for uid in status["Uid"].split()}
            self.assertEqual(len(uids), 1, status["Uid"])
            self.assertTrue(uids <= users, status["Uid"])
            self.assertNotIn("0", status["Gid"].split())
            self.assertEqual(set(status["Groups"].split()) - {status["Gid"].split()[0]}, set())
            self.assertEqual(status["NoNewPrivs"], "1", name)

    def assertApart(self):
        """The one that speaks TLS, and those that must not be reached from it."""
        users = {}
        for name in ("ntsc-ke", "ntsc-engine", "ntsc"):
            bed.wait_until(f"{name} runs", lambda name=name: processes(name))
            users[name] = {i for status in processes(name).values() for kind in ("Uid", "Gid")
                           for i in status[kind].split() + status["Groups"].split()}
        self.assertEqual(users["ntsc-ke"] & (users["ntsc-engine"] | users["ntsc"]), set(), users)

    def assertGone(self, run):
        self.assertEqual(run.status, 3, run)
        for name in ("ntsc", "ntsc-engine", "ntsc-ke"):
            bed.wait_until(f"end of {name}", lambda: not processes(name))

    def test_during_key_establishment(self):
        host = bed.Host()
        PlainServer(host, 4460)  # takes the connection and keeps still
        started = client.start("-q", "-t", "3", "--ca", self.root.cert, host.v4)
        self.assertHasNothing("ntsc-ke")
        self.assertHasNothing("ntsc-engine")
        self.assertApart()
        self.assertGone(client.finish(started))

    def test_root_of_a_namespace_of_one(self):
        """Where root is the only user there is (unshare -r), nobody else can be become."""
        host = bed.Host()
        bed.names({"a.test": host.v4})
        cert = self.pki.server("server", self.root, ["DNS:a.test"])
        bed.Chronyd(host, cert.chain, cert.key)
        conf = client.state()

        def ntsc(*args, space=("--user", "--map-root-user")):
            done = subprocess.run(["unshare", *space, client.ntsc(), "-f", conf, "-C", self.root.cert,
                                   "-j", *args, "a.test"], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=60)
            return client.Run(done.returncode, done.stdout, done.stderr, None)

        for _ in range(2):
            done = ntsc("-q")
            self.assertEqual((done.status, done.json["verdict"], done.err), (0, "ok", ""), done)
        # The second run had cookies of the first.
        self.assertEqual(len(list((conf.parent / "state/cookies").glob("a.test-*"))), 1)
        done = ntsc("-q", "--no-state", space=("--user", ))  # and where not even root is anybody
        self.assertEqual((done.status, done.json["verdict"], done.err), (0, "ok", ""), done)
        done = ntsc("-s")
        self.assertEqual((done.status, done.json["verdict"]), (4, "no-right"), done)

    def test_killed_parent(self):
        """Nothing stays behind when ntsc is killed."""
        host = bed.Host()
        PlainServer(host, 4460)
        started = client.start("-q", "-t", "60", "--ca", self.root.cert, host.v4)
        self.assertHasNothing("ntsc-ke")
        started.kill()
        started.wait()
        for name in ("ntsc-engine", "ntsc-ke"):
            bed.wait_until(f"end of {name}", lambda: not processes(name))
        started.stdout.close()
        started.stderr.close()


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
