#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""packaging/doc/conformance.md lists each function of driver/info/functions.def and each answer of driver/info/getinfo.def as they are.

Two tables stand between the lines "<!-- functions -->" or "<!-- info -->" and "<!-- end -->". Their last column is written by people; the others are made from
the driver's tables and compared. `--write` puts what was made into the document and keeps the remarks.
"""
import pathlib
import re
import subprocess
import sys

import lint

FUNCTIONS = "driver/info/functions.def"
INFO = "driver/info/getinfo.def"
DOCUMENT = "packaging/doc/conformance.md"
HEADS = {"functions": "| Function | Exported | |", "info": "| Information type | Answer | |"}
RULE = "|---|---|---|"


def rows(root, table, *macros):
    """(macro, its arguments as one text) of each row; macros of the table itself are expanded, ODBC's names are not."""
    define = [f"-DALDB_{m}(...)=ROW<<{m}:__VA_ARGS__>>" for m in macros]
    text = subprocess.run(["cc", "-E", "-P", "-xc", *define, str(root / table)], check=True, capture_output=True, text=True).stdout
    return [(macro, " ".join(args.split())) for macro, args in re.findall(r"ROW<<(\w+):(.*?)>>", text, re.DOTALL)]


def functions(root):
    for _, args in rows(root, FUNCTIONS, "FUNCTION"):
        number, name, supported = args.split(", ")
        yield name, "yes" if supported == "true" else "no"


def answer(macro, value):
    if macro.endswith("_OF"):
        return "found out: `" + value + "`"
    if value == '""':
        return "empty"
    value = re.sub(r'"\s*"', "", value).replace("|", "\\|")
    return f"`{value}`" if len(value) <= 400 else f"`{value[:200].rsplit(',', 1)[0]}`, …"


def info(root):
    macros = ("INFO_S", "INFO_S_OF", "INFO_16", "INFO_32", "INFO_32_OF", "INFO_H_OF")
    for macro, args in rows(root, INFO, *macros):
        name, value = args.split(", ", 1)
        yield name, answer(macro, value)


def made(root):
    """Rows without their remarks; one name has one row, however many numbers it has."""
    tables = {"functions": functions(root), "info": info(root)}
    return {marker: list(dict(table).items()) for marker, table in tables.items()}


def written(text):
    """marker -> [(line number, name, answer, remark)]"""
    found = {}
    for marker, (first, lines) in lint.sections(text, "functions|info").items():
        found[marker] = []
        for number, line in enumerate(lines, first):
            if line in (HEADS[marker], RULE):
                continue
            cells = re.split(r"(?<!\\) \| |^\| | \|$", line)
            found[marker].append((number, cells[1].strip("`"), cells[2], " | ".join(cells[3:-1]).strip()) if len(cells) > 3 else (number, line, "", ""))
    return found


def check(root):
    document = root / DOCUMENT
    there = written(document.read_text(encoding="utf-8")) if document.exists() else {}
    found = []
    for marker, table in made(root).items():
        has = [(name, value) for _, name, value, _ in there.get(marker, [])]
        lines = {name: number for number, name, _, _ in there.get(marker, [])}
        found += [f"{DOCUMENT}:1: {name} is missing, or is not {value}" for name, value in table if (name, value) not in has]
        found += [f"{DOCUMENT}:{lines[name]}: {name} is not {value}" for name, value in has if (name, value) not in table]
        if not found and has != table:
            found.append(f"{DOCUMENT}:1: the order of <!-- {marker} --> is not that of the driver's table")
    for number, name, value, remark in there.get("functions", []):
        if value == "no" and not remark:
            found.append(f"{DOCUMENT}:{number}: why is {name} not exported?")
    return found


def write(root):
    document = root / DOCUMENT
    there = written(document.read_text(encoding="utf-8"))
    tables = {}
    for marker, table in made(root).items():
        remarks = {name: remark for _, name, _, remark in there.get(marker, [])}
        tables[marker] = [HEADS[marker], RULE] + [f"| `{name}` | {value} | {remarks.get(name, '')} |" for name, value in table]
    lint.write_sections(document, tables)


PAGE = "<!-- functions -->\n{}\n<!-- end -->\n<!-- info -->\n{}\n<!-- end -->\n"
ONE = {FUNCTIONS: "ALDB_FUNCTION(1, SQLFoo, false)\n", INFO: 'ALDB_INFO_16(SQL_A, 1)\n'}
VIOLATIONS = [
    {**ONE, DOCUMENT: PAGE.format("", "| `SQL_A` | `1` |  |")},
    {**ONE, DOCUMENT: PAGE.format("| `SQLFoo` | yes | x |", "| `SQL_A` | `1` |  |")},
    {**ONE, DOCUMENT: PAGE.format("| `SQLFoo` | no |  |", "| `SQL_A` | `1` |  |")},
    {**ONE, DOCUMENT: PAGE.format("| `SQLFoo` | no | x |", "| `SQL_A` | `2` |  |")},
    {**ONE, DOCUMENT: PAGE.format("| `SQLFoo` | no | x |\n| `SQLBar` | no | x |", "| `SQL_A` | `1` |  |")},
]

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(pathlib.Path(__file__).resolve().parents[2])
    else:
        lint.main(check, VIOLATIONS)
