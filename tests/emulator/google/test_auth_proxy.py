# SPDX-License-Identifier: Apache-2.0
"""Google's AlloyDB Auth Proxy, unmodified, through the emulator, with psql in front of it. ALDB_AUTH_PROXY is its program."""
import contextlib
import os
import pathlib
import signal
import subprocess
import time

import pytest

import harness
from harness import PRIVATE, PUBLIC

PROXY = os.environ["ALDB_AUTH_PROXY"]
PSQL = os.path.join(os.environ["ALDB_TEST_PGBIN"], "psql")
DATABASE, USER, PASSWORD = (os.environ["ALDB_TEST_" + name] for name in ("DATABASE", "USER", "PASSWORD"))
URI = harness.INSTANCE


class Proxy:
    """A running proxy, and what it printed."""

    def __init__(self, emulator, folder: pathlib.Path, *flags: str, environment: dict | None = None, endpoint: bool = True) -> None:
        self.port = harness.free_port()
        self.path = folder / "proxy.log"
        self._log = open(self.path, "w")
        more = ["--alloydbadmin-api-endpoint", emulator.facts["http"]] if endpoint else []
        self.process = subprocess.Popen(
            [PROXY, "--disable-built-in-telemetry", "--port", str(self.port), *more, *flags], stdout=self._log, stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(folder), **(environment or {})})
        deadline = time.monotonic() + 120
        while "ready for new connections" not in self.log():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        return self.path.read_text()

    def wait_log(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.log():
            assert time.monotonic() < deadline, f"{text!r} is not in {self.log()}"
            time.sleep(0.05)

    def start_psql(self, sql: str, user: str, password: str = "") -> subprocess.Popen:
        conninfo = f"host=127.0.0.1 port={self.port} dbname={DATABASE} user={user} sslmode=disable"
        return subprocess.Popen([PSQL, "-X", "-w", "-At", "-v", "ON_ERROR_STOP=1", conninfo, "-c", sql], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env={**os.environ, "PGPASSWORD": password} if password else None)

    def psql(self, sql: str, user: str, password: str = "") -> tuple[str, str]:
        out, error = self.start_psql(sql, user, password).communicate(timeout=120)
        return out.strip(), error.strip()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._log.close()


@pytest.fixture
def proxy(emulator, tmp_path):
    with contextlib.ExitStack() as stack:
        def make(*flags: str, **options) -> Proxy:
            made = Proxy(emulator, tmp_path, *flags, **options)
            stack.callback(made.stop)
            return made
        yield make


def token(emulator) -> list[str]:
    return ["--token", emulator.text_of("access-token")]


def test_password(emulator, proxy):
    sql = "select current_user, (select count(*) from generate_series(1, 200000))"
    assert proxy(*token(emulator), URI).psql(sql, USER, PASSWORD) == (f"{USER}|200000", "")
    exchange, = emulator.requests("exchange")
    assert (exchange["auth_type"], exchange["result"]) == ("DB_NATIVE", "OK") and exchange["user_agent"].startswith("alloydb-go-connector/")
    for call in emulator.requests("admin"):
        assert (call["version"], call["transport"], call["status"]) == ("v1alpha", "rest", 200)
        assert "alloy-db-auth-proxy/" in call["user_agent"] and "%2F" in call["request_params"]
    certificate = [call for call in emulator.requests("admin") if call["method"] == "generateClientCertificate"][0]
    assert certificate["key_encoding"] == "pkcs1"


def test_wrong_password(emulator, proxy):
    assert "password authentication failed" in proxy(*token(emulator), URI).psql("select 1", USER, "wrong")[1]


@pytest.mark.parametrize("flags, address", [([], PRIVATE), (["--public-ip"], PUBLIC), (["--psc"], "127.0.0.1")])
def test_iam_without_a_password(emulator, proxy, flags, address):
    # Go's resolver does not find "localhost." with the dot, which the instance's name has, in /etc/hosts.
    emulator.fault("connectionInfo", set={"pscDnsName": "localhost"})
    one = proxy(*token(emulator), "--auto-iam-authn", "--lazy-refresh", *flags, URI)
    assert one.psql("select current_user, session_user", "app@p1.iam") == ("app@p1.iam|app@p1.iam", "")
    assert emulator.wait_for("front")["address"] == address
    assert emulator.requests("exchange")[0]["auth_type"] == "AUTO_IAM"
    assert 'AlloyDB IAM user authentication failed for user "postgres"' in one.psql("select 1", "postgres")[1]


def test_credentials_file(emulator, proxy):
    """A service account's key: one token for the API, and one with the login scope."""
    one = proxy("--credentials-file", emulator.facts["credentials"]["service_account"], "--auto-iam-authn", URI)
    assert one.psql("select current_user", "app@p1.iam") == ("app@p1.iam", "")
    assert emulator.requests("exchange")[0]["scopes"] == ["https://www.googleapis.com/auth/alloydb.login"]


def test_static_info(emulator, proxy):
    one = proxy(*token(emulator), "--static-connection-info", emulator.facts["static_info"], "--auto-iam-authn", URI)
    assert one.psql("select current_user", "app@p1.iam") == ("app@p1.iam", "")
    assert emulator.requests("admin") == []


def test_google_s_own_names_and_impersonation(emulator, proxy):
    """No endpoint is given: alloydb.googleapis.com and iamcredentials.googleapis.com are reached through the emulator as a proxy."""
    environment = {"HTTPS_PROXY": emulator.facts["http"], "SSL_CERT_FILE": emulator.facts["api_ca"],
                   "GOOGLE_APPLICATION_CREDENTIALS": emulator.facts["credentials_https"]["authorized_user"]}
    target = emulator.facts["principals"]["far"]["email"] + "," + emulator.facts["principals"]["delegate"]["email"]
    one = proxy("--impersonate-service-account", target, "--auto-iam-authn", URI, environment=environment, endpoint=False)
    assert one.psql("select current_user", "far@p1.iam") == ("far@p1.iam", "")
    assert all(call["proxied"] and call["secure"] for call in emulator.requests("admin"))
    impersonation = emulator.requests("impersonate")[0]
    assert impersonation["proxied"] and len(impersonation["delegates"]) == 1


def test_cancel(emulator, proxy):
    """psql's cancel request takes a connection of its own: TLS, exchange, CancelRequest."""
    one = proxy(*token(emulator), "--auto-iam-authn", URI)
    running = one.start_psql("select pg_sleep(180)", "app@p1.iam")
    deadline = time.monotonic() + 55
    while one.psql("select count(*) from pg_stat_activity where usename = current_user and query like 'select pg_sleep%' and pid <> pg_backend_pid()",
                   "app@p1.iam")[0] != "1":
        assert time.monotonic() < deadline
    running.send_signal(signal.SIGINT)
    assert "canceling statement due to user request" in running.communicate(timeout=60)[1]
    assert emulator.wait_for("front", lambda entry: entry.get("first") == "cancel")["auth_type"] == "AUTO_IAM"


@pytest.mark.parametrize("at, effects, text", [
    ("connectionInfo", {"status": 403, "message": "no such luck"}, "failed to get instance metadata"),
    ("generateClientCertificate", {"status": 404, "message": "no such luck"}, "create ephemeral cert failed"),
    ("connectionInfo", {"status": 400, "message": "no such luck"}, "no such luck"),
    ("connectionInfo", {"omit": ["ipAddress", "publicIpAddress", "pscDnsName"]}, "it has no supported IP addresses"),
    ("connectionInfo", {"omit": ["ipAddress"]}, 'instance does not have IP of type "PRIVATE"'),
    ("exchange", {"reply": "error"}, "permission denied by emulator"),
    ("exchange", {"reply": "close"}, "EOF"),
    ("front", {"certificate": "wrong-san"}, f"certificate is valid for 192.0.2.1, not {PRIVATE}"),
    ("front", {"certificate": "stranger"}, "certificate signed by unknown authority"),
    ("front", {"tls": "1.2"}, "protocol version"),
    ("generateClientCertificate", {"lifetime": -60}, "certificate"),
    ("front", {"listen": "closed"}, "connection refused"),
])
def test_error(emulator, proxy, at, effects, text):
    emulator.fault(at, **effects)
    one = proxy(*token(emulator), "--lazy-refresh", URI)
    assert one.psql("select 1", USER, PASSWORD)[1]
    one.wait_log(text)
    emulator.reset()
    assert one.psql("select 1", USER, PASSWORD) == ("1", "")


def test_unavailable_is_tried_again(emulator, proxy):
    emulator.fault("admin", status=503, times=2)
    assert proxy(*token(emulator), "--lazy-refresh", URI).psql("select 1", USER, PASSWORD) == ("1", "")
    assert sorted(call["status"] for call in emulator.requests("admin")) == [200, 200, 503, 503]
