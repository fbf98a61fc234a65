# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said to a command line or a configuration that does not fit: one line, with what to do."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
HINTS = {
    "ntsc -i": ("status", "tracking", "sources", "sourcestats", "ntpdata", "activity", "peers",
                "timesync-status"),
    "ntsc -s": ("makestep", "step", "sync", "set-time"),
    "ntsc --wait": ("waitsync", "wait"),
    "ntsc -q": ("query", "check"),
}


class CommandLine(unittest.TestCase):
    def refused(self, *words):
        got = subprocess.run([NTSC, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=60)
        self.assertEqual((got.returncode, got.stdout), (3, ""), (words, got))
        self.assertEqual(got.stderr.count("\n"), 1, got.stderr)
        self.assertRegex(got.stderr, "^ntsc: ")
        return got.stderr

    def test_modes(self):
        """An option that means nothing in the mode is refused; none but the daemon's starts it."""
        for words, fits in (("-j", "-q, -s or -i"), ("-i -x", "the daemon"), ("-i -t 3", "-q or -s"),
                            ("-q --openmetrics", "-i"), ("-s -w 1", "-q"), ("-s -c 1", "-q"),
                            ("-i --no-state", "-q, -s or the daemon"), ("-n -j", "-q, -s or -i"),
                            ("-w 5 -j", "-q, -s or -i"), ("--plot", "-i"), ("-x -p 4460", "-q or -s"),
                            ("-q --runtime-dir /x", "-i, --wait or the daemon"),
                            ("--ntp-port 5", "-q or -s"), ("--samples 3", "-q or -s")):
            with self.subTest(words):
                self.assertIn(f" goes with {fits}", self.refused(*words.split()))

    def test_misspelt(self):
        for word, meant in (("--jsno", "json"), ("--qeury", "query"), ("--no-sate", "no-state"),
                            ("--promiscuous", "no"), ("--wiat", "wait"),
                            ("--runtimedir", "runtime-dir")):
            with self.subTest(word):
                said = self.refused("-q", word)
                self.assertIn(f"there is no option {word}", said)
                self.assertEqual("was meant?" in said, meant != "no")
                if meant != "no":
                    self.assertIn(f"--{meant} was meant?", said)
        self.assertIn("there is no option -Z", self.refused("-qZ"))
        self.assertIn("--json takes no word", self.refused("-q", "--json=yes"))
        self.assertIn("--timeout wants a word behind it", self.refused("-q", "--timeout"))
        self.assertIn("-t wants a word behind it", self.refused("-q", "-t"))

    def test_version(self):
        """Of the library that ntsc-ke is linked with now."""
        said = subprocess.run([NTSC, "--version"], capture_output=True, text=True, check=True).stdout
        ke = os.environ["NTSC_PREFIX"] + "/libexec/ntsc/ntsc-ke"
        library = subprocess.run([ke, "--library-version"], capture_output=True, text=True,
                                 check=True).stdout.strip()
        self.assertRegex(said, rf"^ntsc \d\S* \(wolfSSL {re.escape(library)}(, built with [\d.]+)?\)\n$")

    def test_words_of_others(self):
        for hint, words in HINTS.items():
            for word in words:
                for mode in (), ("-q",), ("-s",):
                    with self.subTest(word, mode=mode):
                        self.assertIn(hint, self.refused(*mode, word))
        self.assertIn("hosts go with -q", self.refused("time.example.net"))

    def test_what_a_configuration_names(self):
        with tempfile.TemporaryDirectory() as directory:
            top = Path(directory)
            top.chmod(0o755)
            (top / "closed").mkdir(mode=0o700)
            (top / "file").touch()
            conf = top / "conf"

            def check(text):
                conf.write_text(text)
                got = subprocess.run([NTSC, "-n", "-f", conf], stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True, timeout=60)
                self.assertIn("server a.test", got.stdout)
                self.assertEqual(got.returncode == 0, got.stderr == "", got)
                return got.stderr

            self.assertEqual(check(f"server a.test ca {top}/file\nca {top}\nstatedir {top}/x\n"), "")
            self.assertRegex(check(f"server a.test ca {top}/none\nserver b.test ca {top}/none\n"),
                             rf"^ntsc: ca {top}/none \(server a.test\): No such file or directory\n$")
            self.assertIn("has to read it", check(f"server a.test\nca {top}/closed\n"))
            self.assertIn("user no-such-user: there is no such user",
                          check("server a.test\nuser no-such-user\n"))
            self.assertIn("Not a directory", check(f"server a.test\nstatedir {top}/file\n"))

    def test_configuration(self):
        for line, say in (("sever a.test", '"sever" is not known; "server" was meant?'),
                          ("server a.test minpol 4", '"minpol" is not known; "minpoll" was meant?'),
                          ("makestep 1 3", 'step SECONDS COUNT'),
                          ("driftfile /var/lib/chrony/drift", "statedir"),
                          ("allow 192.0.2.0/24", "serves nobody"),
                          ("[Time]", "ntsc --import FILE"),
                          ("zebra", '"zebra" is not known; expected: ')):
            with self.subTest(line), tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
                f.write("# one\n" + line + "\n")
                f.flush()
                said = self.refused("-n", "-f", f.name)
                self.assertIn(f"{f.name}:2:", said)
                self.assertIn(say, said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
