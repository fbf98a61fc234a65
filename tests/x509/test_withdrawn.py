# SPDX-License-Identifier: GPL-2.0-or-later
"""A CA that is replaced or removed is gone: for each new key exchange, and at SIGHUP also for keys that it vouched for
before. One server for each way to name a CA and to take it away; a daemon that only watches the clock, and one-shots.
NTSC: the program; NTSC_HOSTILE: the server."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import bed
import test_chains  # by its name: its own cases would be run here
from test_chains import CA, SERVER, openssl
PATIENCE_S = 90  # until the test gives up; nothing is judged by it


def put(source, target):
    """As a careful administrator does: by a rename."""
    shutil.copy(source, target + ".new")
    os.chmod(target + ".new", os.stat(target).st_mode & 0o777)
    os.rename(target + ".new", target)


def relink(target, link):
    os.symlink(target, link + ".new")
    os.rename(link + ".new", link)


class Store:
    """Where one server's CA is: `path` is what ntsc is given."""

    def __init__(self, place, name, root, secret):
        self.dir, self.root = f"{place}/{name}", root
        os.mkdir(self.dir, 0o755)
        self.inside = f"{self.dir}/inside"
        os.mkdir(self.inside, 0o700 if secret else 0o755)
        self.file = f"{self.inside}/ca.pem"
        shutil.copy(root, self.file)
        os.chmod(self.file, 0o600 if secret else 0o644)
        self.path = self.file

    def link(self, *names):
        """Links of links, the last to the file; the first is what is given."""
        for i, name in enumerate(reversed(names)):
            os.symlink("ca.pem" if i == 0 else names[len(names) - i], f"{self.inside}/{name}")
        self.path = f"{self.inside}/{names[0]}"

    def hashed(self):
        openssl("rehash", self.inside, cwd=self.dir)
        self.path = self.inside


class Withdrawn(unittest.TestCase):
    def setUp(self):
        test_chains.Chains.setUpClass()
        self.addCleanup(test_chains.Chains.tearDownClass)
        self.place = tempfile.mkdtemp(dir=test_chains.Chains.dir)
        os.chmod(self.place, 0o755)
        self.leaf = test_chains.Chains.cert("leaf", SERVER, test_chains.Chains.root)
        # Of the same name, with another key: as after a CA was made anew.
        self.other = test_chains.Chains.cert("root", CA) + ".pem"
        self.servers, self.stores, self.actions = {}, {}, {}

    def case(self, name, action, secret=False, prepare=None):
        store = Store(self.place, name, test_chains.Chains.root + ".pem", secret)
        if prepare:
            prepare(store)
        with open(self.leaf + ".pem") as chain, open(self.leaf + ".key") as key:
            self.servers[name] = bed.Server(test_chains.Chains.dir, chain.read(), key.read())
        self.addCleanup(self.servers[name].__exit__)
        self.stores[name], self.actions[name] = store, action

    def cases(self):
        other = self.other

        def directory(store):
            store.path = store.inside

        def rehash(store):
            put(other, store.file)
            store.hashed()

        for secret in (False, True):
            also = "-secret" if secret else ""
            self.case("kept" + also, lambda s: None, secret)
            self.case("removed" + also, lambda s: os.unlink(s.file), secret)
            self.case("renamed" + also, lambda s: os.rename(s.file, s.file + ".old"), secret)
            self.case("replaced" + also, lambda s: put(other, s.file), secret)
            self.case("written" + also, lambda s: shutil.copyfile(other, s.file), secret)
            self.case("put-aside" + also, lambda s: os.rename(s.inside, s.dir + "/aside"), secret)
            self.case("link" + also, lambda s: os.unlink(s.path), secret, lambda s: s.link("link"))
            self.case("relinked" + also, lambda s: relink(other, s.path), secret, lambda s: s.link("link"))
            self.case("second-link" + also, lambda s: relink(other, s.inside + "/second"), secret,
                      lambda s: s.link("first", "second"))
            self.case("link-stays" + also, lambda s: put(other, s.file), secret, lambda s: s.link("link"))
        self.case("dir-removed", lambda s: os.unlink(s.file), False, directory)
        self.case("dir-replaced", lambda s: put(other, s.file), False, directory)
        self.case("dir-written", lambda s: shutil.copyfile(other, s.file), False, directory)
        self.case("hashed-removed", lambda s: os.unlink(s.file), False, Store.hashed)
        self.case("hashed-replaced", rehash, False, Store.hashed)
        self.case("dir-gone", lambda s: shutil.rmtree(s.inside), False, Store.hashed)

    def start(self, *more):
        conf = f"{self.place}/conf"
        with open(conf, "w") as file:
            for name, server in self.servers.items():
                file.write(f"server 127.0.0.1 port {server.port} ca {self.stores[name].path}\n")
            file.write(f"statedir {self.place}/state\nlog stderr\n")
        self.log = open(f"{self.place}/log", "ab")
        self.addCleanup(self.log.close)
        self.daemon = subprocess.Popen([os.environ["NTSC"], "-x", "-f", conf, "--runtime-dir",
                                        self.place + "/run", *more],
                                       stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.addCleanup(self.end)

    def end(self):
        if self.daemon.poll() is None:
            self.daemon.terminate()
            self.daemon.wait()

    def sources(self):
        done = subprocess.run([os.environ["NTSC"], "-i", "-j", "--runtime-dir", self.place + "/run"],
                              capture_output=True, text=True)
        try:
            ports = {int(one["ke_port"]): one for one in json.loads(done.stdout)["sources"]}
            return {name: ports[int(server.port)] for name, server in self.servers.items()}
        except (ValueError, LookupError):
            return {}

    def wait(self, what, true):
        end = time.monotonic() + PATIENCE_S
        while not ((seen := self.sources()) and true(seen)):
            if time.monotonic() > end or self.daemon.poll() is not None:
                with open(f"{self.place}/log") as log:
                    self.fail(f"{what}: {json.dumps(seen, indent=1)}\n{log.read()}")
            time.sleep(0.1)
        return seen

    @staticmethod
    def stage(source):
        return "ok" if source["cookies"] else (source["error"] or {}).get("stage")

    def judge(self, seen):
        for name, source in seen.items():
            with self.subTest(name=name):
                if name.startswith("kept"):
                    self.assertEqual(self.stage(source), "ok", source)
                else:
                    self.assertIn(self.stage(source), ("local", "tls-trust"), source)
                    self.assertEqual(source["samples"], 0, source)  # what it told before is forgotten

    def test_daemon(self):
        self.cases()
        self.start()
        self.wait("keys of all", lambda seen: all(one["cookies"] for one in seen.values()))
        for name, action in self.actions.items():
            action(self.stores[name])
        self.daemon.send_signal(signal.SIGHUP)
        gone = [name for name in self.servers if not name.startswith("kept")]
        self.judge(self.wait("errors of those without a CA", lambda seen: all(seen[name]["error"] for name in gone)))
        self.assertTrue(all(self.sources()[name]["key_exchanges"] == 1 for name in self.servers if "kept" in name))
        self.end()
        # Nor is it trusted because of cookies that were stored.
        self.start()
        self.judge(self.wait("errors after a restart", lambda seen: all(
            seen[name]["cookies"] if name.startswith("kept") else seen[name]["error"] for name in seen)))

    def test_once(self):
        self.cases()
        for name, server in self.servers.items():
            store = self.stores[name]
            with self.subTest(name=name):
                self.assertEqual(server.ask(store.path)["stage"], "ok")
                self.actions[name](store)
                got = server.ask(store.path)
                self.assertIn(got["stage"], ("ok",) if name.startswith("kept") else ("local", "tls-trust"),
                              got["error"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
