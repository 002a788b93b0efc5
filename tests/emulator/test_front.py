# SPDX-License-Identifier: Apache-2.0
"""The front: TLS, the exchange with all that can go wrong in it, relaying, cancel, and being killed. Behind it stands an echo, not PostgreSQL."""
import contextlib
import hashlib
import json
import os
import pathlib
import socket
import ssl
import struct
import tempfile
import threading
import time

import pytest

import harness
from alloydb_emulator import exchange, pki, postgres

INSTANCE = harness.INSTANCE
CLUSTER = INSTANCE.rpartition("/instances")[0]
KEY = pki.new_key()


class Client:
    """What a connector does, step by step, with a certificate from the API."""

    def __init__(self, emulator, uses_exchange=True, **changes):
        self.emulator = emulator
        self.facts = emulator.facts["instances"][0]
        self.key = KEY
        body = {"publicKey": pki.public_pem(self.key), "certDuration": "3600s", "useMetadataExchange": uses_exchange}
        status, self.answer, _ = emulator.http("POST", f"/v1beta/{CLUSTER}:generateClientCertificate", body,
                                               {"Authorization": "Bearer " + emulator.text_of("access-token")})
        assert status == 200
        self.chain = changes.get("chain", self.answer["pemCertificateChain"])

    def context(self, with_certificate=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.answer["caCert"])
        if with_certificate:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "pem")
                path.write_text("".join(self.chain) + pki.key_pem(self.key))
                context.load_cert_chain(path)
        return context

    def tcp(self, address="private"):
        sock = socket.create_connection((self.facts[address] if address in self.facts else address, self.facts["port"]), 20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def tls(self, name=None, context=None, address="private"):
        return (context or self.context()).wrap_socket(self.tcp(address), server_hostname=name or self.facts["private"])

    def ask(self, sock, auth_type=exchange.DB_NATIVE, token=None):
        sock.sendall(exchange.request("test", auth_type, self.emulator.text_of("access-token") if token is None else token))

    def exchanged(self, **options):
        sock = self.tls()
        self.ask(sock, **options)
        assert postgres.read_exactly(sock, 6) == exchange.answer(exchange.OK)
        return sock

    def session(self):
        sock = self.exchanged()
        sock.sendall(postgres.startup_message({"user": "u", "database": "d", "application_name": "a"}))
        return sock


def rest(sock):
    """What comes until the end; a reset counts as one."""
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return data


def answer_of(sock):
    (length,) = struct.unpack(">I", postgres.read_exactly(sock, 4))
    return exchange.parse_answer(postgres.read_exactly(sock, length))


@pytest.fixture
def client(emulator):
    return Client(emulator)


# ---- TLS ------------------------------------------------------------------------------------------------------------

def test_tls_is_1_3_without_alpn(client):
    context = client.context()
    context.set_alpn_protocols(["postgresql", "h2"])
    with client.tls(context=context) as sock:
        assert sock.version() == "TLSv1.3" and sock.selected_alpn_protocol() is None
    old = client.context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        client.tls(context=old)


def test_names(client):
    """Both addresses and the PSC name without its dot; a client may send an IP address as its SNI."""
    for name in (client.facts["private"], client.facts["public"], "db.example.com"):
        with client.tls(name=name) as sock:
            names = {value for _, value in sock.getpeercert()["subjectAltName"]}
            assert names == {client.facts["private"], "db.example.com"}
    with pytest.raises(ssl.SSLCertVerificationError, match="(?i)mismatch"):
        client.tls(name="192.0.2.1")


def test_psc_address_is_listened_on_too(client):
    with client.tls(address="127.0.0.1", name="db.example.com") as sock:
        client.ask(sock)
        assert answer_of(sock)["response_code"] == exchange.OK


def test_client_certificate_is_demanded(client):
    with client.tls(context=client.context(with_certificate=False)) as sock:
        with pytest.raises(ssl.SSLError, match="(?i)certificate.required"):
            sock.recv(1)


@pytest.mark.parametrize("fault, alert", [({"leaf": "stranger"}, "unknown.ca"), ({"lifetime": -60}, "certificate.expired"),
                                          ({"starts_in": 600}, "bad.certificate")])
def test_client_certificate_is_verified(emulator, fault, alert):
    """With TLS 1.3 the client learns it where it reads, and the alert must not be lost although the client has sent more."""
    emulator.fault("generateClientCertificate", **fault)
    client = Client(emulator)
    for _ in range(5):
        with client.tls() as sock:
            client.ask(sock)
            with pytest.raises(ssl.SSLError, match="(?i)" + alert):
                sock.recv(1)
    assert "TLS: " in emulator.wait_for("front")["ended"]


def test_leaf_alone_is_not_enough(emulator):
    """The whole chain must come: the front trusts the root only."""
    client = Client(emulator)
    client.chain = client.chain[:1]
    with client.tls() as sock, pytest.raises(ssl.SSLError, match="(?i)unknown.ca"):
        sock.recv(1)


def test_other_cluster_is_not_trusted(emulator, stand_in):
    with harness.Emulator("--instance", INSTANCE, "--listen", "auto", "--postgres", f"{stand_in.folder}:1", "--instance",
                          INSTANCE.replace("c1", "c2")) as two:
        client = Client(two)
        other = two.facts["instances"][1]
        context = client.context()
        context.load_verify_locations(cadata=(two.state / "cluster-ca-1.pem").read_text())
        with context.wrap_socket(socket.create_connection((other["private"], other["port"]), 20), server_hostname=other["private"]) as sock:
            with pytest.raises(ssl.SSLError, match="(?i)alert"):
                sock.recv(1)


def test_another_program_in_its_place(emulator, client):
    """front-N.pem, while nobody listens there."""
    emulator.fault("front", listen="closed")
    facts = emulator.facts["instances"][0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(emulator.state / "front-0.pem")
    context.load_verify_locations(emulator.state / "cluster-ca-0.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((facts["private"], facts["port"])) as listening:
        def serve():
            with context.wrap_socket(listening.accept()[0], server_side=True) as sock:
                sock.sendall(b"in its place")

        other = threading.Thread(target=serve)
        other.start()
        with client.tls() as sock:
            assert postgres.read_exactly(sock, 12) == b"in its place"
        other.join()


@pytest.mark.parametrize("certificate, text", [("wrong-san", "mismatch"), ("no-san", "mismatch|no appropriate"),
                                               ("stranger", "unable to get|self.signed"),
                                               ("expired", "has expired"), ("not-yet-valid", "not yet valid")])
def test_wrong_front_certificates(client, certificate, text):
    client.emulator.fault("front", certificate=certificate, times=1)
    with pytest.raises(ssl.SSLCertVerificationError, match="(?i)" + text):
        client.tls()
    client.tls().close()


def test_tls_1_2_only(client):
    client.emulator.fault("front", tls="1.2", times=1)
    with client.tls() as sock:
        assert sock.version() == "TLSv1.2"


# ---- the exchange ---------------------------------------------------------------------------------------------------

def test_good(client):
    for auth_type, name in ((exchange.DB_NATIVE, "DB_NATIVE"), (exchange.AUTO_IAM, "AUTO_IAM"), (exchange.AUTH_UNSPECIFIED, "UNSPECIFIED")):
        client.emulator.reset()
        with client.exchanged(auth_type=auth_type):
            pass
        entry, = client.emulator.requests("exchange")
        assert (entry["auth_type"], entry["result"], entry["user_agent"]) == (name, "OK", "test")
    assert client.emulator.text_of("access-token") not in json.dumps(client.emulator.requests())


def test_nothing_follows_the_answer(client):
    """A client that reads through a buffer must not lose what belongs to PostgreSQL's protocol."""
    sock = client.exchanged()
    sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.close()


def test_byte_by_byte(client):
    sock = client.tls()
    for byte in exchange.request("test", exchange.DB_NATIVE, client.emulator.text_of("login-token")):
        sock.sendall(bytes([byte]))
    assert answer_of(sock)["response_code"] == exchange.OK
    sock.close()


@pytest.mark.parametrize("token, text", [("", "the token is empty"), ("invented", "the token is not known")])
def test_wrong_token(client, token, text):
    with client.tls() as sock:
        client.ask(sock, token=token)
        answer = answer_of(sock)
        assert answer["response_code"] == exchange.ERROR and text in answer["error"] and rest(sock) == b""


def test_wrong_scope_and_age(client):
    made = client.emulator.http("POST", "/_emulator/tokens", {"scopes": ["https://www.googleapis.com/auth/userinfo.email"]})[1]["access_token"]
    old = client.emulator.http("POST", "/_emulator/tokens", {"lifetime": -1})[1]["access_token"]
    for token, text in ((made, "neither the scope"), (old, "expired")):
        with client.tls() as sock:
            client.ask(sock, token=token)
            assert text in answer_of(sock)["error"]


@pytest.mark.parametrize("wire, text", [
    (struct.pack(">I", 16385) + b"x" * 16385, "exceeds the limit of 16384"), (exchange.frame(b"\xff\xff"), "cannot be parsed"),
    (exchange.frame(b"\x10\x09"), "unknown auth_type 9"), (postgres.startup_message({"user": "u" * 70000}), "exceeds the limit")],
    ids=["length", "garbage", "auth-type", "startup"])
def test_wrong_requests(client, wire, text):
    with client.tls() as sock:
        sock.sendall(wire)
        assert text in answer_of(sock)["error"]


def test_largest_request(client):
    token = client.emulator.text_of("access-token")
    wire = exchange.request("a" * (16384 - len(token) - 7), exchange.DB_NATIVE, token)
    assert len(wire) == 4 + 16384
    with client.tls() as sock:
        sock.sendall(wire)
        assert answer_of(sock)["response_code"] == exchange.OK


@pytest.mark.parametrize("reply", [name for name in exchange.BAD_ANSWERS if name not in ("error", "pg-error", "silent", "unknown-fields")])
def test_bad_answers(client, reply):
    client.emulator.fault("exchange", reply=reply)
    with client.tls() as sock:
        client.ask(sock)
        assert rest(sock) == exchange.BAD_ANSWERS[reply]
    assert client.emulator.wait_for("front")["ended"] == "fault: " + reply


@pytest.mark.parametrize("fault, wire", [
    ({"reply": "error", "text": "no"}, exchange.answer(exchange.ERROR, "no")), ({"text": "no"}, exchange.answer(exchange.ERROR, "no")),
    ({"reply": "pg-error", "sqlstate": "57P03", "text": "starting"}, exchange.pg_error("FATAL", "57P03", "starting")),
    ({"raw": "45000000"}, b"E\0\0\0"), ({"raw": ""}, b"")])
def test_chosen_answers(client, fault, wire):
    client.emulator.fault("exchange", **fault)
    with client.tls() as sock:
        client.ask(sock)
        assert rest(sock) == wire


def test_unknown_fields_are_a_good_answer(client):
    client.emulator.fault("exchange", reply="unknown-fields")
    with client.tls() as sock:
        client.ask(sock)
        assert postgres.read_exactly(sock, len(exchange.UNKNOWN_FIELDS)) == exchange.UNKNOWN_FIELDS
        sock.sendall(postgres.startup_message({"user": "u"}) + b"hello")
        assert postgres.read_exactly(sock, 5) == b"hello"


def test_slow_and_late(client):
    client.emulator.fault("exchange", slow=0.1)
    started = time.monotonic()
    client.exchanged().close()
    assert time.monotonic() - started > 0.4
    client.emulator.reset()
    client.emulator.fault("exchange", delay=0.4)
    started = time.monotonic()
    client.exchanged().close()
    assert time.monotonic() - started > 0.4


@pytest.mark.parametrize("at, fault", [("front", {"accept": "silent"}), ("exchange", {"reply": "silent"}), ("login", {"reply": "silent"})])
def test_silence(client, at, fault):
    client.emulator.fault(at, **fault)
    if at == "front":
        sock = client.tcp()
    else:
        sock = client.tls()
        client.ask(sock)
        if at == "login":
            answer_of(sock)
            sock.sendall(postgres.startup_message({"user": "u"}))
    sock.settimeout(0.4)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.close()
    assert client.emulator.wait_for("front")["ended"] == "fault: silent"


def test_certificate_without_exchange(emulator, stand_in):
    client = Client(emulator, uses_exchange=False)
    with client.tls() as sock:
        sock.sendall(postgres.startup_message({"user": "u"}) + b"hello")
        assert postgres.read_exactly(sock, 5) == b"hello"
    assert emulator.requests("exchange") == []


# ---- the stream -----------------------------------------------------------------------------------------------------

def test_startup_arrives_as_it_was_sent(client, stand_in):
    sock = client.session()
    sock.sendall(b"ping")
    assert postgres.read_exactly(sock, 4) == b"ping"
    assert stand_in.first[-1].parameters == {"user": "u", "database": "d", "application_name": "a"}
    session, = client.emulator.http("GET", "/_emulator/state")[1]["fronts"][0]["sessions"]
    assert (session["stage"], session["user"], session["database"], session["application"]) == ("session", "u", "d", "a")
    sock.close()
    entry = client.emulator.wait_for("front")
    assert entry["bytes_to_client"] == 4 and entry["first"] == "startup"


def test_ssl_request_within_is_declined(client):
    with client.exchanged() as sock:
        sock.sendall(struct.pack(">II", 8, postgres.SSL))
        assert sock.recv(1) == b"N"
        sock.sendall(struct.pack(">II", 8, postgres.GSSENC))
        assert sock.recv(1) == b"N"
        sock.sendall(postgres.startup_message({"user": "u"}) + b"x")
        assert sock.recv(1) == b"x"


@pytest.mark.parametrize("size", [1, 16384, 16385, 1_000_000, 50_000_000])
def test_bytes_are_the_same(client, size):
    """Both directions at once, more than all buffers hold: nothing lost, nothing stuck."""
    sock = client.session()
    data = os.urandom(min(size, 1_000_000)) * (size // min(size, 1_000_000))
    sent = hashlib.sha256(data).digest()
    # One thread at a time may use an SSLSocket, so the client's side is the emulator's own pump against a socket pair.
    mine, theirs = socket.socketpair()
    from alloydb_emulator import pump
    relay = threading.Thread(target=pump.relay, args=(sock, theirs), daemon=True)
    relay.start()
    writer = threading.Thread(target=mine.sendall, args=(data,), daemon=True)
    writer.start()
    digest, left = hashlib.sha256(), len(data)
    mine.settimeout(60)
    while left:
        piece = mine.recv(65536)
        assert piece
        digest.update(piece)
        left -= len(piece)
    assert digest.digest() == sent
    mine.close()
    relay.join(60)
    assert not relay.is_alive()
    sock.close()
    theirs.close()


def test_end_of_the_client_reaches_the_server_and_back(client):
    sock = client.session()
    sock.sendall(b"last")
    assert postgres.read_exactly(sock, 4) == b"last"
    plain = sock.unwrap()  # close_notify out and in
    assert plain.recv(1) == b""
    plain.close()
    assert "ended" not in client.emulator.wait_for("front")


def test_cancel_goes_through_to_the_server(client, stand_in):
    packet = struct.pack(">IIII", 16, postgres.CANCEL, 4711, 42)
    with client.exchanged() as sock:
        sock.sendall(packet)
        assert sock.recv(1) == b""
    assert stand_in.first[-1].raw == packet
    assert client.emulator.wait_for("front")["first"] == "cancel"


@pytest.mark.parametrize("wire", [b"\0\0\0\4", b"\x7f\xff\xff\xff", struct.pack(">I", 7), b"GET / HTTP/1.1\r\n\r\n"],
                         ids=["short", "huge", "seven", "http"])
def test_no_first_packet_of_postgresql(client, wire):
    with client.exchanged() as sock:
        sock.sendall(wire)
        assert rest(sock) == b""
    assert "none of PostgreSQL's" in client.emulator.wait_for("front")["ended"]


def test_login_fault(client):
    client.emulator.fault("login", text="no room", sqlstate="53300", times=1)
    with client.session() as sock:
        assert rest(sock) == exchange.pg_error("FATAL", "53300", "no room")


def test_cut_after(client):
    client.emulator.fault("stream", cut_after=100000, times=1)
    sock = client.session()
    with contextlib.suppress(OSError):  # the reset may come while this sends
        sock.sendall(b"x" * 150000)
    assert len(rest(sock)) <= 100000
    sock.close()
    assert client.emulator.wait_for("front")["ended"] == "fault: cut"


def test_cut_now(client):
    sock = client.session()
    sock.sendall(b"x")
    assert sock.recv(1) == b"x"
    assert client.emulator.http("POST", "/_emulator/cut")[1] == {"cut": 1}
    assert rest(sock) == b""
    sock.close()


@pytest.mark.parametrize("accept", ["close", "reset"])
def test_not_accepted(client, accept):
    client.emulator.fault("front", accept=accept, times=1)
    with pytest.raises(OSError):
        client.tls()
    client.tls().close()


def test_killed_and_back(client):
    """The listener goes, and with it what was open; after the time given it is back by itself."""
    sock = client.session()
    sock.sendall(b"x")
    assert sock.recv(1) == b"x"
    client.emulator.fault("front", listen="closed", seconds=5)
    assert rest(sock) == b""
    sock.close()
    with pytest.raises(ConnectionRefusedError):
        client.tcp()
    assert client.emulator.http("GET", "/_emulator/state")[1]["fronts"][0]["listening"] is False
    deadline = time.monotonic() + 60
    while True:
        try:
            client.session().close()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_many_at_once(client):
    """200 sessions from 16 threads, all open at the same time, and none left behind."""
    open_ones, failures, lock = [], [], threading.Lock()
    todo = list(range(200))
    context = client.context()

    def work():
        while True:
            with lock:
                if not todo:
                    return
                number = todo.pop()
            try:
                sock = client.tls(context=context)
                client.ask(sock)
                assert answer_of(sock)["response_code"] == exchange.OK
                sock.sendall(postgres.startup_message({"user": str(number)}) + b"%06d" % number)
                assert postgres.read_exactly(sock, 6) == b"%06d" % number
                with lock:
                    open_ones.append(sock)
            except (OSError, AssertionError) as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not failures and len(open_ones) == 200
    assert client.emulator.http("GET", "/_emulator/state")[1]["fronts"][0]["open"] == 200
    for sock in open_ones:
        sock.close()
    deadline = time.monotonic() + 60
    while client.emulator.http("GET", "/_emulator/state")[1]["fronts"][0]["open"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    while client.emulator.http("GET", "/_emulator/state")[1]["threads"] >= 30:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reset_forgets_connections_that_are_open(client):
    """Their end comes later, and would be taken for what somebody else waits for."""
    old = client.exchanged()
    client.emulator.reset()
    old.close()
    client.session().close()
    assert client.emulator.wait_for("front")["first"] == "startup"
    deadline = time.monotonic() + 30
    while client.emulator.http("GET", "/_emulator/state")[1]["fronts"][0]["open"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(client.emulator.requests("front")) == 1
