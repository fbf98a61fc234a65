# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripted server of the hostile tests as one that is honest, but lives on another day."""
import os
import subprocess

from guest import start, stop


class LeapServer:
    """Serves the host's time plus `ahead` seconds, with a leap second before the second `at`, which
    it announces or not. Names as those of Server."""

    def __init__(self, vm, number, ahead, at, announce):
        self.name = f"time{number if number > 1 else ''}.test"
        pki = os.path.join(vm.image, "pki")
        base = os.path.join(vm.directory, f"leap{number}-{int(at - ahead)}")
        with open(os.path.join(pki, "ca.pem"), encoding="ascii") as file:
            self.ca = file.read()
        with open(base + ".script", "w", encoding="ascii") as script:
            script.write(f"ntp offset={ahead:.6f} leapat={at}{'' if announce else ' leap=0'}\n")
        self.process = start([os.path.join(vm.image, "nts-hostile"), "-l", "127.0.0.1",
                              "-c", os.path.join(pki, "cert.pem"),
                              "-k", os.path.join(pki, "key.pem"),
                              "-o", base + ".log", base + ".script"], stdout=subprocess.PIPE)
        words = self.process.stdout.readline().split()
        self.ke_port, self.ntp_port = int(words[1]), int(words[3])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdout.close()
        stop(self.process)
