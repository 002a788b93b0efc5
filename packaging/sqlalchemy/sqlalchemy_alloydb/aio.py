# SPDX-License-Identifier: Apache-2.0
"""create_async_engine("alloydb+aioodbc://…"): the same dialect, each connection's calls on a thread of aioodbc's. SQLAlchemy 2.0."""

from __future__ import annotations

from typing import Any

from sqlalchemy.connectors.aioodbc import aiodbcConnector
from sqlalchemy.engine import URL

from .dialect import AlloyDBDialect, AlloyDBExecutionContext
from .url import connect_arguments


class AlloyDBAsyncExecutionContext(AlloyDBExecutionContext):
    def create_server_side_cursor(self) -> Any:
        """AsyncConnection.stream(): rows are fetched as they are asked for. It is the driver that streams, with every cursor."""
        return self._dbapi_connection.cursor(server_side=True)


class AlloyDBAsyncDialect(aiodbcConnector, AlloyDBDialect):
    driver = "aioodbc"
    supports_statement_cache = True
    execution_ctx_cls = AlloyDBAsyncExecutionContext

    def create_connect_args(self, url: URL) -> Any:
        text, flags = connect_arguments(url)
        return [[], {"dsn": text, **flags}]

    def _pyodbc_connection(self, connection: Any) -> Any:
        return connection._connection._conn  # aioodbc's own add_output_converter() would have to be awaited


dialect = AlloyDBAsyncDialect
