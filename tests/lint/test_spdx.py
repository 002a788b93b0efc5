#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every file that a person wrote says its licence in the first two lines."""
import lint

LINE = "SPDX-License-Identifier: Apache-2.0"
FOLDERS = ("driver", "include", "setup", "tests", "packaging", ".ci")
TOP = ("CMakeLists.txt", ".clang-format", ".clang-tidy", ".gitignore")
# Formats without comments, and texts that are read as they are.
WITHOUT = {".md", ".json", ".csv", ".bin", ".txt", ".hex", ".out", ".sum"}


def check(root):
    found = []
    paths = [*lint.files(root, *FOLDERS), *(root / name for name in TOP if (root / name).exists())]
    for path in paths:
        if path.suffix in WITHOUT and path.name != "CMakeLists.txt":
            continue
        with open(path, "rb") as file:
            head = file.readline() + file.readline()
        if LINE.encode() not in head:
            found.append(f"{path.relative_to(root)}:1: no \"{LINE}\" in the first two lines")
    return found


VIOLATIONS = [
    {"driver/base/a.c": "int a;\n"},
    {"tests/run": "#!/bin/sh\n"},
    {"setup/a.sql": "select 1;\n\n-- " + LINE + "\n"},
    {"driver/types/a.def": "/* SPDX-License-Identifier: MIT */\n"},
    {"driver/CMakeLists.txt": "project(x)\n"},
]

if __name__ == "__main__":
    lint.main(check, VIOLATIONS)
