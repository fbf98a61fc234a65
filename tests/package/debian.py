# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian in a directory, and what can be asked of it."""
import os
import shlex
import shutil
import subprocess

ENTER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "enter")


def expect(condition, *words):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in words))


def shown(command, check=True, title=None):
    """Runs a command, prints it with what it says, and returns that."""
    print("$", title or shlex.join(command))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    print("".join(f"  {line}\n" for line in done.stdout.splitlines()), end="")
    expect(not check or done.returncode == 0, command[0], "ends with", done.returncode)
    return done.stdout


class Tree:
    """A tree unpacked from a tar archive. Commands run in it without a network; apt finds the
    packages that it needs in the directory debs."""

    def __init__(self, tar, debs, directory):
        self.root, self.debs = directory, debs
        os.makedirs(directory)
        shown(["tar", "-C", directory, "-xf", tar])

    def run(self, *command, check=True):
        return shown([ENTER, "-n", self.root, self.debs, *command], check,
                     "(in the tree) " + shlex.join(command))

    def apt(self, *words):
        """apt-get, which keeps a configuration file that was changed."""
        return self.run("apt-get", "-q", "-y", "-o",
                        "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
                        *words)

    def installed(self, package):
        status = self.run("dpkg-query", "-W", "-f", "${db:Status-Status}", package, check=False)
        return status == "installed"

    def path(self, path):
        return self.root + path

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text, mode=0o644):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def put(self, file):
        """Copies a file into the tree; returns its path there."""
        shutil.copy(file, self.path("/root"))
        return "/root/" + os.path.basename(file)

    def files(self):
        """Every path, and of files in /etc the text."""
        found = {}
        for directory, names, files in os.walk(self.root):
            for name in names + files:
                path = os.path.join(directory, name)
                inside = path[len(self.root):]
                found[inside] = None
                if inside.startswith("/etc/") and os.path.isfile(path) and name != "ld.so.cache":
                    with open(path, "rb") as file:
                        found[inside] = file.read()
        return found

    def remove(self):
        shutil.rmtree(self.root)
