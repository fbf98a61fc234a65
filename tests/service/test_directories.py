# SPDX-License-Identifier: GPL-2.0-or-later
"""Directories of others: root neither takes them over nor cleans them, whoever names them."""
import ctypes
import os
import pwd
import subprocess
import sys
import unittest
from pathlib import Path

import place

NTSC = os.environ["NTSC_PREFIX"] + "/bin/ntsc"
OTHER = 4242  # a user that is neither root's nor ntsc's


def tree(top):
    """Everything about what is there, but the times."""
    found = {}
    for path in [top, *sorted(top.rglob("*"))]:
        st = path.lstat()
        found[str(path)] = (st.st_mode, st.st_uid, st.st_gid,
                            path.read_bytes() if path.is_file() else None)
    return found


LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LAYERS_MAX = 16


def layers(n):
    """So many rules of Landlock around this process, each of which forbids next to nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    make_block_device = ctypes.c_uint64(1 << 11)
    for _ in range(n):
        fd = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(make_block_device), 8, 0)
        if fd < 0 or libc.syscall(LANDLOCK_RESTRICT_SELF, fd, 0) != 0:
            os._exit(77)
        os.close(fd)


class Confined(unittest.TestCase):
    def ntsc(self, n):
        done = subprocess.run([NTSC, "-q", "--no-state", "-t", "5", "127.0.0.1:1"],
                              preexec_fn=lambda: layers(n), capture_output=True, text=True)
        if done.returncode == 77:
            self.skipTest("this kernel has no Landlock")
        return done

    def test_too_many_layers(self):
        """What the kernel has and does not grant is no reason to go on without."""
        done = self.ntsc(LAYERS_MAX)
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot confine ourselves by Landlock", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_as_many_as_there_may_be(self):
        done = self.ntsc(LAYERS_MAX - 1)
        self.assertIn("connection refused", done.stdout)
        self.assertEqual(done.stderr, "")


class Directories(unittest.TestCase):
    def setUp(self):
        self.top = place.directory(self.addCleanup)

    def make(self, name, mode=0o755, uid=0, files=()):
        path = self.top / name
        path.mkdir()
        for file in files:
            (path / file).write_text("kept")
            os.chown(path / file, uid, uid)
        os.chown(path, uid, uid)
        path.chmod(mode)
        return path

    def run_with(self, statedir, **env):
        config = self.top / "ntsc.conf"
        config.write_text(f"statedir {statedir}\n" if statedir else "")
        return subprocess.run([NTSC, "-q", "-f", str(config), "-t", "5", "127.0.0.1:1"],
                              env={**os.environ, **env}, capture_output=True, text=True)

    def assertRefused(self, path, words, top=None):
        top = top or path
        before = tree(top)
        done = self.run_with(path)
        self.assertIn(words, done.stderr)
        self.assertIn("cookies are not kept", done.stderr)
        self.assertEqual(tree(top), before)
        self.assertEqual(done.returncode, 3)

    def test_environment_of_another_service(self):
        """ntsc -q in another service, or behind sudo -E."""
        paths = [self.make(f"service{i}", 0o700, OTHER, ["session.db"]) for i in range(4)]
        before = [tree(p) for p in paths]
        self.run_with(None, STATE_DIRECTORY=str(paths[0]), XDG_STATE_HOME=str(paths[1]),
                      HOME=str(paths[2]), XDG_RUNTIME_DIR=str(paths[3]))
        self.assertEqual([tree(p) for p in paths], before)

    def test_others(self):
        self.assertRefused(self.make("other", 0o700, OTHER), "belongs to user 4242")
        self.assertRefused(self.make("other2", 0o700, OTHER, ["cookies"]), "belongs to user 4242")
        self.assertRefused(self.make("full", files=["session.db"]), "holds files of another user")
        self.assertRefused(self.make("sticky", 0o1777), "others may write to it")
        self.assertRefused(self.make("open", 0o777), "others may write to it")
        group = self.make("group", 0o775)
        os.chown(group, 0, OTHER)
        self.assertRefused(group, "others may write to it")

    def test_ways(self):
        """What somebody else could turn elsewhere, root does not go along."""
        theirs = self.make("theirs", 0o755, OTHER)
        self.assertRefused(theirs / "state", "others than root may change", theirs)
        self.assertFalse((theirs / "state").exists())
        everybodys = self.make("everybodys", 0o777)
        self.assertRefused(everybodys / "state", "others than root may change", everybodys)
        goal = self.make("goal", 0o755, OTHER, ["x"])
        link = self.top / "link"
        link.symlink_to(goal)
        os.lchown(link, OTHER, OTHER)
        self.assertRefused(link, "is a link that is not root's", goal)
        self.assertRefused(link / "state", "is a link that is not root's", goal)
        loop = self.top / "loop"
        loop.symlink_to(loop)
        before = tree(goal)
        self.assertIn("one link too many", self.run_with(loop / "x").stderr)
        self.assertIn("no part of a path", self.run_with(self.top / "goal/../y").stderr)
        file = self.top / "file"
        file.write_text("")
        self.assertIn("Not a directory", self.run_with(file / "x").stderr)
        self.assertEqual(tree(goal), before)

    def test_ours(self):
        """Made where it is missing, behind root's own link too; then taken for what it is."""
        (self.top / "way").symlink_to(self.make("real"))
        for _ in range(2):
            done = self.run_with(self.top / "way/deep/state")
            self.assertNotIn("cookies are not kept", done.stderr)
        state = self.top / "real/deep/state"
        self.assertEqual(state.stat().st_mode & 0o7777, 0o700)
        self.assertNotEqual(state.stat().st_uid, 0)
        self.assertTrue((state / "cookies").is_dir())
        # Of a server that nobody has asked for a quarter of a year nothing stays.
        old, new = state / "cookies/old.test-1", state / "cookies/new.test-1"
        for path, days in ((old, 91), (new, 89)):
            path.write_text("x")
            os.chown(path, state.stat().st_uid, -1)
            age = os.stat(path).st_mtime - days * 86400
            os.utime(path, (age, age))
        self.run_with(self.top / "way/deep/state")
        self.assertEqual((old.exists(), new.exists()), (False, True))

    def daemon(self, path, user="nobody"):
        """The words of a daemon that ends because its configuration has no server that exists."""
        with subprocess.Popen([NTSC, "-x", "-v", "--runtime-dir", str(path), "-f", str(self.conf(user))],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
            said = []
            for line in run.stderr:
                said.append(line)
                if " started: " in line:
                    break
            run.terminate()
            said += run.stderr.readlines()
        return "".join(said)

    def conf(self, user):
        path = self.top / "ntsc.conf"
        path.write_text(f"server 127.0.0.1 port 1\nlog stderr\nuser {user}\n"
                        f"statedir {self.top}/s-{user}\n")
        return path

    def test_runtime(self):
        for path, words in ((self.make("theirs", 0o755, OTHER), "belongs to another user"),
                            (self.make("full", files=["x.pid"]), "holds files that are not of ntsc"),
                            (self.make("tmp", 0o1777), "everybody may write to it")):
            with self.subTest(words):
                before = tree(path)
                said = self.daemon(path)
                self.assertIn(words + (" (x.pid)" if "holds" in words else ""), said)
                self.assertIn("no status is shown", said)
                self.assertEqual(tree(path), before)

    def test_full(self):
        """What many captured engines would have left is not added to; whoever asks once may."""
        cookies = self.make("s-nobody") / "cookies"
        cookies.mkdir()
        for i in range(16390):
            (cookies / f"a.test-{i:016x}").touch()
        for path in (cookies.parent, cookies, *cookies.iterdir()):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
        words = "its directories hold more files than it can have made"
        self.assertIn(words, self.daemon(self.top / "run"))
        done = subprocess.run([NTSC, "-q", "-t", "5", "-f", str(self.conf("nobody"))],
                              capture_output=True, text=True)
        self.assertIn("connection refused", done.stdout)
        for path in list(cookies.iterdir())[:100]:
            path.unlink()
        self.assertNotIn(words, self.daemon(self.top / "run"))

    def test_allowance_of_another(self):
        """Who owns it may write to it: it is not believed, and root's own takes its place."""
        run = self.make("run", files=["allowance", "history"])
        os.chown(run / "allowance", OTHER, OTHER)
        os.chown(run / "history", OTHER, OTHER)
        self.assertIn("was another user's", self.daemon(run))
        self.assertEqual((run / "allowance").stat().st_uid, 0)
        self.assertNotEqual((run / "history").stat().st_uid if (run / "history").exists() else 0,
                            OTHER)
        self.assertNotIn("another user's", self.daemon(run))

    def test_history_of_the_user_before(self):
        """The last day stays when "user" changes; what somebody else has put there does not."""
        run, history = self.top / "run", self.top / "run/history"
        self.daemon(run, "nobody")
        self.assertEqual((run.stat().st_uid, run.stat().st_gid), (0, pwd.getpwnam("nobody").pw_gid))

        def left(user, mode=0o644, text="x" * 64 + "\n", group=None):
            entry = pwd.getpwnam(user)
            history.unlink(missing_ok=True)
            history.write_text(text)
            os.chown(history, entry.pw_uid, entry.pw_gid if group is None else group)
            history.chmod(mode)

        left("nobody")
        self.daemon(run, "daemon")
        daemon = pwd.getpwnam("daemon")
        st = history.stat()
        self.assertEqual((st.st_uid, st.st_gid), (daemon.pw_uid, daemon.pw_gid))
        self.assertEqual(history.read_text(), "x" * 64 + "\n")
        for change in ({"mode": 0o4755}, {"mode": 0o666}, {"text": "x" * 100000},
                       {"group": OTHER}):
            with self.subTest(**change):
                self.daemon(run, "daemon")
                left("daemon", **change)
                self.daemon(run, "nobody")
                self.assertEqual(history.read_text() if history.exists() else "", "")
        self.daemon(run, "daemon")
        left("daemon")
        os.link(history, self.top / "another-name")
        self.daemon(run, "nobody")
        self.assertEqual((self.top / "another-name").stat().st_uid, daemon.pw_uid)
        history.unlink(missing_ok=True)
        history.symlink_to(self.top / "another-name")
        self.daemon(run, "nobody")
        self.assertEqual((self.top / "another-name").stat().st_uid, daemon.pw_uid)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: only root could take anything over")
        sys.exit(77)
    unittest.main()
