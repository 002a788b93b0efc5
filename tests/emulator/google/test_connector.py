# SPDX-License-Identifier: Apache-2.0
"""google-cloud-alloydb-connector, unmodified, through the emulator: every address type, driver, login and refresh strategy, and each error's text."""
import asyncio
import datetime
import io
import os
import ssl

import pytest

import harness
from harness import PRIVATE, PUBLIC

URI = harness.INSTANCE
DATABASE = os.environ["ALDB_TEST_DATABASE"]
PASSWORD = {"user": os.environ["ALDB_TEST_USER"], "password": os.environ["ALDB_TEST_PASSWORD"]}
IAM = {"user": "app@p1.iam", "enable_iam_auth": True}


def token(emulator, name="access-token"):
    from google.oauth2.credentials import Credentials
    # google-auth compares with a naive UTC time.
    expiry = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(hours=1)
    return Credentials(token=emulator.text_of(name), expiry=expiry)


@pytest.fixture
def connector(emulator):
    from google.cloud.alloydbconnector import Connector
    made = []

    def make(**options):
        ours = {"credentials": token(emulator), "alloydb_api_endpoint": emulator.facts["grpc"], "refresh_strategy": "LAZY"}
        made.append(Connector(**{**ours, **options}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def user_of(connection):
    cursor = connection.cursor()
    cursor.execute("select current_user, (select count(*) from generate_series(1, 100000) g)")
    user, count = cursor.fetchone()
    assert count == 100000
    connection.close()
    harness.settle()
    return user


@pytest.mark.parametrize("login", [PASSWORD, IAM], ids=["password", "iam"])
@pytest.mark.parametrize("ip_type", ["PRIVATE", "PUBLIC", "PSC"])
@pytest.mark.parametrize("driver", ["pg8000", "psycopg"])
def test_connects(emulator, connector, driver, ip_type, login):
    one = connector(ip_type=ip_type, user_agent="myapp/1.0", quota_project="quota-project")
    assert user_of(one.connect(URI, driver, db=DATABASE, **login)) == login["user"]
    addresses = {"PRIVATE": PRIVATE, "PUBLIC": PUBLIC, "PSC": "127.0.0.1"}
    assert emulator.wait_for("front")["address"] == addresses[ip_type]
    exchange, = emulator.requests("exchange")
    assert exchange["auth_type"] == ("AUTO_IAM" if login is IAM else "DB_NATIVE") and exchange["result"] == "OK"
    assert exchange["user_agent"].startswith("alloydb-python-connector/") and exchange["user_agent"].endswith(f"+{driver} myapp/1.0")
    calls = {call["method"]: call for call in emulator.requests("admin")}
    assert set(calls) == {"connectionInfo", "generateClientCertificate"}
    for call in calls.values():
        assert (call["version"], call["transport"], call["quota_project"], call["status"]) == ("v1beta", "grpc", "quota-project", 200)
    assert calls["generateClientCertificate"]["cert_duration"] == 3600 and calls["generateClientCertificate"]["use_metadata_exchange"]


@pytest.mark.parametrize("strategy", ["LAZY", "BACKGROUND"])
def test_second_connect_makes_no_call(emulator, connector, strategy):
    one = connector(refresh_strategy=strategy)
    for _ in range(3):
        assert user_of(one.connect(URI, "psycopg", db=DATABASE, **IAM)) == "app@p1.iam"
    assert len(emulator.requests("admin")) == 2 and len(emulator.requests("exchange")) == 3


@pytest.mark.parametrize("login", [PASSWORD, IAM], ids=["password", "iam"])
@pytest.mark.parametrize("strategy", ["LAZY", "BACKGROUND"])
def test_asyncpg(emulator, strategy, login):
    from google.cloud.alloydbconnector import AsyncConnector

    async def run():
        async with AsyncConnector(credentials=token(emulator), alloydb_api_endpoint=emulator.facts["grpc"], refresh_strategy=strategy) as one:
            connection = await one.connect(URI, "asyncpg", db=DATABASE, **login)
            try:
                return await connection.fetchval("select current_user")
            finally:
                await connection.close()

    assert asyncio.run(run()) == login["user"]
    assert emulator.requests("exchange") == []  # this driver goes without
    calls = {call["method"]: call for call in emulator.requests("admin")}
    assert calls["generateClientCertificate"]["use_metadata_exchange"] is False


@pytest.mark.parametrize("login", [PASSWORD, IAM], ids=["password", "iam"])
def test_static_info(emulator, connector, login):
    one = connector(static_conn_info=io.StringIO(emulator.text_of("static-info.json")))
    assert user_of(one.connect(URI, "pg8000", db=DATABASE, **login)) == login["user"]
    assert emulator.requests("admin") == [] and len(emulator.requests("exchange")) == 1


def test_login_token_of_its_own(emulator, connector):
    one = connector(db_credentials=token(emulator, "login-token"))
    assert user_of(one.connect(URI, "pg8000", db=DATABASE, **IAM)) == "app@p1.iam"
    assert emulator.requests("exchange")[0]["scopes"] == ["https://www.googleapis.com/auth/alloydb.login"]


def test_another_user_than_the_token_says(connector):
    with pytest.raises(Exception, match='AlloyDB IAM user authentication failed for user "aldb_test"'):
        connector().connect(URI, "psycopg", db=DATABASE, user="aldb_test", enable_iam_auth=True)


def test_wrong_password(connector):
    with pytest.raises(Exception, match="password authentication failed"):
        connector().connect(URI, "psycopg", db=DATABASE, user="aldb_test", password="wrong")


# ---- errors of the API ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("status, name", [(400, "InvalidArgument"), (401, "Unauthenticated"), (403, "PermissionDenied"), (404, "NotFound"),
                                          (429, "ResourceExhausted"), (500, "InternalServerError")])
@pytest.mark.parametrize("method", ["connectionInfo", "generateClientCertificate"])
def test_api_error(emulator, connector, method, status, name):
    from google.api_core import exceptions
    emulator.fault(method, status=status, message="no such luck")
    with pytest.raises(getattr(exceptions, name), match=f"^{status} no such luck"):
        connector().connect(URI, "psycopg", db=DATABASE, **PASSWORD)
    assert len([c for c in emulator.requests("admin") if c["method"] == method]) == 1  # not tried again


def test_unavailable_is_tried_again(emulator, connector):
    emulator.fault("connectionInfo", status=503, times=2)
    assert user_of(connector().connect(URI, "psycopg", db=DATABASE, **PASSWORD)) == "aldb_test"
    assert [c["status"] for c in emulator.requests("admin") if c["method"] == "connectionInfo"] == [503, 503, 200]


def test_unknown_instance(connector):
    from google.api_core import exceptions
    with pytest.raises(exceptions.NotFound, match="^404 Resource 'projects/p1/.*/instances/other' was not found"):
        connector().connect(URI.replace("i1", "other"), "psycopg", db=DATABASE, **PASSWORD)


def test_unknown_token(emulator, connector):
    from google.api_core import exceptions
    credentials = token(emulator)
    credentials.token = "invented"
    with pytest.raises(exceptions.Unauthenticated):
        connector(credentials=credentials).connect(URI, "psycopg", db=DATABASE, **PASSWORD)


@pytest.mark.parametrize("ip_type, member", [("PRIVATE", "ipAddress"), ("PUBLIC", "publicIpAddress"), ("PSC", "pscDnsName")])
def test_missing_address(emulator, connector, ip_type, member):
    from google.cloud.alloydbconnector.exceptions import IPTypeNotFoundError
    emulator.fault("connectionInfo", omit=[member])
    with pytest.raises(IPTypeNotFoundError, match=f"^AlloyDB instance does not have an IP addresses matching type: '{ip_type}'$"):
        connector(ip_type=ip_type).connect(URI, "psycopg", db=DATABASE, **PASSWORD)


# ---- errors of TLS ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("fault, text", [
    ({"at": "front", "certificate": "wrong-san"}, f"IP address mismatch, certificate is not valid for '{PRIVATE}'"),
    ({"at": "front", "certificate": "stranger"}, "certificate verify failed"),
    ({"at": "front", "certificate": "expired"}, "certificate has expired"),
    ({"at": "front", "certificate": "not-yet-valid"}, "certificate is not yet valid"),
    ({"at": "front", "tls": "1.2"}, "(?i)protocol.version"),
    ({"at": "generateClientCertificate", "ca": "stranger"}, "certificate verify failed"),
    ({"at": "generateClientCertificate", "leaf": "other-key"}, "(?i)key.values.mismatch"),
    ({"at": "generateClientCertificate", "leaf": "stranger"}, "(?i)alert unknown.ca"),
    ({"at": "generateClientCertificate", "lifetime": -60}, "(?i)alert certificate.expired"),
    ({"at": "generateClientCertificate", "starts_in": 600}, "(?i)alert bad.certificate"),
], ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "")
def test_tls_error(emulator, connector, fault, text):
    emulator.fault(**fault)
    with pytest.raises((ssl.SSLError, OSError, RuntimeError), match=text):
        connector().connect(URI, "psycopg", db=DATABASE, **PASSWORD)


def test_skewed_clock(emulator, connector):
    """The API's clock is two hours ahead: the certificate is not valid yet."""
    emulator.fault("clock", offset=7200)
    with pytest.raises((ssl.SSLError, OSError, RuntimeError), match="(?i)alert bad.certificate"):
        connector(credentials=token(emulator)).connect(URI, "psycopg", db=DATABASE, **PASSWORD)


def test_killed_front(emulator, connector):
    one = connector()
    emulator.fault("front", listen="closed")
    with pytest.raises(ConnectionRefusedError):
        one.connect(URI, "psycopg", db=DATABASE, **PASSWORD)
    emulator.reset()
    assert user_of(one.connect(URI, "psycopg", db=DATABASE, **PASSWORD)) == "aldb_test"


# ---- errors of the exchange ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("reply, kind, text", [
    ("error", ValueError, "^Metadata Exchange request has failed with error: permission denied by emulator$"),
    ("empty", ValueError, "^Metadata Exchange request has failed"),
    ("unspecified", ValueError, "^Metadata Exchange request has failed"),
    ("close", RuntimeError, "^Connection closed while getting metadata exchange length!$"),
    ("truncated-length", RuntimeError, "^Connection closed while getting metadata exchange length!$"),
    ("truncated", RuntimeError, "^Connection closed while performing metadata exchange!$"),
    ("oversize", RuntimeError, "^Connection closed while performing metadata exchange!$"),
    ("pg-error", RuntimeError, "^Connection closed while performing metadata exchange!$"),
    ("garbage", Exception, "(?i)pars|decod"),
])
def test_exchange_error(emulator, connector, reply, kind, text):
    emulator.fault("exchange", reply=reply)
    with pytest.raises(kind, match=text):
        connector().connect(URI, "psycopg", db=DATABASE, **PASSWORD)
    assert emulator.requests("exchange")[0]["result"] == "fault: " + reply


@pytest.mark.parametrize("fault", [{"reply": "unknown-fields"}, {"slow": 0.05}, {"delay": 0.5}], ids=["unknown-fields", "slow", "delay"])
def test_exchange_odd_but_right(emulator, connector, fault):
    emulator.fault("exchange", **fault)
    assert user_of(connector().connect(URI, "pg8000", db=DATABASE, **IAM)) == "app@p1.iam"


def test_exchange_with_a_wrong_token(emulator, connector):
    wrong = token(emulator)
    wrong.token = "invented"
    with pytest.raises(ValueError,
                       match="^Metadata Exchange request has failed with error: unable to authenticate the request: the token is not known$"):
        connector(db_credentials=wrong).connect(URI, "psycopg", db=DATABASE, **PASSWORD)


def test_after_a_failure_the_certificate_is_a_new_one(emulator, connector):
    one = connector()
    emulator.fault("exchange", reply="error", times=1)
    with pytest.raises(ValueError):
        one.connect(URI, "psycopg", db=DATABASE, **PASSWORD)
    assert user_of(one.connect(URI, "psycopg", db=DATABASE, **PASSWORD)) == "aldb_test"
    assert len(emulator.requests("admin")) == 4
