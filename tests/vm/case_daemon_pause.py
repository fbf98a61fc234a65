# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine is paused by its host: right again at once, by the battery clock, and still steering.
NTSC_PAUSE_S says for how long; tests/vm/RESULTS has what came of some."""
import contextlib
import os

from daemon import Daemon, rtc, until
from expect import STA_UNSYNC, expect

PAUSE_S = int(os.environ.get("NTSC_PAUSE_S", "20"))
HEAL_S = 60  # of the guest, after it goes on


def test(vm):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        daemon = Daemon(guest, servers, poll=4)
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        daemon.expect_right("before the pause")
        begin = guest.kernel()["raw_ns"]
        # What the battery clock shows usually has to be known: a look in 64 s.
        until(lambda: guest.kernel()["raw_ns"] - begin > 80e9, "80 s of the guest")

        guest.pause(PAUSE_S)
        back = guest.kernel()["raw_ns"]
        # The first one was that of the start, from ten seconds behind.
        daemon.wait_log("stepping the clock by [+][0-9]+[.]", 2)
        daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "synchronized again")
        took = (guest.kernel()["raw_ns"] - back) / 1e9
        error, bound = daemon.expect_right("after the pause")
        expect(took < HEAL_S, "right only after", took)
        expect(not daemon.lines("stands back"), "it gives up after a pause")
        daemon.terminate()
    return f"paused for {PAUSE_S} s, right within {took:.1f} s, error {error:+.6f} s"
