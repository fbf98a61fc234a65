# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenRC's script, run by OpenRC, whose package is only unpacked: over /usr and /etc in namespaces
of its own, with a clock only watched."""
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import apart

TOP = Path(__file__).resolve().parents[2]
PREFIX = Path(os.environ["NTSC_PREFIX"])
SCRIPT = Path("/etc/init.d/ntsc")
CONF = Path("/etc/ntsc-watching.conf")
STATES = ("daemons exclusive failed hotplugged inactive init.d options scheduled started starting "
          "stopping tmp wasinactive").split()


def lay(unpacked):
    """OpenRC over this system, as it is after its boot, with two services."""
    work = Path("/run/work")
    for name in ("upper", "work"):
        (work / name).mkdir(parents=True)
    apart.mount("-t", "overlay", "overlay", "-o", f"lowerdir={unpacked}:/usr", "/usr")
    apart.mount("-t", "overlay", "overlay", "-o",
                f"lowerdir={unpacked}/etc:/etc,upperdir={work}/upper,workdir={work}/work", "/etc")
    apart.mount("-t", "tmpfs", "tmpfs", "/etc/init.d")
    for name in STATES:
        Path("/run/openrc", name).mkdir(parents=True)
    Path("/run/openrc/softlevel").touch()
    Path("/etc/insserv.conf").touch()  # Debian's asks insserv as well
    shutil.copy(PREFIX / "share/doc/ntsc/examples/ntsc.openrc", SCRIPT)
    Path("/etc/init.d/localmount").write_text("#!/sbin/openrc-run\nstart() { :; }\n")
    for script in SCRIPT.parent.iterdir():
        script.chmod(0o755)
    Path("/etc/conf.d").mkdir(exist_ok=True)
    Path("/etc/conf.d/ntsc").write_text(f"NTSC_OPTIONS='-x -f {CONF}'\n")
    CONF.write_text("server 127.0.0.1 port 1\nstatedir /run/state\n")


def processes(*words):
    """Whose command line begins with these words, by their parents: the oldest first."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[:len(words)] == [word.encode() for word in words]:
            found.append(int(path.name))
    return sorted(found)


def until(true):
    """What follows a command that did not wait for it; ctest's own limit ends what never comes."""
    while not true():
        time.sleep(0.01)


class OpenRC(unittest.TestCase):
    def tearDown(self):
        self.init("stop")

    def init(self, action):
        return subprocess.run([SCRIPT, action], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)

    def expect(self, action, code, words=""):
        got = self.init(action)
        self.assertEqual(got.returncode, code, got)
        self.assertIn(words, got.stdout + got.stderr)

    def daemons(self):
        return processes(f"{PREFIX}/bin/ntsc", "-x", "-f", str(CONF))

    def start(self, action="start"):
        """Returns the number of the one that keeps it, and its own."""
        self.expect(action, 0, "Starting ntsc")
        until(lambda: len(processes("supervise-daemon", "ntsc")) == 1 and self.daemons())
        return processes("supervise-daemon", "ntsc")[0], self.daemons()[0]

    def test_life(self):
        self.expect("status", 3, "stopped")
        self.expect("reload", 1, "has not been started")
        first = self.start()
        self.expect("status", 0, "started")
        self.expect("start", 0, "already")
        self.expect("reload", 0, "Reloading ntsc")
        self.assertIn(first[1], self.daemons())
        second = self.start("restart")
        self.assertFalse(set(first) & set(second))
        self.expect("stop", 0, "Stopping ntsc")
        until(lambda: not self.daemons() + processes("supervise-daemon"))
        self.expect("status", 3, "stopped")

    def test_refused(self):
        """A configuration with a mistake is neither started with nor read again."""
        installed = PREFIX / "etc"
        _, daemon = self.start()
        installed.mkdir(exist_ok=True)
        apart.mount("-t", "tmpfs", "tmpfs", installed)
        try:
            (installed / "ntsc.conf").write_text("sevrer a.test\n")
            self.expect("reload", 1, "sevrer")
            self.assertIn(daemon, self.daemons())
            self.expect("stop", 0)
            self.expect("start", 1, "sevrer")
            self.assertEqual(self.daemons() + processes("supervise-daemon"), [])
        finally:
            subprocess.run(["umount", installed], check=True)

    def test_supervised(self):
        """It is waited for; nobody starts it at once, for that would be more than once a minute."""
        keeper, daemon = self.start()
        os.kill(daemon, signal.SIGKILL)
        until(lambda: not self.daemons())
        self.expect("status", 0, "started")
        self.assertEqual(processes("supervise-daemon", "ntsc"), [keeper])
        self.assertEqual(self.daemons(), [])


def skip(*words):
    print("skipped:", *words)
    sys.exit(77)


def main():
    unpacked = TOP / ".cache/openrc"
    if not unpacked.exists():
        subprocess.run([TOP / "scripts/fetch-deb", "openrc"], stdin=subprocess.DEVNULL,
                       check=False)
    if not unpacked.exists():
        skip("OpenRC cannot be fetched here")
    if not apart.enter():
        skip("no namespaces here")
    try:
        lay(unpacked)
    except subprocess.CalledProcessError as error:
        skip("nothing can be laid over /usr here:", error)
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
