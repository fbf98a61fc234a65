# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that must not be believed: each is refused at its stage, in its own words, and no NTP
packet follows. The tables below are the specification."""
import unittest
from dataclasses import dataclass, field

import bed
import client
import pki
from capture import UDP
from tls_servers import PlainServer, TlsServer

GOOD = "good.test"
SAN = [f"DNS:{GOOD}"]


@dataclass
class Refusal:
    what: str
    server: object          # (certificates, host, port) -> nothing, starts it
    stage: str
    words: str              # regular expression, found in the error
    ask: str = GOOD         # the name or address that the client is given
    options: list = field(default_factory=list)


def tls(cert, **more):
    return lambda c, host, port: TlsServer(host, port, getattr(c, cert), **more)


def plain(**more):
    return lambda c, host, port: PlainServer(host, port, **more)


def nothing(c, host, port):
    pass


BY_IP = "10.77.1.2"   # the host's own address
LOST = "10.99.0.1"    # an address whose packets vanish on the way
SOON = ["-t", "6"]

REFUSALS = [
    # Certificates
    Refusal("expired", tls("expired"), "tls-time",
            r"certificate expired on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(that of CN=expired; this "
            r"clock says \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"),
    Refusal("not yet valid", tls("early"), "tls-time",
            r"certificate is not valid before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(that of CN=early; this "
            r"clock says \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"),
    Refusal("expired intermediate", tls("below_expired"), "tls-time", "certificate expired"),
    Refusal("wrong name", tls("good"), "tls-name", "for another name", ask="other.test"),
    Refusal("address against a dNSName", tls("good"), "tls-name", "for another name", ask=BY_IP),
    Refusal("address written as a dNSName", tls("address_as_name"), "tls-name",
            "for another name", ask=BY_IP),
    Refusal("only the common name fits", tls("cn_only"), "tls-name",
            r"names no host \(subjectAltName; its CN does not count\)"),
    Refusal("wildcard two labels up", tls("wildcard"), "tls-name", "for another name",
            ask="a.b.wild.test"),
    Refusal("unknown CA", tls("foreign"), "tls-trust", "does not lead to a CA.*--ca"),
    Refusal("self-signed", tls("self_signed"), "tls-trust", "is self-signed: give it with --ca"),
    Refusal("missing intermediate", tls("below_middle", alone=True), "tls-trust",
            "does not lead to a CA.*omits its intermediate"),
    Refusal("CA:FALSE intermediate", tls("below_false"), "tls-trust",
            "issued by one that is no CA"),
    Refusal("path too long", tls("below_deep"), "tls-trust", "longer than a CA in it allows"),
    Refusal("certificate of a client", tls("client_only"), "tls-trust",
            "not meant for servers"),
    Refusal("RSA with 1024 bits", tls("rsa1024"), "tls-trust", "too weak.*RSA under 2048"),
    Refusal("signed with SHA-1", tls("sha1"), "tls-trust", "too weak.*SHA-1"),
    # TLS
    Refusal("TLS 1.2 only", tls("good", options=["-no_tls1_3"]), "tls-version",
            r"does not speak TLS 1\.3"),
    Refusal("no ALPN", tls("good", alpn=None), "alpn", "does not say that it speaks NTS"),
    Refusal("other ALPN", tls("good", alpn="http/1.1"), "alpn", "another protocol than NTS"),
    Refusal("not TLS at all", plain(words="220 mail.test ready for your mail\r\n"),
            "tls-version", "does not speak TLS"),
    # Nobody
    Refusal("no name server", nothing, "resolve", "no name server answered, or none was able to", ask="nowhere.test"),
    Refusal("no address of that family", nothing, "resolve", "no address of the wanted kind",
            ask=BY_IP, options=["-6"]),
    Refusal("connection refused", nothing, "connect", "connection refused.*check host and port"),
]

MUTE = [
    Refusal("no answer to the SYN", nothing, "connect", "no answer in time while connecting",
            ask=LOST, options=SOON),
    Refusal("silence after accept", plain(), "tls", "no answer in time", options=SOON),
    Refusal("silence after the handshake", tls("good"), "ke-record", "no answer in time",
            options=SOON),
]


class Certificates:
    def __init__(self):
        p = self.pki = pki.Pki(bed.tmp / "pki")
        self.root = p.root()
        self.good = p.server("good", self.root, SAN)
        self.expired = p.server("expired", self.root, SAN, days=(-20, -2))
        self.early = p.server("early", self.root, SAN, days=(2, 20))
        self.cn_only = p.server("cn_only", self.root, [], kind="server_without_san", cn=GOOD)
        self.address_as_name = p.server("address_as_name", self.root, [f"DNS:{BY_IP}"])
        self.wildcard = p.server("wildcard", self.root, ["DNS:*.wild.test"])
        self.foreign = p.server("foreign", p.root("other_root"), SAN)
        self.self_signed = p.make("self_signed", "server", san=SAN)
        self.self_signed_expired = p.make("self_signed_expired", "server", san=SAN,
                                          days=(-20, -2))
        middle = p.make("middle", "intermediate", self.root)
        self.below_middle = p.server("below_middle", middle, SAN)
        old = p.make("old", "intermediate", self.root, days=(-20, -2))
        self.below_expired = p.server("below_expired", old, SAN)
        false = p.make("false", "not_a_ca", self.root)
        self.below_false = p.server("below_false", false, SAN)
        deep = p.make("deep", "intermediate", middle)  # middle allows none below it
        self.below_deep = p.server("below_deep", deep, SAN)
        self.client_only = p.server("client_only", self.root, SAN, kind="client_only")
        self.rsa1024 = p.server("rsa1024", self.root, SAN, key="rsa1024")
        self.sha1 = p.server("sha1", self.root, SAN, md="sha1")


class Refusals(unittest.TestCase):
    NAMES = {name: BY_IP for name in (GOOD, "other.test", "a.b.wild.test")}

    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        # Whether anybody vouches for this machine's clock must not matter.
        cls.strict = bed.tmp / "strict"
        cls.strict.write_text("certificate-dates strict\n")
        cls.host = bed.Host()
        assert cls.host.v4 == BY_IP
        bed.run("ip", "route", "add", "10.99.0.0/24", "via", cls.host.v4)

    def start(self, port, refusal):
        refusal.server(self.certificates, self.host, port)
        return client.start("-q", "-j", "-f", self.strict, "--ca", self.certificates.root.cert,
                            "-p", port,
                            *refusal.options, refusal.ask)

    def assertRefused(self, refusal, done):
        self.assertEqual(done.status, 3, done)
        self.assertEqual(done.result["stage"], refusal.stage, done)
        self.assertRegex(done.result["error"], refusal.words, done)
        self.assertNothingSent(done)

    def test_table(self):
        bed.names(self.NAMES)
        for port, refusal in enumerate(REFUSALS, 5000):
            with self.subTest(refusal.what):
                capture = client.Capture()
                done = client.finish(self.start(port, refusal))
                done.packets = capture.done()
                self.assertRefused(refusal, done)

    def test_mute(self):
        """Side by side, because each takes its whole time."""
        bed.names(self.NAMES)
        capture = client.Capture()
        runs = [(r, self.start(port, r)) for port, r in enumerate(MUTE, 5500)]
        runs = [(r, client.finish(run)) for r, run in runs]
        packets = capture.done()
        for refusal, done in runs:
            with self.subTest(refusal.what):
                done.packets = packets
                self.assertRefused(refusal, done)

    def assertNothingSent(self, done):
        """No UDP but to a name server, on any link."""
        sent = [str(p) for p in done.packets if p.proto == UDP and p.out and p.dport != 53]
        self.assertEqual(sent, [], done)

    def test_self_signed_given_as_ca(self):
        own = self.certificates.self_signed
        host = bed.Host()
        bed.Chronyd(host, own.cert, own.key)
        bed.names({GOOD: host.v4, "other.test": host.v4})
        done = client.run("-q", "-j", "--ca", own.cert, GOOD)
        self.assertEqual((done.status, done.result["stage"]), (0, "ok"), done)
        # Trusted it may be; it still has to be for the name asked for.
        done = client.run("-q", "-j", "--ca", own.cert, "other.test")
        self.assertEqual((done.status, done.result["stage"]), (3, "tls-name"), done)
        self.assertNothingSent(done)

    def test_expired_self_signed_given_as_ca(self):
        own = self.certificates.self_signed_expired
        TlsServer(self.host, 6000, own)
        bed.names({GOOD: BY_IP})
        done = client.run("-q", "-j", "-f", self.strict, "--ca", own.cert, f"{GOOD}:6000")
        self.assertEqual((done.status, done.result["stage"]), (3, "tls-time"), done)
        self.assertNothingSent(done)

    def test_wildcard_for_one_label_passes(self):
        """The control to the table: this gets past the name check, to a server that is mute."""
        TlsServer(self.host, 6001, self.certificates.wildcard)
        bed.names({"c.wild.test": BY_IP})
        done = client.run("-q", "-j", "--ca", self.certificates.root.cert, *SOON,
                          "c.wild.test:6001")
        self.assertEqual(done.result["stage"], "ke-record", done)

    def test_ca_that_cannot_be_read(self):
        bed.names({GOOD: BY_IP})
        done = client.run("-q", "-j", "--ca", bed.tmp / "nowhere.pem", GOOD)
        self.assertEqual(done.status, 3, done)
        self.assertEqual(done.result["stage"], "local", done)
        self.assertRegex(done.result["error"], "CA certificates cannot be read", done)
        self.assertNothingSent(done)


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
