# SPDX-License-Identifier: GPL-2.0-or-later
"""A sleep is noticed: the kernel claims no bound until the clock has been measured again."""
import contextlib
import json
import signal

from daemon import Daemon, rtc, until
from expect import KERNEL_LIMIT_US, STA_UNSYNC, expect


# A query fails so long after it was sent: what the kernel is told before that is due to the sleep.
QUERY_NS = 2 * 10**9


def told_at_once(states):
    """The first reading after the sleep that has STA_UNSYNC comes before any query can have failed;
    only a machine that was too busy to look is excused."""
    wake = next(i for i in range(1, len(states))
                if states[i]["real_ns"] - states[i - 1]["real_ns"]
                - states[i]["raw_ns"] + states[i - 1]["raw_ns"] > 2e9)
    for last, state in zip(states[wake:], states[wake + 1:]):
        if last["status"] & STA_UNSYNC or state["raw_ns"] - last["raw_ns"] > QUERY_NS / 4:
            return
        expect(last["raw_ns"] - states[wake]["raw_ns"] < QUERY_NS,
               "the kernel goes on claiming a bound after the sleep")


def watched_sleep(daemon, guest):
    guest.run("vm_clock watch $(($(date +%s) + 14)) >/tmp/watch 2>&1 &")
    guest.suspend(8)
    daemon.wait_log(r"back after \d+ s of sleep")
    until(lambda: not daemon.children("vm_clock"), "the end of watching")
    out = guest.run("cat /tmp/watch", quiet=True).out
    told_at_once([json.loads(line) for line in out.splitlines()])


def test(vm):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        # So rarely that no poll is due by chance: being awake again has to be noticed by itself.
        daemon = Daemon(guest, servers, poll=10)
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        daemon.wait_status(lambda s: all(t["next_poll_at"] > s["written_at"] + 24
                                         for t in s["sources"]), "pauses longer than the sleep")
        before = guest.kernel()

        # Nobody answers for now, so that the time in between lasts as long as the looking takes.
        for server in servers:
            server.process.send_signal(signal.SIGSTOP)
        watched_sleep(daemon, guest)
        after = daemon.wait_kernel(lambda s: s["status"] & STA_UNSYNC, "STA_UNSYNC")
        slept = (after["real_ns"] - before["real_ns"] - after["raw_ns"] + before["raw_ns"]) / 1e9
        expect(slept > 2, "it slept only", slept)
        expect(after["maxerror"] == KERNEL_LIMIT_US, "maxerror is", after["maxerror"])
        expect(after["freq"] == before["freq"], "the frequency became", after["freq"])
        status = daemon.wait_status(lambda s: not s["synchronized"], "a status that says so")
        expect(status["bound_s"] is None, "the status still has a bound:", status["bound_s"])

        for server in servers:
            server.process.send_signal(signal.SIGCONT)
        daemon.signal("USR1")  # the burst after the sleep has found nobody
        daemon.wait_log("synchronized: offset", 2)
        daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "STA_UNSYNC off")
        error, bound = daemon.expect_right("after the sleep")
        daemon.wait_status(lambda s: s["synchronized"] and s["agreeing"] == 3, "three again")
        expect(not daemon.lines("somebody else"), "it blames somebody else for the sleep")
        daemon.terminate()
    return f"slept {slept:.1f} s; afterwards {error:.6f} of {bound:.6f} s"
