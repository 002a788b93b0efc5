# SPDX-License-Identifier: Apache-2.0
"""The PostgreSQL behind the front: start-up messages, and logging in for a role without asking its client."""
import base64
import dataclasses
import hashlib
import hmac
import secrets
import socket
import struct
import unicodedata

MAX_STARTUP = 10000             # PostgreSQL's own MAX_STARTUP_PACKET_LENGTH
MAX_AUTH_MESSAGE = 64 * 1024
PROTOCOL_3 = 3
CANCEL, SSL, GSSENC = 80877102, 80877103, 80877104
TIMEOUT = 30


class PostgresError(Exception):
    """The server refused; `response` is its ErrorResponse, or "" if it sent none."""

    def __init__(self, text: str, response: bytes = b"") -> None:
        super().__init__(text)
        self.response = response


@dataclasses.dataclass(frozen=True)
class Startup:
    """A first packet: its bytes, its code, and the parameters of a StartupMessage."""

    raw: bytes
    code: int
    parameters: dict

    @property
    def kind(self) -> str:
        return {CANCEL: "cancel", SSL: "ssl", GSSENC: "gssenc"}.get(self.code, "startup" if self.code >> 16 == PROTOCOL_3 else "unknown")


def read_exactly(sock: socket.socket, count: int) -> bytes:
    """That many bytes; ConnectionError if the stream ends before."""
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError(f"the stream ended after {len(data)} of {count} bytes")
        data += piece
    return data


def read_startup(sock: socket.socket) -> Startup:
    head = read_exactly(sock, 4)
    (length,) = struct.unpack(">I", head)
    if not 8 <= length <= MAX_STARTUP:
        raise PostgresError(f"a first packet of {length} bytes is none of PostgreSQL's")
    raw = head + read_exactly(sock, length - 4)
    (code,) = struct.unpack(">I", raw[4:8])
    parts = raw[8:].split(b"\0")
    parameters = {}
    if code >> 16 == PROTOCOL_3:
        for key, value in zip(parts[0::2], parts[1::2]):
            if not key:
                break
            parameters[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return Startup(raw, code, parameters)


def startup_message(parameters: dict) -> bytes:
    body = struct.pack(">I", PROTOCOL_3 << 16) + b"".join(f"{k}\0{v}\0".encode() for k, v in parameters.items()) + b"\0"
    return struct.pack(">I", len(body) + 4) + body


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def read_message(sock: socket.socket) -> tuple[bytes, bytes]:
    """(type, body) of one message, bounded: only for the time before a session is up."""
    head = read_exactly(sock, 5)
    (length,) = struct.unpack(">I", head[1:])
    if not 4 <= length <= MAX_AUTH_MESSAGE:
        raise PostgresError(f"a message of {length} bytes during the login")
    return head[:1], read_exactly(sock, length - 4)


def error_text(body: bytes) -> str:
    """The text of an ErrorResponse."""
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return f"{fields.get(b'S', 'ERROR')}: {fields.get(b'M', '')} ({fields.get(b'C', '')})"


# ---- logging in ---------------------------------------------------------------------------------------------------

class Scram:
    """The client's side of SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677)."""

    def __init__(self, password: str, nonce: str = "") -> None:
        self._password = unicodedata.normalize("NFKC", password).encode()
        self._nonce = nonce or base64.b64encode(secrets.token_bytes(18)).decode()
        self._bare = f"n=,r={self._nonce}"
        self._server_signature = b""

    def first(self) -> bytes:
        return ("n,," + self._bare).encode()

    def final(self, server_first: bytes) -> bytes:
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        if not fields["r"].startswith(self._nonce):
            raise PostgresError("the server's SCRAM nonce does not continue ours")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c=biws,r={fields['r']}"
        signed = ",".join((self._bare, server_first.decode(), without_proof)).encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self._server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, server_final: bytes) -> None:
        if server_final != b"v=" + base64.b64encode(self._server_signature):
            raise PostgresError("the server's SCRAM signature is wrong")


def authenticate(sock: socket.socket, user: str, password: str | None) -> None:
    """Answers the server's requests until its AuthenticationOk is read; the stream stands right behind that."""
    scram = None
    while True:
        kind, body = read_message(sock)
        if kind == b"E":
            raise PostgresError(error_text(body), message(kind, body))
        if kind in (b"N", b"v"):
            continue
        if kind != b"R":
            raise PostgresError(f"message {kind!r} during the login")
        (code,) = struct.unpack(">I", body[:4])
        if code == 0:
            return
        if password is None:
            raise PostgresError(f"PostgreSQL asks for a password of {user!r}, and the emulator has none: give it --admin, or trust the role in "
                                "pg_hba.conf")
        if code == 3:
            answer = password.encode() + b"\0"
        elif code == 5:
            inner = hashlib.md5(password.encode() + user.encode()).hexdigest()
            answer = b"md5" + hashlib.md5(inner.encode() + body[4:8]).hexdigest().encode() + b"\0"
        elif code == 10:
            if b"SCRAM-SHA-256" not in body[4:].split(b"\0"):
                raise PostgresError("the server offers no SCRAM-SHA-256")
            scram = Scram(password)
            first = scram.first()
            answer = b"SCRAM-SHA-256\0" + struct.pack(">I", len(first)) + first
        elif code == 11 and scram:
            answer = scram.final(body[4:])
        elif code == 12 and scram:
            scram.verify(body[4:])
            continue
        else:
            raise PostgresError(f"the server asks for authentication {code}, which the emulator does not know")
        sock.sendall(message(b"p", answer))


@dataclasses.dataclass(frozen=True)
class Address:
    """host:port, or /folder:port for a Unix socket."""

    host: str
    port: int

    @staticmethod
    def parse(text: str) -> "Address":
        host, colon, port = text.rpartition(":")
        host = host.strip("[]")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is neither HOST:PORT nor /FOLDER:PORT")
        return Address(host, int(port))

    def connect(self) -> socket.socket:
        if self.host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(TIMEOUT)
            try:
                sock.connect(f"{self.host}/.s.PGSQL.{self.port}")
            except OSError:
                sock.close()
                raise
            return sock
        sock = socket.create_connection((self.host, self.port), TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Backend:
    """The server, and how to log in there. Role secrets are made at the start and known to nobody else."""

    def __init__(self, address: Address, role_password: str | None = None) -> None:
        self.address = address
        self._common = role_password
        self._secrets: dict[str, str] = {}
        self.iam_roles: set[str] = set()

    def open(self) -> socket.socket:
        return self.address.connect()

    def login(self, startup: Startup) -> socket.socket:
        """A socket on which the role of the start-up message is logged in; the next byte is the first behind AuthenticationOk."""
        sock = self.open()
        try:
            sock.sendall(startup.raw)
            user = startup.parameters.get("user", "")
            authenticate(sock, user, self._secrets.get(user, self._common))
        except BaseException:
            sock.close()
            raise
        return sock

    def make_roles(self, server: Address, roles: list[str], user: str, password: str | None, database: str) -> None:
        """Creates the roles that are missing, and gives each a new secret (SCRAM), with which the emulator logs in for it."""
        for role in roles:
            secret = secrets.token_urlsafe(24)
            quoted = '"' + role.replace('"', '""') + '"'
            known = query(server, user, password, database, f"select 1 from pg_catalog.pg_roles where rolname = {_literal(role)}")
            # The verifier and not the secret, which would stand in the log of a server that logs statements.
            query(server, user, password, database,
                  f"{'alter' if known else 'create'} role {quoted} login password {_literal(scram_verifier(secret))}")
            self._secrets[role] = secret


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803)."""
    salt, rounds = secrets.token_bytes(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${rounds}:{base64.b64encode(salt).decode()}${base64.b64encode(stored).decode()}:{base64.b64encode(server).decode()}"


def query(server: Address, user: str, password: str | None, database: str, sql: str) -> list[tuple]:
    """Runs one text through the simple protocol; the rows' values as texts."""
    sock = server.connect()
    try:
        sock.sendall(startup_message({"user": user, "database": database, "application_name": "alloydb-emulator"}))
        authenticate(sock, user, password)
        while read_message(sock)[0] != b"Z":
            pass
        sock.sendall(message(b"Q", sql.encode() + b"\0"))
        rows, failure = [], None
        while True:
            kind, body = read_message(sock)
            if kind == b"E":
                failure = failure or PostgresError(error_text(body), message(kind, body))
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"Z":
                break
        sock.sendall(message(b"X", b""))
        if failure:
            raise failure
        return rows
    finally:
        sock.close()


def _literal(text: str) -> str:
    quoted = text.replace("'", "''").replace("\\", "\\\\")
    return f"E'{quoted}'"


def _row(body: bytes) -> tuple:
    (count,) = struct.unpack(">H", body[:2])
    at, out = 2, []
    for _ in range(count):
        (size,) = struct.unpack(">i", body[at:at + 4])
        at += 4
        out.append(None if size < 0 else body[at:at + size].decode())
        at += max(size, 0)
    return tuple(out)
