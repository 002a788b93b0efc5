#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The pyodbc that Debian ships, as a user has it: rows of every common type, parameters, transactions, errors."""
import datetime
import decimal
import os
import sys
import time
import uuid

INI = os.environ.get("ALDB_TEST_CLIENT_INI")
if not INI:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
os.environ["ODBCSYSINI"] = INI
os.environ["ODBCINI"] = os.path.join(INI, "odbc.ini")

import pyodbc  # noqa: E402  (reads these variables when it loads the driver manager)

connection = pyodbc.connect("DSN=" + os.environ["ALDB_TEST_DSN"])
cursor = connection.cursor()

# Values go in as parameters and come back the same.
VALUES = [
    ("boolean", True), ("smallint", -32768), ("integer", 2147483647), ("bigint", -9223372036854775808),
    ("double precision", 0.1), ("numeric", decimal.Decimal("12345678901234567890.123456789")),
    ("text", "ü 🙂 山田"), ("varchar(10)", ""), ("bytea", b"\x00\xff'"),
    ("date", datetime.date(2024, 2, 29)), ("time", datetime.time(23, 59, 59)),
    ("timestamp", datetime.datetime(2026, 11, 21, 12, 34, 56, 789000)),
    ("uuid", str(uuid.UUID(int=1)).upper()), ("jsonb", '{"a": [1, null]}'), ("integer", None), ("text", "x" * 100000),
]
for pgtype, value in VALUES:
    got = cursor.execute(f"select cast(? as {pgtype})", value).fetchval()
    assert got == value and type(got) is type(value), (pgtype, value, got)

cursor.execute("create temp table t (id int primary key, v text)")
connection.commit()
cursor.executemany("insert into t values (?, ?)", [(i, f"row {i}") for i in range(1000)])
assert cursor.execute("select count(*) from t").fetchval() == 1000
connection.rollback()
assert cursor.execute("select count(*) from t").fetchval() == 0

cursor.fast_executemany = True
cursor.executemany("insert into t values (?, ?)", [(i, None if i % 7 == 0 else f"row {i}") for i in range(5000)])
assert tuple(cursor.execute("select count(*), count(v) from t").fetchone()) == (5000, 4285)

# A failed statement leaves the transaction as it was.
try:
    cursor.execute("insert into t values (1, 'again')")
    raise SystemExit("a duplicate key was accepted")
except pyodbc.IntegrityError as error:
    assert error.args[0] == "23000" and "duplicate key" in error.args[1], error.args
connection.commit()
assert cursor.execute("select count(*) from t").fetchval() == 5000

# COPY … TO STDOUT is a result set: a line a row, or the pieces of a file.
cursor.execute("copy (select id, v from t where id < 3 order by id) to stdout with (format csv, header)")
assert [row[0] for row in cursor] == ["id,v", "0,", "1,row 1", "2,row 2"]
pieces = cursor.execute("copy (select 1) to stdout with (format binary)").fetchall()
assert b"".join(row[0] for row in pieces).startswith(b"PGCOPY\n\xff\r\n\0"), pieces
try:
    cursor.execute("copy (select 1 / (3 - id) from t order by id) to stdout").fetchall()
    raise SystemExit("a division by zero went unnoticed")
except pyodbc.DataError as error:
    assert error.args[0] == "22012", error.args

# Two cursors read at once.
other = connection.cursor()
cursor.execute("select id from t order by id")
other.execute("select id from t order by id desc")
assert [next(cursor)[0], next(other)[0], next(cursor)[0], next(other)[0]] == [0, 4999, 1, 4998]

assert [row.column_name for row in other.columns("t")] == ["id", "v"]

# The rest of the catalog; temporary tables are found by name.
cursor.close()
other.execute("create temp table child (id int references t on delete cascade, note text); create index child_note on child (lower(note)) where id > 0")
foreign = [other.foreignKeys(table="t").fetchall(), other.foreignKeys(foreignTable="child").fetchall(),
           other.foreignKeys(table="t", foreignTable="child").fetchall()]
assert foreign[0] == foreign[1] == foreign[2] and len(foreign[0]) == 1, foreign
assert (foreign[0][0].pkcolumn_name, foreign[0][0].fktable_name, foreign[0][0].delete_rule) == ("id", "child", 0), foreign[0]
assert [(row.index_name, row.non_unique, row.column_name) for row in other.statistics("t", unique=True)] == [(None, None, None), ("t_pkey", 0, "id")]
assert [(row.column_name, row.filter_condition) for row in other.statistics("child", quick=False)][1:] == [("lower(note)", "id > 0")]
assert [(row.column_name, row.type_name) for row in other.rowIdColumns("t")] == [("id", "int4")]
assert [row.column_name for row in other.rowVerColumns("t")] == ["xmin"]
assert [(row.procedure_schem, row.procedure_type) for row in other.procedures("pg_backend_pid")] == [("pg_catalog", 2)]
assert [(row.column_name, row.column_type, row.type_name) for row in other.procedureColumns("pg_sleep")] == [("", 1, "float8")]
names = {(row.type_name, row.data_type) for row in other.getTypeInfo()}
assert {(row.type_name, row.data_type) for row in other.columns()} <= names

cursor = connection.cursor()
# Calls. pyodbc knows no output parameters: what they give back is a row.
cursor.execute("create procedure pg_temp.p(inout a int, in b int, out c text) language plpgsql as $$ begin a := a + b; c := 'c' || b; end $$")
cursor.execute("create function pg_temp.f(int) returns setof int language sql as $$ select generate_series(1, $1) $$")
for text in ("{call pg_temp.p(?, ?, ?)}", "CALL pg_temp.p(?, ?, ?)"):
    assert tuple(cursor.execute(text, 4, 5, None).fetchone()) == (9, "c5"), text
assert [row[0] for row in cursor.execute("{call pg_temp.f(?)}", 3)] == [1, 2, 3]
try:
    cursor.execute("{call pg_temp.g(?)}", 3)
    raise SystemExit("a function that does not exist was called")
except pyodbc.ProgrammingError as error:
    assert error.args[0] == "42000" and "neither a function nor a procedure" in error.args[1], error.args
connection.close()

# In autocommit: procedures that commit, and cursors as results one behind the other.
connection = pyodbc.connect("FetchRefcursors=1;DSN=" + os.environ["ALDB_TEST_DSN"], autocommit=True)
cursor = connection.cursor()
cursor.execute("create temp table t (n int)")
cursor.execute("create procedure pg_temp.commits(n int) language plpgsql as $$ begin insert into t values (n); commit; insert into t values (n + 1); rollback; end $$")
cursor.execute("{call pg_temp.commits(?)}", 7)
assert [row[0] for row in cursor.execute("select n from t")] == [7]
cursor.execute("create procedure pg_temp.two(inout r refcursor default 'r', inout s refcursor default 's') language plpgsql as "
               "$$ begin open r for select 1; open s for select 2, 3; end $$")
cursor.execute("{call pg_temp.two}")
assert [tuple(row) for row in cursor.fetchall()] == [(1,)]
assert cursor.nextset()
assert [tuple(row) for row in cursor.fetchall()] == [(2, 3)]
assert not cursor.nextset()
connection.close()

# Closing a long result early takes no longer than reading on for as long as connecting took, and a cancel: the best of some tries, since the machine may have other work.
best = 1.0
for _ in range(5):
    connection = pyodbc.connect("DSN=" + os.environ["ALDB_TEST_DSN"], autocommit=True)
    for _ in range(6):
        cursor = connection.cursor()
        cursor.execute("select generate_series(1, 1000000000)").fetchone()
        start = time.monotonic()
        cursor.close()
        best = min(best, time.monotonic() - start)
    connection.close()
assert best < 0.05, best
print(f"pyodbc {pyodbc.version}: all as expected")
