# SPDX-License-Identifier: GPL-2.0-or-later
"""In February of 2040 signed 32-bit seconds since 1970 have run out: one-shot and daemon set and keep a
clock that is behind servers of that time: by ten seconds, or, where the kernel has 32 bits and does
not take such a time from its battery clock, by 70 years."""
import contextlib
import time

from case_daemon_pause import healed, still_steers
from daemon import Daemon, rtc_at, until
from expect import STA_UNSYNC, expect

THEN = 2212000000  # 2040-02-04


def one_shot(guest):
    result, first = guest.ntsc("-s", "-f", "/etc/ntsc.test")
    return first if result.status == 0 and first["offset_s"] is not None else None


def test(vm):
    with contextlib.ExitStack() as stack:
        host = vm.host_clock()
        host.move(THEN - int(time.time()))
        servers = [stack.enter_context(vm.server(number, pki="pki-2040", host=host)) for number in (1, 2, 3)]
        guest = stack.enter_context(vm.guest(rtc_at(THEN - 10), cards=3, host=host))
        daemon = Daemon(guest, servers, poll=4)
        # Certificates of that year are not valid yet on a clock in 1970: then two have to agree. Servers
        # wait for two seconds, and an emulated machine may be slower.
        first = until(lambda: one_shot(guest), "ntsc -s", 300)
        expect(5 < first["offset_s"], "ntsc -s found", first)
        healed(daemon, host)
        guest.kernel(f"step={-10 * 10**9}")
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_kernel(lambda s: not s["status"] & STA_UNSYNC, "STA_UNSYNC off")
        expect(daemon.wait_status(lambda s: s["agreeing"] == 3, "three that agree")["written_at"], "no date")
        error, bound = daemon.expect_right("after the step", host.ahead)
        print(guest.run("ntsc -i; ntsc -ij; ls -l --full-time /var/lib/ntsc").out)
        # One hand on the clock, far away and back.
        guest.kernel(f"step={7200 * 10**9}")
        healed(daemon, host)
        still_steers(daemon, host)
        daemon.terminate()
        machine = guest.run("uname -m").out.strip()
        year = time.gmtime(guest.kernel()["real_ns"] // 10**9).tm_year
        expect(year == 2040, "the year is", year)
    return f"{machine}, {first['offset_s']:+.0f} s by ntsc -s: error {error:.6f} s, bound {bound:.6f} s"
