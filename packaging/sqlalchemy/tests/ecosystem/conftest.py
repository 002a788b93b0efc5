# SPDX-License-Identifier: Apache-2.0
"""A database of its own for each module, and two engines on it: this dialect's, and SQLAlchemy's own over psycopg2, whose results count as right."""

import os
import re

import pytest
from conftest import fact
from sqlalchemy import create_engine, text
from sqlalchemy.engine.url import URL

# Its packages are not those of the tests one folder up.
if "ALDB_TEST_ECOSYSTEM" not in os.environ:
    collect_ignore_glob = ["*"]

DRIVERS = {"alloydb": "alloydb+pyodbc", "psycopg2": "postgresql+psycopg2"}


def url_of(name, database, user=None, password=None):
    return URL.create(DRIVERS[name], user or fact("USER"), password or fact("PASSWORD"), fact("HOST"), int(fact("PORT")), database)


def execute(connection_string, *statements, **keywords):
    """By psycopg2 alone, which hands a text without parameters on as it is; gives the last one's rows."""
    import psycopg2

    connection = psycopg2.connect(connection_string, **keywords)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def administrate(*statements, **keywords):
    """As the server's superuser."""
    execute(fact("SUPER_CONNINFO"), *statements, **keywords)


@pytest.fixture(scope="module")
def database(request):
    """Made for this module, and empty: what others do to the server is not in it."""
    name = "aldb_eco_" + re.sub(r"\W", "_", request.module.__name__.rsplit(".", 1)[-1]) + f"_{os.getpid()}"
    administrate(f"create database {name} owner {fact('USER')} template template0 encoding 'UTF8' locale 'C.UTF-8'")
    yield name
    administrate(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def engines(database):
    made = {name: create_engine(url_of(name, database)) for name in DRIVERS}
    yield made
    for engine in made.values():
        engine.dispose()


@pytest.fixture(scope="module")
def run(database):
    """Runs statements as the application's user, each in a transaction of its own, and gives the last one's rows."""
    return lambda *statements: execute(fact("CONNINFO"), *statements, dbname=database)


@pytest.fixture(params=list(DRIVERS))
def engine(request, engines):
    """Each in turn: what a test of the application's expects has to be true of psycopg2, too."""
    return engines[request.param]


def rows(engine, statement):
    with engine.connect() as connection:
        return connection.execute(text(statement)).all()
