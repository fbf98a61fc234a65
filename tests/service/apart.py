# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests that start services do it in namespaces of their own, with an empty /run and no network."""
import os
import subprocess
import sys

INSIDE = "NTSC_INIT_INSIDE"


def mount(*words):
    subprocess.run(["mount", *map(str, words)], stdin=subprocess.DEVNULL, check=True)


def enter():
    """Starts the program again, inside; False where there are no namespaces."""
    if os.environ.get(INSIDE):
        mount("-t", "tmpfs", "tmpfs", "/run")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return True
    # The first process of the namespace is a shell, which buries whoever is orphaned.
    command = ["unshare", "--mount", "--pid", "--net", "--fork", "--mount-proc", "sh", "-c",
               '"$@" & wait $!', "sh"]
    if subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True,
                      check=False).returncode == 0:
        os.environ[INSIDE] = "1"
        os.execvp(command[0], [*command, sys.executable, *sys.argv])
    return False
