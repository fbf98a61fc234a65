# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses the client's links: a packet socket in the client's namespace, and a reader."""
import socket
import struct
from dataclasses import dataclass

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16
NTS_COOKIE = 0x0204


@dataclass
class Packet:
    at: float      # seconds, the kernel's stamp
    out: bool      # sent by the client
    device: str
    proto: int
    src: str
    sport: int
    dst: str
    dport: int
    flags: int     # TCP
    payload: bytes

    def __str__(self):
        what = {TCP: "tcp", UDP: "udp"}[self.proto]
        return (f"{'->' if self.out else '<-'} {what} {self.src}:{self.sport} > "
                f"{self.dst}:{self.dport} flags {self.flags:#x} payload {len(self.payload)}")


def parse_ip(data):
    """(proto, src, sport, dst, dport, flags, payload) of a TCP or UDP packet, else None."""
    if data[0] >> 4 == 4:
        proto, start, end = data[9], (data[0] & 15) * 4, struct.unpack("!H", data[2:4])[0]
        src, dst = (socket.inet_ntop(socket.AF_INET, data[i:i + 4]) for i in (12, 16))
    elif data[0] >> 4 == 6:
        proto, start, end = data[6], 40, 40 + struct.unpack("!H", data[4:6])[0]
        src, dst = (socket.inet_ntop(socket.AF_INET6, data[i:i + 16]) for i in (8, 24))
    else:
        return None
    if proto not in (TCP, UDP):
        return None
    sport, dport = struct.unpack("!HH", data[start:start + 4])
    head, flags = (8, 0) if proto == UDP else ((data[start + 12] >> 4) * 4, data[start + 13])
    return proto, src, sport, dst, dport, flags, data[start + head:end]


class Capture:
    """All devices of the client's namespace, from here to done()."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def take(self):
        """The packets since the last time, in order; those that come from now on are kept. What a
        process sent before it ended is among them for certain."""
        packets = []
        while True:
            try:
                data, extra, _, (device, _, kind, _, _) = self.socket.recvmsg(1 << 16, 64)
            except BlockingIOError:
                return packets
            parsed = parse_ip(data) if data else None
            # On the loopback device every packet comes twice: sent, then received.
            if parsed and not (device == "lo" and kind != PACKET_OUTGOING):
                seconds, ns = struct.unpack("=qq", extra[0][2][:16])
                packets.append(Packet(seconds + ns / 1e9, kind == PACKET_OUTGOING, device,
                                      *parsed))

    def done(self):
        """As take(), and nothing is kept any more."""
        with self.socket:
            return self.take()


def requests(packets, port=123):
    """The NTP queries that the client sent."""
    return [p for p in packets if p.out and p.proto == UDP and p.dport == port]


def connections(packets, port=4460):
    """The key exchanges that the client began: its SYNs."""
    return [p for p in packets
            if p.out and p.proto == TCP and p.dport == port and p.flags & (SYN | ACK) == SYN]


def extensions(payload):
    """[(type, body)] of an NTP packet's extension fields."""
    fields, pos = [], 48
    while pos + 4 <= len(payload):
        kind, length = struct.unpack("!HH", payload[pos:pos + 4])
        if length < 4:
            break
        fields.append((kind, payload[pos + 4:pos + length]))
        pos += length
    return fields


def cookies(packets, port=123):
    """The cookie of each query, in the order sent."""
    return [body for p in requests(packets, port) for kind, body in extensions(p.payload)
            if kind == NTS_COOKIE]
