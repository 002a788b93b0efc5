# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/run measures: work by work, what does it least (the floor), psqlODBC where it is there, and the driver, in turns.

All of them must read the same values, and behind each timed write the same rows must be stored; else the status is 1. Times never make it so.
A line a contender: the median of the rounds' wall time, its ratio to the floor and to psqlODBC, CPU time (user + system) of the program, and its peak memory.
The works: works.py (C programs), works_python.py, works_connector.py; tables of their own: works_threads.py, works_growth.py. The page: page.py.
"""
import argparse
import datetime
import os
import pathlib
import platform
import sys

import page
import works
import works_connector
import works_growth
import works_python
import works_threads
from measure import FEW, HAS_PEER, QUERY, USER, contenders, measure, same_values, show, sql, write_json


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description="The driver beside libpq, psqlODBC and others.")
    parser.add_argument("rows", nargs="?", type=int, default=1000000)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--only", default="", help="only works whose name contains this; \"threads\", \"growth\" and \"handles\" are the tables of those")
    parser.add_argument("--page", type=pathlib.Path, help="a page to write")
    parser.add_argument("--results", type=pathlib.Path, help="a JSON file to write")
    return parser.parse_args(sys.argv[1:])


def all_works(rows, there):
    """Sizes follow the number of rows; a small one is what CI runs."""
    yield from works.reading(rows)
    yield from works.first_row(rows, min(200, max(rows // 100, 10)), 2)
    yield from works.writing(max(rows // 10, 1000), max(rows // 10, 1000))
    yield from works.calls(min(rows, 20000), max(min(rows // 1000, 500), 10))
    yield from works_python.works(there, min(rows, 100000), min(max(rows // 50, 200), 10000))
    yield from works_connector.works(rows, min(rows, 20000), max(min(rows // 5000, 100), 5))


def main():
    args = arguments()
    rows, rounds = args.rows, args.rounds
    sql("drop table if exists bench_narrow", "create table bench_narrow as select g as id, g / 7.0::float8 as ratio from generate_series(1, "
        f"{3 * rows}) g", "vacuum analyze bench_narrow", f"grant select on bench_narrow to {USER}", "checkpoint")
    there = works_python.versions()
    facts = {"date": datetime.date.today().isoformat(), "server": sql("show server_version"), "machine": platform.machine(), "kernel": platform.release(),
             "cpus": os.cpu_count(), "load": f"{os.getloadavg()[0]:.1f}", "psqlodbc": os.environ.get("PSQLODBC_VERSION"), "libpq": os.environ.get("LIBPQ_VERSION"),
             "unixodbc": os.environ.get("UNIXODBC_VERSION"), "rows": rows, "rounds": rounds, "few": FEW, "libraries": there, "connector": "ALLOYDB_EMULATOR_STATE" in os.environ}
    print("  ".join(f"{key} {value}" for key, value in facts.items() if key != "libraries"))
    print(works_python.told(there))
    for query in (QUERY, works.NARROW):
        same_values(query, {line: program for line, program in works.values(query).items() if HAS_PEER or not line.startswith("psqlODBC")})
    print(f"medians of {rounds} rounds; ratios to the first line of each work and to psqlODBC\n{'':38} {'wall':>11} {'floor':>7} {'psqlODBC':>7} {'CPU':>11} {'memory':>11}")
    measured = [(work, show(work, measure(work, rounds))) for work in all_works(rows, there) if args.only in work.name and contenders(work)]
    wanted = {table for table in ("threads", "growth", "handles") if args.only in table}
    threads = list(works_threads.run(min(max(rows // 5, 500), 20000), rows // 20, 400, rounds)) if "threads" in wanted else []
    locks = list(works_threads.run_locks(min(rows // 100, 1000))) if "threads" in wanted else []
    growth = list(works_growth.run_growth(rows, max(rows // 100, 1000), max(rows // 10, 4000), rounds)) if "growth" in wanted else []
    handles = list(works_growth.run_handles(max(min(rows // 100, 10000), 100), max(min(rows // 1000, 1000), 20))) if "handles" in wanted else []
    if args.results:
        write_json(args.results, facts, [one for _, lines in measured for one in lines], {"threads": threads, "locks": locks, "growth": growth, "handles": handles})
    if args.page:
        args.page.write_text(page.page(facts, measured, threads, locks, growth, handles))


main()
