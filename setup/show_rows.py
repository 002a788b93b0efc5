# SPDX-License-Identifier: Apache-2.0
"""Runs a few queries through pyodbc and prints their rows. Usage: show_rows.py DSN"""
import datetime
import sys

import pyodbc


def show(title, cursor):
    print(f"  {title}")
    names = [column[0] for column in cursor.description]
    rows = [[str(value) for value in row] for row in cursor]
    widths = [max(map(len, cells)) for cells in zip(names, *rows)]
    for cells in [names, ["-" * width for width in widths], *rows]:
        print("    " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
    print()


def main():
    connection = pyodbc.connect(f"DSN={sys.argv[1]}")
    print(f"  pyodbc {pyodbc.version}, "
          f"{connection.getinfo(pyodbc.SQL_DRIVER_NAME)} {connection.getinfo(pyodbc.SQL_DRIVER_VER)}, "
          f"{connection.getinfo(pyodbc.SQL_DBMS_NAME)} {connection.getinfo(pyodbc.SQL_DBMS_VER)}\n")
    cursor = connection.cursor()

    show("The last orders before a day, for one country (two parameters):", cursor.execute(
        """select o.order_id, c.name, o.ordered_at, o.status, o.note
           from sales.orders o join sales.customers c using (customer_id)
           where c.country = ? and o.ordered_at < ? order by o.ordered_at desc limit 5""",
        "JP", datetime.datetime(2024, 2, 29, 18, 30)))

    show("Some columns of every type:", cursor.execute(
        """select a_bigint, a_numeric, a_timestamp, a_uuid, a_bytea, an_interval, texts
           from sales.every_type where id = 1"""))

    rows, total = 0, 0
    cursor.execute("select order_id, line, product_id, quantity, price from sales.order_items")
    while block := cursor.fetchmany(10000):
        rows += len(block)
        total += sum(row.quantity * row.price for row in block)
    print(f"  Read all {rows} order items in blocks of 10000; they add up to {total}.")
    connection.close()


if __name__ == "__main__":
    main()
