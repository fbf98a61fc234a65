# SPDX-License-Identifier: GPL-2.0-or-later
"""Where everything is measured: servers behind delay lines, and a CA beside those of the system.

    cN.bench.test, nN.bench.test   chronyd's, NTPsec's server, N ms round trip
    rsa.bench.test                 as n1, with RSA keys
    I.K.many.test                  server I of daemon K: 10.99.K.I, one chronyd, 10 ms round trip
    half.bench.test                c1, after an address that is dead; half6: IPv6
"""
import os
import shutil
import subprocess

import bed
import pki
from line import Line

RTTS_MS = (1, 20, 60)
DAEMON_RTT_MS = 10
SOURCES = {1: 1, 2: 4, 3: 16, 4: 20, 5: 64}  # of daemon K; all others: 4


def many(k, n=None):
    return [f"s{i}.{k}.many.test" for i in range(1, (n or SOURCES.get(k, 4)) + 1)]


def _address(k, i):
    return f"10.99.{k}.{i}"


def _trust(*roots):
    """The system's certificates with ours beside them, as ca-certificates would have put them."""
    directory = bed.tmp / "certs"
    shutil.copytree("/etc/ssl/certs", directory, symlinks=True)
    with (directory / "ca-certificates.crt").open("a") as bundle:
        for root in roots:
            shutil.copy(root.cert, directory / f"{root.name}.pem")
            bundle.write(root.cert.read_text())
    subprocess.run(["openssl", "rehash", str(directory)], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bed.run("mount", "--bind", directory, "/etc/ssl/certs")


class Place:
    def __init__(self, rtts=RTTS_MS, daemons=True):
        self.names, self.server, self.servers = {}, None, []
        made = pki.Pki(bed.tmp / "pki")
        root, rsa_root = made.root("bench-root"), made.root("bench-rsa", key="rsa2048")
        _trust(root, rsa_root)
        self.roots = len([f for f in os.listdir("/etc/ssl/certs") if f.endswith(".0")])
        ec = made.server("ec", root, ["DNS:*.bench.test", *(f"DNS:*.{k}.many.test"
                                                            for k in range(16))])
        rsa = made.server("rsa", rsa_root, ["DNS:rsa.bench.test"], key="rsa2048")
        for rtt in rtts:
            for kind, letter in ((bed.Chronyd, "c"), (bed.Ntpsec, "n")):
                self._server(kind, f"{letter}{rtt}.bench.test", rtt, ec)
        self._server(bed.Ntpsec, "rsa.bench.test", 1, rsa)
        self._dead()
        if daemons:
            self._many(ec)
        bed.names(self.names)

    def _server(self, kind, name, rtt, cert):
        line = Line(rtt / 2)
        self.servers.append(kind(line.host, cert.chain, cert.key))
        self.names[name] = line.host.v4

    def _dead(self):
        """Beside the host, where the line drops what comes; names prefer no address to another."""
        host = Line(0).host
        good = self.names["c1.bench.test"]
        self.names["half.bench.test"] = [host.v4[:-1] + "3", good]
        self.names["half6.bench.test"] = [host.v6[:-1] + "3", good]

    def _many(self, cert):
        self.line = Line(DAEMON_RTT_MS / 2)
        addresses = []
        for k in range(16):
            for i, name in enumerate(many(k), 1):
                self.names[name] = _address(k, i)
                addresses.append(_address(k, i))
        self.line.more_addresses("10.99.0.0/16", addresses)
        self.cert = cert
        self.server = self.many_server()

    def many_server(self):
        """It keeps the keys of its cookies when it is started again."""
        state = self.server.dir if self.server else None
        return bed.Chronyd(self.line.host, self.cert.chain, self.cert.key, state=state)
