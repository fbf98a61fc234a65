# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon in a guest: how it is started, and what may be waited for."""
import contextlib
import json
import re
import time

from expect import expect

# Longer than anything takes; only a failure waits for it.
LIMIT_S = 100


def rtc_at(second):
    """A time as a guest's real-time clock is told it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def rtc(offset_s):
    """The host's time plus so much."""
    return rtc_at(time.time() + offset_s)


def until(condition, what, limit=LIMIT_S, show=lambda: None):
    """Waits until condition() gives something true, and returns that."""
    end = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            show()
            raise AssertionError(f"waited {limit} s in vain for {what}")
        time.sleep(0.3)


def expect_right(guest, what, ahead=0):
    """The kernel vouches for a bound, and the clock is right within it, true time being so much
    ahead of the host's. Returns error and bound, in s."""
    low, high = (end - ahead for end in guest.offset_from_host())
    state = guest.kernel()
    bound = state["maxerror"] / 1e6
    expect(bound < 1, what, "the kernel's maxerror is", bound)
    expect(low <= bound and high >= -bound, what, "the clock is off by", low, "to", high,
           "and the kernel's maxerror is", bound)
    return max(abs(low), abs(high)), bound


def connections(guest):
    """How many connections were opened since the guest started: its key exchanges."""
    out = guest.run("grep ^Tcp: /proc/net/snmp", quiet=True, shown="connections").out
    names, values = (line.split() for line in out.splitlines())
    return int(values[names.index("ActiveOpens")])


class Daemon:
    """Its configuration names all servers; each start() has a log of its own. `poll` is the
    logarithm of the interval in seconds."""

    def __init__(self, guest, servers, poll=4):
        self.guest, self.servers = guest, servers
        self.starts, self.pid, self.runtime = 0, None, "/run/ntsc"
        guest.put("/tmp/ca.pem", servers[0].ca)
        conf = ["ca /tmp/ca.pem", "log stderr verbose"]
        conf += [f"server {s.name} port {s.ke_port} minpoll {poll} maxpoll {poll}"
                 for s in servers]
        guest.put("/etc/ntsc.test", "\n".join(conf) + "\n")

    def start(self, *options, wrapper=""):
        self.starts += 1
        command = f"{wrapper} ntsc -f /etc/ntsc.test {' '.join(options)}"
        text = (f"rm -f /tmp/status; cd /; (sh -c 'echo $$ >/tmp/pid; exec {command}' "
                f"</dev/null >/tmp/out 2>/tmp/log{self.starts}; echo $? >/tmp/status) "
                "</dev/null >/dev/null 2>&1 & until [ -s /tmp/pid ]; do :; done; cat /tmp/pid; "
                "rm /tmp/pid")
        self.pid = int(self.guest.run(text, shown=command).out)

    def log(self):
        return self.guest.run(f"cat /tmp/log{self.starts}", quiet=True, shown="log").out

    def show(self):
        print(self.log())

    def lines(self, pattern):
        return re.findall(pattern, self.log(), re.MULTILINE)

    def wait_log(self, pattern, count=1, limit=LIMIT_S):
        """Waits until the log has `count` lines like this; returns the last match."""
        def found():
            matches = list(re.finditer(pattern, self.log(), re.MULTILINE))
            return matches[count - 1] if len(matches) >= count else None
        return until(found, f"{count} x \"{pattern}\" in the log", limit, self.show)

    def wait_kernel(self, condition, what, limit=LIMIT_S):
        """Waits until the kernel's state meets a condition; returns the state."""
        def found():
            state = self.guest.kernel()
            return state if condition(state) else None
        return until(found, what, limit, self.show)

    def status(self):
        result = self.guest.run(f"cat {self.runtime}/status.json", quiet=True, shown="status")
        return json.loads(result.out) if result.status == 0 else None

    def wait_status(self, condition, what, limit=LIMIT_S):
        def found():
            status = self.status()
            return status if status and condition(status) else None
        return until(found, what, limit, self.show)

    def signal(self, name):
        self.guest.run(f"kill -{name} {self.pid}")

    def children(self, name):
        """Process ids of what runs under this name, zombies aside."""
        out = self.guest.run("for p in /proc/[0-9]*; do read -r pid comm state rest <$p/stat && "
                             "echo $pid $comm $state; done", quiet=True, shown="processes").out
        found = [line.split() for line in out.splitlines()]
        return [int(word[0]) for word in found
                if len(word) == 3 and word[1] == f"({name})" and word[2] != "Z"]

    def all_processes(self):
        return [pid for name in ("ntsc", "ntsc-engine", "ntsc-ke") for pid in self.children(name)]

    def exit_status(self):
        """Waits for its end."""
        result = until(lambda: self.guest.run("cat /tmp/status", quiet=True, shown="ended?").out,
                       "the daemon's end", show=self.show)
        return int(result)

    def terminate(self):
        self.signal("TERM")
        status = self.exit_status()
        self.show()
        expect(status == 0, "after SIGTERM it ended with", status)

    def key_exchanges(self):
        return connections(self.guest)

    def expect_right(self, what, ahead=0):
        return expect_right(self.guest, what, ahead)


@contextlib.contextmanager
def agreeing(vm):
    """A daemon whose three servers agree, in a guest whose clock was ten seconds behind."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number)) for number in (1, 2, 3)]
        daemon = Daemon(stack.enter_context(vm.guest(rtc(-10), cards=3)), servers)
        daemon.start()
        daemon.wait_log("synchronized: offset")
        daemon.wait_status(lambda s: s["agreeing"] == 3, "three servers that agree")
        yield daemon
