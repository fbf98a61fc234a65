# SPDX-License-Identifier: GPL-2.0-or-later
"""Installed where only root can go (a clone in /root), root's ntsc still starts its programs."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PREFIX = os.environ["NTSC_PREFIX"]

# In a mount namespace of its own, so that other tests see nothing of it. Port 1 refuses.
COMMANDS = """
mount --bind "$1" "$2" && exec "$2/bin/ntsc" -q --no-state 127.0.0.1:1
"""


class Private(unittest.TestCase):
    def test_closed_directory(self):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(PREFIX, copy, dirs_exist_ok=True, symlinks=True)
            for mode in (0o755, 0o700):
                with self.subTest(mode=oct(mode)):
                    os.chmod(copy, mode)
                    run = subprocess.run(
                        ["unshare", "-m", "sh", "-c", COMMANDS, "sh", copy, PREFIX],
                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                    self.assertIn("connect: ", run.stdout, run.stderr)
                    self.assertEqual(run.returncode, 3)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: needs root to become somebody else")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
