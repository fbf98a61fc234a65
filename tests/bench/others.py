# SPDX-License-Identifier: GPL-2.0-or-later
"""The other clients, as far as they are there: how each is asked for one measurement, and how it
runs as a daemon that polls every 16 s. None may touch the clock here."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import bed

CACHE = Path(__file__).resolve().parents[2] / ".cache"


def _ntpd_rs(name):
    path = CACHE / "ntpd-rs/bin" / name
    return str(path) if path.exists() else shutil.which(name)


def _busybox():
    for path in (str(CACHE / "busybox/bin/busybox"), shutil.which("busybox")):
        if path and os.path.exists(path) and "ntpd" in subprocess.run(
                [path, "--list"], capture_output=True, text=True).stdout.split():
            return path
    return None


def _openntpd():
    path = CACHE / "openntpd/usr/sbin/ntpd"
    return str(path) if path.exists() else None


def _directory():
    path = Path(tempfile.mkdtemp(dir=bed.tmp, prefix="other-"))
    path.chmod(0o777)
    return path


def _file(path, *lines):
    path.write_text("\n".join([*lines, ""]))
    path.chmod(0o644)
    return path


def prepare():
    """The users and directories that their packages would have made, in this namespace only."""
    bed._own_file("/etc/passwd", Path("/etc/passwd").read_text() +
                  "ntpd:x:64990:64990::/run/openntpd-empty:/usr/sbin/nologin\n"
                  "ntsc:x:64991:64991::/nonexistent:/usr/sbin/nologin\n")
    bed._own_file("/etc/group", Path("/etc/group").read_text() + "ntpd:x:64990:\nntsc:x:64991:\n")
    bed.run("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run")
    bed.run("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/var/lib")
    for path in ("/run/openntpd-empty", "/run/openntpd", "/var/lib/openntpd/run",
                 "/var/lib/openntpd/db", "/var/lib/ntpsec", "/run/chrony", "/var/lib/chrony"):
        os.makedirs(path, 0o755)


class Chronyd:
    name = "chronyd"
    shown, ends = "System clock wrong by", False  # what tells the offset; whether it then goes on
    quick, countable = False, True                # often in a row; can valgrind count it

    def __init__(self):
        self.program = os.environ.get("BED_CHRONYD")

    def once(self, server, state=None):
        lines = [f"server {server} nts iburst maxsamples 1", "cmdport 0",
                 f"pidfile {_directory()}/pid", *([f"ntsdumpdir {state}"] if state else [])]
        return [self.program, "-Q", "-U", "-t", "20", "-u", "root" if os.geteuid() == 0 else
                "nobody", *lines]

    def daemon(self, servers):
        directory = _directory()
        conf = _file(directory / "conf", *(f"server {s} nts minpoll 4 maxpoll 4" for s in servers),
                     "cmdport 0", "bindcmdaddress /", f"pidfile {directory}/pid",
                     f"ntsdumpdir {directory}", f"driftfile {directory}/drift")
        return [self.program, "-x", "-d", "-u", "root", "-f", conf]


class Ntpsec:
    name = "NTPsec ntpd"
    shown, ends = "ntpd: time", False
    quick, countable = False, False

    def __init__(self):
        self.program = os.environ.get("BED_NTPD")

    def _conf(self, servers, options):
        return _file(_directory() / "conf", "tos minsane 1 minclock 1",
                     *(f"server {s} nts {options}" for s in servers))

    def once(self, server, state=None):
        return [self.program, "-gq", "-n", "-c", self._conf([server], "iburst")]

    def daemon(self, servers):
        return [self.program, "-n", "-c", self._conf(servers, "minpoll 4 maxpoll 4")]


class NtpdRs:
    name = "ntpd-rs"
    shown, ends = "our clock is", True
    quick, countable = True, False

    def __init__(self):
        self.program = _ntpd_rs("ntp-daemon")
        self.control = _ntpd_rs("ntp-ctl")

    def _conf(self, servers):
        directory = _directory()
        return _file(directory / "conf", *(
            f"[[source]]\nmode = \"nts\"\naddress = \"{s}\"" for s in servers),
            "[synchronization]", "minimum-agreeing-sources = 1",
            "[source-defaults]", "poll-interval-limits = { min = 4, max = 4 }",
            "initial-poll-interval = 4",
            "[observability]", "log-level = \"info\"", f"observation-path = \"{directory}/socket\"")

    def once(self, server, state=None):
        # It wants to speak with somebody: script(1) gives it a terminal.
        return ["script", "-qefc", f"{self.control} force-sync -c {self._conf([server])}",
                "/dev/null"]

    def daemon(self, servers):
        shim = Path(os.environ["NTSC_STOPWATCH"]).with_name("libno_clock.so")
        return ["env", f"LD_PRELOAD={shim}", self.program, "-c", self._conf(servers)]


class OpenNtpd:
    name = "OpenNTPD (no NTS)"
    shown, ends = "reply from", True
    quick, countable = True, False

    def __init__(self):
        self.program = _openntpd()

    def once(self, server, state=None):
        return [self.program, "-d", "-v", "-f", _file(_directory() / "conf", f"server {server}")]

    def daemon(self, servers):
        return [self.program, "-d", "-f", _file(_directory() / "conf",
                                                *(f"server {s}" for s in servers))]


class Busybox:
    name = "busybox ntpd (no NTS)"
    shown, ends = "offset", False
    quick, countable = True, False

    def __init__(self):
        self.program = _busybox()

    def once(self, server, state=None):
        return [self.program, "ntpd", "-n", "-q", "-w", "-dd", "-p", server]

    def daemon(self, servers):
        return [self.program, "ntpd", "-n", "-w", *(a for s in servers for a in ("-p", s))]


def found():
    """([client], [name of what is not there])"""
    clients = [kind() for kind in (Chronyd, Ntpsec, NtpdRs, OpenNtpd, Busybox)]
    return [c for c in clients if c.program], [c.name for c in clients if not c.program]
