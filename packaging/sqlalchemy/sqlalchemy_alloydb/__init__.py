# SPDX-License-Identifier: Apache-2.0
"""SQLAlchemy engines over the AlloyDB ODBC driver: alloydb://, alloydb+pyodbc://, alloydb+aioodbc://, postgresql+pyodbc://."""

from .dialect import AlloyDBDialect
from .url import quote

__version__ = "0.1.0"
__all__ = ["AlloyDBDialect", "__version__", "quote"]
