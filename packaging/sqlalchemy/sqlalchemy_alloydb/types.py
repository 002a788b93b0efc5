# SPDX-License-Identifier: Apache-2.0
"""Column types: what comes out of pyodbc becomes what psycopg would have given. What goes in is dialect.adapt()'s, for parameters without a type too.

render_bind_cast puts PostgreSQL's type behind a marker ("?::INTEGER"): ODBC would leave it to the server to find out from where the marker stands.
SQLAlchemy 1.4 does not know it, and there the server decides, with what ODBC says of the value where it cannot.
"""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import json
import uuid
from typing import Any, Callable, Dict, Optional, Type

from sqlalchemy import types as sqltypes
from sqlalchemy import util
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from . import literals

Processor = Optional[Callable[[Any], Any]]
# Of ranges and multiranges, by OID: SQLAlchemy 2.0's Range of their text. 1.4 has none, and the text is what they are.
range_readers: Dict[int, Callable[[str], Any]] = {}
SQLALCHEMY_2 = hasattr(sqltypes, "Uuid")


def _from_text(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Parses text and leaves alone what has its type already, and None."""
    return lambda value: parse(value) if isinstance(value, str) else value


class _Integer(sqltypes.Integer):
    render_bind_cast = True


class _SmallInteger(sqltypes.SmallInteger):
    render_bind_cast = True


class _BigInteger(sqltypes.BigInteger):
    render_bind_cast = True


class _Boolean(sqltypes.Boolean):
    render_bind_cast = True


class _ByteA(pg.BYTEA):
    render_bind_cast = True


class _LargeBinary(sqltypes.LargeBinary):
    render_bind_cast = True


class _Bit(pg.BIT):
    render_bind_cast = True


class _Oid(pg.OID):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        # pyodbc asks for an unsigned integer and then takes it for a signed one.
        return lambda value: None if value is None else value & 0xFFFFFFFF


class _RegClass(pg.REGCLASS):
    render_bind_cast = True


class _Enum(pg.ENUM):
    render_bind_cast = True


class _Json(pg.JSON):
    """As psycopg's: the connection makes values of documents (converters.py), with the engine's json_deserializer."""

    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return None


class _Jsonb(pg.JSONB):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return None


class _JsonIntIndex(sqltypes.JSON.JSONIntIndexType):
    __visit_name__ = "json_int_index"
    render_bind_cast = True


class _JsonStrIndex(sqltypes.JSON.JSONStrIndexType):
    __visit_name__ = "json_str_index"
    render_bind_cast = True


class _Numeric(sqltypes.Numeric):
    """PostgreSQL's own looks at OIDs, which pyodbc does not tell: here the value decides."""

    render_bind_cast = True

    def bind_processor(self, dialect: Any) -> Processor:
        return None

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        if not self.asdecimal:
            return lambda value: None if value is None else float(value)
        scale = f"%.{self._effective_decimal_return_scale}f"

        def to_decimal(value: Any) -> Optional[decimal.Decimal]:
            if isinstance(value, float):
                return decimal.Decimal(scale % value)
            return value if value is None or isinstance(value, decimal.Decimal) else decimal.Decimal(value)

        return to_decimal


class _Float(_Numeric, sqltypes.Float):
    __visit_name__ = "float"


class _Date(sqltypes.Date):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(literals.parse_date)


class _DateTime(sqltypes.DateTime):
    render_bind_cast = True

    def bind_processor(self, dialect: Any) -> Processor:
        return None if self.timezone else _refuse_offset

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(literals.parse_timestamp)


def _refuse_offset(value: Any) -> Any:
    # The server would drop the offset without a word. psycopg moves the value to the session's time zone, which only the server knows.
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone and the column has none: make the column DateTime(timezone=True), or the value naive")
    return value


class _Time(sqltypes.Time):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(literals.parse_time)


class _Interval(pg.INTERVAL):
    render_bind_cast = True

    @classmethod
    def adapt_emulated_to_native(cls, interval: Any, **kw: Any) -> _Interval:  # type: ignore[override]
        return _Interval(precision=interval.second_precision)

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(literals.parse_interval)


def _uuid_reader(as_uuid: bool) -> Callable[[Any], Any]:
    if as_uuid:
        return _from_text(uuid.UUID)
    return lambda value: None if value is None else str(value).lower()


class _Hstore(pg.HSTORE):
    render_bind_cast = True


class _Inet(pg.INET):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(_address) if _native(dialect) else None


class _Cidr(pg.CIDR):
    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Processor:
        return _from_text(ipaddress.ip_network) if _native(dialect) else None


def _native(dialect: Any) -> bool:
    """create_engine(…, native_inet_types=True), of SQLAlchemy 2.0: objects of ipaddress. Else text, as with psycopg2."""
    return bool(getattr(dialect, "_native_inet_types", False))


def _address(text: str) -> Any:
    return ipaddress.ip_interface(text) if "/" in text else ipaddress.ip_address(text)


# ---- arrays -------------------------------------------------------------------------------------------------------

# Of arrays that come as text: how an element's becomes what pyodbc gives for such a column. The first that fits counts; what is not here stays text.
_READERS = (
    (sqltypes.Boolean, literals.parse_bool),
    (sqltypes.Integer, int),
    (sqltypes.Float, float),
    (sqltypes.Numeric, decimal.Decimal),
    (sqltypes.LargeBinary, literals.parse_bytea),
    (pg.BYTEA, literals.parse_bytea),
    (pg.OID, int),
)


def element_reader(item_type: TypeEngine[Any], dialect: Any, coltype: Any) -> Callable[[Optional[str]], Any]:
    """From an element's text, or None, to the value of the array's item type."""
    impl: Any = item_type.dialect_impl(dialect)
    process = impl.result_processor(dialect, coltype)
    while isinstance(impl, TypeDecorator):
        impl = impl.impl
    read: Callable[[str], Any] = next((reader for kind, reader in _READERS if isinstance(impl, kind)), str)
    if isinstance(impl, sqltypes.JSON):
        read = dialect._json_deserializer or json.loads

    def element(text: Optional[str]) -> Any:
        value = None if text is None else read(text)
        return value if process is None else process(value)

    return element


class _Array(pg.ARRAY):
    """Lists of values of a built-in type come from the connection (converters.py), and text where the elements' type is one's own."""

    render_bind_cast = True

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        element = element_reader(self.item_type, dialect, coltype)
        item = self.item_type.dialect_impl(dialect).result_processor(dialect, coltype)
        collect: Callable[[Any], Any] = tuple if self.as_tuple else list

        def each(values: Any) -> Any:
            if item is None and collect is list:
                return values
            return collect([each(value) if isinstance(value, list) else value if item is None else item(value) for value in values])

        def process(value: Any) -> Any:
            if isinstance(value, str):
                return literals.parse_array(value, element, collect)
            return None if value is None else each(value)

        return process


colspecs: Dict[Type[Any], Type[Any]] = {
    sqltypes.ARRAY: _Array,
    sqltypes.Integer: _Integer,
    sqltypes.SmallInteger: _SmallInteger,
    sqltypes.BigInteger: _BigInteger,
    sqltypes.Boolean: _Boolean,
    sqltypes.LargeBinary: _LargeBinary,
    pg.BYTEA: _ByteA,
    pg.BIT: _Bit,
    pg.OID: _Oid,
    pg.REGCLASS: _RegClass,
    sqltypes.Enum: _Enum,
    pg.ENUM: _Enum,
    sqltypes.JSON: _Json,
    pg.JSON: _Json,
    pg.JSONB: _Jsonb,
    sqltypes.JSON.JSONIntIndexType: _JsonIntIndex,
    sqltypes.JSON.JSONStrIndexType: _JsonStrIndex,
    sqltypes.Numeric: _Numeric,
    sqltypes.Float: _Float,
    sqltypes.Date: _Date,
    sqltypes.DateTime: _DateTime,
    sqltypes.Time: _Time,
    sqltypes.Interval: _Interval,
    pg.INTERVAL: _Interval,
    pg.HSTORE: _Hstore,
    pg.INET: _Inet,
    pg.CIDR: _Cidr,
}


# ---- SQLAlchemy 2.0's own -----------------------------------------------------------------------------------------


def _add_uuid() -> None:
    class _Uuid(PGDialect.colspecs[sqltypes.Uuid]):  # type: ignore[misc,valid-type]
        render_bind_cast = True

        def bind_processor(self, dialect: Any) -> Processor:
            return super().bind_processor(dialect) if not self.native_uuid else None

        def result_processor(self, dialect: Any, coltype: Any) -> Processor:
            return _uuid_reader(self.as_uuid) if self.native_uuid else super().result_processor(dialect, coltype)

    colspecs[sqltypes.Uuid] = _Uuid


def _add_ranges() -> None:
    from sqlalchemy.dialects.postgresql import ranges

    def format_range(value: Any) -> str:
        return "empty" if value.empty else literals.format_range(value.lower, value.upper, value.bounds)

    def read_ranges(bound: Callable[[str], Any]) -> Callable[[str], Any]:
        def parse(text: Optional[str]) -> Any:
            return None if text is None else bound(text)

        return lambda text: [ranges.Range(parse(a), parse(b), bounds=brackets) for a, b, brackets in literals.parse_ranges(text)]  # type: ignore[arg-type]

    def single(bound: Callable[[str], Any]) -> Callable[[str], Any]:
        read = read_ranges(bound)
        return lambda text: next(iter(read(text)), ranges.Range(empty=True))

    def multiple(bound: Callable[[str], Any]) -> Callable[[str], Any]:
        read = read_ranges(bound)
        return lambda text: ranges.MultiRange(read(text))

    class _Range(ranges.AbstractSingleRangeImpl):  # type: ignore[type-arg]
        def bind_processor(self, dialect: Any) -> Processor:
            return lambda value: format_range(value) if isinstance(value, ranges.Range) else value

        def result_processor(self, dialect: Any, coltype: Any) -> Processor:
            return None

    class _MultiRange(ranges.AbstractMultiRangeImpl):  # type: ignore[type-arg]
        def bind_processor(self, dialect: Any) -> Processor:
            def process(value: Any) -> Any:
                return value if value is None or isinstance(value, str) else "{" + ",".join(map(format_range, value)) + "}"

            return process

        def result_processor(self, dialect: Any, coltype: Any) -> Processor:
            return None

    for oid, multirange_oid, bound in _RANGES:
        range_readers.update({oid: single(bound), multirange_oid: multiple(bound)})
    literals.register_format(ranges.Range, format_range)
    colspecs[ranges.AbstractSingleRange] = _Range
    colspecs[ranges.AbstractMultiRange] = _MultiRange


# OID of the range and of the multirange, and how a bound's text is read.
_RANGES = (
    (3904, 4451, int),  # int4range
    (3926, 4536, int),  # int8range
    (3906, 4532, decimal.Decimal),  # numrange
    (3912, 4535, literals.parse_date),  # daterange
    (3908, 4533, literals.parse_timestamp),  # tsrange
    (3910, 4534, literals.parse_timestamp),  # tstzrange
)


def _add_vectors() -> None:
    from sqlalchemy.dialects.postgresql import pg_catalog

    for kind in (pg_catalog.INT2VECTOR, pg_catalog.OIDVECTOR):
        colspecs[kind] = type(f"_{kind.__name__}", (pg_catalog._SpaceVector, kind), {})


def _add_uuid_of_1_4() -> None:
    class _Uuid(pg.UUID):  # type: ignore[type-arg]
        def bind_processor(self, dialect: Any) -> Processor:
            return None

        def result_processor(self, dialect: Any, coltype: Any) -> Processor:
            return _uuid_reader(self.as_uuid)

    colspecs[pg.UUID] = _Uuid


if SQLALCHEMY_2:
    _add_uuid()
    _add_ranges()
    _add_vectors()
    colspecs[pg.CITEXT] = pg.CITEXT
else:
    _add_uuid_of_1_4()
    range_readers.update((oid, str) for oids in _RANGES for oid in oids[:2])

colspecs = util.immutabledict(colspecs)  # type: ignore[assignment]
