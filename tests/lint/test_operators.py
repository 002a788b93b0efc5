#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The driver's own SQL names the schema of each operator.

The search path is the application's, and the server prefers an operator that takes exactly these types, wherever it stands on the path. What the
grammar makes an operator of, and looks up by its name (IN, LIKE, BETWEEN, NULLIF, IS DISTINCT FROM, CASE x WHEN), is written as
OPERATOR(pg_catalog.=). Collations have schemas, too.
"""
import re

import lint

# Literals that stand together, macros between them: one text. It is the driver's own SQL when pg_catalog is in it.
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
RUN = re.compile(rf'{LITERAL}(?:(?:\s|\\\n|\b[A-Za-z_]\w*\b(?:\([^()\n]*\))?)*{LITERAL})*')
BETWEEN = re.compile(rf'({LITERAL})|[^"]+')
INCLUDE = re.compile(r"^\s*#\s*include[^\n]*", re.MULTILINE)
# Qualified, or no operator: literals, negative numbers, stars for columns, casts, conversions of printf(), operands of a scalar function.
HARMLESS = re.compile(r"'(?:[^']|'')*'|[#$@]\d|OPERATOR\(pg_catalog\.(?:%s|[^)\s]+)\)|(?:SELECT |\.|\()\*|-(?=\d)|::|%-?[.*\d]*[a-z]")
FORBIDDEN = re.compile(r"[-+*/<>=~!@#%^&|`?]+(?<!\?)|"
                       r"\b(?:IN \(|LIKE\b|BETWEEN\b|NULLIF\b|DISTINCT FROM\b|CASE (?!WHEN\b)|COLLATE (?!pg_catalog))", re.IGNORECASE)
ARGUMENTS = re.compile(r"[-\w]*")  # of a scalar function: its name, their kinds
OWN = re.compile(r"pg_catalog|^ (?:AND|OR|WHERE|ON|FROM|JOIN|UNION|ORDER BY) |^\) AS ")


def texts(path):
    """(line, text) of each."""
    def blank(match):
        return match.group() if match.group()[0] == '"' else re.sub(r"[^\n]", " ", match.group())

    source = INCLUDE.sub("", lint.TOKEN.sub(blank, path.read_text(encoding="utf-8")))
    for run in RUN.finditer(source):
        pieces = [match for match in BETWEEN.finditer(run.group()) if match.group(1) or match.group().strip(" \n\\")]
        parts = [match.group(1)[1:-1] if match.group(1) else "x" for match in pieces]
        yield source.count("\n", 0, run.start()) + 1, "".join(parts).replace('\\"', '"')


def check(root):
    found = []
    for path in lint.files(root, "driver", suffixes={".c", ".h", ".def"}):
        for line, text in texts(path):
            if not OWN.search(text) and (path.name != "scalar.def" or ARGUMENTS.fullmatch(text)):
                continue
            match = FORBIDDEN.search(HARMLESS.sub(" ", text))
            if match:
                found.append(f"{lint.where(path, root, line)}: {match.group().strip()}: of which schema? OPERATOR(pg_catalog.=), COLLATE pg_catalog.\"C\"")
    return found


VIOLATIONS = [{"driver/catalog/a.c": f'static const char sql[] = "SELECT pg_catalog.f(a) FROM t WHERE {condition}";\n'} for condition in (
    "a = 1", "a <> 'b'", "a IN ('b')", "a IN (SELECT b FROM c)", "a LIKE 'b%'", "a OPERATOR(pg_catalog.=) b || c", "a = ANY (b)",
    "NULLIF(a, b)", "a IS DISTINCT FROM b",
    "CASE a WHEN 1 THEN b END", "a & 1", 'a COLLATE \\"C\\"', "a -> b", "-a", "a * 2", "a BETWEEN 1 AND 2")
] + [
    {"driver/a.h": '#define A(t) "pg_catalog.a " \\\n    t ".b = 1"\n'}, {"driver/sqltext/scalar.def": 'ALDB_SCALAR("F", 1, "-", "$1 + 1")\n'}]

if __name__ == "__main__":
    lint.main(check, VIOLATIONS)
