# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/run measures: work by work, what does it least (the floor), psqlODBC where it is there, and the driver, in turns.

Before anything is timed all of them must read the same values, and behind each timed write the same rows must be stored; else the status is 1. Times never make it so.
A line a contender: the median of the rounds' wall time, its ratio to the floor and to psqlODBC, CPU time (user + system) of the program, and its peak memory.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

PROGRAMS = os.environ["PROGRAMS"] + "/"
HOST, PORT, DATABASE = os.environ["ALDB_TEST_HOST"], os.environ["ALDB_TEST_PORT"], os.environ["ALDB_TEST_DATABASE"]
USER = "aldb_trust"  # a login of one round trip: passwords cost every way the same
QUERY = os.environ["BENCH_QUERY"]
NARROW = "select id::int4 as i, ratio from bench_narrow"
CONNINFO = f"host={HOST} port={PORT} dbname={DATABASE} user={USER} sslmode=disable gssencmode=disable"
DIRECT = f"DRIVER=AlloyDB;Server={HOST};Port={PORT};Database={DATABASE};UID={USER};SSLMode=disable"
PEER = f"DRIVER=psqlODBC;Servername={HOST};Port={PORT};Database={DATABASE};UID={USER};SSLMode=disable;BoolsAsChar=0"
HAS_PEER = bool(os.environ.get("PSQLODBC"))


def fetch(mode, target, query):
    return [PROGRAMS + "odbc_fetch", mode, target, query]


def libpq(query, *more):
    return [PROGRAMS + "pq_single_row", CONNINFO, query, *more]


def drain(query):
    return [PROGRAMS + "drain", "fetch", "1", query, HOST, PORT]


def write(work, rows, target):
    return [PROGRAMS + "odbc_write", work, str(rows), target]


def libpq_write(work, rows):
    return [PROGRAMS + "pq_write", work, str(rows), CONNINFO]


def works(rows, writes, singles, points, connects):
    """(name, floor, psqlODBC, {driver's lines}, target: of which other line, at most; KB at most). psqlODBC may be None."""
    pick = QUERY + " where id = "
    calls = [PROGRAMS + "odbc_calls"], [PROGRAMS + "pq_calls"]
    none = DIRECT + ";ErrorRollback=NONE"
    yield (f"fetch {rows} × 10, bound, blocks of 1000", {"draining the socket": drain(QUERY), "libpq, single-row": libpq(QUERY)}, fetch("bound", PEER, QUERY),
           {"driver": (fetch("bound", DIRECT, QUERY), "floor", 1.10)}, 16 * 1024)
    yield ("the same, SQLGetData a cell", {"draining the socket": drain(QUERY)}, fetch("getdata", PEER, QUERY),
           {"driver": (fetch("getdata", DIRECT, QUERY), "psqlODBC", 0.40)}, 16 * 1024)
    yield ("the same, all as SQL_C_WCHAR", {"draining the socket": drain(QUERY)}, fetch("wide", PEER, QUERY),
           {"driver": (fetch("wide", DIRECT, QUERY), "psqlODBC", 0.50)}, 16 * 1024)
    yield (f"fetch {3 * rows} × 2 narrow, bound", {"draining the socket": drain(NARROW), "libpq, single-row": libpq(NARROW)}, fetch("bound", PEER, NARROW),
           {"driver": (fetch("bound", DIRECT, NARROW), "floor", 1.15)}, 16 * 1024)
    yield (f"first row of {rows}", {"libpq, single-row": libpq(QUERY, "first")}, fetch("first", PEER, QUERY),
           {"driver": (fetch("first", DIRECT, QUERY), "floor", 1.2)}, None)
    yield (f"insert {writes} rows, arrays of 1000", {"COPY": libpq_write("copy", writes), "libpq, pipeline": libpq_write("insert", writes)}, write("insert", writes, PEER),
           {"driver": (write("insert", writes, DIRECT), "floor", 1.6)}, None)
    yield (f"insert {singles} rows, one an execution", {"PQexecPrepared": libpq_write("single", singles)}, write("single", singles, PEER),
           {"driver, ErrorRollback=NONE": (write("single", singles, none), "floor", 1.10), "driver": (write("single", singles, DIRECT), "floor", 1.30)}, None)
    for work in ("update", "delete", "upsert"):
        yield (f"{work} {writes} rows, arrays of 1000", {"libpq, pipeline": libpq_write(work, writes)}, write(work, writes, PEER),
               {"driver": (write(work, writes, DIRECT), "floor", 1.2)}, None)
    yield (f"{points} point queries, prepared", {"PQexecPrepared": [*calls[1], "point", str(points), CONNINFO, pick + "$1"]},
           [*calls[0], "point", str(points), PEER, pick + "?"], {"driver": ([*calls[0], "point", str(points), DIRECT, pick + "?"], "floor", 1.10)}, None)
    yield (f"{connects} connects", {"PQconnectdb": [*calls[1], "connect", str(connects), CONNINFO, ""]}, [*calls[0], "connect", str(connects), PEER, ""],
           {"driver": ([*calls[0], "connect", str(connects), DIRECT, ""], "floor", 1.10)}, None)


def run(command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PGUSER": USER, "PGDATABASE": DATABASE, **environment})
    count, total, wall, user, system, memory, *_ = done.stdout.split()
    return {"count": int(count), "sum": int(total), "wall": float(wall), "cpu": float(user) + float(system), "memory": int(memory)}


def sql(*commands):
    asked = [part for command in commands for part in ("-c", command)]
    return subprocess.run([os.environ["PSQL"], "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", os.environ["ALDB_TEST_SUPER_CONNINFO"], *asked],
                          stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}).stdout.strip()


def is_written(command):
    return command[0].endswith("_write")


def make_ready(command, rows):
    """The table that a write begins with: empty and without an index for inserts, else with every other row."""
    work = command[1]
    sql("drop table if exists bench_write", "create table bench_write (id bigint, n integer, name varchar(60), at timestamp)",
        f"grant all on bench_write to {USER}")
    if work in ("update", "delete", "upsert"):
        sql("alter table bench_write add primary key (id)",
            f"insert into bench_write select g, 1, 'x', '2020-01-01' from generate_series(1, {rows}, 2) g", "vacuum analyze bench_write")
    sql("checkpoint")


def stored():
    return sql("select count(*), coalesce(sum(hashtext(t::text)::bigint), 0) from bench_write t")


def same_values(query):
    """Every way to read it gives the same values."""
    ways = {"libpq": libpq(query)}
    for mode in ("bound", "wide", "getdata"):
        ways[f"driver, {mode}"] = fetch(mode, DIRECT, query)
        if HAS_PEER:
            ways[f"psqlODBC, {mode}"] = fetch(mode, PEER, query)
    sums = {name: tuple(run(command, BENCH_VALUES="1")[key] for key in ("count", "sum")) for name, command in ways.items()}
    wrong = [f"{name} {value}, libpq {sums['libpq']}" for name, value in sums.items() if value != sums["libpq"]]
    if wrong:
        sys.exit("values differ: " + "; ".join(wrong))


def measure(work, rounds):
    name, floors, peer, drivers, _ = work
    commands = dict(floors)
    if peer and HAS_PEER:
        commands["psqlODBC"] = peer
    commands |= {line: command for line, (command, _, _) in drivers.items()}
    took = {line: [] for line in commands}
    rows = {}
    for turn in range(rounds):
        order = list(commands) if turn % 2 == 0 else list(reversed(commands))
        for line in order:
            command = commands[line]
            if is_written(command):
                make_ready(command, int(command[2]))
            took[line].append(run(command))
            if is_written(command):
                rows[line] = stored()
    if len(set(rows.values())) > 1:
        sys.exit(f"{name}: what is stored differs: {rows}")
    return {line: {key: statistics.median(one[key] for one in all_rounds) for key in ("wall", "cpu", "memory")} for line, all_rounds in took.items()}


def show(work, results):
    """Prints the work's lines, and returns them for the machine."""
    name, floors, _, drivers, memory_max = work
    floor = results[next(iter(floors))]["wall"]
    peer = results.get("psqlODBC", {}).get("wall")
    print(f"\n{name}")
    lines = []
    for line, one in results.items():
        text = f"  {line:30} {one['wall']:9.3f} s {one['wall'] / floor:6.2f} {one['wall'] / peer if peer else float('nan'):6.2f} {one['cpu']:9.3f} s {one['memory']:8.0f} kB"
        entry = {"work": name, "line": line, **one, "to_floor": one["wall"] / floor, "to_psqlodbc": one["wall"] / peer if peer else None}
        if line in drivers:
            _, other, most = drivers[line]
            base = floor if other == "floor" else peer
            met = None if base is None else one["wall"] <= most * base and (memory_max is None or one["memory"] <= memory_max)
            text += f"   target {most:.2f} of {other}" + (f", {memory_max} kB" if memory_max else "") + {None: "", True: ": met", False: ": missed"}[met]
            entry |= {"target": most, "target_of": other, "memory_max": memory_max, "met": met}
        print(text)
        lines.append(entry)
    return lines


LIBRARIES = ("liballoydbodbc", "libpq", "libc", "libodbc")


def count_instructions(command, folder):
    """Instructions by library of a program under callgrind."""
    out = pathlib.Path(folder, "callgrind.out")
    subprocess.run(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    text = subprocess.run(["callgrind_annotate", "--threshold=100", str(out)], stdout=subprocess.PIPE, text=True, check=True).stdout
    counts = dict.fromkeys(LIBRARIES, 0)
    for number, path in re.findall(r"^\s*([\d,]+) \(.*\[(.+)\]$", text, re.M):
        library = pathlib.PurePath(path).name.split(".so")[0]
        if library in counts:
            counts[library] += int(number.replace(",", ""))
    return counts


def instructions():
    """(what, instructions a row by library): the difference of two sizes, so that connecting does not count."""
    few, many = 10000, 30000
    ways = {"10 columns, bound": lambda n: fetch("bound", DIRECT, f"{QUERY} limit {n}"), "10 columns, SQLGetData": lambda n: fetch("getdata", DIRECT, f"{QUERY} limit {n}"),
            "10 columns, SQL_C_WCHAR": lambda n: fetch("wide", DIRECT, f"{QUERY} limit {n}"), "10 columns, libpq alone": lambda n: libpq(f"{QUERY} limit {n}"),
            "2 narrow columns, bound": lambda n: fetch("bound", DIRECT, f"{NARROW} limit {n}"), "2 narrow columns, libpq alone": lambda n: libpq(f"{NARROW} limit {n}")}
    with tempfile.TemporaryDirectory() as folder:
        for what, command in ways.items():
            low, high = count_instructions(command(few), folder), count_instructions(command(many), folder)
            yield what, {library: (high[library] - low[library]) / (many - few) for library in LIBRARIES}


def page(facts, lines):
    """The results as a page of the documentation."""
    text = ["# Benchmarks\n",
            f"Made by `tests/bench/run --page packaging/docs/benchmarks.md {facts['rows']} {facts['rounds']}` on {facts['date']}: PostgreSQL {facts['server']} on loopback, "
            f"libpq {facts['libpq']}, psqlODBC {facts['psqlodbc']}, {facts['cpus']} processors ({facts['machine']}, Linux {facts['kernel']}). All of a work take turns; medians of "
            f"{facts['rounds']} rounds. Absolute times are this machine's; ratios are what to look at. The first line of each work is its floor: what does the same least. Every way reads the "
            "same values and stores the same rows, or there would be no table.\n"]
    work = None
    for line in lines:
        if line["work"] != work:
            work = line["work"]
            text.append(f"\n## {work[0].upper()}{work[1:]}\n\n| | wall, s | to the floor | to psqlODBC | CPU, s | memory, kB | target |\n|---|---|---|---|---|---|---|")
        peer = "" if line["to_psqlodbc"] is None else f"{line['to_psqlodbc']:.2f}"
        target = ""
        if "target" in line:
            limit = f", {line['memory_max']} kB" if line["memory_max"] else ""
            target = f"{line['target']:.2f} of {line['target_of']}{limit}: " + {None: "-", True: "met", False: "missed"}[line["met"]]
        text.append(f"| {line['line']} | {line['wall']:.3f} | {line['to_floor']:.2f} | {peer} | {line['cpu']:.3f} | {line['memory']:.0f} | {target} |")
    text.append("\n## Instructions a row\n\nCounted by callgrind, the same each time. Where a target above is missed this is where the time goes: libpq makes a PGresult for each row, which "
                "the driver's own work comes on top of; and an application that calls SQLGetData for each cell pays for the way through driver manager and driver each time.\n\n| | "
                + " | ".join(LIBRARIES) + " | all |\n|---|" + "---|" * (len(LIBRARIES) + 1))
    for what, counts in instructions():
        text.append(f"| {what} | " + " | ".join(f"{count:.0f}" for count in counts.values()) + f" | {sum(counts.values()):.0f} |")
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description="The driver beside libpq and psqlODBC.")
    parser.add_argument("rows", nargs="?", type=int, default=1000000)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--only", default="", help="only works whose name contains this")
    parser.add_argument("--page", type=pathlib.Path, help="a page to write")
    parser.add_argument("--results", type=pathlib.Path, help="a JSON file to write")
    args = parser.parse_args(sys.argv[1:])
    rows = args.rows
    sql("drop table if exists bench_narrow", "create table bench_narrow as select g as id, g / 7.0::float8 as ratio from generate_series(1, "
        f"{3 * rows}) g", "vacuum analyze bench_narrow", f"grant select on bench_narrow to {USER}", "checkpoint")
    same_values(QUERY)
    same_values(NARROW)
    facts = {"date": datetime.date.today().isoformat(), "server": sql("show server_version"), "machine": platform.machine(), "kernel": platform.release(),
             "cpus": os.cpu_count(), "psqlodbc": os.environ.get("PSQLODBC_VERSION"), "libpq": os.environ.get("LIBPQ_VERSION"), "rows": rows, "rounds": args.rounds}
    print("  ".join(f"{key} {value}" for key, value in facts.items()))
    print(f"medians of {args.rounds} rounds; ratios to the first line of each work and to psqlODBC\n{'':33}{'wall':>10} {'floor':>7} {'psqlODBC':>7} {'CPU':>9} {'memory':>11}")
    lines = []
    for work in works(rows, max(rows // 10, 1000), max(rows // 10, 1000), min(rows, 20000), max(min(rows // 1000, 500), 10)):
        if args.only in work[0]:
            lines += show(work, measure(work, args.rounds))
    if args.results:
        args.results.write_text(json.dumps({**facts, "results": lines}, indent=1) + "\n")
    if args.page:
        args.page.write_text(page(facts, lines))


main()
