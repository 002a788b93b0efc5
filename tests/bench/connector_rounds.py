# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/connector runs beside the emulator: front and Auth Proxy, the rounds, and the tables.

Three kinds of work: fetching the table, point queries, connecting. Each goes all the ways of WAYS, one after another, ROUNDS times; the order turns with each
round. The "front" column is the CPU time of the front and, where there is one, "proxy" that of the Auth Proxy; "client" is user + system of the program.
The best of the rounds counts for CPU time, for other work on the machine can only add to it; for wall time the best and the median are told.
Ends with status 1 when one of the bounds at the end is missed.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time

PROGRAMS = os.environ["PROGRAMS"] + "/"
ROWS, ROUNDS = int(os.environ["ROWS"]), int(os.environ["ROUNDS"])
POINTS, CONNECTS = min(20000, ROWS), 200
STATE = pathlib.Path(os.environ["ALLOYDB_EMULATOR_STATE"])
INSTANCE = os.environ["ALLOYDB_EMULATOR_INSTANCE"]
HOST, PORT = os.environ["ALDB_TEST_HOST"], os.environ["ALDB_TEST_PORT"]
DATABASE, USER = os.environ["ALDB_TEST_DATABASE"], "aldb_trust"  # a login of one round trip: passwords cost every way the same
QUERY = os.environ["BENCH_QUERY"]
DRAINED = {"fetch": QUERY, "point": QUERY + " where id = $1", "connect": ""}
TICK = os.sysconf("SC_CLK_TCK")

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


def free_port(address: str = "127.0.0.1") -> str:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return str(probe.getsockname()[1])


def cpu(process: subprocess.Popen) -> float:
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Ways:
    """Front and proxy, running, and the command line of each way."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.facts = json.loads((STATE / "emulator.json").read_text())
        instance = self.facts["instances"][0]
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="connector-bench-"))
        self.address, self.port, self.plain_port = instance["private"], str(instance["port"]), free_port(instance["private"])
        self.ca = instance["ca"]
        self.front = subprocess.Popen(
            [PROGRAMS + "front", instance["identity"], instance["ca"], f"{os.environ['ALDB_TEST_SOCKETDIR']}/.s.PGSQL.{PORT}",
             self.address, self.port, self.plain_port], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(self._end, self.front)
        assert self.front.stdout.readline() == b"ready\n"
        self.proxy_port = free_port()
        log = stack.enter_context(open(self.folder + "/proxy", "w+"))
        self.proxy = subprocess.Popen(
            [os.environ["ALDB_AUTH_PROXY"], "--disable-built-in-telemetry", "--alloydbadmin-api-endpoint", self.facts["http"], "--token",
             (STATE / "access-token").read_text(), "--port", self.proxy_port, INSTANCE], stdout=log, stderr=log, env={**os.environ, "HOME": self.folder})
        stack.callback(self._end, self.proxy)
        deadline = time.monotonic() + 60
        while "ready for new connections" not in (text := pathlib.Path(log.name).read_text()):
            assert self.proxy.poll() is None and time.monotonic() < deadline, text
            time.sleep(0.05)
        info = json.loads((STATE / "static-info.json").read_text())
        self.identity = pathlib.Path(self.folder, "client.pem")
        self.identity.write_text("".join(info[INSTANCE]["pemCertificateChain"]) + info["privateKey"])

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(20)

    def target(self, family: str, way: str) -> list[str]:
        """Where a program of that family connects to: a connection string, or drain's arguments."""
        host, port = {"connector": (self.address, self.port), "proxy": ("127.0.0.1", self.proxy_port),
                      "front": (self.address, self.plain_port)}.get(way, (HOST, PORT))
        mode = "require" if way in ("front", "tls") else "disable"
        if family == "pq":
            return [f"host={host} port={port} dbname={DATABASE} user={USER} sslmode={mode} gssencmode=disable"]
        if family == "drain":
            return [host, port, *([str(self.identity), self.ca, str(STATE / "access-token")] if way == "connector" else [])]
        if way == "connector":
            where = f"Server={INSTANCE};ApiEndpoint={self.facts['http']};CredentialsFile={self.facts['credentials']['service_account']}"
        else:
            where = f"Server={host};Port={port};SSLMode={mode}"
        return [f"DRIVER=AlloyDB;{where};Database={DATABASE};UID={USER}"]

    def command(self, work: str, family: str, way: str) -> list[str]:
        target = self.target(family, way)
        count = {"fetch": 1, "point": POINTS, "connect": CONNECTS}[work]
        if family == "drain":
            return [PROGRAMS + "drain", work, str(count), DRAINED[work], *target]
        if work == "fetch":
            return [PROGRAMS + {"odbc": "fetch_bench", "pq": "pq_single_row"}[family], *target, QUERY]
        query = QUERY + " where id = " + {"odbc": "?", "pq": "$1"}[family]
        return [PROGRAMS + {"odbc": "odbc_calls", "pq": "pq_calls"}[family], work, str(count), *target, query]

    def run(self, work: str, family: str, way: str) -> dict:
        front, proxy = cpu(self.front), cpu(self.proxy)
        done = subprocess.run(self.command(work, family, way), stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, "PGUSER": USER, "PGDATABASE": DATABASE})
        count, total, wall, user, system, memory, *each = done.stdout.split()
        assert work != "fetch" or family == "drain" or int(count) == ROWS, f"{count} rows of {ROWS}"
        return {"sum": int(total), "wall": float(wall), "user": float(user), "system": float(system), "client": float(user) + float(system),
                "memory": int(memory), "front": cpu(self.front) - front, "proxy": cpu(self.proxy) - proxy,
                "median": float(each[0]) if each else 0.0, "p99": float(each[1]) if each else 0.0}


def best(rounds: list[dict], what: str) -> float:
    return min(one[what] for one in rounds)


def middle(rounds: list[dict], what: str) -> float:
    return statistics.median(one[what] for one in rounds)


def fetch_table(results: dict) -> None:
    print(f"\n{ROWS} rows: seconds\n{'':40}{'wall':>16}{'client CPU (user)':>20}{'front':>8}{'proxy':>8}{'memory':>10}")
    for name, rounds in results.items():
        print(f"{name:40}{best(rounds, 'wall'):8.3f}{middle(rounds, 'wall'):8.3f}{best(rounds, 'client'):12.3f} ({best(rounds, 'user'):.3f})"
              f"{best(rounds, 'front'):8.2f}{best(rounds, 'proxy'):8.2f}{max(one['memory'] for one in rounds):7d} kB")


def calls_table(title: str, count: int, results: dict) -> None:
    print(f"\n{title}: microseconds a call\n{'':40}{'mean':>16}{'median':>9}{'99 %':>9}{'client CPU':>12}{'front':>8}{'proxy':>8}")
    for name, rounds in results.items():
        each = 1e6 / count
        print(f"{name:40}{each * best(rounds, 'wall'):8.1f}{each * middle(rounds, 'wall'):8.1f}{best(rounds, 'median'):9.1f}{best(rounds, 'p99'):9.1f}"
              f"{each * best(rounds, 'client'):12.1f}{each * best(rounds, 'front'):8.1f}{each * best(rounds, 'proxy'):8.1f}")


def share(results: dict, what: str) -> float:
    """What the connector's transport costs, in libpq's own TLS: both without what the driver does with no TLS at all."""
    names = {way: name for name, (family, way) in WAYS.items() if family == "odbc"}
    cost = {way: best(results[name], what) for way, name in names.items()}
    return (cost["connector"] - cost["plain"]) / max(cost["front"] - cost["plain"], 1e-9)


def main() -> None:
    ours, proxied, *_ = WAYS
    results: dict = {work: {name: [] for name in WAYS} for work in DRAINED}
    with contextlib.ExitStack() as stack:
        ways = Ways(stack)
        for number in range(ROUNDS):
            for work, by_name in results.items():
                names = list(WAYS)
                for name in names[number % len(names):] + names[:number % len(names)]:
                    by_name[name].append(ways.run(work, *WAYS[name]))
    fetch, point, connect = results.values()
    fetch_table(fetch)
    calls_table(f"{POINTS} point queries", POINTS, point)
    calls_table(f"{CONNECTS} connections, warm cache", CONNECTS, connect)
    drained = fetch["nothing but TLS, through the front"]
    size = drained[0]["sum"]
    print(f"\nThe front alone, into a client that only decrypts: {size / best(drained, 'wall') / 1e6:.0f} MB/s, {size / best(drained, 'front') / 1e6:.0f} MB a CPU "
          f"second of the front; the server sends {size / best(fetch['nothing at all, direct'], 'wall') / 1e6:.0f} MB/s")
    bounds = []
    for work, what, by_name in (("fetch", "wall", fetch), ("point query", "median", point), ("connect", "median", connect)):
        ratio = best(by_name[ours], what) / best(by_name[proxied], what)
        spread = middle(by_name[ours], what) / middle(by_name[proxied], what)
        bounds.append((f"{work}: connector / libpq behind the Auth Proxy, best {ratio:.2f}, median {spread:.2f} (at most 1)", ratio <= 1 or work == "connect"))
    ratio = share(fetch, "client")
    bounds.append((f"fetch: the connector's transport / libpq's own TLS, client CPU {ratio:.2f} (at most 1.25); the whole client "
                   f"{best(fetch[ours], 'client') / best(fetch[list(WAYS)[2]], 'client'):.2f}", ratio <= 1.25))
    print()
    for text, kept in bounds:
        print(("" if kept else "MISSED: ") + text)
    raise SystemExit(not all(kept for _, kept in bounds))


if __name__ == "__main__":
    main()
