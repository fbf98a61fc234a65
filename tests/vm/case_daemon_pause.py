# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine is paused by its host: right again at once, by what speaks for it, and still steering.
tests/vm/pauses runs it with others than these; tests/vm/RESULTS has what came of it.
NTSC_PAUSE_S: for how long. NTSC_PAUSE_MOVED_S: and the host's clock, which servers and battery
clock follow, is moved on by so much. NTSC_PAUSE_WITH: words of
  agent       a guest agent sets the clock to the second as soon as the machine goes on
  no-rtc      the machine has no battery clock
  step-later  the configuration trusts three servers that agree twice"""
import contextlib
import os
import time

from daemon import Daemon, rtc, until
from expect import STA_UNSYNC, expect

PAUSE_S = int(os.environ.get("NTSC_PAUSE_S", "20"))
MOVED_S = int(os.environ.get("NTSC_PAUSE_MOVED_S", "0"))
WITH = os.environ.get("NTSC_PAUSE_WITH", "").split()
HEAL_S = 60  # of the guest, after it goes on
# A battery clock that the kernel does not look for is not there.
NO_RTC = "initcall_blacklist=cmos_init"


def passes(guest, seconds):
    begin = guest.kernel()["raw_ns"]
    until(lambda: guest.kernel()["raw_ns"] - begin > seconds * 1e9, f"{seconds} s of the guest",
          20 * seconds)


def healed(daemon, host):
    """Waits until the clock is right; returns how many of the guest's seconds that took."""
    back = daemon.guest.kernel()["raw_ns"]

    def right():
        low, high = (end - host.ahead for end in daemon.guest.offset_from_host(10))
        state = daemon.guest.kernel()
        return not state["status"] & STA_UNSYNC and low < 0.1 and high > -0.1

    until(right, "a clock that is right", 300, daemon.show)
    return (daemon.guest.kernel()["raw_ns"] - back) / 1e9


def told(daemon, host, away):
    """Nothing speaks for a step: the kernel and the status vouch for nothing that is not true, and
    what helps is said. What it says is done."""
    daemon.wait_log("ntsc -s")
    state, status = daemon.guest.kernel(), daemon.status()
    expect(state["status"] & STA_UNSYNC or state["maxerror"] / 1e6 > away - 2,
           "the kernel vouches for", state)
    expect(not status["synchronized"] or status["bound_s"] > away - 2, "the status says", status)
    passes(daemon.guest, 30)
    low, _ = (end - host.ahead for end in daemon.guest.offset_from_host(10))
    expect(low < 2 - away, "stepped, though nothing speaks for it")
    print(daemon.guest.run("ntsc -i").out)
    daemon.guest.run("ntsc -s -f /etc/ntsc.test")


def still_steers(daemon, host):
    """What somebody else does to the clock is undone."""
    steps = len(daemon.lines("stepping the clock"))
    daemon.guest.kernel(f"step={2 * 10**9}")
    daemon.wait_log("stepping the clock", steps + 1)
    healed(daemon, host)
    expect(not daemon.lines("stands back"), "it gives up")
    return daemon.expect_right("at the end", host.ahead)


def test(vm):
    with contextlib.ExitStack() as stack:
        host = vm.host_clock()
        servers = [stack.enter_context(vm.server(number, host=host)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3, host=host,
                                             kernel=NO_RTC if "no-rtc" in WITH else ""))
        daemon = Daemon(guest, servers, poll=4)
        if "step-later" in WITH:
            guest.run("echo step-later 100000 >>/etc/ntsc.test")
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        daemon.expect_right("before the pause")
        expect((guest.run("ls /sys/class/rtc/rtc0").status == 0) != ("no-rtc" in WITH), "battery clock?")
        # What the battery clock shows usually has to be known: a look in 64 s.
        passes(guest, 80)

        guest.pause(PAUSE_S, lambda: host.move(MOVED_S))
        if "agent" in WITH:
            guest.run(f"date -s @{int(time.time()) + host.ahead}")
        elif "no-rtc" in WITH and "step-later" not in WITH:
            told(daemon, host, PAUSE_S + MOVED_S)
        took = healed(daemon, host)
        error, bound = daemon.expect_right("after the pause", host.ahead)
        expect(took < HEAL_S, "right only after", took)
        last, _ = still_steers(daemon, host)
        daemon.terminate()
    return (f"paused for {PAUSE_S} + {MOVED_S} s ({' '.join(WITH) or 'nobody else'}), right within "
            f"{took:.1f} s, error {error:.6f} s, bound {bound:.6f} s, at the end {last:.6f} s")
