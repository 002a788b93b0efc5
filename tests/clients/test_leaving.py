#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Processes that leave while certificates are being renewed: none crashes, none hangs, none stays behind.

tests/odbc/leaver.c is run again and again beside an API that is slow and gives certificates that are due for renewal at once. Some of the runs are with the
Release build of the driver, some with AddressSanitizer. ALDB_TEST_LEAVES is how many of the first (150; the second are a fifth of it), ALDB_TEST_SEED where
the random choices begin.
"""
import collections
import concurrent.futures
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "emulator"))
import harness  # noqa: E402

LEFT = 7
LIMIT_SECONDS = 40          # of one run, which takes two at most on an idle machine
LONGEST_US = 600_000        # sooner more often: then more is under way
AT_ONCE = 6
WAYS = ("return", "exit", "_exit", "quick_exit", "tidy", "fork", "dlclose", "dlclose-tidy")
# AddressSanitizer's allocator may stay locked in the child of a process with threads: nothing of the driver's hangs there.
WITHOUT_FORK = tuple(way for way in WAYS if way != "fork")
MANAGER = "libodbc.so.2"


def skip(why: str) -> None:
    print("SKIP:", why)
    sys.exit(77)


def driver_of(folder: str) -> str:
    for line in pathlib.Path(folder, "odbcinst.ini").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "Driver":
            return value.strip()
    raise AssertionError(f"no driver in {folder}")


def connection_string(emulator: harness.Emulator, strategy: str, number: int) -> str:
    """A number of its own makes an entry of the cache of its own, which is renewed by itself."""
    return ";".join(("DRIVER=AlloyDB", f"Server={emulator.facts['instances'][0]['name']}", f"ApiEndpoint={emulator.facts['http']}",
                     f"CredentialsFile={emulator.facts['credentials']['service_account']}", f"QuotaProject=p{number}", f"RefreshStrategy={strategy}",
                     f"Database={os.environ['ALDB_TEST_DATABASE']}", "EnableIamAuth=1", "LoginTimeout=20"))


def remains(group: int) -> bool:
    """Is any process of that group left, after a moment for those that are ending?"""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


def leave(program: str, folder: str, arguments: list[str]) -> str:
    """"" where all went well, else what went wrong."""
    environment = {**os.environ, "ODBCSYSINI": folder, "ODBCINI": folder + "/odbc.ini", "ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "halt_on_error=1"}
    with subprocess.Popen([program, *arguments], env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            _, said = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGABRT)
            _, said = process.communicate()
            return f"hangs: {said}"
        if remains(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
            return "leaves a process behind"
        if process.returncode != LEFT:
            return f"status {process.returncode}: {said}"
    return ""


def main() -> None:
    for name in ("ALDB_TEST_SOCKETDIR", "ALDB_TEST_CLIENT_INI", "ALDB_TEST_LEAVER", "ALDB_TEST_PLAIN_LEAVER"):
        if name not in os.environ:
            skip(f"{name} is not set; tests/run sets it")
    try:
        import cryptography  # noqa: F401
    except ImportError:
        skip("python3-cryptography is needed")
    runs = int(os.environ.get("ALDB_TEST_LEAVES", "150"))
    choose = random.Random(int(os.environ.get("ALDB_TEST_SEED", "1")))
    builds = {"Release": (os.environ["ALDB_TEST_PLAIN_LEAVER"], os.environ["ALDB_TEST_CLIENT_INI"], runs, WAYS),
              "AddressSanitizer": (os.environ["ALDB_TEST_LEAVER"], os.environ["ODBCSYSINI"], (runs + 4) // 5, WITHOUT_FORK)}
    bad = 0
    instance = f"projects/leaving-{os.getpid()}/locations/us-central1/clusters/demo/instances/primary"   # with roles of its own on the server
    with harness.Emulator(*harness.server_arguments(), "--listen", "auto", "--instance", instance) as emulator, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        emulator.fault("connectionInfo", delay=0.05)
        emulator.fault("generateClientCertificate", delay=0.12, lifetime=100)
        emulator.fault("token", delay=0.05)
        started = time.monotonic()
        for build, (program, folder, count, ways) in builds.items():
            done = collections.Counter()
            waiting = {}
            for number in range(count):
                way, strategy = ways[number % len(ways)], ("BACKGROUND", "BACKGROUND", "LAZY")[choose.randrange(3)]
                library = choose.choice((MANAGER, driver_of(folder)))
                strings = [connection_string(emulator, strategy, n) for n in range(choose.randint(1, 3))]
                arguments = [library, way, str(int(LONGEST_US * choose.random() ** 2)), *strings]
                waiting[pool.submit(leave, program, folder, arguments)] = (way, strategy, arguments[:3], len(strings))
            for future in concurrent.futures.as_completed(waiting):
                way, strategy, arguments, strings = waiting[future]
                done[way, strategy] += 1
                if future.result():
                    bad += 1
                    print(f"{build}: {strategy}, {arguments}, {strings} connections: {future.result()}")
            print(f"{build}: {count} runs,", ", ".join(f"{n} {way} {strategy}" for (way, strategy), n in sorted(done.items())))
        calls = len(emulator.requests("admin"))
        print(f"{bad} went wrong; {calls} calls of the API; {time.monotonic() - started:.0f} seconds")
    assert bad == 0
    assert calls > runs, "hardly anything was under way"


main()
