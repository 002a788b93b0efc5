#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The documented connection keywords are the implemented ones: names, other spellings, values, defaults, meanings.

packaging/doc/keywords.md has one table a group between the lines "<!-- keywords: GROUP -->" and "<!-- end -->", and one with the spellings that
have values of their own ("<!-- dialects -->"). This test makes each table from driver/config/keywords.def and compares. `--write` puts the tables
made into the document; `--unread` lists the keywords that no room of the driver reads although their meaning does not say that they have no effect.
"""
import re
import sys

import lint

TABLE = "driver/config/keywords.def"
DOCUMENT = "packaging/doc/keywords.md"
TYPES = {"STRING", "SECRET", "BOOL", "UINT", "ENUM", "IGNORED"}
TOKEN = re.compile(r'/\*.*?\*/|^[ \t]*#[^\n]*|"((?:\\.|[^"\\])*)"|([A-Za-z_]\w*)|([(),])|\s+', re.DOTALL | re.MULTILINE)


def rows(text):
    """(macro, [arguments], line) of each ALDB_… row; adjacent string literals are one, NULL is None."""
    out, at, call, args = [], 0, None, None
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{TABLE}:{text.count(chr(10), 0, at) + 1}: cannot be read")
        literal, word, sign = match.groups()
        if args is None:
            if word and word.startswith("ALDB_"):
                call = (word, text.count("\n", 0, at) + 1)
            elif sign == "(" and call:
                args = [""]
        elif literal is not None:
            args[-1] += literal.replace('\\"', '"')
        elif word:
            args[-1] = None if word == "NULL" else word
        elif sign == ",":
            args.append("")
        elif sign == ")":
            out.append((call[0], args, call[1]))
            call = args = None
        at = match.end()
    return out


def read(root):
    """Keywords in order and dialects by spelling."""
    keywords, dialects = [], {}
    for macro, args, line in rows((root / TABLE).read_text(encoding="utf-8")):
        if macro == "ALDB_KEYWORD":
            name, kind, aliases, choices, default, group, text = args
            if kind not in TYPES:
                raise ValueError(f"{TABLE}:{line}: no such type: {kind}")
            keywords.append({"name": name, "type": kind, "aliases": aliases.split(), "choices": choices, "default": default,
                             "group": group, "help": text})
        elif macro == "ALDB_DIALECT":
            dialects[args[0]] = args[1]
    return keywords, dialects


def code_list(words):
    return ", ".join(f"`{word}`" for word in words)


def values(keyword):
    if keyword["type"] == "ENUM":
        first = {}
        for pair in keyword["choices"].split("|"):
            word, value = pair.rsplit("=", 1)
            first.setdefault(value, word)
        return code_list(first.values())
    if keyword["type"] == "UINT":
        low, high = keyword["choices"].split("..")
        return f"{low} to {high}"
    return {"BOOL": code_list(["yes", "no"]), "STRING": "text", "SECRET": "text, never logged", "IGNORED": "any"}[keyword["type"]]


def escape(text):
    return text.replace("|", "\\|")


def group_table(keywords, group):
    lines = ["| Keyword | Other spellings | Values | Default | Meaning |", "|---|---|---|---|---|"]
    for k in keywords:
        if k["group"] == group:
            default = f"`{k['default']}`" if k["default"] is not None else "—"
            lines.append(f"| `{k['name']}` | {code_list(k['aliases']) or '—'} | {values(k)} | {default} | {escape(k['help'])} |")
    return lines


def dialect_table(keywords, dialects):
    lines = ["| Spelling | Keyword | Its own values |", "|---|---|---|"]
    for k in keywords:
        for name in [k["name"], *k["aliases"]]:
            if name in dialects:
                pairs = [pair.rsplit("=", 1) for pair in dialects[name].split("|")]
                text = ", ".join(f"{'any whole number' if w == '#' else f'`{w}`'} → `{v}`" for w, v in pairs)
                lines.append(f"| `{name}` | `{k['name']}` | {escape(text)} |")
    return lines


def tables(root):
    keywords, dialects = read(root)
    made = {f"keywords: {group}": group_table(keywords, group) for group in dict.fromkeys(k["group"] for k in keywords)}
    made["dialects"] = dialect_table(keywords, dialects)
    return made


def check(root):
    try:
        made = tables(root)
    except ValueError as error:
        return [str(error)]
    documented = lint.sections((root / DOCUMENT).read_text(encoding="utf-8"), r"keywords: \w+|dialects")
    found = [f"{DOCUMENT}:1: no table \"{marker}\"" for marker in made if marker not in documented]
    for marker, (first, lines) in documented.items():
        if marker not in made:
            found.append(f"{DOCUMENT}:{first}: no such group: {marker}")
            continue
        for offset, line in enumerate(lines):
            if line not in made[marker]:
                found.append(f"{DOCUMENT}:{first + offset}: not so in {TABLE}: {line}")
        found += [f"{DOCUMENT}:{first}: missing in \"{marker}\": {line}" for line in made[marker] if line not in lines]
        if not found and lines != made[marker]:
            found.append(f"{DOCUMENT}:{first}: order or repetition differs from {TABLE} in \"{marker}\"")
    return found


def write(root):
    lint.write_sections(root / DOCUMENT, tables(root))


def unread(root):
    """Keywords with a member that nothing reads."""
    texts = [lint.code(path) for path in lint.files(root, "driver", suffixes={".c", ".h"}) if path.name not in ("options.c", "options.h", "internal.h")]
    for k in read(root)[0]:
        used = re.compile(rf"(?:\.|->){k['name']}\b|ALDB_KW_{k['name']}\b")
        if k["type"] != "IGNORED" and "no effect" not in k["help"] and not any(used.search(text) for text in texts):
            print(k["name"])


ROW = 'ALDB_KEYWORD(A, {kind}, "{aliases}", "", {default}, "core", "Help")\n'
DOC = "<!-- keywords: core -->\n| Keyword | Other spellings | Values | Default | Meaning |\n|---|---|---|---|---|\n" \
      "| `A` | `B` | text | — | Help |\n<!-- end -->\n" \
      "<!-- dialects -->\n| Spelling | Keyword | Its own values |\n|---|---|---|\n<!-- end -->\n"
GOOD = ROW.format(kind="STRING", aliases="B", default="NULL")
VIOLATIONS = [
    {TABLE: GOOD, DOCUMENT: ""},
    {TABLE: GOOD, DOCUMENT: DOC.replace("| `A` | `B` | text | — | Help |\n", "")},
    {TABLE: GOOD + GOOD.replace("(A,", "(C,").replace('"B"', '""'), DOCUMENT: DOC},
    {TABLE: ROW.format(kind="STRING", aliases="B D", default="NULL"), DOCUMENT: DOC},
    {TABLE: ROW.format(kind="STRING", aliases="", default="NULL"), DOCUMENT: DOC},
    {TABLE: ROW.format(kind="STRING", aliases="B", default='"x"'), DOCUMENT: DOC},
    {TABLE: ROW.format(kind="BOOL", aliases="B", default="NULL"), DOCUMENT: DOC},
    {TABLE: ROW.format(kind="WORD", aliases="B", default="NULL"), DOCUMENT: DOC},
    {TABLE: GOOD + 'ALDB_DIALECT(B, "yes=x")\n', DOCUMENT: DOC},
    {TABLE: GOOD.replace('"Help"', '"Other"'), DOCUMENT: DOC},
    {TABLE: GOOD, DOCUMENT: DOC + "<!-- keywords: other -->\n<!-- end -->\n"},
]

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(lint.ROOT)
    elif sys.argv[1:] == ["--unread"]:
        unread(lint.ROOT)
    else:
        lint.main(check, VIOLATIONS)
