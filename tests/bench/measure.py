# SPDX-License-Identifier: Apache-2.0
"""How rounds.py measures: works, whose contenders take turns, and what one run of a program says."""
import collections
import json
import os
import statistics
import subprocess
import sys

PROGRAMS = os.environ["PROGRAMS"] + "/"
HOST, PORT, DATABASE = os.environ["ALDB_TEST_HOST"], os.environ["ALDB_TEST_PORT"], os.environ["ALDB_TEST_DATABASE"]
USER = "aldb_trust"  # a login of one round trip: passwords cost every way the same
QUERY = os.environ["BENCH_QUERY"]
CONNINFO = f"host={HOST} port={PORT} dbname={DATABASE} user={USER} sslmode=disable gssencmode=disable"
DIRECT = f"DRIVER=AlloyDB;Server={HOST};Port={PORT};Database={DATABASE};UID={USER};SSLMode=disable"
HAS_PEER = bool(os.environ.get("PSQLODBC"))


def peer_at(host, port):
    return f"DRIVER=psqlODBC;Servername={host};Port={port};Database={DATABASE};UID={USER};SSLMode=disable;BoolsAsChar=0"


PEER = peer_at(HOST, PORT)


class Program:
    """A command line, and what is special about it. `writes`: (work of write.h, rows); `beside`: CPU seconds of a process that it makes work, as a function; `part`: it does
    only this part of the work, since all would take too long, and its times are multiplied to the whole."""

    def __init__(self, name, *arguments, writes=None, beside=None, part=1.0, environment=None):
        self.command = [name if "/" in name else PROGRAMS + name, *map(str, arguments)]
        self.writes, self.beside, self.part = writes, beside, part
        self.environment = environment or {}

    def run(self, **environment):
        before = self.beside() if self.beside else 0
        done = subprocess.run(self.command, stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, "PGUSER": USER, "PGDATABASE": DATABASE, "PYTHONDONTWRITEBYTECODE": "1", **self.environment, **environment})
        first, *more = done.stdout.splitlines()
        count, total, wall, user, system, memory, waits, *_ = first.split()
        beside = (self.beside() - before) if self.beside else 0
        result = {"count": int(count), "sum": int(total), "wall": float(wall) / self.part, "cpu": (float(user) + float(system) + beside) / self.part,
                  "memory": int(memory), "waits": int(waits) / self.part}
        if more:
            result |= dict(zip(("bytes", "tail", "release"), map(float, more[0].split())))
        return result


# A contender's target: at most `most` times the wall time of the line `other` ("floor" or "psqlODBC"), and `memory` kB.
Target = collections.namedtuple("Target", "most other memory", defaults=(None,))

# floors, peer (None: there is none) and drivers map lines to programs, in the order of the table; the first of the floors is what ratios are to. `note`: what the page says of the
# work; `limit`: what it says where a target was missed; `same_sum`: its programs tell a check sum of all values in the first round, which must be one; `few`: one round takes long,
# and FEW of them do.
Work = collections.namedtuple("Work", "name floors peer drivers targets note limit same_sum few", defaults=("", "", False, False))
FEW = 3


def sql(*commands):
    asked = [part for command in commands for part in ("-c", command)]
    return subprocess.run([os.environ["PSQL"], "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", os.environ["ALDB_TEST_SUPER_CONNINFO"], *asked],
                          stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}).stdout.strip()


def make_ready(work, rows):
    """The table that a write begins with: empty and without an index for inserts, else with every other row."""
    sql("drop table if exists bench_write", "create table bench_write (id bigint, n integer, name varchar(60), at timestamp)",
        f"grant all on bench_write to {USER}")
    if work in ("update", "delete", "upsert"):
        sql("alter table bench_write add primary key (id)",
            f"insert into bench_write select g, 1, 'x', '2020-01-01' from generate_series(1, {rows}, 2) g", "vacuum analyze bench_write")
    sql("checkpoint")


def stored():
    return sql("select count(*), coalesce(sum(hashtext(t::text)::bigint), 0) from bench_write t")


def contenders(work):
    return {**work.floors, **({"psqlODBC": work.peer} if work.peer and HAS_PEER else {}), **work.drivers}


def measure(work, rounds):
    """{line: {what: median of the rounds}}."""
    programs = contenders(work)
    took = {line: [] for line in programs}
    rows = {}
    for turn in range(min(rounds, FEW) if work.few else rounds):
        order = list(programs) if turn % 2 == 0 else list(reversed(programs))
        for line in order:
            program = programs[line]
            if program.writes:
                make_ready(*program.writes)
            took[line].append(program.run(**({"BENCH_VALUES": "1"} if work.same_sum and turn == 0 else {})))
            if program.writes:
                rows[line] = stored()
    if len(set(rows.values())) > 1:
        sys.exit(f"{work.name}: what is stored differs: {rows}")
    sums = {line: all_rounds[0]["sum"] for line, all_rounds in took.items()}
    if work.same_sum and len(set(sums.values())) > 1:
        sys.exit(f"{work.name}: what was read differs: {sums}")
    return {line: {key: statistics.median(one[key] for one in all_rounds) for key in all_rounds[0] if key != "sum"} for line, all_rounds in took.items()}


def same_values(what, programs):
    """Every way to read it gives the same values."""
    sums = {line: tuple(program.run(BENCH_VALUES="1")[key] for key in ("count", "sum")) for line, program in programs.items()}
    if len(set(sums.values())) > 1:
        sys.exit(f"{what}: values differ: {sums}")


def entries(work, results):
    """The work's lines, for people and for machines."""
    floor = results[next(iter(work.floors))]["wall"] if work.floors else None
    peer = results.get("psqlODBC", {}).get("wall")
    for line, one in results.items():
        entry = {"work": work.name, "line": line, **one, "to_floor": one["wall"] / floor if floor else None, "to_psqlodbc": one["wall"] / peer if peer else None}
        target = work.targets.get(line)
        if target:
            base = floor if target.other == "floor" else peer
            met = None if base is None else one["wall"] <= target.most * base and (target.memory is None or one["memory"] <= target.memory)
            entry |= {"target": target.most, "target_of": target.other, "memory_max": target.memory, "met": met}
        yield entry


def number(value, digits=2):
    return "" if value is None else f"{value:.{digits}f}"


def target_text(entry):
    if "target" not in entry:
        return ""
    limit = f", {entry['memory_max']} kB" if entry["memory_max"] else ""
    return f"{entry['target']:.2f} of {entry['target_of']}{limit}" + {None: "", True: ": met", False: ": missed"}[entry["met"]]


def show(work, results):
    """Prints the work's lines, and returns them for the machine."""
    lines = list(entries(work, results))
    print(f"\n{work.name}")
    for one in lines:
        print(f"  {one['line']:36} {one['wall']:9.4f} s {number(one['to_floor']):>7} {number(one['to_psqlodbc']):>7} {one['cpu']:9.4f} s {one['memory']:8.0f} kB   {target_text(one)}", flush=True)
    return lines


def write_json(path, facts, lines, tables):
    path.write_text(json.dumps({**facts, "results": lines, **tables}, indent=1) + "\n")
