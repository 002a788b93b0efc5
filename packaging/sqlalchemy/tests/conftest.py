# SPDX-License-Identifier: Apache-2.0
"""Where the server is: what tests/run exports. Without it only the tests that need none run."""

import importlib.metadata
import os

import pytest
import sqlalchemy
from sqlalchemy import create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.engine.url import URL

SQLALCHEMY_2 = sqlalchemy.__version__.startswith("2.")

# A package that is used as it lies there has no entry points; one that is installed has its own.
try:
    importlib.metadata.version("sqlalchemy-alloydb")
except importlib.metadata.PackageNotFoundError:
    for name in ("alloydb", "alloydb.pyodbc", "postgresql.pyodbc"):
        registry.register(name, "sqlalchemy_alloydb", "AlloyDBDialect")


def fact(name):
    value = os.environ.get(f"ALDB_TEST_{name}")
    if value is None:
        pytest.skip(f"ALDB_TEST_{name} is not set; tests/run starts a server and sets it")
    return value


@pytest.fixture
def url():
    """The server's, in the host form."""
    return URL.create("alloydb+pyodbc", fact("USER"), fact("PASSWORD"), fact("HOST"), int(fact("PORT")), fact("DATABASE"))


@pytest.fixture
def engine(url):
    made = create_engine(url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine):
    """In a transaction that is rolled back."""
    with engine.connect() as made:
        transaction = made.begin()
        yield made
        transaction.rollback()
