# SPDX-License-Identifier: Apache-2.0
"""arrow-odbc, from PyPI, over the driver: whatever it reads is what the server has, and what it writes arrives. Run by test_arrow_odbc.sh."""
import datetime
import decimal
import os

import arrow_odbc
import pyarrow
import pytest

TARGET = os.environ["ALDB_TEST_CONNSTR"]
UTC = datetime.timezone.utc
ENCODINGS = [arrow_odbc.TextEncoding.UTF8, arrow_odbc.TextEncoding.UTF16]

# (PostgreSQL's type, Arrow's, values): read and written. A null follows each.
TYPES = [
    ("boolean", pyarrow.bool_(), [True, False]),
    ("smallint", pyarrow.int16(), [-32768, 0, 32767]),
    ("integer", pyarrow.int32(), [-2147483648, 2147483647]),
    ("bigint", pyarrow.int64(), [-9223372036854775808, 9223372036854775807]),
    ("real", pyarrow.float32(), [0.5, -3.4028234663852886e38]),
    ("double precision", pyarrow.float64(), [0.1, 1.7976931348623157e308, -5e-324]),
    ("numeric(12, 2)", pyarrow.decimal128(12, 2), [decimal.Decimal("-1234567890.12"), decimal.Decimal("0.01")]),
    ("numeric(38, 10)", pyarrow.decimal128(38, 10), [decimal.Decimal("1234567890123456789012345678.0123456789"), decimal.Decimal("-0.0000000001")]),
    ("text", pyarrow.string(), ["", "Zoë, 山田 🙂", "a\nb\tc'd\"e\\", "x" * 4000]),
    ("varchar(10)", pyarrow.string(), ["🙂" * 10, "ü", ""]),
    ("char(5)", pyarrow.string(), ["ab   ", "ü🙂   "]),
    ("bytea", pyarrow.binary(), [b"", b"\x00\xff'\\", bytes(range(256))]),
    ("date", pyarrow.date32(), [datetime.date(1, 1, 1), datetime.date(1969, 12, 31), datetime.date(2024, 2, 29), datetime.date(9999, 12, 31)]),
    ("time(6)", pyarrow.time64("us"), [datetime.time(0, 0), datetime.time(23, 59, 59, 999999)]),
    ("timestamp", pyarrow.timestamp("us"), [datetime.datetime(1, 1, 1), datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2026, 11, 26, 1, 2, 3, 4)]),
    ("timestamp(3)", pyarrow.timestamp("ms"), [datetime.datetime(2026, 11, 26, 1, 2, 3, 4000)]),
    ("jsonb", pyarrow.string(), ['{"a": [1, null, "ü"]}']),
    ("integer[]", pyarrow.string(), ["{1,NULL,-3}"]),
    ("interval", pyarrow.string(), ["1 day 02:00:00"]),
]
NAMES = [f"c{i}" for i in range(len(TYPES))]


def columns():
    """A column a type, as long as the longest: values in turns, and nulls."""
    rows = 2 * max(len(values) for _, _, values in TYPES) + 1
    cycles = [values + [None] for _, _, values in TYPES]
    return [[cycle[row % len(cycle)] for row in range(rows)] for cycle in cycles]


def table():
    return pyarrow.table([pyarrow.array(values, type=kind) for values, (_, kind, _) in zip(columns(), TYPES)], names=NAMES)


@pytest.fixture
def connection():
    it = arrow_odbc.connect(TARGET)
    it.execute("set client_min_messages to warning")
    it.execute("create temp table t (" + ", ".join(f"{name} {pgtype}" for name, (pgtype, _, _) in zip(NAMES, TYPES)) + ")")
    return it


def read(connection, query, **options):
    reader = connection.read_arrow_batches(query, **{"max_text_size": 5000, "max_binary_size": 5000, **options})
    return pyarrow.Table.from_batches(reader, reader.schema)


@pytest.mark.parametrize("chunk", [1, 4, 1000])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_written_is_read(connection, chunk, encoding):
    data = table()
    connection.insert_into_table(data.to_reader(max_chunksize=3), chunk_size=chunk, table="t")
    # The server's own words for the values first, so that no two errors make one right.
    literals = read(connection, "select c3::text, encode(c11, 'hex'), c14::text, c7::text, md5(c8) from t").to_pydict()
    values = dict(zip(NAMES, columns()))
    assert list(literals.values())[0] == [None if v is None else str(v) for v in values["c3"]]
    assert list(literals.values())[1] == [None if v is None else v.hex() for v in values["c11"]]
    assert list(literals.values())[2] == [None if v is None else v.isoformat(" ") for v in values["c14"]]
    assert list(literals.values())[3] == [None if v is None else format(v, "f") for v in values["c7"]]
    got = read(connection, "select * from t", payload_text_encoding=encoding, batch_size=7)
    assert got.schema.types == [kind for _, kind, _ in TYPES]
    for name, (pgtype, _, _) in zip(NAMES, TYPES):
        assert got.column(name).to_pylist() == values[name], pgtype


def test_reading_from_the_server(connection):
    got = read(connection, "select 12345678901234567890123.456::numeric as n, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as u, timestamptz '2020-06-01 12:00:00+02' as z,"
                           " ('x' || repeat('ü', 3000))::text as t, array['ä', null] as a, 'nan'::float8 as f, int4range(1, 5) as r", max_text_size=7000)
    row = got.to_pylist()[0]
    assert decimal.Decimal(row["n"]) == decimal.Decimal("12345678901234567890123.456")
    assert row["u"].lower() == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert row["t"] == "x" + "ü" * 3000
    assert row["a"] == "{ä,NULL}" and row["r"] == "[1,5)" and row["f"] != row["f"]


def test_an_empty_result_has_its_types(connection):
    got = read(connection, "select * from t where false")
    assert got.num_rows == 0 and got.schema.types == [kind for _, kind, _ in TYPES]


def test_no_result(connection):
    assert connection.read_arrow_batches("create temp table nothing (a int)").schema == pyarrow.schema([])
    assert read(connection, "select count(*) as n from nothing").to_pydict() == {"n": [0]}


@pytest.mark.parametrize("concurrently", [True, False])
def test_many_batches(connection, concurrently):
    reader = connection.read_arrow_batches("select g as a, g::text as b, case when g % 3 = 0 then null else g * 0.5::float8 end as c from generate_series(1, 25000) g",
                                           batch_size=999, max_text_size=10, fetch_concurrently=concurrently)
    got = pyarrow.Table.from_batches(reader, reader.schema).to_pydict()
    assert got["a"] == list(range(1, 25001)) and got["b"] == [str(i) for i in range(1, 25001)]
    assert got["c"] == [None if i % 3 == 0 else i * 0.5 for i in range(1, 25001)]


def test_text_is_never_cut_silently(connection):
    with pytest.raises(arrow_odbc.Error, match="truncation"):
        read(connection, "select repeat('x', 100) as t", max_text_size=99)
    assert read(connection, "select repeat('x', 100) as t", max_text_size=100).to_pydict()["t"] == ["x" * 100]


def test_sizes_by_keyword():
    connection = arrow_odbc.connect(TARGET + ";MaxLongVarcharSize=5000")
    got = pyarrow.Table.from_batches(reader := connection.read_arrow_batches("select repeat('ü', 5000) as t, '\\x00ff'::bytea as b, '[1]'::jsonb as j"), reader.schema)
    assert got.to_pylist() == [{"t": "ü" * 5000, "b": b"\x00\xff", "j": "[1]"}]


def test_parameters(connection):
    got = read(connection, "select ?::int + 1 as a, ?::text as b, ?::date as c, ? as d", parameters=["41", "ü🙂", "2024-02-29", None]).to_pylist()[0]
    assert got == {"a": 42, "b": "ü🙂", "c": datetime.date(2024, 2, 29), "d": None}


def test_more_result_sets(connection):
    reader = connection.read_arrow_batches("select 1 as a; select 'ü' as b, 2 as c", max_text_size=10)
    assert [batch.to_pydict() for batch in reader] == [{"a": [1]}]
    assert reader.more_results(max_text_size=10)
    assert [batch.to_pydict() for batch in reader] == [{"b": ["ü"], "c": [2]}]
    assert not reader.more_results(max_text_size=10)


def test_a_row_that_is_refused(connection):
    connection.execute("create temp table k (id int primary key)")
    rows = pyarrow.table({"id": pyarrow.array([*range(3000), 17], type=pyarrow.int32())})
    with pytest.raises(arrow_odbc.Error, match="duplicate key"):
        connection.insert_into_table(rows.to_reader(), chunk_size=1000, table="k")
    assert read(connection, "select count(*) as n from k").to_pydict() == {"n": [3000]}


def test_transactions():
    connection = arrow_odbc.connect(TARGET, autocommit=False)
    connection.execute("create temp table t (c0 int) on commit preserve rows")
    connection.commit()
    for end, count in ((connection.rollback, 0), (connection.commit, 10)):
        connection.insert_into_table(pyarrow.table({"c0": pyarrow.array(range(10), type=pyarrow.int32())}).to_reader(), chunk_size=4, table="t")
        end()
        assert read(connection, "select count(*) as n from t").to_pydict() == {"n": [count]}
        connection.commit()


def test_a_query_that_fails(connection):
    with pytest.raises(arrow_odbc.Error, match="42P01|42S02"):
        connection.read_arrow_batches("select * from no_such_table")
    assert read(connection, "select 1 as a").to_pydict() == {"a": [1]}
