# SPDX-License-Identifier: GPL-2.0-or-later
"""Another program changes the clock: noticed, told, put right, by a step where it was one; done again
and again ntsc stands back rather than fight."""
from daemon import agreeing, until
from expect import expect

PPM = 65536
CHANGE = 200 * PPM


ONE_CHANGE_NS = 500_000_000  # what is found within so long is one (PILOT_RIVAL_ONE_NS)


def change_frequency(daemon, guest, count):
    """Another program's adjtimex call, and the polls that find it; apart from what was found before."""
    begin = guest.kernel()["raw_ns"]
    until(lambda: guest.kernel()["raw_ns"] - begin > ONE_CHANGE_NS, "half a second of the guest")
    guest.kernel(f"freq={CHANGE}")
    daemon.signal("USR1")
    if count == 1:  # the others of the same minute are counted
        daemon.wait_log("somebody else has changed the clock's frequency")


def corrected(daemon):
    daemon.wait_kernel(lambda s: abs(s["freq"]) < CHANGE / 2, "the frequency that ntsc wants")
    expect(not daemon.lines("stands back"), "it gives up after one change")


def stepped(daemon, guest, seconds, count):
    guest.kernel(f"step={seconds * 10**9}")
    daemon.wait_log(f"somebody else has stepped the clock by about [+]?{seconds}[.]0", count)


def test(vm):
    with agreeing(vm) as daemon:
        guest = daemon.guest

        change_frequency(daemon, guest, 1)
        corrected(daemon)
        stepped(daemon, guest, 2, 1)
        # Seen by ntsc itself, so it may step back, when all have answered twice.
        daemon.wait_log("stepping the clock by -(2[.]0|1[.]99)")
        daemon.expect_right("after the step back")
        expect(not daemon.lines("stands back"), "it gives up after two changes")

        changes = 1
        while not daemon.lines("another program keeps steering the clock: ntsc stands back for 10"):
            changes += 1
            expect(changes < 6, "it never stands back")
            change_frequency(daemon, guest, changes)
            if changes < 4:
                corrected(daemon)
            else:
                daemon.wait_log("stands back")
        guest.kernel(f"freq={CHANGE}")
        before = daemon.status()["written_at"]
        daemon.signal("USR1")
        status = daemon.wait_status(
            lambda s: s["written_at"] > before
            and all(source["reach"] & 15 == 15 for source in s["sources"]), "more polls")
        expect(not status["synchronized"] and "tries again in" in status["reason"],
               "the status says", status)
        expect(guest.kernel()["freq"] == CHANGE, "it still steers")
        daemon.terminate()
        expect(guest.kernel()["freq"] == CHANGE, "it steers at its end")
    return "noticed at once, put right each time, stands back after the fourth change of frequency"
