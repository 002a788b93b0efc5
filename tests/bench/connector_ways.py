# SPDX-License-Identifier: Apache-2.0
"""Front and Auth Proxy beside the emulator, and how programs connect by them. Runs inside of alloydb-emulator --run."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = os.environ["PROGRAMS"] + "/"
STATE = pathlib.Path(os.environ["ALLOYDB_EMULATOR_STATE"])
INSTANCE = os.environ["ALLOYDB_EMULATOR_INSTANCE"]
HOST, PORT = os.environ["ALDB_TEST_HOST"], os.environ["ALDB_TEST_PORT"]
DATABASE, USER = os.environ["ALDB_TEST_DATABASE"], "aldb_trust"  # a login of one round trip: passwords cost every way the same
TICK = os.sysconf("SC_CLK_TCK")


def free_port(address: str = "127.0.0.1") -> str:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return str(probe.getsockname()[1])


def cpu(process: subprocess.Popen) -> float:
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Ways:
    """Front and proxy, running. Without ALDB_AUTH_PROXY there is no proxy."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.facts = json.loads((STATE / "emulator.json").read_text())
        instance = self.facts["instances"][0]
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="connector-bench-"))
        self.address, self.port, self.plain_port = instance["private"], str(instance["port"]), free_port(instance["private"])
        self.ca = instance["ca"]
        self.front = subprocess.Popen(
            [PROGRAMS + "front", instance["identity"], instance["ca"], f"{os.environ['ALDB_TEST_SOCKETDIR']}/.s.PGSQL.{PORT}",
             self.address, self.port, self.plain_port], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(self._end, self.front)
        assert self.front.stdout.readline() == b"ready\n"
        self.proxy_port = self._start_proxy(stack) if os.environ.get("ALDB_AUTH_PROXY") else None
        info = json.loads((STATE / "static-info.json").read_text())
        self.identity = pathlib.Path(self.folder, "client.pem")
        self.identity.write_text("".join(info[INSTANCE]["pemCertificateChain"]) + info["privateKey"])

    def _start_proxy(self, stack: contextlib.ExitStack) -> str:
        port = free_port()
        log = stack.enter_context(open(self.folder + "/proxy", "w+"))
        self.proxy = subprocess.Popen(
            [os.environ["ALDB_AUTH_PROXY"], "--disable-built-in-telemetry", "--alloydbadmin-api-endpoint", self.facts["http"], "--token",
             (STATE / "access-token").read_text(), "--port", port, INSTANCE], stdout=log, stderr=log, env={**os.environ, "HOME": self.folder})
        stack.callback(self._end, self.proxy)
        deadline = time.monotonic() + 60
        while "ready for new connections" not in (text := pathlib.Path(log.name).read_text()):
            assert self.proxy.poll() is None and time.monotonic() < deadline, text
            time.sleep(0.05)
        return port

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(20)

    def target(self, family: str, way: str) -> list[str]:
        """Where a program of that family connects to: a connection string, or drain's arguments."""
        host, port = {"connector": (self.address, self.port), "proxy": ("127.0.0.1", self.proxy_port),
                      "front": (self.address, self.plain_port)}.get(way, (HOST, PORT))
        mode = "require" if way in ("front", "tls") else "disable"
        if family == "pq":
            return [f"host={host} port={port} dbname={DATABASE} user={USER} sslmode={mode} gssencmode=disable"]
        if family == "drain":
            return [host, port, *([str(self.identity), self.ca, str(STATE / "access-token")] if way == "connector" else [])]
        if way == "connector":
            where = f"Server={INSTANCE};ApiEndpoint={self.facts['http']};CredentialsFile={self.facts['credentials']['service_account']}"
        else:
            where = f"Server={host};Port={port};SSLMode={mode}"
        return [f"DRIVER=AlloyDB;{where};Database={DATABASE};UID={USER}"]
