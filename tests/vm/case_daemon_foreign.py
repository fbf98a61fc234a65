# SPDX-License-Identifier: GPL-2.0-or-later
"""Another program changes the clock: noticed, told, corrected once; done again and again ntsc stops
steering rather than fight."""
from daemon import agreeing
from expect import expect

PPM = 65536
CHANGE = 200 * PPM


def change_frequency(daemon, guest, count):
    """Another program's adjtimex call, and the polls that find it."""
    guest.kernel(f"freq={CHANGE}")
    daemon.signal("USR1")
    daemon.wait_log("somebody else has changed the clock's frequency", count)


def corrected(daemon):
    daemon.wait_kernel(lambda s: abs(s["freq"]) < CHANGE / 2, "the frequency that ntsc wants")
    expect(not daemon.lines("no longer does"), "it gives up after one change")


def stepped(daemon, guest, seconds, count):
    guest.kernel(f"step={seconds * 10**9}")
    daemon.wait_log(f"somebody else has stepped the clock by about [+]?{seconds}[.]0", count)
    status = daemon.wait_status(
        lambda s: s["last_step_by"] == "other" and abs(s["last_step_s"] - seconds) < 0.1,
        f"a status that shows the step of {seconds} s")
    return status


def test(vm):
    with agreeing(vm) as daemon:
        guest = daemon.guest

        change_frequency(daemon, guest, 1)
        corrected(daemon)
        stepped(daemon, guest, 2, 1)
        # Too far for its bound: it says so, and goes the right way.
        state = daemon.wait_kernel(lambda s: s["offset"] < -400 * 10**6, "a slew back")
        low, high = guest.offset_from_host()
        bound = state["maxerror"] / 1e6
        expect(low < 2.1 and high > 1.9, "the clock is off by", low, "to", high)
        expect(bound > 1.9, "the kernel's maxerror is", bound, "although the clock is off by", low)
        status = daemon.wait_status(lambda s: not s["synchronized"], "a status that says so")
        expect("corrected" in status["reason"], "the reason is", status["reason"])
        expect(not daemon.lines("no longer does"), "it gives up after two changes")

        # The third one within the hour is too many; what came at once may have counted as one.
        stepped(daemon, guest, -2, 1)
        changes = 1
        while not daemon.lines("another program keeps steering the clock: ntsc no longer does"):
            changes += 1
            expect(changes < 6, "it never gives up")
            change_frequency(daemon, guest, changes)
        guest.kernel(f"freq={CHANGE}")
        before = daemon.status()["written_at"]
        daemon.signal("USR1")
        status = daemon.wait_status(
            lambda s: s["written_at"] > before
            and all(source["reach"] & 15 == 15 for source in s["sources"]), "more polls")
        expect(not status["synchronized"] and status["reason"], "the status says", status)
        expect(guest.kernel()["freq"] == CHANGE, "it still steers")
        daemon.terminate()
        expect(guest.kernel()["freq"] == CHANGE, "it steers at its end")
    return "noticed at once, corrected once, given up after the third change"
