# SPDX-License-Identifier: Apache-2.0
"""An instance's front: TLS with the client's ephemeral certificate, the metadata exchange, the login, and then PostgreSQL's own bytes."""
import dataclasses
import os
import socket
import ssl
import struct
import tempfile
import threading
import time
from typing import Callable

from cryptography import x509

from . import exchange, pki, postgres, pump
from .faults import Faults
from .instances import Instance
from .journal import Journal, fingerprint
from .net import Connection, Listener
from .principals import role_of
from .tokens import LOGIN, TokenError, Tokens

STEP_SECONDS = 30
SILENCE_SECONDS = 600
LOGIN_FAILED = "28000"


class Ended(Exception):
    """The connection is over; the text says why."""


def server_context(certificate: str, key: str, trust: str = "", tls12: bool = False, minimum=ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """A server's TLS context from PEM texts. With `trust` a client certificate of that authority is demanded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if tls12 else minimum
    if tls12:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    # The ssl module reads certificates from files only.
    with tempfile.TemporaryDirectory(prefix="alloydb-emulator-") as folder:
        path = os.path.join(folder, "pem")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(certificate + key)
        context.load_cert_chain(path)
    if trust:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=trust)
    return context


@dataclasses.dataclass
class Services:
    """What all fronts share."""

    certificates: pki.Pki
    tokens: Tokens
    faults: Faults
    journal: Journal
    backend: postgres.Backend
    stopping: threading.Event
    next_number: Callable[[], int]
    direct_port: int                # 0: none


class Front:
    """The listeners of one instance, on 5433 for connectors and, where asked for, on 5432 for clients with the token as the password."""

    def __init__(self, instance: Instance, services: Services) -> None:
        self.instance = instance
        self.services = services
        self._key = pki.new_fast_key()
        self._contexts: dict[tuple, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self.total = 0
        self.sessions: dict[int, dict] = {}
        self._context({})
        self.listeners: list[Listener] = []
        try:
            for address in instance.listen:
                self.listeners.append(Listener("front", address, instance.port, self._handle))
                if services.direct_port:
                    self.listeners.append(Listener("direct", address, services.direct_port, self._handle_direct))
        except OSError:
            self.stop()
            raise

    # ---- state ----------------------------------------------------------------------------------------------------

    def apply_faults(self) -> None:
        """Closes or opens the listeners as the fault "listen" says."""
        closed = self.services.faults.peek("front", self.instance.name).get("listen") == "closed"
        with self._lock:
            for listener in self.listeners:
                if closed:
                    listener.close()
                    listener.cut()
                elif not self.services.stopping.is_set():
                    listener.open()

    def cut(self) -> int:
        return sum(listener.cut() for listener in self.listeners)

    def stop(self) -> bool:
        return all([listener.stop() for listener in self.listeners])

    def state(self) -> dict:
        with self._lock:
            return {"instance": self.instance.name, "total": self.total, "open": len(self.sessions), "sessions": list(self.sessions.values()),
                    "listening": any(listener.listening for listener in self.listeners)}

    def _context(self, effects: dict) -> ssl.SSLContext:
        """The TLS context for these effects; made once for each kind."""
        kind = (effects.get("certificate", ""), effects.get("tls", ""))
        with self._lock:
            if kind not in self._contexts:
                self._contexts[kind] = self._make_context(*kind)
            return self._contexts[kind]

    def _certificate(self, certificate: str) -> str:
        """PEM of the front's own certificate, and of its authority; `certificate` as the fault of that name."""
        authority = self.services.certificates.clusters[self.instance.cluster]
        instance = self.instance
        sans = pki.san([a for a in (instance.private, instance.public) if a], [instance.psc.rstrip(".")] if instance.psc else [])
        if certificate == "wrong-san":
            sans = pki.san(["192.0.2.1"], ["wrong.example.com"])
        elif certificate == "no-san":
            sans = []
        times = {"expired": (-7200.0, -3600.0), "not-yet-valid": (3600.0, 7200.0)}.get(certificate, (-3600.0, pki.LONG.total_seconds()))
        signer = self.services.certificates.stranger if certificate == "stranger" else authority.root
        leaf = signer.server(instance.uid[:8] + ".server.alloydb", self._key, sans, *times)
        return pki.pem(leaf) + pki.pem(signer.certificate)

    def identity(self) -> str:
        """PEM of certificate, authority and key, for a program that takes the front's place."""
        return self._certificate("") + pki.key_pem(self._key)

    def _make_context(self, certificate: str, tls: str) -> ssl.SSLContext:
        root = self.services.certificates.clusters[self.instance.cluster].root.certificate
        return server_context(self._certificate(certificate), pki.key_pem(self._key), pki.pem(root), tls == "1.2")

    # ---- one connection -------------------------------------------------------------------------------------------

    def _handle(self, connection: Connection) -> None:
        self._run(connection, self._converse)

    def _handle_direct(self, connection: Connection) -> None:
        self._run(connection, self._converse_directly)

    def _run(self, connection: Connection, converse) -> None:
        number = self.services.next_number()
        facts = {"connection": number, "instance": self.instance.name, "address": connection.local[0], "port": connection.local[1]}
        session = {"connection": number, "stage": "accepted", "peer": f"{connection.peer[0]}:{connection.peer[1]}", "address": connection.local[0]}
        started, mark = time.monotonic(), self.services.journal.mark()
        with self._lock:
            self.total += 1
            self.sessions[number] = session
        try:
            try:
                converse(connection, facts, session)
            except BaseException:
                connection.linger()
                raise
        except Ended as ended:
            facts["ended"] = str(ended)
        except ssl.SSLError as error:
            facts["ended"] = f"TLS: {error.reason or error}"
        except postgres.PostgresError as error:
            facts["ended"] = f"PostgreSQL: {error}"
        except (OSError, ValueError) as error:
            facts["ended"] = f"{type(error).__name__}: {error}"
        finally:
            with self._lock:
                self.sessions.pop(number, None)
            facts.update(stage=session["stage"], seconds=round(time.monotonic() - started, 6))
            self.services.journal.add("front", mark, **facts)

    def _converse(self, connection: Connection, facts: dict, session: dict) -> None:
        faults, name = self.services.faults, self.instance.name
        effects = faults.take("front", name)
        accept = effects.get("accept")
        if accept in ("close", "reset"):
            if accept == "reset":
                connection.reset_on_close()
            raise Ended(f"fault: {accept}")
        if accept == "silent":
            self._be_silent(connection)
        self._pause(effects)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.settimeout(STEP_SECONDS)
        session["stage"] = "tls"
        context = self._context(effects)
        sock = connection.lay_tls(context)
        sock.do_handshake()
        leaf = x509.load_der_x509_certificate(sock.getpeercert(binary_form=True))
        facts.update(tls=sock.version(), cipher=sock.cipher()[0], serial=f"{leaf.serial_number:x}")
        principal = None
        if self.services.certificates.uses_exchange(leaf.serial_number):
            session["stage"] = "exchange"
            principal = self._exchange(connection, facts)
        session["stage"] = "login"
        self._postgres(connection, facts, session, principal)

    def _converse_directly(self, connection: Connection, facts: dict, session: dict) -> None:
        """Port 5432: SSLRequest, TLS without a client certificate, then the token as a cleartext password for IAM roles."""
        facts["direct"] = True
        connection.sock.settimeout(STEP_SECONDS)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = postgres.read_startup(connection.sock)
        while first.kind == "gssenc":
            connection.sock.sendall(b"N")
            first = postgres.read_startup(connection.sock)
        if first.kind == "cancel":  # in clear text, as libpq sends it and PostgreSQL takes it
            self._cancel(first)
            return
        if first.kind != "ssl":
            connection.sock.sendall(exchange.pg_error("FATAL", LOGIN_FAILED, "connection requires TLS"))
            raise Ended("no TLS")
        connection.sock.sendall(b"S")
        session["stage"] = "tls"
        with self._lock:
            if "direct" not in self._contexts:
                authority = self.services.certificates.clusters[self.instance.cluster].root
                leaf = authority.server("direct", self._key, pki.san([a for a in (self.instance.private, self.instance.public) if a], ["localhost"]))
                self._contexts["direct"] = server_context(pki.pem(leaf) + pki.pem(authority.certificate), pki.key_pem(self._key),
                                                          minimum=ssl.TLSVersion.TLSv1_2)
            context = self._contexts["direct"]
        connection.lay_tls(context).do_handshake()
        facts["tls"] = connection.sock.version()
        session["stage"] = "login"
        self._postgres(connection, facts, session, None)

    def _pause(self, effects: dict) -> None:
        if effects.get("delay"):
            self.services.stopping.wait(effects["delay"])

    def _be_silent(self, connection: Connection) -> None:
        """Says nothing until the client goes, somebody cuts the connection, or SILENCE_SECONDS have passed."""
        connection.sock.settimeout(SILENCE_SECONDS)
        while connection.sock.recv(4096):
            pass
        raise Ended("fault: silent")

    # ---- the exchange ---------------------------------------------------------------------------------------------

    def _exchange(self, connection: Connection, facts: dict) -> str | None:
        """The principal that is to be logged in, None for DB_NATIVE. Nothing follows the answer until the client speaks."""
        sock = connection.sock
        entry = {"connection": facts["connection"], "instance": self.instance.name}
        effects = self.services.faults.take("exchange", self.instance.name)
        request, token, error = {}, None, ""
        try:
            request = exchange.parse_request(postgres.read_exactly(sock, exchange.read_length(postgres.read_exactly(sock, 4))))
            entry.update(user_agent=request["user_agent"], auth_type=exchange.AUTH_NAMES[request["auth_type"]],
                         token=fingerprint(request["oauth2_token"]))
            facts["auth_type"] = entry["auth_type"]
            token = self._token(request["oauth2_token"])
            entry.update(principal=token.principal, scopes=list(token.scopes), token_kind=token.kind)
            if request["auth_type"] == exchange.AUTO_IAM and not self.instance.iam:
                raise exchange.ExchangeError("IAM authentication is not enabled on this instance (flag alloydb.iam_authentication)")
        except exchange.ExchangeError as failure:
            error = str(failure)
        except (OSError, ValueError) as failure:
            self.services.journal.add("exchange", **entry, result=f"{type(failure).__name__}: {failure}")
            raise
        reply = "raw" if "raw" in effects else effects.get("reply") or ("error" if "text" in effects else "")
        # Before the answer, so that whoever has the answer finds the entry.
        self.services.journal.add("exchange", **entry, result="fault: " + reply if reply else error or "OK")
        self._pause(effects)
        if reply:
            self._bad_answer(connection, reply, effects)
        else:
            self._send(sock, exchange.answer(exchange.ERROR, error) if error else exchange.answer(exchange.OK), effects)
        if error:
            raise Ended(f"exchange: {error}")
        return token.principal if request["auth_type"] == exchange.AUTO_IAM else None

    def _token(self, value: str):
        try:
            token = self.services.tokens.find(value)
        except TokenError as error:
            raise exchange.ExchangeError(f"unable to authenticate the request: {error}") from None
        if not token.may(LOGIN):
            raise exchange.ExchangeError("the token has neither the scope alloydb.login nor cloud-platform")
        return token

    def _send(self, sock: socket.socket, answer: bytes, effects: dict) -> None:
        pause = effects.get("slow")
        if pause is None:
            sock.sendall(answer)
            return
        for index in range(len(answer)):
            sock.sendall(answer[index:index + 1])
            self.services.stopping.wait(pause)

    def _bad_answer(self, connection: Connection, reply: str, effects: dict) -> None:
        """Gives the answer that a fault wants. Returns only where the conversation goes on after it."""
        if reply == "silent":
            self._be_silent(connection)
        if reply == "raw":
            answer = bytes.fromhex(effects["raw"])
        elif reply == "error":
            answer = exchange.answer(exchange.ERROR, effects.get("text", "permission denied by emulator"))
        elif reply == "pg-error":
            answer = exchange.pg_error("FATAL", effects.get("sqlstate", "53300"), effects.get("text", "remaining connection slots are reserved"))
        else:
            answer = exchange.BAD_ANSWERS[reply]
        self._send(connection.sock, answer, effects)
        if reply != "unknown-fields":
            raise Ended("fault: " + reply)

    # ---- PostgreSQL -----------------------------------------------------------------------------------------------

    def _postgres(self, connection: Connection, facts: dict, session: dict, principal: str | None) -> None:
        sock = connection.sock
        sock.settimeout(STEP_SECONDS)
        startup = postgres.read_startup(sock)
        while startup.kind in ("ssl", "gssenc"):  # as a PostgreSQL without either would answer
            sock.sendall(b"N")
            startup = postgres.read_startup(sock)
        facts["first"] = startup.kind
        if startup.kind == "cancel":
            self._cancel(startup)
            return
        user = startup.parameters.get("user", "")
        session.update(user=user, database=startup.parameters.get("database", user), application=startup.parameters.get("application_name", ""))
        facts.update(user=user, database=session["database"], application_name=session["application"])
        effects = self.services.faults.take("login", self.instance.name)
        self._pause(effects)
        reply = effects.get("reply") or ("error" if "text" in effects else None)
        if reply == "silent":
            self._be_silent(connection)
        if reply == "error":
            sock.sendall(exchange.pg_error("FATAL", effects.get("sqlstate", LOGIN_FAILED), effects.get("text", "login refused by emulator")))
        if reply:
            raise Ended(f"fault: {reply}")

        expects_exchange = "auth_type" in facts
        if principal is None and not expects_exchange and user in self.services.backend.iam_roles and self.instance.iam:
            principal = self._password_token(sock, user)
        if principal is None:
            server = self.services.backend.open()
            server.sendall(startup.raw)
        else:
            facts["iam"] = principal
            server = self._iam_login(sock, startup, user, principal)
        connection.also(server)
        session["stage"] = "session"
        try:
            down, up = pump.relay(sock, server, self.services.faults.take("stream", self.instance.name).get("cut_after"))
            facts.update(bytes_to_client=down, bytes_to_server=up)
        except pump.Cut:
            connection.reset_on_close()
            raise Ended("fault: cut") from None
        finally:
            server.close()
        if not connection.cut_off:
            self._goodbye(sock)
            connection.linger()

    def _cancel(self, startup: postgres.Startup) -> None:
        server = self.services.backend.open()
        try:
            server.sendall(startup.raw)
            server.settimeout(STEP_SECONDS)
            server.recv(1)  # PostgreSQL closes when it has seen it
        finally:
            server.close()

    def _password_token(self, sock: socket.socket, user: str) -> str | None:
        """Asks for the token as a cleartext password; the principal whose it is."""
        sock.sendall(postgres.message(b"R", struct.pack(">I", 3)))
        kind, body = postgres.read_message(sock)
        if kind != b"p":
            raise postgres.PostgresError(f"message {kind!r} in place of the password")
        try:
            return self._token(body.rstrip(b"\0").decode("utf-8", "replace")).principal
        except exchange.ExchangeError as error:
            self._refuse(sock, user)
            raise Ended(f"login: {error}") from None

    def _refuse(self, sock: socket.socket, user: str) -> None:
        sock.sendall(exchange.pg_error("FATAL", LOGIN_FAILED, f"AlloyDB IAM user authentication failed for user \"{user}\""))

    def _iam_login(self, sock: socket.socket, startup: postgres.Startup, user: str, principal: str) -> socket.socket:
        """Logs in to PostgreSQL as the principal's role; the client is told AuthenticationOk, and reads the server's own messages from there on."""
        if user != role_of(principal):
            self._refuse(sock, user)
            raise Ended(f"login: {principal} may not log in as {user!r}")
        try:
            server = self.services.backend.login(startup)
        except postgres.PostgresError as error:
            sock.sendall(error.response or exchange.pg_error("FATAL", LOGIN_FAILED, str(error)))
            raise
        try:
            sock.sendall(postgres.message(b"R", struct.pack(">I", 0)))
        except OSError:
            server.close()
            raise
        return server

    def _goodbye(self, sock: ssl.SSLSocket) -> None:
        """close_notify, without waiting for the client's."""
        sock.setblocking(False)
        try:
            sock.unwrap()
        except (OSError, ValueError):
            pass
