# SPDX-License-Identifier: Apache-2.0
"""Apache Superset's engine spec for alloydb:// URLs: PostgreSQL's, with what is different about pyodbc. README.md tells how to register it."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.url import URL
from sqlalchemy_alloydb.dialect import double_marks
from superset.db_engine_specs import postgres
from superset.db_engine_specs.exceptions import (
    SupersetDBAPIDatabaseError,
    SupersetDBAPIDataError,
    SupersetDBAPIOperationalError,
    SupersetDBAPIProgrammingError,
)
from superset.errors import SupersetErrorType

if TYPE_CHECKING:
    from superset.models.core import Database

_TOLD = postgres.PostgresEngineSpec.custom_errors
_SERVER = r'connection to server at "(?P<hostname>.*?)"(?: \(.*?\))?, port (?P<port>\d+) failed: '
# As libpq words it today, on Linux; Superset looks for older words, and for psycopg2's lines.
_ERRORS = {
    r'could not translate host name "(?P<hostname>.*?)" to address': _TOLD[postgres.CONNECTION_INVALID_HOSTNAME_REGEX],
    _SERVER + "Connection refused": _TOLD[postgres.CONNECTION_PORT_CLOSED_REGEX],
    _SERVER + "(?:timeout|.*timed out|No route|Network is unreachable)": _TOLD[postgres.CONNECTION_HOST_DOWN_REGEX],
    r'ERROR: column "?(?P<column_name>.+?)"? does not exist': (
        'We can\'t seem to resolve the column "%(column_name)s".',
        SupersetErrorType.COLUMN_DOES_NOT_EXIST_ERROR,
        {},
    ),
}

# psycopg2's names, by the classes that pyodbc has for columns. Of text the values decide: it stands for types that are none of ODBC's, too.
_TYPE_NAMES = {
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "FLOAT",
    decimal.Decimal: "DECIMAL",
    dt.date: "DATE",
    dt.time: "TIME",
    dt.datetime: "DATETIME",
    dt.timedelta: "INTERVAL",
    bytes: "BINARY",
    bytearray: "BINARY",
    uuid.UUID: "UUID",
}


class AlloyDBEngineSpec(postgres.PostgresEngineSpec):
    # By the engine Superset chooses its SQL parser, the functions and tables that SQL Lab refuses, and validators: they have to be PostgreSQL's.
    # By the alias it finds this class for a URL; "postgresql+pyodbc://" would be taken for PostgreSQL with psycopg2.
    engine = "postgresql"
    engine_aliases = {"alloydb"}
    engine_name = "AlloyDB (ODBC)"
    drivers = {"pyodbc": "AlloyDB ODBC driver"}
    # Superset's form for host, port and user goes by the engine alone, and would make a URL of psycopg2's. Without this it asks for a URL.
    default_driver = None
    sqlalchemy_uri_placeholder = "alloydb://user:password@host:port/dbname[?key=value&key=value...]"
    encryption_parameters = {"sslmode": "require"}

    # Keywords, without "_" and the like. Who may add a database should choose neither what is loaded into Superset's process, as a driver is, nor
    # which files it writes.
    refused_uri_keywords = frozenset(("odbcconnect", "driver", "logfile", "driverlogfile", "tracefile", "logpath", "logdir"))

    custom_errors = {
        **_TOLD,
        **{re.compile(pattern): told for pattern, told in _ERRORS.items()},
    }

    @classmethod
    def validate_database_uri(cls, sqlalchemy_uri: URL) -> None:
        super().validate_database_uri(sqlalchemy_uri)
        refused = [key for key in sqlalchemy_uri.query if re.sub(r"[ _-]", "", key).lower() in cls.refused_uri_keywords]
        if refused:
            raise ValueError(f"Forbidden query parameter(s): {', '.join(refused)}")

    @classmethod
    def build_sqlalchemy_uri(cls, parameters: Any, encrypted_extra: Any = None) -> str:
        uri = str(super().build_sqlalchemy_uri(parameters, encrypted_extra))
        return re.sub(r"^\w+(\+\w+)?(?=:)", "alloydb+pyodbc", uri)

    # ---- executing: SQL Lab and charts use pyodbc's cursors, and no engine's

    @classmethod
    def execute(cls, cursor: Any, query: str, database: Database, **kwargs: Any) -> None:
        """A "?" is PostgreSQL's operator, as in a text() of SQLAlchemy's."""
        super().execute(cursor, double_marks(query), database, **kwargs)

    @classmethod
    def estimate_statement_cost(cls, database: Database, statement: str, cursor: Any) -> dict[str, Any]:
        return super().estimate_statement_cost(database, double_marks(statement), cursor)

    @classmethod
    def fetch_data(cls, cursor: Any, limit: int | None = None) -> list[tuple[Any, ...]]:
        return cls.pyodbc_rows_to_tuples(super().fetch_data(cursor, limit))

    @classmethod
    def get_datatype(cls, type_code: Any) -> str | None:
        return _TYPE_NAMES.get(type_code)

    # ---- errors

    @classmethod
    def _extract_error_message(cls, ex: Exception) -> str:
        """pyodbc's errors are pairs of a state and a message, and print as such."""
        arguments = getattr(ex, "orig", ex).args
        if len(arguments) == 2 and isinstance(arguments[1], str):
            return arguments[1]
        return super()._extract_error_message(ex)

    @classmethod
    def get_dbapi_exception_mapping(cls) -> dict[type[Exception], type[Exception]]:
        import pyodbc

        return {
            pyodbc.DatabaseError: SupersetDBAPIDatabaseError,
            pyodbc.DataError: SupersetDBAPIDataError,
            pyodbc.IntegrityError: SupersetDBAPIDatabaseError,
            pyodbc.OperationalError: SupersetDBAPIOperationalError,
            pyodbc.ProgrammingError: SupersetDBAPIProgrammingError,
        }

    @classmethod
    def get_dbapi_mapped_exception(cls, exception: Exception) -> Exception:
        kind = cls.get_dbapi_exception_mapping().get(type(exception))
        return cls.parse_error_exception(exception) if kind is None else kind(cls._extract_error_message(exception))
