#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rows arrive when the server sends them, however they are cut into TLS records.

PostgreSQL 15 sends records of 8 kB at most, PostgreSQL 17 and later such of 16 kB, of which libpq may read a part and leave the rest where poll() does not see
it. Here a proxy with TLS of its own packs what the server sends into records of 16 kB, and then the server is silent for some seconds.
"""
import contextlib
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PAUSE = 8  # seconds of silence; a row that had arrived before must not take half of that

if "ALDB_TEST_CLIENT_INI" not in os.environ:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
os.environ["ODBCSYSINI"] = os.environ["ALDB_TEST_CLIENT_INI"]
os.environ["ODBCINI"] = os.environ["ALDB_TEST_CLIENT_INI"] + "/odbc.ini"
try:
    import pyodbc
except ImportError:
    print("SKIP: python3-pyodbc is not installed")
    sys.exit(77)


def gather(server):
    """What the server sends until it pauses."""
    data = b""
    while select.select([server], [], [], 0.3)[0]:
        part = server.recv(65536)
        if not part:
            return data, True
        data += part
    return data, False


def serve(listening, context, target):
    """One connection. Whatever happens, both ends are closed behind it, so that nobody waits for them."""
    plain, _ = listening.accept()
    with contextlib.ExitStack() as open_sockets:
        open_sockets.enter_context(plain)
        carry(plain, context, target, open_sockets)


def carry(plain, context, target, open_sockets):
    if plain.recv(8) != b"\0\0\0\x08\x04\xd2\x16\x2f":  # SSLRequest
        raise AssertionError("no request for TLS")
    plain.sendall(b"S")
    client = open_sockets.enter_context(context.wrap_socket(plain, server_side=True))
    server = open_sockets.enter_context(socket.create_connection(target))
    while True:
        readable = [client] if client.pending() else select.select([client, server], [], [])[0]
        if client in readable:
            data = client.recv(65536)
            if not data:
                return
            server.sendall(data)
        if server in readable:
            data, ended = gather(server)
            client.sendall(data)  # OpenSSL makes records of 16 kB of it, and one of the rest
            if ended:
                return


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("key.pem", "certificate.pem")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", files[0], "-out", files[1]],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files[1], files[0])
    for length in (10500, 10700, 10900, 15000, 16300, 5000):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            target = (os.environ["ALDB_TEST_HOST"], int(os.environ["ALDB_TEST_PORT"]))
            threading.Thread(target=serve, args=(listening, context, target), daemon=True).start()
            fact = os.environ.get
            connection = pyodbc.connect(f"DRIVER=AlloyDB;Server=127.0.0.1;Port={listening.getsockname()[1]};SSLMode=require;Database={fact('ALDB_TEST_DATABASE')};"
                                        f"UID={fact('ALDB_TEST_USER')};PWD={fact('ALDB_TEST_PASSWORD')}")
        cursor = connection.cursor()
        cursor.execute("create function pg_temp.pause(int) returns int language plpgsql as "
                       f"$$ begin if $1 = 4 then raise notice 'flushed'; perform pg_sleep({PAUSE}); end if; return $1; end $$")
        connection.commit()
        began = time.monotonic()
        cursor.execute(f"select i, repeat('x', {length}), pg_temp.pause(i) from generate_series(1, 4) i")
        for i in range(1, 4):
            row = cursor.fetchone()
            assert row[0] == i and row[1] == "x" * length
        took = time.monotonic() - began
        print(f"three rows of {length} bytes: {took:.1f} s")
        assert took < PAUSE / 2, "a row that had arrived was not seen"
        cursor.cancel()
        connection.close()


status = 1
try:
    main()
    status = 0
except Exception:
    traceback.print_exc()
sys.stdout.flush()
os._exit(status)  # at the interpreter's end the proxy's threads stand still, and a connection that failed would wait for them
