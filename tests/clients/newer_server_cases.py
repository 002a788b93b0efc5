# SPDX-License-Identifier: Apache-2.0
"""
pgvector's types as columns and parameters, and infinite intervals. Arguments: [--there] CONNECTION-STRING; --there only asks whether the server has
both (0, or 3 if not).
"""
import random
import sys

import pyodbc

connection = pyodbc.connect(sys.argv[-1])
cursor = connection.cursor()
if "--there" in sys.argv:
    found = cursor.execute("select count(*) from pg_available_extensions where name = 'vector' "
                           "and current_setting('server_version_num')::int >= 170000").fetchval()
    sys.exit(0 if found else 3)

cursor.execute("create extension if not exists vector")
cursor.execute("create temp table items (id serial primary key, v vector(3), h halfvec(3), s sparsevec(5), any_size vector, b bit(3), a vector[])")

# In as text, out as text, alone and beside columns that could come in binary.
ROW = ("[1,2.5,-3]", "[0.5,-2,65504]", "{1:1.5,5:-2}/5", "[1e-30,-1.1754944e-38,3.4028235e+38]", "101", '{"[1,2]",NULL,[3]}')
cursor.execute("insert into items (v, h, s, any_size, b, a) values (?, ?, ?, ?, ?, ?)", ROW)
assert tuple(cursor.execute("select v, h, s, any_size, b, a from items").fetchone()) == ROW
assert cursor.execute("select v from items").fetchval() == ROW[0]
assert tuple(cursor.execute("select id, 1.5::float8, v, now() from items").fetchone())[:3] == (1, 1.5, ROW[0])

# Many of them, as rows and as arrays of parameters; and one of the largest.
for fast in (False, True):
    cursor.execute("truncate items restart identity")
    cursor.fast_executemany = fast
    rows = [("[%d,0,0]" % i, "[%d,1,1]" % i, "{1:%d}/5" % (i + 1)) for i in range(500)]
    cursor.executemany("insert into items (v, h, s) values (?, ?, ?)", rows)
    assert [tuple(r) for r in cursor.execute("select v, h, s from items order by id").fetchall()] == rows
large = "[" + ",".join(repr(float(random.randrange(-9999, 9999)) / 8) for _ in range(16000)).replace(".0,", ",").removesuffix(".0") + "]"
assert cursor.execute("select ?::vector", large).fetchval() == large

# Operators: a marker is a vector where the other side is one.
assert [r[0] for r in cursor.execute("select v from items order by v <-> ? limit 2", "[41.4,0,0]").fetchall()] == ["[41,0,0]", "[42,0,0]"]
assert cursor.execute("select v <-> ? from items where id = 3", "[5,4,0]").fetchval() == 5.0
assert cursor.execute("select h + ? from items where id = 1", "[1,1,1]").fetchval() == "[1,2,2]"
assert cursor.execute("select (?::vector <#> ?::vector)", "[1,2]", "[3,4]").fetchval() == -11.0
assert cursor.execute("select count(*) from items where v = ? or v is not distinct from ?", "[7,0,0]", None).fetchval() == 1

# What is wrong is said by the server, and nothing else is lost.
for wrong, state in (("[1,2]", "22000"), ("[x]", "22018"), ("", "22018"), ("[1e50,0,0]", "22003")):
    try:
        cursor.execute("insert into items (v) values (?)", wrong)
        raise SystemExit(f"{wrong!r} was accepted")
    except pyodbc.Error as error:
        assert error.args[0] == state, error.args
assert cursor.execute("select count(*) from items").fetchval() == 500

# Descriptions agree: result columns, the catalog, and what a program would create from them.
described = {d[0]: d[1] for d in cursor.execute("select v, h, s from items").description}
listed = {r.column_name: (r.data_type, r.type_name) for r in cursor.columns(table="items") if r.column_name in described}
assert set(described.values()) == {str}
assert listed == {"v": (pyodbc.SQL_WVARCHAR, "vector"), "h": (pyodbc.SQL_WVARCHAR, "halfvec"), "s": (pyodbc.SQL_WVARCHAR, "sparsevec")}, listed

# Infinite intervals: the same in binary format and beside a column that makes the row come as text, whatever the style.
for style in ("postgres", "postgres_verbose", "sql_standard", "iso_8601"):
    cursor.execute(f"set intervalstyle = {style}")
    for beside in ("", ", 'pg_class'::regclass"):
        for value in ("infinity", "-infinity"):
            assert cursor.execute(f"select '{value}'::interval{beside}").fetchone()[0] == value
            assert cursor.execute(f"select array['{value}'::interval, null]{beside}").fetchone()[0] == "{%s,NULL}" % value
            assert cursor.execute(f"select ?::interval = '{value}'{beside}", value).fetchone()[0] is True
connection.rollback()
print("all as expected")
