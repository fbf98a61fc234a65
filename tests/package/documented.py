# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command that README and the manual pages show, word for word, in a Debian where the package
is installed, with servers of the names that they use."""
import os
import re
import shutil

from debian import expect

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(TOP, "tests/package")
SERVERS = ("time.cloudflare.com", "nts.netnod.se", "ptbtime1.ptb.de", "ntppool1.time.nl",
           "ntppool2.time.nl", "ohio.time.system76.com", "ntpmon.dcs1.biz", "nts.example.net",
           "nts.example.lan", "time.example.lan")
PROGRAMS = r"(?:ntsc|systemctl|systemd-sysusers|scripts/\S+|cmake|apt-get|echo)"
CRON = re.compile(r"(?:[\d*/]+ ){5}(root )?(ntsc .*)")
# Words that stand for others in README's list of commands.
STANDS_FOR = (("HOST:PORT", "time.example.lan:14460"), ("HOST...", "nts.example.net nts.netnod.se"),
              ("HOST", "nts.example.net"), ("-C ca.pem", "-C /etc/ntsc/ca.pem"))
# What is tested elsewhere, and where.
ELSEWHERE = {
    "scripts/quickstart": "bench.quick", "scripts/test": "everything here",
    "scripts/unit": "unit", "ntsc with try.conf": "service.readme", "scripts/package": "this test",
    "apt-get": "life.py, instead of chrony", "scripts/accuracy": "sim", "scripts/check": "lint"}
# The right to set the clock is taken from all that runs in the tree.
NO_RIGHT = 4


def manual(name):
    """The commands of a page: in displays, and in .Dl and .Ql."""
    literal = False
    with open(os.path.join(TOP, "client", name), encoding="utf-8") as page:
        for line in page.read().splitlines():
            if line.startswith((".Bd -literal", ".Ed")):
                literal = line.startswith(".Bd")
                continue
            word = re.match(r"\.(?:Dl|Ql) (.*)", line)
            text = word[1] if word else line if literal else ""
            found = re.match(rf"(?:[$#] )?({PROGRAMS} .*|systemctl .*)", text)
            if CRON.fullmatch(text):
                yield text
            elif found and (text[0] in "$#" or "ntsc" in text):
                yield found[1]


def readme():
    """The commands of README: lines that are set in, with the words behind two blanks cut off."""
    with open(os.path.join(TOP, "README"), encoding="utf-8") as file:
        text = file.read()
    for line in text.splitlines():
        found = re.match(rf"    (?:[$#] )?({PROGRAMS}(?: \S+)*)", line)
        if found and not re.match(r"ntsc -\w,", found[1]):  # a row of a table
            yield found[1]


def configurations():
    """The examples of ntsc.conf(5)."""
    with open(os.path.join(TOP, "client/ntsc.conf.5"), encoding="utf-8") as page:
        examples = page.read().partition(".Sh EXAMPLES")[2]
    return re.findall(r"\.Bd -literal.*\n((?:[^.].*\n)+)\.Ed", examples)


def meant(command):
    for word, other in STANDS_FOR:
        command = command.replace(word, other)
    return command


def expected(command):
    """The exit statuses that are right there."""
    if re.match(r"ntsc -s|ntsc$", command):
        return str(NO_RIGHT)
    if re.match(r"ntsc -(i|w \d)", command) and "openmetrics" not in command:
        return "1"  # the daemon there only watches
    return "0"


def lines():
    """[(statuses, how it is run, command)] of all, each once."""
    found, left = {}, []
    for command in [*manual("ntsc.8"), *manual("ntsc.conf.5"), *readme()]:
        cron = CRON.fullmatch(command)
        program = command.split()[0]
        if cron:
            found[cron[2]] = (expected(cron[2]), "cron-root" if cron[1] else "cron-user", cron[2])
        elif " localhost:" in command or "try.conf" in command:  # one minute with it
            left.append(command)
        elif program in ELSEWHERE or program in ("cmake", "scripts/install-deps", "systemd-sysusers"):
            left.append(command)
        else:
            found[command] = (expected(command), "shell", meant(command))
    expect(len(found) > 30, "only", len(found), "commands are found:", list(found))
    print("# not here, but in another test:", sorted(set(left)))
    return list(found.values())


# There is no manager to start anything: units are enabled and disabled as ever.
SYSTEMCTL = """#!/bin/sh
case $1 in
enable | disable | is-enabled) ;;
*) exec test -e "/lib/systemd/system/$2" ;;
esac
verb=$1
shift
[ "$1" != --now ] || shift
exec /usr/bin/systemctl "$verb" "$@"
"""


def install(tree, deb):
    """The package, and beside it what the commands need: chrony's program as a server, and its unit."""
    tree.apt("install", "chrony")
    tree.run("cp", "/usr/sbin/chronyd", "/lib/systemd/system/chrony.service", "/root")
    tree.apt("install", tree.put(deb))
    tree.run("cp", "/root/chrony.service", "/usr/lib/systemd/system")
    os.makedirs(tree.path("/root/bin"))
    tree.write("/root/bin/systemctl", SYSTEMCTL, 0o755)
    tree.write("/etc/hosts", "127.0.0.1 localhost " + " ".join(SERVERS) + "\n")
    os.makedirs(tree.path("/etc/chrony"), exist_ok=True)
    tree.write("/etc/chrony/chrony.conf", "server nts.example.net iburst nts\nmakestep 1 3\n")


def test(tree, deb):
    install(tree, deb)
    shutil.copy(os.path.join(HERE, "try-commands"), tree.path("/root"))
    all_lines = lines()
    for i, text in enumerate(configurations()):
        tree.write(f"/root/example{i}", text)
        all_lines.append(("0", "shell", f"ntsc -n -f /root/example{i}"))
    expect(i >= 3, "only", i, "examples of a configuration are found")
    tree.write("/root/commands", "".join("\t".join(line) + "\n" for line in all_lines))
    tree.write("/root/names", "\n".join(SERVERS) + "\n")
    said = tree.run("sh", "/root/try-commands", "/root/commands", "/root/names")
    expect(said.rstrip().endswith("ALL RAN"), "a command of README or a manual page fails")
    tree.apt("purge", "ntsc")
