#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every ODBC function: what SQLGetFunctions says is what driver/api defines, and the tests call all of it through the driver manager
or in the driver itself, as an application does and as one that has it all wrong does (tests/odbc/test_badinput.c)."""
import re

import lint

ADVERTISED = re.compile(r"ALDB_FUNCTION\(\s*\w+\s*,\s*(SQL\w+)\s*,\s*(true|false)\s*\)")
NARROW = re.compile(r"\bALDB_ENTRY\s+(SQL\w+)\s*\(")
BOTH = re.compile(r"\bALDB_ENTRY\s+ALDB_NAME\((SQL\w+)\)\s*\(")
TABLE = "driver/info/functions.def"
BAD_INPUT = "test_badinput.c"


def entry_points(root):
    """Exported name -> where it is defined."""
    found = {}
    for path in lint.files(root, "driver/api", suffixes={".c", ".inc"}):
        for number, line in enumerate(lint.code(path).splitlines(), 1):
            for match in NARROW.finditer(line):
                found[match.group(1)] = lint.where(path, root, number)
            for match in BOTH.finditer(line):
                for name in (match.group(1), match.group(1) + "W"):
                    found[name] = lint.where(path, root, number)
    return found


def called(path):
    """Names that are called, or given to a macro that calls them."""
    return set(re.findall(r"\b(SQL[A-Z][A-Za-z]+)\b(?=\s*[(),])", lint.code(path)))


def check(root):
    defined = entry_points(root)
    table = root / TABLE
    rows = ADVERTISED.findall(lint.code(table)) if table.exists() else []
    advertised = {name for name, supported in rows if supported == "true"}
    found = [f"{TABLE}:1: {name} is said to be there, but driver/api does not define it" for name in sorted(advertised - set(defined))]
    for name, place in sorted(defined.items()):
        if name not in advertised and name.removesuffix("W") not in advertised:
            found.append(f"{place}: {name} is defined, but {TABLE} does not say so")
    uses = {path.name: called(path) for path in lint.files(root, "tests/odbc", suffixes={".c"})}
    elsewhere = set().union(*(names for file, names in uses.items() if file != BAD_INPUT))
    for name, place in sorted(defined.items()):
        if name not in elsewhere:
            found.append(f"{place}: {name} is called by no test in tests/odbc")
        if name not in uses.get(BAD_INPUT, set()):
            found.append(f"{place}: {name} is never called with wrong arguments, in tests/odbc/{BAD_INPUT}")
    return found


def tree(rows, api, test="SQLFetch(stmt);", bad="DIRECT(SQLFetch)(stmt)"):
    return {TABLE: rows, "driver/api/a.c": api, "tests/odbc/test_a.c": test, "tests/odbc/" + BAD_INPUT: bad}


FETCH = "ALDB_FUNCTION(SQL_API_SQLFETCH, SQLFetch, true)\n"
DEFINED = "ALDB_ENTRY SQLFetch(SQLHSTMT s)\n{\n}\n"
VIOLATIONS = [
    tree(FETCH + "ALDB_FUNCTION(1, SQLSetPos, true)\n", DEFINED),
    tree("ALDB_FUNCTION(1, SQLFetch, false)\n", DEFINED),
    tree(FETCH, DEFINED, test="/* SQLFetch(stmt) */ puts(\"SQLFetch(stmt)\");"),
    tree(FETCH, DEFINED, test="SQLFetchScroll(stmt);"),
    tree(FETCH, DEFINED, bad="DIRECT(SQLExecute)(stmt)"),
    tree(FETCH, "ALDB_ENTRY ALDB_NAME(SQLFetch)(SQLHSTMT s)\n{\n}\n"),
]


if __name__ == "__main__":
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        lint.plant(pathlib.Path(folder), tree(FETCH, DEFINED))
        wrong = check(pathlib.Path(folder))
        assert not wrong, wrong
    lint.main(check, VIOLATIONS)
