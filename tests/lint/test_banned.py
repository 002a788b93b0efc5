#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Functions that the driver, its set-up library and its command must not call, and why."""
import re

import lint

COMMAND = "setup/command/" # a program of its own, with a terminal and one thread

# function names (a regular expression), reason, files or folders that may
BANNED = [
    (r"strcpy|strcat|stpcpy|gets", "no bound on what it writes", ()),
    (r"v?sprintf", "no bound on what it writes", ()),
    (r"strtok|strerror|gmtime|localtime|asctime|ctime|readdir", "not thread-safe", (COMMAND,)),
    (r"ato[ifl]|atoll", "cannot report an error", ()),
    (r"setlocale", "changes the application's locale", (COMMAND + "terminal.c",)),
    (r"setenv|putenv|unsetenv", "changes the application's environment", ()),
    (r"malloc|calloc|realloc|reallocarray|free|strdup|strndup|v?asprintf|getline", "memory goes through base/alloc.h",
     ("driver/base/alloc.c",)),
    (r"v?printf|puts|putchar|perror", "the driver has no terminal", (COMMAND,)),
    (r"abort|exit|_exit|quick_exit|assert", "the process is the application's", ("driver/base/mutex.c",)),
    (r"select", "fails on descriptors above 1023: use poll", ()),
    (r"signal|sigaction", "signal handlers are the application's", (COMMAND,)),
    (r"PQexec\w*|PQprepare|PQdescribe\w+|PQreset\w*|PQping\w*|PQfn|lo_\w+|PQconnectdb\w*|PQsetdb\w*|PQencryptPassword",
     "waits inside libpq", ()),
]
PATTERNS = [(re.compile(rf"(?<![\w.>])({names})\s*\("), reason, allowed) for names, reason, allowed in BANNED]
# A declaration or a macro's definition is no call.
STREAM = re.compile(r"\b(stdout|stderr)\b")


def check(root):
    found = []
    for path in lint.files(root, "driver", "setup", suffixes={".c", ".h", ".inc", ".def"}):
        name = str(path.relative_to(root))
        for line, text in enumerate(lint.code(path).splitlines(), 1):
            here = lint.where(path, root, line)
            for pattern, reason, allowed in PATTERNS:
                match = pattern.search(text)
                if match and not name.startswith(allowed):
                    found.append(f"{here}: {match.group(1)}: {reason}")
            if STREAM.search(text) and not name.startswith(COMMAND):
                found.append(f"{here}: the driver has no terminal")
    return found


VIOLATIONS = [
    {"driver/base/a.c": f"void f(char *s)\n{{\n    {call};\n}}\n"} for call in (
        'strcpy(s, "x")', 'sprintf (s, "%d", 1)', "atoi(s)", "setlocale(0, s)", "free(s)", "char *p = malloc(1)", "printf(s)",
        'fprintf(stderr, "x")', "abort()", "PQexec(c, s)", "PQdescribePrepared(c, s)", "strerror(1)", "localtime(t)")
] + [{folder: "void f(char *s)\n{\n    free(s);\n}\n"} for folder in ("driver/api/a.inc", "setup/library/a.c", "setup/command/a.c")] + [
    {"setup/library/a.c": "void f(void)\n{\n    printf(\"x\");\n}\n"}, {"setup/command/a.c": "void f(void)\n{\n    exit(1);\n}\n"}]

if __name__ == "__main__":
    # What stands in comments, in strings, or as a member is none.
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        lint.plant(pathlib.Path(folder), {"driver/base/a.c": '/* free(x) */\nint f(void);\nchar *t = "abort()"; // exit(1)\n'
                                                             "void g(struct o *o)\n{\n    o->free(o);\n    my_free(o);\n    snprintf(b, 1, t);\n}\n"})
        wrong = check(pathlib.Path(folder))
        assert not wrong, wrong
    lint.main(check, VIOLATIONS)
