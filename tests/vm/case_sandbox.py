# SPDX-License-Identifier: GPL-2.0-or-later
"""What each process may not do, tried inside its sandbox on the kernel of Debian 12 (6.1), where
Landlock knows files only: filters and users have to do the rest."""
import re

from expect import expect

LANDLOCK_FILES_ONLY = 3  # the last version of the interface without TCP ports


def test(vm):
    with vm.guest("2016-01-01T00:00:00") as guest:
        # What attempts try to read is there.
        expect(guest.run("mkdir -p /etc/ssl/certs && touch /etc/shadow && uname -r").status == 0,
               "cannot make files")
        tried = guest.run("test_sandbox 2>&1", timeout=300)
        expect(tried.status == 0, "attempts:", tried.out)
        count = re.search(r"(\d+) attempts in 4 sandboxes, Landlock version (\d+)", tried.out)
        expect(count, "nothing was tried:", tried.out)
        expect(0 < int(count[2]) <= LANDLOCK_FILES_ONLY, "another Landlock than Debian 12's:", count[2])
        expect(int(count[1]) >= 60, "only", count[1], "attempts")
    return count[0]
