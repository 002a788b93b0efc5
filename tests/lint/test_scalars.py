#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The scalar functions of driver/sqltext/scalar.def are documented as they are, and each is tried in every way.

packaging/doc/sql.md has one table a group between the lines "<!-- scalar: GROUP -->" and "<!-- end -->", and two for intervals and for types. This
test makes each from scalar.def and compares; `--write` puts what was made into the document. Then it looks for the cases in tests/escapes that each row
has to have: with values, with columns, with NULL for each argument, with a parameter marker for each.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import lint

TABLE = "driver/sqltext/scalar.def"
DOCUMENT = "packaging/doc/sql.md"
CASES = "tests/escapes"
GROUPS = {"string": "S", "numeric": "N", "datetime": "T", "system": "Y"}
LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')
SHOWN = 240  # characters of an expression that a reader can still take in
COLUMNS = {"s", "n", "b", "f", "m", "c", "v", "d", "ti", "ts", "tz", "y", "o", "j", "z"}  # of the table in odbc/test_escapes.c


def rows(root, macro):
    """Arguments of each ALDB_<macro> row, macros in them expanded; strings without quotes."""
    text = subprocess.run(["cc", "-E", "-P", "-xc", f"-DALDB_{macro}(...)=ROW<<__VA_ARGS__>>", str(root / TABLE)],
                          check=True, capture_output=True, text=True).stdout
    out = []
    for row in re.findall(r"ROW<<(.*?)>>", text, re.DOTALL):
        pieces, args = LITERAL.findall(row), []
        for arg in LITERAL.sub("\0", row).split(","):
            count = arg.count("\0")
            args.append("".join(pieces[:count]).replace('\\"', '"').replace("\\\\", "\\") if count else arg.strip())
            pieces = pieces[count:]
        out.append(args)
    return out


def expression(template):
    """As a reader wants it: arguments as letters, PostgreSQL's names without their schema."""
    text = re.sub(r"[$#](\d)", lambda m: "abcd"[int(m.group(1)) - 1], re.sub(r"OPERATOR\(pg_catalog\.([^)]+)\)", r"\1", template).replace("pg_catalog.", ""))
    text = re.sub(r"@(\d)", lambda m: "abcd"[int(m.group(1)) - 1] + "::timestamp", text)
    return f"`{text.replace('|', chr(92) + '|')}`" if len(text) <= SHOWN else "long: SQLNativeSql shows it"


def call(name, nargs, form):
    letters = ["a", "b", "c", "d"][:nargs]
    if form in ("ADD", "DIFF"):
        letters[0] = "interval"
    if form == "TYPE":
        letters[1] = "type"
    return f"{name}({(' ' + form + ' ' if form in ('IN', 'FROM') else ', ').join(letters)})"


def tables(root):
    scalars = rows(root, "SCALAR")
    made = {}
    for group, letter in GROUPS.items():
        lines = ["| Function | PostgreSQL |", "|---|---|"]
        for name, of, _, nargs, form, _, template in scalars:
            if of == f"'{letter}'":
                lines.append(f"| `{call(name, int(nargs), form)}` | {expression(template) if template != '((void *)0)' and template != 'NULL' else 'see below'} |")
        made[f"scalar: {group}"] = lines
    lines = ["| Interval | `TIMESTAMPADD(interval, b, c)` | `TIMESTAMPDIFF(interval, b, c)` |", "|---|---|---|"]
    lines += [f"| `SQL_TSI_{name}` | {expression(add)} | {expression(diff)} |" for name, _, add, diff in rows(root, "INTERVAL")]
    made["intervals"] = lines
    lines = ["| Type | PostgreSQL |", "|---|---|"]
    for name, template in rows(root, "CONVERT"):
        modifier = "(n)" if "$2" in template else ""
        lines.append(f"| `SQL_{name}{modifier}` | {expression(template.replace('$2', modifier))} |")
    made["types"] = lines
    return made


def documented(root):
    made, found = tables(root), []
    document = root / DOCUMENT
    there = lint.sections(document.read_text(encoding="utf-8"), r"scalar: \w+|intervals|types") if document.exists() else {}
    for marker, lines in made.items():
        first, written = there.get(marker, (1, []))
        found += [f"{DOCUMENT}:{first + n}: not so in {TABLE}: {line}" for n, line in enumerate(written) if line not in lines]
        found += [f"{DOCUMENT}:{first}: missing in \"{marker}\": {line}" for line in lines if line not in written]
        if not found and written != lines:
            found.append(f"{DOCUMENT}:{first}: order or repetition differs from {TABLE} in \"{marker}\"")
    return found


def arguments(text, form):
    """Arguments of a call without nesting but literals; None when there is something inside that needs a parser."""
    text = re.sub(r"\{(?:d|t|ts) ('[^']*')\}", r"\1", text)
    if "{" in text or re.search(r"\bCASE\b", text):
        return None
    found, depth, quoted, begin = [], 0, False, 0
    for at, char in enumerate(text):
        quoted ^= char == "'"
        depth += (char in "([") - (char in ")]") if not quoted else 0
        if char == "," and depth == 0 and not quoted:
            found.append(text[begin:at].strip())
            begin = at + 1
    found.append(text[begin:].strip())
    if form in ("IN", "FROM") and len(found) == 1:
        found = [part.strip() for part in re.split(rf"\s{form}\s", text, maxsplit=1)]
    return [] if found == [""] else found


def cases(root):
    """(name, text between the parentheses) of each case that is one call, and fails at nothing."""
    for path in lint.files(root, CASES, suffixes={".cases"}):
        for line in path.read_text(encoding="utf-8").split("\n"):
            fields = line.split(" | ")
            match = re.match(r"\{fn (?:ROUND\(\{fn )?(\w+)\(", fields[0])
            if line.startswith("#") or not match or len(fields) < 3 or fields[1].startswith("!"):
                continue
            end, depth = match.end(), 1
            while depth and end < len(fields[0]):
                depth += (fields[0][end] == "(") - (fields[0][end] == ")")
                end += 1
            yield match.group(1).upper(), fields[0][match.end():end - 1]


def columns(args):
    return COLUMNS & set(re.findall(r"\b[a-z]+\b", re.sub(r"'[^']*'", "", " ".join(args))))


def tried(root):
    calls, found = list(cases(root)), []
    for name, group, _, nargs, form, _, template in rows(root, "SCALAR"):
        count = int(nargs)
        if count == 0 or name.startswith("CURRENT_") or form == "TYPE":  # those of no argument, or of a precision: odbc/test_escapes.c itself
            continue
        given = [args for of, text in calls if of == name and (args := arguments(text, form)) is not None and len(args) == count]
        first = 1 if form in ("ADD", "DIFF", "FROM") else 0
        ways = {"values": any("?" not in args and "NULL" not in args and not columns(args[first:]) for args in given),
                "a column": any(columns(args[first:]) for args in given)}
        for i in range(first, count):
            ways[f"NULL for argument {i + 1}"] = any(args[i].split("::")[0] == "NULL" for args in given)
            ways[f"a marker for argument {i + 1}"] = any(args[i] == "?" for args in given)
        found += [f"{CASES}:1: {name} with {count} argument(s) is not tried with {way}" for way, done in ways.items() if not done]
    everything = " ".join(f"{name}({text})" for name, text in calls)
    for name, _, _, _ in rows(root, "INTERVAL"):
        found += [f"{CASES}:1: {call} is not tried with SQL_TSI_{name}" for call in ("TIMESTAMPADD", "TIMESTAMPDIFF")
                  if f"{call}(SQL_TSI_{name}," not in everything]
    found += [f"{CASES}:1: CONVERT is not tried with SQL_{name}" for name, _ in rows(root, "CONVERT")
              if not re.search(rf", SQL_{name}\b", everything)]
    return found


def check(root):
    return documented(root) + tried(root)


def write(root):
    lint.write_sections(root / DOCUMENT, tables(root))


DEF = '#define ALDB_X "x"\nALDB_SCALAR("LEFT", \'S\', 1, 2, LIST, "--", ALDB_X "left($1, " "#2)")\nALDB_INTERVAL("DAY", 1, "@3", "@2")\n' \
      'ALDB_CONVERT("BIT", "CAST($1 AS bit$2)")\n'
DOC = "".join(f"<!-- {marker} -->\n{head}\n|---|---|{more}\n<!-- end -->\n" for marker, head, more in [
    ("scalar: string", "| Function | PostgreSQL |", "\n| `LEFT(a, b)` | `xleft(a, b)` |"), ("scalar: numeric", "| Function | PostgreSQL |", ""),
    ("scalar: datetime", "| Function | PostgreSQL |", ""), ("scalar: system", "| Function | PostgreSQL |", ""),
    ("intervals", "| Interval | `TIMESTAMPADD(interval, b, c)` | `TIMESTAMPDIFF(interval, b, c)` |", "---|\n| `SQL_TSI_DAY` | `c::timestamp` | `b::timestamp` |"),
    ("types", "| Type | PostgreSQL |", "\n| `SQL_BIT(n)` | `CAST(a AS bit(n))` |")])
TRIED = "{fn LEFT('a', 1)} | a | -\n{fn LEFT(s, 1)} | a | -\n{fn LEFT(NULL, 1)} | NULL | -\n{fn LEFT('a', NULL)} | NULL | -\n" \
        "{fn LEFT(?, ?)} | a | - | x | x\n{fn TIMESTAMPADD(SQL_TSI_DAY, 1, d)} | 1 | -\n{fn TIMESTAMPDIFF(SQL_TSI_DAY, d, d)} | 1 | -\n" \
        "{fn CONVERT(1, SQL_BIT)} | 1 | -\n"
GOOD = {TABLE: DEF, DOCUMENT: DOC, CASES + "/a.cases": TRIED}
VIOLATIONS = [
    {**GOOD, DOCUMENT: ""},
    {**GOOD, DOCUMENT: DOC.replace("xleft(a, b)", "left(a, b)")},
    {**GOOD, DOCUMENT: DOC.replace("| `LEFT(a, b)` | `xleft(a, b)` |\n", "")},
    {**GOOD, DOCUMENT: DOC.replace("`c::timestamp`", "`c`")},
    {**GOOD, DOCUMENT: DOC.replace("`SQL_BIT(n)`", "`SQL_BIT`")},
    *({**GOOD, CASES + "/a.cases": TRIED.replace(line + "\n", "")} for line in TRIED.split("\n") if line),
]


def self_test():
    """A tree in which all is well is not complained of."""
    with tempfile.TemporaryDirectory() as folder:
        lint.plant(pathlib.Path(folder), GOOD)
        found = check(pathlib.Path(folder))
        if found:
            sys.exit(f"self-test: found in a good tree: {found}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(lint.ROOT)
    else:
        self_test()
        lint.main(check, VIOLATIONS)
