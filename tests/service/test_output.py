# SPDX-License-Identifier: GPL-2.0-or-later
"""Standard descriptors that are closed, full, or read by nobody; and what comes out of files that
others have written."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
NOBODY_THERE = ["-q", "--no-state", "-t", "5", "127.0.0.1:1"]
STEERING = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def ntsc(*args, **how):
    return subprocess.run([NTSC, *args], stderr=subprocess.PIPE, **how)


class Output(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = Path(directory.name)

    def configuration(self, text):
        path = self.dir / "ntsc.conf"
        path.write_bytes(text)
        return str(path)

    def test_full_disk(self):
        chrony = self.dir / "chrony.conf"
        chrony.write_text("server a.test nts\n")
        for args in (NOBODY_THERE, ["-n"], ["-h"], ["-V"], ["-qj", *NOBODY_THERE[1:]],
                     ["--import", str(chrony)]):
            with self.subTest(args), open("/dev/full", "w") as full:
                done = ntsc(*args, stdout=full)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(b"No space left on device", done.stderr)

    def test_reader_gone(self):
        for args in (NOBODY_THERE, ["-n"]):
            with self.subTest(args):
                reader, writer = os.pipe()
                os.close(reader)
                done = ntsc(*args, stdout=writer)
                os.close(writer)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(b"cannot print: Broken pipe", done.stderr)

    def test_closed(self):
        """What is closed is no file that ntsc opens later."""
        state = self.dir / "state"
        config = self.configuration(b"statedir " + os.fsencode(state) + b"\n")
        for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                done = subprocess.run(
                    ["sh", "-c", f'exec "$0" "$@" {closed}', NTSC, "-q", "-f", config, "-t", "5",
                     "127.0.0.1:1"], capture_output=True)
                self.assertEqual(done.returncode, 3)
                if ">&-" not in closed.replace("2>&-", ""):
                    self.assertIn(b"refused", done.stdout)
                for path in state.rglob("*"):
                    self.assertTrue(path.is_dir() or b"refused" not in path.read_bytes(), path)

    def test_configuration_shows_itself(self):
        config = self.configuration(b'server a.test ca "/tmp/\033[2Jx\xc2\x9b31m"\n'
                                    b"\033]0;title\007 x\n")
        for args in (["-n", "-f", config], ["-q", "-f", config]):
            with self.subTest(args):
                done = ntsc(*args, stdout=subprocess.PIPE)
                self.assertIsNone(STEERING.search(done.stdout + done.stderr), done)

    def test_import_shows_itself(self):
        chrony = self.dir / "chrony.conf"
        chrony.write_bytes(b"server a.test nts\nkeyfile /\033[2J\nbla\033]0;x\007 \xc2\x9b31m\n")
        done = ntsc("--import", str(chrony), stdout=subprocess.PIPE)
        self.assertIsNone(STEERING.search(done.stdout + done.stderr), done)

    def test_status_shows_itself(self):
        """Of a captured engine, which writes the status."""
        self.dir.chmod(0o755)  # it is read as another user
        for path in sorted((Path(__file__).parents[1] / "unit/info").glob("*.json")):
            status = json.loads(path.read_text())
            for source in status["sources"]:
                source["name"] = "\033[2J\033]0;owned\007\x9b31m"
            (self.dir / "status.json").write_text(json.dumps(status))
            for args in (["-i"], ["-ij"], ["-i", "--openmetrics"], ["-i", "--plot"], ["-w", "0.1"]):
                with self.subTest(path=path.name, args=args):
                    done = ntsc(*args, "--runtime-dir", str(self.dir), stdout=subprocess.PIPE)
                    self.assertIsNone(STEERING.search(done.stdout + done.stderr), done)


if __name__ == "__main__":
    unittest.main()
