# SPDX-License-Identifier: Apache-2.0
"""Writes rows as Python programs do, in one transaction where the library has them. Usage: python_write.py WAY ROWS TARGET

WAY: pyodbc, pyodbc-fast, arrow-odbc, turbodbc (TARGET: a connection string of ODBC), psycopg, psycopg-copy, adbc (a conninfo, a URI).
The rows are those of write.h. They are there in the form that the library takes before the time begins, which ends with the commit. Prints one line: as usage.h says.
"""
import datetime
import sys

from python_usage import Usage

INSERT = "insert into bench_write values (?, ?, ?, ?)"


def columns(count):
    ids = range(1, count + 1)
    return {"id": list(ids), "n": [i * 7919 % 1000003 for i in ids], "name": [f"customer number {i}" for i in ids],
            "at": [datetime.datetime(2020, 1, i % 31 + 1) + datetime.timedelta(seconds=i * 37 % 86400) for i in ids]}


def rows(count):
    return list(zip(*columns(count).values()))


def table(count):
    import pyarrow

    types = pyarrow.schema([("id", pyarrow.int64()), ("n", pyarrow.int32()), ("name", pyarrow.string()), ("at", pyarrow.timestamp("us"))])
    return pyarrow.table(columns(count), schema=types)


def pyodbc(target, count, fast=False):
    import pyodbc

    connection = pyodbc.connect(target)
    cursor = connection.cursor()
    cursor.fast_executemany = fast
    data = rows(count)
    usage = Usage()
    cursor.executemany(INSERT, data)
    connection.commit()
    return usage


def pyodbc_fast(target, count):
    return pyodbc(target, count, True)


def psycopg(target, count):
    import psycopg

    connection = psycopg.connect(target)
    data = rows(count)
    usage = Usage()
    connection.cursor().executemany(INSERT.replace("?", "%s"), data)
    connection.commit()
    return usage


def psycopg_copy(target, count):
    import psycopg

    connection = psycopg.connect(target)
    data = rows(count)
    usage = Usage()
    with connection.cursor().copy("copy bench_write from stdin") as copy:
        for row in data:
            copy.write_row(row)
    connection.commit()
    return usage


def adbc(target, count):
    import adbc_driver_postgresql.dbapi

    connection = adbc_driver_postgresql.dbapi.connect(target)
    data = table(count)
    usage = Usage()
    connection.cursor().adbc_ingest("bench_write", data, mode="append")
    connection.commit()
    return usage


def arrow_odbc(target, count):
    import arrow_odbc
    import pyarrow

    connection = arrow_odbc.connect(target, autocommit=False)
    data = table(count)
    usage = Usage()
    connection.insert_into_table(pyarrow.RecordBatchReader.from_batches(data.schema, data.to_batches()), chunk_size=1000, table="bench_write")
    connection.commit()
    return usage


def turbodbc(target, count):
    import numpy
    import turbodbc

    connection = turbodbc.connect(connection_string=target, turbodbc_options=turbodbc.make_options(parameter_sets_to_buffer=1000))
    data = columns(count)
    arrays = [numpy.array(data["id"], "int64"), numpy.array(data["n"], "int64"), numpy.array(data["name"], object), numpy.array(data["at"], "datetime64[us]")]
    usage = Usage()
    connection.cursor().executemanycolumns(INSERT, arrays)
    connection.commit()
    return usage


WAYS = {"pyodbc": pyodbc, "pyodbc-fast": pyodbc_fast, "arrow-odbc": arrow_odbc, "turbodbc": turbodbc, "psycopg": psycopg, "psycopg-copy": psycopg_copy, "adbc": adbc}


def main():
    _, way, count, target = sys.argv
    usage = WAYS[way](target, int(count))
    usage.stop()
    usage.show(int(count), int(count))


main()
