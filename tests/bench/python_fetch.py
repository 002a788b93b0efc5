# SPDX-License-Identifier: Apache-2.0
"""Reads a whole result as Python programs do. Usage: python_fetch.py WAY TARGET QUERY

WAY: pyodbc, arrow-odbc, turbodbc-numpy, turbodbc-arrow (TARGET: a connection string of ODBC), psycopg, adbc (a conninfo, a URI).
The time is that from executing to having all rows as the library gives them. Prints one line: as usage.h says. The check sum is the number of rows; with BENCH_VALUES in the
environment that of the values, which takes its time.
"""
import os
import sys

from python_usage import Usage, check_sum


def with_rows(connection, query):
    cursor = connection.cursor()
    usage = Usage()
    cursor.execute(query)
    rows = cursor.fetchall()
    usage.stop()
    return usage, [column[0] for column in cursor.description], lambda: zip(*rows), len(rows)


def pyodbc(target, query):
    import pyodbc

    return with_rows(pyodbc.connect(target), query)


def psycopg(target, query):
    import psycopg

    connection = psycopg.connect(target)
    cursor = connection.cursor(binary=True)
    usage = Usage()
    cursor.execute(query)
    rows = cursor.fetchall()
    usage.stop()
    return usage, [column.name for column in cursor.description], lambda: zip(*rows), len(rows)


def of_table(usage, table):
    return usage, table.column_names, lambda: [column.to_pylist() for column in table.columns], table.num_rows


def arrow_odbc(target, query):
    import arrow_odbc
    import pyarrow

    def exact(schema):
        """psqlODBC calls a boolean characters, and gives a numeric without precision one, which would cut it."""
        types = {"ratio": pyarrow.string(), "ok": pyarrow.bool_()}
        return pyarrow.schema([field.with_type(types.get(field.name, field.type)) for field in schema])

    connection = arrow_odbc.connect(target)
    usage = Usage()
    reader = connection.read_arrow_batches(query, batch_size=10000, max_text_size=64, map_schema=exact)
    table = pyarrow.Table.from_batches(reader, reader.schema)
    usage.stop()
    return of_table(usage, table)


def adbc(target, query):
    import adbc_driver_postgresql.dbapi

    cursor = adbc_driver_postgresql.dbapi.connect(target).cursor()
    usage = Usage()
    cursor.execute(query)
    table = cursor.fetch_arrow_table()
    usage.stop()
    return of_table(usage, table)


def turbodbc_cursor(target):
    import turbodbc

    options = turbodbc.make_options(read_buffer_size=turbodbc.Rows(10000), varchar_max_character_limit=64, limit_varchar_results_to_max=True, prefer_unicode=False)
    return turbodbc.connect(connection_string=target, turbodbc_options=options).cursor()


def turbodbc_arrow(target, query):
    cursor = turbodbc_cursor(target)
    usage = Usage()
    cursor.execute(query)
    table = cursor.fetchallarrow()
    usage.stop()
    return of_table(usage, table)


def turbodbc_numpy(target, query):
    cursor = turbodbc_cursor(target)
    usage = Usage()
    cursor.execute(query)
    columns = cursor.fetchallnumpy()
    usage.stop()
    return usage, list(columns), lambda: [column.tolist() for column in columns.values()], len(next(iter(columns.values())))


WAYS = {"pyodbc": pyodbc, "arrow-odbc": arrow_odbc, "turbodbc-numpy": turbodbc_numpy, "turbodbc-arrow": turbodbc_arrow, "psycopg": psycopg, "adbc": adbc}


def main():
    _, way, target, query = sys.argv
    usage, names, columns, count = WAYS[way](target, query)
    usage.show(count, check_sum(names, columns()) if "BENCH_VALUES" in os.environ else count)


main()
