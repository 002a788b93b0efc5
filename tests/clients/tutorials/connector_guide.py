# SPDX-License-Identifier: Apache-2.0
"""Pools of connections to an AlloyDB instance: what Google's connector for Python does in front of another driver, this driver does itself.

    python connector_guide.py 'alloydb:///?Server=projects/P/locations/R/clusters/C/instances/I&Database=sales&User=app&Password=secret'
    python connector_guide.py 'alloydb:///?Server=projects/P/locations/R/clusters/C/instances/I&Database=sales&enable_iam_auth=1'

Google's credentials are the service account's that GOOGLE_APPLICATION_CREDENTIALS names; it must be a user of the database, too. Server may also be
a host: then what only an instance has is left out. SQLAlchemy 2.0, asynchronous pools with aioodbc; 1.4 without these.
"""

import importlib.util
import json
import os
import pathlib
import re
import sys
import tempfile
from contextlib import contextmanager

import pyodbc
import sqlalchemy
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.url import URL
from sqlalchemy_alloydb import quote

if len(sys.argv) != 2:
    sys.exit(__doc__)
OPTIONS = dict(make_url(sys.argv[1]).query)  # the driver's keywords
SERVER = OPTIONS["Server"]
IS_INSTANCE = SERVER.startswith("projects/")
HAS_ASYNCIO = sqlalchemy.__version__.startswith("2.") and importlib.util.find_spec("aioodbc") is not None
INSERT = text("insert into tutorial_books_of_pools (id, title) values (:id, :title)")
SELECT = text("select * from tutorial_books_of_pools order by id")


def url(drivername="alloydb+pyodbc", **more):
    """With these keywords, and none of those that are None."""
    return URL.create(drivername, query={key: value for key, value in {**OPTIONS, **more}.items() if value is not None})


def connection_string():
    """For those who connect by themselves. quote() puts a value in braces where it needs them, as passwords may."""
    return ";".join(["DRIVER=AlloyDB", *(f"{key}={quote(value)}" for key, value in OPTIONS.items())])


@contextmanager
def pool(*args, **more):
    """An engine for the length of a block. SQLAlchemy's own engines are no context managers."""
    engine = create_engine(*args, future=True, **more)
    try:
        yield engine
    finally:
        engine.dispose()


def recreate_table():
    with pool(url()) as engine, engine.begin() as connection:
        connection.execute(text("drop table if exists tutorial_books_of_pools"))
        connection.execute(text("create table tutorial_books_of_pools (id varchar(20) primary key, title text)"))


def pool_of_a_creator():
    print("== A pool of a creator")

    def connect():
        return pyodbc.connect(connection_string())

    engine = create_engine("alloydb+pyodbc://", creator=connect, future=True)
    with engine.connect() as connection:
        connection.execute(INSERT, {"id": "book1", "title": "Book One"})
        connection.execute(INSERT, {"id": "book2", "title": None})
        rows = connection.execute(SELECT).fetchall()
        connection.commit()
    for row in rows:
        print(row)
    print("connections that wait in the pool:", engine.pool.checkedin())
    engine.dispose()
    print("after dispose():", engine.pool.checkedin())


def pool_of_a_url():
    print("== A pool of a URL, as a context manager")
    with pool(url(), pool_size=2, pool_pre_ping=True) as engine:
        with engine.begin() as connection:
            connection.execute(INSERT, [{"id": "book3", "title": "Book Three"}, {"id": "book4", "title": "Book «Four»"}])
        with engine.connect() as one, engine.connect() as other:
            backends = {connection.execute(text("select pg_backend_pid()")).scalar() for connection in (one, other)}
            print("at work:", engine.pool.checkedout(), "connections with", len(backends), "backends")
        with engine.connect() as connection:
            print("used again:", connection.execute(text("select pg_backend_pid()")).scalar() in backends)
            print(connection.execute(SELECT).fetchall())


def asynchronous_pools():
    print("== Asynchronous pools")
    import asyncio

    import aioodbc
    from sqlalchemy.ext.asyncio import create_async_engine

    async def of_a_url():
        engine = create_async_engine(url("alloydb+aioodbc"))
        async with engine.connect() as connection:
            print((await connection.execute(SELECT)).fetchall()[0])
        connections = [await engine.connect() for _ in range(4)]
        span = text("select extract(epoch from statement_timestamp())::float8, extract(epoch from clock_timestamp())::float8 from pg_sleep(1)")
        found = await asyncio.gather(*(connection.execute(span) for connection in connections))
        begun, ended = zip(*(result.one() for result in found))
        print("four queries:", "side by side" if max(begun) < min(ended) else "one after the other")
        for connection in connections:
            await connection.close()
        await engine.dispose()

    async def of_a_creator():
        async def connect():
            return await aioodbc.connect(dsn=connection_string())

        engine = create_async_engine("alloydb+aioodbc://", async_creator=connect)
        async with engine.begin() as connection:
            await connection.execute(INSERT, {"id": "book5", "title": "Book Five"})
        async with engine.connect() as connection:
            print((await connection.execute(text("select count(*) from tutorial_books_of_pools"))).scalar(), "books")
        await engine.dispose()

    asyncio.run(of_a_url())
    asyncio.run(of_a_creator())


# ---- what only an instance has


def principal():
    """A service account's user name in the database."""
    credentials = json.loads(pathlib.Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]).read_text(encoding="utf-8"))
    return credentials["client_email"].replace(".gserviceaccount.com", "")


def mask(words):
    """Without what has another name elsewhere."""
    words = words.replace(SERVER, "INSTANCE").replace(SERVER.split("/instances/")[0], "CLUSTER").replace(principal(), "PRINCIPAL")
    return re.sub(r"https?://[^/ :]+(:\d+)?", "API", words)


def refusal(error):
    return f"{type(error).__name__}: {mask(error.orig.args[1])}"


def who(**more):
    """Who the database says that we are, or why it does not."""
    try:
        with pool(url(**more)) as engine, engine.connect() as connection:
            return mask(connection.execute(text("select current_user")).scalar())
    except sqlalchemy.exc.DBAPIError as error:
        return refusal(error)


IAM = {"User": None, "Password": None, "Server": None, "instance_uri": SERVER, "enable_iam_auth": "1"}


def automatic_iam_authentication():
    print("== Automatic IAM authentication")
    print("user omitted:", who(**IAM))
    print("user given:", who(**{**IAM, "User": principal()}))
    print("another user:", who(**{**IAM, "User": "somebody@example.com"}))
    print("and a password:", who(**{**IAM, "Password": "secret"}))


def renewers():
    """The driver's threads that renew certificates ahead of time."""
    return sum(name.read_text() == "aldb-renewer\n" for name in pathlib.Path("/proc/self/task").glob("*/comm"))


def refresh_strategies():
    print("== Refresh strategies")
    for strategy in ("lazy", "background", "eager"):
        try:
            with pool(url(refresh_strategy=strategy)) as engine, engine.connect() as connection:
                print(f"{strategy}:", connection.execute(text("select 'connected'")).scalar(), "with", renewers(), "threads that renew certificates")
        except sqlalchemy.exc.DBAPIError as error:
            print(f"{strategy}:", refusal(error))
    print("after dispose():", renewers())


def addresses():
    print("== Addresses")
    for ip_type in ("PUBLIC", "PRIVATE", "PSC", "PUBLC"):
        found = who(ip_type=ip_type)
        print(f"{ip_type}:", "connected" if found == who() else found)


def debug_logging(folder):
    """In a process that has connected to nothing yet, so that every step is taken."""
    print("== Debug logging")
    with pool(url(LogLevel="DEBUG", LogPath=folder)) as engine, engine.connect() as connection:
        connection.execute(text("select :value"), {"value": "not to be logged"})
    calls = set()  # two of them are made side by side
    for line in read_log(folder):
        level, component, message = line.split(None, 5)[3:]
        message = re.sub(r"database [^,]*, user [^,]*", "database D, user U", re.sub(r'"[^"]*"', "…", mask(message)))
        message = re.sub(r"\b\d+\b", "N", re.sub(r"connection 0x\w+", "connection", message.replace(", with an IAM token as the database login", "")))
        if component in ("connect", "google", "connector") and not message.startswith("option "):  # those differ with the way to connect
            if level == "DEBUG":
                calls.add(message)
            else:
                print(level, component, message)
    print("\n".join(sorted(calls)))


def read_log(folder):
    (log,) = pathlib.Path(folder).iterdir()
    return log.read_text(encoding="utf-8").splitlines()


def secrets_in(lines):
    """Google's access tokens, signed tokens, keys, passwords."""
    secrets = ["ya29.", "eyJ", "PRIVATE KEY", "not to be logged", *filter(None, [OPTIONS.get("Password")])]
    return [secret for secret in secrets if any(secret in line for line in lines)] or "none"


with tempfile.TemporaryDirectory() as folder:
    if IS_INSTANCE:
        debug_logging(folder)
    recreate_table()
    pool_of_a_creator()
    pool_of_a_url()
    if HAS_ASYNCIO:
        asynchronous_pools()
    if IS_INSTANCE:
        automatic_iam_authentication()
        refresh_strategies()
        addresses()
        print("== Secrets in the log")
        print(secrets_in(read_log(folder)))
with pool(url()) as engine, engine.begin() as connection:
    connection.execute(text("drop table tutorial_books_of_pools"))
