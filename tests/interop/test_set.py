# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc -s says what it has done, also when another message comes before the answer to its order."""
import os
import platform
import signal
import subprocess
import unittest
from pathlib import Path

import bed
import client
from capture import Capture, requests
from daemon import Daemon, children
from daemon_bed import Case

RECVMSG = {"x86_64": 47, "aarch64": 212, "i686": 372, "armv7l": 297}.get(platform.machine())


def waits_for_a_message(pid):
    """In recvmsg(2) itself, where only an engine is that has ordered something and waits for the
    answer; otherwise it waits for its sockets as well."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[0] == str(RECVMSG)


class Set(Case):
    def setUp(self):
        super().setUp()
        self.other = Daemon(self.lines(), start=False)

    def command(self, *args):
        return [os.environ["NTSC_RECORDER"], "-f", self.other.conf, "-j", *args]

    def environment(self):
        return {**os.environ, "NTSC_RECORD": str(self.other.record)}

    @unittest.skipUnless(RECVMSG, "the number of recvmsg on this machine is not known here")
    def test_answer_between(self):
        """A server that lost its keys answers while ntsc is stopped: the engine asks for a key exchange, and then for
        the clock to be set. Both are answered in this order."""
        self.assertEqual(subprocess.run(self.command("-q"), capture_output=True, text=True,
                                        timeout=60, env=self.environment()).returncode, 0)
        self.forget("c.test")
        late = self.servers["c.test"].process
        late.send_signal(signal.SIGSTOP)
        self.addCleanup(late.send_signal, signal.SIGCONT)
        capture = Capture()
        self.addCleanup(capture.done)
        run = subprocess.Popen([str(word) for word in self.command("-s", "-t", "10")],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=self.environment())
        self.addCleanup(run.send_signal, signal.SIGCONT)
        asked = []

        def all_asked():
            asked.extend(requests(capture.take()))
            return {p.dst for p in asked} == set(self.names.values())
        bed.wait_until("a query to each server", all_asked, run)
        run.send_signal(signal.SIGSTOP)
        (engine, ) = children(run.pid, "ntsc-engine")
        late.send_signal(signal.SIGCONT)
        bed.wait_until("an order", lambda: waits_for_a_message(engine))
        run.send_signal(signal.SIGCONT)
        done = client.finish(run)
        self.assertEqual((done.status, done.json["verdict"]), (0, "set"), done)
        # That key exchange was asked for, but it came to nothing any more.
        late = next(r for r in done.json["results"] if r["name"] == "c.test")
        self.assertIn(late["stage"], ("nak", "ke-record"), done)
        self.assertEqual(len(self.other.orders()), 1)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
