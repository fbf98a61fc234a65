# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's leap second, as far as the steering relies on it."""
import json

from expect import (STA_FREQHOLD, STA_INS, STA_PLL, TIME_INS, TIME_OK, TIME_OOP, TIME_WAIT, expect,
                    moved_ns)

MIDNIGHT = 1483228800  # 2017-01-01, after the leap second of 2016
HELD = STA_PLL | STA_FREQHOLD


def go_to(guest, second, *statuses):
    """Steps to a second, with the first status in the same call; then sets the others at once."""
    calls = [f"vm_clock adj at={second} maxerror=1000 status={statuses[0]}"]
    calls += [f"vm_clock adj status={status}" for status in statuses[1:]]
    guest.run("\n".join(calls))


def watch(guest, until):
    """States every twentieth of a second until the guest's clock says so."""
    result = guest.run(f"vm_clock watch {until}", shown=f"watch until {until}", quiet=True)
    return [json.loads(line) for line in result.out.splitlines()]


def leap_is_inserted(guest, tai):
    """Armed before midnight: 23:59:59 happens twice, TAI grows, nothing else is to be done."""
    states = watch(guest, MIDNIGHT + 2)
    seen = [state["state"] for state in states]
    order = sorted(set(seen), key=seen.index)
    expect(order[-3:] == [TIME_INS, TIME_OOP, TIME_WAIT], "the states were", order)
    for state in states:
        if state["state"] == TIME_OOP:
            expect(state["time_s"] == MIDNIGHT - 1, "the leap second was at", state["time_s"])
        if state["state"] == TIME_INS:
            expect(state["time_s"] < MIDNIGHT, "still waiting at", state["time_s"])
    low, high = moved_ns(states[0], states[-1])
    expect(low <= -10**9 <= high, f"over the leap second the clock moved {low} to {high} ns")
    expect(states[-1]["tai"] == tai + 1, "TAI went from", tai, "to", states[-1]["tai"])


def disarmed(guest):
    """TIME_WAIT lasts until the flag is taken back."""
    guest.kernel(f"status={HELD}")
    last = watch(guest, guest.kernel()["time_s"] + 2)[-1]
    expect(last["state"] == TIME_OK, "without the flag the state is", last["state"])


def test(vm):
    with vm.guest("2016-12-31T12:00:00") as guest:
        guest.kernel("tai=36")
        go_to(guest, MIDNIGHT - 8, HELD, HELD | STA_INS)
        leap_is_inserted(guest, 36)
        disarmed(guest)

        # A step forgets the second for which the kernel was armed, and setting the flag again is
        # not enough to arm it; it is without and with STA_PLL.
        for statuses, inserted in (([HELD | STA_INS], False), ([0, HELD | STA_INS], True)):
            go_to(guest, MIDNIGHT - 100, HELD, HELD | STA_INS)
            armed = watch(guest, MIDNIGHT - 97)[-1]
            expect(armed["state"] == TIME_INS, "not armed but in state", armed["state"])
            go_to(guest, MIDNIGHT - 8, *statuses)
            if inserted:
                leap_is_inserted(guest, 37)
            else:
                last = watch(guest, MIDNIGHT + 2)[-1]
                expect((last["state"], last["tai"]) == (TIME_INS, 37),
                       "after a step the kernel is in state", last["state"])
                disarmed(guest)
    return "inserted at the right second; a step disarms, STA_PLL off and on arms again"
