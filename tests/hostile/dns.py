# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server that lies, in a thread of the test: resolv.conf is made to point at it."""
import random
import socket
import struct
import threading

import bed

ADDRESS = "127.0.0.53"
A, AAAA, CNAME = 1, 28, 5


def name_of(query):
    labels, pos = [], 12
    while query[pos]:
        labels.append(query[pos + 1:pos + 1 + query[pos]].decode())
        pos += 1 + query[pos]
    return ".".join(labels), struct.unpack("!H", query[pos + 1:pos + 3])[0], pos + 5


def wire(name):
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"


class Dns:
    """table: {name: [addresses]}, or a function from a query to the octets of an answer."""

    def __init__(self, table):
        self.table, self.asked, self.random = table, 0, random.Random(1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 53))
        bed.resolver(ADDRESS)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", (ADDRESS, 53))
        self.thread.join()
        self.socket.close()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            self.asked += 1
            table = self.table
            answer = table(self, query) if callable(table) else self.answer(query, table)
            if answer is not None:
                self.socket.sendto(answer, client)

    @staticmethod
    def head(query, answers, code=0):
        end = name_of(query)[2]
        return query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, answers, 0, 0) + query[12:end]

    def answer(self, query, table):
        name, kind, _ = name_of(query)
        if name not in table:
            return self.head(query, 0, code=3)
        found = [socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a)
                 for a in table[name] if (":" in a) == (kind == AAAA)]
        return self.head(query, len(found)) + b"".join(
            struct.pack("!HHHIH", 0xc00c, kind, 1, 1, len(a)) + a for a in found)

    # Nonsense, for `table`:

    def junk(self, query):
        return bytes(self.random.randrange(256) for _ in range(self.random.randrange(600)))

    def junk_behind(self, query):
        return self.head(query, 9) + self.junk(query)

    def other_number(self, query):
        good = self.answer(query, {name_of(query)[0]: ["192.0.2.66", "2001:db8::66"]})
        return bytes([good[0] ^ 1]) + good[1:]

    def many(self, query):
        """As many addresses as fit, all of them nobody's."""
        kind, addresses = name_of(query)[1], range(1, 4)
        known = [f"240.0.0.{i}" if kind == A else f"100::{i}" for i in addresses] * 80
        return self.answer(query, {name_of(query)[0]: known})

    def circle(self, query):
        """An alias of itself."""
        return self.head(query, 1) + struct.pack("!HHHIHH", 0xc00c, CNAME, 1, 1, 2, 0xc00c)

    def failure(self, query):
        return self.head(query, 0, code=2)
