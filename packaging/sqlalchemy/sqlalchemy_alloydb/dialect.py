# SPDX-License-Identifier: Apache-2.0
"""The dialect: PostgreSQL's own, over pyodbc and the AlloyDB ODBC driver."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import functools
import importlib
import json
import re
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from sqlalchemy import util
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect, PGExecutionContext
from sqlalchemy.engine import URL

from . import literals
from .converters import SQL_ATTR_ALLOYDB_SERVER_TYPES, output_converters
from .types import SQLALCHEMY_2, colspecs
from .url import EngineURL, connect_arguments

# ---- parameters ---------------------------------------------------------------------------------------------------


def _moment(value: dt.datetime) -> Any:
    return value if value.tzinfo is None else value.isoformat(" ")  # pyodbc drops the offset


def _number(value: decimal.Decimal) -> Any:
    return value if value.is_finite() else str(value)  # pyodbc makes digits of NaN's exponent


_ADAPTERS: Dict[type, Callable[[Any], Any]] = {
    dt.datetime: _moment,
    dt.time: dt.time.isoformat,  # pyodbc drops the fraction and the offset
    dt.timedelta: literals.format_interval,  # pyodbc refuses it, and the rest
    decimal.Decimal: _number,
    list: literals.format_array,
    tuple: literals.format_array,
    **{kind: str for kind in literals.ADDRESSES},
}


def adapt(value: Any) -> Any:
    """A parameter in a form in which pyodbc hands it on whole; the server reads text as the type that the place wants."""
    adapter = _ADAPTERS.get(type(value))
    return value if adapter is None else adapter(value)


# ---- question marks -----------------------------------------------------------------------------------------------

_TEXT_PARTS = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
      | --[^\n]* | /\*.*?\*/ | (?P<marks>\?+)""",
    re.VERBOSE | re.DOTALL,
)


def double_marks(text: str) -> str:
    """SQLAlchemy's texts have :names for parameters, so that a "?" in them is PostgreSQL's operator: "??" to the driver. A "??" is left alone."""
    return _TEXT_PARTS.sub(lambda found: "??" if found["marks"] == "?" else found[0], text) if "?" in text else text


class AlloyDBCompiler(PGCompiler):
    def post_process_text(self, text: str) -> str:
        return double_marks(super().post_process_text(text))

    def escape_literal_column(self, text: str) -> str:
        return double_marks(super().escape_literal_column(text))


# ---- errors -------------------------------------------------------------------------------------------------------

_SERVER_STATE = re.compile(r"\(SQLSTATE ([0-9A-Z]{5})")  # where ODBC's is another


def _with_state(call: Callable[..., Any]) -> Callable[..., Any]:
    """Gives pyodbc's errors the server's SQLSTATE, as pgcode as of psycopg2 and as sqlstate as of psycopg and asyncpg. args[0] is ODBC's."""

    @functools.wraps(call)
    def wrapped(self: Any, *arguments: Any, **kw: Any) -> Any:
        try:
            return call(self, *arguments, **kw)
        except self.dbapi.Error as error:
            found = _SERVER_STATE.search(str(error.args[1])) if len(error.args) > 1 else None
            error.pgcode = error.sqlstate = found[1] if found else error.args[0] if error.args else None
            raise

    return wrapped


# ---- row counts ---------------------------------------------------------------------------------------------------


class AlloyDBExecutionContext(PGExecutionContext):
    """Keeps the count, which pyodbc's cursor forgets when it is closed; SQLAlchemy reads that of an INSERT only when it is asked for it."""

    _rowcount: Optional[int] = None

    @property
    def rowcount(self) -> int:
        return self.cursor.rowcount if self._rowcount is None else self._rowcount

    def post_exec(self) -> None:
        super().post_exec()
        counted = self.is_crud or self.is_text or self.compiled is None
        if counted and self._rowcount is None:
            self._rowcount = self.cursor.rowcount


# ---- the dialect --------------------------------------------------------------------------------------------------


def _literal(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


# The connection is gone, or is about to be closed by the server.
_DISCONNECTED = frozenset(("08S01", "08003", "08006", "08007", "57P01", "57P02", "57P03"))


class AlloyDBDialect(PyODBCConnector, PGDialect):
    # The name stays "postgresql" (PGDialect.name): Alembic, pandas and applications choose what they do by it.
    dbapi: Any
    driver = "pyodbc"
    default_paramstyle = "qmark"
    pyodbc_driver_name = "AlloyDB"
    supports_statement_cache = True
    supports_native_uuid = True
    statement_compiler = AlloyDBCompiler
    execution_ctx_cls = AlloyDBExecutionContext
    colspecs = util.update_copy(PGDialect.colspecs, colspecs)

    if SQLALCHEMY_2:
        from sqlalchemy.engine.interfaces import BindTyping

        bind_typing = BindTyping.RENDER_CASTS
        # One round trip for many rows; an execution each would be one for each row. With fast_executemany ODBC's arrays do it.
        use_insertmanyvalues_wo_returning = True

    def __init__(self, fast_executemany: bool = False, **kw: Any) -> None:
        super().__init__(**kw)
        self.fast_executemany = fast_executemany
        if fast_executemany:
            self.use_insertmanyvalues_wo_returning = False
        # pyodbc tells no count of an executemany(), so that one without arrays is counted here.
        self.supports_sane_multi_rowcount = not fast_executemany

    @classmethod
    def load_provisioning(cls) -> None:
        __import__("sqlalchemy.dialects.postgresql.provision")

    @classmethod
    def engine_created(cls, engine: Any) -> None:
        engine.url = EngineURL._make(engine.url)

    def create_connect_args(self, url: URL) -> Any:
        text, flags = connect_arguments(url)
        return [[text], flags]

    # ---- executing

    @_with_state
    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        # The driver manager refuses a text of no characters, which PostgreSQL takes.
        cursor.execute(statement or " ", [adapt(value) for value in parameters])

    @_with_state
    def do_executemany(self, cursor: Any, statement: str, parameters: Sequence[Any], context: Any = None) -> None:
        rows = [[adapt(value) for value in row] for row in parameters]
        if self.fast_executemany:
            cursor.fast_executemany = True
        if not self.supports_sane_multi_rowcount or context is None:
            cursor.executemany(statement, rows)
            return
        count = 0
        for row in rows:
            cursor.execute(statement, row)  # prepared once, as by executemany()
            count += cursor.rowcount
        context._rowcount = count

    @_with_state
    def do_commit(self, dbapi_connection: Any) -> None:
        super().do_commit(dbapi_connection)

    def _deliver_insertmanyvalues_batches(self, *arguments: Any) -> Any:
        """The batches that SQLAlchemy 2.0 makes of one INSERT: the cursor knows the last one's count only."""
        context = arguments[-1]
        count = 0
        for batch in super()._deliver_insertmanyvalues_batches(*arguments):
            yield batch
            count += context.cursor.rowcount
        context._rowcount = max(count, -1)  # -1: of RETURNING, which streams, there is none

    # ---- reflection

    def get_multi_columns(self, *arguments: Any, **keywords: Any) -> Any:
        # pgvector's types are known to reflection once they are imported.
        with contextlib.suppress(ImportError):
            importlib.import_module("pgvector.sqlalchemy")
        return super().get_multi_columns(*arguments, **keywords)

    # ---- the connection

    def on_connect(self) -> Callable[[Any], None]:
        inherited = super().on_connect()
        converters = output_converters(self._json_deserializer or json.loads)

        def connect(connection: Any) -> None:
            raw = self._pyodbc_connection(connection)
            raw.set_attr(SQL_ATTR_ALLOYDB_SERVER_TYPES, 1)
            for sql_type, converter in converters.items():
                raw.add_output_converter(sql_type, converter)
            if inherited is not None:
                inherited(connection)

        return connect

    def _pyodbc_connection(self, connection: Any) -> Any:
        return connection

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Without leaving a transaction open."""
        try:
            self._ping(dbapi_connection)
        except self.dbapi.Error as error:
            # SQLAlchemy 2.0 wants to see the error itself.
            if SQLALCHEMY_2 or not self.is_disconnect(error, dbapi_connection, None):
                raise
            return False
        return True

    def _ping(self, dbapi_connection: Any) -> None:
        before = dbapi_connection.autocommit
        dbapi_connection.autocommit = True
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute(self._dialect_specific_select_one)
        finally:
            cursor.close()
        dbapi_connection.autocommit = before

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        state = e.args[0] if isinstance(e, self.dbapi.Error) and e.args else None
        return state in _DISCONNECTED or super().is_disconnect(e, connection, cursor)

    def _get_server_version_info(self, connection: Any) -> Tuple[int, ...]:
        return PGDialect._get_server_version_info(self, connection)  # PyODBCConnector's reads what ODBC says, with leading zeros

    # ---- transactions

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        return ["AUTOCOMMIT", "READ COMMITTED", "READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

    def _set_characteristic(self, dbapi_connection: Any, words: str) -> None:
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute(f"SET SESSION CHARACTERISTICS AS TRANSACTION {words}")
            cursor.execute("COMMIT")
        finally:
            cursor.close()

    def _is_on(self, dbapi_connection: Any, setting: str) -> bool:
        cursor = dbapi_connection.cursor()
        try:
            return bool(cursor.execute(f"SHOW {setting}").fetchone()[0] == "on")
        finally:
            cursor.close()

    def set_readonly(self, connection: Any, value: bool) -> None:
        self._set_characteristic(connection, "READ ONLY" if value else "READ WRITE")

    def get_readonly(self, connection: Any) -> bool:
        return self._is_on(connection, "transaction_read_only")

    def set_deferrable(self, connection: Any, value: bool) -> None:
        self._set_characteristic(connection, "DEFERRABLE" if value else "NOT DEFERRABLE")

    def get_deferrable(self, connection: Any) -> bool:
        return self._is_on(connection, "transaction_deferrable")

    # ---- two-phase commit

    def do_prepare_twophase(self, connection: Any, xid: str) -> None:
        connection.exec_driver_sql(f"PREPARE TRANSACTION {_literal(xid)}")

    def _outside(self, connection: Any, verb: str, xid: str) -> None:
        """COMMIT PREPARED and ROLLBACK PREPARED, which must not stand in a transaction; pyodbc would begin one."""
        dbapi_connection = connection.connection.dbapi_connection if SQLALCHEMY_2 else connection.connection.connection
        before = dbapi_connection.autocommit
        dbapi_connection.autocommit = True
        try:
            dbapi_connection.execute(f"{verb} PREPARED {_literal(xid)}")
        finally:
            dbapi_connection.autocommit = before

    def do_rollback_twophase(self, connection: Any, xid: str, is_prepared: bool = True, recover: bool = False) -> None:
        if is_prepared:
            self._outside(connection, "ROLLBACK", xid)
        else:
            self.do_rollback(connection.connection)

    def do_commit_twophase(self, connection: Any, xid: str, is_prepared: bool = True, recover: bool = False) -> None:
        if is_prepared:
            self._outside(connection, "COMMIT", xid)
        else:
            self.do_commit(connection.connection)


dialect = AlloyDBDialect
