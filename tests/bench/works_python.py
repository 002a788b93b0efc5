# SPDX-License-Identifier: Apache-2.0
"""The works of Python's and R's libraries. Which of them are there, and in which version, is found out, and told on the page."""
import os
import shutil
import subprocess

from measure import CONNINFO, DATABASE, DIRECT, HOST, PEER, PORT, QUERY, USER, Program, Target, Work

FOLDER = os.path.dirname(os.path.abspath(__file__)) + "/"
PYTHON = os.environ.get("BENCH_PYTHON", "")
URI = f"postgresql://{USER}@{HOST}:{PORT}/{DATABASE}?sslmode=disable&gssencmode=disable"
PACKAGES = ("pyodbc", "arrow-odbc", "turbodbc", "psycopg", "adbc-driver-postgresql", "pyarrow", "numpy")
ABSENT = "not there"


def said(*command):
    """What a command prints, or None where it fails or is missing."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False) if shutil.which(command[0]) else None
    return done.stdout.strip() if done and done.returncode == 0 else None


def versions():
    """{library: its version, or ABSENT}."""
    asks = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    found = {package: (said(PYTHON, "-c", asks, package) if PYTHON else None) or ABSENT for package in PACKAGES}
    return found | {"R's RODBC": said("Rscript", "-e", "cat(as.character(packageVersion('RODBC')))") or ABSENT}


def writes(way, rows, target):
    return Program(PYTHON, FOLDER + "python_write.py", way, rows, target, writes=("insert", rows))


def works(there, rows, singles):
    """Only those whose library is there."""
    query = f"{QUERY} limit {rows}"

    def reads(way, target):
        return Program(PYTHON, FOLDER + "python_fetch.py", way, target, query)

    def rodbc(target):
        return Program(shutil.which("Rscript"), FOLDER + "r_fetch.R", target, query)

    psycopg, adbc = there["psycopg"] != ABSENT, there["adbc-driver-postgresql"] != ABSENT
    rows_floor = {"psycopg 3, fetchall": reads("psycopg", CONNINFO)} if psycopg else {}
    arrow_floor = {"ADBC": reads("adbc", URI)} if adbc else {}
    ingest = {"ADBC, ingest": writes("adbc", rows, URI)} if adbc else {}
    for library, way, what, floor in (("pyodbc", "pyodbc", "pyodbc, fetchall", rows_floor), ("arrow-odbc", "arrow-odbc", "arrow-odbc, read to Arrow", arrow_floor),
                                      ("turbodbc", "turbodbc-arrow", "turbodbc, fetchallarrow", arrow_floor), ("turbodbc", "turbodbc-numpy", "turbodbc, fetchallnumpy", arrow_floor)):
        if there[library] != ABSENT:
            yield Work(f"Python: {what}, {rows} × 10", floor, reads(way, PEER), {"driver": reads(way, DIRECT)}, {"driver": Target(1.00, "psqlODBC")},
                       limit="What the library makes of the cells is most of the CPU time, and the same with either driver.", same_sum=True, few=True)
    if there["pyodbc"] != ABSENT:
        yield Work(f"Python: pyodbc, executemany, {singles} rows", {"psycopg 3, executemany": writes("psycopg", singles, CONNINFO)} if psycopg else {}, writes("pyodbc", singles, PEER),
                   {"driver, ErrorRollback=NONE": writes("pyodbc", singles, DIRECT + ";ErrorRollback=NONE"), "driver": writes("pyodbc", singles, DIRECT)},
                   {"driver": Target(1.00, "psqlODBC")},
                   note="pyodbc asks for the types of parameters and then executes row by row, a round trip each; psycopg sends them in a pipeline. In a transaction psqlODBC undoes a failed "
                        "statement as the driver does unless ErrorRollback is NONE.",
                   limit="A round trip a row, whatever the driver: the wall time is that of two processes waking each other.", few=True)
        yield Work(f"Python: pyodbc, fast_executemany, {rows} rows", {"psycopg 3, COPY": writes("psycopg-copy", rows, CONNINFO)} if psycopg else {}, writes("pyodbc-fast", rows, PEER),
                   {"driver": writes("pyodbc-fast", rows, DIRECT)}, {"driver": Target(1.00, "psqlODBC")}, few=True)
    for library, way, what in (("arrow-odbc", "arrow-odbc", "arrow-odbc, insert from Arrow"), ("turbodbc", "turbodbc", "turbodbc, executemanycolumns")):
        if there[library] != ABSENT:
            yield Work(f"Python: {what}, {rows} rows, arrays of 1000", ingest, writes(way, rows, PEER), {"driver": writes(way, rows, DIRECT)}, {"driver": Target(1.00, "psqlODBC")}, few=True)
    if there["R's RODBC"] != ABSENT:
        yield Work(f"R: RODBC, sqlQuery, {rows} × 10", {}, rodbc(PEER), {"driver": rodbc(DIRECT)}, {"driver": Target(1.00, "psqlODBC")}, same_sum=True, few=True)


def told(there):
    """A sentence about what was there."""
    present = ", ".join(f"{name} {version}" for name, version in there.items() if version != ABSENT)
    absent = ", ".join(name for name, version in there.items() if version == ABSENT)
    return f"Libraries of Python and R: {present or 'none'}." + (f" Not there, and so without rows in this page: {absent}." if absent else "")
