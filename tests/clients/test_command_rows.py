#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""alloydb-odbc query, load and unload: whole outputs in all formats, what comes before an error, files that stay as they are, cancelling, progress, memory.

What the command does is tried with its build for the tests (sanitizers), memory and speed with the one that users get.
"""
import contextlib
import csv
import decimal
import fcntl
import io
import json
import os
import pathlib
import random
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

if not os.environ.get("ALDB_TEST_CLIENT_INI"):
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)

DSN = os.environ["ALDB_TEST_DSN"]
CHECKED = os.path.join(os.environ["ALDB_TEST_PROGRAMS"], "..", "setup", "alloydb-odbc")
RELEASE = os.path.join(os.path.dirname(os.environ["ALDB_TEST_SETUP_LIBRARY"]), "alloydb-odbc")
PSQL = [os.path.join(os.environ["ALDB_TEST_PGBIN"], "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", os.environ["ALDB_TEST_CONNINFO"]]
ROOM = pathlib.Path(tempfile.mkdtemp(prefix="aldb-rows."))
CHECKED_ENVIRONMENT = {
    **os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm",
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"suppressions={pathlib.Path(__file__).parent.parent / 'lib' / 'lsan.supp'}:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
INI = os.environ["ALDB_TEST_CLIENT_INI"]
RELEASE_ENVIRONMENT = {**CHECKED_ENVIRONMENT, "ODBCSYSINI": INI, "ODBCINI": os.path.join(INI, "odbc.ini")}
NOISE = "[AlloyDB][ODBC Driver][PostgreSQL] "


def psql(statement, text=True):
    return subprocess.run(PSQL + ["-At", "-c", statement], check=True, stdout=subprocess.PIPE, encoding="utf-8" if text else None,
                          env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}).stdout


def run(*arguments, stdin="", environment=None):
    """(status, stdout, stderr) of the command; bytes in are bytes out."""
    as_text = isinstance(stdin, str)
    done = subprocess.run([CHECKED, *arguments], input=stdin.encode() if as_text else stdin, capture_output=True, timeout=300,
                          env={**CHECKED_ENVIRONMENT, **(environment or {})}, check=False)
    errors = done.stderr.decode()
    assert "Sanitizer" not in errors and "runtime error" not in errors, errors
    return done.returncode, done.stdout.decode() if as_text else done.stdout, errors


def expect(got, status, out, errors=""):
    assert got == (status, out, errors), f"\ngot      {got!r}\nexpected {(status, out, errors)!r}"


def query(*arguments, **more):
    return run("query", DSN, *arguments, **more)


def server_is_idle(word):
    """No statement with that word runs any more."""
    for _ in range(100):
        left = psql(f"select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%{word}%'").strip()
        if left == "0":
            return True
        time.sleep(0.1)
    return False


# ---- query: what values look like

SAMPLE = """select * from (values
    (1, true, 1.50::numeric(30, 2), 0.1::float8, '\\x00ff'::bytea, 'a "quoted", text', '{"k":[1, null]}'::json, timestamptz '2026-01-02 03:04:05.6+00'),
    (-20, false, 'NaN', '-Infinity', '\\x', E'two\\nlines\\tand \\\\ a backslash\\r', E'{"a":\\n 1}', timestamptz 'infinity'),
    (null, null, null, null, null, null, null, null),
    (3, true, 123456789012345678901234567.89, 1e300, '\\xdeadbeef', '', 'null', timestamptz '0044-03-15 12:00:00+00 BC'),
    (4, false, 0, -0.0::float8, '\\x01', 'ü 山田 🙂 e' || U&'\\0301', '"s"', timestamptz '2026-01-02 03:04:05+00')
) as v (i, b, n, f, y, t, j, ts)"""
UTC = "set timezone to 'UTC'"
LINES = {
    "aligned": """    i | b    |                              n |         f | y          | t                               | j               | ts
------+------+--------------------------------+-----------+------------+---------------------------------+-----------------+---------------------------
    1 | t    |                           1.50 |       0.1 | \\x00ff     | a "quoted", text                | {"k":[1, null]} | 2026-01-02 03:04:05.6+00
  -20 | f    |                            NaN | -Infinity | \\x         | two\\nlines\\tand \\ a backslash\\r | {"a":\\n 1}      | infinity
 NULL | NULL |                           NULL |      NULL | NULL       | NULL                            | NULL            | NULL
    3 | t    | 123456789012345678901234567.89 |    1e+300 | \\xdeadbeef |                                 | null            | 0044-03-15 12:00:00+00 BC
    4 | f    |                              0 |        -0 | \\x01       | ü 山田 🙂 e\u0301                     | "s"             | 2026-01-02 03:04:05+00
(5 rows)
""",
    "csv": '''i,b,n,f,y,t,j,ts
1,t,1.50,0.1,\\x00ff,"a ""quoted"", text","{""k"":[1, null]}",2026-01-02 03:04:05.6+00
-20,f,NaN,-Infinity,\\x,"two
lines\tand \\ a backslash\r","{""a"":
 1}",infinity
,,,,,,,
3,t,123456789012345678901234567.89,1e+300,\\xdeadbeef,"",null,0044-03-15 12:00:00+00 BC
4,f,0,-0,\\x01,ü 山田 🙂 e\u0301,"""s""",2026-01-02 03:04:05+00
''',
    "tsv": """i\tb\tn\tf\ty\tt\tj\tts
1\tt\t1.50\t0.1\t\\\\x00ff\ta "quoted", text\t{"k":[1, null]}\t2026-01-02 03:04:05.6+00
-20\tf\tNaN\t-Infinity\t\\\\x\ttwo\\nlines\\tand \\\\ a backslash\\r\t{"a":\\n 1}\tinfinity
\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N
3\tt\t123456789012345678901234567.89\t1e+300\t\\\\xdeadbeef\t\tnull\t0044-03-15 12:00:00+00 BC
4\tf\t0\t-0\t\\\\x01\tü 山田 🙂 e\u0301\t"s"\t2026-01-02 03:04:05+00
""",
    "jsonl": """{"i":1,"b":true,"n":1.50,"f":0.1,"y":"\\\\x00ff","t":"a \\"quoted\\", text","j":{"k":[1, null]},"ts":"2026-01-02 03:04:05.6+00"}
{"i":-20,"b":false,"n":"NaN","f":"-Infinity","y":"\\\\x","t":"two\\nlines\\tand \\\\ a backslash\\r","j":{"a":  1},"ts":"infinity"}
{"i":null,"b":null,"n":null,"f":null,"y":null,"t":null,"j":null,"ts":null}
{"i":3,"b":true,"n":123456789012345678901234567.89,"f":1e+300,"y":"\\\\xdeadbeef","t":"","j":null,"ts":"0044-03-15 12:00:00+00 BC"}
{"i":4,"b":false,"n":0,"f":-0,"y":"\\\\x01","t":"ü 山田 🙂 e\u0301","j":"s","ts":"2026-01-02 03:04:05+00"}
""",
}
LINES["json"] = "[\n" + LINES["jsonl"].rstrip("\n").replace("}\n{", "},\n{") + "\n]\n"


def looks():
    for name, lines in LINES.items():
        expect(query(UTC, SAMPLE, "--quiet", "--format", name), 0, lines if name != "aligned" else lines.replace("(5 rows)\n", ""))
    expect(query(UTC, SAMPLE), 0, "Done\n" + LINES["aligned"])
    # Widths are the same where the environment's locale is no UTF-8.
    expect(query(UTC, SAMPLE, environment={"LC_ALL": "C"}), 0, "Done\n" + LINES["aligned"])

    # The header and NULL, as one likes.
    two = "select null as a, '' as b, 'x' as c, 'x,y' as d"
    expect(query(two, "--format", "csv", "--no-header"), 0, ',"",x,"x,y"\n')
    expect(query(two, "--format", "csv", "--null", "x"), 0, 'a,b,c,d\nx,,"x","x,y"\n')
    expect(query(two, "--format", "tsv", "--null", "-", "--no-header"), 0, "-\t\tx\tx,y\n")
    expect(query(two, "--null", "∅", "--no-header"), 0, " ∅ |  | x | x,y\n(1 row)\n")
    assert query(two, "--format", "json", "--null", "x")[0] == 2

    # COPY puts quotes around this one, or it would end its data.
    expect(query("select '\\.' as a", "--format", "csv"), 0, 'a\n"\\."\n')
    # What could do something to a terminal does nothing there.
    expect(query("select E'\\x1b[31m\\u202e\\u0085\\x07' as \"a\\nb\"".replace("\\nb", "\nb")), 0, " a\\nb\n--------------------------\n \\x1b[31m\\u202e\\u0085\\x07\n(1 row)\n")
    expect(query('select 1 as "größe 山🙂", 2 as b'), 0, " größe 山🙂 | b\n------------+---\n          1 | 2\n(1 row)\n")
    # JSON has no bytes that are no characters.
    expect(query("copy (select 'ä€x') to stdout (encoding 'win1252')", "--format", "jsonl"), 0, '{"copy":"\ufffd\ufffdx"}\n')
    # Columns of one name.
    expect(query("select 1 as a, 2 as a, 3 as a_2, 4 as a", "--format", "jsonl"), 0, '{"a":1,"a_3":2,"a_2":3,"a_4":4}\n')
    expect(query("select 1 as a, 2 as a", "--format", "csv"), 0, "a,a\n1,2\n")
    # No rows, no columns.
    for name, text in (("aligned", " a | b\n---+---\n(0 rows)\n"), ("csv", "a,b\n"), ("tsv", "a\tb\n"), ("json", "[]\n"), ("jsonl", "")):
        expect(query("select 1 as a, 2 as b where false", "--format", name), 0, text)
    expect(query("select"), 0, "SELECT: 1 row\n")
    expect(query("select", "--format", "json"), 0, "", "SELECT: 1 row\n")
    expect(query("select", "--format", "json", "--quiet"), 0, "")

    # Wide values push others aside after the first rows; nothing is cut.
    status, out, _ = query("select case when i = 1500 then 'a wide value' else 'x' end as t, i from generate_series(1, 1501) i", "--no-header")
    lines = out.splitlines()
    assert status == 0 and lines[0] == " x |    1" and lines[1499] == " a wide value | 1500" and lines[1500] == " x | 1501" and len(lines) == 1502, lines[1498:]


def numbers_and_types():
    """Every type, against psql: csv and tsv byte for byte, json by its values."""
    columns = ["'x'::\"char\" as c", "'n'::name as nm", "5::smallint as s", "-9223372036854775808 as l", "1.5::real as r", "1e-7::float8 as d", "12345.678901::numeric as n",
               "1::oid as o", "'1'::xid as xi", "$$1.00$$::money as m", "'ab'::char(4) as ch", "date '2024-02-29' as dt", "time '01:02:03.4' as tm", "timetz '01:02:03+05:30' as tz",
               "timestamp '2024-02-29 23:59:59.999999' as ts", "interval '1 year 2 days 03:00' as iv", "'{00112233-4455-6677-8899-aAbbccddeeff}'::uuid as u",
               "'{\"a\": 1, \"b\": [true]}'::jsonb as jb", "'<a>&amp;</a>'::xml as x", "B'101' as bt", "B'1'::varbit as vb", "'{1,NULL,3}'::int[] as ai", "'{\"a b\",\"c\\\"d\"}'::text[] as at",
               "'[1,5)'::int4range as rg", "'10.0.0.0/8'::cidr as ci", "'::1'::inet as ip", "'08:00:2b:01:02:03'::macaddr as mc", "point(1,2) as pt", "'a b'::tsvector as tv",
               "'1/2'::pg_lsn as ls", "row(1,'a b',null) as rw", "'pg_class'::regclass as rc", "'A'::citext as cx", "'k=>v'::hstore as hs", "true as b", "'\\x5c78'::bytea as by"]
    sql = "select " + ", ".join(columns)
    for name, copy in (("csv", "csv, header"), ("tsv", "text")):
        want = psql(f"copy ({sql}) to stdout (format {copy})", text=False).decode()
        got = query(sql, "--format", name, *(["--no-header"] if name == "tsv" else []))
        assert got == (0, want, ""), f"\n{got[1]!r}\n{want!r}\n{got[2]}"
    status, out, errors = query(sql, "--format", "jsonl")
    row = json.loads(out, parse_float=decimal.Decimal)
    plain = dict(zip([c.rsplit(" ", 1)[1] for c in columns], next(csv.reader(io.StringIO(query(sql, "--format", "csv", "--no-header")[1])))))
    numbers = {"s", "l", "r", "d", "n", "o", "xi"}
    for key, value in row.items():
        if key in numbers:
            assert str(value).lower() == str(decimal.Decimal(plain[key])).lower(), (key, value, plain[key])
        elif key == "jb":
            assert value == {"a": 1, "b": [True]}, value
        elif key == "b":
            assert value is True
        else:
            assert value == plain[key], (key, value, plain[key])
    assert (status, errors) == (0, "") and len(row) == len(columns)
    # A data source that says otherwise of types does not change the rows.
    target = f"DSN={DSN};BoolsAsChar=1;MaxVarcharSize=10;MaxLongVarcharSize=20"
    assert run("query", target, sql, "--format", "jsonl") == (0, out, "")


def long_values():
    big = 1 << 20
    sql = "select i, repeat(chr(96 + i), 1048576 * (i % 2) + i) as t, decode(repeat('00ff', 262144 * (i % 2)), 'hex') as y, repeat('v', i * 40)::varchar(500) as v from generate_series(1, 12) i"
    rows = [(i, chr(96 + i) * (big * (i % 2) + i), "\\x" + "00ff" * (262144 * (i % 2)), "v" * (i * 40)) for i in range(1, 13)]
    status, out, errors = query(sql, "--format", "csv", "--no-header")
    assert (status, errors) == (0, "") and out == "".join(",".join(map(str, row)) + "\n" for row in rows)
    status, out, errors = query(sql, "--format", "jsonl")
    assert (status, errors) == (0, "") and [tuple(json.loads(line).values()) for line in out.splitlines()] == rows
    status, out, errors = query(sql, "--no-header")
    assert (status, errors) == (0, "") and [tuple(c.strip() for c in line.split("|")) for line in out.splitlines()[:-1]] == [tuple(map(str, row)) for row in rows]
    # As many columns as there can be, all of them longer than their cells.
    sql = "select " + ", ".join(f"repeat('x', 200) as c{i}" for i in range(1600)) + " from generate_series(1, 3)"
    expect(query(sql, "--format", "csv", "--no-header"), 0, 3 * (",".join(["x" * 200] * 1600) + "\n"))
    # Blocks of rows whose values are sometimes longer than their cells.
    sql = "select i, repeat('ü', case when i % 97 = 0 then 1000 else i % 5 end)::varchar(1000) as v from generate_series(1, 3000) i"
    assert query(sql, "--format", "csv", "--no-header")[1] == "".join(f"{i},{value}\n" if (value := 'ü' * (1000 if i % 97 == 0 else i % 5)) else f'{i},""\n' for i in range(1, 3001))


# ---- query: several statements, errors, where SQL comes from

def statements():
    text = """create temp table s (a int); insert into s select generate_series(1, 3);
        do $$ begin raise notice 'look'; raise warning 'careful' using detail = 'the detail', hint = 'the hint'; end $$;
        select * from s; update s set a = 0 where a > 1; delete from s returning a"""
    notices = f"alloydb-odbc: 01000 {NOISE}NOTICE: look\nalloydb-odbc: 01000 {NOISE}WARNING: careful\nDETAIL: the detail\nHINT: the hint\n(SQLSTATE 01000)\n"
    rows = " a\n---\n 1\n 2\n 3\n(3 rows)\n"
    expect(query(text), 0, f"CREATE TABLE\nINSERT: 3 rows\nDone\n{rows}UPDATE: 2 rows\n\n a\n---\n 1\n 0\n 0\n(3 rows)\n", notices)
    expect(query(text, "--quiet"), 0, " a\n---\n 1\n 2\n 3\n\n a\n---\n 1\n 0\n 0\n")
    expect(query(text, "--format", "csv"), 0, "a\n1\n2\n3\na\n1\n0\n0\n", f"CREATE TABLE\nINSERT: 3 rows\n{notices}Done\nUPDATE: 2 rows\n".replace(f"CREATE TABLE\nINSERT: 3 rows\n{notices}", f"{notices}CREATE TABLE\nINSERT: 3 rows\n"))
    expect(query("select 1 as a; select 2 as b", "--format", "json"), 0, '[\n{"a":1}\n]\n[\n{"b":2}\n]\n')

    # No rows are told as well, alone and among others.
    psql("create table rows_none (a int)")
    expect(query("update rows_none set a = 1", "delete from rows_none; select 1 as a", "insert into rows_none select 1 where false", "--format", "csv"), 0, "a\n1\n",
           "UPDATE: 0 rows\nDELETE: 0 rows\nINSERT: 0 rows\n")
    psql("drop table rows_none")

    # An error ends it; what came before is there, and JSON is JSON.
    zero = f"alloydb-odbc: 22012 {NOISE}ERROR: division by zero\n(SQLSTATE 22012)\n"
    middle = "select 6 / (3 - i) as q from generate_series(1, 5) i"
    expect(query("select 1 as a", middle, "select 3"), 1, " a\n---\n 1\n(1 row)\n\n q\n---\n 3\n 6\n(2 rows, and more that did not come)\n", zero)
    expect(query(middle, "--format", "csv"), 1, "q\n3\n6\n", zero)
    expect(query(middle, "--format", "json"), 1, '[\n{"q":3},\n{"q":6}\n]\n', zero)
    expect(query("seelct"), 1, "", f'alloydb-odbc: 42000 {NOISE}ERROR: syntax error at or near "seelct"\n(SQLSTATE 42601, character 1)\n')
    # A text of several statements takes effect all or not at all, each argument by itself.
    psql("drop table if exists rows_kept; create table rows_kept (a int)")
    assert query("insert into rows_kept values (1); select 1 / 0")[0] == 1 and psql("select count(*) from rows_kept").strip() == "0"
    assert query("insert into rows_kept values (1)", "select 1 / 0")[0] == 1 and psql("select count(*) from rows_kept").strip() == "1"
    psql("drop table rows_kept")

    # From standard input, from a file, with the mark that Windows' editors write.
    expect(query(stdin="select 1 as a;\n"), 0, " a\n---\n 1\n(1 row)\n")
    file = ROOM / "x.sql"
    file.write_bytes(b"\xef\xbb\xbfselect '\xc3\xa4' as a -- the end")
    for where in (str(file), "-"):
        expect(query("--file", where, "--format", "csv", stdin=file.read_bytes().decode() if where == "-" else ""), 0, "a\nä\n")
    expect(query("--file", str(ROOM / "none.sql")), 1, "", f"alloydb-odbc: {ROOM}/none.sql: No such file or directory\n")
    file.write_bytes("select 1".encode("utf-16"))
    assert query("--file", str(file))[0] == 1
    expect(query(stdin=""), 0, "Done\n")
    # The password's line, and then the SQL.
    target = ";".join(p for p in os.environ["ALDB_TEST_CONNSTR"].split(";") if not p.startswith("PWD="))
    expect(run("query", target, "--password-stdin", "--format", "csv", stdin=os.environ["ALDB_TEST_PASSWORD"] + "\nselect current_user as u"), 0, f"u\n{os.environ['ALDB_TEST_USER']}\n")

    # Limits.
    expect(query("select generate_series(1, 1000000000) as i", "--max-rows", "1"), 0, " i\n---\n 1\n(1 row)\n")
    expect(query("select generate_series(1, 100000) as i; select 'next' as n", "--max-rows", "2", "--format", "csv"), 0, "i\n1\n2\nn\nnext\n")
    began = time.monotonic()
    status, out, errors = query("select pg_sleep(60)", "--timeout", "1")
    assert status == 1 and "HYT00" in errors and "(SQLSTATE 57014)" in errors and time.monotonic() - began < 30, (out, errors)
    for wrong in (["--max-rows", "0"], ["--max-rows", "x"], ["--timeout", "-1"], ["--format", "xml"], ["select 1", "--file", "x"]):
        assert query(*wrong)[0] == 2, wrong
    status, out, errors = query("copy pg_class from stdin")
    assert status == 1 and ("alloydb-odbc load" in errors or "permission denied" in errors), errors
    # PostgreSQL's operator that looks like a parameter.
    expect(query("select '[\"1\"]'::jsonb ?? '1' as a", "--format", "csv"), 0, "a\nt\n")
    assert "written ??" in query("select '[\"1\"]'::jsonb ? '1' as a")[2]


def slow_rows():
    """Rows that come slowly are written as they come, and not once a block is full. (The server sends 8 kB at a time.)"""
    sql = "select i, case when i > 10 then pg_sleep(1)::text end, repeat('x', 9000)::varchar(9000) from generate_series(1, 15) i"
    with subprocess.Popen([CHECKED, "query", DSN, sql, "--format", "jsonl"], stdout=subprocess.PIPE, env=CHECKED_ENVIRONMENT) as process:
        for i in range(1, 13):
            assert json.loads(process.stdout.readline())["i"] == i
        assert psql("select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%pg_sleep(1)::text%'").strip() == "1"
        assert (len(process.stdout.readlines()), process.wait(60)) == (3, 0)


def files():
    out = ROOM / "out.csv"
    expect(query("select 1 as a", "--format", "csv", "--output", str(out)), 0, "")
    assert out.read_text() == "a\n1\n"
    full = "alloydb-odbc: /dev/full: The output could not be written: No space left on device\n"
    expect(query("select * from generate_series(1, 100000)", "--format", "csv", "--output", "/dev/full"), 1, "", full)
    expect(query("select 1", "--output", "/dev/full"), 1, "", full)
    with open("/dev/full", "wb") as device:
        for arguments in (["query", DSN, "select 1"], ["unload", DSN, "--query", "select 1"]):
            done = subprocess.run([CHECKED, *arguments], stdout=device, stderr=subprocess.PIPE, env=CHECKED_ENVIRONMENT, check=False)
            assert (done.returncode, done.stderr) == (1, b"alloydb-odbc: The output could not be written: No space left on device\n"), done
    assert query("select 1", "--output", str(ROOM / "none" / "x"))[0] == 1
    # A stream that is closed: nothing is written into the connection that would be in its place.
    done = subprocess.run(["/bin/sh", "-c", 'exec "$@" >&- <&-', "sh", CHECKED, "query", DSN, "select 1"], stderr=subprocess.PIPE, env=CHECKED_ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr) == (1, b"alloydb-odbc: The output could not be written: Bad file descriptor\n"), done

    # A reader who left is none: no complaint, and the server stops.
    for arguments in (["query", DSN, "select generate_series(1, 1000000000) as i /* leaving */", "--format", "csv"],
                      ["unload", DSN, "--query", "select generate_series(1, 1000000000) as i /* leaving */"]):
        with subprocess.Popen([CHECKED, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=CHECKED_ENVIRONMENT) as process:
            assert process.stdout.readline() == b"i\n" and process.stdout.readline() == b"1\n"
            process.stdout.close()
            assert (process.stderr.read(), process.wait(60)) == (b"", 0)
        assert server_is_idle("/* leaving */")


# ---- load and unload

def tables():
    psql('''drop table if exists rows_t, rows_parts, rows_kids, "Odd ""T{?}" cascade; drop schema if exists "S.1" cascade; create schema "S.1";
        create table rows_t (id int primary key, name text, amount numeric, twice int generated always as (id * 2) stored);
        create table "S.1"."Odd ""T{?}" ("Col ""1"", {?}" int, "b;c" text);
        create table rows_parts (a int) partition by range (a); create table rows_part1 partition of rows_parts for values from (0) to (100);
        create table rows_kids (a int); create table rows_kid () inherits (rows_kids); insert into rows_kids values (1); insert into rows_kid values (2);
        create or replace view rows_view as select 1 as v''')


def content():
    return psql("select id, quote_nullable(name), amount from rows_t order by id")


def load(*arguments, **more):
    return run("load", DSN, *arguments, **more)


def loads():
    tables()
    there = 'There are: "id", "name", "amount"\n'
    hint = "The first line names columns, in letters as they are; a file without such a line needs --no-header.\n"

    expect(load("rows_t", stdin="id,name\n1,a\n2,\"b\nc\"\n3,\n4,\"\"\n"), 0, "4 rows loaded into rows_t\n")
    assert content() == "1|'a'|\n2|E'b\\nc'|\n".replace("E'b\\nc'", "'b\nc'") + "3|NULL|\n4|''|\n"
    # The header says which columns; Excel's mark, and Windows' line ends.
    expect(load("rows_t", "--truncate", stdin="\ufeffamount,id\r\n1.5,1\r\n,2\r\n"), 0, "2 rows loaded into rows_t\n")
    assert content() == "1|NULL|1.5\n2|NULL|\n"
    expect(load("RoWs_T", "--truncate", "--no-header", stdin="\ufeff1,x,2\n"), 0, "1 row loaded into rows_t\n")
    assert content() == "1|'x'|2\n"
    # The last line without an end, one row; and no row at all.
    expect(load("public.rows_t", "--truncate", "--quiet", stdin="id\n7"), 0, "")
    assert content() == "7|NULL|\n"
    expect(load("rows_t", stdin="id\n"), 0, "0 rows loaded into rows_t\n")
    expect(load("rows_t", "--no-header", stdin=""), 0, "0 rows loaded into rows_t\n")
    expect(load("rows_t", stdin=""), 1, "", "alloydb-odbc: standard input, line 1: The file is empty: a line with the names of the columns is wanted; --no-header goes without\n")
    # Columns by position.
    expect(load("rows_t", "--truncate", "--columns", ' NAME , "id"', "--no-header", stdin="a,1\n"), 0, "1 row loaded into rows_t\n")
    expect(load("rows_t", "--columns", "name,id", stdin="whatever,it says\nb,2\n"), 0, "1 row loaded into rows_t\n")
    assert content() == "1|'a'|\n2|'b'|\n"
    # Other signs, and COPY's text.
    expect(load("rows_t", "--truncate", "--delimiter", ";", "--quote", "'", "--escape", "\\", "--null", "-", stdin="id;name\n1;'a''b'\n".replace("a''b", "a\\'b") + "2;-\n3;'-'\n"), 0,
           "3 rows loaded into rows_t\n")
    assert content() == "1|'a''b'|\n2|NULL|\n3|'-'|\n"
    expect(load("rows_t", "--truncate", "--format", "text", stdin="1\t\\N\t2\n2\ta\\tb\t\\N\n"), 0, "2 rows loaded into rows_t\n")
    assert content() == "1|NULL|2\n2|'a\tb'|\n"
    expect(load("rows_t", "--truncate", "--delimiter", "tab", stdin="id\tname\n1\tx\n"), 0, "1 row loaded into rows_t\n")
    # Other encodings; the header too.
    expect(load("rows_t", "--truncate", "--encoding", "latin1", stdin="id,name\n1,ä\n".encode("latin-1")), 0, b"1 row loaded into rows_t\n")
    assert content() == "1|'ä'|\n"
    psql("create table rows_umlaut (\"größe\" int)")
    expect(load("rows_umlaut", "--encoding", "latin1", stdin="größe\n1\n".encode("latin-1")), 0, b"1 row loaded into rows_umlaut\n")
    psql("drop table rows_umlaut")
    assert load("rows_t", "--encoding", "nonsense", stdin="id\n1\n")[0] == 1
    expect(load("rows_t", stdin="id\n9\n".encode("utf-16")), 1, b"",
           "alloydb-odbc: standard input, line 1: The file is UTF-16, which PostgreSQL does not read; convert it: iconv -f UTF-16 -t UTF-8\n")

    for magic, word in ((b"\x1f\x8b\x08", "gunzip"), (b"PK\x03\x04", "zip archive")):
        status, out, errors = load("rows_t", stdin=magic + bytes(range(256)))
        assert (status, out) == (1, b"") and word in errors, errors

    # What is wrong with the header is said before anything is done.
    psql("truncate rows_t; insert into rows_t values (1, 'kept', 1)")
    file = ROOM / "in.csv"
    for text, said in (("id,nmae\n", f'There is no column "nmae" to be filled in rows_t. {there}{hint}'),
                       ("ID\n", f'There is no column "ID" to be filled in rows_t. {there}{hint}'),
                       ("1,x,2\n", f'There is no column "1" to be filled in rows_t. {there}{hint}'),
                       ("id,twice\n", f'There is no column "twice" to be filled in rows_t. {there}{hint}'),
                       ("\x1b[31mred\n", f'There is no column "\\x1b[31mred" to be filled in rows_t. {there}{hint}'),
                       ("id,\n", f'There is no column "" to be filled in rows_t. {there}{hint}'),
                       ("id;name\n", f"There is no column \"id;name\" to be filled in rows_t. {there}Is the delimiter another one? Try --delimiter ';'\n"),
                       ("id\tname\n", f"There is no column \"id\\x09name\" to be filled in rows_t. {there}Is the delimiter another one? Try --delimiter 'tab'\n")):
        file.write_text(text + "5,6\n")
        expect(load("rows_t", str(file), "--truncate"), 1, "", f"alloydb-odbc: {file}: {said}")
    expect(load("rows_t", stdin="id,name,id\n"), 1, "", 'alloydb-odbc: standard input, line 1: The column "id" is named twice\n')
    expect(load("rows_t", "--columns", "id,nope", stdin="x\n"), 1, "", f'alloydb-odbc: --columns: There is no column "nope" to be filled in rows_t. {there}')
    assert load("rows_t", stdin="id" * (1 << 20))[0] == 1
    wrong = 'alloydb-odbc: standard input, line 1: The names are not those of the columns. The columns are: "id", "name", "amount"; the line has: "id", "amount", "name"\n'
    expect(load("rows_t", "--header-match", stdin="id,amount,name\n9,1,x\n"), 1, "", wrong)
    expect(load("rows_t", "--header-match", "--dry-run", stdin="id,name,amount\n9,x,1\n"), 0, "1 row would be loaded into rows_t; nothing was changed\n")
    assert content() == "1|'kept'|1\n"

    # All or none.
    bad = f'alloydb-odbc: 22018 {NOISE}ERROR: invalid input syntax for type integer: "x"\nCONTEXT: COPY rows_t, line 4, column id: "x"\n(SQLSTATE 22P02)\n'
    expect(load("rows_t", "--truncate", stdin='id,name\n8,"a\nb"\nx,y\n'), 1, "", bad)
    assert load("rows_t", "--before", "delete from rows_t; select 1", stdin="id\n1\n1\n")[0] == 1
    assert load("rows_t", "--before", "delete from nowhere", stdin="id\n1\n")[0] == 1
    expect(load("rows_t", "--truncate", "--dry-run", stdin="id\n2\n3\n"), 0, "2 rows would be loaded into rows_t; nothing was changed\n")
    assert content() == "1|'kept'|1\n"
    expect(load("rows_t", "--before", "delete from rows_t where false; delete from rows_t", stdin="id\n1\n"), 0, "1 row loaded into rows_t\n")
    expect(load("rows_t", "--before", "delete from rows_t where false", stdin="id\n2\n"), 0, "1 row loaded into rows_t\n")
    expect(load("rows_t", "--before", "delete from rows_t where id = 2", "--quiet", stdin=""), 1, "", "alloydb-odbc: standard input, line 1: The file is empty: a line with the names of the columns is wanted; --no-header goes without\n")
    expect(load("rows_t", "--before", "delete from rows_t where id = 2", "--no-header", stdin=""), 0, "0 rows loaded into rows_t\n")
    assert content() == "1|NULL|\n"
    # A constraint that is looked at with the COMMIT.
    psql("drop table if exists rows_late; create table rows_late (a int, unique (a) deferrable initially deferred)")
    for flags in ([], ["--dry-run"]):
        status, out, errors = load("rows_late", *flags, stdin="a\n1\n1\n")
        assert (status, out) == (1, "") and "(SQLSTATE 23505)" in errors, (out, errors)
    assert psql("select count(*) from rows_late").strip() == "0"

    # Names are names.
    psql("truncate rows_t")
    odd = '"S.1"."Odd ""T{?}"'
    expect(load(odd, stdin='"b;c","Col ""1"", {?}"\nx,5\n'), 0, f"1 row loaded into {odd}\n")
    expect(run("unload", DSN, odd), 0, '"Col ""1"", {?}",b;c\n5,x\n')
    for name in ('rows_t"; drop table rows_t; --', "rows_t; drop table rows_t", "rows_t (id)", "a.b.c", "", '""', "rows-t", ".rows_t", "rows_t.", "'rows_t'"):
        assert load(name, stdin="id\n1\n")[0] == 2, name
        assert run("unload", DSN, name)[0] == 2, name
    assert load('"rows_t""; drop table rows_t; --"', stdin="id\n1\n")[0] == 1
    assert load("rows_t", "--columns", 'id) from stdin; drop table rows_t; --"', stdin="1\n")[0] == 2
    assert load("rows_t", "--null", "'\\", "--delimiter", "'", "--encoding", "UTF8'; drop table rows_t; --", stdin="id\n1\n")[0] == 1
    expect(load("rows_t", "--null", "'\\'", stdin="id,name\n1,'\\'\n"), 0, "1 row loaded into rows_t\n")
    assert content() == "1|NULL|\n"
    for wrong in (["--delimiter", "ab"], ["--delimiter", "é"], ["--quote", ""], ["--format", "text", "--quote", "x"], ["--header", "--no-header"], ["--no-header", "--header-match"], ["a", "b"]):
        assert load("rows_t", *wrong, stdin="id\n1\n")[0] == 2, wrong
    assert load("nowhere", stdin="id\n1\n")[2].startswith(f'alloydb-odbc: 42S02 {NOISE}ERROR: relation "nowhere" does not exist\n')
    assert load("rows_t", "/")[2] == "alloydb-odbc: /: Is a directory\n" and load("rows_t", str(ROOM / "none"))[0] == 1
    # The password's line, and then the rows.
    target = ";".join(p for p in os.environ["ALDB_TEST_CONNSTR"].split(";") if not p.startswith("PWD="))
    expect(run("load", target, "rows_t", "--password-stdin", "--truncate", stdin=os.environ["ALDB_TEST_PASSWORD"] + "\nid\n5\n6\n"), 0, "2 rows loaded into rows_t\n")
    # A table that may be filled and not be read.
    psql("revoke all on rows_t from public")
    readonly = os.environ["ALDB_TEST_CONNSTR"].replace(f"UID={os.environ['ALDB_TEST_USER']}", "UID=aldb_tls") + ";SSLMode=require"
    psql("grant insert (id) on rows_t to aldb_tls")
    expect(run("load", readonly, "rows_t", stdin="id\n77\n"), 0, "1 row loaded into rows_t\n")
    status, out, errors = run("load", readonly, "rows_t", stdin="id,name\n78,x\n")
    assert (status, out) == (1, "") and "(SQLSTATE 42501)" in errors, errors


def unloads():
    tables()
    psql("truncate rows_t; insert into rows_t values (1, 'a', 1), (2, null, null), (3, '', 3)")
    plain = 'id,name,amount\n1,a,1\n2,,\n3,"",3\n'
    expect(run("unload", DSN, "rows_t"), 0, plain)
    expect(run("unload", DSN, "rows_t", "-", "--columns", "name,ID", "--no-header"), 0, 'a,1\n,2\n"",3\n')
    expect(run("unload", DSN, "rows_t", "--format", "text"), 0, "1\ta\t1\n2\t\\N\t\\N\n3\t\t3\n")
    expect(run("unload", DSN, "rows_t", "--force-quote", "--delimiter", "tab", "--null", "N"), 0, 'id\tname\tamount\n"1"\t"a"\t"1"\n"2"\tN\tN\n"3"\t""\t"3"\n')
    expect(run("unload", DSN, "--query", "select 1 as a, 'x;' as b; ; -- the end".replace("; ; -- the end", " -- the end")), 0, "a,b\n1,x;\n")
    expect(run("unload", DSN, "--query", "select 'ä' as a;\n ;", "--encoding", "latin1", stdin=b""), 0, "a\nä\n".encode("latin-1"))
    expect(run("unload", DSN, "--query", "select 1 as a where false"), 0, "a\n")
    # What COPY alone does not read, or not all of it.
    expect(run("unload", DSN, "rows_view"), 0, "v\n1\n")
    expect(load("rows_parts", "--no-header", stdin="5\n"), 0, "1 row loaded into rows_parts\n")
    expect(run("unload", DSN, "rows_parts"), 0, "a\n5\n")
    assert sorted(run("unload", DSN, "rows_kids", "--no-header")[1].split()) == ["1", "2"]

    # A file is all there or as it was.
    file, link = ROOM / "u.csv", ROOM / "link.csv"
    expect(run("unload", DSN, "rows_t", str(file)), 0, f"3 rows written to {file}\n")
    mask = os.umask(0)
    os.umask(mask)
    assert file.read_text() == plain and file.stat().st_mode & 0o777 == 0o666 & ~mask
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    before = sorted(os.listdir(ROOM))
    zero = f"alloydb-odbc: 22012 {NOISE}ERROR: division by zero\n(SQLSTATE 22012)\n"
    expect(run("unload", DSN, "--query", "select 1 / (1000 - i) from generate_series(1, 1001) i", str(file)), 1, "", zero)
    assert run("unload", DSN, "nowhere", str(file))[0] == 1
    assert file.read_text() == "old" and sorted(os.listdir(ROOM)) == before
    expect(run("unload", DSN, "rows_t", str(link), "--quiet"), 0, "")
    assert file.read_text() == plain and link.is_symlink() and file.stat().st_mode & 0o777 == 0o640 and sorted(os.listdir(ROOM)) == before
    expect(run("unload", DSN, "rows_t", str(ROOM / "none" / "x")), 1, "", f"alloydb-odbc: {ROOM}/none/x: No such file or directory\n")
    expect(run("unload", DSN, "rows_t", "/dev/null"), 0, "3 rows written to /dev/null\n")
    for wrong in ([], ["rows_t", "--query", "select 1", "x"], ["--query", "select 1", "--columns", "a"], ["rows_t", "--format", "text", "--force-quote"]):
        assert run("unload", DSN, *wrong)[0] == 2, wrong


def round_trip():
    """Rows of all sorts, out and in again: the same bytes as psql's \\copy, and the same rows."""
    psql("""drop table if exists rows_a, rows_b; create table rows_a (i int, t text, n numeric, y bytea, ts timestamptz, a text[], j json, "select" text);
        insert into rows_a select i, (array[null, '', 'plain', 'a,b', 'say "x"', E'l1\\nl2', E'cr\\rlf\\r\\n', ' blank ', '\\.', '\\N', 'ü山🙂', E'tab\\t', 'NULL', '"', E'\\\\'])[i % 15 + 1],
            i / 7.0, decode(md5(i::text), 'hex'), now() + i * interval '1 second', array[i::text, null, 'x"y'], '{"a": "b\\n"}', repeat('x', i % 50) from generate_series(0, 2999) i;
        create table rows_b (like rows_a)""")
    ours, theirs = ROOM / "ours", ROOM / "theirs"
    for flags, options in (([], "csv, header"), (["--no-header", "--force-quote"], "csv, force_quote *"), (["--delimiter", "|", "--quote", "'", "--escape", "\\", "--null", "nil"],
                           "csv, header, delimiter '|', quote '''', escape '\\', null 'nil'"), (["--format", "text"], "text"), (["--format", "text", "--delimiter", "~", "--null", "(null)"],
                           "text, delimiter '~', null '(null)'")):
        subprocess.run(PSQL, input=f"\\copy rows_a to '{theirs}' (format {options})".encode(), check=True)
        expect(run("unload", DSN, "rows_a", str(ours), *flags), 0, f"3,000 rows written to {ours}\n")
        assert ours.read_bytes() == theirs.read_bytes(), options
        expect(load("rows_b", str(ours), *[f for f in flags if f != "--force-quote"], "--truncate"), 0, "3,000 rows loaded into rows_b\n")
        # --force-quote leaves NULL bare, and so it comes back.
        assert psql("select count(*) from (select t.*::text from rows_a t except all select t.*::text from rows_b t) d").strip() == "0" == psql(
            "select count(*) from (select t.*::text from rows_b t except all select t.*::text from rows_a t) d").strip(), options
    # query's csv and tsv are COPY's.
    subprocess.run(PSQL, input=f"\\copy (select * from rows_a order by i) to '{theirs}' (format csv, header)".encode(), check=True)
    assert query("select * from rows_a order by i", "--format", "csv", stdin=b"") == (0, theirs.read_bytes(), "")
    subprocess.run(PSQL, input=f"\\copy (select * from rows_a order by i) to '{theirs}'".encode(), check=True)
    assert query("select * from rows_a order by i", "--format", "tsv", "--no-header", stdin=b"") == (0, theirs.read_bytes(), "")
    psql("drop table rows_a, rows_b")


def headers():
    """Headers of all sorts, written by Python's csv or as PostgreSQL's text, name the columns that they should."""
    rng = random.Random(7)
    signs = ['"', ",", "'", " ", "\t", "\n", "\r", ";", "\\", "a", "B", "ü", "山", "{", "?", "$", "."]
    for turn in range(40):
        names = []
        while len(names) < rng.randint(1, 5):
            name = "".join(rng.choice(signs) for _ in range(rng.randint(1, 8)))
            if name not in names:
                names.append(name)
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        psql("drop table if exists rows_header; create table rows_header (" + ", ".join(f"{q} int" for q in quoted) + ")")
        order = rng.sample(range(len(names)), len(names))
        text = turn % 4 == 3
        delimiter = rng.choice("\t;|") if text else rng.choice(",;\t|")
        if text:
            escape = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", delimiter: "\\" + delimiter if delimiter != "\t" else "\\t"})
            lines = delimiter.join(names[i].translate(escape) for i in order) + "\n" + delimiter.join(str(i) for i in order) + "\n"
            flags = ["--format", "text", "--header"]
        else:
            doubled = rng.random() < 0.5
            written = io.StringIO()
            csv.writer(written, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"]), quoting=csv.QUOTE_MINIMAL if doubled and "\r" not in "".join(names) and turn % 2 else csv.QUOTE_ALL,
                       doublequote=doubled, escapechar=None if doubled else "\\").writerows([[names[i] for i in order], order])
            lines = written.getvalue()
            flags = [] if doubled else ["--escape", "\\"]
        got = load("rows_header", "--delimiter", delimiter, *flags, stdin=lines)
        assert got == (0, "1 row loaded into rows_header\n", ""), (names, lines, got)
        assert psql("select * from rows_header").strip().split("|") == [str(i) for i in range(len(names))], (names, lines)
    psql("drop table rows_header")


# ---- signals

def cancels():
    tables()

    def start(*arguments, **more):
        return subprocess.Popen([CHECKED, *arguments], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=CHECKED_ENVIRONMENT, **more)

    def ends(process, came, status):
        out, errors = process.communicate(timeout=60)
        assert (process.returncode, out, errors) == (status, came, b"alloydb-odbc: Cancelled\n"), (process.returncode, out[-200:], errors)

    def wait_for(word):
        for _ in range(300):
            if psql(f"select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%{word}%'").strip() != "0":
                return
            time.sleep(0.1)
        raise AssertionError(f"{word} does not run")

    for sent, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        process = start("query", DSN, "select 1 as a", "select pg_sleep(600) /* rows_cancel1 */", "select 3", "--format", "csv")
        assert process.stdout.read(4) == b"a\n1\n"  # what is there does not wait for the next statement
        wait_for("rows_cancel1")
        process.send_signal(sent)
        ends(process, b"", status)
        assert server_is_idle("rows_cancel1")
    # In the middle of rows: they end with a whole one.
    process = start("query", DSN, "select generate_series(1, 1000000000) as i /* rows_cancel2 */", "--format", "json")
    time.sleep(1)
    head = process.stdout.read(5000)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    rows = json.loads(head + out)
    assert process.returncode == 130 and rows == [{"i": i + 1} for i in range(len(rows))] and rows, (process.returncode, errors)
    assert server_is_idle("rows_cancel2")
    # A load that waits for its input; one that waits for the server; nothing is loaded.
    psql("truncate rows_t; insert into rows_t (id) values (1)")
    process = start("load", DSN, "rows_t", "--truncate", stdin=subprocess.PIPE)
    process.stdin.write(b"id\n5\n6\n")
    process.stdin.flush()
    wait_for("COPY \"rows_t\"")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    try:
        assert (process.wait(60), process.stdout.read(), process.stderr.read()) == (130, b"", b"alloydb-odbc: Cancelled\n")
    finally:
        process.stdin.close()
    process = start("load", DSN, "rows_t", "--before", "select pg_sleep(600) /* rows_cancel3 */", stdin=subprocess.PIPE)
    process.stdin.write(b"id\n5\n")
    process.stdin.close()
    process.stdin = None
    wait_for("rows_cancel3")
    process.send_signal(signal.SIGINT)
    ends(process, b"", 130)
    assert content() == "1|NULL|\n"
    # Nobody reads what is written: the first signal cannot end it, the second does.
    process = start("query", DSN, "select generate_series(1, 1000000000) as i /* rows_cancel5 */", "--format", "csv")
    wait_for("rows_cancel5")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    process.communicate()
    assert server_is_idle("rows_cancel5")
    # An unload: the file is as it was, and nothing lies beside it; nor when a second signal comes at once.
    file = ROOM / "cancelled.csv"
    file.write_text("old")
    before = sorted(os.listdir(ROOM))
    for force in (False, True):
        process = start("unload", DSN, "--query", "select i, pg_sleep(0.001) from generate_series(1, 1000000) i /* rows_cancel4 */", str(file))
        wait_for("rows_cancel4")
        time.sleep(0.5)
        assert len(os.listdir(ROOM)) == len(before) + 1
        if force:
            os.kill(process.pid, signal.SIGSTOP)
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            os.kill(process.pid, signal.SIGCONT)
            process.communicate(timeout=60)
            assert process.returncode in (-signal.SIGTERM, -signal.SIGINT, 130, 143), process.returncode
        else:
            process.send_signal(signal.SIGINT)
            ends(process, b"", 130)
        assert file.read_text() == "old" and sorted(os.listdir(ROOM)) == before
    # A shell's background job ignores Ctrl-C, and so does the command.
    process = subprocess.Popen(["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", CHECKED, "query", DSN, "select pg_sleep(2), 1 as a /* rows_ignore */", "--format", "csv"],
                               stdout=subprocess.PIPE, env=CHECKED_ENVIRONMENT)
    wait_for("rows_ignore")
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=60)[0], process.returncode) == (b"pg_sleep,a\n\"\",1\n", 0)


# ---- on a terminal

def on_terminal(arguments, stdout_too=False, columns=100, environment=None, stdin=None):
    """What a terminal gets to see on stderr (and stdout), the status, and stdout otherwise."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    with subprocess.Popen([CHECKED, *arguments], stdin=stdin or subprocess.DEVNULL, stdout=theirs if stdout_too else subprocess.PIPE, stderr=theirs,
                          env={**CHECKED_ENVIRONMENT, **(environment or {})}) as process:
        os.close(theirs)
        seen = b""
        while True:
            ready = select.select([ours], [], [], 60)[0]
            assert ready, "nothing more is said, and it does not end"
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        out = None if stdout_too else process.stdout.read().decode()
        status = process.wait(60)
    os.close(ours)
    return status, out, seen.decode()


def on_screen(seen):
    """What stands on the screen at the end, a line each."""
    lines, line = [], ""
    for sign in re.sub(r"\x1b\[[0-9;]*m", "", seen).replace("\r\n", "\n").replace("\x1b[K", "\f"):
        if sign == "\r":
            at_start = True
        elif sign == "\f":
            line, at_start = "", False
        elif sign == "\n":
            lines.append(line)
            line, at_start = "", False
        else:
            line = line + sign
    return lines + [line]


def progress():
    tables()
    slow = ["query", DSN, "select i, pg_sleep(0.001) from generate_series(1, 2000) i", "--format", "csv", "--no-header"]
    began = time.monotonic()
    status, out, seen = on_terminal(slow)
    took = time.monotonic() - began
    draws = re.findall(r"([\d,]+) rows?  (\d+(?:\.\d)? \w+)(?:  [\d,]+ rows/s)?  (\d:\d\d)", seen)
    assert status == 0 and out == "".join(f'{i},""\n' for i in range(1, 2001))
    assert 3 <= len(draws) <= took * 5 + 1 and "rows/s" in seen, (took, draws, seen)
    assert int(draws[-1][0].replace(",", "")) > int(draws[0][0].replace(",", "")) and on_screen(seen) == [""], seen
    # What is to be said in between stands on a line of its own.
    status, out, seen = on_terminal(["query", DSN, "select pg_sleep(0.7)", "do $$ begin perform pg_sleep(0.7); raise notice 'word'; end $$", "select 1 / 0", "--format", "csv"])
    shown = on_screen(seen)
    assert status == 1 and shown == [f"alloydb-odbc: 01000 {NOISE}NOTICE: word", "Done", f"alloydb-odbc: 22012 {NOISE}ERROR: division by zero", "(SQLSTATE 22012)", ""], shown
    # Nothing where it is not wanted, or nobody sees it, or the rows are on that terminal.
    still = ["query", DSN, "select pg_sleep(0.7)", "--format", "csv"]
    assert on_terminal(still + ["--quiet"])[2] == "" != on_terminal(still)[2]
    status, _, seen = on_terminal(["query", DSN, "select pg_sleep(0.7), 1 as a"], stdout_too=True)
    assert status == 0 and seen == " pg_sleep | a\r\n----------+---\r\n          | 1\r\n(1 row)\r\n", seen
    done = subprocess.run([CHECKED, *still], capture_output=True, env=CHECKED_ENVIRONMENT, check=True)
    assert done.stderr == b""
    # NULL is faint for those who like colours.
    assert on_terminal(["query", DSN, "select null as a", "--quiet"], stdout_too=True)[2] == " a\r\n------\r\n \x1b[2mNULL\x1b[0m\r\n"
    assert on_terminal(["query", DSN, "select null as a", "--quiet"], stdout_too=True, environment={"NO_COLOR": "1"})[2] == " a\r\n------\r\n NULL\r\n"

    # A file has a length. The trigger makes it slow.
    psql("""truncate rows_t; create or replace function rows_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(case when new.id < 149 then 0.01 else 1.5 end); return new; end $$;
        create trigger slow before insert on rows_t for each row execute function rows_slow()""")
    file = ROOM / "slow.csv"
    file.write_text("id,name\n" + "".join(f'{i},"{"x" * 9000}\n{"y" * 9000}"\n' for i in range(150)))
    status, out, seen = on_terminal(["load", DSN, "rows_t", str(file)])
    draws = re.findall(r"\r?([█░]{24}) +(\d+)%  ([\d,]+) rows?  (.*? of 2\.7 MB)  (?:\d[\d.]* \w+/s  )?(\d+:\d\d)( left)?", seen)
    assert (status, out, on_screen(seen)) == (0, "150 rows loaded into rows_t\n", [""]), (status, out, on_screen(seen))
    assert len(draws) > 3 and any(d[5] for d in draws) and draws[-1][1:3] == ("100", "150"), seen  # quoted line ends are none
    # In a narrow terminal it is shorter.
    psql("truncate rows_t")
    status, out, seen = on_terminal(["load", DSN, "rows_t", str(file)], columns=60, environment={"TERM": "dumb"})
    assert status == 0 and "█" not in seen and "%" in seen and "\x1b" not in seen and all(len(line) < 60 for line in seen.split("\r")), seen
    # From a pipe nobody knows how long it is.
    psql("truncate rows_t")
    with subprocess.Popen(["cat", str(file)], stdout=subprocess.PIPE) as cat:
        status, out, seen = on_terminal(["load", DSN, "rows_t", "-"], stdin=cat.stdout)
    assert status == 0 and "rows/s" in seen and "%" not in seen and on_screen(seen) == [""], seen
    psql("drop trigger slow on rows_t; truncate rows_t; insert into rows_t select i from generate_series(1, 300) i")
    # Unloading.
    status, out, seen = on_terminal(["unload", DSN, "--query", "select id, pg_sleep(0.005) from rows_t", str(ROOM / "slow2.csv")])
    assert (status, out) == (0, f"300 rows written to {ROOM}/slow2.csv\n") and "rows/s" in seen and on_screen(seen) == [""], seen
    # A terminal is no source of rows or SQL that comes by mistake.
    ours, theirs = os.openpty()
    for arguments in (["load", DSN, "rows_t"], ["query", DSN]):
        done = subprocess.run([CHECKED, *arguments], stdin=theirs, capture_output=True, env=CHECKED_ENVIRONMENT, check=False, timeout=60)
        assert done.returncode == 2, done
    os.close(ours)
    os.close(theirs)


# ---- memory

def no_memory():
    """Every allocation fails in its turn, and all after it: that is told, and files and tables stay as they are."""
    tables()
    psql("insert into rows_t values (1, 'kept', 1)")
    source, target = ROOM / "source.csv", ROOM / "target.csv"
    source.write_text("id,name\n2,x\n")
    target.write_text("old")
    before = sorted(os.listdir(ROOM))
    for arguments in (["query", DSN, "select 1 as a, repeat('x', 300) as b, null as c"], ["query", DSN, "select 1 as a, 2 as a", "--format", "json"],
                      ["load", DSN, "rows_t", str(source), "--truncate", "--dry-run", "--columns", "id,name"], ["load", DSN, "rows_t", str(source), "--dry-run", "--encoding", "latin1"],
                      ["unload", DSN, "rows_t", str(target)]):
        n, good = 0, 0
        while good < 2:
            status, out, errors = run(*arguments, environment={"ALLOYDB_ODBC_FAIL_ALLOC": str(n)})
            assert (status, bool(errors)) in ((0, False), (1, True)), (arguments, n, status, out, errors)
            assert status == 0 or arguments[0] != "unload" or (target.read_text() == "old" and sorted(os.listdir(ROOM)) == before), (n, os.listdir(ROOM))
            good = good + 1 if status == 0 else 0
            n += 1 if n < 60 else 4
        assert n > 60 and content() == "1|'kept'|1\n", (arguments, n)


# A child begins with its parent's memory as its peak: so it has a small parent, not this program.
OBSERVER = """import os, sys, time
began = time.monotonic()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, time.monotonic() - began, file=sys.stderr)"""


def measure(command, environment=None, stdin=None):
    """Peak memory in kB, and seconds; what it writes is in peak.out."""
    with open(ROOM / "peak.out", "wb") as out, open(stdin or os.devnull, "rb") as source:
        done = subprocess.run(["/usr/bin/python3", "-I", "-S", "-c", OBSERVER, *command], stdin=source, stdout=out, stderr=subprocess.PIPE, env=environment, check=True, text=True)
    status, kb, seconds = done.stderr.splitlines()[-1].split()
    assert status == "0", (command, done.stderr)
    return int(kb), float(seconds)


def peak(*arguments, stdin=None):
    return measure([RELEASE, *arguments], RELEASE_ENVIRONMENT, stdin)


def memory():
    rows, most = 1000000, 24 * 1024  # the rows are more than 100 MB
    psql(f"""drop table if exists rows_million; create unlogged table rows_million as select i as id, (i * 7919 % 1000003)::integer as n, (i % 30000)::smallint as small,
        i * 0.73::float8 as ratio, (i % 100000000) / 100.0::numeric(12, 2) as amount, i % 3 = 0 as ok, 'customer number ' || i as name, md5(i::text)::varchar(40) as code,
        timestamp '2020-01-01' + i * interval '37.5 seconds' as at, date '2000-01-01' + (i % 9000)::integer as day from generate_series(1::bigint, {rows}) as i""")
    file = ROOM / "million.csv"
    for name in ("csv", "tsv", "json", "jsonl", "aligned"):
        kb, seconds = peak("query", DSN, "select * from rows_million", "--format", name)
        lines = sum(1 for _ in open(ROOM / "peak.out", "rb"))
        print(f"query of {rows} rows as {name}: {kb} kB, at most {most}; {seconds:.1f} s")
        assert lines == rows + {"csv": 1, "tsv": 1, "json": 2, "jsonl": 0, "aligned": 3}[name] and kb <= most
    kb, seconds = peak("unload", DSN, "rows_million", str(file))
    print(f"unload of {rows} rows, {file.stat().st_size >> 20} MB: {kb} kB, at most {most}; {seconds:.1f} s")
    assert kb <= most and sum(1 for _ in open(file, "rb")) == rows + 1
    for source, stdin in ((str(file), None), ("-", file)):
        kb, seconds = peak("load", DSN, "rows_million", source, "--truncate", stdin=stdin)
        print(f"load of {rows} rows from {'a file' if stdin is None else 'standard input'}: {kb} kB, at most {most}; {seconds:.1f} s")
        assert kb <= most and (ROOM / "peak.out").read_text() == "1,000,000 rows loaded into rows_million\n" and psql("select count(*), sum(id) from rows_million").strip() == "1000000|500000500000"
    for name, command in (("psql --csv", ["--csv", "-c", "select * from rows_million"]), ("psql's \\copy out", ["-c", f"\\copy rows_million to '{file}' csv header"]),
                          ("psql's \\copy in", ["-c", "truncate rows_million", "-c", f"\\copy rows_million from '{file}' csv header"])):
        kb, seconds = measure(PSQL + command)
        print(f"to compare with, {name}: {kb} kB; {seconds:.1f} s")
    # Long values, short rows between them: a few of them at a time.
    kb, seconds = peak("query", DSN, "select i, case when i % 100 = 0 then repeat('x', 1048576) else 'y' end from generate_series(1, 20000) i", "--format", "csv")
    print(f"query of 200 MB in values of 1 MB: {kb} kB, at most {most}; {seconds:.1f} s")
    assert kb <= most and os.stat(ROOM / "peak.out").st_size > 200 << 20
    # One value: in libpq's buffer, in its result, and here.
    kb, _ = peak("query", DSN, "select repeat('x', 104857600)", "--format", "json")
    print(f"a value of 100 MB: {kb} kB, at most {340 * 1024}")
    assert kb <= 340 * 1024
    psql("drop table rows_million")


CASES = [looks, numbers_and_types, long_values, statements, slow_rows, files, loads, unloads, round_trip, headers, cancels, progress, no_memory, memory]
if __name__ == "__main__":
    try:
        for case in CASES:
            if len(sys.argv) == 1 or case.__name__ in sys.argv[1:]:
                began = time.monotonic()
                case()
                print(f"{case.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        with contextlib.suppress(OSError):
            subprocess.run(["rm", "-rf", str(ROOM)], check=False)
        psql('drop table if exists rows_t, rows_parts, rows_kids, rows_late, rows_kept, rows_none, rows_header, rows_million cascade; drop view if exists rows_view; drop schema if exists "S.1" cascade; '
             "drop function if exists rows_slow cascade")
