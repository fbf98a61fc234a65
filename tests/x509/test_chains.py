# SPDX-License-Identifier: GPL-2.0-or-later
"""Chains of certificates over TLS, as servers send them and as they should not: the installed ntsc asks a server that
presents them, on loopback, and tells the stage. NTSC: the program; NTSC_HOSTILE: the server."""
import base64
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import bed

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
SAN = "subjectAltName=IP:127.0.0.1,DNS:a.test\n"
SERVER = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n" + SAN
GONE = ("20200101000000Z", "20200301000000Z")


def openssl(*args, cwd):
    done = subprocess.run(["openssl", *map(str, args)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(" ".join(map(str, args)) + done.stderr)
    return done.stdout


class Chains(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        os.chmod(cls.place.name, 0o755)
        cls.dir, cls.count = cls.place.name, 0
        cls.root = cls.cert("root", CA)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    @classmethod
    def cert(cls, name, ext, issuer=None, key=None, dates=None, kind="ec"):
        """The path without suffix: .pem, .key."""
        cls.count += 1
        path = f"{cls.dir}/{cls.count}"
        make = {"ec": ("ecparam", "-name", "prime256v1", "-genkey", "-noout"),
                "ed25519": ("genpkey", "-algorithm", "ed25519")}[kind]
        if key:
            shutil.copy(key + ".key", path + ".key")
        else:
            openssl(*make, "-out", path + ".key", cwd=cls.dir)
        with open(path + ".cnf", "w") as file:
            file.write("[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=idx\nserial=serial\ndefault_md=default\n"
                       f"policy=p\nunique_subject=no\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\n{ext}")
        open(f"{cls.dir}/idx", "w").close()
        with open(f"{cls.dir}/serial", "w") as file:
            file.write(f"{4096 + cls.count:x}\n")
        openssl("req", "-new", "-key", path + ".key", "-subj", f"/CN={name}", "-out", path + ".csr", cwd=cls.dir)
        begin, end = dates or ("20250101000000Z", "20450101000000Z")
        sign = ("-cert", issuer + ".pem", "-keyfile", issuer + ".key") if issuer else (
            "-selfsign", "-keyfile", path + ".key")
        openssl("ca", "-config", path + ".cnf", "-batch", "-notext", "-in", path + ".csr", "-out", path + ".pem",
                "-startdate", begin, "-enddate", end, *sign, cwd=cls.dir)
        return path

    def ask(self, chain, ca=None, key=None, host="127.0.0.1", **more):
        def text(path):
            with open(path) as file:
                return file.read()
        pem = "".join(text(one + ".pem") for one in chain)
        with bed.Server(self.dir, pem, text((key or chain[0]) + ".key"), **more) as server:
            return server.ask(ca or self.root + ".pem", host)

    def assertGood(self, chain, **more):
        got = self.ask(chain, **more)
        self.assertEqual(got["stage"], "ok", got["error"])

    def assertBad(self, chain, stage, words, **more):
        got = self.ask(chain, **more)
        self.assertEqual(got["stage"], stage, got["error"])
        self.assertRegex(got["error"], words)
        self.assertNotIn("died", got["error"])

    def test_other_key(self):
        """The chain of somebody else: CertificateVerify is made with another key."""
        good, other = self.cert("good", SERVER, self.root), self.cert("other", SERVER, self.root)
        forged = self.forge(good, other)
        self.assertGood([good])
        got = self.ask([good], key=forged)
        self.assertEqual(got["stage"], "tls", got["error"])
        self.assertFalse(got["key_exchange"])

    def forge(self, public, private):
        """A key that claims to be of one pair and signs with the other: RFC 5915."""
        def inside(path):
            text = openssl("ec", "-in", path + ".key", "-outform", "PEM", cwd=self.dir)
            return base64.b64decode(re.search("-----BEGIN EC PRIVATE KEY-----(.*?)---", text, re.S)[1])
        mine, theirs = inside(private), inside(public)
        self.assertEqual((len(mine), len(theirs)), (121, 121))
        path = f"{self.dir}/forged"
        with open(path + ".key", "w") as file:
            file.write("-----BEGIN EC PRIVATE KEY-----\n" + base64.encodebytes(mine[:-65] + theirs[-65:]).decode() +
                       "-----END EC PRIVATE KEY-----\n")
        return path

    def test_no_ca_in_a_directory(self):
        """As ssl-cert's own certificate is in Debian's directory: it may sign for nobody."""
        snake = self.cert("snake", SERVER)
        evil = self.cert("evil", SERVER, snake)
        hashed = self.dir + "/hashed"
        os.mkdir(hashed)
        shutil.copy(snake + ".pem", hashed + "/snake.pem")
        openssl("rehash", hashed, cwd=self.dir)
        for ca in (hashed, snake + ".pem"):
            for chain in ([evil], [evil, snake]):
                self.assertBad(chain, "tls-trust", "issued by one that is no CA .that of CN=snake", ca=ca)
            self.assertGood([snake], ca=ca)

    def test_beside_the_path(self):
        """Expired, unrelated, doubled and unordered ones do no harm."""
        old, new = self.cert("Old Root", CA, dates=GONE), self.root
        cross = self.cert("root", CA, old, key=new, dates=GONE)
        one = self.cert("one", CA, new)
        two = self.cert("two", CA, one)
        leaf = self.cert("leaf", SERVER, two)
        stale = self.cert("two", CA, one, key=two, dates=GONE)
        stranger = self.cert("stranger", CA, old)
        for chain in ([leaf, two, one], [leaf, one, two], [leaf, two, one, cross], [leaf, two, one, cross, old],
                      [leaf, stale, two, one], [leaf, two, one, two, one], [leaf, stranger, one, two]):
            self.assertGood(chain)
        odd = self.cert("odd", CA + "1.2.3.4=critical,DER:0500\n", old)
        self.assertGood([leaf, two, one, odd])
        self.assertGood([leaf, odd, two, one])
        gone = self.cert("gone", SERVER, self.cert("gone root", CA, dates=GONE), dates=GONE)
        self.assertBad([gone], "tls-time", "expired on 2020-03-01.*that of CN=gone", ca=f"{self.dir}/{self.count - 1}.pem")
        self.assertBad([leaf, stale, one], "tls-time", "expired on 2020-03-01 00:00:00 UTC .that of CN=two")
        self.assertBad([leaf, two], "tls-trust", "does not lead to a CA.*its issuer is CN=one")

    def test_judged(self):
        for ext, words in (
                (CA + "extendedKeyUsage=emailProtection\n", "not meant for servers.*CN=middle"),
                (CA + "nameConstraints=critical,permitted;IP:10.0.0.0/255.0.0.0\n", "name constraints.*CN=middle"),
                (CA + "nameConstraints=critical,excluded;IP:127.0.0.0/255.0.0.0\n", "name constraints.*CN=middle"),
                (CA + "1.2.3.4=critical,DER:0500\n", "critical extension.*CN=middle"),
                (CA.replace("keyCertSign", "cRLSign"), "no CA.*CN=middle"),
                (CA.replace("TRUE", "FALSE").replace("keyCertSign", "cRLSign"), "no CA.*CN=middle")):
            middle = self.cert("middle", ext, self.root)
            self.assertBad([self.cert("leaf", SERVER, middle), middle], "tls-trust", words)
        leaf = self.cert("leaf", SERVER.replace("digitalSignature", "keyEncipherment"), self.root)
        self.assertBad([leaf], "tls-trust", "not meant for servers.*CN=leaf")
        plain = self.cert("middle", CA.replace("keyUsage=critical,keyCertSign\n", ""), self.root)
        self.assertGood([self.cert("leaf", SERVER, plain), plain])
        short = self.cert("short", CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"))
        middle = self.cert("middle", CA, short)
        self.assertBad([self.cert("leaf", SERVER, middle), middle], "tls-trust", "longer than a CA in it.*CN=short",
                       ca=short + ".pem")

    def test_namesake(self):
        """A CA of the same name that is not the same."""
        namesake = self.cert("root", CA)
        middle = self.cert("middle", CA, self.root)
        chain = [self.cert("leaf", SERVER, middle), middle]
        for sent in (chain, [*chain, self.root]):
            self.assertBad(sent, "tls-trust", "another key than that of the CA of that name.*that of CN=middle",
                           ca=namesake + ".pem")

    def test_names_are_told(self):
        leaf = self.cert("leaf", SERVER.replace("127.0.0.1", "192.0.2.7"), self.root)
        self.assertBad([leaf], "tls-name", "it has 192.0.2.7, a.test")

    def test_ed25519(self):
        root = self.cert("ed", CA, kind="ed25519")
        middle = self.cert("ed-middle", CA, root, kind="ed25519")
        leaf = self.cert("leaf", SERVER, middle, kind="ed25519")
        self.assertGood([leaf, middle], ca=root + ".pem")
        self.assertGood([leaf, middle, root], ca=root + ".pem")

    def test_many(self):
        """Nine is what the library takes; the words of ten say so, and those of bad ones what is bad."""
        way = [self.root]
        for i in range(9):
            way.insert(0, self.cert(f"level {i}", CA, way[0]))
        good, leaf = self.cert("leaf", SERVER, way[1]), self.cert("leaf", SERVER, way[0])
        self.assertGood([good, *way[1:-1]])
        self.assertBad([leaf, *way[:-1]], "tls", "more certificates than wolfSSL takes")
        stranger = self.cert("stranger", CA)
        self.assertBad([self.cert("leaf", SERVER, stranger), *way], "tls-trust", "does not lead to a CA.*CN=stranger")

    def test_withdrawn(self):
        """A CA file that is moved away is not trusted any more; a link to it is followed."""
        leaf, link = self.cert("leaf", SERVER, self.root), self.dir + "/link.pem"
        os.symlink(self.root + ".pem", link)
        self.assertGood([leaf], ca=link)
        os.rename(link, link + ".away")
        self.assertBad([leaf], "local", "CA certificates cannot be read", ca=link)


if __name__ == "__main__":
    unittest.main(verbosity=2)
