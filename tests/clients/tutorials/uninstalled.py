# SPDX-License-Identifier: Apache-2.0
"""python uninstalled.py PROGRAM ARGUMENT…: with the dialect that PYTHONPATH leads to, under the names that an installed package registers."""

import runpy
import sys

from sqlalchemy.dialects import registry

for name in ("alloydb", "alloydb.pyodbc", "postgresql.pyodbc"):
    registry.register(name, "sqlalchemy_alloydb", "AlloyDBDialect")
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
