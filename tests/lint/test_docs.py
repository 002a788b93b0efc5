#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""README.md, driver/README.md and packaging/**/*.md hold together, and what they tell a reader to write is what the driver takes.

Relative links and their anchors lead somewhere; every page of packaging/doc can be reached from README.md; files, folders and tests that are named in backticks
exist; data sources (blocks of ini), connection strings and `Keyword=value` in backticks use keywords of driver/config/keywords.def with values that are valid;
what migrating.md says of psqlODBC's keywords is what that table says; Tableau's files are XML with customizations that Tableau documents.
"""
import pathlib
import re
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as xml

import lint
import test_keywords

ENTRY = "README.md"
DOCUMENTS = "packaging/doc"
# Where a link may only lead to: other people's repositories and pages are not looked up.
FOREIGN = re.compile(r"[a-z]+:|//")
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)\)")
FENCE = re.compile(r"^\s*(```+|~~~+)\s*(\w*)")
CODE = re.compile(r"(`+)(.+?)\1")
ROOMS = ("driver", "include", "packaging", "setup", "tests", ".ci")
TESTS = {"unit": "tests/unit/test_{}.c", "odbc": "tests/odbc/test_{}.c", "setup": "tests/setup/test_{}.c", "client": "tests/clients/test_{}.*",
         "lint": "tests/lint/test_{}.*", "fuzz": "tests/fuzz/fuzz_{}.c"}
TEST = re.compile(r"(unit|odbc|setup|client|lint|fuzz)_[a-z0-9_]+")
STRING = re.compile(r"""\b(?:DRIVER|Driver|DSN)=(?:\{[^}]*\}|[^;'"`\s{}]+)(?:;[^'"`\n]*)?""")
PAIR = re.compile(r"\s*([^=;{}]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)(?:;|$)")
YES_NO = {"yes", "no", "true", "false", "on", "off", "1", "0"}
# Words that are written as Keyword=value and are none: of odbcinst.ini, of pg_hba.conf and libpq, of the shell.
OTHERS = {"Trace", "TraceFile"}
MIGRATING = "packaging/doc/migrating.md"
PEER = "### Every keyword of psqlODBC"
# Those of Tableau's list (Tableau Connector SDK, docs/capabilities) that are used here.
TABLEAU = {
    "CAP_CREATE_TEMP_TABLES", "CAP_SELECT_INTO", "CAP_SELECT_TOP_INTO", "CAP_QUERY_BOOLEXPR_TO_INTEXPR", "CAP_QUERY_GROUP_BY_BOOL", "CAP_QUERY_GROUP_BY_DEGREE",
    "CAP_QUERY_SORT_BY", "CAP_QUERY_SUBQUERIES", "CAP_QUERY_SUBQUERIES_WITH_TOP", "CAP_QUERY_TOP_N", "CAP_QUERY_WHERE_FALSE_METADATA", "CAP_SUPPORTS_SPLIT_FROM_LEFT",
    "CAP_ODBC_METADATA_STRING_LENGTH_UNKNOWN", "CAP_ODBC_FETCH_RESIZE_BUFFERS", "CAP_ODBC_CURSOR_FORWARD_ONLY",
    "CAP_ODBC_SUPPRESS_INFO_SCHEMA_TABLES", "CAP_ODBC_SUPPRESS_PG_TEMP_SCHEMA_TABLES",
}


def fold(name):
    return re.sub(r"[\s_-]", "", name).lower()


class Keywords:
    """keywords.def as a connection reads it: every spelling, and what its value may be."""

    def __init__(self, root):
        keywords, dialects = test_keywords.read(root)
        self.spellings = {}
        for keyword in keywords:
            for name in (keyword["name"], *keyword["aliases"]):
                self.spellings[fold(name)] = (keyword, dialects.get(name, ""))

    def knows(self, name):
        return fold(name) in self.spellings

    def wrong(self, name, value):
        """Why this value cannot stand there; None: it can, as far as is known here."""
        if not self.knows(name):
            return f"no such keyword: {name}"
        keyword, dialect = self.spellings[fold(name)]
        value = value.strip()
        if value.startswith("{"):
            value = value[1:-1].replace("}}", "}")
        if value == "" or "…" in value or "$" in value or value in ("ADDRESS", "HOST", "VALUE"):
            return None
        words = {pair.rsplit("=", 1)[0].lower() for pair in dialect.split("|") if pair}
        if value.lower() in words or ("yes" in words or "no" in words) and value.lower() in YES_NO or "#" in words and value.isdigit():
            return None
        kind, choices = keyword["type"], keyword["choices"]
        if kind == "BOOL" and value.lower() not in YES_NO:
            return f"{name}={value} is neither yes nor no"
        if kind == "ENUM" and value.lower() not in {pair.rsplit("=", 1)[0].lower() for pair in choices.split("|")}:
            return f"{name}={value} is none of the values of {keyword['name']}"
        if kind == "UINT":
            low, high = (int(bound) for bound in choices.split(".."))
            if not value.isdigit() or not low <= int(value) <= high:
                return f"{name}={value} is not within {choices}"
        return None


class Page:
    """A document: anchors, links, and what is in its blocks of code and backticks, each with its line."""

    def __init__(self, path):
        self.anchors, self.links, self.blocks, self.code = set(), [], [], []
        counts, fence, language, block, first = {}, None, "", [], 0
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            opening = FENCE.match(line)
            if fence:
                if opening and opening.group(1).startswith(fence) and not opening.group(2):
                    self.blocks.append((language, first, block))
                    fence = None
                else:
                    block.append(line)
                continue
            if opening:
                fence, language, block, first = opening.group(1), opening.group(2), [], number + 1
                continue
            spans = [match.group(2).strip() for match in CODE.finditer(line)]
            self.code += [(number, span) for span in spans]
            plain = CODE.sub(lambda match: "x" * len(match.group()), line)
            self.links += [(number, match.group(1)) for match in LINK.finditer(plain)]
            self.anchors.update(re.findall(r'<a (?:name|id)="([^"]+)"', line))
            if re.match(r"#{1,6} ", line):
                # As GitHub makes them: the text without its marks, in lower case, blanks as hyphens.
                title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip()).replace("`", "")
                anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
                again = counts.get(anchor, 0)
                counts[anchor] = again + 1
                self.anchors.add(anchor if again == 0 else f"{anchor}-{again}")


def documents(root):
    paths = [root / ENTRY] if (root / ENTRY).exists() else []
    return paths + list(lint.files(root, "packaging", "driver", suffixes={".md"}))


def check_links(root, pages, cache):
    found, reached = [], {}
    for path, page in pages.items():
        reached[path] = set()
        for number, target in page.links:
            if FOREIGN.match(target):
                continue
            name, _, anchor = target.partition("#")
            aim = (path.parent / urllib.parse.unquote(name)).resolve() if name else path
            if not aim.exists():
                found.append(f"{lint.where(path, root, number)}: leads nowhere: {target}")
                continue
            reached[path].add(aim)
            if anchor:
                other = cache.get(aim) or cache.setdefault(aim, Page(aim))
                if urllib.parse.unquote(anchor) not in other.anchors:
                    found.append(f"{lint.where(path, root, number)}: no such heading: {target}")
    seen, todo = set(), [root / ENTRY]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += [aim for aim in reached.get(path, ()) if aim in pages]
    found += [f"{lint.where(path, root, 1)}: no way leads here from {ENTRY}" for path in pages if path not in seen and path.is_relative_to(root / DOCUMENTS)]
    return found


def check_names(root, pages):
    """Files and tests in backticks."""
    found = []
    for path, page in pages.items():
        for number, span in page.code:
            for word in span.split():
                word = word.rstrip(".,;:")
                if word.startswith("./"):
                    word = word[2:]
                if word.split("/")[0] in ROOMS and "/" in word and not re.search("[…<]", word):
                    if not any((folder / word).exists() or any(folder.glob(word)) for folder in (root, path.parent)):
                        found.append(f"{lint.where(path, root, number)}: no such file: {word}")
                elif TEST.fullmatch(word) and word != "client_encoding":
                    kind, name = word.split("_", 1)
                    names = (name, re.sub(r"_(emulator|pumped)$", "", name))
                    if not any(any(root.glob(TESTS[kind].format(n))) for n in names):
                        found.append(f"{lint.where(path, root, number)}: no such test: {word}")
    return found


def sections(lines):
    """[(section, [(line, key, value)])] of an ini file."""
    out = []
    for number, line in enumerate(lines):
        text = line.strip()
        if re.fullmatch(r"\[[^\]]+\]", text):
            out.append((text[1:-1], []))
        elif "=" in text and not text.startswith(("#", ";")) and out:
            key, value = text.split("=", 1)
            out[-1][1].append((number, key.strip(), value.strip()))
    return out


def check_keywords(root, pages):
    keywords, found = Keywords(root), []

    def pairs(path, number, text):
        for key, value in PAIR.findall(text):
            wrong = keywords.wrong(key, value)
            if wrong:
                found.append(f"{lint.where(path, root, number)}: {wrong}")

    def strings(path, number, text):
        """Connection strings for this driver, or for a data source, within other text."""
        for match in STRING.finditer(text):
            if "alloydb" in match.group().lower() or match.group().startswith("DSN="):
                pairs(path, number, match.group())

    for path, page in pages.items():
        for language, first, block in page.blocks:
            if language == "ini":
                for section, entries in sections(block):
                    drivers = [value for _, key, value in entries if fold(key) == "driver"]
                    if section == "ODBC" or drivers and "alloydb" not in drivers[0].lower():
                        continue
                    for number, key, value in entries:
                        wrong = keywords.wrong(key, value.strip('"'))
                        if wrong:
                            found.append(f"{lint.where(path, root, first + number)}: {wrong}")
            else:
                for number, line in enumerate(block):
                    strings(path, first + number, line)
        for number, span in page.code:
            if re.fullmatch(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*=[^\s=]*(;[A-Za-z][\w ]*=[^;]*)*", span) and span.split("=")[0] not in OTHERS:
                pairs(path, number, span)
            else:
                strings(path, number, span)
    return found


def check_migrating(root):
    """psqlODBC's keywords, each with what it is here: `same`, `mapped: …` or `no effect`, as keywords.def has it."""
    path, keywords, found, seen = root / MIGRATING, Keywords(root), [], set()
    if not path.exists():
        return found
    inside = False
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        inside = line == PEER if line.startswith("#") else inside
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not inside or not line.startswith("| `"):
            continue
        for name in re.findall(r"`([^`]+)`", cells[0]):
            if not keywords.knows(name):
                found.append(f"{lint.where(path, root, number)}: no such keyword: {name}")
                continue
            keyword = keywords.spellings[fold(name)][0]
            seen.add(keyword["name"])
            idle = keyword["type"] == "IGNORED" and keyword["group"] != "core" or "no effect" in keyword["help"]
            mapped = re.match(r"mapped: `(\w+)", cells[1])
            right = idle if cells[1] == "no effect" else not idle and (cells[1] == "same" or mapped and mapped.group(1) == keyword["name"])
            if not right:
                found.append(f"{lint.where(path, root, number)}: {name} is {keyword['name']}: {keyword['help']}")
    abbreviated = {k["name"] for k, _ in keywords.spellings.values() if any(re.fullmatch(r"[A-D][0-9A-Z]|BI|CX", alias) for alias in k["aliases"])}
    return found + [f"{MIGRATING}:1: says nothing of psqlODBC's {name}" for name in sorted(abbreviated - seen)]


def check_tableau(root):
    found = []
    for path in lint.files(root, "packaging/tableau", suffixes={".tdc", ".xml", ".tdr", ".tdd"}):
        try:
            tree = xml.parse(path)
        except xml.ParseError as error:
            found.append(f"{lint.where(path, root, error.position[0])}: {error}")
            continue
        found += [f"{lint.where(path, root, 1)}: Tableau documents no {element.get('name')}" for element in tree.iter("customization") if element.get("name") not in TABLEAU]
    return found


def check(root):
    root = root.resolve()
    pages = {path: Page(path) for path in documents(root)}
    if root / ENTRY not in pages:
        return [f"{ENTRY}:1: is not there"]
    return [*check_links(root, pages, dict(pages)), *check_names(root, pages), *check_keywords(root, pages), *check_migrating(root), *check_tableau(root)]


TABLE = ('ALDB_KEYWORD(Idle, BOOL, "B0", "", "no", "core", "Help; has no effect")\n'
         'ALDB_KEYWORD(Driver, IGNORED, "", "", NULL, "core", "Help")\nALDB_KEYWORD(Server, STRING, "Host", "", NULL, "core", "Help")\n'
         'ALDB_KEYWORD(Mode, ENUM, "Old", "full=1|off=0", "off", "core", "Help")\nALDB_DIALECT(Old, "yes=full")\n'
         'ALDB_KEYWORD(Size, UINT, "", "1..9", "1", "core", "Help")\nALDB_KEYWORD(Flag, BOOL, "", "", "no", "core", "Help")\n'
         'ALDB_KEYWORD(DSN, IGNORED, "", "", NULL, "core", "Help")\n')
PAGE = ("# A page\n\n## What it (says): `x`\n\n[up](../../README.md#read-me) `tests/clients/test_x.sh` `client_x` `Mode=full` `Flag=1;Size=9`\n\n"
        "```ini\n[a]\nDriver = AlloyDB\nhost = h\nold = 1\n[b]\nDriver = Another\nNothing = 1\n```\n\n"
        "```sh\nisql -k 'DRIVER=AlloyDB;Server={a;b};Mode=off'\n```\n\n`connect('DSN=a;Mode=full')`\n")
GOOD = {
    test_keywords.TABLE: TABLE,
    ENTRY: "# Read me\n\n[a page](packaging/doc/a.md), "
           "[its part](packaging/doc/a.md#what-it-says-x), [moving](packaging/doc/migrating.md), [elsewhere](https://example.com/#x)\n",
    "packaging/doc/a.md": PAGE,
    MIGRATING: f"# Moving\n\n{PEER}\n\n| psqlODBC | here |\n|---|---|\n| `Flag` | same | |\n| `Old` | mapped: `Mode` | |\n| `B0` | no effect | |\n",
    "packaging/tableau/a.tdc": "<a><customization name='CAP_SELECT_INTO' value='yes'/></a>",
    "tests/clients/test_x.sh": "",
}


def changed(path, old, new):
    assert old in GOOD[path], old
    return {**GOOD, path: GOOD[path].replace(old, new)}


VIOLATIONS = [
    changed(ENTRY, "(packaging/doc/a.md)", "(packaging/doc/b.md)"),
    changed(ENTRY, "#what-it-says-x", "#what-it-says"),
    changed("packaging/doc/a.md", "README.md#read-me", "README.md#read"),
    {**GOOD, "packaging/doc/b.md": "# Nobody comes here\n"},
    changed("packaging/doc/a.md", "test_x.sh", "test_y.sh"),
    changed("packaging/doc/a.md", "client_x", "client_y"),
    changed("packaging/doc/a.md", "`Mode=full`", "`Mode=half`"),
    changed("packaging/doc/a.md", "`Mode=full`", "`Mood=full`"),
    changed("packaging/doc/a.md", "Size=9`", "Size=10`"),
    changed("packaging/doc/a.md", "`Flag=1", "`Flag=2"),
    changed("packaging/doc/a.md", "host = h", "hosts = h"),
    changed("packaging/doc/a.md", "old = 1", "old = 2"),
    changed("packaging/doc/a.md", "Driver = Another", "Driver = AlloyDB"),
    changed("packaging/doc/a.md", "Mode=off'", "Mode=of'"),
    changed("packaging/doc/a.md", "DSN=a;Mode=full", "DSN=a;Mood=full"),
    changed("packaging/doc/a.md", "Server={a;b}", "Sever={a;b}"),
    changed(MIGRATING, "| `Flag` | same |", "| `Flags` | same |"),
    changed(MIGRATING, "| `Flag` | same |", "| `Flag` | no effect |"),
    changed(MIGRATING, "| `B0` | no effect |", "| `B0` | same |"),
    changed(MIGRATING, "mapped: `Mode`", "mapped: `Size`"),
    changed(MIGRATING, "| `B0` | no effect | |\n", ""),
    changed("packaging/tableau/a.tdc", "</a>", ""),
    changed("packaging/tableau/a.tdc", "CAP_SELECT_INTO", "CAP_SELECT_INTOO"),
    {test_keywords.TABLE: TABLE},
]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lint.plant(pathlib.Path(folder), GOOD)
        wrong = check(pathlib.Path(folder))
        if wrong:
            sys.exit(f"self-test: found in a tree without a violation: {wrong}")
    lint.main(check, VIOLATIONS)
