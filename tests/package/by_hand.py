# SPDX-License-Identifier: GPL-2.0-or-later
"""README's build by hand, word for word, in a Debian that has the source in /src and what building
needs, and no network. Nothing is started: there is no manager."""
import os
import re

from debian import expect
from documented import SYSTEMCTL, TOP

BEGINS = "\nBy hand, "
USERS = ("ntsc", "ntsc-ke")
INSTALLED = ("bin/ntsc", "libexec/ntsc/ntsc-ke", "libexec/ntsc/ntsc-engine",
             "share/man/man8/ntsc.8", "share/man/man5/ntsc.conf.5")


def commands():
    """The lines of the first display, without the words in brackets behind them."""
    with open(os.path.join(TOP, "README"), encoding="utf-8") as file:
        text = file.read().partition(BEGINS)[2]
    display = re.search(r"\n\n((?:    .*\n)+)\n", text)[1]
    return [re.sub(r" {2,}\(.*\)$", "", line).strip()
            for line in re.sub(r"\\\n\s*", "", display).splitlines()]


def test(tree):
    lines = commands()
    expect([line.split()[0] for line in lines] == ["scripts/install-deps", "cmake", "cmake", "cmake",
                                                   "systemd-sysusers", "systemctl"],
           "README's build by hand is", lines)
    os.makedirs(tree.path("/root/bin"), exist_ok=True)
    tree.write("/root/bin/systemctl", SYSTEMCTL, 0o755)
    for user in USERS:
        tree.run("sh", "-c", f"! getent passwd {user} || userdel {user}")
    tree.run("sh", "-exc", "cd /src\nPATH=/root/bin:$PATH\n" + "\n".join(lines))
    for path in INSTALLED:
        expect(tree.exists("/usr/local/" + path), "the build by hand installs no", path)
    for user in USERS:
        expect(tree.run("getent", "passwd", user).startswith(user + ":"), "there is no user", user)
    expect(tree.run("systemctl", "is-enabled", "ntsc").strip() == "enabled", "it is not enabled")
    shown = tree.run("/usr/local/bin/ntsc", "-n")
    expect("\nuser ntsc\n" in shown and "server " in shown, "ntsc -n shows", shown)
