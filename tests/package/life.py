# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a package: installed, upgraded, removed, installed again, purged; and in the place of
another time daemon."""
import json
import os
import shutil
import stat

from debian import expect

CONF, STATE = "/etc/ntsc.conf", "/var/lib/ntsc"
UNIT = "/usr/lib/systemd/system/ntsc.service"
ENABLED = "/etc/systemd/system/multi-user.target.wants/ntsc.service"
# What a purged package may leave: its user, and what dpkg, apt and the loader keep for themselves.
MAY_DIFFER = {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/passwd-",
              "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-",
              "/etc/subuid", "/etc/subgid", "/etc/.pwd.lock"}
OWN_RECORDS = ("/var/lib/dpkg/", "/var/lib/apt/", "/var/cache/", "/var/log/", "/proc", "/root/",
               "/tmp/", "/var/lib/systemd/deb-systemd-helper-masked")


class Manager:
    """Stands for systemd: takes down what it is asked to do, and does nothing but enable units."""
    LOG = "/var/log/systemctl"
    PROGRAM = f"""#!/bin/sh
echo "$*" >>{LOG}
case "$*" in
*is-enabled*) echo enabled ;;
*preset*ntsc.service) mkdir -p {os.path.dirname(ENABLED)} && ln -s {UNIT} {ENABLED} ;;
esac
"""

    def __init__(self, tree, policy):
        self.tree = tree
        os.makedirs(tree.path("/run/systemd/system"))
        tree.write("/usr/sbin/policy-rc.d", f"#!/bin/sh\nexit {policy}\n", 0o755)
        tree.write("/usr/bin/systemctl", self.PROGRAM, 0o755)
        self.asked()

    def asked(self):
        """Which of start, stop and restart it was asked to do since the last time."""
        text = self.tree.read(self.LOG) if self.tree.exists(self.LOG) else ""
        self.tree.write(self.LOG, "")
        return [word for line in text.splitlines() for word in line.split()
                if word in ("start", "stop", "restart")]

    def remove(self):
        os.rmdir(self.tree.path("/run/systemd/system"))
        os.rmdir(self.tree.path("/run/systemd"))
        os.unlink(self.tree.path("/usr/bin/systemctl"))
        self.tree.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)


def works(tree):
    """The programs run with the libraries that the package asked for, as far as they can without a
    network, and take the configuration file."""
    tree.run("ntsc", "-n")
    said = tree.run("ntsc", "-q", "-j", "--no-state", "127.0.0.1", check=False)
    stage = json.loads(said)["results"][0]["stage"]
    expect(stage == "connect", "without a network ntsc -q ends at", stage)


def user_of(tree):
    lines = [line.split(":") for line in tree.read("/etc/passwd").splitlines()]
    found = [line for line in lines if line[0] == "ntsc"]
    expect(len(found) == 1, "there are", len(found), "users ntsc")
    expect(found[0][6].endswith(("nologin", "false")), "the user ntsc may log in:", found[0])
    return int(found[0][2])


def make_state(tree, uid):
    """What a daemon would have left."""
    os.makedirs(tree.path(STATE + "/cookies"), mode=0o700, exist_ok=True)
    tree.write(STATE + "/clock", "state\n", 0o600)
    for path in (STATE, STATE + "/cookies", STATE + "/clock"):
        os.chown(tree.path(path), uid, uid)


def install(tree, deb):
    tree.apt("install", deb)
    expect(tree.installed("ntsc"), "ntsc is not installed")
    expect(tree.exists(ENABLED), "the unit is not enabled")
    expect(stat.S_IMODE(os.stat(tree.path(CONF)).st_mode) == 0o644, "who may read", CONF)
    works(tree)
    return user_of(tree)


def upgrade(tree, manager, debs):
    """A configuration file that nobody changed follows the package; one that was changed stays. A
    unit that was disabled stays so."""
    tree.apt("install", debs[1])
    expect("# of 9.1" in tree.read(CONF), "an unchanged", CONF, "is not renewed")
    expect(manager.asked() == ["restart"], "an upgrade does not restart the daemon")
    mine = tree.read(CONF) + "minsources 1\n"
    tree.write(CONF, mine)
    os.unlink(tree.path(ENABLED))
    tree.apt("install", debs[2])
    expect(tree.read(CONF) == mine, "the changed", CONF, "was overwritten")
    expect("# of 9.2" in tree.read(CONF + ".dpkg-dist"), "the new default is not beside it")
    expect(not tree.exists(ENABLED), "a unit that was disabled is enabled again")
    manager.asked()
    return mine


def remove(tree, manager, mine):
    tree.apt("remove", "ntsc")
    expect(manager.asked() == ["stop"], "removing does not stop the daemon")
    expect(not tree.exists("/usr/bin/ntsc"), "/usr/bin/ntsc is still there")
    expect(tree.read(CONF) == mine, CONF, "changed when the package was removed")
    expect(tree.exists(STATE + "/clock"), "the state went with the package")


def purge(tree, before):
    tree.apt("purge", "ntsc")
    after = tree.files()
    left = sorted(path for path in after if path not in before and path not in MAY_DIFFER and
                  not path.startswith(OWN_RECORDS))
    expect(not left, "purged, it leaves", left)
    changed = sorted(path for path in before if path not in MAY_DIFFER and
                     not path.startswith(OWN_RECORDS) and after.get(path, b"gone") != before[path])
    expect(not changed, "purged, it has changed", changed)
    user_of(tree)


def life(tree, debs):
    # Dependencies stay when a package goes; what it recommends is wanted as well.
    tree.apt("install", debs[0], "ca-certificates")
    tree.apt("purge", "ntsc")
    manager = Manager(tree, 0)
    before = tree.files()
    uid = install(tree, debs[0])
    expect(manager.asked() == ["start"], "installing does not start the daemon")
    make_state(tree, uid)
    mine = upgrade(tree, manager, debs)
    expect(tree.exists(STATE + "/clock"), "an upgrade loses the state")
    remove(tree, manager, mine)
    tree.apt("install", debs[2])
    expect(tree.read(CONF) == mine, CONF, "changed when the package was installed again")
    expect(not tree.exists(ENABLED), "a removal makes forgotten that the unit was disabled")
    purge(tree, before)
    manager.remove()


# The programs with this distribution's libraries: once, and as a daemon that watches.
TRY = """
set -eu
scripts/local-server /tmp/server >/dev/null
trap 'kill $(cat /tmp/server/server.pid)' EXIT
chmod 755 /tmp/server
port=$(cat /tmp/server/ke-port)
ntsc -q -C /tmp/server/ca.pem localhost:$port
printf 'log stderr\\nca /tmp/server/ca.pem\\nserver localhost port %s\\n' $port >/tmp/ntsc.conf
ntsc -x -f /tmp/ntsc.conf &
daemon=$!
tries=0
until ntsc -ij | grep '"reach":[1-9]'; do
    tries=$((tries + 1))
    [ $tries -lt 100 ]
    sleep 0.3
done
kill $daemon
wait $daemon
"""


def serves(tree, scripts):
    """A throw-away server on loopback, which is chrony's program kept from before."""
    shutil.copytree(scripts, tree.path("/root/ntsc/scripts"))
    tree.write("/etc/hosts", "127.0.0.1 localhost\n")
    tree.run("sh", "-c", "cd /root/ntsc" + TRY)


def readme(scripts):
    """The commands of its chapter, in their order."""
    with open(os.path.join(os.path.dirname(scripts), "README"), encoding="utf-8") as file:
        chapter = file.read().partition("\nInstead of chrony, and back\n")[2].partition("\n\n\n")[0]
    return [line.strip() for line in chapter.splitlines() if line.startswith("    ")]


def instead_of_chrony(tree, deb, scripts):
    """The commands as README has them, in a clone. policy-rc.d says that nothing may be started, and
    nothing is."""
    pack, there, wait, back, purged = readme(scripts)
    expect((pack, wait) == ("scripts/package", "ntsc -w 60"), "README says", pack, wait)
    clone = tree.path("/root/ntsc")
    os.makedirs(clone + "/build/package/packages")
    shutil.copy(tree.path(deb), clone + "/build/package/packages/ntsc_0.1_all.deb")
    tree.write("/etc/apt/apt.conf.d/yes", 'APT::Get::Assume-Yes "true";\n')

    def literally(command):
        tree.run("sh", "-c", "cd /root/ntsc && " + command)

    manager = Manager(tree, 101)
    tree.apt("install", "chrony")
    kept = clone + "/.cache/chrony/usr/sbin"
    os.makedirs(kept)
    shutil.copy(tree.path("/usr/sbin/chronyd"), kept)
    literally(there)
    expect(tree.installed("ntsc") and not tree.installed("chrony"), "chrony is still installed")
    serves(tree, scripts)
    expect(tree.exists("/etc/chrony/chrony.conf"), "chrony's configuration is lost")
    works(tree)
    configuration = tree.read("/etc/chrony/chrony.conf")
    literally(back)
    expect(tree.installed("chrony") and not tree.installed("ntsc"), "ntsc is still installed")
    expect(tree.exists(CONF), "ntsc's configuration is lost")
    literally(purged)
    left = [path for path in (CONF, STATE, UNIT) if tree.exists(path)]
    expect(not left, "README's last command leaves", left)
    expect(tree.installed("chrony") and tree.read("/etc/chrony/chrony.conf") == configuration,
           "chrony is not as it was")
    expect(manager.asked() == [], "something was started against policy-rc.d")


def test(tree, debs, scripts):
    debs = [tree.put(deb) for deb in debs]
    life(tree, debs)
    instead_of_chrony(tree, debs[0], scripts)
