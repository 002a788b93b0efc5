# SPDX-License-Identifier: Apache-2.0
"""pytest plug-in: marks the tests listed in pyodbc-deviations.list as expected to fail, strictly; and fails on a name that no test has."""
import pathlib

import pytest


def deviations():
    text = pathlib.Path(__file__).with_name("pyodbc-deviations.list").read_text(encoding="utf-8")
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name: reason for name, reason in lines}


def pytest_collection_modifyitems(items):
    known = deviations()
    for item in items:
        if item.name in known:
            item.add_marker(pytest.mark.xfail(reason=known.pop(item.name), strict=True))
    if known:
        raise pytest.UsageError(f"pyodbc-deviations.list names tests that do not exist: {', '.join(known)}")
