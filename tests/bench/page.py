# SPDX-License-Identifier: Apache-2.0
"""The page of the documentation, and the instructions that callgrind counts for it."""
import pathlib
import re
import subprocess
import tempfile

import works_growth
import works_python
import works_threads
from measure import CONNINFO, DIRECT, PROGRAMS, QUERY, number, target_text
from works import NARROW

LIBRARIES = ("liballoydbodbc", "libpq", "libc", "libodbc")


def own_costs(lines):
    """(object file, instructions) of each line of a profile. Names are in full where they come first; the line behind `calls=` is what the callee took."""
    names = {}
    current, called = "", False
    for line in lines:
        named = re.match(r"c?ob=\((\d+)\)(?: (.+))?$", line)
        if named:
            number_, name = named.groups()
            names[number_] = name or names[number_]
            current = current if line.startswith("c") else names[number_]
        elif line.startswith("calls="):
            called = True
        elif line[:1] in "0123456789+-*" and line:
            if not called:
                yield current, int(line.split()[-1])
            called = False


def count_instructions(command, folder):
    """Instructions by library of a program under callgrind."""
    out = pathlib.Path(folder, "callgrind.out")
    subprocess.run(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    counts = dict.fromkeys(LIBRARIES, 0)
    with out.open() as lines:
        for path, cost in own_costs(line.rstrip("\n") for line in lines):
            library = pathlib.PurePath(path).name.split(".so")[0]
            if library in counts:
                counts[library] += cost
    return counts


def instructions():
    """(what, instructions each by library): the difference of two sizes, so that connecting does not count."""

    def fetch(mode, query):
        return (10000, 30000), lambda n: [PROGRAMS + "odbc_fetch", mode, DIRECT, f"{query} limit {n}"]

    def libpq(query):
        return (10000, 30000), lambda n: [PROGRAMS + "pq_single_row", CONNINFO, f"{query} limit {n}"]

    def point(program, target, marker):
        return (1000, 3000), lambda n: [PROGRAMS + program, "point", str(n), target, f"{QUERY} where id = {marker}"]

    ways = {"row of 10 columns, bound": fetch("bound", QUERY), "row of 10 columns, SQLGetData": fetch("getdata", QUERY), "row of 10 columns, SQL_C_WCHAR": fetch("wide", QUERY),
            "row of 10 columns, libpq alone": libpq(QUERY), "row of 2 narrow columns, bound": fetch("bound", NARROW), "row of 2 narrow columns, libpq alone": libpq(NARROW),
            "point query, prepared": point("odbc_calls", DIRECT, "?"), "point query, libpq alone": point("pq_calls", CONNINFO, "$1")}
    with tempfile.TemporaryDirectory() as folder:
        for what, ((few, many), command) in ways.items():
            low, high = count_instructions(command(few), folder), count_instructions(command(many), folder)
            yield what, {library: (high[library] - low[library]) / (many - few) for library in LIBRARIES}


def work_table(work, lines):
    text = [f"\n## {work.name[0].upper()}{work.name[1:]}\n"]
    if work.note:
        text.append(work.note + "\n")
    text.append("| | wall, s | to the floor | to psqlODBC | CPU, s | memory, kB | target |\n|---|---|---|---|---|---|---|")
    text += [f"| {one['line']} | {one['wall']:.3f} | {number(one['to_floor'])} | {number(one['to_psqlodbc'])} | {one['cpu']:.3f} | {one['memory']:.0f} | {target_text(one)} |" for one in lines]
    if work.limit and any(one.get("met") is False for one in lines):
        text.append(f"\nThe limit: {work.limit}")
    return text


def page(facts, measured, threads, locks, growth, handles):
    """measured: [(work, its lines)]."""
    missed = [f"{one['line']}: {work.name}" for work, lines in measured for one in lines if one.get("met") is False]
    text = ["# Benchmarks\n",
            f"Made by `tests/bench/run --page packaging/doc/benchmarks.md {facts['rows']} {facts['rounds']}` on {facts['date']}: PostgreSQL {facts['server']} on loopback, "
            f"libpq {facts['libpq']}, psqlODBC {facts['psqlodbc'] or 'not there'}, unixODBC {facts['unixodbc']}, {facts['cpus']} processors ({facts['machine']}, Linux {facts['kernel']}), load before it "
            f"{facts['load']}. {works_python.told(facts['libraries'])} All of a work take turns; medians of "
            f"{facts['rounds']} rounds, or of {min(facts['rounds'], facts['few'])} where one takes long (single executions, first rows, Python, R, the connector, threads, growth). Absolute times are this machine's; ratios are what to look at. The first line of each work is its floor where it has one: what does the same least. Every way reads the "
            "same values and stores the same rows, or there would be no table.\n",
            f"Targets missed: {len(missed)}. " + ("; ".join(missed) + ". Below each such table stands what the limit is." if missed else "") + "\n"]
    for work, lines in measured:
        text += work_table(work, lines)
    if not facts["connector"]:
        text.append("\nThe emulator was not there, and so there are no tables of the way to an AlloyDB instance in this page.")
    if threads:
        text += works_threads.page(threads, locks)
    if growth:
        text += works_growth.growth_page(growth)
    if handles:
        text += works_growth.handles_page(handles)
    text.append("\n## Instructions\n\nCounted by callgrind, the same each time. Where a target of fetching is missed this is where the time goes: libpq makes a PGresult for each row, which "
                "the driver's own work comes on top of; and an application that calls SQLGetData for each cell pays for the way through driver manager and driver each time.\n\n| | "
                + " | ".join(LIBRARIES) + " | all |\n|---|" + "---|" * (len(LIBRARIES) + 1))
    for what, counts in instructions():
        text.append(f"| {what} | " + " | ".join(f"{count:.0f}" for count in counts.values()) + f" | {sum(counts.values()):.0f} |")
    return "\n".join(text) + "\n"
