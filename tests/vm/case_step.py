# SPDX-License-Identifier: GPL-2.0-or-later
"""ntsc -s sets a clock that is years or hours off, right within the bound that it prints."""
from expect import KERNEL_LIMIT_US, STA_UNSYNC, expect, expect_rtc_follows

HOUR_NS = 3600 * 10**9


def set_clock(guest, server):
    low, high = guest.offset_from_host()
    expect(low > 3600 or high < -3600, "the guest starts right:", low, high)

    result, first = guest.ntsc("-s", "-C", "/tmp/ca.pem", server.host)
    expect(result.status == 0 and first, "ntsc -s ended with", result.status)
    # Positive means that the clock is behind; the true offset lies within the bound.
    offset, bound = first["offset_s"], first["bound_s"]
    expect(-high - bound <= offset <= -low + bound, "offset", offset, "+-", bound,
           "but the clock was off by", -high, "to", -low)

    low, high = guest.offset_from_host()
    expect(low <= bound and high >= -bound, "after the step the clock is off by", low, "to", high,
           "s, the bound was", bound)
    state = guest.kernel()
    expect(state["tai"] == 37, "the step lost the TAI offset")
    # The kernel keeps the real-time clock right only when it knows the bound.
    expect(not state["status"] & STA_UNSYNC, "the step leaves the clock unsynchronized")
    expect(bound * 1e6 <= state["maxerror"] < KERNEL_LIMIT_US, "maxerror is", state["maxerror"])
    expect_rtc_follows(guest)

    result, second = guest.ntsc("-q", "-C", "/tmp/ca.pem", server.host)
    expect(result.status == 0 and second, "ntsc -q ended with", result.status)
    expect(abs(second["offset_s"]) <= bound + second["bound_s"], "after the step ntsc -q says",
           second["offset_s"], "+-", second["bound_s"], "and the step's bound was", bound)
    return bound


def test(vm):
    with vm.server() as server, vm.guest("2016-01-01T00:00:00") as guest:
        guest.put("/tmp/ca.pem", server.ca)
        guest.kernel("tai=37")
        bounds = [set_clock(guest, server)]
        for hours in (5, -5):
            guest.kernel(f"step={hours * HOUR_NS}")
            bounds.append(set_clock(guest, server))
    return "right within " + ", ".join(f"{bound:.6f}" for bound in bounds) + " s"
