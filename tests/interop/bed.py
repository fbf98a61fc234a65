# SPDX-License-Identifier: GPL-2.0-or-later
"""The test bed: network namespaces, real NTS servers in them, and the client under test.

enter() starts the test again in a network, mount and process namespace of its own, from which the
right to set the clock has been taken for good (the bounding set). Everything that a test starts
or mounts ends with that process namespace, also when the test is killed. What the client sends is
watched all the time, and a test that has gone well fails when it broke a rule of privacy.py. The
test itself lives where the client lives; each Host is a network namespace at the other end of a veth pair:

    client 10.77.N.1, fd77:N::1  <---- veth ---->  10.77.N.2, fd77:N::2  host N (1, 2, ...)
"""
import atexit
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import privacy

HERE = Path(__file__).resolve().parent
SKIP = 77  # ctest's SKIP_RETURN_CODE
CAP_SYS_TIME = 25
_INSIDE = "NTSC_BED"
_FAR = 20.0  # how long anything local may take before the test gives up; nothing is judged by it


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(SKIP)


def programs():
    """Finds chronyd and NTPsec's ntpd: those that were named, else unpacked below .cache, else the
    system's; {name: path}."""
    named = {program: os.environ.get("BED_" + program.upper()) for program in ("chronyd", "ntpd")}
    if all(named.values()):
        return named
    cache = HERE.parents[1] / ".cache"
    if shutil.which("apt-get"):
        cache.mkdir(exist_ok=True)
        with (cache / ".lock").open("w") as lock:  # tests side by side may all find it empty
            fcntl.flock(lock, fcntl.LOCK_EX)
            run(HERE.parents[1] / "scripts/fetch-deb", "chrony", "ntpsec", check=False)
    found = {}
    for package, program in (("chrony", "chronyd"), ("ntpsec", "ntpd")):
        unpacked = cache / package / "usr/sbin" / program
        found[program] = str(unpacked) if unpacked.exists() else shutil.which(program)
        if not found[program]:
            skip(f"no {program} to talk to: scripts/install-deps server test")
    return found


def inside():
    return os.environ.get(_INSIDE) == "in"


def enter(servers=True):
    """Returns inside the namespaces; ends the process as skipped where they cannot be had, or real
    servers, where they are needed."""
    if inside():
        _inside()
        return
    if os.geteuid() != 0:
        skip("network namespaces need root")
    for tool in ("setpriv", "unshare", "nsenter", "ip", "mount", "openssl"):
        if not shutil.which(tool):
            skip(f"needs {tool} (packages iproute2, util-linux, openssl)")
    space = ["setpriv", "--inh-caps=-sys_time", "--bounding-set=-sys_time", "unshare", "--net",
             "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run(space + ["true"], stdin=subprocess.DEVNULL).returncode != 0:
        skip("this machine allows no namespaces (unshare failed)")
    for program, path in programs().items() if servers else ():
        os.environ["BED_" + program.upper()] = path
    os.environ[_INSIDE] = "in"
    sys.stdout.flush()
    os.execvp(space[0], space + [sys.executable] + sys.argv)


def _inside():
    bounding = next(line for line in Path("/proc/self/status").read_text().splitlines()
                    if line.startswith("CapBnd:"))
    if int(bounding.split()[1], 16) >> CAP_SYS_TIME & 1:
        sys.exit("the right to set the clock is still there: not starting anything")
    os.umask(0o022)
    _bury_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run("ip", "link", "set", "lo", "up")
    global tmp, _watch
    _watch = privacy.Watch()
    tmp = Path(tempfile.mkdtemp(prefix="ntsc-interop-"))
    tmp.chmod(0o755)  # the client's processes run as another user
    run("mount", "-t", "tmpfs", "-o", "mode=755", "none", tmp)
    atexit.register(_leave)
    if Path("/var/lib/ntsc").is_dir():
        run("mount", "-t", "tmpfs", "none", "/var/lib/ntsc")
    resolver("192.0.2.53")  # no way leads there
    names({})


def _bury_orphans():
    """What the first process of a system does: children of processes that have ended, and are not
    waited for, would count as processes of their user for ever. Returns in a child."""
    child = os.fork()
    if child == 0:
        return
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        pid, status = os.wait()
        if pid == child:
            sys.stdout.flush()
            os._exit(os.waitstatus_to_exitcode(status) & 255)


def _leave():
    for server in list(_running):
        server.stop()
    for holder in _holders:
        holder.kill()
        holder.wait()
    os.chdir("/")
    subprocess.run(["umount", "-l", tmp], stdin=subprocess.DEVNULL)
    tmp.rmdir()
    if _watch:
        leave_with(_watch)


def leave_with(watch):
    """Ends the process as failed, if the watch has seen something wrong; else returns."""
    count, broken = watch.problems()
    print(f"{count} queries, {len(broken)} against the rules of privacy", file=sys.stderr)
    if broken:
        print("\n".join(broken[:20]), file=sys.stderr, flush=True)
        os._exit(1)  # what atexit runs cannot change the status otherwise


def unwatched():
    """For a test that breaks the rules itself."""
    global _watch
    _watch = None


tmp = None  # a directory for this test alone, in memory
_watch = None
_running = []
_holders = []


def run(*args, check=True, **more):
    return subprocess.run([str(a) for a in args], check=check, stdin=subprocess.DEVNULL, **more)


def prompt_engine():
    """From now on SIGUSR1 makes the engine ask as often as it comes, where the released one would
    do it four times in ten minutes."""
    engine = Path(os.environ["NTSC_PREFIX"]) / "libexec/ntsc/ntsc-engine"
    run("mount", "--bind", os.environ["NTSC_PROMPT_ENGINE"], engine)


def _own_file(path, text):
    """Puts a file of this test over one of the system, in this mount namespace only."""
    mine = tmp / path.strip("/").replace("/", "-")
    fresh = not mine.exists()
    mine.write_text(text)
    if fresh:
        run("mount", "--bind", mine, os.path.realpath(path))


def names(table):
    """Makes the names of {name: address or [addresses]} known, and no others."""
    lines = ["127.0.0.1 localhost", "::1 localhost"]
    for name, addresses in table.items():
        addresses = [addresses] if isinstance(addresses, str) else addresses
        lines += [f"{address} {name}" for address in addresses]
    _own_file("/etc/hosts", "\n".join(lines) + "\n")


def resolver(address, patience_s=1):
    """Whom the resolver asks for names that names() does not know."""
    _own_file("/etc/resolv.conf",
              f"nameserver {address}\noptions timeout:{patience_s} attempts:1\n")


def wait_until(what, true, alive=None):
    """Tries until true() is; not to be used to measure anything."""
    end = time.monotonic() + _FAR
    while not true():
        if alive and alive.poll() is not None:
            raise RuntimeError(f"{what}: the server ended with status {alive.returncode}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {_FAR} seconds")
        time.sleep(0.01)


def version(program):
    """Of one of the servers, as it says: "1.2.3"; "0" where it does not."""
    out = subprocess.run([*program, "-v" if program[-1].endswith("chronyd") else "--version"],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = re.search("[0-9]+[.][0-9][0-9.]*", out.stdout + out.stderr)
    return found[0].rstrip(".") if found else "0"


class Host:
    """A network namespace with a link to the client's; link=False: without (the test makes one)."""
    _count = 0

    def __init__(self, link=True):
        Host._count += 1
        self.number = n = Host._count
        self.v4, self.v6 = f"10.77.{n}.2", f"fd77:{n}::2"
        self.client_v4, self.client_v6 = f"10.77.{n}.1", f"fd77:{n}::1"
        self.device = f"host{n}"  # the client's end
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                                       stdin=subprocess.DEVNULL)
        _holders.append(self.holder)
        self.ns = f"/proc/{self.holder.pid}/ns/net"
        ours = os.readlink("/proc/self/ns/net")
        wait_until("namespace", lambda: os.readlink(self.ns) != ours, self.holder)
        self.ip("link", "set", "lo", "up")
        if link:
            run("ip", "link", "add", self.device, "type", "veth", "peer", "name", "client",
                "netns", self.holder.pid)
            self.addresses("client")

    def addresses(self, theirs, ours=None):
        for setup, device, v4, v6 in ((lambda *a: run("ip", *a), ours or self.device,
                                       self.client_v4, self.client_v6),
                                      (self.ip, theirs, self.v4, self.v6)):
            setup("link", "set", device, "addrgenmode", "none")
            setup("addr", "add", f"{v4}/24", "dev", device)
            setup("addr", "add", f"{v6}/64", "dev", device, "nodad")
            setup("link", "set", device, "up")

    def ip(self, *args):
        run("nsenter", f"--net={self.ns}", "ip", *args)

    def start(self, *args, **more):
        """A process in this namespace."""
        return subprocess.Popen(["nsenter", f"--net={self.ns}"] + [str(a) for a in args], **more)


def listening(pid, port, kind="tcp"):
    """Whether anything in the network namespace of pid listens on the port."""
    state = {"tcp": "0A", "udp": "07"}[kind]
    for table in (kind, kind + "6"):
        try:
            lines = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            return False
        for line in lines:
            local, _, is_state = line.split()[1:4]
            if int(local.rpartition(":")[2], 16) == port and is_state == state:
                return True
    return False


# Of 2^-16 s; ntsc takes no time that its server knows no better (common/source/source_answer.c).
DISPERSION_MAX = 1 << 16


def ntp_ready(address, port):
    """Whether an NTP server there gives a usable time (asked without NTS)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        try:
            s.connect((address, port))
            s.send(struct.pack("!B39xQ", 4 << 3 | 3, privacy.PROBE_TRANSMIT))
            answer = s.recv(1024)
        except OSError:
            return False
    return (len(answer) >= 48 and answer[0] >> 6 != 3 and 0 < answer[1] < 16
            and struct.unpack("!I", answer[8:12])[0] < DISPERSION_MAX)


class Server:
    """A process on a host; its output is shown when the test fails to start or stop it."""

    def __init__(self, host, args, env=None, stdin=subprocess.DEVNULL, name=None):
        self.host = host
        self.log = Path(tempfile.mkstemp(dir=tmp, prefix=(name or Path(args[0]).name) + "-log-")[1])
        with self.log.open("wb") as out:
            self.process = host.start(*args, stdin=stdin, stdout=out, stderr=out,
                                      env={**os.environ, **(env or {})})
        _running.append(self)

    def wait(self, what, true):
        try:
            wait_until(what, true, self.process)
        except RuntimeError as e:
            raise RuntimeError(f"{e}\n{self.log.read_text(errors='replace')}") from None

    def stop(self):
        """Ends it; returns when it is gone."""
        if self in _running:
            _running.remove(self)
        self.process.terminate()
        try:
            self.process.wait(_FAR)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Chronyd(Server):
    """chronyd as an NTS server of stratum 1 by its own clock, which it never touches (-x); `ahead`:
    it lies by so many seconds."""

    def __init__(self, host, cert, key, ke_port=4460, ntp_port=123, state=None, ntp_server=None,
                 ahead=0, program=None, more=(), rotate_s=None):
        self.dir = Path(state or tempfile.mkdtemp(dir=tmp, prefix="chrony-"))
        lines = ["local stratum 1", "allow all", f"port {ntp_port}", "cmdport 0",
                 "bindcmdaddress /", f"pidfile {self.dir}/pid{host.number}",
                 f"ntsdumpdir {self.dir}"]
        lines += [f"ntsserverkey {key}", f"ntsservercert {cert}", f"ntsport {ke_port}",
                  "ntsprocesses 0"]
        lines += more
        if rotate_s:
            lines.append(f"ntsrotate {rotate_s}")
        if ntp_server:
            lines.append(f"ntsntpserver {ntp_server}")
        conf = self.dir / f"conf{host.number}"
        conf.write_text("\n".join(lines) + "\n")
        env = {}
        if ahead:
            env = {"LD_PRELOAD": os.environ["NTSC_SHIFT_CLOCK"], "SHIFT_CLOCK": str(ahead)}
        super().__init__(host, [*(program or [os.environ["BED_CHRONYD"]]), "-x", "-d", "-u", "root", "-f", conf],
                         env)
        self.wait("chronyd", lambda: listening(self.process.pid, ke_port)
                  and ntp_ready(host.v4, ntp_port))

    def forget_keys(self):
        """Stops it without the keys that its cookies were made with."""
        self.stop()
        (self.dir / "ntskeys").unlink(missing_ok=True)


class Ntpsec(Server):
    """NTPsec's ntpd, ports 123 and 4460, its own clock as the reference, no right to touch it."""

    # That clock is believed by older ones together with an orphan stratum; from 1.2.5 on no clock
    # is that has such a stratum or a higher one, and so much of its error is served that it has to
    # be read a few times.
    REFERENCE = ["tos minsane 1 minclock 1 orphan 3 orphanwait 0",
                 "refclock local stratum 3 minpoll 3 prefer"]
    REFERENCE_1_2_5 = ["tos minsane 1 minclock 1",
                       "refclock local stratum 3 minpoll 0 maxpoll 0 prefer"]

    def __init__(self, host, cert, key, state=None, only_aead=None, program=None):
        self.dir = Path(state or tempfile.mkdtemp(dir=tmp, prefix="ntpsec-"))
        program = program or [os.environ["BED_NTPD"]]
        newer = [int(n) for n in version(program).split(".")] >= [1, 2, 5]
        conf = self.dir / f"conf{host.number}"
        conf.write_text("\n".join([
            "disable ntp", *(self.REFERENCE_1_2_5 if newer else self.REFERENCE),
            "unrestrict default limited",
            "nts enable", f"nts cert {cert}", f"nts key {key}", f"nts cookie {self.dir}/cookies",
            ""]))
        env = {}
        if only_aead:
            env = {"LD_PRELOAD": os.environ["NTSC_ONLY_AEAD"], "ONLY_AEAD": str(only_aead)}
        super().__init__(host, [*program, "-n", "-c", conf], env)
        self.wait("NTPsec", lambda: listening(self.process.pid, 4460)
                  and ntp_ready(host.v4, 123))

    def forget_keys(self):
        self.stop()
        (self.dir / "cookies").unlink(missing_ok=True)

    def rotate_keys(self):
        """Stops it, and does to the file of its keys what it does itself once a day: a new key comes
        first, with a number of its own, and the oldest of ten goes."""
        self.stop()
        lines = (self.dir / "cookies").read_text().splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("I:"))
        key = len(lines[at + 1].split()[1]) // 2
        fresh = [f"I: {int.from_bytes(os.urandom(4), 'big')}", f"K: {os.urandom(key).hex()}"]
        kept = (fresh + lines[at:])[:20]
        (self.dir / "cookies").write_text("\n".join(lines[:at] + kept) + "\n")


class NtpdRs(Server):
    """ntpd-rs of stratum 1 by its own clock. It wants to have the right to set it: a library says
    that it was set. Its keys are gone when it ends."""

    def __init__(self, host, cert, key, state=None, program=None, rotate_s=86400):
        self.dir = Path(state or tempfile.mkdtemp(dir=tmp, prefix="ntpd-rs-"))
        conf = self.dir / f"conf{host.number}"
        conf.write_text("\n".join([
            "[observability]", 'log-level = "info"',
            "[synchronization]", "local-stratum = 1",
            "[keyset]", f"key-rotation-interval = {rotate_s}",
            "[[server]]", 'listen = "[::]:123"',
            "[[nts-ke-server]]", 'listen = "[::]:4460"',
            f'certificate-chain-path = "{cert}"', f'private-key-path = "{key}"', ""]))
        shim = tmp / "no_clock.so"  # where another root directory sees it as well
        if not shim.exists():
            shutil.copy(os.environ["NTSC_NO_CLOCK"], shim)
        super().__init__(host, [*program, "-c", conf], {"LD_PRELOAD": str(shim)})
        self.wait("ntpd-rs", lambda: listening(self.process.pid, 4460)
                  and ntp_ready(host.v4, 123))

    def forget_keys(self):
        self.stop()


class Tree:
    """A Debian of another suite, with servers, in a directory; what is in tmp is seen there too."""

    def __init__(self, tar):
        self.root = tmp / "tree"
        self.root.mkdir()
        run("tar", "-C", self.root, "-xf", tar)
        inner = self.root / str(tmp).strip("/")
        inner.mkdir(parents=True)
        run("mount", "--bind", tmp, inner)
        run("mount", "-t", "proc", "proc", self.root / "proc")

    def program(self, path):
        return ["chroot", str(self.root), path]
