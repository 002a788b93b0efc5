#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""LibreOffice Base without a window: its ODBC layer, a database document, the tables it lists, and rows that are read, changed, added and deleted as in its table view."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

INI = os.environ.get("ALDB_TEST_CLIENT_INI")
if not INI:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
try:
    import uno
except ImportError:
    uno = None
if uno is None or not pathlib.Path("/usr/lib/libreoffice/program/libodbclo.so").exists():
    print("SKIP: this system has no LibreOffice Base that Python can talk to (Debian: libreoffice-base and python3-uno)")
    sys.exit(77)
from com.sun.star.beans import PropertyValue  # noqa: E402  (made by uno)
from com.sun.star.connection import NoConnectException  # noqa: E402
from com.sun.star.lang import DisposedException  # noqa: E402
from com.sun.star.sdbc import SQLException  # noqa: E402
from com.sun.star.sdbc.DataType import DATE  # noqa: E402
from com.sun.star.util import Date  # noqa: E402

failures = 0


def same(what, got, expected):
    global failures
    failures += got != expected
    print(f"ok      {what}" if got == expected else f"FAILED  {what}: {got!r} instead of {expected!r}")


def refused(what, call, *words):
    try:
        call()
    except SQLException as error:
        same(what, [word for word in words if word not in error.Message], [])
    else:
        same(what, "not refused", words)


def rows(result, *getters):
    out = []
    while result.next():
        row = []
        for number, getter in enumerate(getters, 1):
            value = getattr(result, getter)(number)
            row.append(None if result.wasNull() else value)
        out.append(tuple(row))
    return out


def office(folder):
    """A LibreOffice of its own, and the context to ask it for services."""
    pipe = f"aldb{os.getpid()}"
    environment = {**os.environ, "ODBCSYSINI": INI, "ODBCINI": f"{INI}/odbc.ini", "HOME": folder}
    process = subprocess.Popen(["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{folder}/profile", f"--accept=pipe,name={pipe};urp;"],
                               env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    until = time.monotonic() + 300
    while True:
        try:
            return process, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > until or process.poll() is not None:
                process.kill()
                raise
            time.sleep(0.2)


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def statements(service):
    connection = service("com.sun.star.sdbc.DriverManager").getConnectionWithInfo(f"sdbc:odbc:{os.environ['ALDB_TEST_DSN']}", properties(CharSet="utf-8"))
    about = connection.getMetaData()
    same("names", (about.getDatabaseProductName(), about.getDriverName(), about.getUserName(), about.getIdentifierQuoteString()),
         ("PostgreSQL", "liballoydbodbc.so", os.environ["ALDB_TEST_USER"], '"'))
    statement = connection.createStatement()
    result = statement.executeQuery(
        "select 1::int4 a, 9007199254740993::int8 b, 1.25::numeric(10, 2) c, 'ü 🙂 山'::text d, true e, date '2024-02-29' f, timestamp '2024-02-29 12:34:56.789' g, "
        "null::text h, "
        "'\\x00ff'::bytea i, 1e300::float8 j, '6f1b2a3c-0000-4000-8000-000000000001'::uuid k, '6f1b2a3c-0000-4000-8000-000000000001'::uuid::text l")
    columns = result.getMetaData()
    same("types", [columns.getColumnTypeName(number) for number in range(1, columns.getColumnCount() + 1)],
         ["int4", "int8", "numeric", "text", "bool", "date", "timestamp", "text", "bytea", "float8", "uuid", "text"])
    # It takes a uuid for bytes, which are those of Windows' GUID structure.
    (a, b, c, d, e, f, g, h, i, j, k, l), = rows(result, "getInt", "getLong", "getString", "getString", "getBoolean", "getDate", "getTimestamp",
                                               "getString", "getBytes", "getDouble", "getBytes", "getString")
    same("values", (a, b, c, d, e, h, i.value, j, k.value.hex(), l),
         (1, 9007199254740993, "1.25", "ü 🙂 山", True, None, b"\x00\xff", 1e300, "3c2a1b6f000000408000000000000001", "6f1b2a3c-0000-4000-8000-000000000001"))
    same("date and moment", ((f.Year, f.Month, f.Day), (g.Day, g.Hours, g.Minutes, g.Seconds, g.NanoSeconds)), ((2024, 2, 29), (29, 12, 34, 56, 789000000)))
    for text in ("drop schema if exists office cascade", "create schema office", "create table office.parts (id int primary key, t text, n numeric(10, 2), d date)",
                 "create view office.seen as select * from office.parts"):
        statement.executeUpdate(text)
    prepared = connection.prepareStatement("insert into office.parts values (?, ?, ?, ?)")
    for number in range(1, 4):
        prepared.setInt(1, number)
        prepared.setString(2, f"ü {number}")
        prepared.setString(3, f"{number}.50")
        if number == 2:
            prepared.setNull(4, DATE)
        else:
            prepared.setDate(4, Date(number, 2, 2024))
        same(f"parameters {number}", prepared.executeUpdate(), 1)
    same("stored", rows(statement.executeQuery("select id, t, n, d from office.parts order by id"), *["getInt", *["getString"] * 3]),
         [(1, "ü 1", "1.50", "2024-02-01"), (2, "ü 2", "2.50", None), (3, "ü 3", "3.50", "2024-02-03")])
    refused("an error", lambda: statement.executeQuery("select 1/0"), "[AlloyDB][ODBC Driver][PostgreSQL] ERROR: division by zero", "22012")
    connection.setAutoCommit(False)
    statement.executeUpdate("delete from office.parts")
    connection.rollback()
    connection.setAutoCommit(True)
    same("rollback", rows(statement.executeQuery("select count(*) from office.parts"), "getInt"), [(3,)])
    connection.close()


def document(service, folder):
    """What "Connect to an existing database: ODBC" makes, and its table view."""
    url = f"file://{folder}/parts.odb"
    source = service("com.sun.star.sdb.DatabaseContext").createInstance()
    source.URL = f"sdbc:odbc:{os.environ['ALDB_TEST_DSN']}"
    source.Info = properties(CharSet="utf-8")
    source.DatabaseDocument.storeAsURL(url, ())
    connection = service("com.sun.star.sdb.DatabaseContext").getByName(url).getConnection("", "")
    prefix = f"{os.environ['ALDB_TEST_DATABASE']}.office."
    same("tables and views", sorted(name for name in connection.Tables.ElementNames if name.startswith(prefix)), [prefix + "parts", prefix + "seen"])
    table = connection.Tables.getByName(prefix + "parts")
    same("columns", tuple(table.Columns.ElementNames), ("id", "t", "n", "d"))
    same("primary key", tuple(table.Keys.getByIndex(0).Columns.ElementNames), ("id",))

    view = service("com.sun.star.sdb.RowSet")
    view.ActiveConnection, view.CommandType, view.Command, view.Order = connection, 0, prefix + "parts", '"id"'
    view.execute()
    view.last()
    same("rows in the table view", view.RowCount, 3)
    view.first()
    view.updateString(2, "changed 🙂")
    view.updateRow()
    view.moveToInsertRow()
    view.updateInt(1, 77)
    view.updateString(2, "added ü")
    view.insertRow()
    view.absolute(2)
    view.deleteRow()
    same("changed, added, deleted", rows(connection.createStatement().executeQuery("select id, t from office.parts order by id"), "getInt", "getString"),
         [(1, "changed 🙂"), (3, "ü 3"), (77, "added ü")])

    query = service("com.sun.star.sdb.RowSet")
    query.ActiveConnection, query.CommandType, query.Command = connection, 2, 'select "t", "n" * 2 as "twice" from "office"."parts" where "id" > 2 order by "id"'
    query.execute()
    same("a query", rows(query, "getString", "getString"), [("ü 3", "7.00"), ("added ü", None)])
    connection.createStatement().executeUpdate("drop schema office cascade")
    connection.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        process, context = office(folder)

        def service(name):
            return context.ServiceManager.createInstanceWithContext(name, context)

        try:
            statements(service)
            document(service, folder)
        finally:
            try:
                service("com.sun.star.frame.Desktop").terminate()
            except DisposedException:
                pass
            same("LibreOffice ends", process.wait(120), 0)
    print(failures, "failed")
    sys.exit(1 if failures else 0)


main()
