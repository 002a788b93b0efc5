#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: lower ranks only; beside each other only the pure rooms of rank 1; log and diag are open to all above rank 0."""
import re

import lint

RANK = {
    "base": 0,
    "log": 1, "diag": 1, "config": 1, "sqltext": 1, "types": 1,
    "convert": 2, "google": 2,
    "connector": 3, "pg": 3,
    "handle": 4,
    "statement": 5, "catalog": 5, "info": 5,
    "api": 6,
    "setup": 2, # the set-up library and the command, beside the driver: of its rooms they use the pure ones
}
OPEN_TO_ALL = {"log", "diag"}
# Rooms that could be lifted out, and all that they may take along.
LIFTABLE = {"google": {"base", "log", "diag"}, "connector": {"base", "log", "diag", "google"}}

# Contracts without code, which one room fulfils and the one beside it uses.
DOORS = {"connector/stream.h": {"pg"}}

# Foreign headers and the rooms that may include them.
CONFINED = [
    (re.compile(r"(libpq-fe|libpq/.*|pg_config.*|postgres_ext)\.h$"), {"pg"}),
    (re.compile(r"curl/"), {"google"}),
    (re.compile(r"openssl/"), {"google", "connector", "pg"}),
    (re.compile(r"jansson\.h$"), {"google", "setup"}),
    (re.compile(r"iniparser(/iniparser)?\.h$"), {"config"}),
    (re.compile(r"(sql|sqlext|sqltypes|sqlucode|odbcinst|odbcinstext)\.h$"),
     set(RANK) - {"base", "sqltext", "pg", "google", "connector", "diag", "log"}),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def check(root):
    found = []
    for path in lint.files(root, "driver", "setup", suffixes={".c", ".h", ".def", ".inc"}):
        parts = path.relative_to(root).parts
        room = parts[1] if parts[0] == "driver" else "setup"
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(text)
            if not match:
                continue
            quote, header = match.groups()
            here = lint.where(path, root, line)
            if room not in RANK:
                found.append(f"{here}: {room}/ has no rank; add it to {__file__}")
                break
            for pattern, rooms in CONFINED:
                if pattern.match(header) and room not in rooms:
                    found.append(f"{here}: {header} belongs to {', '.join(sorted(rooms))} only")
            if quote != '"' or header == "alloydb_odbc.h":
                continue
            other = header.split("/")[0]
            if header.endswith("/internal.h") and other != room:
                found.append(f"{here}: {header} is {other}/'s own")
            elif other == "setup" and room != "setup":
                found.append(f"{here}: the driver stands without its set-up library")
            elif header.startswith("setup/command/") and parts[1] != "command":
                found.append(f"{here}: the set-up library stands without the command")
            elif other not in RANK:
                found.append(f'{here}: "{header}" must name its room, as "base/str.h"')
            elif other == room or room in DOORS.get(header, ()):
                continue
            elif other not in LIFTABLE.get(room, RANK):
                found.append(f"{here}: {room}/ must not include {other}/: it could be lifted out with {', '.join(sorted(LIFTABLE[room]))} alone")
            elif RANK[other] < RANK[room] or RANK[room] == RANK[other] == 1 or (other in OPEN_TO_ALL and RANK[room] > 0):
                continue
            else:
                found.append(f"{here}: {room}/ (rank {RANK[room]}) must not include {other}/ (rank {RANK[other]})")
    return found


VIOLATIONS = [
    {"driver/base/a.c": '#include "log/log.h"\n'},
    {"driver/types/a.c": '#include "convert/convert.h"\n'},
    {"driver/convert/a.c": '#include "google/http.h"\n'},
    {"driver/pg/a.c": '#include "handle/handle.h"\n'},
    {"driver/pg/a.c": '#include "connector/dial.h"\n'},
    {"driver/convert/a.c": '#include "connector/stream.h"\n'},
    {"driver/google/a.c": '#include "config/options.h"\n'},
    {"driver/google/a.c": "#include <sql.h>\n"},
    {"driver/connector/a.c": "#include <curl/curl.h>\n"},
    {"driver/connector/a.c": "#include <jansson.h>\n"},
    {"driver/connector/a.c": '#include "config/options.h"\n'},
    {"driver/connector/a.h": "#include <sql.h>\n"},
    {"driver/connector/a.c": "#include <libpq-fe.h>\n"},
    {"driver/statement/a.c": '#include "catalog/catalog.h"\n'},
    {"driver/statement/a.c": "#include <libpq-fe.h>\n"},
    {"driver/convert/a.c": "#  include <openssl/ssl.h>\n"},
    {"driver/sqltext/a.h": "#include <sqlext.h>\n"},
    {"driver/pg/a.c": '#include "internal.h"\n'},
    {"driver/cellar/a.c": '#include "base/str.h"\n'},
    {"setup/library/a.c": '#include "pg/session.h"\n'},
    {"setup/library/a.c": '#include "config/internal.h"\n'},
    {"setup/library/a.c": '#include "faults.h"\n'},
    {"driver/api/a.c": '#include "setup/library/faults.h"\n'},
    {"setup/library/a.c": '#include "setup/command/ini.h"\n'},
]

if __name__ == "__main__":
    lint.main(check, VIOLATIONS)
