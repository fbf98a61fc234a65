# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a test works, and whom it asks."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Without the right to set the clock, for good.
WITHOUT = ["setpriv", "--inh-caps=-sys_time", "--bounding-set=-sys_time"]


def directory(add_cleanup):
    """A directory of this test's that others may enter: ntsc-ke reads there as another user."""
    made = tempfile.TemporaryDirectory()
    add_cleanup(made.cleanup)
    path = Path(made.name)
    path.chmod(0o755)
    return path


class LocalServer:
    """scripts/local-server, with its files in the directory; skips the test where there is none."""

    def __init__(self, place, add_cleanup):
        made = subprocess.run([TOP / "scripts/local-server", place], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if made.returncode:
            raise unittest.SkipTest(f"no server: {made.stderr[-200:]}")
        add_cleanup(os.kill, int((place / "server.pid").read_text()), 15)
        place.chmod(0o755)
        self.ca = place / "ca.pem"
        self.port = (place / "ke-port").read_text().strip()
        self.name = f"localhost:{self.port}"
