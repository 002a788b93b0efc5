#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every information type that driver/info/getinfo.def answers is asked for by a test that compares the answer with what the server or the driver does
(tests/odbc/test_info.c, tests/odbc/test_promises*.c)."""
import re

import lint

TABLE = "driver/info/getinfo.def"
ROW = re.compile(r"\bALDB_INFO_\w+\(\s*(SQL_\w+)")


def check(root):
    asked = set()
    for path in lint.files(root, "tests/odbc", suffixes={".c"}):
        if path.name == "test_info.c" or path.name.startswith("test_promises"):
            asked |= set(re.findall(r"\bSQL_\w+", lint.code(path)))
    found = []
    for number, line in enumerate(lint.code(root / TABLE).splitlines(), 1):
        found += [f"{TABLE}:{number}: no test asks for {name}" for name in ROW.findall(line) if name not in asked]
    return found


VIOLATIONS = [
    {TABLE: "ALDB_INFO_16(SQL_A, 1)\n", "tests/odbc/test_info.c": "SQL_AB"},
    {TABLE: "ALDB_INFO_32_OF(SQL_A, f)\n", "tests/odbc/test_other.c": "SQL_A"},
    {TABLE: "ALDB_INFO_S(SQL_A, \"\")\nALDB_INFO_S(SQL_B, \"\")\n", "tests/odbc/test_promises.c": "SQL_A /* SQL_B */"},
]

if __name__ == "__main__":
    lint.main(check, VIOLATIONS)
