# SPDX-License-Identifier: Apache-2.0
"""The engine spec itself: found by URL, its SQL, its values, its errors, with pyodbc on a real server."""

import datetime as dt
import decimal
import threading
import time
import types

import pyodbc
import pytest
from conftest import fact
from sqlalchemy import create_engine
from sqlalchemy.engine.url import make_url

# Whom Superset would send to a login elsewhere.
DATABASE = types.SimpleNamespace(is_oauth2_enabled=lambda: False)


@pytest.fixture
def spec(within):
    from alloydb_engine_spec import AlloyDBEngineSpec

    return AlloyDBEngineSpec


@pytest.fixture
def connection(url):
    """SQL Lab's way: pyodbc's own connection, of an engine."""
    engine = create_engine(url)
    made = engine.raw_connection()
    yield made
    made.close()
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("alloydb://u:p@h:5432/d", "AlloyDBEngineSpec"),
        ("alloydb+pyodbc://u:p@h:5432/d", "AlloyDBEngineSpec"),
        ("alloydb+aioodbc://u:p@h:5432/d", "AlloyDBEngineSpec"),
        ("alloydb:///d?instance_uri=projects/p", "AlloyDBEngineSpec"),
        ("postgresql://u:p@h/d", "PostgresEngineSpec"),
        ("postgresql+psycopg2://u:p@h/d", "PostgresEngineSpec"),
    ],
)
def test_found_by_url(within, url, expected):
    """By the entry point of the installed package, and PostgreSQL as before."""
    from superset.db_engine_specs import get_engine_spec

    backend, _, driver = url.split(":")[0].partition("+")
    for driver_asked in {driver or "pyodbc" if backend == "alloydb" else driver or "psycopg2", None}:
        assert get_engine_spec(backend, driver_asked).__name__ == expected


def test_parser(spec):
    """PostgreSQL's: what only its grammar knows is read and written, and SQL Lab's refusals apply."""
    from superset.sql.parse import SQLScript

    script = SQLScript("select doc -> 'a' ? 'b', x::int, '1'::jsonb @> '2' from t where a ilike 'x' limit 10", engine=spec.engine)
    assert script.statements[0].get_limit_value() == 10
    assert [str(table) for table in script.statements[0].tables] == ["t"]
    assert script.check_functions_present({"pg_read_file"}) is False
    assert SQLScript("select pg_read_file('/etc/passwd')", engine=spec.engine).check_functions_present({"pg_read_file"})


def test_built_uri(spec):
    parameters = {"username": "u", "password": "p@:/", "host": "h", "port": 5432, "database": "d", "query": {}, "encryption": True}
    uri = spec.build_sqlalchemy_uri(parameters)
    assert uri == "alloydb+pyodbc://u:p%40%3A%2F@h:5432/d?sslmode=require"


@pytest.mark.parametrize(
    "query", ["odbc_connect=DRIVER%3D%2Ftmp%2Fx.so", "Driver=%2Ftmp%2Fx.so", "ODBC Connect=x", "Log-File=%2Ftmp%2Fx", "driver=SQLite3"]
)
def test_refused_uri(spec, query):
    with pytest.raises(ValueError, match="Forbidden"):
        spec.validate_database_uri(make_url(f"alloydb://u:p@h:5432/d?{query}"))
    spec.validate_database_uri(make_url("alloydb://u:p@h:5432/d?sslmode=require&ip_type=PSC"))


def executed(spec, connection, sql):
    cursor = connection.cursor()
    spec.execute(cursor, sql, DATABASE)
    return cursor, spec.fetch_data(cursor)


def test_values(spec, connection):
    """Rows are tuples, "?" is an operator, and columns have types that Superset knows."""
    cursor, rows = executed(
        spec,
        connection,
        "select 1 as i, 1.5::float8 as f, 1.25::numeric as n, 'x?' as s, true as b, date '2024-02-29' as d, timestamp '2024-02-29 03:04:05' as ts,"
        " '{\"a\": 1}'::jsonb ? 'a' as has, '\\xff'::bytea as raw -- ?",
    )
    assert rows == [(1, 1.5, decimal.Decimal("1.25"), "x?", True, dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 3, 4, 5), True, b"\xff")]
    assert type(rows[0]) is tuple
    kinds = [spec.get_datatype(column[1]) for column in cursor.description]
    assert kinds == ["INTEGER", "FLOAT", "DECIMAL", None, "BOOLEAN", "DATE", "DATETIME", "BOOLEAN", "BINARY"]


def test_no_rows(spec, connection):
    assert executed(spec, connection, "create temp table aldb_superset (a int)")[1] == []
    assert executed(spec, connection, "select * from aldb_superset")[1] == []


def test_cost(spec, connection):
    found = spec.estimate_statement_cost(DATABASE, "select '{}'::jsonb ? 'a'", connection.cursor())
    assert set(found) == {"Start-up cost", "Total cost"}


def test_cancel(spec, url, connection):
    """By the number of the backend, from another connection."""
    engine = create_engine(url)
    running = engine.raw_connection()
    cursor = running.cursor()
    number = spec.get_cancel_query_id(cursor, None)
    found = []

    def run():
        try:
            cursor.execute("select pg_sleep(60)")
        except pyodbc.Error as error:
            found.append(error.args[1])

    thread = threading.Thread(target=run)
    begun = time.monotonic()
    thread.start()
    time.sleep(0.5)
    assert spec.cancel_query(connection.cursor(), None, number) is True
    thread.join(30)
    assert time.monotonic() - begun < 30 and "terminating connection" in found[0]
    running.invalidate()
    engine.dispose()


# ---- errors


def told(spec, error):
    (found,) = spec.extract_errors(error)
    return found.error_type.name, found.message


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"password": "wrong"}, "CONNECTION_INVALID_PASSWORD_ERROR", 'The password provided for username "aldb_test" is incorrect.'),
        ({"database": "nowhere"}, "CONNECTION_UNKNOWN_DATABASE_ERROR", 'Unable to connect to database "nowhere".'),
        ({"host": "nowhere.invalid"}, "CONNECTION_INVALID_HOSTNAME_ERROR", 'The hostname "nowhere.invalid" cannot be resolved.'),
        ({"port": 0}, "CONNECTION_PORT_CLOSED_ERROR", 'Port {dead} on hostname "127.0.0.1" refused the connection.'),
    ],
)
def test_connection_errors(spec, url, change, kind, message):
    dead = int(fact("DEAD_PORT"))
    with pytest.raises(Exception) as caught:
        create_engine(url.set(**{key: value or dead for key, value in change.items()})).connect()
    assert told(spec, caught.value) == (kind, message.format(dead=dead))


@pytest.mark.parametrize(
    ("sql", "raised", "kind", "message"),
    [
        ("select nope from pg_class", "Programming", "COLUMN_DOES_NOT_EXIST_ERROR", 'We can\'t seem to resolve the column "nope".'),
        ("select c.nope from pg_class c", "Programming", "COLUMN_DOES_NOT_EXIST_ERROR", 'We can\'t seem to resolve the column "c.nope".'),
        ("selec 1", "Programming", "SYNTAX_ERROR", 'near "selec"'),
        ("select 1 / 0", "Data", "GENERIC_DB_ENGINE_ERROR", "division by zero"),
    ],
)
def test_statement_errors(spec, connection, sql, raised, kind, message):
    """Superset's kinds of exception, and pyodbc's message without the pair around it."""
    with pytest.raises(Exception) as caught:
        executed(spec, connection, sql)
    assert type(caught.value).__name__ == f"SupersetDBAPI{raised}Error"
    found = told(spec, caught.value.__cause__)
    assert found[0] == kind and message in found[1] and not found[1].startswith("(")
