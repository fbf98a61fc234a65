# SPDX-License-Identifier: GPL-2.0-or-later
"""Every server that speaks NTS and can be had here, of this Debian, of Debian 13 and of its
registry: cold and warm, over IPv4 and IPv6, after its keys were lost, and three side by side in the
daemon. Writes a table, of which RESULTS has one run."""
import unittest

import bed
import client
from capture import connections, cookies
from daemon import Daemon
from implementations import Case, look, newest


class Implementations(Case):
    def start(self, name, names=(), **more):
        host = bed.Host()
        cert = self.pki.server(f"server{host.number}", self.root,
                               [f"IP:{host.v4}", f"IP:{host.v6}", *(f"DNS:{n}" for n in names)])
        return host, cert, self.known[name](host, cert.chain, cert.key, **more)

    def ask(self, address, conf=None):
        done = client.run("-q", "-j", "--ca", self.root.cert, address, conf=conf)
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
        self.assertLessEqual(abs(done.result["offset_s"]), done.result["bound_s"], done)
        return done

    def test_each(self):
        for name in self.known:
            with self.subTest(name):
                host, cert, server = self.start(name)
                aead = {self.ask(address).result["aead"] for address in (host.v4, host.v6)}
                conf = client.state()
                self.assertTrue(self.ask(host.v4, conf).result["key_exchange"])
                warm = self.ask(host.v4, conf)
                self.assertFalse(warm.result["key_exchange"], warm)
                self.assertEqual(connections(warm.packets), [], warm)
                # Its keys are lost: keys anew within one run.
                server.forget_keys()
                server = self.known[name](host, cert.chain, cert.key, state=server.dir)
                anew = self.ask(host.v4, conf)
                self.assertTrue(anew.result["key_exchange"], anew)
                self.assertEqual(len(set(cookies(anew.packets))), len(cookies(anew.packets)), anew)
                self.assertFalse(self.ask(host.v4, conf).result["key_exchange"])
                server.stop()
                self.assertEqual(len(aead), 1)
                self.row(name, "cold IPv4, cold IPv6, warm, keys lost: ok", f"AEAD {aead.pop()}")

    def test_algorithms(self):
        """AEAD 30 with chronyd: alone, both, neither, and what it has no part of."""
        able = [name for name in self.known if name.startswith("chronyd") and
                [int(n) for n in name.split()[1].split(".")] >= [4, 4]]
        if not able:
            self.skipTest("no chronyd here that has AEAD 30")
        for name in able:
            for theirs, ours, chosen in (("30", "30", 30), ("30 15", "30,15", 30),
                                         ("15 30", "15,30", 15), ("15 30", "30", 30),
                                         ("15", "30,15", 15), ("30", "30,15", 30),
                                         ("15", "30", None), ("30", "15", None)):
                with self.subTest(name, theirs=theirs, ours=ours):
                    host, _, server = self.start(name, more=[f"ntsaeads {theirs}"])
                    conf = client.state()
                    conf.write_text(conf.read_text() + f"aead {ours}\n")
                    done = client.run("-q", "-j", "-n", "2", "--ca", self.root.cert, host.v4,
                                      conf=conf)
                    server.stop()
                    if chosen:
                        self.assertEqual((done.status, done.result["aead"]), (0, chosen), done)
                        lengths = {len(p.payload) for p in done.packets
                                   if p.out and p.dport == 123}
                        self.assertEqual(lengths, {188 if chosen == 30 else 228 - 4}, done)
                    else:
                        self.assertEqual((done.status, done.result["stage"]), (3, "ke-record"),
                                         done)
                    self.row(f"{name}, ntsaeads {theirs}", f"aead {ours}",
                             f"AEAD {chosen}" if chosen else "none in common, as it should be")

    def test_side_by_side(self):
        """Three implementations in one daemon agree."""
        chosen = newest(self.known)
        table, lines = {}, [f"ca {self.root.cert}"]
        for kind, name in chosen.items():
            dns = f"{kind.lower()}.test"
            host, _, server = self.start(name, names=[dns])
            self.addCleanup(server.stop)
            table[dns] = host.v4
            lines.append(f"server {dns} minpoll 4 maxpoll 4")
        bed.names(table)
        daemon = Daemon(lines)
        self.addCleanup(daemon.end)
        daemon.wait_synchronized()
        daemon.wait("all agree", lambda: daemon.status().get("agreeing") == len(chosen), poll_s=1)
        self.assertEqual(daemon.stop(), 0, daemon.log())
        self.row(", ".join(chosen.values()), "side by side in the daemon",
                 f"{len(chosen)} of {len(chosen)} agree")


if __name__ == "__main__":
    if not bed.inside():
        look()
    bed.enter()
    unittest.main(verbosity=2)
