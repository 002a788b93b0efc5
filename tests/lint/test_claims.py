#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tests that packaging/doc/security.md and logging.md name for their claims exist, with the cases that stand in parentheses behind a name, and no row of a table with a column
"test" leaves it empty."""
import re

import lint

DOCUMENTS = ("packaging/doc/security.md", "packaging/doc/logging.md")
PLACES = {"unit": "tests/unit/test_{}.c", "odbc": "tests/odbc/test_{}.c", "client": "tests/clients/test_{}.*", "lint": "tests/lint/test_{}.py", "fuzz": "tests/fuzz/fuzz_{}.c"}
NAMED = re.compile(r"`(unit|odbc|client|lint|fuzz)_([a-z0-9_]+)`(?: \(([^)]*)\))?")
PATH = re.compile(r"`(tests/[\w/.-]+)`")


def check_names(root, line):
    for kind, name, cases in NAMED.findall(line):
        found = list(root.glob(PLACES[kind].format(name)))
        if len(found) != 1:
            yield f"no test {kind}_{name}"
            continue
        text = found[0].read_text(encoding="utf-8")
        for case in re.split(r"; ", cases) if cases else ():
            if f'"{case}"' not in text:
                yield f"{found[0].name} has no case \"{case}\""
    for path in PATH.findall(line):
        if not (root / path).is_file():
            yield f"no file {path}"


def check(root):
    wrong = []
    for document in DOCUMENTS:
        column = False
        path = root / document
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n") if path.exists() else (), 1):
            wrong += [f"{document}:{number}: {what}" for what in check_names(root, line)]
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
            if not cells:
                column = False
            elif cells[-1] == "test":
                column = True
            elif column and not re.search(r"`|no test|—|---", cells[-1]):
                wrong.append(f"{document}:{number}: no test beside it, and no word that there is none")
    return wrong


TABLE = "| claim | test |\n|---|---|\n"
VIOLATIONS = [
    {"packaging/doc/security.md": TABLE + "| safe | `unit_none` |\n"},
    {"packaging/doc/security.md": TABLE + "| safe | `unit_log` (gone) |\n", "tests/unit/test_log.c": '{"there", f}'},
    {"packaging/doc/security.md": TABLE + "| safe | |\n"},
    {"packaging/doc/security.md": "It is safe (`odbc_none`).\n"},
    {"packaging/doc/logging.md": TABLE + "| quiet | `tests/unit/test_none.c` |\n"},
]

if __name__ == "__main__":
    lint.main(check, VIOLATIONS)
