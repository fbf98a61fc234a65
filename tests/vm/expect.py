# SPDX-License-Identifier: GPL-2.0-or-later
"""What cases say about the guest's clock: the kernel's names, and checks with words."""
import time

RTC_LIMIT_S = 100  # how long it may take; nothing is judged by it

# linux/timex.h
STA_PLL, STA_INS, STA_UNSYNC, STA_FREQHOLD, STA_NANO = 0x1, 0x10, 0x40, 0x80, 0x2000
TIME_OK, TIME_INS, TIME_OOP, TIME_WAIT, TIME_ERROR = 0, 1, 3, 4, 5
KERNEL_LIMIT_US = 16000000  # NTP_PHASE_LIMIT: maxerror beyond it means unsynchronized
GROWTH_US_PER_S = 500  # what the kernel adds to maxerror each second


def expect(condition, *words):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in words))


def moved_ns(before, after):
    """(low, high): how far CLOCK_REALTIME moved against CLOCK_MONOTONIC, which no step touches."""
    low = after["real_ns"] - after["mono_after_ns"] - before["real_ns"] + before["mono_before_ns"]
    high = after["real_ns"] - after["mono_before_ns"] - before["real_ns"] + before["mono_after_ns"]
    return low, high


def expect_moved(before, after, ns, what):
    low, high = moved_ns(before, after)
    expect(low <= ns <= high, f"{what}: the clock moved by {low} to {high} ns, not {ns}")


def expect_untouched(before, after, what):
    """Neither stepped nor steered between two readings."""
    expect_moved(before, after, 0, what)
    for field in ("status", "offset", "freq", "tick", "constant", "tai"):
        expect(before[field] == after[field], f"{what}: {field} went from",
               before[field], "to", after[field])


def expect_rtc_follows(guest):
    """The kernel sets it at one instant of a second; where it comes too late for that, which an
    emulated machine does, it tries again two seconds later."""
    end = time.monotonic() + RTC_LIMIT_S
    while not guest.rtc_follows():
        expect(time.monotonic() < end, "the real-time clock does not follow")
        time.sleep(0.5)
