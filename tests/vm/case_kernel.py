# SPDX-License-Identifier: GPL-2.0-or-later
"""What the steering relies on in the kernel, seen in the kernel itself."""
import math
import time

from expect import (GROWTH_US_PER_S, KERNEL_LIMIT_US, STA_FREQHOLD, STA_NANO, STA_PLL, STA_UNSYNC,
                    expect, expect_moved, expect_rtc_follows, expect_untouched)

FREQ = 655361  # 10 ppm and the smallest step
HOUR_NS = 3600 * 10**9
TICK_LATE_S = 0.25  # 0.06 was seen at a load of 10; a second would be no decay at all
SLEW = STA_PLL | STA_FREQHOLD


def follow(guest, seconds):
    """States until the guest's clock went on by so many seconds."""
    states = [guest.kernel()]
    while states[-1]["time_s"] - states[0]["time_s"] < seconds:
        time.sleep(0.1)
        states.append(guest.kernel())
    return states


def phase_decays(guest):
    """The phase goes as offset / 2^(2 + constant) each second; the frequency stays."""
    start, constant = 100000000, 3
    first = guest.kernel("nano", f"offset={start}", f"freq={FREQ}", f"constant={constant}",
                         f"status={SLEW}", "maxerror=1000", "esterror=100")
    expect(first["status"] == SLEW | STA_NANO, "status of the slew is", first["status"])
    states = follow(guest, 12)
    for state in states:
        done = math.log(state["offset"] / start) / math.log(1 - 2 ** -(2 + constant))
        expect(abs(done - round(done)) < 1e-3, "offset", state["offset"], "is no whole second's")
        # The kernel's second begins at a tick, so that one more or less may have passed.
        expect(abs(round(done) - (state["time_s"] - first["time_s"])) <= 1,
               "after", state["time_s"] - first["time_s"], "s", round(done), "parts are gone")
        expect(state["maxerror"] == 1000 + GROWTH_US_PER_S * round(done),
               "maxerror is", state["maxerror"], "in second", round(done))
        expect(state["freq"] == FREQ, "the frequency became", state["freq"])
    clock_follows(states, 2 ** -(2 + constant))
    return states[-1]


def clock_follows(states, part):
    """The clock itself gained what left the offset, and the set frequency, over the raw clock."""
    begin, end = states[0], states[-1]
    elapsed = end["raw_ns"] - begin["raw_ns"]
    gained = end["real_ns"] - begin["real_ns"] - elapsed * (1 + FREQ / 65536 * 1e-6)
    gone = begin["offset"] - end["offset"]
    # A part leaves the offset when its second begins, and reaches the clock during that second. It begins
    # with a tick, which an emulated machine on a busy host has late; so much of a second's part is missing.
    late = begin["offset"] * part * TICK_LATE_S
    slack = (sum(s["mono_after_ns"] - s["mono_before_ns"] for s in (begin, end)) + elapsed * 1e-6 + late)
    low, high = gone - end["offset"] * part / (1 - part), gone + begin["offset"] * part / (1 - part)
    expect(low - slack <= gained <= high + slack,
           f"the clock gained {gained} ns, not {low} to {high}")


def plain_step(guest, slewing):
    """ADJ_SETOFFSET alone: exact; ends the slew; unsynchronized; keeps frequency and TAI."""
    guest.kernel("tai=37")
    after = guest.kernel("step=12000000000")
    expect(after["status"] & STA_UNSYNC, "a step alone leaves the clock synchronized")
    expect(after["maxerror"] == KERNEL_LIMIT_US, "maxerror after a step is", after["maxerror"])
    expect(after["offset"] == 0, "after a step", after["offset"], "ns are still to be slewed")
    expect(after["freq"] == slewing["freq"], "a step changes the frequency to", after["freq"])
    expect(after["tai"] == 37, "a step changes TAI to", after["tai"])
    before = guest.kernel("freq=0")
    after = guest.kernel("step=-1500000001")
    expect_moved(before, after, -1500000001, "step back")
    guest.kernel(f"step={HOUR_NS}")
    follow(guest, 3)
    expect(not guest.rtc_follows(), "the real-time clock follows an unsynchronized clock")


def step_with_bound(guest):
    """One call steps, clears STA_UNSYNC and sets maxerror: the kernel keeps all of it, and sets the
    real-time clock, which it leaves alone after a plain step."""
    before = guest.kernel()
    after = guest.kernel("step=5000000007", f"status={SLEW}", "maxerror=1234", "esterror=5")
    expect_moved(before, after, 5000000007, "step with a bound")
    expect((after["status"], after["maxerror"], after["esterror"]) == (SLEW | STA_NANO, 1234, 5),
           "after a step with status and bound:", after)
    expect_rtc_follows(guest)
    last = follow(guest, 3)[-1]
    expect(not last["status"] & STA_UNSYNC, "STA_UNSYNC came back")
    seconds = last["time_s"] - after["time_s"]
    expect(last["maxerror"] in (1234 + GROWTH_US_PER_S * (seconds + n) for n in (-1, 0, 1)),
           "maxerror became", last["maxerror"], "in", seconds, "s")
    expect(last["tai"] == 37, "TAI became", last["tai"])


def sleep(guest):
    """After a sleep the kernel still calls the clock synchronized, with the bound from before,
    although the clock came from the real-time clock's whole seconds: it is for us to say."""
    before = guest.kernel("nano", "offset=0", f"freq={FREQ}", f"status={SLEW}", "maxerror=1000")
    guest.suspend(8)
    after = guest.kernel()
    slept = (after["real_ns"] - before["real_ns"] - after["raw_ns"] + before["raw_ns"]) / 1e9
    expect(slept > 2, "it slept only", slept)
    expect(not after["status"] & STA_UNSYNC, "a sleep leaves the clock unsynchronized")
    expect(after["maxerror"] < KERNEL_LIMIT_US / 2, "after a sleep maxerror is", after["maxerror"])
    expect(after["freq"] == FREQ, "a sleep changes the frequency to", after["freq"])
    guest.kernel("freq=0")


def limits(guest):
    state = guest.kernel("nano", "offset=700000000", f"status={SLEW}")
    expect(state["offset"] in (500000000, 484375000), "0.7 s of phase became", state["offset"])
    guest.kernel("nano", "offset=0", f"maxerror={KERNEL_LIMIT_US - GROWTH_US_PER_S}")
    state = follow(guest, 3)[-1]
    expect(state["status"] & STA_UNSYNC, "a bound beyond 16 s leaves the clock synchronized")


def frequency_without_hold(guest):
    """Without STA_FREQHOLD the same call does change the frequency: the flag is what holds it."""
    guest.kernel("nano", "offset=100000000", f"freq={FREQ}", "constant=0", f"status={STA_PLL}")
    follow(guest, 2)
    state = guest.kernel("nano", "offset=100000000", "constant=0", f"status={STA_PLL}")
    expect(state["freq"] != FREQ, "the frequency stayed without STA_FREQHOLD")
    guest.kernel("nano", "offset=0", "freq=0", f"status={SLEW}")


def rights(guest):
    before = guest.kernel("nano", "offset=0", "freq=0", f"status={SLEW}", "maxerror=1000")
    for command in ("vm_run -t vm_clock adj step=1000000000",
                    "vm_run -u 1000 vm_clock adj step=1000000000"):
        result = guest.run(command)
        expect(result.status == 1 and "not permitted" in result.err, command, "was", result)
    expect_untouched(before, guest.kernel(), "without CAP_SYS_TIME")


def test(vm):
    with vm.guest("2016-01-01T00:00:00") as guest:
        fresh = guest.kernel()
        expect(fresh["status"] == STA_UNSYNC, "a fresh kernel has status", fresh["status"])
        slewing = phase_decays(guest)
        plain_step(guest, slewing)
        step_with_bound(guest)
        sleep(guest)
        limits(guest)
        frequency_without_hold(guest)
        rights(guest)
    return "phase decays, frequency holds, a step keeps status and bound of its own call"
