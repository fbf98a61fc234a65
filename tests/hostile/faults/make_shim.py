#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make_shim.py FUNCTIONS OUTPUT: from the list of functions, the wrappers of shim_calls.c."""
import sys


class Function:
    def __init__(self, words):
        self.name, self.value = words[0], int(words[1])
        self.marks = {w for w in words[2:] if w in ("done", "short")}
        self.errors = [w for w in words[2:] if w not in self.marks and w != "-"]


def read_table(path):
    """The functions that can fail, in order, and the names of those that cannot."""
    failing, never = [], set()
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[1] == "never":
                never.add(words[0])
            else:
                failing.append(Function(words))
    return failing, never


def main():
    failing, _ = read_table(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        names = [f.name for f in failing]
        out.write("/* Made by make_shim.py. */\n" + "".join(
            f"#define {name.upper()} {names.index(name)}\n" for name in ("malloc", "calloc")))
        for i, f in enumerate(failing):
            error = f.errors[0] if f.errors else "0"
            out.write(f"WRAP({i}, {f.name}, {f.value}, {error}, {int('done' in f.marks)}, "
                      f"{int('short' in f.marks)})\n")


if __name__ == "__main__":
    main()
