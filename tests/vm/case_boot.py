# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian with systemd in which the package is installed starts in 2016, when none of its servers'
certificates is valid: the clock is set, systemd and timedatectl know it, the real-time clock
follows; a restart renews no allowance; its processes have units, users and rights of their own, and
when any is killed systemd heals it; it is reloaded; after a reboot nothing is begun anew; and
timedatectl stops and starts it."""
import contextlib
import json
import os
import subprocess
import sys

from daemon import connections, expect_right, until
from expect import STA_UNSYNC, expect

# Under emulation, on a machine that does other things besides.
LIMIT_S = 200


class System:
    """The guest as its administrator sees it."""

    def __init__(self, guest):
        self.guest = guest

    def say(self, *words):
        """A line of the test's own, which the console shows as well."""
        text = "PASS " + " ".join(str(word) for word in words)
        print(text)
        self.guest.run(f"echo '{text}' >/dev/ttyS0", quiet=True, shown="say")

    def state(self, unit):
        return self.guest.run(f"systemctl show -P ActiveState {unit}").out.strip()

    def wait_state(self, unit, state):
        until(lambda: self.state(unit) == state, f"{unit} {state}", LIMIT_S, self.show)

    def journal(self):
        return self.guest.run("journalctl -b -u ntsc -o cat --no-pager", shown="journal",
                              quiet=True).out

    def show(self):
        print(self.guest.run("systemctl status --no-pager -l ntsc ntsc-wait time-sync.target; "
                             "journalctl -b -u ntsc --no-pager; ntsc -i; timedatectl").out)

    def timedatectl(self):
        out = self.guest.run("timedatectl show").out
        return dict(line.split("=", 1) for line in out.splitlines())

    def wait_set(self):
        """Until the daemon runs and the kernel's clock is synchronized."""
        self.wait_state("ntsc.service", "active")
        until(lambda: not self.guest.kernel()["status"] & STA_UNSYNC, "STA_UNSYNC off", LIMIT_S,
              self.show)

    def all_have_cookies(self):
        result = self.guest.run("ntsc -ij", quiet=True, shown="ntsc -ij")
        sources = json.loads(result.out)["sources"] if result.out else []
        return len(sources) == 3 and all(source["cookies"] and source["reach"]
                                         for source in sources)

    def wait_synchronized(self):
        """As the daemon says."""
        if self.guest.run("ntsc -w 150", timeout=200).status != 0:
            self.show()
            raise AssertionError("ntsc -w waits in vain")


def put_configuration(disk, directory, servers):
    """Writes into the file system in the image before it is used."""
    conf = "ca /etc/ntsc-ca.pem\nlog auto verbose\n" + "".join(
        f"server {server.name} port {server.ke_port} minpoll 4 maxpoll 4\n" for server in servers)
    for name, text in (("ntsc.conf", conf), ("ntsc-ca.pem", servers[0].ca)):
        path = os.path.join(directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o644)
        for request in (f"rm /etc/{name}", f"write {path} /etc/{name}"):
            subprocess.run(["debugfs", "-w", "-R", request, disk], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def first_boot(guest, system):
    began = guest.run("journalctl -b -k -o cat --no-pager | grep 'setting system clock'").out
    expect("2016-01-01" in began, "the kernel began at", began)
    system.wait_set()
    error, bound = expect_right(guest, "after the first start")
    system.say(f"the clock that began in 2016 is off by {error:.6f} s, bound {bound:.6f} s")
    until(guest.rtc_follows, "the real-time clock", LIMIT_S, system.show)
    system.say("the real-time clock follows")
    system.wait_synchronized()
    system.wait_state("time-sync.target", "active")
    system.say("time-sync.target is reached")
    expect(guest.run("test -e /run/systemd/timesync/synchronized").status == 0,
           "/run/systemd/timesync/synchronized is not there")
    shown = system.timedatectl()
    expect((shown["NTPSynchronized"], shown["NTP"], shown["CanNTP"]) == ("yes", "yes", "yes"),
           "timedatectl says", shown)
    system.say("timedatectl says that the clock is synchronized and the service active")
    # A server that found the emulated client too slow is asked again later.
    until(system.all_have_cookies, "cookies of all servers", LIMIT_S, system.show)
    log = system.journal()
    print(log)
    expect("for which nobody vouches" in log, "the certificates were valid from the beginning")
    opened = connections(guest)
    expect(opened >= 3, "only", opened, "connections were opened")
    return opened


# The file in memory that holds the allowance of steps: its number, what is in it, and how many
# systemd keeps.
ALLOWANCE = """
for file in /proc/$(systemctl show -P MainPID ntsc)/fd/*; do
    case $(readlink $file) in
    /memfd:allowance*) stat -Lc %i $file; cat $file; {then} ;;
    esac
done
systemctl show -P NFileDescriptorStore ntsc
"""


def restart(guest, system):
    """What was used of the allowance is kept by systemd, and read again."""
    def kept(then=":"):
        words = guest.run(ALLOWANCE.format(then=then), shown="allowance").out.split()
        # Behind it is what was seen of the clocks, which go on.
        expect("ntsc-seen" in words, "what was seen of the clocks is not kept", words)
        return words[:words.index("ntsc-seen")] + words[-1:]

    def again():
        expect(guest.run("systemctl restart ntsc").status == 0, "systemctl restart ntsc fails")

    before = kept()
    expect(len(before) > 2 and before[-1] == "1", "of the allowance systemd keeps", before)
    again()
    expect(kept() == before, "a restart makes", kept(), "of the allowance", before)
    # Nobody but root can do this, and only to show that it is what counts.
    # The daemon would write it anew at its end, so it gets none; systemd starts the next.
    kept("echo nonsense >$file; kill -KILL $(systemctl show -P MainPID ntsc)")
    until(lambda: "what was stored of the allowance of steps cannot be read" in system.journal(),
          "the allowance is read again", LIMIT_S, system.show)
    system.say("systemd keeps the allowance of steps over a restart")


# As in the unit, but for the pause of a minute, which would only be waited for.
SOON = """
mkdir -p /run/systemd/system/ntsc.service.d
printf '[Service]\\nRestartSec=2\\n' >/run/systemd/system/ntsc.service.d/soon.conf
systemctl daemon-reload
"""

# Each process of ours: name, user, network, whether it has a right, and its unit.
PROCESSES = """
for process in /proc/[0-9]*; do
    case $(cat $process/comm) in
    ntsc*) echo $(cat $process/comm) $(stat -c %U $process) $(readlink $process/ns/net) \
        $(sed -n 's/^CapEff:[[:space:]]*//p' $process/status) \
        $(sed -n 's/@.*//;s/.*[/]//p' $process/cgroup) ${process#/proc/} ;;
    esac
done
"""


def processes(guest):
    """(name, unit): what else is known of it."""
    lines = [line.split() for line in guest.run(PROCESSES, shown="processes").out.splitlines()]
    return {(name, unit.removesuffix(".service")):
            {"user": user, "net": net, "rights": int(rights, 16), "pid": int(pid)}
            for name, user, net, rights, unit, pid in (line for line in lines if len(line) == 6)}


ALL = {("ntsc", "ntsc"), ("ntsc-starter", "ntsc-engine"), ("ntsc-engine", "ntsc-engine"),
       ("ntsc-starter", "ntsc-ke")}


def wait_all(guest, system):
    """All that run for long, and no other."""
    until(lambda: set(processes(guest)) == ALL, "all processes", LIMIT_S, system.show)
    return processes(guest)


def apart(guest, system):
    """Who sets the clock has no network; who has a network has no right, nor the same one's user
    when it speaks TLS."""
    found = wait_all(guest, system)
    ours = guest.run("readlink /proc/1/ns/net").out.strip()
    for key, process in found.items():
        if key == ("ntsc", "ntsc"):
            expect(process["rights"] == 1 << 25, "rights of ntsc", process)  # CAP_SYS_TIME
            expect(process["net"] != ours, "ntsc has a network")
        else:
            expect(process["rights"] == 0, "rights of", key, process)
            expect(process["net"] == ours, "no network has", key)
        expect(process["user"] == ("ntsc-ke" if key[1] == "ntsc-ke" else "ntsc"), key, process)
    system.say("each process is in the unit, and of the user, that it belongs to")


def killed(guest, system):
    """kill -9 of each: the engine by ntsc, all others by systemd, which starts all anew; none of
    them as one that could not start, and the clock is right again."""
    def show(what):
        return guest.run(f"systemctl show -P {what} ntsc").out.strip()

    engine = wait_all(guest, system)[("ntsc-engine", "ntsc-engine")]["pid"]
    guest.run(f"kill -KILL {engine}")
    until(lambda: processes(guest).get(("ntsc-engine", "ntsc-engine"), {"pid": engine})["pid"] !=
          engine, "another engine", LIMIT_S, system.show)
    for key in (("ntsc-starter", "ntsc-engine"), ("ntsc-starter", "ntsc-ke"), ("ntsc", "ntsc")):
        before, restarts = wait_all(guest, system), int(show("NRestarts"))
        guest.run(f"kill -KILL {before[key]['pid']}")
        until(lambda more=restarts: int(show("NRestarts")) > more, f"another start after {key}",
              LIMIT_S, system.show)
        system.wait_state("ntsc.service", "active")
        after = wait_all(guest, system)
        expect(not {p["pid"] for p in after.values()} & {p["pid"] for p in before.values()},
               "after", key, "was killed, of the processes before some live on", before, after)
    log = system.journal()
    for words in ("the process that starts the others has ended", "status=5"):
        expect(words in log, "the journal lacks", words)
    system.wait_synchronized()
    expect_right(guest, "after all were killed")
    system.say("kill -9 of each process is healed")


def reload(guest, system):
    had = system.journal().count("configuration read again")
    expect(guest.run("systemctl reload ntsc").status == 0, "systemctl reload ntsc fails")
    until(lambda: system.journal().count("configuration read again") > had, "a reload", LIMIT_S,
          system.show)
    guest.run("echo nonsense >>/etc/ntsc.conf")
    expect(guest.run("systemctl reload ntsc").status != 0, "a wrong configuration is taken")
    guest.run("sed -i '$d' /etc/ntsc.conf")
    wait_all(guest, system)
    system.say("systemctl reload reads the configuration again, and refuses a wrong one")


def reboot(guest, system):
    guest.run("systemctl start --no-block reboot.target")
    guest.wait_ready()
    system.wait_set()
    system.wait_synchronized()
    error, bound = expect_right(guest, "after the reboot")
    log = system.journal()
    print(log)
    expect("stored frequency" in log, "after the reboot no frequency was stored")
    opened = connections(guest)
    expect(opened == 0, "after the reboot", opened, "connections were opened")
    system.say(f"after a reboot it is off by {error:.6f} s, bound {bound:.6f} s, with the stored "
               "frequency and cookies, without a key exchange")


def stop_and_start(guest, system):
    expect(guest.run("timedatectl set-ntp false").status == 0, "timedatectl set-ntp false fails")
    system.wait_state("ntsc.service", "inactive")
    expect(system.timedatectl()["NTP"] == "no", "timedatectl says that it still runs")
    until(lambda: not processes(guest), "nobody left", LIMIT_S, system.show)
    for unit in ("ntsc-engine.socket", "ntsc-ke.socket"):
        expect(system.state(unit) == "inactive", unit, "still listens")
    system.say("timedatectl set-ntp false stops it, and all that belongs to it")
    expect(guest.run("timedatectl set-ntp true").status == 0, "timedatectl set-ntp true fails")
    system.wait_state("ntsc.service", "active")
    system.wait_synchronized()
    expect(system.timedatectl()["NTP"] == "yes", "timedatectl says that it does not run")
    wait_all(guest, system)
    failed = guest.run("systemctl --failed --no-legend --plain").out
    expect("ntsc" not in failed, "failed units:", failed)
    system.say("timedatectl set-ntp true starts it")


def test(vm):
    image = os.path.join(vm.image, "disk")
    if not os.path.exists(image):
        print("skipped: there is no system to boot (see test vm.setup_boot)")
        sys.exit(77)
    disk = os.path.join(vm.directory, "disk")
    subprocess.run(["cp", "--sparse=always", image, disk], check=True)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(vm.server(number, pki="pki-now"))
                   for number in (1, 2, 3)]
        put_configuration(disk, vm.directory, servers)
        guest = stack.enter_context(vm.guest("2016-01-01T00:00:00", cards=3, disk=disk))
        system = System(guest)
        opened = first_boot(guest, system)
        guest.run(SOON)
        restart(guest, system)
        apart(guest, system)
        reload(guest, system)
        killed(guest, system)
        reboot(guest, system)
        stop_and_start(guest, system)
    return f"{opened} connections at the first start, none after the reboot"
