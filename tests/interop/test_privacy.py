# SPDX-License-Identifier: GPL-2.0-or-later
"""The watch over the client's queries sees what it is there for: each rule broken once."""
import os
import random
import socket
import struct
import unittest

import bed
import privacy
from privacy import AUTH, COOKIE, PLACEHOLDER, UID

draw = random.Random(1)


def octets(n):
    return bytes(draw.randrange(256) for _ in range(n))


def query(cookie=None, uid=None, transmit=None, nonce=None, head=b"\x23", zeros=bytes(39),
          fields=None, end=b"", placeholders=2, holder=0, sealed=16):
    """A query as it has to be, but for what is given."""
    cookie = octets(100) if cookie is None else cookie
    if fields is None:
        fields = [(UID, uid or octets(32)), (COOKIE, cookie)]
        fields += [(PLACEHOLDER, bytes([holder]) * len(cookie))] * placeholders
        fields += [(AUTH, struct.pack("!HH", 16, sealed) + (nonce or octets(16)) + octets(sealed))]
    return head + zeros + (transmit or octets(8)) + b"".join(
        struct.pack("!HH", kind, 4 + len(body)) + body for kind, body in fields) + end


def judge(*payloads):
    rules = privacy.Rules()
    for p in payloads:
        rules.take(privacy.Query(1.7e9, "192.0.2.1", 1000, "192.0.2.2", 123, p))
    return rules.broken


class Judge(unittest.TestCase):
    def wrong(self, words, *payloads):
        broken = judge(*payloads)
        self.assertEqual(len(broken), 1, broken)
        self.assertIn(words, broken[0])

    def test_good(self):
        self.assertEqual(judge(*(query(placeholders=i % 8) for i in range(200))), [])

    def test_twice(self):
        for what, words in (("cookie", "cookie"), ("uid", "identifier"), ("nonce", "nonce"),
                            ("transmit", "transmit timestamp")):
            with self.subTest(what):
                value = octets({"cookie": 100, "uid": 32, "nonce": 16, "transmit": 8}[what])
                between = [query() for _ in range(50)]
                self.wrong(f"{words} used twice", query(**{what: value}), *between,
                           query(**{what: value}))

    def test_header(self):
        for i in range(39):
            zeros = bytes(i) + b"\1" + bytes(38 - i)
            self.wrong("header tells more", query(zeros=zeros))
        for head in (b"\x1b", b"\xe3", b"\x24", b"\x63"):
            self.wrong("not version 4", query(head=head))

    def test_time(self):
        for off in (-5, 0, 5):
            seconds = (int(1.7e9) + privacy.NTP_EPOCH + off) % 2**32
            self.wrong("is the time", query(transmit=struct.pack("!II", seconds, 99)))

    def test_fields(self):
        self.wrong("not the fields", query(fields=[]))
        self.wrong("not the fields", query(fields=[(UID, octets(32)), (AUTH, octets(36))]))
        self.wrong("not the fields", query(fields=[(UID, octets(32)), (COOKIE, octets(100)),
                                                   (COOKIE, octets(100)), (AUTH, octets(36))]))
        self.wrong("behind the fields", query(end=b"\0"))
        self.wrong("placeholders with", query(holder=1))
        self.wrong("something is encrypted", query(sealed=32))
        self.wrong("another length", query(uid=octets(36)))
        self.wrong("too long", query(placeholders=11))
        self.wrong("too short", b"\x23" + bytes(40))


class Seen(unittest.TestCase):
    """The same with packets that did leave."""

    def send(self, *payloads, family=socket.AF_INET, port=123):
        watch = privacy.Watch()
        address = "127.0.0.1" if family == socket.AF_INET else "::1"
        for p in payloads:
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                s.sendto(p, (address, port))
        return watch.problems()

    def test_ports_and_families(self):
        for family in (socket.AF_INET, socket.AF_INET6):
            for port in (123, 12345):
                with self.subTest(family=family, port=port):
                    cookie = octets(100)
                    pair = query(cookie=cookie), query(cookie=cookie)
                    count, broken = self.send(*pair, family=family, port=port)
                    self.assertEqual((count, len(broken)), (2, 1), broken)
                    self.assertIn("cookie used twice", broken[0])
                    self.assertEqual(self.send(query(), query(), family=family, port=port),
                                     (2, []))

    def test_other_modes(self):
        """To NTP's port nothing may go but queries; elsewhere a hostile server may answer."""
        answer = query(head=b"\x24")
        self.assertEqual(len(self.send(answer)[1]), 1)
        self.assertEqual(self.send(answer, port=12345), (0, []))
        self.assertEqual(self.send(query(zeros=b"\1" * 39), port=53), (0, []))

    def test_fragments(self):
        host = bed.Host()
        bed.run("ip", "link", "set", host.device, "mtu", "576")
        watch = privacy.Watch()
        cookie = octets(100)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for _ in range(2):
                s.sendto(query(cookie=cookie, placeholders=8), (host.v4, 123))
        count, broken = watch.problems()
        self.assertEqual((count, len(broken)), (2, 1), broken)
        self.assertIn("cookie used twice", broken[0])

    def test_bed_fails(self):
        """A test program in which all went well fails all the same when a cookie was sent twice."""
        for cookies in (1, 2):
            child = os.fork()
            if child == 0:
                bed.leave_with(self.send_cookies(2, cookies))
                os._exit(0)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            self.assertEqual(status, 1 if cookies == 1 else 0)

    @staticmethod
    def send_cookies(queries, different):
        watch = privacy.Watch()
        some = [octets(100) for _ in range(different)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for i in range(queries):
                s.sendto(query(cookie=some[i % different]), ("127.0.0.1", 12345))
        return watch


if __name__ == "__main__":
    bed.enter()
    # This program's own watch would see what is done wrong on purpose.
    bed.unwatched()
    unittest.main(verbosity=2)
