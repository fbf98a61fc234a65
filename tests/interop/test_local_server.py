# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/quickstart --local does when all is built, on machines whose loopback is known by
one name or another: it has to work wherever README's first command is typed."""
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import bed
import client

TOP = Path(__file__).resolve().parents[2]
HOSTS = {
    "both": "127.0.0.1 localhost\n::1 localhost\n",
    "six_first": "::1 localhost ip6-localhost ip6-loopback\n127.0.0.1 localhost\n",
    "six_only": "::1 localhost\n",
    "four_only": "127.0.0.1 localhost\n",
    "none": "192.0.2.1 elsewhere\n",
}


class LocalServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """What it takes of a clone, where every user can go."""
        cls.clone = bed.tmp / "clone"
        for name, source in (("scripts/local-server", TOP / "scripts/local-server"),
                             (".cache/chrony/usr/sbin/chronyd", os.environ["BED_CHRONYD"])):
            (cls.clone / name).parent.mkdir(parents=True)
            shutil.copy(source, cls.clone / name)

    def server(self, user=None):
        directory = Path(tempfile.mkdtemp(dir=bed.tmp))
        shutil.chown(directory, user or "root")
        directory.chmod(0o755)
        become = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"] if user else []
        with (directory / "said").open("wb") as said:  # a pipe would stay open with the server
            done = subprocess.run([*become, self.clone / "scripts/local-server", directory], stdin=subprocess.DEVNULL,
                                  stdout=said, stderr=said, timeout=60)
        self.assertEqual(done.returncode, 0, (directory / "said").read_text())
        pid = int((directory / "server.pid").read_text())
        self.addCleanup(lambda: os.kill(pid, signal.SIGTERM))
        return directory

    def ask(self, server):
        port = (server / "ke-port").read_text().strip()
        done = client.run("-q", "-j", "--ca", server / "ca.pem", f"localhost:{port}")
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)

    def test_hosts(self):
        server = self.server()
        for name, text in HOSTS.items():
            with self.subTest(name):
                bed._own_file("/etc/hosts", text)
                self.ask(server)

    def test_without_ipv6(self):
        for name in ("all", "lo"):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1\n")
        for name in ("both", "six_first", "none"):
            with self.subTest(name):
                bed._own_file("/etc/hosts", HOSTS[name])
                self.ask(self.server())

    def test_as_user(self):
        self.ask(self.server("nobody"))


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
