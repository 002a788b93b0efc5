# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 for everything that is HTTP: requests and answers as values, routes as a table, plain, over TLS, and as a forward proxy.

As a proxy it connects to nothing: CONNECT to a name of Google's (or to this emulator) is answered by the emulator itself, so that software with fixed
URLs reaches it through HTTPS_PROXY. Any other name is refused.
"""
import contextlib
import dataclasses
import email.utils
import fnmatch
import http.server
import json
import re
import ssl
import threading
import traceback
import urllib.parse

from .clock import Clock
from .net import Connection

MAX_BODY = 1 << 20
IDLE_SECONDS = 120


@dataclasses.dataclass
class Request:
    method: str
    path: str                   # decoded
    query: dict
    headers: object             # case-insensitive .get()
    body: bytes
    secure: bool
    proxied: bool
    peer_certificate: bytes = b""   # DER

    def form(self) -> dict:
        """The body as application/x-www-form-urlencoded; the first of each name."""
        pairs = urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
        return dict(reversed(pairs))

    def bearer(self) -> str:
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclasses.dataclass
class Response:
    status: int
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    drop: bool = False          # close the connection in place of an answer

    @staticmethod
    def json(value: object, status: int = 200, headers: dict | None = None) -> "Response":
        return Response(status, (json.dumps(value, indent=2) + "\n").encode(), {"Content-Type": "application/json; charset=UTF-8", **(headers or {})})

    @staticmethod
    def text(value: str, status: int = 200, headers: dict | None = None) -> "Response":
        return Response(status, value.encode(), {"Content-Type": "text/plain; charset=utf-8", **(headers or {})})


STATUS_WORDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
                429: "RESOURCE_EXHAUSTED",
                499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}


def google_error(code: int, message: str, status: str = "", details: list | None = None) -> dict:
    """The JSON error body of Google's APIs."""
    error: dict = {"code": code, "message": message, "status": status or STATUS_WORDS.get(code, "UNKNOWN")}
    if details:
        error["details"] = details
    return {"error": error}


class Router:
    """Routes are (methods, regular expression of the whole path, handler(request, match) -> Response), the first that fits wins."""

    def __init__(self, clock: Clock, stopping: threading.Event) -> None:
        self.clock = clock
        self.stopping = stopping
        self._routes: list = []

    def add(self, methods: str, pattern: str, handler) -> None:
        self._routes.append((set(methods.split()), re.compile(pattern), handler))

    def answer(self, request: Request) -> Response:
        wrong_method = False
        for methods, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match and request.method in methods:
                return handler(request, match)
            wrong_method = wrong_method or bool(match)
        if wrong_method:
            return Response.json(google_error(405, f"{request.method} is not allowed here"), 405)
        return Response.json(google_error(404, f"The emulator knows nothing at {request.path}"), 404)


class WebService:
    """Makes the handle function of a Listener. `tls` is the context of an HTTPS listener, `proxy_tls` the one behind CONNECT to one of `names`."""

    def __init__(self, router: Router, tls: ssl.SSLContext | None, proxy_tls: ssl.SSLContext, names: list[str]) -> None:
        self.names = [*names, "127.*"]
        self.router = router
        self.tls = tls
        self.proxy_tls = proxy_tls

    def handle(self, connection: Connection) -> None:
        connection.sock.settimeout(IDLE_SECONDS)
        with contextlib.suppress(OSError, ValueError):
            if self.tls:
                try:
                    connection.lay_tls(self.tls).do_handshake()
                except ssl.SSLError:
                    connection.linger()
                    raise
            _Handler(connection, self)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ESF", ""
    wbufsize = 64 * 1024
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def __init__(self, connection: Connection, service: WebService) -> None:
        self.live = connection
        self.service = service
        self.proxied = False
        super().__init__(connection.sock, connection.peer, None)

    def log_message(self, format, *args) -> None:  # noqa: A002  (the base class's name)
        pass

    def date_time_string(self, timestamp=None) -> str:
        return email.utils.formatdate(self.service.router.clock.time() if timestamp is None else timestamp, usegmt=True)

    def handle_expect_100(self) -> bool:
        answer = super().handle_expect_100()
        self.wfile.flush()  # the client waits for it before it sends the body
        return answer

    def handle_one_request(self) -> None:
        if self.service.router.stopping.is_set():
            self.close_connection = True
            return
        super().handle_one_request()

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self._connect if name == "do_CONNECT" else self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        target = urllib.parse.urlsplit(self.path)
        peer = b""
        if isinstance(self.connection, ssl.SSLSocket):
            peer = self.connection.getpeercert(binary_form=True) or b""
        request = Request(self.command, urllib.parse.unquote(target.path), dict(urllib.parse.parse_qsl(target.query, keep_blank_values=True)),
                          self.headers, body, isinstance(self.connection, ssl.SSLSocket), self.proxied or bool(target.netloc), peer)
        try:
            response = self.service.router.answer(request)
        except Exception as error:  # a defect of the emulator must not look like a fault that a test asked for
            traceback.print_exc()
            response = Response.json(google_error(500, f"defect in the emulator: {error!r}"), 500)
        if response.drop:
            self.close_connection = True
            self.live.reset_on_close()
            return
        self.send_response_only(response.status)
        for name, value in {"Server": self.server_version, "Date": self.date_time_string(), **response.headers}.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _read_body(self) -> bytes | None:
        """The body, or None after an error was answered."""
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self.send_error(411)
            return None
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self.send_error(413)
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _connect(self) -> None:
        host = self.path.rpartition(":")[0].strip("[]").lower()
        if self.proxied or not any(fnmatch.fnmatchcase(host, name) for name in self.service.names):
            self.close_connection = True
            self.send_error(403, f"the emulator stands in for Google only, not for {host}")
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        self.request = self.connection = self.live.lay_tls(self.service.proxy_tls)
        self.connection.do_handshake()
        self.proxied = True
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize)
        self.close_connection = False
