# SPDX-License-Identifier: Apache-2.0
"""What costs more as work grows: rows, columns, sizes, parameters, and handles that are there at once."""
from measure import CONNINFO, DIRECT, HAS_PEER, PEER, QUERY, Program, Work, measure

TOLERANCE = 1.15  # of noise


def many_columns(count, rows):
    return "select " + ", ".join(f"id + {i} as c{i}" for i in range(count)) + f" from bench limit {rows}"


def value_rows(size, rows):
    return f"select repeat('v', {size}) from generate_series(1, {rows})"


def grown(rows, writes, values):
    """(what, factor, floor's pair, driver's pair): small and large. Where the large one would be too long it does a part of the work (see Program)."""
    def fetch(query, *more, part=1.0):
        return Program("pq_single_row", CONNINFO, query, part=part), Program("odbc_fetch", "bound", DIRECT, query, *more, part=part)

    def params(count, parameters, size, part=1.0):
        return Program("pq_values", count, parameters, size, CONNINFO, part=part), Program("odbc_values", count, parameters, size, DIRECT, part=part)

    def arrays(count):
        return tuple(Program(name, "insert", count, target, writes=("insert", count)) for name, target in (("pq_write", CONNINFO), ("odbc_write", DIRECT)))

    def got(kb):
        return Program("pq_single_row", CONNINFO, f"select repeat('p', {1024 * kb})"), Program("get_parts", DIRECT, "text", kb)

    def put(kb):
        return Program("pq_values", 1, 1, 1024 * kb, CONNINFO), Program("put_parts", DIRECT, "text", kb)

    few, many = values // 1000, values
    pairs = [("rows fetched", 10, fetch(f"{QUERY} limit {rows // 10}"), fetch(f"{QUERY} limit {rows}")),
             ("columns fetched", 10, fetch(many_columns(10, rows // 10)), fetch(many_columns(100, rows // 10))),
             ("size of a value fetched", 1000, fetch(value_rows(1000, many), 1, 1001), fetch(value_rows(1000000, few), 1, 1000001, part=few / many)),
             ("size of a value read in parts", 1000, got(32), got(32000)),
             ("rows inserted, arrays of 1000", 10, arrays(writes), arrays(10 * writes)),
             ("parameters of a statement", 10, params(many // 40, 10, 10), params(many // 40, 100, 10)),
             ("size of a parameter", 1000, params(many // 4, 1, 1000), params(few // 4, 1, 1000000, part=few / many)),
             ("size of a parameter given in parts", 1000, put(32), put(32000))]
    for what, factor, small, large in pairs:
        yield what, factor, (small[0], large[0]), (small[1], large[1])


def run_growth(rows, writes, values, rounds):
    print(f"\ngrowth of cost{'':26} factor     floor    driver")
    for what, factor, floor, driver in grown(rows, writes, values):
        small, large = (measure(Work(what, {"floor": floor[i]}, None, {"driver": driver[i]}, {}, few=True), rounds) for i in (0, 1))
        ratio = {who: large[who]["wall"] / small[who]["wall"] for who in ("floor", "driver")}
        to_floor = large["driver"]["wall"] / large["floor"]["wall"]
        linear = ratio["driver"] <= TOLERANCE * max(factor, ratio["floor"]) or to_floor <= TOLERANCE
        print(f"  {what:36} ×{factor:6} ×{ratio['floor']:8.1f} ×{ratio['driver']:8.1f}  {'' if linear else 'MORE THAN LINEAR'}", flush=True)
        yield {"what": what, "factor": factor, **ratio, "linear": linear, "to_floor": to_floor,
               "seconds": large["driver"]["wall"], "memory": large["driver"]["memory"]}


def growth_page(tables):
    text = [f"\n## Growth\n\nWhat the cost is multiplied by when work is. More than the factor, or than what the same costs without the driver where that is more (with {TOLERANCE - 1:.0%} for noise), would be a defect, unless the large one costs as little as without the driver. Where a "
            "large value would make too many bytes there are fewer of them, and the times are multiplied.\n\n"
            "| what grows | by | floor's cost (libpq) | driver's cost | | driver to floor, large | memory, large, kB |\n|---|---|---|---|---|---|---|"]
    text += [f"| {one['what']} | × {one['factor']} | × {one['floor']:.1f} | × {one['driver']:.1f} | {'linear or less' if one['linear'] else '**more than linear**'} | {one['to_floor']:.2f} | {one['memory']:.0f} |"
             for one in tables]
    return text


KINDS = {"statements": "statements, allocated", "prepared": "statements, prepared and executed", "cursors": "statements, a result of 3 rows open", "connections": "connections, each with a query"}
THREE = "select id, name from bench where id < 4"


def run_handles(statements, connections):
    print("\nmany at once: bytes each, microseconds to make one, to release one")
    for kind, title in KINDS.items():
        count = connections if kind == "connections" else statements
        programs = {"libpq": Program("pq_handles", kind, count, CONNINFO, THREE)} if kind == "connections" else {}
        if HAS_PEER:
            programs["psqlODBC"] = Program("odbc_handles", kind, count, PEER, THREE)
        programs["driver"] = Program("odbc_handles", kind, count, DIRECT, THREE)
        programs["driver, no driver manager"] = Program("odbc_handles_direct", kind, count, DIRECT, THREE)
        for line, one in measure(Work(title, {}, None, programs, {}), 1).items():
            entry = {"kind": title, "line": line, "count": count, "bytes": one["bytes"], "make": 1e6 * one["wall"] / count, "tail": one["tail"], "release": one["release"]}
            print(f"  {count:6} {title:38} {line:26} {entry['bytes']:8.0f} {entry['make']:9.1f} {entry['release']:9.1f}", flush=True)
            yield entry


def handles_page(tables):
    text = ["\n## Many handles in one process\n\nBytes are what the process grows by. \"Last : first\" is what the last tenth took to make, to the first tenth; those that are released are the oldest 500, while the others are there. unixODBC has a list of statements, which it walks through to free one, "
            "and memory of its own for each: that is what the line without driver manager has not. An open result has its rows still as libpq made them, some 3.4 kB each however short; beyond "
            "MaxBufferMemory they go to a file.\n\n| | how many | | bytes each | µs to make | last : first | µs to release |\n|---|---|---|---|---|---|---|"]
    text += [f"| {one['kind']} | {one['count']} | {one['line']} | {one['bytes']:.0f} | {one['make']:.1f} | {one['tail']:.2f} | {one['release']:.1f} |" for one in tables]
    return text
