# SPDX-License-Identifier: GPL-2.0-or-later
"""The test bed itself: nothing here may touch the clock, and bad certificates are bad."""
import ctypes
import errno
import subprocess
import sys
import unittest

import bed
import pki


class Bed(unittest.TestCase):
    def test_clock_cannot_be_set(self):
        libc = ctypes.CDLL(None, use_errno=True)
        timex = ctypes.create_string_buffer(512)
        self.assertNotEqual(libc.adjtimex(timex), -1)  # modes 0: reading is allowed
        # ADJ_TICK with a tick of 0: the permission is looked at first, and nobody may do this.
        ctypes.memmove(timex, (0x4000).to_bytes(4, sys.byteorder) + bytes(508), 512)
        self.assertEqual(libc.adjtimex(timex), -1)
        self.assertEqual(ctypes.get_errno(), errno.EPERM)

    def test_servers_tell_the_time(self):
        p = pki.Pki(bed.tmp / "servers")
        server = p.server("a.test", p.root(), ["DNS:a.test"])
        for kind in (bed.Chronyd, bed.Ntpsec):
            host = bed.Host()
            kind(host, server.chain, server.key)
            bed.wait_until("IPv6", lambda: bed.ntp_ready(host.v6, 123))

    def test_names_are_private(self):
        bed.names({"a.test": ["10.77.1.2", "fd77:1::2"]})
        got = subprocess.run(["getent", "ahosts", "a.test"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("10.77.1.2", got)
        self.assertIn("fd77:1::2", got)

    def test_certificates(self):
        p = pki.Pki(bed.tmp / "certificates")
        root = p.root()
        middle = p.make("middle", "intermediate", root)
        false = p.make("false", "not_a_ca", root)
        table = {  # name: what `openssl verify` says of it
            "good": (p.server("good", middle, ["DNS:a.test"]), "OK"),
            "expired": (p.server("expired", root, ["DNS:a.test"], days=(-9, -2)), "has expired"),
            "early": (p.server("early", root, ["DNS:a.test"], days=(2, 9)), "not yet valid"),
            "by_false": (p.server("by_false", false, ["DNS:a.test"]), "invalid CA certificate"),
            "client": (p.server("client", root, ["DNS:a.test"], kind="client_only"), "purpose"),
            "self": (p.make("self", "server", san=["DNS:a.test"]), "self-signed"),
            "weak": (p.server("weak", root, ["DNS:a.test"], key="rsa1024"), "key too weak"),
            "sha1": (p.server("sha1", root, ["DNS:a.test"], md="sha1"), "digest algorithm too weak"),
        }
        for name, (made, words) in table.items():
            with self.subTest(name):
                got = subprocess.run(
                    ["openssl", "verify", "-CAfile", root.cert, "-untrusted", made.chain,
                     "-purpose", "sslserver", "-verify_hostname", "a.test", "-auth_level", "2",
                     made.cert], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True).stdout
                self.assertIn(words, got)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
