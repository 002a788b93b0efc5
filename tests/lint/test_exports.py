#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What leaves liballoydbodbc.so: ODBC's entry points, and nothing else; and it must not pull the driver manager in.

What leaves the set-up library, whose name ends in S.so: what unixODBC looks for there; and it needs nothing that the driver needs for its connections."""
import pathlib
import re
import subprocess
import tempfile

import lint

# Needed at least; without one of them the driver manager cannot work with the driver.
REQUIRED = {
    "SQLAllocHandle", "SQLBindCol", "SQLBindParameter", "SQLCancel", "SQLCloseCursor", "SQLColAttribute", "SQLColAttributeW",
    "SQLColumns", "SQLColumnsW", "SQLConnect", "SQLConnectW", "SQLDescribeCol", "SQLDescribeColW", "SQLDisconnect", "SQLDriverConnect",
    "SQLDriverConnectW", "SQLEndTran", "SQLExecDirect", "SQLExecDirectW", "SQLExecute", "SQLFetch", "SQLFetchScroll", "SQLFreeHandle",
    "SQLFreeStmt", "SQLGetConnectAttr", "SQLGetConnectAttrW", "SQLGetData", "SQLGetDiagField", "SQLGetDiagFieldW", "SQLGetDiagRec",
    "SQLGetDiagRecW", "SQLGetFunctions", "SQLGetInfo", "SQLGetInfoW", "SQLGetStmtAttr", "SQLGetTypeInfo", "SQLMoreResults",
    "SQLNumResultCols", "SQLPrepare", "SQLPrepareW", "SQLRowCount", "SQLSetConnectAttr", "SQLSetEnvAttr", "SQLSetStmtAttr", "SQLTables",
    "SQLTablesW",
}
# The driver manager asks SQLError before SQLGetDiagRec when a connection fails, and these two are its own.
FORBIDDEN = {"SQLError", "SQLErrorW", "SQLDataSources", "SQLDataSourcesW", "SQLDrivers", "SQLDriversW"}
FOREIGN_LIBRARIES = re.compile(r"libodbc\.so|libiodbc\.so")
SETUP = {"ConfigDSN", "ConfigDSNW", "ConfigDriver", "ConfigDriverW", "ODBCINSTGetProperties"}
HEAVY_LIBRARIES = re.compile(r"NEEDED\s+(lib(?:odbc|iodbc|pq|curl|ssl|crypto|jansson)\.so\S*)")


def check(library):
    names = subprocess.run(["nm", "-D", "--defined-only", "--format=just-symbols", library], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    names = {name.split("@")[0] for name in names}
    needed = subprocess.run(["objdump", "-p", library], check=True, text=True, stdout=subprocess.PIPE).stdout
    if str(library).endswith("S.so"):
        found = [f"{name}: unixODBC does not look for it" for name in sorted(names - SETUP)]
        found += [f"{name}: missing" for name in sorted(SETUP - names)]
        return found + [f"needs {match.group(1)}" for match in HEAVY_LIBRARIES.finditer(needed)]
    found = [f"{name}: not an ODBC entry point" for name in sorted(names) if not re.fullmatch(r"SQL[A-Z]\w*", name)]
    found += [f"{name}: must not be exported" for name in sorted(names & FORBIDDEN)]
    found += [f"{name}: missing" for name in sorted(REQUIRED - names)]
    found += [f"linked with {match.group()}, the driver manager" for match in FOREIGN_LIBRARIES.finditer(needed)]
    return found


def self_test():
    """A library with a stray symbol, a forbidden one and nearly nothing else must be found out."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = pathlib.Path(folder, "a.c"), pathlib.Path(folder, "a.so")
        source.write_text("int stray(void) { return 1; }\nint SQLError(void) { return 1; }\nint SQLFetch(void) { return 1; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        found = "\n".join(check(library))
        for wanted in ("stray: not", "SQLError: must not", "SQLExecute: missing"):
            assert wanted in found, (wanted, found)
        assert "SQLFetch:" not in found
        setup = pathlib.Path(folder, "aS.so")
        source.write_text("int stray(void) { return 1; }\nint ConfigDSN(void) { return 1; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", setup, source, "-Wl,--no-as-needed", "-lcrypto"], check=True)
        found = "\n".join(check(setup))
        for wanted in ("stray: unixODBC does not", "ConfigDSNW: missing", "needs libcrypto.so"):
            assert wanted in found, (wanted, found)
        assert "ConfigDSN:" not in found


if __name__ == "__main__":
    lint.library_main(check, self_test, "only their entry points leave the libraries")
