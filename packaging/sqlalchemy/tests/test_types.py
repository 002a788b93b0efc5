# SPDX-License-Identifier: Apache-2.0
"""Values go through a column and come back equal, and of the same Python type: those that psycopg gives."""

import datetime as dt
import decimal
import ipaddress
import uuid

import pyodbc
import pytest
from conftest import SQLALCHEMY_2
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    create_engine,
    exc,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from sqlalchemy_alloydb import literals
from sqlalchemy_alloydb.url import connect_arguments

D = decimal.Decimal
UTC = dt.timezone.utc
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
ID = uuid.UUID("c81d4e2e-bcf2-11e6-869b-7df92533d2db")
EMOJI = "aé🙂\\'\"?{}" * 1000

CASES = [
    (Integer, -(2**31)),
    (SmallInteger, 32767),
    (BigInteger, 2**63 - 1),
    (Boolean, True),
    (Boolean, False),
    (Numeric(10, 2), D("-1.25")),
    (Numeric, D("12345678901234567890.123456789")),
    (Numeric(10, 3, asdecimal=False), 1.5),
    (Float, 0.1),
    (Float, float("inf")),
    (pg.REAL, 0.1),
    (pg.REAL, 3.4028235e38),
    (pg.REAL, 1e-45),
    (pg.REAL, float("-inf")),
    (pg.REAL(asdecimal=True), D("0.1000000000")),
    (Float(asdecimal=True), D("1.5")),
    (String(20), "aé🙂"),
    (Text, ""),
    (Text, EMOJI),
    (Text, "🙂" * 5000),  # pyodbc reads it in parts: some begin within a pair of surrogates, here or with the next
    (Text, "x" + "🙂" * 5000),
    (LargeBinary, bytes(range(256)) * 100),
    (LargeBinary, b""),
    (Date, dt.date(1, 1, 1)),
    (Time, dt.time(23, 59, 59, 999999)),
    (Time(timezone=True), dt.time(1, 2, 3, 456, tzinfo=INDIA)),
    (DateTime, dt.datetime(2024, 2, 29, 3, 4, 5, 678901)),
    (DateTime(timezone=True), dt.datetime(2024, 2, 29, 3, 4, 5, 678901, tzinfo=INDIA)),
    (Interval, dt.timedelta(days=-3, seconds=5, microseconds=7)),
    (Interval, dt.timedelta(days=400, hours=30)),
    (pg.INTERVAL, dt.timedelta(microseconds=-1)),
    (pg.INTERVAL(fields="DAY TO SECOND"), dt.timedelta(days=1, hours=23, minutes=4, seconds=5, microseconds=6)),
    (pg.INTERVAL(fields="DAY TO SECOND"), dt.timedelta(microseconds=-1)),
    (pg.INTERVAL(fields="DAY TO HOUR"), dt.timedelta(hours=-300)),
    (pg.INTERVAL(fields="MINUTE TO SECOND", precision=3), dt.timedelta(minutes=5, milliseconds=250)),
    (pg.UUID(as_uuid=True), ID),
    (pg.UUID(as_uuid=False), str(ID)),
    (JSON, {"a": [1, None, EMOJI]}),
    (pg.JSON, [1.5, True]),
    (pg.JSONB, {"?": "??"}),
    (ARRAY(Integer), [[1, 2], [3, None]]),
    (ARRAY(Integer), []),
    (ARRAY(Integer, as_tuple=True), ((1, 2), (3, 4))),
    (ARRAY(Text), ["a b", None, "NULL", 'q"\\', "", "{", "é,", "\n"]),
    (ARRAY(Numeric(10, 2)), [D("1.25"), None]),
    (ARRAY(Float), [0.1]),
    (ARRAY(Boolean), [True, False, None]),
    (ARRAY(LargeBinary), [b"\0\1", b""]),
    (ARRAY(Date), [dt.date(2024, 2, 29)]),
    (ARRAY(Time), [dt.time(1, 2, 3, 4)]),
    (ARRAY(DateTime), [dt.datetime(2024, 2, 29, 3)]),
    (ARRAY(DateTime(timezone=True)), [dt.datetime(2024, 2, 29, tzinfo=UTC)]),
    (ARRAY(Interval), [dt.timedelta(1, 2, 3)]),
    (ARRAY(pg.UUID(as_uuid=True)), [ID]),
    (ARRAY(pg.JSONB), [{"a": 1}]),
    (ARRAY(Enum("x", "z q", name="aldb_enum_item")), ["x", "z q", None]),
    (Enum("x", "y", name="aldb_enum"), "y"),
    (pg.HSTORE, {"a": "1", "b": None, 'c"': "\\"}),
    (pg.INET, "1.2.3.4/8"),
    (pg.CIDR, "10.0.0.0/8"),
    (pg.MACADDR, "08:00:2b:01:02:03"),
    (pg.BIT(3), "101"),
    (pg.TSVECTOR, "'a' 'b'"),
    (pg.MONEY, "$1.50"),
    (pg.OID, 4294967295),
]

# What has no column of SQLAlchemy's: SQL, and what psycopg gives for it.
UNTYPED = [
    ('\'{"a": [1, null, "é"]}\'::json', {"a": [1, None, "é"]}),
    ("'\"text\"'::jsonb", "text"),
    ("'null'::jsonb", None),
    ("'<a>é</a>'::xml", "<a>é</a>"),
    ("array[1, null, 3]", [1, None, 3]),
    ("array[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ("array[]::int[]", []),
    ("array['a', null, 'NULL', '{\"}', 'é']", ["a", None, "NULL", '{"}', "é"]),
    ("array['a'::name, 'b']", ["a", "b"]),
    ("array[true, false]", [True, False]),
    ("array['\\x00ff'::bytea]", [b"\0\xff"]),
    ("array[1.50, 'NaN'::numeric]", [D("1.50"), D("NaN")]),
    ("array[0.1::float8, 'inf']", [0.1, float("inf")]),
    ("array[0.1::float4]", [0.1]),
    ("16777217::float4", 16777216.0),
    ("'NaN'::float4", float("nan")),
    ("array[date '2024-02-29']", [dt.date(2024, 2, 29)]),
    ("array[time '01:02:03.5']", [dt.time(1, 2, 3, 500000)]),
    ("array[timestamp '2024-02-29 03:04:05']", [dt.datetime(2024, 2, 29, 3, 4, 5)]),
    ("array[timestamptz '2024-02-29 03:04:05+05:30']", [dt.datetime(2024, 2, 29, 3, 4, 5, tzinfo=INDIA)]),
    ("array['c81d4e2e-bcf2-11e6-869b-7df92533d2db'::uuid]", [ID]),
    ("array['{\"a\": 1}'::jsonb, '[2]']", [{"a": 1}, [2]]),
    ("array[interval '1 day 2 hours']", [dt.timedelta(days=1, hours=2)]),
    ("array['1.2.3.4'::inet]", ["1.2.3.4"]),
    ("timestamptz '2024-02-29 03:04:05.678901+05:30'", dt.datetime(2024, 2, 29, 3, 4, 5, 678901, tzinfo=INDIA)),
    ("timetz '01:02:03.5+05:30'", dt.time(1, 2, 3, 500000, tzinfo=INDIA)),
    ("interval '1 mon -1 day 02:00'", dt.timedelta(days=29, hours=2)),
    ("interval '3' day", dt.timedelta(days=3)),
    ("'c81d4e2e-bcf2-11e6-869b-7df92533d2db'::uuid", ID),
    ("date '2024-02-29'", dt.date(2024, 2, 29)),
    ("'1.2.3.4'::inet", "1.2.3.4"),
    ("b'101'", "101"),
    ("'(1,2)'::point", "(1,2)"),
    ("point '(1,2)' is null", False),
    ("row(1, 'a')", "(1,a)"),
]
if SQLALCHEMY_2:
    UNTYPED += [
        ("int4range(1, 5)", pg.Range(1, 5)),
        ("'empty'::numrange", pg.Range(empty=True)),
        ("tstzrange('2024-02-29 03:04:05+05:30', null)", pg.Range(dt.datetime(2024, 2, 29, 3, 4, 5, tzinfo=INDIA), None)),
        ("'{[1,2), [5,)}'::int8multirange", [pg.Range(1, 2), pg.Range(5, None)]),
        ("array[daterange('2024-01-01', '2024-01-03')]", [pg.Range(dt.date(2024, 1, 1), dt.date(2024, 1, 3))]),
    ]
else:
    UNTYPED += [("int4range(1, 5)", "[1,5)")]

PYODBC_4 = pyodbc.version.startswith("4.")
if not PYODBC_4:  # which reads numbers into a hundred characters, and writes behind them
    CASES += [(Numeric, D("1E+400"))]

if SQLALCHEMY_2:
    from sqlalchemy import Uuid

    CASES += [
        (Uuid, ID),
        (Uuid(as_uuid=False), str(ID)),
        (Uuid(native_uuid=False), ID),
        (pg.CITEXT, "aB"),
        (pg.INT4RANGE, pg.Range(1, 5)),
        (pg.INT8RANGE, pg.Range(empty=True)),
        (pg.NUMRANGE, pg.Range(D("1.5"), None, bounds="()")),
        (pg.DATERANGE, pg.Range(dt.date(2024, 1, 1), dt.date(2024, 1, 3))),
        (pg.TSRANGE, pg.Range(dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2, 3, 4, 5, 6), bounds="(]")),
        (pg.TSTZRANGE, pg.Range(dt.datetime(2024, 1, 1, tzinfo=UTC), None)),
        (pg.INT4MULTIRANGE, [pg.Range(1, 3), pg.Range(5, 7)]),
        (ARRAY(pg.INT4RANGE), [pg.Range(1, 3), None]),
    ]


def stored(connection, column_type, values):
    table = Table("aldb_types", MetaData(), Column("id", Integer, primary_key=True), Column("v", column_type), prefixes=["TEMPORARY"])
    table.metadata.create_all(connection)
    connection.execute(table.insert(), [{"id": i, "v": value} for i, value in enumerate(values)])
    return connection.execute(select(table.c.v).order_by(table.c.id)).scalars().all()


@pytest.mark.parametrize(("column_type", "value"), CASES, ids=[f"{kind!r}-{repr(value)[:30]}" for kind, value in CASES])
def test_round_trip(connection, column_type, value):
    found = stored(connection, column_type, [value, None, value])
    assert found == [value, None, value]
    kind = type(value)
    assert [type(one) for one in found[::2]] == [kind, kind] or isinstance(value, list)


@pytest.mark.parametrize(("expression", "value"), UNTYPED, ids=[expression for expression, _ in UNTYPED])
def test_without_column(connection, expression, value):
    connection.execute(text("set timezone to 'Asia/Kolkata'"))
    found, null = connection.execute(text(f"select v, nullif(1, 1) from (select {expression} as v) as t")).one()
    assert null is None
    assert repr(found) == repr(value) if "NaN" in repr(value) or value != value else found == value
    assert type(found) is type(value) or isinstance(value, list)
    if isinstance(value, (dt.datetime, dt.time)):
        assert found.utcoffset() == value.utcoffset()


def test_every_builtin_type(connection):
    """Nothing that the server has built in is a type that pyodbc refuses."""
    kinds = connection.execute(text("select oid::regtype::text from pg_type where oid < 10000 and typtype in ('b', 'r', 'm')")).scalars().all()
    assert len(kinds) > 140
    for kind in kinds:
        assert connection.execute(text(f"select null::{kind}")).scalar() is None, kind


def test_creator(url):
    """Connections that somebody else has made give the same."""
    made = create_engine("alloydb+pyodbc://", creator=lambda: pyodbc.connect(url_text(url)), json_deserializer=lambda document: ("own", document))
    with made.connect() as connection:
        assert tuple(connection.execute(text("select '[1]'::json, array['[1]'::jsonb]")).one()) == (("own", "[1]"), [("own", "[1]")])
    for kind, value, expected in ((pg.JSONB, {"a": 1}, ("own", '{"a": 1}')), (ARRAY(JSON), [{"a": 1}], [("own", '{"a": 1}')])):
        with made.connect() as connection:
            transaction = connection.begin()
            assert stored(connection, kind, [value]) == [expected]
            transaction.rollback()
    made.dispose()


def url_text(url):
    return connect_arguments(url)[0]


@pytest.mark.skipif(PYODBC_4, reason="pyodbc 4 cannot read them")
@pytest.mark.parametrize("value", [D("NaN"), D("Infinity"), D("-Infinity")])
def test_numeric_without_digits(connection, value):
    (found,) = stored(connection, Numeric, [value])
    assert isinstance(found, D) and str(found) == str(value)


def test_native_inet(url):
    if not SQLALCHEMY_2:
        pytest.skip("native_inet_types is SQLAlchemy 2.0's")
    made = create_engine(url, native_inet_types=True)
    with made.connect() as connection:
        values = [ipaddress.ip_interface("1.2.3.4/8"), ipaddress.ip_address("::1")]
        assert stored(connection, pg.INET, values) == values
    made.dispose()


def test_interval_with_fields(connection):
    found = connection.execute(text("select interval '-1.25' minute to second, interval '1000' day")).one()
    assert tuple(found) == (dt.timedelta(seconds=-1.25), dt.timedelta(days=1000))
    with pytest.raises(exc.DataError, match="22015"):
        connection.execute(text("select interval '1 day -1 hour' day to hour")).one()


def test_interval_of_months(connection):
    found = connection.execute(text("select interval '-14 months' year to month, interval '2 years' year, interval '2 months' month")).one()
    assert tuple(found) == (dt.timedelta(days=-425), dt.timedelta(days=730), dt.timedelta(days=60))


PARAMETERS = [
    ("timestamptz", dt.datetime(2024, 2, 29, 3, 4, 5, 678901, tzinfo=INDIA), "extract(epoch from {})", D("1709156045.678901")),
    ("timestamp", dt.datetime(2024, 2, 29, 3, 4, 5, 678901), "extract(microseconds from {})", D("5678901")),
    ("time", dt.time(1, 2, 3, 4), "extract(microseconds from {})", D("3000004")),
    ("interval", dt.timedelta(days=1, microseconds=5), "extract(epoch from {})", D("86400.000005")),
    ("int[]", [1, [2][0]], "array_length({}, 1)", 2),
    ("text[]", ["a", 'b"'], "({})[2]", 'b"'),
    ("numeric", D("NaN"), "{}::text", "NaN"),
    ("uuid", ID, "{}", ID),
]


@pytest.mark.parametrize(("kind", "value", "expression", "expected"), PARAMETERS, ids=[kind for kind, *_ in PARAMETERS])
def test_parameter_without_type(connection, kind, value, expression, expected):
    """What pyodbc would cut or refuse arrives whole in a text(), too."""
    assert connection.execute(text("select " + expression.format(f"cast(:v as {kind})")), {"v": value}).scalar() == expected


def test_offset_is_not_dropped(connection):
    with pytest.raises(exc.StatementError, match="time zone"):
        stored(connection, DateTime, [dt.datetime(2024, 1, 1, tzinfo=UTC)])


@pytest.mark.parametrize("value", ["infinity", "0044-03-15 BC"])
def test_beyond_python(connection, value):
    with pytest.raises(ValueError, match="read it as text"):
        connection.execute(text("select cast(:v as timestamptz) as t").columns(t=DateTime(timezone=True)), {"v": value}).scalar()


def test_question_marks(connection):
    """A "?" of a text is PostgreSQL's, in and out of quotes."""
    statement = """select '{"a": 1}'::jsonb ? 'a', '?', $x$?$x$, "?" /* ? */, :v from (select 1 as "?") as t -- ?"""
    assert tuple(connection.execute(text(statement), {"v": "?"}).one()) == (True, "?", "?", 1, "?")
    table = Table("aldb_marks", MetaData(), Column("d", pg.JSONB), prefixes=["TEMPORARY"])
    table.metadata.create_all(connection)
    connection.execute(table.insert(), {"d": {"a": 1}})
    counted = select(func.count()).where(table.c.d.has_key("a"), table.c.d.has_any(pg.array(["a", "b"])), table.c.d.has_all(pg.array(["a"])))
    assert connection.execute(counted).scalar() == 1


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1 year 2 mons 3 days 04:05:06.789", dt.timedelta(days=428, hours=4, minutes=5, seconds=6, milliseconds=789)),
        ("-1 days +00:00:01", dt.timedelta(days=-1, seconds=1)),
        ("-00:00:00.000001", dt.timedelta(microseconds=-1)),
        ("00:00:00", dt.timedelta()),
        ("100:00:00", dt.timedelta(hours=100)),
        ("1 mon", dt.timedelta(days=30)),
    ],
)
def test_interval(written, value):
    assert literals.parse_interval(written) == value


@pytest.mark.parametrize("written", ["", "P1D", "@ 1 day", "1 day 2", "infinity"])
def test_interval_of_other_styles(written):
    with pytest.raises(ValueError, match="IntervalStyle"):
        literals.parse_interval(written)


@pytest.mark.parametrize("written", ["{", "{1", "1}", "", "{}}"])
def test_no_array(written):
    with pytest.raises(ValueError, match=r"array|substring"):
        literals.parse_array(written, str)


def test_no_form():
    with pytest.raises(TypeError, match="no form"):
        literals.format_array([object()])


def test_lower_bounds():
    assert literals.parse_array("[0:1]={7,8}", int) == [7, 8]
