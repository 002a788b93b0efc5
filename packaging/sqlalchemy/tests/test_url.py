# SPDX-License-Identifier: Apache-2.0
"""From URL to connection string, without a server."""

import pathlib
import re

import pytest
from sqlalchemy import create_engine, exc
from sqlalchemy.engine import make_url
from sqlalchemy.engine.url import URL

from sqlalchemy_alloydb import quote
from sqlalchemy_alloydb.url import SECRETS, connect_arguments

URI = "projects/p/locations/r/clusters/c/instances/i"

CASES = [
    # the host form
    ("alloydb+pyodbc://u:p@h:5433/d?driver=AlloyDB&ip_type=PUBLIC", "DRIVER=AlloyDB;Server=h;Port=5433;Database=d;UID=u;PWD=p;ip_type=PUBLIC"),
    ("alloydb://u:p@h/d", "DRIVER=AlloyDB;Server=h;Database=d;UID=u;PWD=p"),
    ("postgresql+pyodbc://u@h/d", "DRIVER=AlloyDB;Server=h;Database=d;UID=u"),
    ("alloydb://u:p@h:5432", "DRIVER=AlloyDB;Server=h;Port=5432;UID=u;PWD=p"),
    ("alloydb://u:p@h?driver=My+Driver", "DRIVER={My Driver};Server=h;UID=u;PWD=p"),
    ("alloydb://u:p@h/d?port=7", "DRIVER=AlloyDB;Server=h;Port=7;Database=d;UID=u;PWD=p"),
    ("alloydb://[::1]:5432/d", "DRIVER=AlloyDB;Server=::1;Port=5432;Database=d"),
    # passwords and values that mean something in a connection string
    ("alloydb://u:a%3Bb%7D%7B%3D%20@h/d", "DRIVER=AlloyDB;Server=h;Database=d;UID=u;PWD={a;b}}{= }"),
    ("alloydb://u:%7Bp%7D@h/d", "DRIVER=AlloyDB;Server=h;Database=d;UID=u;PWD={{p}}}"),
    ("alloydb://u:a%2Bb%25@h/d", "DRIVER=AlloyDB;Server=h;Database=d;UID=u;PWD={a+b%}"),
    ("alloydb://h/d?ApplicationName=my%20app%3BUID%3Dx", "DRIVER=AlloyDB;Server=h;Database=d;ApplicationName={my app;UID=x}"),
    # data sources
    ("alloydb+pyodbc://u:p@mydsn", "DSN=mydsn;UID=u;PWD=p"),
    ("alloydb+pyodbc://mydsn", "DSN=mydsn"),
    ("alloydb+pyodbc://u:p@/?dsn=my+dsn", "DSN={my dsn};UID=u;PWD=p"),
    ("alloydb+pyodbc://u:p@/other?DSN=mydsn&FetchMode=BUFFER", "DSN=mydsn;Database=other;UID=u;PWD=p;FetchMode=BUFFER"),
    # connection properties
    (
        "alloydb:///?User=alloydb&Password=admin&Database=alloydb&Server=127.0.0.1&Port=5432",
        "DRIVER=AlloyDB;Port=5432;User=alloydb;Password=admin;Database=alloydb;Server=127.0.0.1",
    ),
    ("alloydb:///?Driver=Other&User=u&Server=h", "DRIVER=Other;User=u;Server=h"),
    # an instance of AlloyDB
    (f"alloydb:///?Server={URI}&User=u&Password=p", f"DRIVER=AlloyDB;Server={URI};User=u;Password=p"),
    (f"alloydb://u:p@/d?Instance={URI}&ip_type=PSC", f"DRIVER=AlloyDB;Database=d;UID=u;PWD=p;Instance={URI};ip_type=PSC"),
    (f"alloydb:///d?instance_uri={URI}&enable_iam_auth=1", f"DRIVER=AlloyDB;Database=d;instance_uri={URI};enable_iam_auth=1"),
    (f"alloydb://sa%40p.iam@/d?Instance={URI}&EnableIamAuth=1", f"DRIVER=AlloyDB;Database=d;UID=sa@p.iam;Instance={URI};EnableIamAuth=1"),
    # several hosts
    ("alloydb://u@/d?Server=a&Server=b", "DRIVER=AlloyDB;Database=d;UID=u;Server=a,b"),
]


@pytest.mark.parametrize(("url", "expected"), CASES, ids=[url for url, _ in CASES])
def test_connection_string(url, expected):
    assert connect_arguments(make_url(url)) == (expected, {})


@pytest.mark.parametrize("url", [url for url, _ in CASES], ids=[url for url, _ in CASES])
def test_never_trusted(url):
    assert "trusted" not in connect_arguments(make_url(url))[0].lower()


GIVEN = "DRIVER=AlloyDB;Server=h;PWD={a+b%41;c}"


@pytest.mark.parametrize("given", [GIVEN, GIVEN + "; ", "DSN=x;timestamptzas=UTC"])
def test_odbc_connect(given):
    """Verbatim: decoded once, and nothing else of the URL counts."""
    assert connect_arguments(URL.create("alloydb+pyodbc", username="u", query={"odbc_connect": given})) == (given, {})


def test_flags():
    text, flags = connect_arguments(make_url("alloydb://h/d?autocommit=true&unicode_results=no"))
    assert text == "DRIVER=AlloyDB;Server=h;Database=d"
    assert flags == {"autocommit": True, "unicode_results": False}


@pytest.mark.parametrize("key", ["a;b", "a=b", "{a", "", " a", "a\n"])
def test_bad_key(key):
    with pytest.raises(exc.ArgumentError):
        connect_arguments(URL.create("alloydb", host="h", database="d", query={key: "1"}))


@pytest.mark.parametrize(("value", "quoted"), [("", ""), ("a.b-c_d", "a.b-c_d"), ("a b", "{a b}"), ("}", "{}}}"), ("ü", "{ü}"), ("a\n", "{a\n}")])
def test_quote(value, quoted):
    assert quote(value) == quoted


# ---- what an engine shows of its URL


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("alloydb://u:secret@h/d?ip_type=PUBLIC", "alloydb://u:***@h/d?ip_type=PUBLIC"),
        ("alloydb:///?User=u&Password=se%3Bcret&Server=h&Port=1", "alloydb:///?Password=***&Port=1&Server=h&User=u"),
        ("alloydb:///?UID=u&pw d=secret&Access_Token=secret&Server=h", "alloydb:///?Access_Token=***&Server=h&UID=u&pw+d=***"),
        ("alloydb:///d?pwd=secret&pwd=secret", "alloydb:///d?pwd=***"),
        ("alloydb:///?odbc_connect=DSN%3Dx%3BPWD%3Dsecret%3BUID%3Du", "alloydb:///?odbc_connect=DSN%3Dx%3BPWD%3D***%3BUID%3Du"),
        ("alloydb:///?odbc_connect=PWD+%3D+%7Bsec%7D%7D%3Bret%7D%3BDSN%3Dx", "alloydb:///?odbc_connect=PWD+%3D***%3BDSN%3Dx"),
        ("alloydb:///?odbc_connect=DSN%3D%7Ba%3Bb%7D%3Bpassword%3D%7Bsecret", "alloydb:///?odbc_connect=DSN%3D%7Ba%3Bb%7D%3Bpassword%3D***"),
    ],
)
def test_secrets_are_hidden(url, shown):
    engine = create_engine(url)
    assert repr(engine) == f"Engine({shown})"
    assert engine.url == make_url(url)
    assert engine.url.render_as_string(hide_password=False) == make_url(url).render_as_string(hide_password=False)
    assert connect_arguments(engine.url) == connect_arguments(make_url(url))
    assert repr(engine.url.set(host="other")).count("secret") == 0


def test_secrets_are_those_of_the_driver():
    keywords = (pathlib.Path(__file__).parents[2] / "doc/keywords.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*) \| [^|]*never logged \|", keywords, re.MULTILINE)
    assert len(rows) >= 6
    assert {name.lower() for row in rows for name in re.findall(r"`(\w+)`", row)} | {"proxyurl", "httpsproxy"} == SECRETS
