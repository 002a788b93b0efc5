# SPDX-License-Identifier: Apache-2.0
"""What the lint tests share: the source tree without its comments, and a main program with a self-test.

A lint test is a module with `check(root) -> list of "file:line: what is wrong"` and `VIOLATIONS`, a list of small trees (path ->
content) in each of which check() must find something. Every run proves that first: a lint that cannot fail is worth nothing.
"""
import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {".git", "build", "__pycache__", ".venv", "corpus"}

TOKEN = re.compile(r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE)


def files(root, *folders, suffixes=None):
    """All files under these folders of root, in order, without what is built."""
    for folder in folders:
        for base, names, leaves in os.walk(root / folder):
            names[:] = sorted(set(names) - SKIPPED)
            for leaf in sorted(leaves):
                path = pathlib.Path(base, leaf)
                if suffixes is None or path.suffix in suffixes:
                    yield path


def code(path):
    """The C text with comments and the contents of literals blanked, so that line numbers still hold."""
    def blank(match):
        text = match.group()
        if text[0] in "\"'":
            return text[0] + " " * (len(text) - 2) + text[0]
        return re.sub(r"[^\n]", " ", text)
    return TOKEN.sub(blank, path.read_text(encoding="utf-8"))


def where(path, root, line):
    return f"{path.relative_to(root)}:{line}"


def sections(text, markers):
    """The tables of a document between `<!-- marker -->` and `<!-- end -->`: marker -> (number of the first line, lines). `markers`: a pattern."""
    found, marker = {}, None
    for number, line in enumerate(text.split("\n"), 1):
        opening = re.fullmatch(rf"<!-- ({markers}) -->", line)
        if opening:
            marker = opening.group(1)
            found[marker] = (number + 1, [])
        elif line == "<!-- end -->":
            marker = None
        elif marker:
            found[marker][1].append(line)
    return found


def write_sections(path, made):
    """Puts these tables, marker -> lines, into their places in a document."""
    text = path.read_text(encoding="utf-8")
    for marker, lines in made.items():
        block = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not block.search(text):
            sys.exit(f"{path.name} has no place for \"{marker}\"")
        text = block.sub(lambda match, body="\n".join(lines): match.group(1) + body + "\n" + match.group(2), text)
    path.write_text(text, encoding="utf-8")


def plant(root, tree):
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def main(check, violations):
    for number, tree in enumerate(violations, 1):
        with tempfile.TemporaryDirectory() as folder:
            plant(pathlib.Path(folder), tree)
            if not check(pathlib.Path(folder)):
                sys.exit(f"self-test: violation {number} is not found: {tree}")
    found = check(ROOT)
    print(f"{len(violations)} seeded violations found; {len(found)} in the tree")
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


def library_main(check, self_test, good, programs=()):
    """For lints of what was built: check(library) -> list of what is wrong. `good`: what to say when nothing is. The driver, its set-up library and the programs beside that, or those named."""
    variables = ("ALDB_TEST_LIBRARY", "ALDB_TEST_SETUP_LIBRARY")
    libraries = sys.argv[1:] or [os.environ[name] for name in variables if os.environ.get(name)]
    if not sys.argv[1:] and len(libraries) < len(variables):
        print(f"SKIP: {' and '.join(variables)} are not set; tests/run sets them, or name libraries as arguments")
        sys.exit(77)
    if not sys.argv[1:]:
        libraries += [pathlib.Path(libraries[-1]).parent / name for name in programs]
    self_test()
    wrong = [f"{pathlib.Path(library).name}: {line}" for library in libraries for line in check(library)]
    print("\n".join(wrong) or good)
    sys.exit(1 if wrong else 0)
