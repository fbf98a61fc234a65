# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed units as systemd reads them: no complaint, and as little exposed as was promised."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIB = Path(os.environ["NTSC_PREFIX"]) / "lib"
UNITS = LIB / "systemd/system"
PROGRAM = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
STARTER = os.environ["NTSC_PREFIX"] + "/libexec/ntsc/ntsc-starter"

# At most that much of 10; what each has now is a little below.
# What sets the clock and what speaks with the network are units of their own: one that does both has
# 2.1 when it starts ntsc-ke as another user, 1.8 when it does not (scripts/README).
EXPOSURE = {"ntsc.service": 1.0, "ntsc-engine@.service": 1.1, "ntsc-ke@.service": 1.1,
            "ntsc-wait.service": 0.5, "ntsc-check.service": 1.3,
            "ntsc-metrics.service": 1.3}
RIVALS = ["chrony", "chronyd", "ntpsec", "ntp", "ntpd", "openntpd", "ntpd-rs",
          "systemd-timesyncd"]


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          **more)


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(77)


def settings(unit):
    """{name: [values]} of a unit."""
    found = {}
    for line in (UNITS / unit).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()
    return int(number) * {"": 1, "s": 1, "min": 60, "h": 3600}[unit]


class Units(unittest.TestCase):
    def test_verify(self):
        units = [str(p) for p in UNITS.iterdir()]
        self.assertEqual(len(units), 10)
        got = run("systemd-analyze", "verify", "--man=no", *units)
        self.assertEqual((got.returncode, got.stdout + got.stderr), (0, ""))

    def test_verify_sees(self):
        with tempfile.TemporaryDirectory() as directory:
            unit = Path(directory) / "wrong.service"
            unit.write_text("[Service]\nExecStart=/bin/true\nNoNewPrivilegs=yes\n")
            got = run("systemd-analyze", "verify", "--man=no", str(unit))
            self.assertIn("NoNewPrivilegs", got.stdout + got.stderr)

    def test_security(self):
        for unit, limit in EXPOSURE.items():
            with self.subTest(unit):
                got = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                          f"--threshold={limit * 10:.0f}", str(UNITS / unit))
                level = re.search(r"exposure level for \S+: ([\d.]+)", got.stdout)
                self.assertTrue(level, got.stdout + got.stderr)
                print(f"{unit}: exposure {level[1]} of at most {limit}")
                self.assertLessEqual(float(level[1]), limit, got.stdout)
                self.assertEqual(got.returncode, 0)

    def test_rivals(self):
        unit = settings("ntsc.service")
        for name in ("Conflicts", "After"):
            named = " ".join(unit[name]).split()
            self.assertEqual([r for r in RIVALS if f"{r}.service" not in named], [], name)

    def test_restart(self):
        """Nothing that a restart cannot mend is tried again, and no restart is a burst."""
        unit = settings("ntsc.service")
        # What cannot start will not the next time either; what broke (5) is started again.
        self.assertEqual(unit["RestartPreventExitStatus"], ["3 4"])
        self.assertEqual(unit["Restart"], ["on-failure"])
        self.assertGreaterEqual(seconds(unit["RestartSec"][0]), 30)
        self.assertEqual(unit["RuntimeDirectoryPreserve"], ["yes"])
        self.assertEqual(unit["FileDescriptorStoreMax"], ["1"])

    def test_wait_is_bounded(self):
        unit = settings("ntsc-wait.service")
        command, waits = unit["ExecStart"][0].rsplit(" ", 1)
        self.assertEqual(command, f"{PROGRAM} -w")
        self.assertLess(float(waits), seconds(unit["TimeoutStartSec"][0]))
        self.assertLessEqual(seconds(unit["TimeoutStartSec"][0]), 180)
        self.assertEqual(unit["Before"], ["time-sync.target"])
        # Whoever enables the one enables the other, and no target of the boot waits for it.
        self.assertEqual(settings("ntsc.service")["Also"], ["ntsc-wait.service"])
        self.assertEqual(unit["WantedBy"], ["time-sync.target"])

    def test_commands(self):
        """Every option in a unit is one that the program has."""
        for unit in EXPOSURE:
            for command in settings(unit)["ExecStart"]:
                words = command.removeprefix("/bin/sh -c '").split(" >")[0].split()
                if words[0] == STARTER:
                    self.assertEqual((words, os.access(STARTER, os.X_OK)), ([STARTER], True))
                    continue
                self.assertEqual(words[0], PROGRAM)
                helped = run(PROGRAM, "-h").stdout
                for word in words[1:]:
                    if word.startswith("-"):
                        self.assertRegex(helped, rf"(?m)[ ,\[]{word}\b")

    def test_metrics(self):
        """What the unit runs: the file is replaced as a whole, also when the daemon is down."""
        command = re.fullmatch(r"/bin/sh -c '(.*)'", settings("ntsc-metrics.service")["ExecStart"][0])[1]
        with tempfile.TemporaryDirectory() as directory:
            page = Path(directory) / "ntsc.prom"
            page.write_text("ntsc_up 1\n")
            got = run("sh", "-c", command, env={**os.environ, "DIRECTORY": directory,
                                                "XDG_RUNTIME_DIR": directory})
            self.assertEqual(got.returncode, 0, got.stderr)
            self.assertRegex(page.read_text(), r"(?m)^ntsc_up [01]$")
            self.assertTrue(page.read_text().endswith("# EOF\n"))
            self.assertEqual([p.name for p in Path(directory).iterdir()], ["ntsc.prom"])

    def test_dhcp_hook(self):
        """Names that a network announces, as dhcpcd and NetworkManager say them; no addresses."""
        hook = LIB.parent / "share/doc/ntsc/examples/ntsc-dhcp"
        with tempfile.TemporaryDirectory() as directory:
            conf = Path(directory) / "dhcp-eth0.conf"
            reloads = Path(directory) / "reloads"
            base = {"PATH": os.environ["PATH"], "NTSC_CONF_DIR": directory,
                    "NTSC_RELOAD": f"eval echo x >>{reloads}"}

            def call(*words, **environment):
                got = run("sh", str(hook), *words, env={**base, **environment})
                self.assertEqual((got.returncode, got.stdout, got.stderr), (0, "", ""))
                return conf.read_text() if conf.exists() else None

            names = "nts.example.net 192.0.2.1 2001:db8::1 b.example;reboot"
            line = "server nts.example.net group dhcp\n"
            self.assertEqual(call(interface="eth0", reason="BOUND", new_ntp_servers=names), line)
            self.assertEqual(call(interface="eth0", reason="RENEW", new_ntp_servers=names), line)
            self.assertEqual(reloads.read_text(), "x\n") # nothing new, no reload
            self.assertIsNone(call(interface="eth0", reason="STOP"))
            self.assertIsNone(call("eth0", "up", DHCP4_NTP_SERVERS="192.0.2.1"))
            self.assertEqual(call("eth0", "dhcp4-change", DHCP4_NTP_SERVERS=names), line)
            self.assertIsNone(call("eth0", "down"))
            self.assertEqual(reloads.read_text(), "x\n" * 4)
            self.assertEqual([p.name for p in Path(directory).iterdir()], ["reloads"])

    def test_timer(self):
        got = run("systemd-analyze", "calendar", *settings("ntsc-check.timer")["OnCalendar"])
        self.assertEqual(got.returncode, 0, got.stderr)

    def test_ntp_units(self):
        lines = (LIB / "systemd/ntp-units.d/50-ntsc.list").read_text().splitlines()
        names = [line for line in lines if line and line[0] not in "#;"]
        self.assertEqual(names, ["ntsc.service"])
        self.assertTrue((UNITS / names[0]).exists())

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("systemd-sysusers") and
                         shutil.which("systemd-tmpfiles"), "needs root, sysusers and tmpfiles")
    def test_user_and_directory(self):
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "etc").mkdir()
            for program, conf in (("systemd-sysusers", "sysusers.d"),
                                  ("systemd-tmpfiles", "tmpfiles.d")):
                create = ["--create"] if program == "systemd-tmpfiles" else []
                got = run(program, f"--root={root}", *create, str(LIB / conf / "ntsc.conf"))
                self.assertEqual(got.returncode, 0, got.stderr)
            user = re.search(r"^ntsc:x?:?(\d+):(\d+):", re.sub(
                r"^(ntsc):[^:]*", r"\1:x", (Path(root) / "etc/passwd").read_text(), flags=re.M),
                re.M)
            self.assertTrue(user)
            ke = re.search(r"^ntsc-ke:[^:]*:(\d+):(\d+):",
                           (Path(root) / "etc/passwd").read_text(), re.M)
            self.assertTrue(ke)
            self.assertFalse(set(ke.groups()) & set(user.groups()))
            state = (Path(root) / "var/lib/ntsc").stat()
            self.assertEqual((state.st_uid, state.st_gid), (int(user[1]), int(user[2])))
            self.assertEqual(state.st_mode & 0o7777, 0o700)


if __name__ == "__main__":
    if os.environ["NTSC_SYSTEMD"] in ("OFF", "0", "NO", "FALSE", ""):
        skip("configured without units (NTSC_SYSTEMD)")
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze to read the units with: apt-get install systemd")
    if run("systemd-analyze", "security", "--offline=true", str(UNITS / "ntsc.service")).returncode:
        skip("this systemd-analyze cannot judge units that are not loaded (systemd 250 can)")
    unittest.main(argv=sys.argv[:1])
