# SPDX-License-Identifier: GPL-2.0-or-later
"""While root ntsc opens nothing whose name a child could give to something else: told by the kernel
(fanotify), which watches all file systems and sees whatever a process opens, however it does."""
import ctypes
import os
import pwd
import struct
import threading
import unittest
from pathlib import Path

import bed
import daemon as d
from daemon_bed import Case

FAN_CLOEXEC, FAN_NONBLOCK, FAN_UNLIMITED_QUEUE = 1, 2, 0x10
FAN_OPEN, FAN_ONDIR, FAN_Q_OVERFLOW = 0x20, 0x40000000, 0x4000
FAN_MARK_ADD, FAN_MARK_MOUNT = 1, 0x10
AT_FDCWD = -100
EVENT = struct.Struct("=IBBHQii")
NOT_WATCHED = {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "securityfs", "debugfs",
               "tracefs", "bpf", "pstore", "configfs", "nsfs", "fusectl"}
libc = ctypes.CDLL(None, use_errno=True)
libc.fanotify_mark.argtypes = [ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int,
                               ctypes.c_char_p]


class Watch:
    """Who opens what, {pid: {path}}, from now on."""

    def __init__(self):
        self.fd = libc.fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE,
                                     os.O_RDONLY | os.O_CLOEXEC)
        if self.fd < 0:
            raise unittest.SkipTest(f"no fanotify: {os.strerror(ctypes.get_errno())}")
        self.opened, self.ends, self.lost = {}, threading.Event(), False
        watched = 0
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            place, kind = line.split()[4], line.rpartition(" - ")[2].split()[0]
            if kind not in NOT_WATCHED:
                watched += libc.fanotify_mark(self.fd, FAN_MARK_ADD | FAN_MARK_MOUNT,
                                              FAN_OPEN | FAN_ONDIR, AT_FDCWD, place.encode()) == 0
        if watched < 2:
            raise unittest.SkipTest("fanotify watches no file system for us")
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def take(self):
        """What there is; false: nothing."""
        try:
            events = os.read(self.fd, 65536)
        except BlockingIOError:
            return False
        at = 0
        while at < len(events):
            length, _, _, _, mask, fd, pid = EVENT.unpack_from(events, at)
            at += length
            self.lost |= bool(mask & FAN_Q_OVERFLOW)
            if fd >= 0:
                self.opened.setdefault(pid, set()).add(os.readlink(f"/proc/self/fd/{fd}"))
                os.close(fd)
        return True

    def follow(self):
        while not self.ends.wait(0.01):
            while self.take():
                pass
        while self.take():
            pass

    def end(self):
        self.ends.set()
        self.thread.join()
        os.close(self.fd)
        assert not self.lost


def may_rename(path, user, group):
    """Whether that user could have another file under that name, or under one on the way to it."""
    entry = Path(path.removesuffix(" (deleted)"))
    for entry in (entry, *entry.parents):
        try:
            above, st = entry.parent.lstat(), entry.lstat()
        except OSError:
            continue  # it is gone: whoever removed it has been looked at under its directory
        writes = (above.st_uid == user and above.st_mode & 0o200) or \
                 (above.st_gid == group and above.st_mode & 0o020) or above.st_mode & 0o002
        if writes and (not above.st_mode & 0o1000 or user in (st.st_uid, above.st_uid)):
            return True
    return False


class Opens(Case):
    def users(self, daemon):
        """Of engine and key exchange."""
        (starter, ) = d.children(daemon.pid, "ntsc-starter")
        del starter
        status = Path(f"/proc/{daemon.engine}/status").read_text()
        engine = {int(line.split()[1]) for line in status.splitlines() if line[:4] in ("Uid:",)}
        group = {int(line.split()[1]) for line in status.splitlines() if line[:4] in ("Gid:",)}
        try:
            ke = pwd.getpwnam("ntsc-ke").pw_uid
        except KeyError:
            ke = None
        return [(*engine, *group)] + ([(ke, ke)] if ke else [])

    def test_opens(self):
        watch = Watch()
        try:
            daemon = self.daemon("a.test", "b.test")
            daemon.wait_synchronized()
            pids = {daemon.pid, *d.children(daemon.pid, "ntsc-starter")}
            users, engines = self.users(daemon), {daemon.engine}
            # Read again, with a file that is half-written and one of everybody's beside it.
            daemon.configure(self.lines("a.test"))
            daemon.process.send_signal(1)
            daemon.wait_log("configuration read again")
            daemon.stop()
            # Once more, with what the first one has left.
            daemon.start()
            daemon.wait("an engine", lambda: daemon.engine)
            daemon.wait_log("synchronized")
            pids |= {daemon.pid, *d.children(daemon.pid, "ntsc-starter")}
            engines.add(daemon.engine)
            daemon.stop()
        finally:
            watch.end()
        self.assertEqual(len(pids), 4)
        ours = {path for pid in pids for path in watch.opened.get(pid, ())}
        # It sees: the configuration, the directories, the lock; and what the engine opens is such.
        for path in (daemon.conf, daemon.state, daemon.run, daemon.run / "allowance"):
            self.assertIn(str(path), ours)
        theirs = {path for pid in engines for path in watch.opened.get(pid, ())}
        self.assertTrue(any(may_rename(path, *user) for path in theirs for user in users), theirs)
        # When it counts the engine's files, as the engine's user, it follows no link there.
        ours.discard(str(daemon.state / "cookies"))
        print(f"{len(ours)} paths of ntsc and its starter, {len(theirs)} of the engine")
        self.assertEqual([path for path in sorted(ours) for user in users
                          if may_rename(path, *user)], [])


if __name__ == "__main__":
    bed.enter()
    unittest.main(verbosity=2)
