# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc.8 says what the program says: the same options, defaults, JSON, variables and signals."""
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[2] / "client"
MANUAL = CLIENT / "ntsc.8"
NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"


def section(name):
    """The lines below one .Sh or .Ss."""
    lines, inside = [], False
    for line in MANUAL.read_text().splitlines():
        if line.startswith((".Sh", ".Ss")):
            inside = line[4:] == name
        elif inside:
            lines.append(line)
    return lines


def items(lines):
    """[(words of .It, text that follows)] of a list."""
    found = []
    for line in lines:
        if line.startswith(".It "):
            found.append((line[4:].split(), []))
        elif found:
            found[-1][1].append(line)
    return [(words, " ".join(text)) for words, text in found]


def flags(words):
    """["C", "Ar", "path"] after each Fl: {"-C": True}; whether an argument follows."""
    return {"-" + word: "Ar" in words[i + 1:i + 2]
            for before, i, word in zip(words, range(1, len(words)), words[1:]) if before == "Fl"}


class Manual(unittest.TestCase):
    def setUp(self):
        self.help = subprocess.run([NTSC, "-h"], stdin=subprocess.DEVNULL, capture_output=True,
                                   text=True, check=True).stdout
        self.described = {}
        self.text = {}
        for words, text in items(section("Options")):
            for flag, argument in flags(words).items():
                self.assertNotIn(flag, self.described)
                self.described[flag] = argument or "Ar" in words
                self.text[flag] = text

    def printed(self):
        """What -h has: {flag: takes an argument}. Of "-q, --query" the last says it for both."""
        found = {}
        for line in self.help.splitlines():
            names = []
            for flag, argument in re.findall(r"(?<![-\w])(-[\w]|--[\w-]+)(?: ([A-Z]+)\b)?(?=[ ,;:)]|$)",
                                             line if line[:2] == "  " or line[:4] == "With" else ""):
                names.append(flag)
                if flag[:2] == "--" or flag in ("-4", "-6"):
                    found.update({name: bool(argument) or found.get(name, False) for name in names})
                    names = []
        return found

    def test_options(self):
        printed = self.printed()
        self.assertGreater(len(printed), 35)
        self.assertEqual(printed, self.described)

    def test_help_fits_a_screen(self):
        lines = self.help.splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_options_of_the_parser(self):
        """What getopt is given: neither -h nor the manual leaves anything out."""
        source = (CLIENT / "ntsc/options.c").read_text()
        taken = {"--" + name: kind == "required" for name, kind in
                 re.findall(r'\{"([\w-]+)", (no|required)_argument', source)}
        for letters in re.findall(r'static const char short_\w+\[\] = "-?([^"]+)"', source):
            for letter, argument in re.findall(r"(\w)(:?)", letters):
                taken["-" + letter] = taken.get("-" + letter, False) or argument == ":"
        self.assertGreater(len(taken), 35)
        self.assertEqual(taken, self.described)

    def test_numbers_of_the_parser(self):
        source = (CLIENT / "ntsc/options.c").read_text()
        for flag, number in (
                ("-t", int(re.search(r"#define TIMEOUT_DEFAULT_MS +(\d+)", source)[1]) // 1000),
                ("--wait", re.search(r"#define WAIT_DEFAULT_S +(\d+)", source)[1]),
                ("-n", re.search(r"\.samples = (\d+)", source)[1])):
            self.assertIn(f"The default is {number}.", self.text[flag])

    def test_environment(self):
        read = set()
        for path in CLIENT.glob("*/*.c"):
            text = path.read_text()
            read.update(re.findall(r'(?:getenv|read_number|below)\("([A-Z_]+)"', text))
            if "setlocale(LC_CTYPE" in text:
                read.update(["LC_ALL", "LC_CTYPE", "LANG"])
        described = [word for words, _ in items(section("ENVIRONMENT")) for word in words
                     if word.isupper()]
        self.assertGreater(len(read), 8)
        self.assertEqual(sorted(read), sorted(described))

    def test_signals(self):
        """Those that the daemon waits for."""
        source = (CLIENT / "ntsc/service.c").read_text()
        waited = set(re.search(r"wanted\[\] = \{(.*?)\}", source, re.S)[1].split(", "))
        described = set(re.findall(r"SIG[A-Z0-9]+", " ".join(section("DESCRIPTION"))))
        self.assertEqual(waited, described)

    def test_synopsis(self):
        named = set()
        for line in section("SYNOPSIS"):
            # ".Op Fl 46jv", ".Op Fl -no-state", ".Op Fl C Ar path", ".Fl h | V"
            words = line[1:].partition(" Ar ")[0].split()
            for word in words[words.index("Fl") + 1:] if "Fl" in words else []:
                named.update(["-" + word] if word.startswith("-") else ["-" + c for c in word])
        named.discard("-|")
        short = {flag for flag in self.described if len(flag) == 2}
        only_long = {"--no-state", "--ntp-server", "--ntp-port", "--openmetrics", "--plot",
                     "--runtime-dir", "--import", "--plugin", "--quiet", "--warn-bound",
                     "--crit-bound", "--within", "--starter-dir"}
        self.assertEqual(named, short | only_long)

    def test_defaults(self):
        """A number or a path in brackets is the default of the options before it on its line."""
        found = 0
        for line in self.help.splitlines():
            flag = None
            for word, value in re.findall(r"(--[\w-]+|-\w\b)|\((\d+|/\S+)\)", line):
                flag = word or flag
                if not value:
                    continue
                found += 1
                # "-n, --samples N   queries a host (1); -t, --timeout S in all (10)"
                named = re.findall(r"--[\w-]+|-\w\b", line[:line.index(f"({value})")])
                texts = [self.text[name] for name in named]
                with self.subTest(line):
                    self.assertTrue(any(re.search(rf"(The default is|The default is\n?)\s+"
                                                  rf"(\.Pa )?{value}\b", text) for text in texts))
        self.assertGreaterEqual(found, 4)

    def test_json(self):
        # Port 1 of this host refuses: all of the object without a server.
        run = subprocess.run([NTSC, "-qj", "--no-state", "127.0.0.1:1"], text=True,
                             stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual(run.returncode, 3, run.stderr)
        whole = json.loads(run.stdout)
        described = [words[1] for words, _ in items(section("JSON"))]
        self.assertEqual(set(whole) | set(whole["results"][0]), set(described))
        self.assertEqual(whole["schema"], 1)
        verdicts = dict((words[1], text) for words, text in items(section("JSON")))["verdict"]
        self.assertIn(f".Li {whole['verdict']}", verdicts)
        for name in ("ntp_address", "ntp_port", "aead", "offset_s", "cert_not_after"):
            self.assertIsNone(whole["results"][0][name])

    def test_exit_statuses(self):
        in_help = set(re.findall(r"\b(\d) ", self.help[self.help.index("Exit status"):]))
        in_manual = {words[0] for words, _ in items(section("EXIT STATUS"))}
        in_code = set(re.findall(r"EXIT_\w+ = (\d)", (CLIENT / "shared/exit_status.h").read_text()))
        self.assertEqual(in_help, in_manual)
        self.assertEqual(in_code, in_manual)

    def test_examples(self):
        """Every command in the manuals and README has options that exist, with their words."""
        lines = []
        for path in (MANUAL, MANUAL.with_name("ntsc.conf.5"), CLIENT.parent / "README"):
            lines += [re.sub(r"^\.(Dl|Ql|Li) ", "", line.split("  ")[0])
                      for line in map(str.strip, path.read_text().split("\n"))
                      if re.match(r"(\.(Dl|Ql|Li) )?([#$] |\S+ \S+ \* \* \* (root )?|watch )?"
                                  r"ntsc -[\w-]+( |$)", line)]
        self.assertGreater(len(lines), 30)
        for line in lines:
            command = re.search(r"\bntsc (-[^|;>&]*)", line)[1].split()
            got = subprocess.run([NTSC, *command, "-h"], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True)
            self.assertEqual(got.returncode, 0, f"{line}\n{got.stderr}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
