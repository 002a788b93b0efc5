# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's text forms of what ODBC has no type for: arrays, ranges, intervals, times with an offset. Pure."""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import re
import uuid
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

_OFFSET = r"(?P<sign>[+-])(?P<oh>\d\d)(?::(?P<om>\d\d))?(?::(?P<os>\d\d))?"
_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:\.(?P<f>\d{1,6}))?"
_TIME = re.compile(rf"{_CLOCK}(?:{_OFFSET})?")
_TIMESTAMP = re.compile(rf"(?P<y>\d{{4}})-(?P<mo>\d\d)-(?P<d>\d\d)[ T]{_CLOCK}(?:{_OFFSET})?")
_UNIT = re.compile(r"([+-]?\d+) (year|mon|day)s?")
_INTERVAL = re.compile(r"(?:[+-]?\d+ (?:year|mon|day)s? ?)*(?:([+-])?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?")
_DAYS = {"year": 365, "mon": 30, "day": 1}  # as psycopg counts


def _micro(digits: Optional[str]) -> int:
    return int((digits or "").ljust(6, "0"))


def _zone(found: re.Match[str]) -> Optional[dt.timezone]:
    if found["sign"] is None:
        return None
    offset = dt.timedelta(hours=int(found["oh"]), minutes=int(found["om"] or 0), seconds=int(found["os"] or 0))
    return dt.timezone(-offset if found["sign"] == "-" else offset)


def parse_bool(text: str) -> bool:
    return text == "t"


def parse_bytea(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def parse_timestamp(text: str) -> dt.datetime:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(f"the timestamp {text!r} is outside of what Python's datetime can say; read it as text, with cast(column, String)")
    date = (int(found["y"]), int(found["mo"]), int(found["d"]))
    return dt.datetime(*date, int(found["h"]), int(found["m"]), int(found["s"]), _micro(found["f"]), _zone(found))


def parse_time(text: str) -> dt.time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day")
    return dt.time(int(found["h"]), int(found["m"]), int(found["s"]), _micro(found["f"]), _zone(found))


def parse_date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"the date {text!r} is outside of what Python's date can say; read it as text, with cast(column, String)") from None


def parse_interval(text: str) -> dt.timedelta:
    """An interval in IntervalStyle postgres. A year counts 365 days and a month 30, as psycopg has it."""
    found = _INTERVAL.fullmatch(text)
    if found is None or not text:
        raise ValueError(f"the interval {text!r} is not in IntervalStyle postgres, the one that is understood")
    days = sum(int(count) * _DAYS[unit] for count, unit in _UNIT.findall(text))
    sign, hours, minutes, seconds, fraction = found.groups()
    clock = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0), microseconds=_micro(fraction))
    return dt.timedelta(days=days) + (-clock if sign == "-" else clock)


def format_interval(value: dt.timedelta) -> str:
    """All fields of one sign: what ODBC's intervals can say."""
    sign, size = ("-" if value < dt.timedelta() else ""), abs(value)
    return f"{sign}{size.days} days {sign}{size.seconds} seconds {sign}{size.microseconds} microseconds"


# ---- values inside of arrays and ranges ---------------------------------------------------------------------------


ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv4Interface,
    ipaddress.IPv4Network,
    ipaddress.IPv6Address,
    ipaddress.IPv6Interface,
    ipaddress.IPv6Network,
)


_FORMATS: Dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    decimal.Decimal: str,
    bytes: lambda value: "\\x" + value.hex(),
    bytearray: lambda value: "\\x" + value.hex(),
    memoryview: lambda value: "\\x" + value.hex(),
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.datetime: lambda value: value.isoformat(" "),
    dt.timedelta: format_interval,
    uuid.UUID: str,
    **{kind: str for kind in ADDRESSES},
}


def register_format(kind: type, formatter: Callable[[Any], str]) -> None:
    _FORMATS[kind] = formatter


def format_value(value: Any) -> str:
    """The text of a value that is not None, as PostgreSQL's input functions read it."""
    for kind in type(value).__mro__:
        if kind in _FORMATS:
            return _FORMATS[kind](value)
    kind = type(value)
    raise TypeError(f"a {kind.__name__} has no form in an array or range of PostgreSQL: give it as text, or give the items a type that converts it")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def format_array(values: Any) -> str:
    """A list or tuple, of lists or tuples where it has several dimensions."""

    def element(value: Any) -> str:
        if value is None:
            return "NULL"
        return format_array(value) if isinstance(value, (list, tuple)) else _quoted(format_value(value))

    return "{" + ",".join(map(element, values)) + "}"


_ARRAY_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{}])|((?:[^,{}"\\]|\\.)+)|,', re.DOTALL)
_BACKSLASHED = re.compile(r"\\(.)", re.DOTALL)


def parse_array(text: str, read: Callable[[Optional[str]], Any], collect: Callable[[List[Any]], Any] = list) -> Any:
    """An array's text, its elements given through `read` and each dimension through `collect`. Lower bounds are left out, as Python has none."""
    start = text.index("{")
    stack: List[List[Any]] = [[]]
    for token in _ARRAY_TOKEN.finditer(text, start):
        quoted, brace, bare = token.groups()
        if brace == "{":
            stack.append([])
        elif brace == "}":
            done = stack.pop()
            if not stack:
                break
            stack[-1].append(collect(done))
        elif quoted is not None:
            stack[-1].append(read(_BACKSLASHED.sub(r"\1", quoted)))
        elif bare is not None:
            stack[-1].append(read(None if bare.upper() == "NULL" else _BACKSLASHED.sub(r"\1", bare)))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError(f"{text!r} is no array of PostgreSQL")
    return stack[0][0]


# ---- ranges -------------------------------------------------------------------------------------------------------

Bound = Optional[str]
_BOUND = r'((?:"(?:[^"\\]|\\.|"")*"|[^,\[\]()"\\]|\\.)*)'
_RANGE = re.compile(rf"([\[(]){_BOUND},{_BOUND}([\])])", re.DOTALL)
_DOUBLED = re.compile(r'\\(.)|""|"', re.DOTALL)


def _bound(text: str) -> Bound:
    return _DOUBLED.sub(lambda found: found[1] or ('"' if found[0] == '""' else ""), text) if text else None


def parse_ranges(text: str) -> Iterator[Tuple[Bound, Bound, str]]:
    """Lower and upper bound and brackets of each range in a range's text (none if it is empty) or a multirange's."""
    for opening, lower, upper, closing in _RANGE.findall(text):
        yield _bound(lower), _bound(upper), opening + closing


def format_range(lower: Any, upper: Any, bounds: str) -> str:
    first, second = ("" if value is None else _quoted(format_value(value)) for value in (lower, upper))
    return f"{bounds[0]}{first},{second}{bounds[1]}"
