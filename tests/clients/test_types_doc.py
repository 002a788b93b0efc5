#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""packaging/doc/types.md tells the truth: a table with a column of each type it lists is described by SQLColumns as it says."""
import os
import pathlib
import re
import sys

INI = os.environ.get("ALDB_TEST_CLIENT_INI")
if not INI:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
os.environ["ODBCSYSINI"] = INI
os.environ["ODBCINI"] = os.path.join(INI, "odbc.ini")

import pyodbc  # noqa: E402  (reads these variables when it loads the driver manager)

DOC = pathlib.Path(__file__).resolve().parents[2] / "packaging/doc/types.md"
# ODBC's names, and the C type that SQL_C_DEFAULT stands for (appendix D, "Default C Data Types").
SQL_TYPES = {
    -11: ("SQL_GUID", "SQL_C_GUID"), -10: ("SQL_WLONGVARCHAR", "SQL_C_WCHAR"), -9: ("SQL_WVARCHAR", "SQL_C_WCHAR"), -8: ("SQL_WCHAR", "SQL_C_WCHAR"),
    -7: ("SQL_BIT", "SQL_C_BIT"), -5: ("SQL_BIGINT", "SQL_C_SBIGINT"), -4: ("SQL_LONGVARBINARY", "SQL_C_BINARY"), 2: ("SQL_NUMERIC", "SQL_C_CHAR"),
    4: ("SQL_INTEGER", "SQL_C_SLONG"), 5: ("SQL_SMALLINT", "SQL_C_SSHORT"), 7: ("SQL_REAL", "SQL_C_FLOAT"), 8: ("SQL_DOUBLE", "SQL_C_DOUBLE"),
    91: ("SQL_TYPE_DATE", "SQL_C_TYPE_DATE"), 92: ("SQL_TYPE_TIME", "SQL_C_TYPE_TIME"), 93: ("SQL_TYPE_TIMESTAMP", "SQL_C_TYPE_TIMESTAMP"),
}
UNSIGNED = {"oid", "xid", "cid"}


def documented():
    """definition -> the other cells of its row."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    return {definition: cells.split(" | ") for definition, cells in rows}


def described(cursor, definitions):
    cursor.execute("drop table if exists types_doc")
    cursor.execute("create table types_doc (" + ", ".join(f"c{i} {definition}" for i, definition in enumerate(definitions)) + ")")
    rows = cursor.columns(table="types_doc").fetchall()
    cursor.execute("drop table types_doc")
    for definition, row in zip(definitions, rows, strict=True):
        digits = "" if row.decimal_digits is None else str(row.decimal_digits)
        sql_type, c_type = SQL_TYPES.get(row.data_type, (str(row.data_type), "?"))
        if row.type_name in UNSIGNED:
            c_type = "SQL_C_ULONG"
        yield definition, [sql_type, c_type, str(row.column_size), digits]


rows = documented()
connection = pyodbc.connect("DSN=" + os.environ["ALDB_TEST_DSN"], autocommit=True)
wrong = [f"{definition}: the server's is {' | '.join(truth)}, types.md says {' | '.join(rows[definition])}"
         for definition, truth in described(connection.cursor(), list(rows)) if truth != rows[definition]]
print("\n".join(wrong) if wrong else f"{len(rows)} types are as documented")
sys.exit(1 if wrong or len(rows) < 40 else 0)
