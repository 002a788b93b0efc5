# SPDX-License-Identifier: Apache-2.0
"""Engines on a real server: each form of URL, transactions, counts, streams, what happens when a connection is lost."""

import asyncio
import os
import time
import uuid
from urllib.parse import quote_plus

import pytest
from conftest import SQLALCHEMY_2, fact
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, create_engine, event, exc, func, inspect, select, text
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.engine import make_url
from sqlalchemy.engine.url import URL

from sqlalchemy_alloydb.url import quote


def forms():
    host, port, database, user, password = (fact(name) for name in ("HOST", "PORT", "DATABASE", "USER", "PASSWORD"))
    string = f"DRIVER=AlloyDB;Server={host};Port={port};Database={database};UID={user};PWD={quote(password)}"
    login = f"{user}:{quote_plus(password)}"
    properties = f"User={user}&Password={quote_plus(password)}&Database={database}&Server={host}&Port={port}"
    return {
        "host": f"alloydb+pyodbc://{login}@{host}:{port}/{database}?driver=AlloyDB",
        "short": f"alloydb://{login}@{host}:{port}/{database}",
        "postgresql": f"postgresql+pyodbc://{login}@{host}:{port}/{database}?application_name=a%3Bb",
        "dsn": f"alloydb+pyodbc://{login}@{fact('DSN')}",
        "dsn without login": f"alloydb+pyodbc://{fact('DSN')}",
        "dsn in the query": f"alloydb+pyodbc://{login}@/{database}?dsn={fact('DSN')}",
        "odbc_connect": f"alloydb+pyodbc:///?odbc_connect={quote_plus(string)}",
        "properties": f"alloydb:///?{properties}",
        "several hosts": f"alloydb://{login}@/{database}?Server={host}&Server={host}&Port={port},{port}",
    }


@pytest.mark.parametrize(
    "form", ["host", "short", "postgresql", "dsn", "dsn without login", "dsn in the query", "odbc_connect", "properties", "several hosts"]
)
def test_form(form):
    made = create_engine(forms()[form])
    with made.connect() as connection:
        assert tuple(connection.execute(text("select current_database(), current_user")).one()) == (fact("DATABASE"), fact("USER"))
        assert connection.execute(text("select now()").columns(now=pg.TIMESTAMP(timezone=True))).scalar().tzinfo is not None
        assert made.dialect.name == "postgresql" and made.dialect.driver == "pyodbc"
        assert made.dialect.server_version_info >= (14,)
    made.dispose()


def test_odd_password(url):
    """Every character that means something in a connection string."""
    url = url.set(username="aldb_odd", password=fact("ODD_PASSWORD"))
    for form in (url, make_url(url.render_as_string(hide_password=False)), URL.create("alloydb", query={"odbc_connect": connection_string(url)})):
        made = create_engine(form)
        with made.connect() as connection:
            assert connection.execute(text("select current_user")).scalar() == "aldb_odd"
        made.dispose()


def connection_string(url):
    return f"DRIVER=AlloyDB;Server={url.host};Port={url.port};Database={url.database};UID={url.username};PWD={quote(url.password)}"


def table(connection, *columns):
    made = Table("aldb_engine", MetaData(), Column("id", Integer, primary_key=True), Column("v", String(50)), *columns, prefixes=["TEMPORARY"])
    made.metadata.create_all(connection)
    return made


# ---- transactions


def test_isolation(engine):
    for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        with engine.connect().execution_options(isolation_level=level) as connection:
            assert connection.execute(text("show transaction_isolation")).scalar().upper() == level
            assert connection.get_isolation_level() == level
    with engine.connect() as connection:
        assert connection.execute(text("show transaction_isolation")).scalar() == "read committed"


def test_autocommit(engine):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("create temp table aldb_kept (a int)"))
        connection.execute(text("insert into aldb_kept values (1)"))
        if hasattr(connection, "rollback"):
            connection.rollback()
        assert connection.execute(text("select count(*) from aldb_kept")).scalar() == 1
        assert connection.connection.dbapi_connection.autocommit if SQLALCHEMY_2 else connection.connection.autocommit
        connection.execute(text("drop table aldb_kept"))
        connection.execute(text("vacuum pg_class"))
    with engine.connect() as connection:
        assert not (connection.connection.dbapi_connection if SQLALCHEMY_2 else connection.connection).autocommit


def test_engine_wide_autocommit(url):
    made = create_engine(url, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        first, second = (connection.execute(text("select pg_current_xact_id()::text")).scalar() for _ in range(2))
        assert first != second
    made.dispose()


def test_readonly_and_deferrable(engine):
    options = {"postgresql_readonly": True, "postgresql_deferrable": True, "isolation_level": "SERIALIZABLE"}
    with engine.connect().execution_options(**options) as connection:
        assert connection.execute(text("show transaction_read_only")).scalar() == "on"
        assert connection.execute(text("show transaction_deferrable")).scalar() == "on"
    with engine.connect() as connection:
        assert connection.execute(text("show transaction_read_only")).scalar() == "off"


def test_savepoint(connection):
    made = table(connection)
    with pytest.raises(exc.IntegrityError), connection.begin_nested():
        connection.execute(made.insert(), [{"id": 1}, {"id": 2}])
        connection.execute(made.insert(), {"id": 2})
    assert connection.execute(select(func.count()).select_from(made)).scalar() == 0


@pytest.mark.parametrize("outcome", ["commit", "rollback"])
def test_two_phase(engine, outcome):
    xid = f"aldb-'{uuid.uuid4()}"
    name = f"aldb_two_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        transaction = connection.begin_twophase(xid)
        connection.execute(text(f"create table {name} (a int)"))
        transaction.prepare()
        assert xid in connection.recover_twophase() or not SQLALCHEMY_2
        getattr(transaction, outcome)()
    with engine.begin() as connection:
        assert xid not in list(connection.execute(text("select gid from pg_prepared_xacts")).scalars())
        assert inspect(connection).has_table(name) == (outcome == "commit")
        connection.execute(text(f"drop table if exists {name}"))


# ---- rows in and out


@pytest.mark.parametrize("fast", [False, True])
def test_executemany(url, fast):
    made = create_engine(url, fast_executemany=fast)
    with made.connect() as connection:
        rows = table(connection)
        # In several batches where SQLAlchemy makes them.
        inserted = connection.execute(rows.insert(), [{"id": i, "v": None if i % 7 == 0 else f"row {i} 🙂"} for i in range(3000)])
        assert inserted.rowcount == (-1 if fast else 3000)
        assert connection.execute(select(func.count(), func.count(rows.c.v), func.max(rows.c.v))).one()[:2] == (3000, 2571)
        assert connection.execute(select(rows.c.v).where(rows.c.id == 2999)).scalar() == "row 2999 🙂"
        changed = connection.execute(rows.update().where(rows.c.id == bindparam("i")).values(v="new"), [{"i": 1}, {"i": 2}, {"i": 9999}])
        # pyodbc tells no count of arrays.
        assert changed.rowcount == (-1 if fast else 2)
    made.dispose()


@pytest.mark.parametrize("fast", [False, True])
def test_executemany_refused(url, fast):
    """A row that is refused among others is an error, whichever way they go."""
    made = create_engine(url, fast_executemany=fast)
    with made.connect() as connection:
        rows = table(connection)
        with pytest.raises(exc.IntegrityError, match="duplicate key"):
            connection.execute(rows.insert(), [{"id": i % 29, "v": "x"} for i in range(30)])
    made.dispose()


def test_returning(connection):
    made = table(connection)
    assert connection.execute(made.insert().values(id=1, v="a").returning(made.c.v)).scalar() == "a"
    assert connection.execute(made.update().values(v="b").where(made.c.id == 2).returning(made.c.v)).all() == []
    assert connection.execute(made.update().values(v="b").returning(made.c.id, made.c.v)).all() == [(1, "b")]
    if SQLALCHEMY_2:
        found = connection.execute(made.insert().returning(made.c.id, sort_by_parameter_order=True), [{"id": i} for i in range(5000, 2, -1)])
        assert found.rowcount == -1 and found.scalars().all() == list(range(5000, 2, -1))


def test_on_conflict(connection):
    made = table(connection)
    upsert = pg.insert(made)
    upsert = upsert.on_conflict_do_update(index_elements=["id"], set_={"v": upsert.excluded.v})
    for value in ("a", "b"):
        connection.execute(upsert, [{"id": 1, "v": value}, {"id": 2, "v": value}])
    assert connection.execute(select(made.c.v)).scalars().all() == ["b", "b"]
    assert connection.execute(pg.insert(made).on_conflict_do_nothing(), {"id": 1}).rowcount == 0


def test_rowcount(connection):
    made = table(connection)
    connection.execute(made.insert(), [{"id": i} for i in range(10)])
    assert connection.execute(made.update().where(made.c.id < 3).values(v="x")).rowcount == 3
    assert connection.execute(made.delete().where(made.c.id > 100)).rowcount == 0


def test_stream(engine):
    """A result of a few hundred megabytes starts at once, and another statement runs while it is open."""
    with engine.connect() as connection:
        started = time.monotonic()
        result = connection.execution_options(stream_results=True, max_row_buffer=100).execute(
            text("select i, repeat('x', 100) from generate_series(1, 3000000) as i")
        )
        assert [row[0] for row in result.fetchmany(3)] == [1, 2, 3]
        assert time.monotonic() - started < 60
        result.close()
        assert connection.execute(text("select 1")).scalar() == 1


def test_schema_translation(connection):
    made = Table("aldb_translated", MetaData(), Column("id", Integer, primary_key=True), schema="one")
    translated = connection.execution_options(schema_translate_map={"one": "public"})
    made.create(translated)
    assert translated.execute(made.insert().returning(made.c.id), {"id": 7}).scalar() == 7


# ---- the connection


def terminate(engine, pid):
    with engine.connect() as other:
        other.execute(text("select pg_terminate_backend(:pid, 10000)"), {"pid": pid})


def test_lost_connection(engine):
    with engine.connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar()
        terminate(engine, pid)
        with pytest.raises(exc.DBAPIError) as caught:
            connection.execute(text("select 1"))
        assert caught.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(text("select 1")).scalar() == 1


def test_pre_ping(url):
    made = create_engine(url, pool_pre_ping=True, pool_size=1)
    with made.connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar()
    killer = create_engine(url)
    terminate(killer, pid)
    with made.connect() as connection:
        assert connection.execute(text("select pg_backend_pid()")).scalar() != pid
        assert connection.execute(text("select pg_current_xact_id_if_assigned()")).scalar() is None
    killer.dispose()
    made.dispose()


def test_refused_is_no_disconnect(engine):
    with engine.connect() as connection, pytest.raises(exc.ProgrammingError) as caught:
        connection.execute(text("select nothing_there"))
    assert not caught.value.connection_invalidated


def test_creator(url):
    """A pool over connections that the application makes."""
    pyodbc = pytest.importorskip("pyodbc")
    made = create_engine("alloydb+pyodbc://", creator=lambda: pyodbc.connect(connection_string(url)))
    with made.connect() as connection:
        assert connection.execute(text("select 1")).scalar() == 1
    made.dispose()


def test_do_connect_event(url):
    """As tokens are handed over with each new connection."""
    made = create_engine(url.set(password=None))

    @event.listens_for(made, "do_connect")
    def give(dialect, record, arguments, keywords):
        arguments[0] += f";PWD={quote(url.password)}"

    with made.connect() as connection:
        assert connection.execute(text("select 1")).scalar() == 1
    made.dispose()


def test_async(url):
    pytest.importorskip("aioodbc")
    if not SQLALCHEMY_2:
        pytest.skip("aioodbc is for SQLAlchemy 2.0")
    from sqlalchemy.ext.asyncio import create_async_engine

    async def one(engine):
        async with engine.connect() as connection:
            return (await connection.execute(text("select pg_sleep(1)::text, cast(:i as uuid)"), {"i": str(uuid.UUID(int=1))})).one()[1]

    async def run():
        engine = create_async_engine(url.set(drivername="alloydb+aioodbc"), pool_pre_ping=True)
        started = time.monotonic()
        found = await asyncio.gather(*[one(engine) for _ in range(4)])
        took = time.monotonic() - started
        async with engine.connect() as connection:
            rows = [row[0] async for row in await connection.stream(text("select * from generate_series(1, 1000)"))]
        await engine.dispose()
        return found, took, rows

    found, took, rows = asyncio.run(run())
    assert found == [uuid.UUID(int=1)] * 4
    assert took < 3.5, "queries of four connections did not overlap"
    assert rows == list(range(1, 1001))


def test_environment():
    """Which of the two ways of tests/clients/test_sqlalchemy.sh this is."""
    assert os.environ.get("ALDB_TEST_SQLALCHEMY") in (None, "2.0", "1.4")
    assert os.environ.get("ALDB_TEST_SQLALCHEMY") in (None, "2.0" if SQLALCHEMY_2 else "1.4")


@pytest.mark.parametrize(
    ("statement", "state", "odbc"),
    [
        ("insert into aldb_states values (1), (1)", "23505", "23000"),
        ("select 1 / 0", "22012", "22012"),
        ("selec 1", "42601", "42000"),
        ("select * from aldb_nowhere", "42P01", "42S02"),
    ],
)
def test_sqlstate(connection, statement, state, odbc):
    connection.execute(text("create temp table aldb_states (id int primary key)"))
    with pytest.raises(exc.DBAPIError) as raised:
        connection.execute(text(statement))
    assert (raised.value.orig.pgcode, raised.value.orig.sqlstate, raised.value.orig.args[0]) == (state, state, odbc)


def test_sqlstate_of_commit(engine):
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("create temp table aldb_deferred (id int unique deferrable initially deferred) on commit drop"))
        connection.execute(text("insert into aldb_deferred values (1), (1)"))
        with pytest.raises(exc.IntegrityError) as raised:
            transaction.commit()
        assert raised.value.orig.pgcode == "23505"
