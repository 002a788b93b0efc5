# SPDX-License-Identifier: Apache-2.0
"""turbodbc, from PyPI, over the driver: whatever it reads is what the server has, and what it writes arrives. Run by test_turbodbc.sh."""
import datetime
import os

import numpy
import pyarrow
import pytest
import turbodbc

TARGET = os.environ["ALDB_TEST_CONNSTR"]

# (PostgreSQL's type, values): read and written. turbodbc knows booleans, 64-bit integers, doubles, text, dates and timestamps; a decimal of up to 18 digits is a double to it, and
# years begin with 1400. Without force_extra_capacity_for_unicode it has room for one UTF-16 unit a character, and takes no notice when that was not enough.
TYPES = [
    ("boolean", [True, False]),
    ("smallint", [-32768, 32767]),
    ("integer", [-2147483648, 2147483647]),
    ("bigint", [-9223372036854775808, 9223372036854775807]),
    ("double precision", [0.1, 1.7976931348623157e308, -5e-324]),
    ("numeric(12, 2)", [-1234567890.12, 0.25]),
    ("numeric(38, 10)", ["1234567890123456789012345678.0123456789", "-0.0000000001"]),
    ("text", ["", "Zoë, 山田 🙂", "a\nb\tc'd\"e\\", "x" * 3000]),
    ("varchar(10)", ["🙂" * 10, "ü", ""]),
    ("char(5)", ["ab   ", "ü🙂   "]),
    ("date", [datetime.date(1400, 1, 1), datetime.date(1969, 12, 31), datetime.date(2024, 2, 29), datetime.date(9999, 12, 31)]),
    ("timestamp", [datetime.datetime(1700, 1, 1), datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2026, 11, 26, 1, 2, 3, 4)]),
    ("jsonb", ['{"a": [1, null, "ü"]}']),
]
NAMES = [f"c{i}" for i in range(len(TYPES))]


def connect(**options):
    return turbodbc.connect(connection_string=TARGET, turbodbc_options=turbodbc.make_options(
        **{"varchar_max_character_limit": 4000, "limit_varchar_results_to_max": True, "force_extra_capacity_for_unicode": True, "read_buffer_size": turbodbc.Rows(7), **options}))


def rows():
    cycles = [values + [None] for _, values in TYPES]
    return [[cycle[row % len(cycle)] for cycle in cycles] for row in range(20)]


@pytest.fixture(params=[{}, {"prefer_unicode": True}, {"use_async_io": True}, {"parameter_sets_to_buffer": 3}, {"read_buffer_size": turbodbc.Rows(1)}],
                ids=lambda options: ",".join(options) or "defaults")
def filled(request):
    connection = connect(**request.param)
    cursor = connection.cursor()
    cursor.execute("create temp table t (row int, " + ", ".join(f"{name} {pgtype}" for name, (pgtype, _) in zip(NAMES, TYPES)) + ")")
    cursor.executemany("insert into t values (?, " + ", ".join("?" * len(TYPES)) + ")", [[i, *row] for i, row in enumerate(rows())])
    return cursor


def test_rows(filled):
    # The server's own words first, so that no two errors make one right.
    filled.execute("select c3::text, c6::text, c11::text, md5(c7) is null from t order by row")
    assert filled.fetchall() == [[None if row[3] is None else str(row[3]), row[6], None if row[11] is None else row[11].isoformat(" "), row[7] is None] for row in rows()]
    filled.execute("select " + ", ".join(NAMES) + " from t order by row")
    for got, row in zip(filled.fetchall(), rows(), strict=True):
        for (pgtype, _), a, b in zip(TYPES, got, row):
            assert a == b and type(a) is type(b), (pgtype, a, b)


def test_numpy(filled):
    filled.execute("select " + ", ".join(NAMES) + " from t order by row")
    columns = filled.fetchallnumpy()
    for name, (pgtype, _), values in zip(NAMES, TYPES, zip(*rows())):
        assert columns[name].tolist() == list(values), pgtype


def test_arrow(filled):
    filled.execute("select " + ", ".join(NAMES) + " from t order by row")
    table = filled.fetchallarrow()
    for name, (pgtype, _), values in zip(NAMES, TYPES, zip(*rows())):
        assert table.column(name).to_pylist() == list(values), pgtype


def test_empty_results(filled):
    filled.execute("select " + ", ".join(NAMES) + " from t where false")
    assert filled.fetchall() == []
    filled.execute("select " + ", ".join(NAMES) + " from t where false")
    assert {name: len(column) for name, column in filled.fetchallnumpy().items()} == dict.fromkeys(NAMES, 0)
    filled.execute("select " + ", ".join(NAMES) + " from t where false")
    table = filled.fetchallarrow()
    assert table.num_rows == 0 and table.column_names == NAMES


@pytest.mark.parametrize("sets", [1, 1000])
def test_columns_of_numpy(sets):
    cursor = connect(parameter_sets_to_buffer=sets, read_buffer_size=turbodbc.Rows(1000)).cursor()
    cursor.execute("create temp table t (a bigint, b double precision, c text, d timestamp, e boolean, f date)")
    count = 3000
    columns = [numpy.ma.array(numpy.arange(count), mask=numpy.arange(count) % 7 == 0), numpy.linspace(-1, 1, count), numpy.array([f"ü🙂 {i}" for i in range(count)], object),
               numpy.arange(count).astype("datetime64[us]"), numpy.arange(count) % 2 == 0, numpy.arange(count).astype("datetime64[D]")]
    cursor.executemanycolumns("insert into t values (?, ?, ?, ?, ?, ?)", columns)
    assert cursor.rowcount == count
    cursor.execute("select * from t order by d")
    got = cursor.fetchallnumpy()
    for name, wrote in zip("abcdef", columns):
        assert got[name].tolist() == wrote.tolist(), name


@pytest.mark.parametrize("sets", [1, 1000])
def test_columns_of_arrow(sets):
    cursor = connect(parameter_sets_to_buffer=sets).cursor()
    cursor.execute("create temp table t (a bigint, c text, d timestamp)")
    table = pyarrow.table({"a": [1, None, 3], "c": ["ü", "🙂" * 500, None], "d": pyarrow.array([None, datetime.datetime(2026, 1, 1), datetime.datetime(1970, 1, 1)], pyarrow.timestamp("us"))})
    cursor.executemanycolumns("insert into t values (?, ?, ?)", table)
    cursor.execute("select * from t order by a nulls first")
    assert cursor.fetchallarrow().to_pylist() == sorted(table.to_pylist(), key=lambda row: row["a"] or 0)


def test_a_row_that_is_refused():
    connection = connect(parameter_sets_to_buffer=1000)
    cursor = connection.cursor()
    cursor.execute("create temp table k (id bigint primary key)")
    connection.commit()
    with pytest.raises(turbodbc.DatabaseError, match="duplicate key"):
        cursor.executemanycolumns("insert into k values (?)", [numpy.array([*range(3000), 17])])
    connection.rollback()
    cursor.execute("select count(*) from k")
    assert cursor.fetchall() == [[0]]


def test_a_query_that_fails():
    cursor = connect().cursor()
    with pytest.raises(turbodbc.DatabaseError, match="42P01|42S02"):
        cursor.execute("select * from no_such_table")
    cursor.execute("select 1")
    assert cursor.fetchall() == [[1]]


def test_sizes_by_keyword():
    cursor = turbodbc.connect(connection_string=TARGET + ";MaxLongVarcharSize=5000").cursor()
    cursor.execute("select repeat('ü', 5000) as t, '[1]'::jsonb as j")
    assert cursor.fetchall() == [["ü" * 5000, "[1]"]]


def test_descriptions():
    cursor = connect().cursor()
    cursor.execute("select 1::int as a, 'x'::text as b, null::timestamp as c, 0.5::float8 as d, true as e")
    assert [(column[0], column[1]) for column in cursor.description] == [
        ("a", turbodbc.NUMBER), ("b", turbodbc.STRING), ("c", turbodbc.DATETIME), ("d", turbodbc.NUMBER), ("e", turbodbc.NUMBER)]
