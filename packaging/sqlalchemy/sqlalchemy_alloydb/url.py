# SPDX-License-Identifier: Apache-2.0
"""From an engine's URL to a connection string of ODBC. Pure: README.md has the table of forms, tests/test_url.py the cases."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from sqlalchemy import exc, util
from sqlalchemy.engine.url import URL

DRIVER = "AlloyDB"

# What goes to pyodbc.connect() and not to the driver.
_PYODBC_FLAGS = ("ansi", "unicode_results", "autocommit")
# Values of these characters mean the same with and without braces.
_PLAIN = re.compile(r"[A-Za-z0-9_.,:/@+\\-]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*")

# Keywords whose values are secrets, as _folded() has them: those that keywords.md calls "never logged", and proxies, whose URL may hold a password.
SECRETS = frozenset(
    ("pwd", "password", "sslpassword", "clientkeypassword", "sslkeypassword", "tlskeypwd", "pqopt", "d5", "libpqoptions", "options")
    + ("credentialsjson", "jsoncredentials", "accesstoken", "token", "oauth2token", "logintoken", "proxyurl", "httpsproxy")
)
_VALUE = re.compile(r"([^;={}]+)=(\s*\{(?:[^}]|\}\})*\}|[^;]*)")

Pairs = List[Tuple[str, str]]


def quote(value: str) -> str:
    """A value of a connection string, in braces where it needs them."""
    return value if _PLAIN.fullmatch(value) else "{" + value.replace("}", "}}") + "}"


def _pair(key: str, value: str) -> str:
    if not _KEY.fullmatch(key):
        raise exc.ArgumentError(f"{key!r} in the URL's query cannot be a keyword of ODBC: letters, digits, '_', '-' and blanks only")
    return f"{key}={quote(value)}"


def _folded(key: str) -> str:
    return re.sub(r"[ _-]", "", key).lower()


def _query(url: URL) -> Pairs:
    """The query's pairs. A key given several times is a list, as of hosts."""
    return [(key, value if isinstance(value, str) else ",".join(value)) for key, value in url.query.items()]


def _hide(key: str, value: Any) -> Any:
    if key == "odbc_connect":
        return _VALUE.sub(lambda pair: f"{pair[1]}={_hide(pair[1].strip(), pair[2])}", value) if isinstance(value, str) else "***"
    return "***" if _folded(key) in SECRETS else value


class EngineURL(URL):
    """An engine's URL: repr(), and str() since SQLAlchemy 2.0, show no secret of its query either. SQLAlchemy hides user:password@ only."""

    def render_as_string(self, hide_password: bool = True) -> str:
        if not hide_password:
            return super().render_as_string(hide_password=False)
        hidden = self._replace(query=util.immutabledict({key: _hide(key, value) for key, value in self.query.items()}))
        return URL.render_as_string(hidden).replace("%2A%2A%2A", "***")


def _take(pairs: Pairs, *keys: str) -> str:
    """The value of the first of these keys, taken out of the pairs, or ''."""
    for index, (key, _) in enumerate(pairs):
        if _folded(key) in keys:
            return pairs.pop(index)[1]
    return ""


def _target(url: URL, query: Pairs) -> Pairs:
    """What tells the driver manager and the driver where to go."""
    dsn = _take(query, "dsn")
    driver = _take(query, "driver")
    port = _take(query, "port", "portnumber") or (str(url.port) if url.port else "")
    # A name alone is a data source's, as mssql+pyodbc has it; a port or a driver beside it make a host of it.
    if not dsn and url.host and not (url.database or port or driver):
        found = [("DSN", url.host)]
    elif dsn:
        found = [("DSN", dsn), ("Server", url.host or "")]
    else:
        found = [("DRIVER", driver or DRIVER), ("Server", url.host or "")]
    return found + [("Port", port), ("Database", url.database or ""), ("UID", url.username or ""), ("PWD", str(url.password or ""))]


def connect_arguments(url: URL) -> Tuple[str, Dict[str, Any]]:
    """The connection string, and the keyword arguments of pyodbc.connect()."""
    query = _query(url)
    flags = {key: util.asbool(value) for key, value in query if key in _PYODBC_FLAGS}
    query = [(key, value) for key, value in query if key not in _PYODBC_FLAGS]
    given = dict(query).get("odbc_connect")
    if given is not None:
        # The URL has been decoded once. SQLAlchemy's own connector does so again, which breaks passwords with "+" and "%" in them.
        return given, flags
    target = [_pair(key, value) for key, value in _target(url, query) if value]
    return ";".join([*target, *(_pair(key, value) for key, value in query)]), flags
