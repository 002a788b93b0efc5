# SPDX-License-Identifier: Apache-2.0
"""The works of C programs: fetching, writing, small calls. The floor is what does the same least."""
from measure import CONNINFO, DIRECT, HOST, PEER, PORT, QUERY, Program, Target, Work

NARROW = "select id::int4 as i, ratio from bench_narrow"
NONE = DIRECT + ";ErrorRollback=NONE"
MEMORY = 16 * 1024

LIBPQ_ROWS = ("libpq hands over a PGresult for each row, in memory of its own: the instructions at the end of this page say how much of a row's time that is. Draining the socket is no "
              "floor that a program with libpq in it could reach where rows are that small.")


def fetch(mode, target, query):
    return Program("odbc_fetch", mode, target, query)


def libpq(query):
    return Program("pq_single_row", CONNINFO, query)


def drain(query):
    return Program("drain", "fetch", 1, query, HOST, PORT)


def write(work, rows, target):
    return Program("odbc_write", work, rows, target, writes=(work, rows))


def libpq_write(work, rows):
    return Program("pq_write", work, rows, CONNINFO, writes=(work, rows))


def reading(rows):
    yield Work(f"fetch {rows} × 10, bound, blocks of 1000", {"draining the socket": drain(QUERY), "libpq, single-row": libpq(QUERY)}, fetch("bound", PEER, QUERY),
               {"driver": fetch("bound", DIRECT, QUERY)}, {"driver": Target(1.10, "floor", MEMORY)}, limit=LIBPQ_ROWS)
    yield Work("the same, SQLGetData a cell", {"draining the socket": drain(QUERY)}, fetch("getdata", PEER, QUERY),
               {"driver": fetch("getdata", DIRECT, QUERY)}, {"driver": Target(0.40, "psqlODBC", MEMORY)},
               limit="An application that calls SQLGetData for each cell pays for the way through driver manager and driver ten times a row; the driver manager's part, which psqlODBC "
                     "pays as well, and libpq's are more than half of the instructions (see the end of this page).")
    yield Work("the same, all as SQL_C_WCHAR", {"draining the socket": drain(QUERY)}, fetch("wide", PEER, QUERY),
               {"driver": fetch("wide", DIRECT, QUERY)}, {"driver": Target(0.50, "psqlODBC", MEMORY)}, limit=LIBPQ_ROWS)
    yield Work(f"fetch {3 * rows} × 2 narrow, bound", {"draining the socket": drain(NARROW), "libpq, single-row": libpq(NARROW)}, fetch("bound", PEER, NARROW),
               {"driver": fetch("bound", DIRECT, NARROW)}, {"driver": Target(1.15, "floor", MEMORY)}, limit=LIBPQ_ROWS)


def first_row(rows, count, peer_count):
    works = (("row", f"first row of {rows}, {count} times", 1.20,
              f"Each time a fresh execution, of which one row is read, and a rest after it is closed. psqlODBC reads all rows before the first: {peer_count} times, its times multiplied.",
              "Both wait for one message of the server, of which libpq takes the first row and the driver as many as it keeps at hand. What an execution takes beside is what a point query takes (see the end of this page): a few microseconds, more where caches are cold, as after a rest. The times of two processes that wake each other vary more than that from run to run."),
             ("close", f"the same, and closed, without a rest, {count} times", 1.50,
              "What is left is cancelled. The next execution waits until the server has done that.",
              "The driver reads on before it cancels, for most results end by themselves, and a cancel is a connection of its own; what was cancelled time and again is cancelled sooner."))
    for what, name, target, note, limit in works:
        yield Work(name, {"libpq, single-row" + (", PQcancel" if what == "close" else ""): Program("pq_first", what, count, CONNINFO, QUERY)},
                   Program("odbc_first", what, peer_count, PEER, QUERY, part=peer_count / count),
                   {"driver": Program("odbc_first", what, count, DIRECT, QUERY)}, {"driver": Target(target, "floor")}, note=note, limit=limit, few=True)


def writing(rows, singles):
    yield Work(f"insert {rows} rows, arrays of 1000", {"COPY": libpq_write("copy", rows), "libpq, pipeline": libpq_write("insert", rows)}, write("insert", rows, PEER),
               {"driver": write("insert", rows, DIRECT)}, {"driver": Target(1.6, "floor")}, limit="The server's INSERT of an array is not its COPY: the difference is the server's own time.")
    yield Work(f"insert {singles} rows, one an execution", {"PQexecPrepared": libpq_write("single", singles)}, write("single", singles, PEER),
               {"driver, ErrorRollback=NONE": write("single", singles, NONE), "driver": write("single", singles, DIRECT)},
               {"driver, ErrorRollback=NONE": Target(1.10, "floor"), "driver": Target(1.30, "floor")},
               limit="A round trip an execution, and two tiny statements around each where ErrorRollback is STATEMENT; most of the wall time is two processes waking each other on two processors.", few=True)
    for work in ("update", "delete", "upsert"):
        yield Work(f"{work} {rows} rows, arrays of 1000", {"libpq, pipeline": libpq_write(work, rows)}, write(work, rows, PEER),
                   {"driver": write(work, rows, DIRECT)}, {"driver": Target(1.2, "floor")}, limit="The same statements in the same pipeline, inside of a savepoint: the rest is the server's time.")


def calls(points, connects):
    pick = QUERY + " where id = "
    yield Work(f"{points} point queries, prepared", {"PQexecPrepared": Program("pq_calls", "point", points, CONNINFO, pick + "$1")},
               Program("odbc_calls", "point", points, PEER, pick + "?"), {"driver": Program("odbc_calls", "point", points, DIRECT, pick + "?")}, {"driver": Target(1.10, "floor")},
               limit="One round trip each, as libpq's. The driver's own work is the difference of the CPU times, three ODBC calls with ten columns converted; the wall time is mostly that of two "
                     "processes waking each other, which differs by more from round to round.")
    yield Work(f"{connects} connects", {"PQconnectdb": Program("pq_calls", "connect", connects, CONNINFO, "")},
               Program("odbc_calls", "connect", connects, PEER, ""), {"driver": Program("odbc_calls", "connect", connects, DIRECT, "")}, {"driver": Target(1.10, "floor")},
               limit="No round trip more than libpq's; the server's fork is nearly all of it.")


def values(query):
    """Ways to read the query, which must agree."""
    ways = {"libpq": libpq(query)}
    for mode in ("bound", "wide", "getdata"):
        ways[f"driver, {mode}"] = fetch(mode, DIRECT, query)
        ways[f"psqlODBC, {mode}"] = fetch(mode, PEER, query)
    return ways
