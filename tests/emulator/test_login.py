# SPDX-License-Identifier: Apache-2.0
"""Logging in to the real PostgreSQL: IAM without a password, the token as the password, passwords that pass through, cancel, and ends of sessions."""
import os
import socket
import ssl
import struct
import subprocess
import time

import pytest

import harness
from alloydb_emulator import exchange, postgres
from test_front import Client, rest

APP, ALICE = "app@p1.iam", "alice@example.com"
DATABASE, USER, PASSWORD = (os.environ.get("ALDB_TEST_" + name, "") for name in ("DATABASE", "USER", "PASSWORD"))


class Session:
    """A session of PostgreSQL's protocol on a stream: start-up, simple queries, the parameters and the cancel key that the server told."""

    def __init__(self, sock, user, password=None, **parameters):
        self.sock = sock
        self.asked = []
        sock.sendall(postgres.startup_message({"user": user, "database": DATABASE, **parameters}))
        self.parameters, self.key = {}, None
        scram = None
        while True:
            kind, body = postgres.read_message(sock)
            if kind == b"E":
                raise postgres.PostgresError(postgres.error_text(body))
            if kind == b"R":
                code = struct.unpack(">I", body[:4])[0]
                self.asked.append(code)
                if code == 3:
                    sock.sendall(postgres.message(b"p", password.encode() + b"\0"))
                elif code == 10:
                    scram = postgres.Scram(password)
                    first = scram.first()
                    sock.sendall(postgres.message(b"p", b"SCRAM-SHA-256\0" + struct.pack(">I", len(first)) + first))
                elif code == 11:
                    sock.sendall(postgres.message(b"p", scram.final(body[4:])))
                elif code == 12:
                    scram.verify(body[4:])
            elif kind == b"S":
                name, value, _ = body.split(b"\0")
                self.parameters[name.decode()] = value.decode()
            elif kind == b"K":
                self.key = body
            elif kind == b"Z":
                return

    def query(self, sql):
        self.sock.sendall(postgres.message(b"Q", sql.encode() + b"\0"))
        rows = []
        failure = None
        while True:
            kind, body = postgres.read_message(self.sock)
            if kind == b"D":
                rows.append(postgres._row(body))
            elif kind == b"E":
                failure = postgres.PostgresError(postgres.error_text(body))
            elif kind == b"Z":
                if failure:
                    raise failure
                return rows


@pytest.fixture
def client(real):
    return Client(real)


def iam(client, user=APP, **options):
    return Session(client.exchanged(auth_type=exchange.AUTO_IAM, **options), user)


def test_iam(client):
    """No request for a password, and the server's own parameters, key and readiness behind AuthenticationOk."""
    session = iam(client)
    assert session.asked == [0]
    assert session.query("select current_user, session_user") == [(APP, APP)]
    assert {"server_version", "client_encoding", "TimeZone", "integer_datetimes", "standard_conforming_strings"} <= set(session.parameters)
    (pid,), = session.query("select pg_backend_pid()")
    assert struct.unpack(">I", session.key[:4]) == (int(pid),)
    session.sock.close()
    entry = client.emulator.wait_for("front")
    assert (entry["user"], entry["iam"], entry["stage"]) == (APP, client.emulator.facts["principals"]["app"]["email"], "session")


def test_parameters_of_the_client_reach_the_server(client):
    sock = client.exchanged(auth_type=exchange.AUTO_IAM)
    session = Session(sock, APP, application_name="über uns", options="-c statement_timeout=1234 -c geqo=off", DateStyle="German")
    row, = session.query("select current_setting('statement_timeout'), current_setting('geqo'), current_setting('DateStyle')")
    assert row == ("1234ms", "off", "German, DMY")
    assert session.parameters["DateStyle"] == "German, DMY"
    sock.close()


def test_a_person(client):
    session = iam(client, ALICE, token=client.emulator.text_of("alice-token"))
    assert session.query("select current_user") == [(ALICE,)]


def test_login_token_is_enough(client):
    assert iam(client, token=client.emulator.text_of("login-token")).query("select 1") == [("1",)]


@pytest.mark.parametrize("user", [USER, "postgres", ALICE, "nobody", "app@p1.iam.gserviceaccount.com", ""])
def test_another_user_than_the_token_says(client, user):
    with pytest.raises(postgres.PostgresError, match=f'FATAL: AlloyDB IAM user authentication failed for user "{user}" .28000.'):
        iam(client, user)


def test_database_that_is_not_there(client):
    """The server's own error, unchanged."""
    sock = client.exchanged(auth_type=exchange.AUTO_IAM)
    with pytest.raises(postgres.PostgresError, match='FATAL: database "missing" does not exist .3D000.'):
        Session(sock, APP, database="missing")


def test_password_passes_through(client):
    session = Session(client.exchanged(), USER, PASSWORD)
    assert session.asked[0] == 10 and session.query("select current_user") == [(USER,)]
    with pytest.raises(postgres.PostgresError, match="password authentication failed"):
        Session(client.exchanged(), USER, "wrong")


def test_iam_role_has_no_password_that_a_client_could_know(client):
    """DB_NATIVE with an IAM role is the server's affair: it asks for the secret which nobody has."""
    with pytest.raises(postgres.PostgresError, match="password authentication failed"):
        Session(client.exchanged(), APP, "guess")


def test_without_exchange_the_token_is_the_password(real):
    client = Client(real, uses_exchange=False)
    session = Session(client.tls(), APP, real.text_of("access-token"))
    assert session.asked == [3, 0] and session.query("select current_user") == [(APP,)]
    with pytest.raises(postgres.PostgresError, match="AlloyDB IAM user authentication failed"):
        Session(client.tls(), APP, "wrong")
    with pytest.raises(postgres.PostgresError, match="AlloyDB IAM user authentication failed"):
        Session(client.tls(), APP, real.text_of("alice-token"))
    assert Session(client.tls(), USER, PASSWORD).asked[0] == 10


def direct(real, user, password, sslmode="verify-full"):
    facts = real.facts["instances"][0]
    conninfo = (f"host={facts['private']} port={facts['direct_port']} dbname={DATABASE} user={user} sslmode={sslmode} sslrootcert={facts['ca']}")
    psql = os.environ["ALDB_TEST_PGBIN"] + "/psql"
    return subprocess.run([psql, "-X", "-w", "-At", conninfo, "-c", "select current_user"], capture_output=True, text=True,
                          env={**os.environ, "PGPASSWORD": password}, timeout=60)


def test_direct_port(real):
    assert direct(real, APP, real.text_of("login-token")).stdout == APP + "\n"
    assert direct(real, USER, PASSWORD).stdout == USER + "\n"
    assert "IAM user authentication failed" in direct(real, APP, "wrong").stderr
    assert "requires TLS" in direct(real, USER, PASSWORD, "disable").stderr


def test_cancel(client):
    session, watch = iam(client), Session(client.exchanged(), USER, PASSWORD)
    pid = struct.unpack(">I", session.key[:4])[0]
    session.sock.sendall(postgres.message(b"Q", b"select pg_sleep(60)\0"))
    deadline = time.monotonic() + 60
    while watch.query(f"select wait_event from pg_stat_activity where pid = {pid}") != [("PgSleep",)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with client.exchanged(auth_type=exchange.AUTO_IAM) as other:
        other.sendall(struct.pack(">II", 16, postgres.CANCEL) + session.key)
        assert rest(other) == b""
    kind, body = postgres.read_message(session.sock)
    while kind != b"E":
        kind, body = postgres.read_message(session.sock)
    assert "57014" in postgres.error_text(body)


def test_large_result_and_large_query(client):
    session = iam(client)
    assert session.query("select length(%s)" % ("'" + "x" * 3_000_000 + "'")) == [("3000000",)]
    assert len(session.query("select g, repeat('y', 100) from generate_series(1, 50000) g")) == 50000


def test_backend_that_is_terminated(client):
    session, other = iam(client), Session(client.exchanged(), USER, PASSWORD)
    pid = struct.unpack(">I", session.key[:4])[0]
    # aldb_test has pg_signal_backend.
    assert other.query(f"select pg_terminate_backend({pid})") == [("t",)]
    kind, body = postgres.read_message(session.sock)
    assert kind == b"E" and "57P01" in postgres.error_text(body)
    assert session.sock.recv(1) == b""


def test_client_that_vanishes_leaves_no_backend(client):
    session = iam(client)
    pid = struct.unpack(">I", session.key[:4])[0]
    session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.sock.close()
    other = Session(client.exchanged(), USER, PASSWORD)
    deadline = time.monotonic() + 60
    while other.query(f"select count(*) from pg_stat_activity where pid = {pid}") != [("0",)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_iam_switched_off(real):
    with harness.Emulator("--instance", harness.INSTANCE + "?iam=off", "--listen", "auto", *harness.server_arguments()) as off:
        client = Client(off)
        with client.tls() as sock:
            client.ask(sock, auth_type=exchange.AUTO_IAM)
            answer = rest(sock)
        assert b"IAM authentication is not enabled" in answer
        assert Session(client.exchanged(), USER, PASSWORD).query("select 1") == [("1",)]


def test_roles_that_the_server_trusts_or_that_have_a_password(real, tmp_path):
    """Without --admin: over the socket one that pg_hba.conf trusts, over TCP with SCRAM, MD5 and in clear."""
    (tmp_path / "password").write_text(PASSWORD + "\n")
    roles = ["aldb_trust", "aldb_test", "aldb_md5", "aldb_clear"]
    persons = [argument for role in roles for argument in ("--person", role)]
    for server, wanted in ((f"{os.environ['ALDB_TEST_SOCKETDIR']}:{os.environ['ALDB_TEST_PORT']}", ["aldb_trust"]),
                           (f"127.0.0.1:{os.environ['ALDB_TEST_PORT']}", roles)):
        more = ["--role-password-file", str(tmp_path / "password")] if wanted is roles else []
        with harness.Emulator("--instance", harness.INSTANCE, "--listen", "auto", "--postgres", server, *persons, *more) as one:
            client = Client(one)
            for role in roles:
                token = one.http("POST", "/_emulator/tokens", {"principal": role})[1]["access_token"]
                if role in wanted:
                    session = iam(client, role, token=token)
                    assert session.asked == [0] and session.query("select current_user") == [(role,)]
                else:
                    with pytest.raises(postgres.PostgresError, match="asks for a password"):
                        iam(client, role, token=token)


def test_wrong_postgresql(tmp_path):
    """A server that cannot be reached is the client's to see, and the journal's."""
    with harness.Emulator("--instance", harness.INSTANCE, "--listen", "auto", "--postgres", f"127.0.0.1:{harness.free_port()}") as lonely:
        client = Client(lonely)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            iam(client)
        assert "Connection refused" in lonely.wait_for("front")["ended"]
