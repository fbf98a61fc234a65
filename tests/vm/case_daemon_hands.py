# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands on the clock of a running daemon: ntsc -s ten times beside it, date -s by hours and by half a
minute. Each time right within a minute, never given up, still steering at the end. By hand, as
tests/vm/pauses does; tests/vm/RESULTS has what came of it."""
import contextlib

from case_daemon_pause import HEAL_S, healed, still_steers
from daemon import Daemon, rtc
from expect import expect

MOVES_S = (2 * 3600, -2 * 3600, -30)
ONE_SHOTS = 10


def test(vm):
    took = {}
    with contextlib.ExitStack() as stack:
        host = vm.host_clock()
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        daemon = Daemon(guest, servers, poll=4)
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        for seconds in MOVES_S:
            guest.run(f"date -s @$(($(date +%s) + {seconds}))")
            took[f"date -s by {seconds} s"] = healed(daemon, host)
        for number in range(ONE_SHOTS):
            # By itself, and to put right what somebody has done.
            away = "date -s @$(($(date +%s) - 5)); " if number % 2 else ""
            expect(guest.run(f"{away}ntsc -s -f /etc/ntsc.test").status == 0, "ntsc -s fails")
            name = f"ntsc -s {'after 5 s' if away else 'of a right clock'}"
            took[name] = max(took.get(name, 0), healed(daemon, host))
        daemon.expect_right("after all that")
        expect(daemon.all_processes() and not daemon.lines("stands back"), "it gives up")
        last, _ = still_steers(daemon, host)
        daemon.terminate()
    for what, seconds in took.items():
        expect(seconds < HEAL_S, "right only", seconds, "s after", what)
    return (", ".join(f"{what}: right in {seconds:.1f} s" for what, seconds in took.items())
            + f", at the end {last:.6f} s")
