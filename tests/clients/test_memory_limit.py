#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A process that may not have more memory (RLIMIT_AS): what is too large fails with a state, and the process goes on; libpq's allocations count too."""
import os
import resource
import sys

INI = os.environ.get("ALDB_TEST_CLIENT_INI")
if not INI:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
os.environ["ODBCSYSINI"] = INI
os.environ["ODBCINI"] = os.path.join(INI, "odbc.ini")

import pyodbc  # noqa: E402  (reads these variables when it loads the driver manager)

MIB = 1 << 20


def virtual_size():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def connect():
    return pyodbc.connect("DSN=" + os.environ["ALDB_TEST_DSN"], autocommit=True)


connection = connect()
assert connection.execute("select 42").fetchval() == 42
resource.setrlimit(resource.RLIMIT_AS, (virtual_size() + 96 * MIB, resource.RLIM_INFINITY))

# Values from one that fits to one that cannot even be received.
refused = 0
for size in (1, 8, 32, 64, 100, 200):
    try:
        value = connection.execute(f"select repeat('x', {size} * 1024 * 1024)").fetchval()
        assert value == "x" * (size * MIB), f"{size} MiB: a wrong value"
        assert size < 96, f"{size} MiB: cannot be"
        value = None
    except MemoryError:
        refused += 1  # Python's own
    except pyodbc.Error as error:
        assert error.args[0] in ("HY001", "08S01"), (size, error.args)
        print(f"{size} MiB: {error.args[0]} {error.args[1][:120]}")
        refused += 1
    try:
        assert connection.execute("select 43").fetchval() == 43
    except pyodbc.Error as error:
        assert error.args[0] == "08S01", error.args  # given up, and said so
        connection = connect()
        assert connection.execute("select 44").fetchval() == 44
assert refused >= 3, refused

# Many rows of a moderate size stream through, whatever they come to.
rows = 0
for row in connection.execute("select repeat('y', 100000) from generate_series(1, 3000)"):
    assert len(row[0]) == 100000
    rows += 1
assert rows == 3000
print("ok")
