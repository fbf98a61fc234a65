# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel counts by another clock source from one moment to the next: nothing is lost by it."""
from daemon import agreeing
from expect import expect

SOURCES = "/sys/devices/system/clocksource/clocksource0"
OTHER = "acpi_pm"


def another_source(guest):
    result = guest.run(f"cat {SOURCES}/current_clocksource && "
                       f"echo {OTHER} >{SOURCES}/current_clocksource && "
                       f"cat {SOURCES}/current_clocksource")
    before, after = result.out.split()
    expect(before != OTHER and after == OTHER, "the clock source was", before, "and is", after)


def more_answers(daemon, count):
    for _ in range(count):
        before = daemon.status()["written_at"]
        daemon.signal("USR1")
        daemon.wait_status(lambda s: s["written_at"] > before
                           and all(source["reach"] & 1 for source in s["sources"]), "an answer")


def test(vm):
    with agreeing(vm) as daemon:
        guest = daemon.guest
        another_source(guest)
        more_answers(daemon, 4)
        status = daemon.wait_status(lambda s: s["synchronized"], "a synchronized clock")
        expect(status["agreeing"] == 3, "of three servers", status["agreeing"], "agree")
        expect(not daemon.lines("somebody else has"), "the change is taken for another program's")
        daemon.expect_right("with another clock source")
    return "another clock source, and the clock stays right within its bound"
