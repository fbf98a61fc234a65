# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc.conf and what is dropped into ntsc.d beside it: read in order, and errors have their file."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

import apart

PREFIX = Path(os.environ["NTSC_PREFIX"])
ETC = PREFIX / "etc"


def check(*words):
    return subprocess.run([PREFIX / "bin/ntsc", "-n", *words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)


class Files(unittest.TestCase):
    def setUp(self):
        apart.mount("-t", "tmpfs", "tmpfs", ETC)
        self.addCleanup(subprocess.run, ["umount", str(ETC)], check=True)

    def write(self, name, text):
        path = ETC / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def servers(self):
        got = check()
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        return [line.split()[1] for line in got.stdout.splitlines() if line.startswith("server ")]

    def test_order(self):
        builtin = self.servers()
        self.assertGreater(len(builtin), 3)
        self.write("ntsc.d/20-b.conf", "server b.test\n")
        self.assertEqual(self.servers(), ["b.test"])
        self.write("ntsc.conf", "server a.test\n")
        self.write("ntsc.d/10-c.conf", "server c.test:4461\nserver d.test")
        self.assertEqual(self.servers(), ["a.test", "c.test", "d.test", "b.test"])

    def test_what_is_not_read(self):
        self.write("ntsc.conf", "server a.test\n")
        for name in ("10.conf~", "10.conf.dpkg-new", ".10.conf.swp", ".conf", "README", "10.CONF"):
            self.write(f"ntsc.d/{name}", "no such directive\n")
        self.assertEqual(self.servers(), ["a.test"])
        other = self.write("other.conf", "server o.test\n")
        self.write("ntsc.d/10.conf", "server b.test\n")
        self.assertEqual(check("-f", str(other)).stdout.count("server "), 1)

    def test_byte_order_mark(self):
        """In front of a file it is nothing; further on it is no word."""
        mark = "\ufeff"
        self.write("ntsc.conf", mark + "server a.test\r\n")
        self.write("ntsc.d/1.conf", mark + "server b.test\n")
        self.assertEqual(self.servers(), ["a.test", "b.test"])
        self.write("ntsc.conf", mark)
        self.assertEqual(self.servers(), ["b.test"])
        self.write("ntsc.d/1.conf", mark + "sever b.test\n" + mark + "server c.test\n")
        self.assertEqual([line.split(":")[2:4] for line in check().stderr.splitlines()[:2]],
                         [["1", "1"], ["2", "1"]])

    def test_errors_have_their_file(self):
        self.write("ntsc.conf", "server a.test\npanic 5\n")
        one = self.write("ntsc.d/1.conf", "\npanic 6\n")
        two = self.write("ntsc.d/2.conf", "sever x.test\n")
        got = check()
        self.assertEqual((got.returncode, got.stdout), (3, ""))
        self.assertEqual(len(got.stderr.splitlines()), 2, got.stderr)
        self.assertIn(f'{one}:2:1: "panic" was given in another file already', got.stderr)
        self.assertIn(f"{two}:1:1: ", got.stderr)
        two.unlink()
        two.mkdir()
        one.unlink()
        self.assertIn(f"{two}: Is a directory", check().stderr)

    def test_too_many(self):
        for i in range(65):
            self.write(f"ntsc.d/{i}.conf", "")
        self.assertIn("ntsc.d: more than 64 files", check().stderr)


if __name__ == "__main__":
    if not apart.enter():
        print("skipped: no namespaces here", file=sys.stderr)
        sys.exit(77)
    ETC.mkdir(exist_ok=True)
    unittest.main(argv=sys.argv[:1])
