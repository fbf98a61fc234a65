# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are no good NTS servers: TLS by the openssl command, and sockets that keep still."""
import subprocess
import sys

import bed


class TlsServer(bed.Server):
    """openssl s_server on the host's IPv4 address, or another of its own: it shakes hands and then says these words."""

    def __init__(self, host, port, cert, alone=False, alpn="ntske/1", options=(), words=b"",
                 address=None):
        address = address or host.v4
        address = f"[{address}]" if ":" in address else address
        args = ["openssl", "s_server", "-accept", f"{address}:{port}", "-quiet",
                "-cert", cert.cert, "-key", cert.key,
                *([] if alone else ["-cert_chain", cert.chain]),
                "-cipher", "ALL:@SECLEVEL=0", *(["-alpn", alpn] if alpn else []), *options]
        super().__init__(host, args, stdin=subprocess.PIPE)
        self.wait(f"openssl s_server on {port}",
                  lambda: bed.listening(self.process.pid, port))
        self.process.stdin.write(words)
        self.process.stdin.flush()


# Listens, never accepts (the kernel still completes the connection), answers nothing; with words:
# accepts and says them, as a service of another protocol does; CLOSE: accepts and closes.
_PLAIN = """
import socket, sys, time
kind, address, port, words = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].encode()
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((address, port))
kept = []
if kind == "tcp":
    s.listen(16)
while True:
    if not words:
        time.sleep(3600)
    c, _ = s.accept()
    if words == b"CLOSE":
        c.close()
        continue
    c.sendall(words)
    kept.append(c)
"""


class PlainServer(bed.Server):
    def __init__(self, host, port, kind="tcp", words="", address=None):
        super().__init__(host, [sys.executable, "-c", _PLAIN, kind, address or host.v4, port,
                                words])
        self.wait(f"{kind} on {port}", lambda: bed.listening(self.process.pid, port, kind))
