# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon sets a clock that starts 10 s off, tells the kernel its bound; a second start needs
neither a key exchange nor a step."""
import contextlib
import re

from daemon import Daemon, rtc
from expect import (STA_FREQHOLD, STA_PLL, STA_UNSYNC, expect)

PPM = 65536
RATE_SD = 50  # ppm; DISCIPLINE_RATE_SD


def first_run(guest, daemon):
    low, high = guest.offset_from_host()
    expect(low < -8 and high > -12, "the guest starts", low, "to", high, "s off")
    expect(guest.kernel()["status"] & STA_UNSYNC, "the kernel begins synchronized")
    daemon.start()
    daemon.wait_log("synchronized: offset")
    state = daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "STA_UNSYNC off")
    expect(state["status"] & (STA_PLL | STA_FREQHOLD) == STA_PLL | STA_FREQHOLD,
           "the status is", state["status"])
    first = daemon.expect_right("after the step")
    status = daemon.wait_status(lambda s: s["synchronized"] and s["agreeing"] == 3,
                                "three servers that agree")
    expect(status["last_step_by"] == "ntsc", "the status says", status)
    expect(guest.run("ntsc -w 60").status == 0, "ntsc -w does not see it")
    guest.run("ntsc -i")
    # Another poll of each, which steps no more.
    daemon.signal("USR1")
    daemon.wait_status(lambda s: all(source["reach"] & 3 == 3 for source in s["sources"]),
                       "a second answer of each server")
    second = daemon.expect_right("after the second poll")
    expect(len(daemon.lines("stepping the clock")) == 1, "it stepped again")
    return first, second


def test(vm):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        daemon = Daemon(guest, servers)
        first, second = first_run(guest, daemon)
        daemon.terminate()
        state = guest.kernel()
        expect(abs(state["freq"]) < 100 * PPM and state["tick"] == 10000, "it leaves freq",
               state["freq"], "tick", state["tick"])
        kept = guest.run("cat /var/lib/ntsc/clock /run/ntsc/allowance").out
        uncertain = int(re.search(r"sd_ppt (\d+)", kept)[1]) / 1e6

        opened = daemon.key_exchanges()
        expect(opened >= 3, "only", opened, "connections were opened")
        daemon.start()
        stored = float(daemon.wait_log(r"stored frequency (\S+) ppm")[1])
        # A rate less certain than RATE_SD does not move the frequency.
        expect(abs(stored - state["freq"] / PPM) < (0.01 if uncertain <= RATE_SD else uncertain),
               "it stored", stored, "+-", uncertain, "ppm and left", state["freq"] / PPM)
        daemon.wait_log("synchronized: offset")
        third = daemon.expect_right("after the second start")
        expect(not daemon.lines("stepping the clock"), "the second start stepped")
        expect(daemon.key_exchanges() == opened, "the second start exchanged keys")
        after = guest.kernel()
        expect(abs(after["freq"] - state["freq"]) < 50 * PPM, "the frequency went from",
               state["freq"], "to", after["freq"])
        daemon.terminate()
    return "error and bound: " + ", ".join(f"{error:.6f} of {bound:.6f}"
                                           for error, bound in (first, second, third)) + " s"
