# SPDX-License-Identifier: Apache-2.0
"""Listeners with one thread a connection, all of which end when they are told to."""
import contextlib
import errno
import socket
import ssl
import struct
import threading
import time
from typing import Callable

MAX_CONNECTIONS = 2000
LINGER_SECONDS = 2
LINGER_RESET = struct.pack("ii", 1, 0)


class Connection:
    """One accepted connection, as its thread and the listener see it. `sock` changes when TLS is laid over it."""

    def __init__(self, sock: socket.socket, peer, local) -> None:
        self.sock = sock
        self.peer = peer
        self.local = local
        self.cut_off = False
        self._resets = False
        self._others: list[socket.socket] = []
        self._lock = threading.Lock()

    def lay_tls(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """TLS over the socket, as a server; the handshake is the caller's, so that a failure leaves the socket open."""
        with self._lock:
            self.sock = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
            cut_off = self.cut_off
        if cut_off:
            _shutdown(self.sock)
        return self.sock

    def also(self, sock: socket.socket) -> None:
        """Another socket to shut down with this connection."""
        with self._lock:
            self._others.append(sock)
            if not self.cut_off:
                return
        _shutdown(sock)

    def cut(self, reset: bool) -> None:
        """Ends it from another thread: whatever its thread waits for on these sockets fails at once."""
        with self._lock:
            self.cut_off = True
            socks = [self.sock, *self._others]
        if reset:
            self.reset_on_close()
        for sock in socks:
            _shutdown(sock)

    def linger(self) -> None:
        """Lets the other side read what was sent last: closing at once, with bytes of its own still unread, would reset the connection, and a TLS
        alert or an error would be lost on its way.
        """
        if self.cut_off or self._resets:
            return
        with contextlib.suppress(OSError, ValueError):
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            deadline = time.monotonic() + LINGER_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                socket.socket.settimeout(self.sock, left)
                if not socket.socket.recv(self.sock, 65536):
                    return

    def reset_on_close(self) -> None:
        self._resets = True
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)

    def close(self) -> None:
        for sock in [self.sock, *self._others]:
            with contextlib.suppress(OSError):
                sock.close()


def _shutdown(sock: socket.socket) -> None:
    # The plain socket's method: SSLSocket.shutdown() would drop the TLS object under the feet of the thread that uses it.
    with contextlib.suppress(OSError, ValueError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Listener:
    """Accepts on one address and calls handle(connection) in a thread of its own for each connection.

    Above MAX_CONNECTIONS at once, new ones wait in the kernel's queue. stop() ends everything and waits for the threads.
    """

    def __init__(self, name: str, address: str, port: int, handle: Callable[[Connection], None]) -> None:
        self.name = name
        self.address = address
        self._handle = handle
        self._lock = threading.Lock()
        self._live: dict[threading.Thread, Connection] = {}
        self._room = threading.Semaphore(MAX_CONNECTIONS)
        self._stopped = threading.Event()
        self._accepting: threading.Thread | None = None
        self._sock: socket.socket | None = None
        self.port = port
        self.open()

    def open(self) -> None:
        """Listens (again, after close); OSError where that cannot be."""
        if self._sock is not None:
            return
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self.address, self.port))
            sock.listen(1024)
        except OSError as error:
            sock.close()
            hint = ": another program listens there" if error.errno == errno.EADDRINUSE else ""
            raise OSError(error.errno, f"cannot listen on {self.address} port {self.port}: {error.strerror}{hint}") from None
        self.port = sock.getsockname()[1]  # for port 0; the same again after a close
        self._sock = sock
        self._accepting = threading.Thread(target=self._accept, args=(sock,), name=f"{self.name}-accept", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Listens no more; connections that are there stay."""
        sock, self._sock = self._sock, None
        if sock is None:
            return
        _shutdown(sock)
        sock.close()
        self._accepting.join(5)

    @property
    def listening(self) -> bool:
        return self._sock is not None

    def live(self) -> int:
        with self._lock:
            return len(self._live)

    def cut(self, reset: bool = True) -> int:
        """Cuts every connection that is open; returns how many there were."""
        with self._lock:
            connections = list(self._live.values())
        for connection in connections:
            connection.cut(reset)
        return len(connections)

    def stop(self, seconds: float = 20) -> bool:
        """Ends the listener and its connections; False if a thread did not end in time."""
        self._stopped.set()
        self.close()
        self.cut(reset=False)
        deadline = time.monotonic() + seconds
        with self._lock:
            threads = list(self._live)
        for thread in threads:
            thread.join(max(0, deadline - time.monotonic()))
        return self.live() == 0

    def _accept(self, listening: socket.socket) -> None:
        while self._sock is listening:
            if not self._room.acquire(timeout=0.2):
                continue
            try:
                sock, peer = listening.accept()
            except OSError as error:
                self._room.release()
                if self._sock is not listening or error.errno in (errno.EINVAL, errno.EBADF):
                    return
                time.sleep(0.05)  # out of descriptors, or a connection that went while it waited
                continue
            connection = Connection(sock, peer, sock.getsockname())
            thread = threading.Thread(target=self._run, args=(connection,), name=self.name, daemon=True)
            with self._lock:
                self._live[thread] = connection
            try:
                thread.start()
            except RuntimeError:
                self._forget(thread, connection)

    def _run(self, connection: Connection) -> None:
        try:
            if not self._stopped.is_set():
                self._handle(connection)
        finally:
            self._forget(threading.current_thread(), connection)

    def _forget(self, thread: threading.Thread, connection: Connection) -> None:
        connection.close()
        with self._lock:
            self._live.pop(thread, None)
        self._room.release()
