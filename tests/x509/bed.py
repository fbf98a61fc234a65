# SPDX-License-Identifier: GPL-2.0-or-later
"""One key exchange over TLS on loopback: the server presents what it is given, the installed ntsc judges. NTSC: the
program; NTSC_HOSTILE: the server."""
import json
import os
import socket
import subprocess
import tempfile
import threading


class Relay:
    """Between the two: alter(to_server, number, record) gives each TLS record as it goes on."""

    def __init__(self, port, alter):
        self.to, self.alter = int(port), alter
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        with client, socket.create_connection(("127.0.0.1", self.to)) as server:
            back = threading.Thread(target=self.carry, args=(server, client, False), daemon=True)
            back.start()
            self.carry(client, server, True)
            back.join()

    def carry(self, source, sink, to_server):
        number = 0
        try:
            while (head := self.exactly(source, 5)):
                body = self.exactly(source, int.from_bytes(head[3:5], "big"))
                sink.sendall(self.alter(to_server, number, head + body))
                number += 1
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    @staticmethod
    def exactly(source, n):
        data = b""
        while len(data) < n:
            more = source.recv(n - len(data))
            if not more:
                return b""
            data += more
        return data

    def close(self):
        self.listener.close()


class Unpresentable(Exception):
    """The server does not take the chain, or cannot listen there."""


class Server:
    """Presents `chain` with `key`, both PEM; script: as tests/hostile has it."""

    def __init__(self, place, chain, key, script="", alter=None, listen="127.0.0.1"):
        self.work = tempfile.mkdtemp(dir=place)
        os.chmod(self.work, 0o755)
        for name, text in ("chain", chain), ("key", key), ("script", script), ("empty", ""):
            with open(f"{self.work}/{name}", "w") as file:
                file.write(text)
        self.process = subprocess.Popen(
            [os.environ["NTSC_HOSTILE"], "-c", self.work + "/chain", "-k", self.work + "/key", "-o", self.work + "/log",
             "-l", listen, self.work + "/script"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        if not line:
            said = self.process.communicate()[1]
            raise Unpresentable(said.strip())
        self.port = line[1]
        self.relay = Relay(self.port, alter) if alter else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.relay:
            self.relay.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def ask(self, ca, host="127.0.0.1", more=()):
        """What ntsc -q -j says of it; ca: a path."""
        port = self.relay.port if self.relay else self.port
        done = subprocess.run([os.environ["NTSC"], "-q", "-j", "--no-state", "-f", self.work + "/empty", "-C", ca,
                               "-t", "20", *more, f"{host}:{port}"], capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["results"][0]
        except (ValueError, LookupError):
            raise AssertionError(f"ntsc: {done.returncode} {done.stdout}{done.stderr}") from None


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path
