# SPDX-License-Identifier: GPL-2.0-or-later
"""What the client's queries tell about it: a watch over a whole network namespace, and its rules.

Watch() keeps every NTP query that leaves, from its making to problems(), whoever sends it; the
test bed starts one for each test program, and ends the program as failed when a rule was broken:

    no cookie, Unique Identifier, transmit timestamp or nonce twice, also after restarts
    version 4, mode 3, a transmit timestamp that is not the time, and 39 octets of zeros
    one identifier, one cookie, placeholders as long, one authenticator with nothing in it, the end
"""
import ctypes
import socket
import struct

from capture import SO_RCVBUFFORCE, SO_TIMESTAMPNS, ETH_P_ALL, extensions

NTP, DNS = 123, 53
UID, COOKIE, PLACEHOLDER, AUTH = 0x0104, 0x0204, 0x0304, 0x0404
LONGEST = 1280
NTP_EPOCH = 2208988800
NEAR_S = 10  # a random time is that near to the present once in 200 million queries
SHORT_COOKIE = 8  # a hostile server's cookies may be that short, and alike then
SO_ATTACH_FILTER = 26
SOL_PACKET, PACKET_STATISTICS = 263, 6
BUFFER = 1 << 26

# The test bed's own question, whether a server is up yet.
PROBE_TRANSMIT = 0x0123456789abcdef
PROBE = struct.pack("!Q", PROBE_TRANSMIT)

# Classic BPF: what leaves as UDP to port 123, or has mode 3 and goes to another port than DNS's (a
# flood of a hostile server in the same namespace has not), and all fragments but the first.
# Each line: operation, then where to go when true and when false (by label), operand.
_PROGRAM = """
      ld_w     0 0 0xfffff004
      jeq      . drop 4
      ld_b     0 0 0
      rsh      0 0 4
      jeq      . six 4
      ld_b     0 0 9
      jeq      . drop 17
      ld_h     0 0 6
      jset     keep . 0x1fff
      ldx_ihl  0 0 0
      ld_h_x   0 0 2
      jeq      keep . 123
      jeq      drop . 53
      ld_b_x   0 0 8
      and      0 0 7
      jeq      keep drop 3
six:  jeq      . drop 6
      ld_b     0 0 6
      jeq      . drop 17
      ld_h     0 0 42
      jeq      keep . 123
      jeq      drop . 53
      ld_b     0 0 48
      and      0 0 7
      jeq      keep drop 3
keep: ret      0 0 0xffff
drop: ret      0 0 0
"""
_CODES = {"ld_w": 0x20, "ld_h": 0x28, "ld_b": 0x30, "ld_h_x": 0x48, "ld_b_x": 0x50,
          "ldx_ihl": 0xb1, "jeq": 0x15, "jset": 0x45, "and": 0x54, "rsh": 0x74, "ret": 0x06}


def _assemble(text):
    lines = [line.split() for line in text.strip().splitlines()]
    labels = {words[0][:-1]: i for i, words in enumerate(lines) if words[0].endswith(":")}
    code = b""
    for i, words in enumerate(lines):
        name, true, false, operand = words[-4:]
        jumps = [0 if word in (".", "0") else labels[word] - i - 1 for word in (true, false)]
        code += struct.pack("=HBBI", _CODES[name], *jumps, int(operand, 0))
    return code, len(lines)


class Query:
    """One UDP datagram that left."""

    def __init__(self, at, src, sport, dst, dport, payload):
        self.at, self.src, self.sport = at, src, sport
        self.dst, self.dport, self.payload = dst, dport, payload

    def __str__(self):
        return (f"{self.src}:{self.sport} > {self.dst}:{self.dport} "
                f"{len(self.payload)} octets {self.payload[:48].hex()}")


def _datagrams(packets):
    """Queries of [(time, IP packet)], fragments put together."""
    parts = {}
    for at, data in packets:
        if data[0] >> 4 == 6:
            family, start, src, dst = socket.AF_INET6, 40, data[8:24], data[24:40]
        else:
            family, start, src, dst = socket.AF_INET, (data[0] & 15) * 4, data[12:16], data[16:20]
            length, number, where = struct.unpack("!2x3H", data[:8])
            if where & 0x3fff:
                key = (src, dst, number)
                got = parts.setdefault(key, {})
                got[(where & 0x1fff) * 8] = data[start:length]
                whole = b"".join(got[offset] for offset in sorted(got))
                if 0 not in got or len(whole) < struct.unpack("!4xH", whole[:6])[0]:
                    continue
                data, start = whole, 0
                del parts[key]
        sport, dport, length = struct.unpack("!3H", data[start:start + 6])
        yield Query(at, socket.inet_ntop(family, src), sport, socket.inet_ntop(family, dst), dport,
                    bytes(data[start + 8:start + length]))


def _queries(datagrams):
    """Without the test bed's own, and without what servers in this namespace answer."""
    asked = set()
    for d in datagrams:
        if d.sport == DNS or (d.src, d.sport) in asked or d.payload[40:] == PROBE:
            continue
        asked.add((d.dst, d.dport))
        yield d


class Rules:
    """Takes query after query; `broken` tells what was wrong."""

    def __init__(self):
        self.broken, self.seen, self.count = [], set(), 0

    def _once(self, q, what, value):
        if (what, value) in self.seen:
            self.broken.append(f"{what} used twice: {value.hex()} in {q}")
        self.seen.add((what, value))

    def take(self, q):
        p, self.count = q.payload, self.count + 1

        def need(fact, words):
            if not fact:
                self.broken.append(f"{words}: {q}")
            return fact
        if not need(len(p) >= 48, "too short for NTP"):
            return
        need(p[0] == 0x23, "not version 4, mode 3, no leap")
        need(not any(p[1:40]), "header tells more than it must")
        now = q.at + NTP_EPOCH
        told = struct.unpack("!Q", p[40:48])[0] / 2**32
        away = (told - now) % 2**32
        need(min(away, 2**32 - away) > NEAR_S, "the transmit timestamp is the time")
        self._once(q, "transmit timestamp", p[40:48])
        self._fields(q, p, need)

    def _fields(self, q, p, need):
        fields = extensions(p)
        kinds = [kind for kind, _ in fields]
        if not need(len(kinds) >= 3 and kinds[:2] == [UID, COOKIE] and kinds[-1] == AUTH
                    and all(k == PLACEHOLDER for k in kinds[2:-1]), "not the fields of NTS"):
            return
        bodies = [body for _, body in fields]
        need(48 + sum(4 + len(b) for b in bodies) == len(p), "octets behind the fields")
        need(len(p) <= LONGEST, "too long")
        need(len(bodies[0]) == 32, "an identifier of another length")
        need(all(b == bytes(len(bodies[1])) for b in bodies[2:-1]), "placeholders with contents")
        nonce_len, sealed_len = struct.unpack("!HH", bodies[-1][:4])
        # The nonce of AES-SIV or of AES-GCM-SIV, and a tag over nothing.
        need((nonce_len, sealed_len) in ((16, 16), (12, 16)), "something is encrypted")
        self._once(q, "identifier", bodies[0])
        if any(bodies[1][SHORT_COOKIE:]):
            self._once(q, "cookie", bodies[1])
        self._once(q, "nonce", bodies[-1][4:4 + nonce_len])


class Watch:
    def __init__(self):
        code, lines = _assemble(_PROGRAM)
        buffer = ctypes.create_string_buffer(code)
        program = struct.pack("HL", lines, ctypes.addressof(buffer))
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:  # root of a user namespace only
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def _packets(self):
        while True:
            try:
                data, extra, _, _ = self.socket.recvmsg(1 << 16, 64)
            except BlockingIOError:
                return
            seconds, ns = struct.unpack("=qq", extra[0][2][:16])
            yield seconds + ns / 1e9, data

    def problems(self):
        """(how many queries there were, what was wrong with them), once."""
        rules = Rules()
        with self.socket:
            for query in _queries(_datagrams(self._packets())):
                rules.take(query)
            lost = struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        if lost:
            rules.broken.append(f"{lost} packets were lost by the watch itself")
        return rules.count, rules.broken
