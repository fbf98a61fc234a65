# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs with a call too few in their filter: one line of the log says who was ended by which call.
Kernels without filters or Landlock: one line says so. Name resolution of every kind in the sandbox."""
import os
import re
import shutil
import socket
import struct
import threading
import unittest
from pathlib import Path

import bed
import client
import daemon as d
from daemon_bed import Case

MUTANTS = Path(os.environ["NTSC_SANDBOX_MUTANTS"])
PREFIX = Path(os.environ["NTSC_PREFIX"])
LINE = r"ntsc: (.*) was ended: it may not make the system call \d+ \((\w+)\)"
STUB = Path("/run/systemd/resolve")


class Names:
    """Answers DNS questions at an address, from a table; over UDP only in part if `truncate`."""

    def __init__(self, address, table, truncate=False):
        self.table, self.truncate, self.asked = table, truncate, []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        for s in (self.udp, self.tcp):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((address, 53))
        self.tcp.listen(5)
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def close(self):
        for s in (self.udp, self.tcp):
            s.shutdown(socket.SHUT_RDWR) if s is self.tcp else None
            s.close()

    def _answer(self, question, kind, whole):
        at, labels = 12, []
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += question[at] + 1
        asked = struct.unpack("!H", question[at + 1:at + 3])[0]
        name = ".".join(labels)
        self.asked.append((kind, name))
        addresses = self.table.get(name)
        flags = 0x8180 | (3 if addresses is None else 0) | (0 if whole else 0x200)
        records = [b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(a)
                   for a in addresses or [] if asked == 1] if whole else []
        return (question[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
                + question[12:at + 5] + b"".join(records))

    def _serve_udp(self):
        while True:
            try:
                question, peer = self.udp.recvfrom(1024)
                self.udp.sendto(self._answer(question, "udp", not self.truncate), peer)
            except OSError:
                return

    def _serve_tcp(self):
        while True:
            try:
                peer, _ = self.tcp.accept()
            except OSError:
                return
            with peer:
                while len(head := peer.recv(2)) == 2:
                    question = peer.recv(struct.unpack("!H", head)[0])
                    answer = self._answer(question, "tcp", True)
                    peer.sendall(struct.pack("!H", len(answer)) + answer)


class Sandbox(Case):
    def libexec(self, **replaced):
        """Other programs where the installed ones are, in this mount namespace only."""
        where = PREFIX / "libexec/ntsc"
        mine = bed.tmp / f"libexec-{self.id()}"
        shutil.copytree(where, mine)
        for name, mutant in replaced.items():
            shutil.copy(MUTANTS / mutant, mine / name.replace("_", "-"))
        bed.run("mount", "--bind", mine, where)
        self.addCleanup(bed.run, "umount", "-l", where)

    def ended(self, text):
        return re.findall(LINE, text)

    def test_engine_one_shot(self):
        self.libexec(ntsc_engine="mutant-engine")
        run = client.run("-q", "-C", self.root.cert, "a.test")
        self.assertEqual((run.status, self.ended(run.err)), (3, [("ntsc-engine", "recvmsg")]), run)

    def test_key_exchange_one_shot(self):
        self.libexec(ntsc_ke="mutant-ke")
        run = client.run("-q", "-C", self.root.cert, "a.test")
        self.assertEqual((run.status, self.ended(run.err)), (3, [("ntsc-ke", "connect")]), run)

    def test_key_exchange(self):
        self.libexec(ntsc_ke="mutant-ke")
        daemon = self.daemon("a.test")
        daemon.trespasses = True
        daemon.wait_log("a.test: local: ")
        # One line for each exchange; there may have been another one already.
        self.assertEqual(set(self.ended(daemon.log())), {("ntsc-ke", "connect")})
        self.assertIsNone(daemon.process.poll())

    def test_ntsc(self):
        daemon = d.Daemon(self.lines("a.test"), program=MUTANTS / "mutant-ntsc")
        daemon.trespasses = True
        self.addCleanup(daemon.end)
        self.assertEqual(daemon.process.wait(60), -31, daemon.log())
        # It cannot say it itself.
        bed.wait_until("the line", lambda: self.ended(daemon.log()))
        self.assertEqual(self.ended(daemon.log()), [("ntsc", "signalfd4")])

    def test_starter(self):
        daemon = d.Daemon(self.lines("a.test"), program=MUTANTS / "mutant-starter")
        daemon.trespasses = True
        self.addCleanup(daemon.end)
        self.assertEqual(daemon.process.wait(60), 5, daemon.log())
        self.assertIn("the process that starts the others has ended", daemon.log())
        self.assertEqual([call for _, call in self.ended(daemon.log())], ["clone"], daemon.log())

    def test_before_its_own(self):
        """The starter's filter ends the engine before it has one of its own."""
        daemon = d.Daemon(self.lines("a.test"), program=MUTANTS / "mutant-early")
        daemon.trespasses = True
        self.addCleanup(daemon.end)
        bed.wait_until("the line", lambda: self.ended(daemon.log()))
        self.assertEqual(set(self.ended(daemon.log())), {("ntsc-engine", "landlock_create_ruleset")},
                         daemon.log())
        self.assertNotIn("died of signal", daemon.log())

    def without(self, what, words):
        """The kernel seems not to have `what`; every process does its work, and one line says so."""
        wrapper = bed.tmp / f"wrapper-{what}"
        wrapper.write_text(f'#!/bin/sh\nexec {MUTANTS}/without {what} "$NTSC_RECORDER" "$@"\n')
        wrapper.chmod(0o755)
        daemon = d.Daemon(self.lines("a.test", "b.test"), program=wrapper)
        self.addCleanup(daemon.end)
        daemon.wait_synchronized()
        daemon.wait("both answer", lambda: all(s["reach"] for s in daemon.status()["sources"]))
        said = [line for line in daemon.log().splitlines() if "this kernel" in line]
        self.assertEqual(len(said), 1, daemon.log())
        for word in words:
            self.assertIn(word, said[0])

    def test_without_landlock(self):
        self.without("landlock", ["Landlock"])

    def test_without_both(self):
        self.without("both", ["Landlock", "seccomp"])

    def resolver(self, switch, server, stub):
        """/etc as a copy of this test's own, with this nsswitch.conf and resolv.conf."""
        etc = bed.tmp / f"etc-{self.id()}"
        shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
        (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (etc / "nsswitch.conf").write_text(f"passwd: files\ngroup: files\nhosts: {switch}\n")
        (etc / "resolv.conf").unlink()
        text = f"nameserver {server}\noptions edns0 trust-ad timeout:2 attempts:2\nsearch .\n"
        if stub:
            STUB.mkdir(parents=True, exist_ok=True)
            bed.run("mount", "-t", "tmpfs", "-o", "mode=755", "none", STUB)
            self.addCleanup(bed.run, "umount", "-l", STUB)
            (STUB / "stub-resolv.conf").write_text(text)
            (etc / "resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
        else:
            (etc / "resolv.conf").write_text(text)
        bed.run("mount", "--bind", etc, "/etc")
        self.addCleanup(bed.run, "umount", "-l", "/etc")

    def resolves(self, switch, server, stub=False, truncate=False):
        self.resolver(switch, server, stub)
        # Two addresses: libc asks the kernel which of them is to be preferred.
        names = Names(server, {"a.test": ["10.99.0.1", self.names["a.test"]]}, truncate)
        self.addCleanup(names.close)
        run = client.run("-q", "-C", self.root.cert, "a.test", "missing.test")
        self.assertEqual(self.ended(run.err), [], run)
        self.assertIn("a.test  10.77.", run.out, run)
        self.assertIn("missing.test  resolve: there is no host of this name", run.out)
        return names

    def test_resolver_plain(self):
        self.resolves("files dns", "127.0.0.1")

    def test_resolver_stub(self):
        self.resolves("mymachines mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] files "
                      "myhostname dns", "127.0.0.53", stub=True)

    def test_resolver_long_answer(self):
        names = self.resolves("files dns", "127.0.0.1", truncate=True)
        self.assertIn(("tcp", "a.test"), names.asked)

    def test_resolver_deadline(self):
        """With an address that stands in for DNS the resolver has a thread and a deadline."""
        bed.names({})
        self.addCleanup(bed.names, self.names)
        daemon = d.Daemon([f"ca {self.root.cert}", f"server a.test ip {self.names['a.test']}"])
        self.addCleanup(daemon.end)
        daemon.wait_synchronized()
        self.assertEqual(self.ended(daemon.log()), [])


if __name__ == "__main__":
    bed.enter()
    bed.unwatched()  # for the watch whatever is UDP is NTP, and here is DNS
    unittest.main(verbosity=2)
