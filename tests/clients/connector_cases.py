# SPDX-License-Identifier: Apache-2.0
"""Connections by InstanceUri; tests/clients/test_connector.sh starts it with the emulator's environment."""
import json
import os
import threading
import time
import urllib.request

import pyodbc

pyodbc.pooling = False
API = os.environ["ALLOYDB_EMULATOR_URL"]
CLUSTER = "projects/emulator/locations/us-central1/clusters/demo/instances/"
CREDENTIALS = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
DATABASE = os.environ["ALDB_TEST_DATABASE"]
PASSWORD = {"UID": os.environ["ALDB_TEST_USER"], "PWD": os.environ["ALDB_TEST_PASSWORD"]}
STATIC = os.environ["ALLOYDB_EMULATOR_STATE"] + "/static-info.json"
SHORT = 250  # seconds: ten more than the margin before the end
IAM = {"EnableIamAuth": "1"}


def connect(instance="all", **more):
    options = {"DRIVER": "AlloyDB", "Server": CLUSTER + instance, "Database": DATABASE, "ApiEndpoint": API, "CredentialsFile": CREDENTIALS,
               "LoginTimeout": "30", **more}
    return pyodbc.connect(";".join(f"{key}={value}" for key, value in options.items()))


def refused(state, *words, **more):
    try:
        connect(**more)
    except pyodbc.Error as error:
        assert error.args[0] == state, error
        assert all(word in error.args[1] for word in words), error
    else:
        raise AssertionError(f"{more} was let in")


def test_addresses_and_logins():
    for ip_type in ("PRIVATE", "PUBLIC", "PSC"):
        for login in (PASSWORD, IAM):
            with connect(IpType=ip_type, **login) as c:
                user, = c.execute("select current_user").fetchone()
                assert user == (login.get("UID") or "app@emulator.iam"), user
                assert c.getinfo(pyodbc.SQL_SERVER_NAME) == CLUSTER + "all"


def test_refusals():
    refused("HY024", "PWD and EnableIamAuth", **PASSWORD, **IAM)
    refused("08001", "PUBLIC", instance="private", IpType="PUBLIC", **PASSWORD)
    refused("28000", "password authentication failed", UID=PASSWORD["UID"], PWD="wrong")
    refused("08001", "no-such", instance="no-such", **PASSWORD)


def test_hints():
    """What the server cannot know: who the principal is."""
    refused("28000", "IAM user authentication failed", 'here "app@emulator.iam"', 'UID says "alice@example.com"', **IAM, UID="alice@example.com")
    refused("28000", 'here "app@emulator.iam"', **IAM, UID="app@emulator.iam.gserviceaccount.com")
    refused("28000", "add PWD, or EnableIamAuth=1", UID=PASSWORD["UID"])
    wrong = {"AccessToken": "unknown", "CredentialsFile": "", "StaticConnectionInfo": STATIC, "ApiEndpoint": ""}
    refused("28000", "Metadata exchange", "the token is not known", **PASSWORD, **wrong)


def journal(kind):
    with urllib.request.urlopen(f"{API}/_emulator/requests?kind={kind}", timeout=20) as answer:
        return json.load(answer)["requests"]


def test_static_info():
    """The file in place of the API."""
    before = len(journal("admin"))
    for ip_type in ("PRIVATE", "PUBLIC"):
        with connect(IpType=ip_type, StaticConnectionInfo=STATIC, ApiEndpoint="", **IAM) as c:
            assert c.execute("select 1").fetchval() == 1
    assert len(journal("admin")) == before
    refused("HY024", "StaticConnectionInfo and ApiEndpoint", StaticConnectionInfo=STATIC, **IAM)


def test_background():
    """Renewed although nobody connects, from the moment that somebody wants it until nobody does."""
    def fault(**what):
        request = urllib.request.Request(f"{API}/_emulator/faults", json.dumps(what).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=20).close()

    def renewers():
        names = (open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task"))
        return sum(name == "aldb-renewer" for name in names)

    assert renewers() == 0
    fault(at="generateClientCertificate", lifetime=SHORT)
    c = connect("short", RefreshStrategy="BACKGROUND", **PASSWORD)
    assert renewers() == 1
    before = len(journal("admin"))
    until = time.monotonic() + 60
    while len(journal("admin")) < before + 2 and time.monotonic() < until:
        assert c.execute("select 1").fetchval() == 1
        time.sleep(0.2)
    assert len(journal("admin")) >= before + 2
    c.close()
    assert renewers() == 0
    urllib.request.urlopen(urllib.request.Request(f"{API}/_emulator/faults", method="DELETE"), timeout=20).close()


def test_rows():
    with connect(**PASSWORD) as c:
        rows = c.execute("select g, g::text from generate_series(1, 1000000) g")
        total = 0
        while batch := rows.fetchmany(10000):
            total += sum(row[0] for row in batch)
            assert all(str(row[0]) == row[1] for row in batch)
        assert total == 500000500000, total


def cancel_in_sleep(cursor, pid):
    with connect(**PASSWORD) as watch:
        while watch.execute("select wait_event from pg_stat_activity where pid = ?", pid).fetchval() != "PgSleep":
            time.sleep(0.05)
    cursor.cancel()


def test_cancel():
    with connect(**PASSWORD) as c:
        for _ in range(3):
            cursor = c.cursor()
            canceller = threading.Thread(target=cancel_in_sleep, args=(cursor, c.execute("select pg_backend_pid()").fetchval()))
            start = time.monotonic()
            canceller.start()
            try:
                cursor.execute("select pg_sleep(120)")
            except pyodbc.Error as error:
                assert error.args[0] == "HY008", error
            else:
                raise AssertionError("not cancelled")
            canceller.join()
            assert time.monotonic() - start < 60
            assert c.execute("select 1").fetchval() == 1


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print("passed:", name)
