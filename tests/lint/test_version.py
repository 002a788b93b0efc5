#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""There is one version, that of project() in CMakeLists.txt: the Python packages and the newest entry of the changelog say the same."""
import datetime
import pathlib
import re
import tempfile

import lint

PROJECT = re.compile(r"^project\(alloydb_odbc VERSION (\d+\.\d+\.\d+)\b", re.M)
PYTHON = re.compile(r'^(?:__)?version(?:__)? = "([^"]*)"', re.M)
HEADING = re.compile(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def changelog(root):
    """Its headings that are wrong, and its newest version with its line."""
    path = root / "packaging/CHANGELOG.md"
    found, versions, days = [], [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("## ") or line == "## [Unreleased]":
            continue
        heading = HEADING.fullmatch(line)
        try:
            day = datetime.date.fromisoformat(heading.group(2)) if heading else None
        except ValueError:
            day = None
        if day is None:
            found.append(f"{lint.where(path, root, number)}: not of the form \"## [1.2.3] - 2026-01-31\", which the packages' changelogs are made from")
            continue
        versions.append((tuple(map(int, heading.group(1).split("."))), heading.group(1), number))
        days.append(day)
        if len(days) > 1 and (days[-2] < day or versions[-2][0] <= versions[-1][0]):
            found.append(f"{lint.where(path, root, number)}: {heading.group(1)} stands below an older one")
    return found, versions[0][1:] if versions else ("none", 1)


def check(root):
    project = PROJECT.search((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    if not project:
        return ["CMakeLists.txt:1: project(alloydb_odbc VERSION …) is not there"]
    version = project.group(1)
    found, (newest, line) = changelog(root)
    said = [(root / "packaging/CHANGELOG.md", line, newest)]
    sources = [root / "packaging/sqlalchemy/pyproject.toml", root / "packaging/superset/pyproject.toml", root / "packaging/sqlalchemy/sqlalchemy_alloydb/__init__.py"]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        match = PYTHON.search(text)
        said.append((path, line_of(text, match), match.group(1)) if match else (path, 1, "none"))
    return found + [f"{lint.where(path, root, number)}: the version is {other}; CMakeLists.txt has {version}" for path, number, other in said if other != version]


GOOD = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(alloydb_odbc VERSION 1.2.0 LANGUAGES C)\n",
    "packaging/CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-01\n\n- b\n\n## [1.1.9] - 2026-01-01\n\n- a\n",
    "packaging/sqlalchemy/pyproject.toml": '[project]\nversion = "1.2.0"\n',
    "packaging/superset/pyproject.toml": '[project]\nversion = "1.2.0"\n',
    "packaging/sqlalchemy/sqlalchemy_alloydb/__init__.py": '__version__ = "1.2.0"\n',
}


def violation(path, old, new):
    assert GOOD[path].count(old) == 1, (path, old)
    return {**GOOD, path: GOOD[path].replace(old, new)}


VIOLATIONS = [
    violation("CMakeLists.txt", "1.2.0", "1.2.1"),
    violation("CMakeLists.txt", "VERSION 1.2.0 ", ""),
    violation("packaging/CHANGELOG.md", "[1.2.0]", "[1.3.0]"),
    violation("packaging/CHANGELOG.md", "[1.2.0] - 2026-02-01", "[1.2.0] - 2026-02-30"),
    violation("packaging/CHANGELOG.md", "[1.2.0] - 2026-02-01", "1.2.0"),
    violation("packaging/CHANGELOG.md", "2026-01-01", "2026-03-01"),
    violation("packaging/CHANGELOG.md", "[1.1.9]", "[1.2.0]"),
    violation("packaging/sqlalchemy/pyproject.toml", "1.2.0", "1.1.0"),
    violation("packaging/superset/pyproject.toml", 'version = "1.2.0"\n', ""),
    violation("packaging/sqlalchemy/sqlalchemy_alloydb/__init__.py", "1.2.0", "0.1.0"),
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lint.plant(pathlib.Path(folder), GOOD)
        assert check(pathlib.Path(folder)) == [], check(pathlib.Path(folder))
    lint.main(check, VIOLATIONS)
