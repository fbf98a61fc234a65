# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts behind the delay line: the client's namespace <-- tun, so many ms each way, tun --> host."""
import os
import subprocess

import bed


class Line:
    def __init__(self, delay_ms, trace=False):
        self.host = bed.Host(link=False)
        self.trace = bed.tmp / f"line{self.host.number}"
        self.device = f"line{self.host.number}"
        self.process = subprocess.Popen(
            [os.environ["NTSC_DELAYLINE"], "-d", str(delay_ms),
             *(["-w", str(self.trace)] if trace else []),
             f"/proc/self/ns/net:{self.device}", f"{self.host.ns}:client"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n", "the delay line did not start"
        self.host.addresses("client", self.device)

    def more_addresses(self, network, addresses):
        bed.run("ip", "route", "add", network, "dev", self.device)
        for address in addresses:
            self.host.ip("addr", "add", f"{address}/32", "dev", "lo")
