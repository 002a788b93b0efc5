# SPDX-License-Identifier: Apache-2.0
"""Starts the emulator for a test, and talks to it: only through its command, its files and its HTTP, as any user would."""
import contextlib
import fcntl
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

COMMAND = str(pathlib.Path(__file__).resolve().parent / "alloydb-emulator")
INSTANCE = "projects/p1/locations/us-central1/clusters/c1/instances/i1"
PRIVATE, PUBLIC = "127.11.0.7", "127.11.0.8"    # of the one instance that Google's programs see
START_SECONDS = 120
STOP_SECONDS = 60


class Emulator:
    """A running emulator. `facts` is emulator.json. Use it as a context: leaving it demands that the emulator ends cleanly."""

    def __init__(self, *arguments: str, python: str = sys.executable, folder: str | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="emulator-test-") if folder is None else None
        self.folder = pathlib.Path(folder or self._temporary.name)
        self._log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen([python, COMMAND, "--state", str(self.folder / "state"), "--until-parent-ends", *arguments],
                                        stdout=self._log, stderr=subprocess.STDOUT)
        self.state = self.folder / "state"
        deadline = time.monotonic() + START_SECONDS
        while not (self.state / "ready").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                raise RuntimeError(f"the emulator did not start: {self.log()}")
            time.sleep(0.05)
        self.facts = json.loads((self.state / "emulator.json").read_text())

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(self, kind, *_rest) -> None:
        status = self.stop()
        if kind is None and (status != 0 or "Traceback" in self.text):
            raise AssertionError(f"the emulator ended with status {status}: {self.text}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status; `text` keeps what it printed."""
        self.process.send_signal(number)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.text = self.log()
        self._log.close()
        if self._temporary:
            self._temporary.cleanup()
        return status

    # ---- HTTP -----------------------------------------------------------------------------------------------------

    def http(self, method: str, path: str, body: object = None, headers: dict | None = None, base: str = "") -> tuple[int, object, dict]:
        """(status, JSON or text, headers) of one call; `body` is JSON unless it is bytes."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request((base or self.facts["http"]) + path, data, {"Content-Type": "application/json", **(headers or {})},
                                         method=method)
        context = ssl.create_default_context(cafile=self.facts["api_ca"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        try:
            answer = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            try:
                return answer.status, json.loads(text), answer.headers
            except ValueError:
                return answer.status, text, answer.headers

    def requests(self, kind: str = "") -> list[dict]:
        return self.http("GET", f"/_emulator/requests?kind={kind}")[1]["requests"]

    def reset(self) -> None:
        assert self.http("POST", "/_emulator/reset")[0] == 200

    def fault(self, at: str, **effects) -> int:
        status, answer, _ = self.http("POST", "/_emulator/faults", {"at": at, **effects})
        assert status == 200, answer
        return answer[0]["id"]

    def text_of(self, name: str) -> str:
        return (self.state / name).read_text()

    def wait_for(self, kind: str, wanted=lambda entry: True, seconds: float = 60) -> dict:
        """The first journal entry of that kind which is wanted; the front writes its entry when a connection has ended."""
        deadline = time.monotonic() + seconds
        while True:
            for entry in self.requests(kind):
                if wanted(entry):
                    return entry
            assert time.monotonic() < deadline, f"no such {kind} entry among {self.requests(kind)}"
            time.sleep(0.05)


class PortTaken(Exception):
    """Another program than one of these tests listens there."""


@contextlib.contextmanager
def alone():
    """One test at a time on this machine has 127.0.0.1 port 5433, where "localhost" leads and where Google's connectors must go."""
    with open(os.path.join(tempfile.gettempdir(), f"alloydb-emulator-5433.{os.getuid()}.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", 5433)) == 0:
                raise PortTaken("another program listens on 127.0.0.1 port 5433, the only one that Google's connectors know")
        yield


def settle() -> None:
    """Waits for the pump threads of the psycopg bridge in Google's Python connector. They close the TLS socket under each other's feet, and one that
    still reads from it may take the first bytes (19 were seen, the rest of a close_notify) of whatever socket the process opens next.
    """
    for thread in threading.enumerate():
        if thread.name.endswith(("(forward)", "(_accept_and_proxy)")):
            thread.join(5)


def free_port() -> int:
    """A port on which nobody listens: below those that the kernel gives to clients, which would take it again before it is used."""
    for _ in range(200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.randrange(10000, 20000)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free TCP port among 200 tried between 10000 and 20000")


def static_context(emulator: Emulator, instance: str = INSTANCE) -> ssl.SSLContext:
    """A client's TLS context made from static-info.json."""
    info = json.loads(emulator.text_of("static-info.json"))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "pem")
        path.write_text("".join(info[instance]["pemCertificateChain"]) + info["privateKey"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(path)
        context.load_verify_locations(cadata=info[instance]["caCert"])
    return context


def server_arguments() -> list[str]:
    """The emulator's arguments for the PostgreSQL that tests/run started."""
    return ["--postgres", f"{os.environ['ALDB_TEST_SOCKETDIR']}:{os.environ['ALDB_TEST_PORT']}", "--admin", "postgres"]
