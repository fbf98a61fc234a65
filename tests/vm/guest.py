# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU guest under software emulation, and what a test may ask of it."""
import base64
import collections
import json
import os
import shlex
import socket
import struct
import subprocess
import time

Result = collections.namedtuple("Result", "status out err")


def start(command, **options):
    """A child that ends with us, however we end."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command],
                            stdin=subprocess.DEVNULL, **options)


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class HostClock:
    """The clock of the host as guests and servers see it: later than this machine's by what
    move() was told."""

    def __init__(self, image, directory):
        self.ahead = 0
        self.path = os.path.join(directory, "host-clock")
        with open(os.path.join(image, "build"), encoding="utf-8") as file:
            self.shim = os.path.join(file.read().strip(), "tests/interop/libshift_clock.so")
        if not os.path.exists(self.shim):
            raise RuntimeError(self.shim + " is not there")
        with open(self.path, "wb") as file:
            file.write(struct.pack("q", 0))

    def environment(self):
        return {**os.environ, "LD_PRELOAD": self.shim, "SHIFT_CLOCK_FILE": self.path}

    def move(self, seconds):
        self.ahead += seconds
        with open(self.path, "r+b") as file:
            file.write(struct.pack("q", self.ahead * 10**9))


class Guest:
    """rtc: the UTC time at which the guest's real-time clock starts, 2016-01-01T00:00:00.
    cards: networks, from 10.0.2.0/24 on; each shows the host's loopback under an address of its
    own (.2), so that servers on the host have different addresses. The first one is captured.
    disk: an image of a system that is started; it may reboot. kernel: more words for it.
    host: what else runs with the host's clock (a HostClock)."""

    def __init__(self, image, directory, rtc, name="guest", cards=1, disk=None, kernel="", host=None):
        self.pcap = os.path.join(directory, name + ".pcap")
        self.console = os.path.join(directory, name + ".console")
        path = os.path.join(directory, name + ".agent")
        qemu_log = os.path.join(directory, name + ".qemu.log")
        self.control = os.path.join(directory, name + ".qmp")
        program, machine, words = self._machine(image)
        kernel = f"{words} quiet panic=-1 rdinit=/init {kernel}"
        with open(qemu_log, "wb") as log:
            self.qemu = start([
                program, "-accel", "tcg", *machine,
                "-nodefaults", "-display", "none", "-rtc", "base=" + rtc,
                "-kernel", os.path.join(image, "vmlinuz"),
                "-initrd", os.path.join(image, "initramfs.gz"), "-append", kernel,
                "-serial", "file:" + self.console,
                "-qmp", f"unix:{self.control},server=on,wait=off",
                "-chardev", f"socket,id=agent,path={path},server=on,wait=on",
                *(() if "chardev=agent" in " ".join(machine) else ("-serial", "chardev:agent")),
                *self._cards(cards), *self._disk(disk),
                "-object", f"filter-dump,id=dump,netdev=net2,file={self.pcap}"],
                stdout=log, stderr=log, env=host.environment() if host else None)
        self.agent = self._connect(path)
        self.lines = self.agent.makefile("rb")
        self.wait_ready()

    def pause(self, seconds, meanwhile=lambda: None):
        """Stops the machine from outside, as a host does; only its real-time clock goes on."""
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.connect(self.control)
            answers = qmp.makefile("rb")
            answers.readline()
            for command in "qmp_capabilities", "stop", "cont":
                if command == "cont":
                    time.sleep(seconds)
                    meanwhile()
                qmp.sendall(json.dumps({"execute": command}).encode())
                while "return" not in json.loads(answers.readline()):
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.off()

    @staticmethod
    def _machine(image):
        """The emulator, its options and words for the kernel: as setup_port says, or a PC. There the
        HPET counts the host's time exactly; the emulated TSC would have to be calibrated; and whether
        timers interrupt is not asked where the host may be too busy to let them in time."""
        path = os.path.join(image, "machine")
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                program, machine, kernel = file.read().splitlines()
            return program, machine.split(), kernel
        return ("qemu-system-x86_64", ["-cpu", "max,la57=off", "-m", "512"],
                "console=ttyS0 clocksource=hpet no_timer_check")

    @staticmethod
    def _cards(count):
        for number in range(2, 2 + count):
            yield from ("-netdev", f"user,id=net{number},ipv6=off,net=10.0.{number}.0/24",
                        "-device", f"virtio-net-pci,netdev=net{number},romfile=")

    @staticmethod
    def _disk(image):
        if not image:
            return ("-no-reboot",)
        return ("-drive", f"file={image},if=virtio,format=raw,cache=unsafe")

    def _connect(self, path):
        agent = socket.socket(socket.AF_UNIX)
        while self.qemu.poll() is None:
            try:
                agent.connect(path)
                return agent
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.02)
        raise RuntimeError(f"qemu ended with {self.qemu.returncode}")

    def _line(self, timeout):
        self.agent.settimeout(timeout)
        line = self.lines.readline()
        if not line:
            raise RuntimeError("the guest ended")
        return line.rstrip(b"\r\n")

    def wait_ready(self):
        while not self._line(400).endswith(b"ready"):
            pass  # what the port held before the agent

    def off(self):
        """Ends the guest; everything it sent is in the capture afterwards."""
        if self.qemu.poll() is None:
            try:
                self.agent.sendall(b"off\n")
                self.qemu.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                pass
        stop(self.qemu)

    def run(self, *command, timeout=100, shown=None, quiet=False):
        """Runs one command (a shell text, or words) and waits: Result(status, out, err)."""
        text = command[0] if len(command) == 1 else shlex.join(command)
        line = b"unknown"
        # A port whose machine has just woken up may lose octets: what was not understood is said again.
        while line.startswith(b"unknown"):
            self.agent.sendall(b"run " + base64.b64encode(text.encode()) + b"\n")
            line = self._line(timeout)
        word, status, out, err = line.split(b" ")
        if word != b"done":
            raise RuntimeError(f"the agent said {word}")
        out, err = (base64.b64decode(part[1:]).decode(errors="replace") for part in (out, err))
        lines = [] if quiet else (out + err).splitlines()
        print(f"# {shown or text}\n" + "".join(f"  {line}\n" for line in lines), end="")
        return Result(int(status), out, err)

    def ntsc(self, *arguments, wrapper=()):
        """Runs ntsc -j with arguments: Result, and what the object says of the first host."""
        result = self.run(*wrapper, "ntsc", "-j", *arguments)
        try:
            return result, json.loads(result.out)["results"][0]
        except (json.JSONDecodeError, KeyError, IndexError):
            return result, None

    def put(self, path, text):
        """Writes a file in the guest."""
        encoded = base64.b64encode(text.encode()).decode()
        if self.run(f"echo {encoded} | base64 -d >{shlex.quote(path)}",
                    shown="put " + path).status != 0:
            raise RuntimeError(f"cannot write {path} in the guest")

    def rtc_follows(self):
        """Whether the real-time clock agrees with the system's, which it keeps to the second."""
        words = self.run("date +%s; cat /sys/class/rtc/rtc0/since_epoch; date +%s").out.split()
        return int(words[0]) - 1 <= int(words[1]) <= int(words[2]) + 1

    def suspend(self, seconds):
        """Suspends the guest to memory; its real-time clock wakes it."""
        alarm = "/sys/class/rtc/rtc0/wakealarm"
        result = self.run(f"echo 0 >{alarm} && echo +{seconds} >{alarm} && "
                          "echo mem >/sys/power/state", timeout=60 + seconds)
        if result.status != 0:
            raise RuntimeError("the guest cannot suspend: " + result.err)

    def kernel(self, *fields):
        """The kernel clock's state, after setting fields ("freq=100") in one adjtimex call."""
        words = ["adj", *fields] if fields else ["show"]
        result = self.run("vm_clock", *words)
        if result.status != 0:
            raise RuntimeError(result.err)
        return json.loads(result.out)

    def offset_from_host(self, count=40):
        """(low, high) in seconds: guest clock minus host clock lies between, whatever the delays.

        The guest reads its clock after our request left and before its answer came."""
        best = None
        self.agent.sendall(b"clock %d\n" % count)
        for _ in range(count):
            before = time.time_ns()
            self.agent.sendall(b"\n")
            guest = int(self._line(60))
            after = time.time_ns()
            if best is None or after - before < best[1] - best[0]:
                best = (guest - after, guest - before)
        print(f"# guest - host is between {best[0]} and {best[1]} ns")
        return best[0] / 1e9, best[1] / 1e9
