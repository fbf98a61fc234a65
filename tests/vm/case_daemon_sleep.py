# SPDX-License-Identifier: GPL-2.0-or-later
"""A sleep is noticed: the kernel claims no bound until the clock has been measured again."""
import contextlib
import signal

from daemon import Daemon, rtc
from expect import KERNEL_LIMIT_US, STA_UNSYNC, expect


def test(vm):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc(-10), cards=3))
        daemon = Daemon(guest, servers)
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        before = guest.kernel()

        # Nobody answers for now, so that the time in between lasts as long as the looking takes.
        for server in servers:
            server.process.send_signal(signal.SIGSTOP)
        guest.suspend(8)
        daemon.wait_log(r"back after \d+ s of sleep")
        after = daemon.wait_kernel(lambda s: s["status"] & STA_UNSYNC, "STA_UNSYNC")
        slept = (after["real_ns"] - before["real_ns"] - after["raw_ns"] + before["raw_ns"]) / 1e9
        expect(slept > 2, "it slept only", slept)
        expect(after["maxerror"] == KERNEL_LIMIT_US, "maxerror is", after["maxerror"])
        expect(after["freq"] == before["freq"], "the frequency became", after["freq"])
        status = daemon.wait_status(lambda s: not s["synchronized"], "a status that says so")
        expect(status["bound_s"] is None, "the status still has a bound:", status["bound_s"])

        for server in servers:
            server.process.send_signal(signal.SIGCONT)
        daemon.wait_log("synchronized: offset", 2)
        daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "STA_UNSYNC off")
        error, bound = daemon.expect_right("after the sleep")
        daemon.wait_status(lambda s: s["synchronized"] and s["agreeing"] == 3, "three again")
        expect(not daemon.lines("somebody else"), "it blames somebody else for the sleep")
        daemon.terminate()
    return f"slept {slept:.1f} s; afterwards {error:.6f} of {bound:.6f} s"
