#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clang has no warning for any file either, with the same options: the driver and its set-up library as Release builds them, the tests as the sanitizers do.

Only the warnings are asked for (-fsyntax-only). That Clang's driver works is shown by the fuzz targets, which are built with it.
"""
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import lint

TREES = (("build", "driver/"), ("build", "setup/"), ("build/asan", "tests/"))


def commands(root):
    """(file, clang's arguments, folder) for every file that these trees compile."""
    for tree, folder in TREES:
        listing = root / tree / "compile_commands.json"
        if not listing.exists():
            continue
        for entry in json.loads(listing.read_text(encoding="utf-8")):
            directory = root / entry["directory"]
            source = directory / entry["file"]
            if not source.resolve().is_relative_to((root / folder).resolve()):
                continue
            arguments = shlex.split(entry["command"])
            start = next(i for i, argument in enumerate(arguments) if argument.startswith("-"))  # behind compiler and launcher
            kept = [argument for argument in arguments[start:] if not re.match(r"-f(no-fat-)?lto", argument)]  # GCC has words of its own there
            yield source, ["clang", *kept, "-fsyntax-only", "-Werror", "-Wno-unused-command-line-argument"], directory


def check(root):
    def run(job):
        source, arguments, directory = job
        done = subprocess.run(arguments, cwd=directory, capture_output=True, text=True, check=False)
        return [] if done.returncode == 0 else [f"{source.relative_to(root)}: {done.stderr.strip()}"]

    jobs = list(commands(root))
    if root == lint.ROOT and not any("tests" in job[0].parts for job in jobs):
        print("SKIP: build/asan is not there; tests/run builds it")
        sys.exit(77)
    with concurrent.futures.ThreadPoolExecutor(min(os.cpu_count() or 1, int(os.environ.get("ALLOYDB_JOBS") or 64))) as pool:
        return [line for found in pool.map(run, jobs) for line in found]


def tree(text):
    command = {"directory": ".", "command": "/usr/bin/ccache /usr/bin/cc -Wall -Wconversion -o a.o -c driver/a.c", "file": "driver/a.c"}
    return {"driver/a.c": text, "build/compile_commands.json": json.dumps([command])}


VIOLATIONS = [
    tree("int f(long n);\nint f(long n)\n{\n    int i = n;\n    return i;\n}\n"),
    tree("int f(int n);\nint f(int n)\n{\n    return m;\n}\n"),
]

if __name__ == "__main__":
    if not shutil.which("clang"):
        print("SKIP: clang is not installed")
        sys.exit(77)
    lint.main(check, VIOLATIONS)
