# SPDX-License-Identifier: Apache-2.0
"""SQLAlchemy's own requirements, of its source archive. Where they go by names of drivers, this one is added: nothing is left out."""

from sqlalchemy.testing import exclusions
from test.requirements import DefaultRequirements


class Requirements(DefaultRequirements):
    @property
    def infinity_floats(self):
        return exclusions.open()

    @property
    def range_types(self):
        return exclusions.only_on(["+pyodbc", "+psycopg2", "+psycopg"])

    @property
    def multirange_types(self):
        return exclusions.only_on(["+pyodbc", "+psycopg"]) + exclusions.only_on("postgresql >= 14")

    @property
    def rowcount_always_cached_on_insert(self):
        return exclusions.only_on(["mssql", "+pyodbc"])  # pyodbc's cursor forgets its count when it is closed, and the counts of batches are summed
