# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon finds its files torn, flipped, foreign, or no files at all.

Every truncation and every bit of these and of the status is tried in the unit tests of the four
parsers (cookie_file, clock_file, clock_limit, status_json); here the programs themselves meet some
of each. One line in the log at most, the daemon goes on, no cookie is used twice (the bed watches),
and a step that was used up does not come back.
"""
import os
import random
import shutil

from hostile_bed import bed
from hostile_case import NAMES, Case

import daemon as d
import several

AHEAD = 30  # the server's clock: worth a step


def damages(path):
    """{name: what to do with the file}."""
    data, draw = path.read_bytes(), random.Random(1)

    def flipped():
        bit = draw.randrange(len(data) * 8)
        return bytes(b ^ (1 << bit % 8 if i == bit // 8 else 0) for i, b in enumerate(data))

    def write(new):
        return lambda: path.write_bytes(new)

    def instead(make):
        def do():
            path.unlink()
            make(path)
        return do
    found = {f"cut to {n}": write(data[:n]) for n in (1, len(data) // 2, len(data) - 1)}
    found.update({f"flip {i}": write(flipped()) for i in range(4)})
    found["zeros"] = write(bytes(len(data)))
    found["appended"] = write(data + b"\n")
    found["random"] = write(bytes(draw.randrange(256) for _ in data))
    found["large"] = write(bytes(1 << 20))
    found["foreign"] = write(b"ntsc-clock-1 frequency_ppt 99999999999 sd_ppt 1 good_s 1\n")
    found["directory"] = instead(os.mkdir)
    found["fifo"] = instead(os.mkfifo)
    found["link"] = instead(lambda p: os.symlink("/etc/passwd", p))
    return found


class StateFiles(Case):
    def setUp(self):
        super().setUp()
        server, = self.servers([f"ntp offset={AHEAD}"])
        self.server = server
        self.d = self.daemon(server, more=["step 0.5 1"], start=False)

    def started(self, exchanges):
        """Runs until it has been told of the time, with so many key exchanges; returns its log."""
        before, had = self.server.exchanges, len(self.d.log()) if self.d.log_file.exists() else 0
        self.d.start()
        self.d.wait("an answer", lambda: self.d.source(NAMES[0]).get("reach"))
        self.d.wait("judged", lambda: self.d.source(NAMES[0])["selected"] in (
            "selected", "probation", "falseticker"))
        status = self.d.stop()
        log = self.d.log()[had:]
        self.assertEqual(status, 0, log)
        self.assertNotIn("Sanitizer", log)
        self.assertNotIn("ended unexpectedly", log)
        if exchanges is not None:
            self.assertEqual(self.server.exchanges - before, exchanges, log)
        return log

    def steps(self):
        return [o["step_ns"] for o in self.d.orders() if o["what"] & d.STEP]

    def remove(self, path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def test_allowance(self):
        self.started(1)
        path = self.d.run / "allowance"
        kept = path.read_bytes()
        count = 0
        for name, damage in damages(path).items():
            if name in ("directory", "fifo", "link"):
                continue  # it is opened by root, in root's directory, and refused at the start
            with self.subTest(name):
                damage()
                log = self.started(0)
                self.assertEqual(log.count("allowance of steps cannot be read"), 1, log)
                self.assertEqual(len(self.steps()), 1, log)
                count += 1
            path.write_bytes(kept)
        self.passed(f"the allowance of steps damaged in {count} ways", "one line, no new step",
                    "one line, no step")

    def test_cookies(self):
        self.started(1)
        path, = [p for p in (self.d.state / "cookies").iterdir() if not p.name.startswith(".")]
        owner = path.stat()
        count = self.damaged_cookies(path, owner)
        self.passed(f"the stored cookies damaged in {count} ways",
                    "one line at most, new keys, no step", "new keys, no step")

    def damaged_cookies(self, path, owner):
        count = 0
        for name, damage in damages(path).items():
            with self.subTest(name):
                damage()
                log = self.started(1)
                said = [line for line in log.splitlines()
                        if "unusable" in line or "not kept" in line]
                # A directory cannot be replaced either.
                self.assertLessEqual(len(said), 1 + (name == "directory"), log)
                self.assertEqual(len(self.steps()), 1, log)
                count += 1
            # Not what was there before: those cookies are used.
            self.remove(path)
            self.started(1)
            os.chown(path, owner.st_uid, owner.st_gid)
        return count

    def test_clock(self):
        """A frequency is taken up when the file is whole, else none is."""
        text = "ntsc-clock-1 frequency_ppt 123000000 sd_ppt 5000 good_s 1795300000"
        self.started(1)
        path = self.d.state / "clock"
        path.write_text(f"{text} sum {d.checksum(text):08x}\n")
        self.assertIn("stored frequency +123.000 ppm", self.started(0))
        kept, count = path.read_bytes(), 0
        for name, damage in damages(path).items():
            with self.subTest(name):
                damage()
                self.assertNotIn("stored frequency", self.started(0))
                count += 1
            self.remove(path)
            path.write_bytes(kept)
        self.passed(f"the stored frequency damaged in {count} ways", "ignored", "ignored")


if __name__ == "__main__":
    several.main(servers=False)
