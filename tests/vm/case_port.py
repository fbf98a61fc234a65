# SPDX-License-Identifier: GPL-2.0-or-later
"""On another machine or kernel: one-shots, and the daemon's life, with every sandbox in force. 
tests/vm/PORTS has where it was run."""
import contextlib

from case_daemon_pause import healed, still_steers
from daemon import Daemon, rtc, until
from expect import STA_UNSYNC, expect

NAMES = {"ntsc", "ntsc-starter", "ntsc-engine", "ntsc-ke"}


def one_shots(guest, server):
    result, first = guest.ntsc("-q", "-C", "/tmp/ca.pem", server.host)
    expect(result.status == 0 and first and abs(first["offset_s"] - 10) < 3, "ntsc -q says", first)
    result, first = guest.ntsc("-s", "-C", "/tmp/ca.pem", server.host)
    expect(result.status == 0 and first, "ntsc -s ended with", result.status)


def sandboxes(guest):
    """Processes of ntsc's by name, with how many filters of calls each has."""
    out = guest.run("for p in /proc/[0-9]*; do n=$(cat $p/comm 2>/dev/null); case $n in ntsc*) "
                    "echo $n $(sed -n 's/^NoNewPrivs:.//p; s/^Seccomp:.//p' $p/status);; esac; done",
                    quiet=True, shown="sandboxes").out
    return [line.split() for line in out.splitlines()]


def in_force(guest):
    found = sandboxes(guest)
    names = {words[0] for words in found}
    print("sandboxes:", found)
    # Its name is cut, and ntsc-ke is there only while keys are exchanged.
    expect({"ntsc", "ntsc-engine"} <= names <= NAMES, "these run:", names)
    for name, privileges, seccomp in found:
        expect((privileges, seccomp) == ("1", "2"), name, "has no sandbox:", found)


def test(vm):
    with contextlib.ExitStack() as stack:
        host = vm.host_clock()
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        kernel = guest.run("uname -rm").out.strip()
        daemon = Daemon(guest, servers, poll=4)
        one_shots(guest, servers[0])
        guest.kernel(f"step={-10 * 10**9}")
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["synchronized"] and s["agreeing"] == 3, "three that agree")
        in_force(guest)
        error, bound = daemon.expect_right("after the step")
        expect(guest.run("ntsc -w 60").status == 0, "ntsc -w does not see it")
        for arguments in ("-i", "-ij", "-i -v"):
            expect(guest.run("ntsc " + arguments).status == 0, "ntsc", arguments, "fails")
        # A new file, the same one, and all servers asked at once.
        lines = len(daemon.log().splitlines())
        guest.run("cp /etc/ntsc.test /tmp/old; echo 'maxdelay 0.5' >>/etc/ntsc.test")
        daemon.signal("HUP")
        daemon.wait_log("configuration read again", limit=60)
        before = daemon.status()["written_at"]
        daemon.signal("USR1")
        daemon.wait_status(lambda s: s["written_at"] > before
                           and all(source["reach"] & 3 == 3 for source in s["sources"]), "more polls")
        expect(len(daemon.log().splitlines()) > lines, "nothing was said")
        until(lambda: not guest.kernel()["status"] & STA_UNSYNC, "a synchronized kernel")
        still_steers(daemon, host)
        in_force(guest)
        ended = [line for line in daemon.log().splitlines()
                 if "sandbox" in line or "signal 31" in line or "Landlock" in line]
        daemon.terminate()
    return f"{kernel}: error {error:.6f} s, bound {bound:.6f} s; {'; '.join(ended) or 'nothing missing'}"
