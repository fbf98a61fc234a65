# SPDX-License-Identifier: GPL-2.0-or-later
"""Without the right to set the clock, ntsc -s ends with 4 and sends nothing; -q needs no right."""
from capture import sent
from expect import expect, expect_untouched

NOT_ALLOWED = 4


def parts(packets):
    """What was sent between the marks, which are pings."""
    found = [[]]
    for packet in packets:
        if packet.protocol == "icmp":
            found.append([])
        else:
            found[-1].append(packet)
    return found


def mark(guest):
    expect(guest.run("ping -c 1 10.0.2.2").status == 0, "the host does not answer a ping")


def test(vm):
    with vm.server() as server, vm.guest("2016-01-01T00:00:00") as guest:
        guest.put("/tmp/ca.pem", server.ca)
        before = guest.kernel()
        mark(guest)
        for wrapper in (("vm_run", "-t"), ("vm_run", "-u", "1000", "env", "HOME=/tmp")):
            result, _ = guest.ntsc("-s", "-C", "/tmp/ca.pem", server.host, wrapper=wrapper)
            expect(result.status == NOT_ALLOWED, "ntsc -s without the right ended with",
                   result.status)
            expect(result.out + result.err, "ntsc -s without the right says nothing")
            mark(guest)

        low, high = guest.offset_from_host()
        result, host = guest.ntsc("-q", "-C", "/tmp/ca.pem", server.host, wrapper=wrapper)
        expect(result.status == 0 and host, "ntsc -q as a user ended with", result.status)
        expect(-high - host["bound_s"] <= host["offset_s"] <= -low + host["bound_s"],
               "ntsc -q as a user says", host["offset_s"], "but the clock is off by", -high, -low)
        expect_untouched(before, guest.kernel(), "ntsc without rights")
        guest.off()
        start, capability, user, check = parts(sent(guest.pcap))
        expect(not start, "before the first mark there is", start)
        expect(not capability, "without CAP_SYS_TIME ntsc -s sent", capability)
        expect(not user, "as a user ntsc -s sent", user)
        # The capture does show what ntsc sends when it does.
        ports = {(packet.protocol, packet.port) for packet in check}
        expect(ports == {("tcp", server.ke_port), ("udp", server.ntp_port)}, "ntsc -q sent", check)
    return "exit status 4, no packet; -q works and leaves the clock alone"
