# SPDX-License-Identifier: Apache-2.0
"""Tokens, JWTs, and Amazon's signature."""
import json

import pytest

from alloydb_emulator import aws, pki, postgres, principals, tokens
from alloydb_emulator.clock import Clock


@pytest.fixture(scope="module")
def known():
    clock = Clock()
    people = principals.Principals("example.com:proj", ["carol@example.com"])
    return clock, people, tokens.Tokens(clock, people)


def test_roles(known):
    _, people, _ = known
    assert people.app.email == "app@proj.example.com.iam.gserviceaccount.com"
    assert principals.role_of(people.app.email) == "app@proj.example.com.iam" and principals.role_of("alice@example.com") == "alice@example.com"
    assert {"carol@example.com", "alice@example.com", "vm@proj.example.com.iam"} <= set(people.roles())
    assert not any(role.startswith("principal:") for role in people.roles())


def test_expiry_follows_the_clock(known):
    clock, people, store = known
    token = store.issue("alice@example.com", [tokens.LOGIN], 100, "static")
    assert store.find(token.value).may(tokens.LOGIN) and not token.may()
    clock.offset = 101
    try:
        with pytest.raises(tokens.TokenError, match="expired"):
            store.find(token.value)
    finally:
        clock.offset = 0
    assert store.revoke("alice@example.com") == 1
    with pytest.raises(tokens.TokenError, match="not known"):
        store.find(token.value)


def claims(people, clock, **changes):
    now = int(clock.time())
    return {**{"iss": people.app.email, "scope": tokens.LOGIN, "aud": "anything", "iat": now, "exp": now + 3600}, **changes}


def test_jwt(known):
    clock, people, store = known
    good = tokens.sign_jwt(people.app.key, people.app.key_id, claims(people, clock))
    assert tokens.verify_jwt(good, store.account_key, clock.time())["aud"] == "anything"


@pytest.mark.parametrize("change, text", [
    ({"exp": 0}, "reasonable timeframe"), ({"iat": 9e9, "exp": 9e9 + 60}, "reasonable timeframe"), ({"exp": None}, "reasonable timeframe"),
    ({"exp": True}, "reasonable timeframe"), ({"iss": "nobody@example.com"}, "account not found"),
    ({"iss": "alice@example.com"}, "account not found")])
def test_wrong_claims(known, change, text):
    clock, people, store = known
    with pytest.raises(tokens.TokenError, match=text):
        tokens.verify_jwt(tokens.sign_jwt(people.app.key, people.app.key_id, claims(people, clock, **change)), store.account_key, clock.time())


def test_wrong_signatures(known):
    clock, people, store = known
    good = tokens.sign_jwt(people.app.key, people.app.key_id, claims(people, clock))
    head, body, signature = good.split(".")
    other_body = tokens.b64url(json.dumps(claims(people, clock, scope=tokens.CLOUD_PLATFORM)).encode())
    none_head = tokens.b64url(b'{"alg":"none"}')
    for wrong in (f"{head}.{other_body}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{none_head}.{body}.", f"{head}.{body}", "", "a.b.c",
                  "." * 9,
                  tokens.sign_jwt(pki.new_key(), people.app.key_id, claims(people, clock)),
                  tokens.sign_jwt(people.app.key, "other", claims(people, clock)),
                  "x" * 20000):
        with pytest.raises(tokens.TokenError):
            tokens.verify_jwt(wrong, store.account_key, clock.time())


def test_self_signed(known):
    clock, people, store = known
    good = tokens.sign_jwt(people.app.key, people.app.key_id, claims(people, clock, sub=people.app.email))
    assert store.find(good, self_signed=True).scopes == (tokens.LOGIN,)
    with pytest.raises(tokens.TokenError, match="not known"):
        store.find(good)  # as the exchange does
    with pytest.raises(tokens.TokenError, match="subject"):
        store.find(tokens.sign_jwt(people.app.key, people.app.key_id, claims(people, clock)), self_signed=True)


def test_aws_signature():
    """Amazon's documented example: GET ListUsers of IAM, 30 August 2015."""
    assert aws.signature_v4(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam", "20150830T123600Z", "GET", "/",
        "Action=ListUsers&Version=2010-05-08",
        {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": "iam.amazonaws.com", "x-amz-date": "20150830T123600Z"}) \
        == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def test_scram_of_rfc_7677():
    scram = postgres.Scram("pencil", "rOprNGfwEbeRWgbNEkqO")
    scram._bare = "n=user,r=rOprNGfwEbeRWgbNEkqO"
    final = scram.final(b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    assert final.decode() == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    scram.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    with pytest.raises(postgres.PostgresError):
        scram.verify(b"v=AAAA")
    with pytest.raises(postgres.PostgresError, match="nonce"):
        scram.final(b"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
