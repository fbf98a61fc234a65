# SPDX-License-Identifier: GPL-2.0-or-later
"""The shells' completions know the program's options, all of them and no other."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SCRIPTS = TOP / "scripts/completions"
BIN = os.environ["NTSC_PREFIX"] + "/bin"


def options():
    """{option: whether a word follows} as options.c says."""
    source = (TOP / "client/ntsc/options.c").read_text()
    found = {}
    for name, argument in re.findall(r'\{"([\w-]+)", (no|required)_argument', source):
        found["--" + name] = argument == "required"
    for letters in re.findall(r'static const char short_\w+\[\] = "-?([^"]+)"', source):
        for letter, argument in re.findall(r"(\w)(:?)", letters):
            found["-" + letter] = found.get("-" + letter, False) or argument == ":"
    return found


def bash(*words):
    """What bash offers when the last of the words is to be completed."""
    script = f"""source {SCRIPTS}/ntsc.bash
        compopt() {{ :; }}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _ntsc ntsc "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
        complete -p ntsc >&2"""
    got = subprocess.run(["bash", "-uc", script, "bash", "ntsc", *words], text=True, check=True,
                         stdin=subprocess.DEVNULL, capture_output=True,
                         env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert got.stderr == "complete -F _ntsc ntsc\n", got.stderr
    return sorted(line for line in got.stdout.splitlines() if line)


class Completions(unittest.TestCase):
    def setUp(self):
        self.options = options()
        self.assertGreater(len(self.options), 35)

    def test_bash_options(self):
        self.assertEqual(bash("-"), sorted(self.options))
        self.assertEqual(bash("--nt"), ["--ntp-port", "--ntp-server"])
        self.assertEqual(bash("-q", "--json", "--no"), ["--no-state"])
        self.assertEqual(bash("--import="), [])

    def test_bash_hosts(self):
        servers = re.findall(r"(?m)^server (\S+)", subprocess.run(
            [f"{BIN}/ntsc", "-n"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=True).stdout)
        self.assertGreater(len(servers), 2)
        self.assertEqual(bash("-q", ""), sorted(servers))
        self.assertEqual(bash("-jq", servers[0][:4]), [servers[0]])
        self.assertEqual(bash("--set", servers[1], servers[0][:4]), [servers[0]])
        # The daemon takes no host.
        self.assertEqual(bash("-x", ""), [])
        self.assertEqual(bash(""), [])

    def test_bash_words_that_follow(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "a file").touch()
            (Path(directory) / "sub").mkdir()
            everything = sorted([f"{directory}/a file", f"{directory}/sub"])
            files = {option for option, follows in self.options.items()
                     if follows and bash("-q", option, f"{directory}/") == everything}
            self.assertEqual(files, {"-f", "--config", "-C", "--ca", "--import", "-o", "--output"})
            for option in ("--runtime-dir", "--starter-dir"):
                self.assertEqual(bash(option, f"{directory}/"), [f"{directory}/sub"])
            for option in set(self.options) - files:
                if self.options[option] and option not in ("--runtime-dir", "--starter-dir"):
                    self.assertEqual(bash("-q", option, ""), [], option)
        # Without -q they are commands.
        self.assertEqual(bash("-n", "--co"), ["--config"])

    def test_fish(self):
        text = (SCRIPTS / "ntsc.fish").read_text()
        found = {}
        for line in re.findall(r"(?m)^complete -c ntsc (-[sl] .*)", text):
            follows = bool(re.search(r" -[rx] ", line))
            for short in re.findall(r"(?:^| )-s (\S)", line):
                found["-" + short] = follows
            for name in re.findall(r"(?:^| )-l (\S+)", line):
                found["--" + name] = follows
        # One letter, two meanings: the word is not asked for.
        self.assertEqual(found, {**self.options, "-n": False, "-w": False})
        if shutil.which("fish"):
            with tempfile.TemporaryDirectory() as home:
                got = subprocess.run(
                    ["fish", "--no-config", "-c", f"source {SCRIPTS}/ntsc.fish; "
                     "complete -C 'ntsc --'"], text=True, capture_output=True, check=True,
                    stdin=subprocess.DEVNULL, env={**os.environ, "HOME": home})
            self.assertEqual({line.split("\t")[0] for line in got.stdout.splitlines()},
                             {option for option in self.options if len(option) > 2})

    def test_zsh(self):
        text = (SCRIPTS / "_ntsc").read_text()
        found = {}
        for both, one, rest in re.findall(
                r"(?m)^ +'(?:\([^)]*\))?(?:'\{([^}]*)\}'|(-[\w-]+))\[(.*)'$", text):
            for option in (both or one).split(","):
                follows = bool(re.search(r"\]:", rest))
                found[option] = found.get(option, False) or follows
        self.assertEqual(found, self.options)
        if shutil.which("zsh"):
            subprocess.run(["zsh", "-n", SCRIPTS / "_ntsc"], check=True)

    def test_installed(self):
        share = Path(os.environ["NTSC_PREFIX"]) / "share"
        for path, source in (("bash-completion/completions/ntsc", "ntsc.bash"),
                             ("zsh/site-functions/_ntsc", "_ntsc"),
                             ("fish/vendor_completions.d/ntsc.fish", "ntsc.fish")):
            self.assertEqual((share / path).read_text(), (SCRIPTS / source).read_text())


if __name__ == "__main__":
    if not shutil.which("bash"):
        print("skipped: no bash", file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
