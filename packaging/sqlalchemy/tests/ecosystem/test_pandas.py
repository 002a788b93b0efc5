# SPDX-License-Identifier: Apache-2.0
"""pandas over both engines: every frame that is read has to be the same, dtypes and the types of single values included."""

import datetime as dt
import decimal
import uuid

import numpy
import pandas
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import ARRAY, Column, DateTime, Integer, LargeBinary, MetaData, Numeric, String, Table, Text, create_engine, exc, select, text
from sqlalchemy.dialects import postgresql as pg

from .conftest import DRIVERS, url_of

D = decimal.Decimal
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))


@pytest.fixture(scope="module", autouse=True)
def tables(run):
    run(
        """create table readings (id int primary key, device text, at timestamptz, local timestamp, day date, clock time, amount numeric(12, 3),
            share float8, few real, ok boolean, raw bytea, doc jsonb, note varchar(20), big bigint, small smallint, key uuid, took interval,
            tags text[], span int4range)""",
        r"""insert into readings select i, 'device ñ 🙂 %?:x' || i % 3, '2024-02-29 03:04:05.678901+05:30'::timestamptz + i * interval '1 day',
            '2024-02-29 03:04:05.678901'::timestamp + i * interval '1 hour', '2024-02-29'::date + i, '03:04:05'::time, i * 1.125,
            i / 3.0, i / 7.0, i % 2 = 0, decode(lpad(to_hex(i), 4, '0'), 'hex'), json_build_object('i', i, 'a', json_build_array(1, null)), 'n' || i,
            9223372036854775807 - i, i % 100, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, i * interval '1 hour 1 second',
            array['a' || i, null], int4range(i, i + 5) from generate_series(1, 2500) as i""",
        "insert into readings (id) values (0)",  # NULL in every column
    )


def typed(frame):
    """The frame and the Python type of each value, which assert_frame_equal does not look at."""
    return [[type(value).__name__ for value in frame[column]] for column in frame.columns]


def same(engines, read):
    frames = {name: read(engine) for name, engine in engines.items()}
    found, expected = frames["alloydb"], frames["psycopg2"]
    assert_frame_equal(found, expected, check_exact=True)
    assert typed(found) == typed(expected)
    return expected


COLUMNS = "id, device, local, day, clock, amount, share, few, ok, note, big, small"
OTHERS = ["at", "doc", "key", "took", "tags", "span", "raw"]


@pytest.mark.parametrize("with_nulls", [False, True])
def test_read_text(engines, with_nulls):
    statement = f"select {COLUMNS} from readings {'' if with_nulls else 'where id > 0'} order by id"
    frame = same(engines, lambda engine: pandas.read_sql(text(statement), engine))
    assert len(frame) == 2500 + with_nulls
    same(engines, lambda engine: pandas.read_sql_query(statement, engine))  # a str


@pytest.mark.parametrize("column", OTHERS)
def test_read_text_of_other_types(engines, column):
    def read(engine):
        frame = pandas.read_sql(text(f"select id, {column} from readings order by id"), engine)
        return frame.map(plain)

    same(engines, read)


def plain(value):
    """psycopg2 gives bytea as memoryview, a range as its own class, and a UUID without a column's type as text."""
    if isinstance(value, memoryview):
        return bytes(value)
    if type(value).__name__ == "NumericRange":
        return f"{value._bounds[0]}{value.lower},{value.upper}{value._bounds[1]}"
    if isinstance(value, uuid.UUID) or type(value).__name__ == "Range":
        return str(value)
    return value


def test_read_table(engines):
    columns = COLUMNS.split(", ") + ["at", "doc", "key", "took", "tags", "raw"]
    for read in (pandas.read_sql_table, pandas.read_sql):
        frame = same(engines, lambda engine, read=read: read("readings", engine, columns=columns).sort_values("id", ignore_index=True).map(plain))
        assert frame["doc"][1] == {"i": 1, "a": [1, None]} and frame["tags"][1] == ["a1", None] and str(frame["took"].dtype).startswith("timedelta64")
    same(engines, lambda engine: pandas.read_sql_table("readings", engine, schema="public", index_col="id", columns=["note", "amount"]).sort_index())


@pytest.mark.parametrize("coerce_float", [False, True])
def test_coerce_float(engines, coerce_float):
    frame = same(
        engines, lambda engine: pandas.read_sql("select amount, share from readings where id > 0 order by id", engine, coerce_float=coerce_float)
    )
    assert (str(frame["amount"].dtype) == "float64") == coerce_float and type(frame["amount"][0]) is (numpy.float64 if coerce_float else D)


def test_read_with_parameters(engines):
    statement = text("select id, note, :label as label from readings where id between :low and :high and device like :like and ok = :ok order by id")
    parameters = {"low": 5, "high": 90, "like": "%🙂%", "ok": True, "label": "% ? :x"}
    frame = same(engines, lambda engine: pandas.read_sql(statement, engine, params=parameters))
    assert len(frame) == 43 and frame["label"][0] == "% ? :x"
    moments = {"since": dt.datetime(2024, 3, 1, 12, tzinfo=INDIA), "until": pandas.Timestamp("2024-03-05", tz="UTC"), "n": numpy.int64(2000)}
    statement = text("select id from readings where at between :since and :until and id < :n order by id")
    assert len(same(engines, lambda engine: pandas.read_sql(statement, engine, params={**moments, "n": int(moments["n"])}))) == 4


def test_read_select(engines):
    metadata = MetaData()

    def read(engine):
        table = metadata.tables.get("readings")
        if table is None:
            table = Table("readings", metadata, autoload_with=engine)
        statement = select(table.c.at, table.c.doc, table.c.tags, table.c.took, table.c.key, table.c.raw).where(table.c.id > 0).order_by(table.c.id)
        return pandas.read_sql(statement, engine).map(plain)

    frame = same(engines, read)
    assert str(frame["at"].dtype).endswith("UTC]") and frame["key"][0] == str(uuid.UUID(int=1))


def test_parse_dates(engines):
    statement = text("select id, at::text as at, extract(epoch from at)::bigint as epoch, day::text as day from readings where id > 0 order by id")
    frame = same(
        engines,
        lambda engine: pandas.read_sql(statement, engine, index_col="id", parse_dates={"at": {"utc": True}, "epoch": "s", "day": "%Y-%m-%d"}),
    )
    assert [str(kind).split("[")[0] for kind in frame.dtypes] == ["datetime64"] * 3
    zoned = text("select id, at, local, day from readings where id > 0 order by id")
    frame = same(engines, lambda engine: pandas.read_sql(zoned, engine, parse_dates=["at", "local", "day"]))
    assert str(frame["at"].dtype).endswith("UTC]")


def test_dtype_backend(engines):
    statement = f"select {COLUMNS} from readings order by id"
    frame = same(engines, lambda engine: pandas.read_sql(text(statement), engine, dtype_backend="numpy_nullable"))
    assert str(frame["big"].dtype) == "Int64" and str(frame["ok"].dtype) == "boolean"
    same(
        engines,
        lambda engine: pandas.read_sql(text("select id, note from readings order by id"), engine, dtype={"id": "float32", "note": "category"}),
    )


def test_chunks(engines):
    """In pieces, streaming; other statements run meanwhile on the same connection."""

    def read(engine):
        with engine.connect().execution_options(stream_results=True) as connection:
            pieces = pandas.read_sql(text(f"select {COLUMNS} from readings where id > 0 order by id"), connection, chunksize=1000)
            first = next(pieces)
            assert connection.execute(text("select 1")).scalar() == 1
            sizes = [len(first)]
            for piece in pieces:
                sizes.append(len(piece))
                first = pandas.concat([first, piece], ignore_index=True)
            assert sizes == [1000, 1000, 500]
            return first

    same(engines, read)
    pieces = list(pandas.read_sql(text("select id from readings where false"), engines["alloydb"], chunksize=10))
    assert [list(piece.columns) for piece in pieces] == [["id"]]


def test_wrong_statement(engine):
    with pytest.raises((exc.ProgrammingError, pandas.errors.DatabaseError), match="nowhere"):
        pandas.read_sql("select * from nowhere", engine)


# ---- writing


FRAME = pandas.DataFrame(
    {
        "i": [1, -(2**63), 2**63 - 1],
        "small": numpy.array([1, 2, 3], dtype="int16"),
        "nullable": pandas.array([1, None, 3], dtype="Int64"),
        "f": [1.5, float("nan"), -1e300],
        "f32": numpy.array([0.1, numpy.nan, 3], dtype="float32"),
        "infinite": [float("inf"), -float("inf"), 0.0],
        "b": [True, False, True],
        "maybe": pandas.array([True, None, False], dtype="boolean"),
        "s": ["ñ 🙂 % ? :x '\"\\", None, ""],
        "strings": pandas.array(["a", None, "c"], dtype="string"),
        "category": pandas.Categorical(["x", "y", "x"]),
        "ts": pandas.to_datetime(["2024-02-29 03:04:05.678901", None, "1600-01-01"], format="ISO8601"),
        "tz": pandas.to_datetime(["2024-02-29 03:04:05.678901+05:30", None, "2024-07-01 00:00+05:30"], format="ISO8601"),
        "zone": pandas.to_datetime(["2024-01-01 12:00", None, "2024-07-01 12:00"], format="ISO8601").tz_localize("Europe/Berlin"),
        "day": [dt.date(2024, 2, 29), None, dt.date(1, 1, 1)],
        "clock": [dt.time(1, 2, 3, 4), None, dt.time(23, 59, 59)],
        "raw": [b"\x00\xff", None, b""],
        "dec": [D("1.25"), None, D("-12345678901234567890.123456789")],
        "empty": [None, None, None],
        "Größe % ?": [1, 2, 3],
    }
)
TYPES = {"raw": LargeBinary, "dec": Numeric, "empty": Text}
METHODS = {"single": {}, "multi": {"method": "multi"}, "fast": {}, "chunks": {"chunksize": 2}}


@pytest.fixture(scope="module")
def writers(database):
    """By engine and way of writing. psycopg2 has no arrays of parameters."""
    made = {(name, way): create_engine(url_of(name, database)) for name in DRIVERS for way in METHODS}
    made["alloydb", "fast"] = create_engine(url_of("alloydb", database), fast_executemany=True)
    yield made
    for engine in made.values():
        engine.dispose()


def counted(name, way, count, chunks=1):
    """What to_sql() gives: pandas adds up row counts, and pyodbc tells none of an array of parameters."""
    return -chunks if (name, way) == ("alloydb", "fast") else count


def stored(run, table):
    """Columns and rows in the server's words, so that no client's reading is between."""
    kinds = run(f"select column_name, data_type, is_nullable from information_schema.columns where table_name = '{table}' order by ordinal_position")
    return kinds, [row[0] for row in run(f'select t::text from "{table}" as t')]


@pytest.mark.parametrize("way", list(METHODS))
def test_write(engines, writers, run, way):
    """As columns and rows on the server, and read back."""
    made, read = {}, {}
    for name in DRIVERS:
        table = f"% ? {name} ñ {way}"
        assert FRAME.to_sql(table, writers[name, way], dtype=TYPES, if_exists="fail", index=False, **METHODS[way]) == counted(name, way, 3)
        with pytest.raises(ValueError, match="already exists"):
            FRAME.to_sql(table, writers[name, way], if_exists="fail", index=False)
        made[name] = stored(run, table)
        read[name] = pandas.read_sql_table(table, engines["alloydb"]).map(plain)
    assert made["alloydb"] == made["psycopg2"] and len(made["alloydb"][1]) == 3
    assert_frame_equal(read["alloydb"], read["psycopg2"], check_exact=True)


def test_written_is_read(engines, writers):
    """Each engine's rows by the other."""
    for name in DRIVERS:
        FRAME.to_sql(f"crossed_{name}", writers[name, "single"], dtype=TYPES, index=False)
        found = same(engines, lambda engine, name=name: pandas.read_sql_table(f"crossed_{name}", engine).map(plain))
        for column in ("i", "s", "ts", "day", "clock", "dec"):
            expected = FRAME[column].astype(found[column].dtype)
            pandas.testing.assert_series_equal(found[column], expected)


@pytest.mark.parametrize("way", list(METHODS))
def test_types(engines, writers, run, way):
    """Columns with PostgreSQL's own types."""
    frame = pandas.DataFrame(
        {
            "id": [1, 2, 3],
            "doc": [{"a": [1, None, "ñ ? % 🙂"]}, [1, 2], None],
            "list": [[1, 2], [], None],
            "texts": [["a", None, 'q"\\{,'], ["NULL"], None],
            "key": [uuid.UUID(int=1), uuid.UUID(int=2), None],
            "amount": [D("1.25"), D("NaN"), None],
            "note": ["a", "b", None],
            "at": pandas.to_datetime(["2024-02-29 03:04:05.678901", "2024-01-01", None], format="ISO8601"),
        }
    )
    types = {"doc": pg.JSONB, "list": ARRAY(Integer), "texts": ARRAY(Text), "key": pg.UUID(as_uuid=True)}
    types |= {"amount": Numeric(10, 2), "note": String(7), "at": DateTime(timezone=True)}
    made = {}
    for name in DRIVERS:
        table = f"typed_{name}_{way}"
        assert frame.to_sql(table, writers[name, way], dtype=types, index=False, **METHODS[way]) == counted(name, way, 3)
        made[name] = stored(run, table)
        found = same(engines, lambda engine, table=table: pandas.read_sql_table(table, engine).map(plain))
    assert made["alloydb"] == made["psycopg2"]
    assert found["doc"][0] == {"a": [1, None, "ñ ? % 🙂"]} and found["texts"][0] == ["a", None, 'q"\\{,']


def test_timedelta(engines, writers, run):
    """pandas writes nanoseconds, or what its unit is, and says so."""
    frame = pandas.DataFrame({"took": pandas.to_timedelta(["1 days 02:03:04.000005", "-1 us", None])})
    made = {}
    for name in DRIVERS:
        with pytest.warns(UserWarning, match="timedelta"):
            frame.to_sql(f"took_{name}", writers[name, "single"], index=False)
        made[name] = stored(run, f"took_{name}")
    assert made["alloydb"] == made["psycopg2"]


@pytest.mark.parametrize("way", list(METHODS))
def test_many(engines, writers, way):
    count = 5000
    frame = pandas.DataFrame({"id": range(count), "x": numpy.arange(count) / 7, "s": [None if i % 3 == 0 else f"row {i} ñ" for i in range(count)]})
    for name in DRIVERS:
        keywords = {**METHODS[way], **({"chunksize": 1000} if way == "chunks" else {})}
        written = frame.to_sql(f"many_{name}_{way}", writers[name, way], index=False, **keywords)
        # SQLAlchemy makes five batches of it; over psycopg2 the last one's count is told.
        assert written == counted(name, way, count) or (name, way) in [("psycopg2", "single"), ("psycopg2", "fast")]
        found = same(engines, lambda engine, name=name: pandas.read_sql(f"select * from many_{name}_{way} order by id", engine))
        assert_frame_equal(found, frame.astype({"s": found["s"].dtype}))


def test_append_and_replace(engines, writers, run):
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]}, index=pandas.Index([10, 20], name="key"))
    made = {}
    for name in DRIVERS:
        table = f"appended_{name}"
        with writers[name, "single"].begin() as connection:
            frame.to_sql(table, connection, index_label="the key")
            frame.to_sql(table, connection, index_label="the key", if_exists="append")
        first = stored(run, table), run(f"select indexdef from pg_indexes where tablename = '{table}'")[0][0].replace(name, "")
        frame.to_sql(table, writers[name, "single"], if_exists="replace", index=False)
        second = stored(run, table)
        frame.iloc[:0].to_sql(table, writers[name, "single"], if_exists="append", index=False)
        multi = frame.set_index("a", append=True)
        multi.to_sql(table + "_multi", writers[name, "single"])
        made[name] = first, second, stored(run, table + "_multi"), stored(run, table)
        assert len(first[0][1]) == 4 and len(second[1]) == 2
        same(engines, lambda engine, table=table: pandas.read_sql_table(table + "_multi", engine, index_col=["key", "a"]))
    assert made["alloydb"] == made["psycopg2"]


def test_delete_rows(writers, run):
    """if_exists="delete_rows" keeps the table as it is."""
    for name in DRIVERS:
        run(f"create table kept_{name} (a int primary key, b text default 'x')", f"insert into kept_{name} values (1)")
        pandas.DataFrame({"a": [5]}).to_sql(f"kept_{name}", writers[name, "single"], if_exists="delete_rows", index=False)
        assert run(f"select a, b from kept_{name}") == [(5, "x")]


@pytest.mark.parametrize("way", list(METHODS))
def test_failed_write_leaves_nothing(database, run, way):
    """pandas commits what an error has left of its transaction: with PostgreSQL's own behaviour, which is psycopg2's, nothing."""
    urls = {"psycopg2": url_of("psycopg2", database), "alloydb": url_of("alloydb", database).update_query_dict({"ErrorRollback": "NONE"})}
    for name, url in urls.items():
        engine = create_engine(url, **({"fast_executemany": True} if (name, way) == ("alloydb", "fast") else {}))
        run(f"create table refused_{name}_{way} (a int primary key)")
        with pytest.raises((pandas.errors.DatabaseError, exc.DBAPIError)):
            pandas.DataFrame({"a": [1, 2, 1]}).to_sql(f"refused_{name}_{way}", engine, if_exists="append", index=False, **METHODS[way])
        assert run(f"select count(*) from refused_{name}_{way}") == [(0,)]
        engine.dispose()


def test_schema(engines, writers, run):
    run('create schema "Ort ñ"')
    for name in DRIVERS:
        pandas.DataFrame({"a": [1]}).to_sql(f"there_{name}", writers[name, "single"], schema="Ort ñ", index=False)
        assert len(same(engines, lambda engine, name=name: pandas.read_sql_table(f"there_{name}", engine, schema="Ort ñ"))) == 1


def test_method_of_ones_own(engines, writers, run):
    """A method of the user's own, as pandas' documentation shows: here INSERT … ON CONFLICT."""
    table = Table("upserted", MetaData(), Column("a", Integer, primary_key=True), Column("b", String))
    for name in DRIVERS:

        def upsert(target, connection, keys, data):
            insert = pg.insert(table).values([dict(zip(keys, row)) for row in data])
            return connection.execute(insert.on_conflict_do_update(index_elements=["a"], set_={"b": insert.excluded.b})).rowcount

        table.create(engines[name])
        for value in "xy":
            frame = pandas.DataFrame({"a": [1, 2], "b": [value] * 2})
            assert frame.to_sql("upserted", engines[name], if_exists="append", index=False, method=upsert) == 2
        assert run("select a, b from upserted order by a") == [(1, "y"), (2, "y")]
        table.drop(engines[name])
