# SPDX-License-Identifier: Apache-2.0
"""The way to an AlloyDB instance: the built-in connector beside psqlODBC behind Google's Auth Proxy, all through one front that speaks TLS with client certificates."""
import contextlib
import os

from measure import CONNINFO, DIRECT, HOST, PORT, QUERY, Program, Target, Work, peer_at

NOTE = ("An emulator's instance on this machine: the same front, the same PostgreSQL behind it. \"Direct\" has neither front nor TLS, and is there for scale. The CPU time of the lines with the Auth Proxy has that of the proxy "
        "in it, which runs on the same machine as the program; for the driver's connector there is no process beside it.")
LIMITS = {"fetch": "The transport's part is encryption, and one copy between libpq's socket and the TLS stream; the rest is what a fetch costs without it.",
          "point": "A query through the connector wakes the front and the server, through the proxy the proxy as well; the driver's own part is a copy each way between libpq's socket and the TLS stream. The rest moves with the load of the machine.",
          "connect": "A connection through the connector is TLS of its own, an exchange, and PostgreSQL's login behind it."}
ABSENT = "The Auth Proxy was not there, and so there are no lines with it in this page."


def works(rows, points, connects):
    """Yields works while front and proxy run; none outside of alloydb-emulator --run."""
    if "ALLOYDB_EMULATOR_STATE" not in os.environ:
        return
    from connector_ways import Ways, cpu

    with contextlib.ExitStack() as stack:
        ways = Ways(stack)
        proxied = {"beside": lambda: cpu(ways.proxy)} if ways.proxy_port else None
        through, front = ways.target("odbc", "connector")[0], ways.target("odbc", "front")[0]
        behind = peer_at("127.0.0.1", ways.proxy_port)
        pick = QUERY + " where id = "
        for name, driver, libpq, drained in (
                (f"AlloyDB instance: fetch {rows} × 10", lambda target: ("odbc_fetch", "bound", target, QUERY), lambda target: ("pq_single_row", target, QUERY), ("fetch", 1, QUERY)),
                (f"AlloyDB instance: {points} point queries", lambda target: ("odbc_calls", "point", points, target, pick + "?"),
                 lambda target: ("pq_calls", "point", points, target, pick + "$1"), ("point", points, pick + "$1")),
                (f"AlloyDB instance: {connects} connects", lambda target: ("odbc_calls", "connect", connects, target, ""), lambda target: ("pq_calls", "connect", connects, target, ""),
                 ("connect", connects, ""))):
            floors = {"nothing but TLS and the answer": Program("drain", *drained, *ways.target("drain", "connector"))}
            if proxied:
                floors["libpq behind the Auth Proxy"] = Program(*libpq(ways.target("pq", "proxy")[0]), **proxied)
            floors |= {"libpq direct, no TLS": Program(*libpq(CONNINFO))}
            drivers = {"driver, direct, no TLS": Program(*driver(DIRECT)), "driver, libpq's TLS": Program(*driver(front)), "driver, connector": Program(*driver(through))}
            peer = Program(*driver(behind), **proxied) if proxied else None
            yield Work(name, floors, peer, drivers, {"driver, connector": Target(1.00, "psqlODBC")}, note=NOTE + ("" if proxied else " " + ABSENT),
                       limit=LIMITS[drained[0]], few=True)
