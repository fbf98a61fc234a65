# SPDX-License-Identifier: GPL-2.0-or-later
"""Where distributions keep the CAs that they trust, and the links between: a tree of each in place of /etc, in a mount
namespace of its own. No CA is named, so that ntsc-ke finds it before its sandbox closes. What is in no list of ours
lies in a directory of the test's own, STORE below. NTSC: the program; NTSC_HOSTILE: the server."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import bed
import test_chains  # by its name: its own cases would be run here
from test_chains import CA, SERVER, openssl

NEEDED = ("passwd", "group", "hosts", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
          "services", "protocols")  # of the real /etc
MOUNT = 'mount --bind "$1/etc" /etc && for d in pki ca-certificates; do [ ! -d "$1/usr/$d" ] || ' \
        'mount --bind "$1/usr/$d" "/usr/share/$d" || exit 99; done && ' \
        '{ [ ! -d "$1/var" ] || mount --bind "$1/var" /var/lib || exit 99; } && shift && exec "$@"'


def may_mount():
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


class Tree:
    """Links are (name, target); files hold the root. STORE in a name is a directory that no list has."""

    def __init__(self, place, root):
        self.dir = tempfile.mkdtemp(dir=place)
        os.chmod(self.dir, 0o755)
        self.root, self.store = root, self.dir + "/store"
        for sub in ("etc", "etc/ssl", "store"):
            os.mkdir(f"{self.dir}/{sub}", 0o755)
        for name in NEEDED:
            if os.path.isdir("/etc/" + name):
                shutil.copytree("/etc/" + name, f"{self.dir}/etc/{name}", symlinks=True)
            elif os.path.exists("/etc/" + name):
                shutil.copy("/etc/" + name, f"{self.dir}/etc/{name}")

    def real(self, path):
        return path.replace("STORE", self.store) if path.startswith("STORE") else self.dir + path

    def file(self, path, root=None):
        os.makedirs(os.path.dirname(self.real(path)), mode=0o755, exist_ok=True)
        shutil.copy(root or self.root, self.real(path))
        os.chmod(self.real(path), 0o644)
        return self

    def link(self, path, target):
        os.makedirs(os.path.dirname(self.real(path)), mode=0o755, exist_ok=True)
        os.symlink(target.replace("STORE", self.store), self.real(path))
        return self

    def hashed(self, path, number=0):
        """The name in a hashed directory."""
        text = openssl("x509", "-subject_hash", "-noout", "-in", self.root, cwd=self.dir)
        return f"{path}/{text.split()[0]}.{number}"


# Each makes its tree; the docstring says of which system it is.
def debian(t):
    t.file("/etc/ssl/certs/ca-certificates.crt")


def debian_directory(t):
    t.file("/usr/ca-certificates/mozilla/Root.crt").link("/etc/ssl/certs/Root.pem",
                                                       "/usr/share/ca-certificates/mozilla/Root.crt")
    t.link(t.hashed("/etc/ssl/certs"), "Root.pem")


def arch(t):
    t.file("/etc/ca-certificates/extracted/tls-ca-bundle.pem")
    t.file("/etc/ca-certificates/extracted/cadir/Root.pem")
    t.link("/etc/ssl/certs/ca-certificates.crt", "../../ca-certificates/extracted/tls-ca-bundle.pem")
    t.link("/etc/ssl/cert.pem", "../ca-certificates/extracted/tls-ca-bundle.pem")
    t.link("/etc/ssl/certs/Root.pem", "../../ca-certificates/extracted/cadir/Root.pem")
    t.link(t.hashed("/etc/ssl/certs"), "Root.pem")


def arch_directory(t):
    t.file("/etc/ca-certificates/extracted/cadir/Root.pem")
    t.link("/etc/ssl/certs/Root.pem", "../../ca-certificates/extracted/cadir/Root.pem")
    t.link(t.hashed("/etc/ssl/certs"), "../../ca-certificates/extracted/cadir/Root.pem")


def fedora(t):
    t.file("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")
    t.link("/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")
    t.link("/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")
    t.link("/etc/ssl/certs", "../pki/tls/certs")


def fedora_new(t):
    """Directory of hashes, to which /etc/ssl/certs leads."""
    t.file("/etc/pki/ca-trust/extracted/pem/directory-hash/Root.pem")
    t.link(t.hashed("/etc/pki/ca-trust/extracted/pem/directory-hash"), "Root.pem")
    t.link("/etc/pki/tls/certs", "../ca-trust/extracted/pem/directory-hash")
    t.link("/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash")


def suse(t):
    t.file("/var/ca-certificates/ca-bundle.pem")
    t.file("/var/ca-certificates/pem/Root.pem").link(t.hashed("/var/ca-certificates/pem"), "Root.pem")
    t.link("/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem")
    t.link("/etc/ssl/certs", "/var/lib/ca-certificates/pem")


def alpine(t):
    t.file("/usr/ca-certificates/mozilla/Root.crt").file("/etc/ssl/certs/ca-certificates.crt")
    t.link("/etc/ssl/certs/ca-cert-Root.pem", "/usr/share/ca-certificates/mozilla/Root.crt")
    t.link(t.hashed("/etc/ssl/certs"), "ca-cert-Root.pem").link("/etc/ssl/cert.pem", "certs/ca-certificates.crt")


def alpine_single(t):
    t.link("/etc/ssl/cert.pem", "STORE/bundle.crt").file("STORE/bundle.crt")


def nixos(t):
    """/etc/static is a link into the store, and so is everything below it."""
    t.file("STORE/abc-nss-cacert/etc/ssl/certs/ca-bundle.crt").link("/etc/static", "STORE/def-etc/etc")
    t.link("STORE/def-etc/etc/ssl/certs/ca-certificates.crt", "STORE/abc-nss-cacert/etc/ssl/certs/ca-bundle.crt")
    t.link("STORE/def-etc/etc/ssl/certs/ca-bundle.crt", "STORE/abc-nss-cacert/etc/ssl/certs/ca-bundle.crt")
    t.link("/etc/ssl/certs/ca-certificates.crt", "/etc/static/ssl/certs/ca-certificates.crt")
    t.link("/etc/ssl/certs/ca-bundle.crt", "/etc/static/ssl/certs/ca-bundle.crt")


def nixos_pki(t):
    """As without /etc/ssl: only Fedora's name."""
    t.file("STORE/abc-nss-cacert/etc/ssl/certs/ca-bundle.crt").link("/etc/static", "STORE/def-etc/etc")
    t.link("STORE/def-etc/etc/pki/tls/certs/ca-bundle.crt", "STORE/abc-nss-cacert/etc/ssl/certs/ca-bundle.crt")
    t.link("/etc/pki/tls/certs/ca-bundle.crt", "/etc/static/pki/tls/certs/ca-bundle.crt")


def guix(t):
    """The whole directory in the store, hashes and all, as links of links."""
    os.rmdir(t.real("/etc/ssl"))
    t.file("STORE/x-nss-certs/etc/ssl/certs/Root.pem")
    t.link("STORE/y-profile/etc/ssl/certs/Root.pem", "STORE/x-nss-certs/etc/ssl/certs/Root.pem")
    t.link(t.hashed("STORE/y-profile/etc/ssl/certs"), "STORE/x-nss-certs/etc/ssl/certs/Root.pem")
    t.file("STORE/z-bundle/ca-certificates.crt")
    t.link("STORE/y-profile/etc/ssl/certs/ca-certificates.crt", "STORE/z-bundle/ca-certificates.crt")
    t.link("/etc/ssl", "STORE/y-profile/etc/ssl")


def guix_directory(t):
    guix(t)
    os.unlink(t.real("STORE/y-profile/etc/ssl/certs/ca-certificates.crt"))


def one_more(t):
    """The system's bundle, and the administrator's own CA linked beside it."""
    t.file("/etc/ssl/certs/ca-certificates.crt", t.stranger).file("STORE/corp/own.pem")
    t.link(t.hashed("/etc/ssl/certs"), "STORE/corp/own.pem")


def relative_out(t):
    t.file("STORE/own.pem", None)
    t.link("/etc/ssl/certs/own.pem", os.path.relpath(t.store + "/own.pem", "/etc/ssl/certs"))
    t.link(t.hashed("/etc/ssl/certs"), "own.pem")


def loop_then_bundle(t):
    t.link("/etc/ssl/certs/ca-certificates.crt", "ca-certificates.crt").link("/etc/ssl/cert.pem", "STORE/b.pem")
    t.link("/etc/ssl/certs/x.pem", "y.pem").link("/etc/ssl/certs/y.pem", "x.pem").file("STORE/b.pem")


def dangling_then_bundle(t):
    t.link("/etc/ssl/certs/ca-certificates.crt", "STORE/nowhere").link("/etc/ssl/ca-bundle.pem", "../ssl/b.pem")
    t.file("/etc/ssl/b.pem").link(t.hashed("/etc/ssl/certs"), "STORE/nowhere")


def second_of_its_hash(t):
    """A stranger of the same name comes first."""
    t.file(t.hashed("/etc/ssl/certs"), t.namesake).file(t.hashed("/etc/ssl/certs", 1))


def directory_named_as_bundle(t):
    t.file("/etc/ssl/certs/ca-certificates.crt/Root.pem").file("/etc/ssl/cert.pem")


GOOD = (debian, debian_directory, arch, arch_directory, fedora, fedora_new, suse, alpine, alpine_single, nixos, nixos_pki,
        guix, guix_directory, one_more, relative_out, loop_then_bundle, dangling_then_bundle, second_of_its_hash,
        directory_named_as_bundle)


def nothing(t):
    pass


def loops(t):
    t.link("/etc/ssl/certs", "certs").link("/etc/ssl/cert.pem", "ca-bundle.pem").link("/etc/ssl/ca-bundle.pem", "cert.pem")


def dangling(t):
    t.link("/etc/ssl/certs/ca-certificates.crt", "STORE/nowhere").link("/etc/ssl/cert.pem", "certs/ca-certificates.crt")


def no_certificate(t):
    t.file("/etc/ssl/certs/ca-certificates.crt", "/dev/null")


def pipe(t):
    """Nobody waits for what never comes."""
    os.mkdir(t.real("/etc/ssl/certs"))
    os.mkfifo(t.real("/etc/ssl/certs/ca-certificates.crt"))


def stranger(t):
    t.file("/etc/ssl/certs/ca-certificates.crt", t.stranger)


BAD = {nothing: "local", loops: "local", dangling: "local", no_certificate: "local", pipe: "local",
       stranger: "tls-trust"}


@unittest.skipUnless(may_mount(), "may not mount")
class Trees(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        test_chains.Chains.setUpClass()
        cls.addClassCleanup(test_chains.Chains.tearDownClass)
        leaf = test_chains.Chains.cert("leaf", SERVER, test_chains.Chains.root)
        with open(leaf + ".pem") as chain, open(leaf + ".key") as key:
            cls.server = bed.Server(test_chains.Chains.dir, chain.read(), key.read())
        cls.addClassCleanup(cls.server.__exit__)
        cls.stranger = test_chains.Chains.cert("stranger", CA) + ".pem"
        cls.namesake = test_chains.Chains.cert("root", CA) + ".pem"

    def ask(self, make):
        tree = Tree(test_chains.Chains.dir, test_chains.Chains.root + ".pem")
        tree.stranger, tree.namesake = self.stranger, self.namesake
        make(tree)
        # Where a mount would have no place this machine's own directory has to do.
        for sub, place in ("usr/pki", "/usr/share/pki"), ("usr/ca-certificates", "/usr/share/ca-certificates"):
            if os.path.isdir(f"{tree.dir}/{sub}") and not os.path.isdir(place):
                self.skipTest(f"no {place} here")
        done = subprocess.run(["unshare", "-m", "sh", "-c", MOUNT, "sh", tree.dir, os.environ["NTSC"], "-q", "-j",
                               "--no-state", "-f", self.server.work + "/empty", "-t", "20",
                               f"127.0.0.1:{self.server.port}"], capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["results"][0]
        except (ValueError, LookupError):
            self.fail(f"{done.returncode} {done.stdout}{done.stderr}")

    def test_good(self):
        for make in GOOD:
            with self.subTest(make.__name__):
                got = self.ask(make)
                self.assertEqual(got["stage"], "ok", got["error"])

    def test_bad(self):
        for make, stage in BAD.items():
            with self.subTest(make.__name__):
                got = self.ask(make)
                self.assertEqual(got["stage"], stage, got["error"])
                self.assertNotIn("died", got["error"])
                self.assertRegex(got["error"], "CA certificates cannot be read" if stage == "local" else "its issuer is")


if __name__ == "__main__":
    unittest.main(verbosity=2)
