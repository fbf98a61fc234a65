# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGKILL leaves a clock that nobody has to look after; a new start goes on where the last ended,
with what is left of the allowance of steps."""
import math
import time

from daemon import agreeing
from expect import STA_FREQHOLD, STA_PLL, expect

PPM = 65536  # of the frequency field
HELD = STA_PLL | STA_FREQHOLD


def killed(daemon, guest):
    """All processes at once."""
    pids = daemon.all_processes()
    expect(len(pids) >= 2, "running are", pids)
    listed = " ".join(map(str, pids))
    guest.run(f"kill -STOP {listed}; kill -KILL {listed}")
    daemon.exit_status()
    expect(not daemon.all_processes(), "still running:", daemon.all_processes())


def wait_slew(daemon, low_ns, high_ns):
    """A slew by so much is under way, in the way that needs nobody any more."""
    state = daemon.wait_kernel(lambda s: low_ns <= s["offset"] <= high_ns,
                               f"an offset of {low_ns} to {high_ns} ns")
    expect(state["status"] & HELD == HELD, "the status is", state["status"])
    return state


def slew_decays(guest, first):
    """The phase left goes down as it must, to its end, while the frequency stays."""
    part = 2 ** -(2 + first["constant"])
    state = first
    while state["time_s"] - first["time_s"] < 8:
        time.sleep(0.5)
        state = guest.kernel()
        expect((state["freq"], state["tick"]) == (first["freq"], first["tick"]),
               "the frequency went from", first["freq"], "to", state["freq"])
        done = math.log(state["offset"] / first["offset"]) / math.log(1 - part)
        seconds = state["time_s"] - first["time_s"]
        expect(abs(done - seconds) < 1.5, "after", seconds, "s", done, "parts are gone")


def in_a_slew(daemon, guest):
    guest.kernel("step=300000000")
    daemon.start()
    daemon.wait_log("synchronized: offset")
    wait_slew(daemon, -310 * 10**6, -250 * 10**6)
    killed(daemon, guest)
    state = guest.kernel()
    expect(abs(state["freq"]) < 100 * PPM and state["tick"] == 10000, "it leaves freq",
           state["freq"], "tick", state["tick"])
    slew_decays(guest, state)

    daemon.start()
    daemon.wait_log("synchronized: offset")
    state = wait_slew(daemon, -310 * 10**6, -250 * 10**6)
    daemon.expect_right("after the kill")
    low, high = guest.offset_from_host()
    expect(low - 0.02 < -state["offset"] / 1e9 < high + 0.02, "of an error of", low, "to", high,
           "it slews", state["offset"])
    # What is left would take many minutes: done for it.
    guest.kernel(f"step={state['offset']}")
    daemon.wait_log("somebody else has stepped the clock")
    wait_slew(daemon, -20 * 10**6, 20 * 10**6)
    daemon.expect_right("after the slew was cut short")


def engine_alone(daemon, guest):
    synchronized = len(daemon.lines("synchronized: offset"))
    engine = daemon.children("ntsc-engine")
    guest.run(f"kill -KILL {engine[0]}")
    daemon.wait_log("the engine ended unexpectedly")
    daemon.wait_log("synchronized: offset", synchronized + 1)
    expect(daemon.children("ntsc-engine") not in ([], engine), "there is no new engine")
    daemon.expect_right("with a new engine")


def allowance(daemon, guest):
    """The only step was made in this boot: one follows only because the ledger shows that somebody
    moved the clock while no daemon ran, and only one."""
    killed(daemon, guest)
    guest.kernel("step=3000000000")
    daemon.start()
    daemon.wait_log("stepping the clock by -[23][.]")
    daemon.wait_log("synchronized: offset")
    daemon.expect_right("after the step back")
    expect(len(daemon.lines("stepping the clock")) == 1, "it stepped more than once")


def test(vm):
    with agreeing(vm) as daemon:
        guest = daemon.guest
        expect(len(daemon.lines("stepping the clock")) == 1, "it did not step")
        daemon.terminate()
        in_a_slew(daemon, guest)
        engine_alone(daemon, guest)
        expect(not daemon.lines("stepping the clock"), "a new start stepped")
        allowance(daemon, guest)
        daemon.terminate()
    return "a slew decays by itself, the frequency stays, no second step in one boot but back from where others have put it"
