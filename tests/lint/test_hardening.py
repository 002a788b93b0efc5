#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How liballoydbodbc.so, its set-up library and the command are built for users: tables that are read-only once it is loaded, no executable stack, guarded stack frames and C library calls."""
import pathlib
import re
import subprocess
import tempfile

import lint

SEGMENT = re.compile(r"^\s+(GNU_STACK|GNU_RELRO)(?:\s+0x\w+){5}\s+([RWE ]{3})\s", re.M)


def out_of(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def check(library):
    headers = out_of("readelf", "--wide", "--program-headers", library)
    segments = dict(SEGMENT.findall(headers))
    dynamic = out_of("readelf", "--wide", "--dynamic", library)
    needs = {name.split("@")[0] for name in out_of("nm", "-D", "--undefined-only", "--format=just-symbols", library).split()}
    found = []
    if "GNU_RELRO" not in segments or "BIND_NOW" not in dynamic:
        found.append("relocated tables stay writable: -z relro, -z now")
    if "E" in segments.get("GNU_STACK", "E"):
        found.append("the stack is executable")
    if "INTERP" in headers and "PIE" not in dynamic:
        found.append("the program is loaded at a fixed address: -pie")
    if "TEXTREL" in dynamic:
        found.append("code is relocated: it is not position-independent")
    if "__stack_chk_fail" not in needs:
        found.append("stack frames are not guarded: -fstack-protector-strong")
    if not any(name.endswith("_chk") for name in needs):
        found.append("calls of the C library are not checked: _FORTIFY_SOURCE")
    return found


def self_test():
    """A library without all that must be found out."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = pathlib.Path(folder, "a.c"), pathlib.Path(folder, "a.so")
        source.write_text("int harmless(void) { return 1; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-fno-stack-protector", "-Wl,-z,norelro", "-Wl,-z,lazy", "-Wl,-z,execstack", "-o", library, source],
                       check=True, stderr=subprocess.DEVNULL)
        assert len(check(library)) == 4, check(library)
        source.write_text("int main(void) { return 0; }\n")
        program = pathlib.Path(folder, "a.out")
        subprocess.run(["cc", "-no-pie", "-o", program, source], check=True)
        assert "the program is loaded at a fixed address: -pie" in check(program), check(program)


if __name__ == "__main__":
    lint.library_main(check, self_test, "the libraries and the command are hardened", programs=("alloydb-odbc",))
