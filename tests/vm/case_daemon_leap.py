# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon over a leap second at the end of this year, for a clock before the day on which ntsc was
built is never called right: armed only when a majority announces it, also after
somebody's step has disarmed the kernel, inserted at the right second, and taken for what it is."""
import calendar
import contextlib
import time

from case_leap import watch
from daemon import Daemon, rtc_at
from expect import STA_INS, STA_UNSYNC, TIME_INS, TIME_OK, TIME_OOP, expect, moved_ns
from leap_server import LeapServer

# Never one that may be over before the test is.
MIDNIGHT = calendar.timegm((time.gmtime(time.time() + 86400).tm_year + 1, 1, 1, 0, 0, 0))
NTP_EPOCH_S = 2208988800 # RFC 5905: from 1900 to 1970
NOON = MIDNIGHT - 12 * 3600
LEFT_S = 45  # from the second start to midnight
# TAI - UTC before and after, and when this table is no longer complete.
TABLE = (f"#@ {MIDNIGHT + NTP_EPOCH_S + 86400 * 365}\n3644697600 36\n"
         f"{MIDNIGHT + NTP_EPOCH_S} 37\n")


def make_right(guest, ahead):
    """At once, so that the daemon need not step."""
    low, high = guest.offset_from_host()
    guest.kernel(f"step={int((ahead - (low + high) / 2) * 1e9)}")


def one_voice_is_not_enough(guest, servers):
    daemon = Daemon(guest, servers)
    daemon.start()
    daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
    state = daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "STA_UNSYNC off")
    expect(not state["status"] & STA_INS, "one server of three armed the kernel")
    daemon.terminate()
    guest.run("rm -r /var/lib/ntsc")


def armed(daemon, guest):
    daemon.start()
    daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
    daemon.wait_kernel(lambda s: s["status"] & STA_INS and s["state"] == TIME_INS,
                       "an armed kernel")
    expect(daemon.status()["leap"] == 1, "the status does not show it")
    # A step too small to be noticed, which makes the kernel forget for which second it is armed.
    guest.kernel("step=-1000000")
    daemon.signal("USR1")
    state = daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC and s["status"] & STA_INS
                               and s["state"] == TIME_INS, "an order after the step")
    expect(state["tai"] == 36, "TAI - UTC is", state["tai"])
    expect(state["time_s"] < MIDNIGHT - 5, "all that took too long: it is", state["time_s"])
    return len(daemon.lines("somebody else"))


def inserted(guest):
    states = watch(guest, MIDNIGHT + 2)
    seen = [state["state"] for state in states]
    order = sorted(set(seen), key=seen.index)
    expect(order[:2] == [TIME_INS, TIME_OOP], "the states were", order)
    for state in states:
        if state["state"] == TIME_OOP:
            expect(state["time_s"] == MIDNIGHT - 1, "the leap second was at", state["time_s"])
        if state["state"] == TIME_INS:
            expect(state["time_s"] < MIDNIGHT, "still waiting at", state["time_s"])
        expect(state["tai"] == (36 if state["state"] == TIME_INS else 37), "TAI - UTC is",
               state["tai"], "in state", state["state"])
    # Apart from what was slewed meanwhile.
    low, high = moved_ns(states[0], states[-1])
    expect(low < -0.98e9 and high > -1.02e9, f"over the leap second it moved {low} to {high} ns")


def afterwards(daemon, guest, ahead, others):
    daemon.wait_log("leap second: 23:59:60 is inserted")
    reach = {s["name"]: s["reach"] for s in daemon.status()["sources"]}
    daemon.signal("USR1")
    status = daemon.wait_status(
        lambda s: all(t["reach"] & 7 == 7 and t["next_poll_at"] > MIDNIGHT for t in s["sources"])
        and s["leap"] == 0, f"answers from the new year, after {reach}")
    expect(status["agreeing"] == 3 and status["synchronized"], "the status says", status)
    daemon.wait_kernel(lambda s: s["state"] == TIME_OK and s["tai"] == 37, "a kernel at rest")
    right = daemon.expect_right("after the leap second", ahead - 1)
    # That somebody else was there is said, truly, of the step before midnight, and of nothing since.
    expect(len(daemon.lines("somebody else")) == others, "the leap second is somebody else's")
    for wrong in ("not believed", "unsynchronized", "coasting", "refused"):
        expect(not daemon.lines(wrong), "the log has:", wrong)
    daemon.terminate()
    return right


def test(vm):
    with contextlib.ExitStack() as stack:
        def serve(number, ahead, announce):
            return stack.enter_context(LeapServer(vm, number, ahead, MIDNIGHT, announce))

        guest = stack.enter_context(vm.guest(rtc_at(NOON), cards=3))
        guest.run("mkdir -p /usr/share/zoneinfo")
        guest.put("/usr/share/zoneinfo/leap-seconds.list", TABLE)
        ahead = NOON - time.time()
        make_right(guest, ahead)
        one_voice_is_not_enough(guest, [serve(1, ahead, True), serve(2, ahead, False),
                                        serve(3, ahead, False)])
        ahead = MIDNIGHT - LEFT_S - time.time()
        make_right(guest, ahead)
        daemon = Daemon(guest, [serve(1, ahead, True), serve(2, ahead, True),
                                serve(3, ahead, False)])
        others = armed(daemon, guest)
        inserted(guest)
        error, bound = afterwards(daemon, guest, ahead, others)
    return f"inserted at the right second; afterwards {error:.6f} of {bound:.6f} s"
