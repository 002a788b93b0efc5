# SPDX-License-Identifier: Apache-2.0
"""Connections by InstanceUri; tests/clients/test_connector.sh starts it with the emulator's environment."""
import os
import threading
import time

import pyodbc

pyodbc.pooling = False
API = os.environ["ALLOYDB_EMULATOR_URL"]
CLUSTER = "projects/emulator/locations/us-central1/clusters/demo/instances/"
CREDENTIALS = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
DATABASE = os.environ["ALDB_TEST_DATABASE"]
PASSWORD = {"UID": os.environ["ALDB_TEST_USER"], "PWD": os.environ["ALDB_TEST_PASSWORD"]}
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


def test_rows():
    with connect(**PASSWORD) as c:
        rows = c.execute("select g, g::text from generate_series(1, 1000000) g")
        total = 0
        while batch := rows.fetchmany(10000):
            total += sum(row[0] for row in batch)
            assert all(str(row[0]) == row[1] for row in batch)
        assert total == 500000500000, total


def test_cancel():
    with connect(**PASSWORD) as c:
        for _ in range(3):
            cursor = c.cursor()
            timer = threading.Timer(0.3, cursor.cancel)
            start = time.monotonic()
            timer.start()
            try:
                cursor.execute("select pg_sleep(60)")
            except pyodbc.Error as error:
                assert error.args[0] == "HY008", error
            else:
                raise AssertionError("not cancelled")
            assert time.monotonic() - start < 20
            assert c.execute("select 1").fetchval() == 1


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print("passed:", name)
