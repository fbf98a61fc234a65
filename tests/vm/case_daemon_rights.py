# SPDX-License-Identifier: GPL-2.0-or-later
"""Without the right to set the clock the daemon ends with 4 before it sends anything, and says that
-x needs none; with -x it runs as any user, and leaves the clock alone."""
from capture import sent
from case_rights import NOT_ALLOWED, mark, parts
from daemon import Daemon, rtc
from expect import expect, expect_untouched


def refused(daemon, wrapper):
    daemon.start(wrapper=wrapper)
    status = daemon.exit_status()
    daemon.show()
    expect(status == NOT_ALLOWED, wrapper, "ended with", status)
    expect(daemon.lines("no right to set the clock.*-x"), wrapper, "says", daemon.log())


def watches(daemon, guest, before):
    low, high = guest.offset_from_host()
    daemon.start("-x", "--runtime-dir", "/tmp/run", wrapper="vm_run -u 1000 env HOME=/tmp")
    status = daemon.wait_status(lambda s: s["bound_s"] is not None and s["agreeing"] == 1,
                                "a measurement")
    expect(status["monitor_only"] and not status["synchronized"], "the status says", status)
    offset, bound = status["offset_s"], status["sources"][0]["bound_s"]
    expect(-high - bound <= offset <= -low + bound, "it says", offset, "+-", bound,
           "and the clock is off by", low, "to", high)
    # Another poll, after which it could have thought of steering.
    daemon.signal("USR1")
    daemon.wait_status(lambda s: s["sources"][0]["reach"] & 3 == 3, "a second answer")
    expect_untouched(before, guest.kernel(), "ntsc -x")
    daemon.terminate()
    expect_untouched(before, guest.kernel(), "the end of ntsc -x")
    return offset


def test(vm):
    with vm.server() as server, vm.guest(rtc(-10)) as guest:
        daemon = Daemon(guest, [server])
        before = guest.kernel()
        mark(guest)
        for wrapper in ("vm_run -t", "vm_run -u 1000 env HOME=/tmp"):
            refused(daemon, wrapper)
            mark(guest)
        daemon.runtime = "/tmp/run"
        offset = watches(daemon, guest, before)
        guest.off()
        start, capability, user, watching = parts(sent(guest.pcap))
        expect(not start, "before the first mark there is", start)
        expect(not capability, "without CAP_SYS_TIME it sent", capability)
        expect(not user, "as a user it sent", user)
        expect(watching, "the capture shows nothing of ntsc -x")
    return f"exit status 4, no packet; -x sees {offset:+.6f} s and does nothing"
