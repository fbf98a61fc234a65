# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for the tests, good and bad, by the openssl command; the kinds are in pki.cnf."""
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CONF = Path(__file__).resolve().parent / "pki.cnf"
DAY = 86400

_NEW_KEY = {
    "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa2048": ["-newkey", "rsa:2048"],
    "rsa1024": ["-newkey", "rsa:1024"],
    "ed25519": ["-newkey", "ed25519"],
}


@dataclass
class Cert:
    name: str
    cert: Path   # this certificate alone
    key: Path
    chain: Path  # what a server sends: this one, then its intermediates, never the root


class Pki:
    def __init__(self, directory):
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "index").touch()
        (self.dir / "serial").write_text("1000\n")

    def _openssl(self, args, cn="", san="DNS:unused"):
        env = {**os.environ, "PKI_DIR": str(self.dir), "PKI_CN": cn, "PKI_SAN": san}
        done = subprocess.run(["openssl"] + [str(a) for a in args], env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {args[0]}: {done.stdout}")

    def make(self, name, kind, issuer=None, cn=None, san=(), days=(-1, 30), key="ec", md="sha256"):
        """A certificate of the [kind] in pki.cnf, by `issuer` (None: by itself), valid between
        `days` from now. san: ["DNS:a.test", "IP:192.0.2.1"]."""
        cert, key_file, csr = (self.dir / f"{name}.{end}" for end in ("pem", "key", "csr"))
        cn, san = cn or name, ",".join(san) or "DNS:unused"
        self._openssl(["req", "-new", "-config", CONF, *_NEW_KEY[key], "-nodes", "-keyout",
                       key_file, "-out", csr], cn)
        start, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + d * DAY))
                      for d in days)
        by = ["-selfsign", "-keyfile", key_file] if issuer is None else \
             ["-cert", issuer.cert, "-keyfile", issuer.key]
        self._openssl(["ca", "-config", CONF, "-batch", "-notext", "-in", csr, "-out", cert, *by,
                       "-startdate", start, "-enddate", end, "-extensions", kind, "-md", md],
                      cn, san)
        chain = self.dir / f"{name}.chain"
        above = issuer.chain.read_text() if issuer and issuer.chain.name != issuer.cert.name else ""
        chain.write_text(cert.read_text() + above)
        # A root's own "chain" is its certificate file, which is how the line above knows it.
        return Cert(name, cert, key_file, cert if issuer is None else chain)

    def root(self, name="root", **more):
        return self.make(name, "root", **more)

    def server(self, name, issuer, san, **more):
        return self.make(name, more.pop("kind", "server"), issuer, san=san, **more)
