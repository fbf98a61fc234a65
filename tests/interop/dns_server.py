# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server with a table: addresses, services, and a validator whose clock is wrong."""
import select
import socket
import struct
import threading

SERVFAIL, NXDOMAIN = 2, 3
A, AAAA, SRV = 1, 28, 33
_CD = 0x10  # RFC 4035 section 3.2.2


def _name(text):
    return b"".join(bytes([len(p)]) + p.encode() for p in text.split(".") if p) + b"\0"


class Answers:
    """{name: records}, a record being an address or (priority, weight, port, target); {name:
    (checked, unchecked)} where the answer depends on the CD bit; SERVFAIL instead of records. Other
    names do not exist. `asked`: (name, type, CD)."""

    def __init__(self, address, table):
        self.table, self.asked = table, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.end, stop = socket.socketpair()
        self.thread = threading.Thread(target=self._serve, args=(stop,), daemon=True)
        self.thread.start()

    def close(self):
        if self.end is not None:
            self.end.close()
            self.end = None
            self.thread.join()
            self.socket.close()

    def _record(self, kind, record):
        if isinstance(record, tuple):
            priority, weight, port, target = record
            data, its = struct.pack("!HHH", priority, weight, port) + _name(target), SRV
        elif ":" in record:
            data, its = socket.inet_pton(socket.AF_INET6, record), AAAA
        else:
            data, its = socket.inet_aton(record), A
        return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data \
            if its == kind else b""

    def _answer(self, question):
        at, labels = 12, []
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += question[at] + 1
        kind, = struct.unpack("!H", question[at + 1:at + 3])
        flags, = struct.unpack("!H", question[2:4])
        name, unchecked = ".".join(labels).lower(), bool(flags & _CD)
        self.asked.append((name, kind, unchecked))
        found = self.table.get(name, NXDOMAIN)
        if isinstance(found, tuple):  # a pair
            found = found[unchecked]
        code = found if isinstance(found, int) else 0
        records = [self._record(kind, r) for r in (found if code == 0 else [])]
        return (question[:2] + struct.pack("!HHHHH", 0x8180 | flags & _CD | code, 1,
                                           sum(map(bool, records)), 0, 0)
                + question[12:at + 5] + b"".join(records))

    def _serve(self, stop):
        while True:
            ready, _, _ = select.select([self.socket, stop], [], [])
            if stop in ready:
                stop.close()
                return
            question, peer = self.socket.recvfrom(4096)
            self.socket.sendto(self._answer(question), peer)
