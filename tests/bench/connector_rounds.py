# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/connector runs beside the emulator: front and Auth Proxy, the rounds, and the tables.

Four kinds of work, or those that were asked for: fetching the table, a stream of long texts, which cost next to nothing but their transport, point queries, connecting. Each goes the ways
of WAYS, one after another, ROUNDS times; the order turns with each round. The "front" column is the CPU time of the front and, where there is one, "proxy" that of the Auth Proxy; "client" is user + system of the program.
The best of the rounds counts for CPU time, for other work on the machine can only add to it; for wall time the best and the median are told.
Ends with status 1 when one of the bounds at the end is missed.
"""
import contextlib
import os
import statistics
import subprocess

from connector_ways import DATABASE, PROGRAMS, USER, Ways, cpu

ROWS, ROUNDS = int(os.environ["ROWS"]), int(os.environ["ROUNDS"])
POINTS, CONNECTS, TEXTS = min(20000, ROWS), 200, max(1, ROWS // 25)
QUERY = os.environ["BENCH_QUERY"]
STREAM = f"select repeat('x', 8000) as t from generate_series(1, {TEXTS})"
DRAINED = {"fetch": QUERY, "stream": STREAM, "point": QUERY + " where id = $1", "connect": ""}
WORKS = os.environ["KINDS"].split()
NOISE = 1.05

# name -> (program family, way); the order is that of the tables
WAYS = {
    "driver, connector, through the front": ("odbc", "connector"),
    "libpq, Auth Proxy, through the front": ("pq", "proxy"),
    "driver, libpq's TLS, through the front": ("odbc", "front"),
    "libpq, its own TLS, through the front": ("pq", "front"),
    "driver, libpq's TLS, direct": ("odbc", "tls"),
    "libpq, its own TLS, direct": ("pq", "tls"),
    "driver, no TLS, direct": ("odbc", "plain"),
    "libpq, no TLS, direct": ("pq", "plain"),
    "nothing but TLS, through the front": ("drain", "connector"),
    "nothing at all, direct": ("drain", "plain"),
}


class Rounds(Ways):
    """The command line of each way, and what one run of it took."""

    def command(self, work: str, family: str, way: str) -> list[str]:
        target = self.target(family, way)
        count = {"point": POINTS, "connect": CONNECTS}.get(work, 1)
        if family == "drain":
            return [PROGRAMS + "drain", "fetch" if work == "stream" else work, str(count), DRAINED[work], *target]
        if work in ("fetch", "stream"):
            program = {"odbc": ["odbc_fetch", "bound"], "pq": ["pq_single_row"]}[family]
            return [PROGRAMS + program[0], *program[1:], *target, DRAINED[work], *(["16", "8001"] if work == "stream" and family == "odbc" else [])]
        query = QUERY + " where id = " + {"odbc": "?", "pq": "$1"}[family]
        return [PROGRAMS + {"odbc": "odbc_calls", "pq": "pq_calls"}[family], work, str(count), *target, query]

    def run(self, work: str, family: str, way: str) -> dict:
        front, proxy = cpu(self.front), cpu(self.proxy)
        done = subprocess.run(self.command(work, family, way), stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, "PGUSER": USER, "PGDATABASE": DATABASE})
        count, total, wall, user, system, memory, _, *each = done.stdout.split()
        wanted = {"fetch": ROWS, "stream": TEXTS}.get(work)
        assert wanted is None or family == "drain" or int(count) == wanted, f"{count} rows of {wanted}"
        return {"sum": int(total), "wall": float(wall), "user": float(user), "system": float(system), "client": float(user) + float(system),
                "memory": int(memory), "front": cpu(self.front) - front, "proxy": cpu(self.proxy) - proxy,
                "median": float(each[0]) if each else 0.0, "p99": float(each[1]) if each else 0.0}


def best(rounds: list[dict], what: str) -> float:
    return min(one[what] for one in rounds)


def middle(rounds: list[dict], what: str) -> float:
    return statistics.median(one[what] for one in rounds)


def fetch_table(title: str, results: dict) -> None:
    print(f"\n{title}: seconds\n{'':40}{'wall':>16}{'client CPU (user)':>20}{'front':>8}{'proxy':>8}{'memory':>10}")
    for name, rounds in results.items():
        print(f"{name:40}{best(rounds, 'wall'):8.3f}{middle(rounds, 'wall'):8.3f}{best(rounds, 'client'):12.3f} ({best(rounds, 'user'):.3f})"
              f"{best(rounds, 'front'):8.2f}{best(rounds, 'proxy'):8.2f}{max(one['memory'] for one in rounds):7d} kB")


def calls_table(title: str, count: int, results: dict) -> None:
    print(f"\n{title}: microseconds a call\n{'':40}{'mean':>16}{'median':>9}{'99 %':>9}{'client CPU':>12}{'front':>8}{'proxy':>8}")
    for name, rounds in results.items():
        each = 1e6 / count
        print(f"{name:40}{each * best(rounds, 'wall'):8.1f}{each * middle(rounds, 'wall'):8.1f}{best(rounds, 'median'):9.1f}{best(rounds, 'p99'):9.1f}"
              f"{each * best(rounds, 'client'):12.1f}{each * best(rounds, 'front'):8.1f}{each * best(rounds, 'proxy'):8.1f}")


def share(results: dict, choose) -> float:
    """What the connector's transport costs the client's CPU, in libpq's own TLS: both without what the driver takes with no TLS at all."""
    cost = {way: choose(results[name], "client") for name, (family, way) in WAYS.items() if family == "odbc"}
    return (cost["connector"] - cost["plain"]) / max(cost["front"] - cost["plain"], 1e-9)


def bounds(results: dict) -> list[tuple[str, bool]]:
    ours, proxied, *_ = WAYS
    told = []
    for work, what, name in (("fetch", "wall", "fetch"), ("stream", "wall", "stream"), ("point", "median", "point query"), ("connect", "median", "connect")):
        if work not in results:
            continue
        ratio, spread = (choose(results[work][ours], what) / choose(results[work][proxied], what) for choose in (best, middle))
        told.append((f"{name}: the connector / libpq behind the Auth Proxy {ratio:.2f}, by medians {spread:.2f}" +
                     (f" (at most 1, and {NOISE - 1:.0%} for noise)" if work in ("fetch", "point") else ""),
                     work not in ("fetch", "point") or ratio <= NOISE))
    for work in (work for work in ("stream", "fetch") if work in results):
        ratio, spread = share(results[work], best), share(results[work], middle)
        told.append((f"{work}: the connector's transport / libpq's own TLS, client CPU {ratio:.2f}, by medians {spread:.2f}" +
                     (" (at most 1.25; takes some twenty rounds)" if work == "fetch" else ""), work == "stream" or ratio <= 1.25))
    return told


def main() -> None:
    results: dict = {work: {name: [] for name in WAYS} for work in WORKS}
    with contextlib.ExitStack() as stack:
        ways = Rounds(stack)
        for number in range(ROUNDS):
            for work, by_name in results.items():
                names = list(WAYS)
                for name in names[number % len(names):] + names[:number % len(names)]:
                    by_name[name].append(ways.run(work, *WAYS[name]))
    tables = {"fetch": lambda it: fetch_table(f"{ROWS} rows of ten columns", it),
              "stream": lambda it: fetch_table(f"{TEXTS} texts of 8000 bytes", it),
              "point": lambda it: calls_table(f"{POINTS} point queries", POINTS, it),
              "connect": lambda it: calls_table(f"{CONNECTS} connections, warm cache", CONNECTS, it)}
    for work, by_name in results.items():
        tables[work](by_name)
    for work in (work for work in ("stream", "fetch") if work in results):
        drained = results[work]["nothing but TLS, through the front"]
        size = drained[0]["sum"] / 1e6
        print(f"\nThe front alone on the {work}, with a client that only decrypts: {size / best(drained, 'wall'):.0f} MB/s, {size / best(drained, 'front'):.0f} MB a CPU "
              f"second of the front; the server alone sends {size / best(results[work]['nothing at all, direct'], 'wall'):.0f} MB/s")
    print()
    told = bounds(results)
    for text, kept in told:
        print(("" if kept else "MISSED: ") + text)
    raise SystemExit(not all(kept for _, kept in told))


if __name__ == "__main__":
    main()
