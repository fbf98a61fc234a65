# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest sent, from the capture QEMU wrote: IPv4 only, which is all that the guest has."""
import collections
import struct

Packet = collections.namedtuple("Packet", "protocol destination port")
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}


def sent(path, source="10.0.2.15"):
    """The IPv4 packets from source, in order."""
    with open(path, "rb") as file:
        data = file.read()
    # The format's magic number, in our byte order; then records of a 16-octet header each.
    if struct.unpack("=I", data[:4])[0] != 0xA1B2C3D4:
        raise RuntimeError(f"{path} is no capture")
    at, packets = 24, []
    while at + 16 <= len(data):
        length = struct.unpack("=I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        ip = frame[14:]
        if frame[12:14] != b"\x08\x00" or ".".join(map(str, ip[12:16])) != source:
            continue
        payload = ip[4 * (ip[0] & 15):]
        packets.append(Packet(PROTOCOLS.get(ip[9], str(ip[9])), ".".join(map(str, ip[16:20])),
                              struct.unpack("!H", payload[2:4])[0]))
    return packets
