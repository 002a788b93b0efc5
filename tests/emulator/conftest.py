# SPDX-License-Identifier: Apache-2.0
"""Emulators for its own tests: one before a stand-in for PostgreSQL, and one before the real server that tests/run started."""
import os
import pathlib
import socket
import sys
import threading

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness  # noqa: E402
from alloydb_emulator import postgres  # noqa: E402


class StandIn:
    """A "PostgreSQL" that reads the first packet, keeps it, and echoes what comes after; it knows no login. Answers "EOF" to a cancel by closing."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.first: list[postgres.Startup] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(f"{folder}/.s.PGSQL.1")
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            try:
                self.first.append(postgres.read_startup(sock))
                if self.first[-1].kind == "cancel":
                    return
                while data := sock.recv(65536):
                    sock.sendall(data)
            except OSError:
                pass


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    return StandIn(str(tmp_path_factory.mktemp("s")))


@pytest.fixture(scope="session")
def bare(stand_in):
    """An emulator that needs no PostgreSQL: one instance on an address of its own."""
    with harness.Emulator("--instance", f"{harness.INSTANCE}?psc=db.example.com.@127.0.0.1&port={harness.free_port()}", "--listen", "auto",
                          "--postgres", f"{stand_in.folder}:1", "--token", "my-own-token=alice") as running:
        yield running


@pytest.fixture
def emulator(bare):
    bare.reset()
    yield bare
    bare.reset()


@pytest.fixture(scope="session")
def before_postgres():
    """An emulator before the real server."""
    if not os.environ.get("ALDB_TEST_SOCKETDIR"):
        pytest.skip("ALDB_TEST_SOCKETDIR is not set; tests/run starts a server and sets it")
    with harness.Emulator("--instance", harness.INSTANCE, "--listen", "auto", "--direct-port", str(harness.free_port()),
                          *harness.server_arguments()) as running:
        yield running


@pytest.fixture
def real(before_postgres):
    before_postgres.reset()
    yield before_postgres
    before_postgres.reset()
