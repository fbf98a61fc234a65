# SPDX-License-Identifier: GPL-2.0-or-later
"""For tests that run a program as another user from the beginning: the way to it must be open, also
when the clone lies where only root may enter."""
import os
import stat
import sys
import tempfile
from pathlib import Path

import bed


def _closed(path):
    """The first directory on the way to the path that others may not enter; None: all are open."""
    for directory in reversed(path.parents):
        if not directory.stat().st_mode & stat.S_IXOTH:
            return directory
    return None


def _shut_away():
    """What others have no way to of the clone, the build and this Python; none below another."""
    paths = []
    for path in (Path(__file__).resolve().parents[2], Path.cwd(),
                 Path(os.environ["NTSC_PREFIX"]).resolve(),
                 Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()):
        if path.is_dir() and _closed(path) and not any(path.is_relative_to(p) for p in paths):
            paths = [p for p in paths if not p.is_relative_to(path)] + [path]
    return paths


def open_way():
    """Inside the bed: puts an open directory over each closed one, in this mount namespace only,
    and in it what is needed, at the same path. Does nothing where the way is open."""
    cwd = Path.cwd()
    ways = {}
    for path in _shut_away():
        ways.setdefault(_closed(path), []).append(path)
    for closed, paths in ways.items():
        aside = [(path, tempfile.mkdtemp(dir=bed.tmp, prefix="aside-")) for path in paths]
        for path, kept in aside:
            bed.run("mount", "--rbind", path, kept)
        bed.run("mount", "-t", "tmpfs", "-o", "mode=755", "none", closed)
        for path, kept in aside:
            path.mkdir(parents=True)  # with the umask of the bed, open to all
            bed.run("mount", "--move", kept, path)
    os.chdir(cwd)
