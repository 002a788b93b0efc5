# SPDX-License-Identifier: Apache-2.0
"""What pyodbc makes of values whose type is PostgreSQL's and not ODBC's: its output converters, which get the bytes of a value, by SQL type.

The driver reports such types by codes of its own (include/alloydb_odbc.h), so that values are known without a column, as out of a text().
"""

from __future__ import annotations

import datetime as dt
import decimal
import struct
import uuid
from typing import Any, Callable, Dict, Optional

from . import literals
from .types import range_readers

SQL_ATTR_ALLOYDB_SERVER_TYPES = 0x4A08
_SQL_ALLOYDB_TYPE = 0x4000  # and the type's OID

Reader = Callable[[str], Any]
Converter = Callable[[Optional[bytes]], Any]


# ---- types of ODBC's of which pyodbc makes text, or nothing at all. Given are ODBC's structures -------------------


def _uuid(raw: Optional[bytes]) -> Optional[uuid.UUID]:
    return None if raw is None else uuid.UUID(bytes_le=raw)  # else text, unless the whole process has set pyodbc.native_uuid


def _interval(raw: Optional[bytes]) -> Optional[dt.timedelta]:
    """An SQL_INTERVAL_STRUCT. A year counts 365 days and a month 30, as psycopg has it."""
    if raw is None:
        return None
    kind, negative, first, second, minutes, seconds, micro = struct.unpack("=ihxx5I", raw)
    if kind in _YEARS_AND_MONTHS:
        value = dt.timedelta(days=365 * first + 30 * second)
    else:
        value = dt.timedelta(days=first, hours=second, minutes=minutes, seconds=seconds, microseconds=micro)
    return -value if negative else value


_YEARS_AND_MONTHS = (1, 2, 7)  # SQL_IS_YEAR, SQL_IS_MONTH, SQL_IS_YEAR_TO_MONTH


def _real(raw: Optional[bytes]) -> Optional[float]:
    """The shortest number that is this one in four bytes, as PostgreSQL writes it: 0.1, and not 0.10000000149011612."""
    if raw is None:
        return None
    (value,) = struct.unpack("=f", raw)
    for digits in range(1 if abs(value) < 1e-37 else 6, 9):  # any six digits fit in four bytes, but for the smallest numbers
        shorter = float(f"{value:.{digits}g}")
        if struct.pack("=f", shorter) == raw:
            return shorter
    return float(f"{value:.9g}")


_OF_ODBC: Dict[int, Converter] = {
    7: _real,  # SQL_REAL
    -11: _uuid,  # SQL_GUID
    **{sql_type: _interval for sql_type in range(101, 114)},  # SQL_INTERVAL_YEAR to SQL_INTERVAL_MINUTE_TO_SECOND
}

# ---- PostgreSQL's, by OID. Given is their text ---------------------------------------------------------------------

_BOOL, _BYTEA, _INTEGERS, _FLOATS, _NUMERIC, _UUID = 16, 17, (20, 21, 23, 26), (700, 701), 1700, 2950
_JSON, _XML, _DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL, _TIMETZ = (114, 3802), 142, 1082, 1083, 1114, 1184, 1186, 1266
# Array: element. What is not among the readers of elements is text.
# fmt: off
_ARRAYS = {
    143: 142, 199: 114, 210: 71, 270: 75, 271: 5069, 272: 81, 273: 83, 629: 628, 651: 650, 719: 718, 775: 774, 791: 790, 1000: 16, 1001: 17,
    1002: 18, 1003: 19, 1005: 21, 1006: 22, 1007: 23, 1008: 24, 1009: 25, 1010: 27, 1011: 28, 1012: 29, 1013: 30, 1014: 1042, 1015: 1043, 1016: 20,
    1017: 600, 1018: 601, 1019: 602, 1020: 603, 1021: 700, 1022: 701, 1027: 604, 1028: 26, 1034: 1033, 1040: 829, 1041: 869, 1115: 1114, 1182: 1082,
    1183: 1083, 1185: 1184, 1187: 1186, 1231: 1700, 1263: 2275, 1270: 1266, 1561: 1560, 1563: 1562, 2201: 1790, 2207: 2202, 2208: 2203, 2209: 2204,
    2210: 2205, 2211: 2206, 2949: 2970, 2951: 2950, 3221: 3220, 3643: 3614, 3644: 3642, 3645: 3615, 3735: 3734, 3770: 3769, 3807: 3802, 3905: 3904,
    3907: 3906, 3909: 3908, 3911: 3910, 3913: 3912, 3927: 3926, 4073: 4072, 4090: 4089, 4097: 4096, 4192: 4191, 5039: 5038, 6150: 4451, 6151: 4532,
    6152: 4533, 6153: 4534, 6155: 4535, 6157: 4536,
}
# fmt: on


def _readers(loads: Reader) -> Dict[int, Reader]:
    """Of values by themselves."""
    return {
        **{oid: loads for oid in _JSON},
        _XML: str,
        _TIMESTAMPTZ: literals.parse_timestamp,
        _TIMETZ: literals.parse_time,
        _INTERVAL: literals.parse_interval,
        **range_readers,
    }


def _element_readers(loads: Reader) -> Dict[int, Reader]:
    return {
        **_readers(loads),
        _BOOL: literals.parse_bool,
        _BYTEA: literals.parse_bytea,
        **{oid: int for oid in _INTEGERS},
        **{oid: float for oid in _FLOATS},
        _NUMERIC: decimal.Decimal,
        _DATE: literals.parse_date,
        _TIME: literals.parse_time,
        _TIMESTAMP: literals.parse_timestamp,
        _UUID: uuid.UUID,
    }


def _array_reader(element: Reader) -> Reader:
    return lambda text: literals.parse_array(text, lambda item: None if item is None else element(item))


def _converter(read: Reader) -> Converter:
    return lambda raw: None if raw is None else read(raw.decode())


def output_converters(loads: Reader) -> Dict[int, Converter]:
    """By SQL type. `loads`: from a document's text to its value."""
    elements = _element_readers(loads)
    arrays = {oid: _array_reader(elements.get(element, str)) for oid, element in _ARRAYS.items()}
    of_server = {**_readers(loads), **arrays}
    return {**_OF_ODBC, **{_SQL_ALLOYDB_TYPE + oid: _converter(read) for oid, read in of_server.items()}}
