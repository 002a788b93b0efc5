# SPDX-License-Identifier: Apache-2.0
"""Bytes between a TLS stream and a plain socket, in one thread, with one bounded buffer a direction."""
import select
import socket
import ssl

CHUNK = 64 * 1024


class Cut(Exception):
    """The pump was told to end the connection after so many bytes."""


class _Direction:
    """From one side to the other. Reads only when everything read before is written."""

    __slots__ = ("buffer", "view", "pending", "total", "ended", "closed")

    def __init__(self) -> None:
        self.buffer = bytearray(CHUNK)
        self.view = memoryview(self.buffer)
        self.pending = self.view[:0]
        self.total = 0
        self.ended = False      # the source said that nothing more comes
        self.closed = False     # and the other side was told so


def relay(client: ssl.SSLSocket, server: socket.socket, cut_after: int | None = None) -> tuple[int, int]:
    """Relays until both sides have ended or one has failed; returns the bytes to the client and to the server.

    Sets both sockets non-blocking. Raises Cut after `cut_after` bytes to the client. A side that fails ends the relay without an error: to
    PostgreSQL and its client a lost connection is an end.
    """
    client.setblocking(False)
    server.setblocking(False)
    down, up = _Direction(), _Direction()
    poll = select.poll()
    client_fd, server_fd = client.fileno(), server.fileno()
    masks = {client_fd: 0, server_fd: 0}
    client_wants_write = False

    def watch(fd: int, mask: int) -> None:
        if masks[fd] == mask:
            return
        if not masks[fd]:
            poll.register(fd, mask)
        elif mask:
            poll.modify(fd, mask)
        else:  # with nothing to wait for, a hang-up would still wake poll again and again
            poll.unregister(fd)
        masks[fd] = mask

    try:
        while not (down.closed and up.closed):
            watch(client_fd, (0 if up.pending or up.ended else select.POLLIN) | (select.POLLOUT if down.pending or client_wants_write else 0))
            watch(server_fd, (0 if down.pending or down.ended else select.POLLIN) | (select.POLLOUT if up.pending else 0))
            ready = dict(poll.poll(0 if client.pending() and not up.pending else None))

            if server_fd in ready and not down.pending and not down.ended:
                try:
                    count = server.recv_into(down.buffer)
                    down.pending = down.view[:count]
                    down.ended = count == 0
                except BlockingIOError:
                    pass
            if down.pending:
                piece = down.pending
                if cut_after is not None:
                    piece = piece[:max(0, cut_after - down.total)]
                    if not piece:
                        raise Cut
                try:
                    count = client.send(piece)
                    down.total += count
                    down.pending = down.pending[count:]
                except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    pass
            if not up.pending and not up.ended and (client_fd in ready or client.pending()):
                client_wants_write = False
                try:
                    count = client.recv_into(up.buffer)
                    up.pending = up.view[:count]
                    up.ended = count == 0
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLWantWriteError:
                    client_wants_write = True
            if up.pending:
                try:
                    count = server.send(up.pending)
                    up.total += count
                    up.pending = up.pending[count:]
                except BlockingIOError:
                    pass

            if down.ended and not down.pending and not down.closed:
                down.closed = True
                break  # PostgreSQL has closed: there is nobody left to talk to
            if up.ended and not up.pending and not up.closed:
                up.closed = True
                server.shutdown(socket.SHUT_WR)
    except Cut:
        raise
    except (OSError, ValueError):
        pass
    return down.total, up.total
