# SPDX-License-Identifier: Apache-2.0
"""Threads on connections of their own: what one more thread brings, with a server and without one."""
import pathlib
import sys
import tempfile

from measure import CONNINFO, DIRECT, HAS_PEER, PEER, PROGRAMS, QUERY, Program, Work, measure

BARE = "driver, no driver manager"
SERIAL = "driver, Threading=3"
POINT = QUERY + " where id = "


def programs(kind, threads, count, query):
    """{line: program}."""
    libpq = {"libpq": Program("pq_threads", kind, threads, count, CONNINFO, query.replace("?", "$1"))} if kind != "again" else {}
    few = count // 20 if kind == "again" else count  # psqlODBC takes long for them
    peer = {"psqlODBC": Program("odbc_threads", kind, threads, few, PEER, query, part=few / count)} if HAS_PEER else {}
    return {**libpq, **peer, "driver": Program("odbc_threads", kind, threads, count, DIRECT, query),
            SERIAL: Program("odbc_threads", kind, threads, count, DIRECT.replace("DRIVER=AlloyDB", "DRIVER=AlloyDB serial"), query),
            BARE: Program("odbc_threads_direct", kind, threads, count, DIRECT, query)}


def kinds(points, rows, passes):
    """(kind, title, threads, count, rows of each, query)."""
    yield "point", "point queries", (1, 4, 16), points, 1, POINT + "?"
    yield "fetch", f"rows of {rows} × 10, bound", (1, 4, 16), 16, rows, f"{QUERY} limit {rows}"
    yield "again", "rows read again through a static cursor", (1, 2, 4, 16), passes, rows // 2, f"{QUERY} limit {rows // 2}"


def run(points, rows, passes, rounds):
    """[{kind, title, line, threads: {n: rates}}], with printing."""
    for kind, title, numbers, count, each, query in kinds(points, rows, passes):
        lines = {}
        print(f"\nthreads: {title} a second")
        for threads in numbers:
            results = measure(Work(f"{threads} threads, {title}", {}, None, programs(kind, threads, count, query), {}, few=True), rounds)
            for line, one in results.items():
                lines.setdefault(line, {})[threads] = {"rate": count * each / one["wall"], "cpu": 1e6 * one["cpu"] / (count * each), "waits": one["waits"] / count, "memory": one["memory"]}
        for line, by_threads in lines.items():
            print(f"  {line:36}" + "".join(f" {threads:3}: {one['rate']:12.0f}" for threads, one in by_threads.items()), flush=True)
            yield {"kind": kind, "title": title, "line": line, "threads": by_threads}


def locks_taken(program, folder):
    """How often it takes locks: those that one thread only ever takes, and those that several do."""
    path = pathlib.Path(folder, "locks")
    program.run(BENCH_LOCKS=str(path), BENCH_THREADS="4", LD_PRELOAD=PROGRAMS + "locks.so")
    return [int(number) for number in path.read_text().split()]


def run_locks(rows):
    """Locks a query, a fetch, a pass, of four threads while they work. The driver has no lock that connections share: that is no matter of time, and ends the program."""
    count = 1000
    print("\nlocks: taken by one thread only, and by several, for each piece")
    with tempfile.TemporaryDirectory() as folder:
        for kind, what, query in (("point", "point query", POINT + "?"), ("fetch", f"fetch of {rows} × 10", f"{QUERY} limit {rows}"), ("again", f"pass over {rows} × 10 in memory", f"{QUERY} limit {rows}")):
            for line, program in programs(kind, 4, count, query).items():
                own, shared = (taken / count / program.part for taken in locks_taken(program, folder))
                print(f"  {what:30} {line:28} {own:9.2f} {shared:9.2f}", flush=True)
                if line in ("driver", BARE) and shared > 0:
                    sys.exit(f"{line}: connections share a lock, {shared:.2f} times a {what}")
                yield {"what": what, "line": line, "own": own, "shared": shared}


INTRODUCTION = """
Each thread has a connection of its own; the work is the same for any number of them. On this page's machine the server's processes share the processors with the program, so that the first two tables can rise
little. The third needs no server: every thread has read its result before, through a static cursor, which driver and psqlODBC keep in memory, and reads it again and again. A lock that all
connections share would show there, as a rate that does not rise from one thread to two where there are two processors, and in the last columns, which say how often a thread gave its processor away for each query, fetch
or pass: it does so when it waits for the server, or for a lock that another one holds, and in the third table there is no server. That this would be seen is shown by the lines with "Threading=3", with which
unixODBC serialises all calls of a process by a lock of its own; the driver asks for `Threading = 0` in its section of odbcinst.ini, and needs no other.

Times may hide a lock that is held for a moment only. So the locks are counted, too: a library in front of the C library notes each mutex and each read-write lock that is taken, and by which threads. What only one thread ever takes is
a connection's own, and never waited for. The lines "no driver manager" are of the same program, linked against the driver itself.
"""


def page(tables, locks):
    text = ["\n## Threads\n" + INTRODUCTION]
    for kind in dict.fromkeys(one["kind"] for one in tables):
        lines = [one for one in tables if one["kind"] == kind]
        numbers = list(lines[0]["threads"])
        text.append(f"\n### {lines[0]['title'][0].upper()}{lines[0]['title'][1:]}\n\n| | " + " | ".join(f"{n} thread{'s' * (n > 1)}, a second" for n in numbers)
                    + f" | {numbers[1]} : 1 | CPU µs, {numbers[0]} | CPU µs, {numbers[-1]} | memory kB, {numbers[-1]} | waits, {numbers[0]} | waits, {numbers[-1]} |\n|---|" + "---|" * (len(numbers) + 6))
        for one in lines:
            by = one["threads"]
            first, second, last = by[numbers[0]], by[numbers[1]], by[numbers[-1]]
            text.append(f"| {one['line']} | " + " | ".join(f"{by[n]['rate']:.0f}" for n in numbers) + f" | {second['rate'] / first['rate']:.2f} | {first['cpu']:.2f} | {last['cpu']:.2f} | "
                        f"{last['memory']:.0f} | {first['waits']:.2f} | {last['waits']:.2f} |")
    text.append("\n### Locks taken, four threads\n\n| for each | | of one thread only | of several threads |\n|---|---|---|---|")
    text += [f"| {one['what']} | {one['line']} | {one['own']:.2f} | {one['shared']:.2f} |" for one in locks]
    return text
