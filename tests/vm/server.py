# SPDX-License-Identifier: GPL-2.0-or-later
"""chronyd as NTS server on the host's loopback; it serves the host's clock and never touches it."""
import os
import socket
import time

from guest import start, stop


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """host is NAME:PORT as the guest reaches it; number 1 to 3 gives time.test to time3.test, which
    are 10.0.2.2 to 10.0.4.2: one for each of the guest's cards. pki: one that setup has made;
    pki-now has certificates that are not older than a day. host: the clock that it serves (a
    HostClock), if not this machine's."""

    def __init__(self, image, directory, number=1, pki="pki", host=None):
        self.image = image
        self.environment = host.environment() if host else None
        self.pki = os.path.join(image, pki)
        self.ke_port = free_port(socket.SOCK_STREAM)
        self.ntp_port = free_port(socket.SOCK_DGRAM)
        self.name = f"time{number if number > 1 else ''}.test"
        self.host = f"{self.name}:{self.ke_port}"
        self.base = os.path.join(directory, f"server{number}")
        self.ca = self._read("ca.pem")
        self.process = None
        with open(self.base + ".conf", "w", encoding="ascii") as conf:
            conf.write(self._conf())
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _read(self, name):
        with open(os.path.join(self.pki, name), encoding="ascii") as file:
            return file.read()

    def _conf(self):
        return f"""local stratum 1
bindaddress 127.0.0.1
allow 127.0.0.1
port {self.ntp_port}
cmdport 0
bindcmdaddress /
pidfile {self.base}.pid
ntsport {self.ke_port}
ntsservercert {self.pki}/cert.pem
ntsserverkey {self.pki}/key.pem
ntsprocesses 0
"""

    def start(self):
        with open(self.base + ".log", "ab") as log:
            self.process = start([os.path.join(self.image, "chronyd"), "-x", "-d", "-u", "root",
                                  "-f", self.base + ".conf"], stdout=log, stderr=log, env=self.environment)
        while True:  # until it listens
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ke_port)) == 0:
                    return
            if self.process.poll() is not None:
                with open(self.base + ".log", encoding="utf-8", errors="replace") as log:
                    raise RuntimeError("chronyd ended:\n" + log.read())
            time.sleep(0.02)

    def stop(self):
        stop(self.process)
