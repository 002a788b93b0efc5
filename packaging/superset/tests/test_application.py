# SPDX-License-Identifier: Apache-2.0
"""The whole of Superset over the driver: what charts and SQL Lab do with a database. Runs where Superset is installed."""

import datetime as dt
import decimal
import json

import pytest
from conftest import fact


@pytest.fixture
def spec(app):
    from alloydb_engine_spec import AlloyDBEngineSpec

    return AlloyDBEngineSpec


@pytest.fixture
def database(app, url):
    from superset.models.core import Database

    made = Database(database_name="AlloyDB", sqlalchemy_uri="alloydb://", extra="{}", expose_in_sqllab=True)
    made.set_sqlalchemy_uri(url.render_as_string(hide_password=False))
    return made


def test_limit(database):
    assert database.get_df(database.apply_limit_to_sql("select * from generate_series(1, 100)", 7, force=True)).shape == (7, 1)


def test_listed(app, spec):
    """In the dialog that adds a database, beside PostgreSQL, by its URI."""
    from superset.db_engine_specs import get_available_engine_specs

    available = get_available_engine_specs()
    assert "pyodbc" in available[spec] and spec.default_driver is None
    assert spec.engine_name not in [other.engine_name for other in available if other is not spec]


def test_parameters_of_uri(spec):
    parameters = {"username": "u", "password": "p@:/", "host": "h", "port": 5432, "database": "d", "query": {"a": "b"}, "encryption": True}
    assert spec.get_parameters_from_uri(spec.build_sqlalchemy_uri(parameters)) == parameters


def test_refusals_of_the_configuration(app, spec):
    for setting in ("DISALLOWED_SQL_FUNCTIONS", "DISALLOWED_SQL_TABLES"):
        assert app.config[setting][spec.engine]


def test_frame(database):
    """As charts read: names, types and values."""
    frame = database.get_df(
        "select 1 as i, 9223372036854775807 as big, 1.5::float8 as f, 1.25::numeric as n, 'ñ %? 🙂' as s, true as b, date '2024-02-29' as d,"
        " timestamp '2024-02-29 03:04:05.678901' as ts, null::int as nothing"
    )
    assert list(frame.columns) == ["i", "big", "f", "n", "s", "b", "d", "ts", "nothing"]
    row = frame.iloc[0].tolist()
    assert row[:7] == [1, 9223372036854775807, 1.5, decimal.Decimal("1.25"), "ñ %? 🙂", True, dt.date(2024, 2, 29)]
    assert str(frame["ts"][0]) == "2024-02-29 03:04:05.678901"


def test_result_set(database, spec):
    """As SQL Lab reads: the types that decide on axes and time columns."""
    from superset.result_set import SupersetResultSet

    with database.get_raw_connection() as connection:
        cursor = connection.cursor()
        spec.execute(
            cursor,
            "select 1 as i, 1.5::float8 as f, 1.25::numeric as n, 'x' as s, true as b, date '2024-02-29' as d,"
            " now()::timestamp as ts, '{\"a\": 1}'::jsonb ? 'a' as has,"
            " now() as tz, '[1, 2]'::jsonb as doc",
            database,
        )
        data = spec.fetch_data(cursor, None)
        assert isinstance(data, list) and type(data[0]) is tuple
        result = SupersetResultSet(data, cursor.description, spec)
    kinds = {column["column_name"]: (column["type"], column["is_dttm"]) for column in result.columns}
    assert kinds == {
        "i": ("INTEGER", False),
        "f": ("FLOAT", False),
        "n": ("DECIMAL", False),
        "s": ("STRING", False),
        "b": ("BOOLEAN", False),
        "d": ("DATE", True),
        "ts": ("DATETIME", True),
        "has": ("BOOLEAN", False),
        "tz": ("DATETIME", True),
        "doc": ("STRING", False),
    }


def test_duplicate_and_empty(database, spec):
    assert database.get_df("select 1 as a, 2 as a").shape == (1, 2)
    assert list(database.get_df("select 1 as a where false").columns) == ["a"]
    with database.get_raw_connection() as connection:
        cursor = connection.cursor()
        spec.execute(cursor, "create temp table aldb_superset (a int)", database)
        assert spec.fetch_data(cursor) == []


def test_catalogs_and_schemas(database):
    """A catalog is a database, a schema a search path."""
    assert {"postgres", fact("DATABASE")} <= database.get_all_catalog_names(force=True)
    assert database.get_default_catalog() == fact("DATABASE") and database.get_default_schema(None) == "public"
    assert "information_schema" in database.get_all_schema_names(catalog=None, force=True)
    assert database.get_df("select current_database()", catalog="postgres").iloc[0, 0] == "postgres"
    assert database.get_df("select current_schema()", schema="pg_catalog").iloc[0, 0] == "pg_catalog"


def test_tables_and_columns(database, spec):
    from superset.sql.parse import Table

    with database.get_sqla_engine() as engine:
        engine.execute("drop table if exists aldb_superset_t")
        engine.execute("create table aldb_superset_t (id int primary key, at timestamptz, doc jsonb, tags text[], amount numeric(10, 2))")
    try:
        assert ("aldb_superset_t", "public", None) in database.get_all_table_names_in_schema(catalog=None, schema="public", force=True)
        columns = {column["column_name"]: str(column["type"]) for column in database.get_columns(Table("aldb_superset_t", "public"))}
        assert columns == {"id": "INTEGER", "at": "TIMESTAMP", "doc": "JSONB", "tags": "ARRAY", "amount": "NUMERIC(10, 2)"}
        assert spec.get_column_spec(columns["at"]).is_dttm and not spec.get_column_spec(columns["id"]).is_dttm
        assert "LIMIT 100" in database.select_star(Table("aldb_superset_t", "public"), show_cols=True)
    finally:
        with database.get_sqla_engine() as engine:
            engine.execute("drop table aldb_superset_t")


def test_time_grains(database, spec):
    """Every grain's expression runs."""
    from sqlalchemy import literal_column, select

    for grain in spec.get_time_grain_expressions():
        expression = spec.get_timestamp_expr(literal_column("timestamp '2024-02-29 03:04:05'"), None, grain)
        sql = database.compile_sqla_query(select([expression.label("t")]))
        assert database.get_df(sql).shape == (1, 1)


def test_upload(database, spec):
    """A frame of a file becomes a table."""
    import pandas
    from superset.sql.parse import Table

    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    spec.df_to_sql(database, Table("aldb_uploaded", "public"), frame, {"if_exists": "replace", "index": False})
    try:
        assert database.get_df("select * from aldb_uploaded order by a").values.tolist() == [[1, "x"], [2, None]]
    finally:
        with database.get_sqla_engine() as engine:
            engine.execute("drop table aldb_uploaded")


def told(database, spec, sql="select 1"):
    try:
        database.get_df(sql)
    except Exception as error:
        (found,) = spec.extract_errors(error)
        return found.error_type.name, found.message
    raise AssertionError("no error")


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"password": "wrong"}, "CONNECTION_INVALID_PASSWORD_ERROR", 'The password provided for username "aldb_test" is incorrect.'),
        ({"database": "nowhere"}, "CONNECTION_UNKNOWN_DATABASE_ERROR", 'Unable to connect to database "nowhere".'),
        ({"host": "nowhere.invalid"}, "CONNECTION_INVALID_HOSTNAME_ERROR", 'The hostname "nowhere.invalid" cannot be resolved.'),
        ({"port": None}, "CONNECTION_PORT_CLOSED_ERROR", 'Port {dead} on hostname "127.0.0.1" refused the connection.'),
    ],
)
def test_connection_errors(database, spec, url, change, kind, message):
    dead = int(fact("DEAD_PORT"))
    database.set_sqlalchemy_uri(
        url.set(**{key: dead if key == "port" else value for key, value in change.items()}).render_as_string(hide_password=False)
    )
    assert told(database, spec) == (kind, message.format(dead=dead))


def test_statement_errors(database, spec):
    assert told(database, spec, "select nope from pg_class") == ("COLUMN_DOES_NOT_EXIST_ERROR", 'We can\'t seem to resolve the column "nope".')
    assert told(database, spec, "select c.nope from pg_class c") == ("COLUMN_DOES_NOT_EXIST_ERROR", 'We can\'t seem to resolve the column "c.nope".')
    kind, message = told(database, spec, "select 1 / 0")
    assert kind == "GENERIC_DB_ENGINE_ERROR" and "division by zero" in message and not message.startswith("(")


def test_server_certificate(database, spec, url):
    """The field for a root certificate becomes the driver's keywords: the server's is valid for localhost alone."""
    with open(fact("CA"), encoding="ascii") as file:
        database.server_cert = file.read()
    assert json.loads(database.extra) == {}
    database.set_sqlalchemy_uri(url.set(host="localhost").render_as_string(hide_password=False))
    assert database.get_df("select ssl from pg_stat_ssl where pid = pg_backend_pid()").iloc[0, 0]
    database.set_sqlalchemy_uri(url.render_as_string(hide_password=False))
    assert "127.0.0.1" in told(database, spec)[1]
