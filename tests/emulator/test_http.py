# SPDX-License-Identifier: Apache-2.0
"""What is HTTP: the Admin API, the token endpoints, the metadata servers, the proxy, and the control of the emulator itself."""
import base64
import calendar
import datetime
import email.utils
import http.client
import json
import socket
import ssl
import time
import urllib.parse

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import harness
from alloydb_emulator import aws, clock as clock_module, oauth, pki, tokens

INSTANCE = harness.INSTANCE
CLUSTER = INSTANCE.rpartition("/instances")[0]
KEY = pki.new_key()
SPKI = pki.public_pem(KEY)
PKCS1 = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
LOGIN, CLOUD_PLATFORM = tokens.LOGIN, tokens.CLOUD_PLATFORM


def bearer(emulator, name="access-token"):
    return {"Authorization": "Bearer " + emulator.text_of(name)}


def info(emulator, version="v1beta", instance=INSTANCE, **options):
    return emulator.http("GET", f"/{version}/{instance}/connectionInfo", headers=options.pop("headers", bearer(emulator)), **options)


def certificate(emulator, body=None, version="v1beta", cluster=CLUSTER, **options):
    body = {"publicKey": SPKI, "certDuration": "3600s", "useMetadataExchange": True} if body is None else body
    return emulator.http("POST", f"/{version}/{cluster}:generateClientCertificate", body, headers=options.pop("headers", bearer(emulator)), **options)


def ends(leaf):
    return leaf.not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp()


# ---- Admin API ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_connection_info(emulator, version, scheme):
    facts = emulator.facts["instances"][0]
    status, answer, _ = info(emulator, version, base=emulator.facts[scheme])
    wanted = {"ipAddress": facts["private"], "publicIpAddress": facts["public"]}
    if version != "v1":
        wanted["pscDnsName"] = "db.example.com."
    assert status == 200 and {k: v for k, v in answer.items() if k not in ("name", "instanceUid")} == wanted


def test_query_is_ignored_and_headers_are_recorded(emulator):
    headers = {**bearer(emulator), "User-Agent": "alloydb-odbc/1 x", "X-Goog-User-Project": "quota", "X-Goog-Api-Client": "gl-c/1"}
    assert emulator.http("GET", f"/v1alpha/{INSTANCE}/connectionInfo?%24alt=json%3Benum-encoding%3Dint&x", headers=headers)[0] == 200
    call, = emulator.requests("admin")
    wanted = {"user_agent": "alloydb-odbc/1 x", "quota_project": "quota", "api_client": "gl-c/1", "method": "connectionInfo", "secure": False}
    assert {name: call[name] for name in wanted} == wanted
    assert emulator.text_of("access-token") not in json.dumps(call)


@pytest.mark.parametrize("member", ["ipAddress", "publicIpAddress", "pscDnsName"])
def test_omitted_members_are_not_there(emulator, member):
    emulator.fault("connectionInfo", omit=[member])
    assert member not in info(emulator)[1]
    emulator.reset()
    emulator.fault("connectionInfo", set={member: ""})
    assert member not in info(emulator)[1]


@pytest.mark.parametrize("headers, status, word, reason", [
    ({}, 401, "UNAUTHENTICATED", "CREDENTIALS_MISSING"), ({"Authorization": "Bearer x"}, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    ({"Authorization": "Basic eA=="}, 401, "UNAUTHENTICATED", "CREDENTIALS_MISSING"),
    ("login-token", 403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")])
def test_who_may_call(emulator, headers, status, word, reason):
    headers = bearer(emulator, headers) if isinstance(headers, str) else headers
    for got, answer, _ in (info(emulator, headers=headers), certificate(emulator, headers=headers)):
        assert (got, answer["error"]["code"], answer["error"]["status"]) == (status, status, word)
        assert answer["error"]["details"][0]["reason"] == reason


def test_own_token_and_expired_token(emulator):
    assert info(emulator, headers={"Authorization": "bearer my-own-token"})[0] == 200
    assert emulator.requests("admin")[0]["principal"] == "alice@example.com"
    made = emulator.http("POST", "/_emulator/tokens", {"lifetime": -1})[1]["access_token"]
    assert info(emulator, headers={"Authorization": "Bearer " + made})[0] == 401


def test_unknown_resources(emulator):
    for status, answer, _ in (info(emulator, instance=INSTANCE + "x"), certificate(emulator, cluster=CLUSTER + "x")):
        assert status == 404 and answer["error"]["status"] == "NOT_FOUND" and "was not found" in answer["error"]["message"]
    assert emulator.http("GET", f"/v2/{INSTANCE}/connectionInfo")[0] == 404
    assert emulator.http("POST", f"/v1/{INSTANCE}/connectionInfo", {})[0] == 405


@pytest.mark.parametrize("text", [SPKI, PKCS1], ids=["spki", "pkcs1"])
@pytest.mark.parametrize("snake", [False, True])
def test_certificate(emulator, text, snake):
    body = {"public_key": text, "cert_duration": "3600s", "use_metadata_exchange": True} if snake else \
        {"publicKey": text, "certDuration": "3600s", "useMetadataExchange": True}
    status, answer, _ = certificate(emulator, body)
    assert status == 200 and set(answer) == {"pemCertificateChain", "caCert"}
    for pem in answer["pemCertificateChain"]:
        assert pem.startswith("-----BEGIN CERTIFICATE-----\n") and pem.endswith("-----END CERTIFICATE-----\n")
    leaf, middle, root = (x509.load_pem_x509_certificate(pem.encode()) for pem in answer["pemCertificateChain"])
    assert leaf.issuer == middle.subject and middle.issuer == root.subject == root.issuer
    assert leaf.public_key().public_numbers() == KEY.public_key().public_numbers()
    assert 3500 < ends(leaf) - time.time() <= 3600
    assert answer["caCert"] == answer["pemCertificateChain"][2]
    call, = emulator.requests("admin")
    assert call["use_metadata_exchange"] and call["key_encoding"] == ("pkcs1" if text is PKCS1 else "spki")


@pytest.mark.parametrize("asked, hours", [("1s", 1), ("7200s", 2), ("7200.000000001s", 2), ("864000s", 24), (None, 24)])
def test_lifetime(emulator, asked, hours):
    answer = certificate(emulator, {"publicKey": SPKI, **({"certDuration": asked} if asked else {})})[1]
    leaf = x509.load_pem_x509_certificate(answer["pemCertificateChain"][0].encode())
    assert abs(ends(leaf) - time.time() - hours * 3600) < 60
    assert emulator.requests("admin")[0]["use_metadata_exchange"] is False


@pytest.mark.parametrize("body, text", [
    ({}, "public_key must be set"), ({"publicKey": "x"}, "must be PEM"), ({"publicKey": SPKI.replace("M", "N")}, "cannot be parsed"),
    ({"publicKey": SPKI, "certDuration": 3600}, "must end with 's'"), ({"publicKey": SPKI, "certDuration": "1h"}, "must end with 's'"),
    ({"publicKey": SPKI, "colour": 1}, "Unknown name \"colour\""), ({"publicKey": 1}, "TYPE_STRING"),
    ({"publicKey": SPKI, "useMetadataExchange": "true"}, "TYPE_BOOL"),
    ([], "root element"), (b"{", "Unexpected token")])
def test_bad_requests(emulator, body, text):
    status, answer, _ = certificate(emulator, body)
    assert status == 400 and answer["error"]["status"] == "INVALID_ARGUMENT" and text in answer["error"]["message"]


def test_small_key(emulator):
    status, answer, _ = certificate(emulator, {"publicKey": pki.public_pem(rsa.generate_private_key(65537, 1024))})
    assert status == 400 and "2048 bits" in answer["error"]["message"]


@pytest.mark.parametrize("effects, check", [
    ({"leaf": "other-key"},
     lambda c: x509.load_pem_x509_certificate(c[0].encode()).public_key().public_numbers() != KEY.public_key().public_numbers()),
    ({"chain": "leaf-only"}, lambda c: len(c) == 1), ({"chain": "reversed"}, lambda c: x509.load_pem_x509_certificate(c[2].encode()).issuer
                                                      == x509.load_pem_x509_certificate(c[1].encode()).subject),
    ({"chain": "no-newlines"}, lambda c: not any(pem.endswith("\n") for pem in c)),
    ({"lifetime": -10}, lambda c: ends(x509.load_pem_x509_certificate(c[0].encode())) < time.time())])
def test_certificate_faults(emulator, effects, check):
    emulator.fault("generateClientCertificate", **effects)
    assert check(certificate(emulator)[1]["pemCertificateChain"])


def test_empty_chain_and_wrong_authority(emulator):
    emulator.fault("generateClientCertificate", chain="empty", ca="garbage")
    assert certificate(emulator)[1] == {"caCert": "no certificate\n"}


@pytest.mark.parametrize("status, word", [(400, "INVALID_ARGUMENT"), (401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"),
                                          (429, "RESOURCE_EXHAUSTED"), (500, "INTERNAL"), (502, "UNAVAILABLE"), (503, "UNAVAILABLE"),
                                          (504, "DEADLINE_EXCEEDED")])
def test_statuses(emulator, status, word):
    emulator.fault("admin", status=status, message="no such luck", headers={"Retry-After": "7"}, times=2)
    for got, answer, headers in (info(emulator), certificate(emulator)):
        assert (got, answer["error"]) == (status, {"code": status, "message": "no such luck", "status": word}) and headers["Retry-After"] == "7"
    assert info(emulator)[0] == 200
    assert [call["status"] for call in emulator.requests("admin")] == [status, status, 200]


def test_delay_drop_and_body(emulator):
    emulator.fault("connectionInfo", delay=0.3, times=1)
    started = time.monotonic()
    assert info(emulator)[0] == 200 and time.monotonic() - started >= 0.3
    emulator.fault("connectionInfo", drop=True, times=1)
    with pytest.raises(OSError):
        info(emulator)
    emulator.fault("connectionInfo", body="{\"ipAddress\": ", times=1)
    assert info(emulator)[:2] == (200, '{"ipAddress": ')
    assert [call["status"] for call in emulator.requests("admin")] == [200, 0, 200]


def test_api_that_is_down_for_a_time(emulator):
    assert info(emulator, base=emulator.facts["https"])[0] == 200
    emulator.fault("api", listen="closed", seconds=5)
    with pytest.raises(OSError, match="refused"):
        info(emulator, base=emulator.facts["https"])
    deadline = time.monotonic() + 60
    while True:
        try:
            assert info(emulator, base=emulator.facts["https"])[0] == 200
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_clock(emulator):
    emulator.fault("clock", offset=7200)
    leaf = x509.load_pem_x509_certificate(certificate(emulator)[1]["pemCertificateChain"][0].encode())
    assert leaf.not_valid_before.replace(tzinfo=datetime.timezone.utc).timestamp() > time.time() + 7000
    assert email.utils.parsedate_to_datetime(info(emulator)[2]["Date"]).timestamp() > time.time() + 7000
    made = emulator.http("POST", "/_emulator/tokens", {"lifetime": 100})[1]["access_token"]
    assert info(emulator, headers={"Authorization": "Bearer " + made})[0] == 200
    emulator.reset()
    assert info(emulator, headers={"Authorization": "Bearer " + made})[0] == 200


# ---- tokens ---------------------------------------------------------------------------------------------------------

def form(emulator, path, fields, **options):
    headers = {"Content-Type": "application/x-www-form-urlencoded", **options.pop("headers", {})}
    return emulator.http("POST", path, urllib.parse.urlencode(fields).encode(), headers=headers, **options)


def credential(emulator, name):
    return json.loads(emulator.text_of(f"credentials/{name}.json"))


def assertion(emulator, **changes):
    content = credential(emulator, "service_account")
    key = serialization.load_pem_private_key(content["private_key"].encode(), None)
    now = int(time.time())
    claims = {"iss": content["client_email"], "scope": LOGIN, "aud": "https://oauth2.googleapis.com/token", "iat": now, "exp": now + 3600, **changes}
    return {"grant_type": oauth.JWT_BEARER, "assertion": tokens.sign_jwt(key, content["private_key_id"], claims)}


def test_jwt_bearer(emulator):
    status, answer, _ = form(emulator, "/token", assertion(emulator))
    assert status == 200 and set(answer) == {"access_token", "expires_in", "token_type"} and answer["expires_in"] == 3599
    entry, = emulator.requests("token")
    assert entry["scopes"] == [LOGIN] and entry["claims"]["aud"] == "https://oauth2.googleapis.com/token"


@pytest.mark.parametrize("fields, status, word", [
    ({"grant_type": "password"}, 400, "unsupported_grant_type"), ({}, 400, "unsupported_grant_type"),
    ({"grant_type": oauth.JWT_BEARER, "assertion": "x"}, 400, "invalid_grant"), ({"scope": ""}, 400, "invalid_scope"),
    ({"sub": "someone@example.com"}, 401, "unauthorized_client"), ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant")])
def test_token_errors(emulator, fields, status, word):
    fields = fields if "grant_type" in fields or not fields else assertion(emulator, **fields)
    got, answer, _ = form(emulator, "/token", fields)
    assert (got, answer["error"]) == (status, word) and answer["error_description"]


def identity(token):
    """The claims of an ID token."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_refresh_token(emulator):
    person = credential(emulator, "authorized_user")
    fields = {"grant_type": "refresh_token", **{name: person[name] for name in ("client_id", "client_secret", "refresh_token")}}
    status, answer, _ = form(emulator, "/token", fields)
    assert status == 200 and CLOUD_PLATFORM in answer["scope"].split()
    assert identity(answer["id_token"])["email"] == "alice@example.com"
    assert "email" not in identity(form(emulator, "/token", {**fields, "scope": "openid"})[1]["id_token"])
    assert "id_token" not in form(emulator, "/token", {**fields, "scope": CLOUD_PLATFORM})[1]
    emulator.fault("token", omit=["id_token"], times=1)
    assert "id_token" not in form(emulator, "/token", fields)[1]
    assert form(emulator, "/token", {**fields, "client_secret": "x"})[1]["error"] == "invalid_client"
    assert form(emulator, "/token", {**fields, "scope": LOGIN})[1]["error"] == "invalid_scope"  # not what was granted at the login
    assert emulator.http("POST", "/token", fields)[1]["error"] == "invalid_request"  # JSON


@pytest.mark.parametrize("effects, check", [
    ({"expires_in": 5}, lambda a: a["expires_in"] == 5), ({"omit": ["access_token"]}, lambda a: set(a) == {"expires_in", "token_type"}),
    ({"omit": ["expires_in"]}, lambda a: "expires_in" not in a), ({"status": 400}, lambda a: a["error"] == "invalid_grant"),
    ({"status": 400, "reason": "rapt_required", "message": "again"}, lambda a: a == {"error": "rapt_required", "error_description": "again"}),
    ({"body": "<html>"}, lambda a: a == "<html>")])
def test_token_faults(emulator, effects, check):
    emulator.fault("token", **effects)
    assert check(form(emulator, "/token", assertion(emulator))[1])


def exchange(emulator, **changes):
    return {"grant_type": oauth.TOKEN_EXCHANGE, "audience": oauth.AUDIENCE, "scope": CLOUD_PLATFORM, "requested_token_type": oauth.ACCESS_TOKEN,
            "subject_token": emulator.text_of("subject-token"), "subject_token_type": oauth.SUBJECT_JWT, **changes}


def test_sts(emulator):
    status, answer, _ = form(emulator, "/v1/token", exchange(emulator))
    assert status == 200 and answer["issued_token_type"] == oauth.ACCESS_TOKEN


@pytest.mark.parametrize("change, word", [
    ({"audience": "//iam.googleapis.com/other"}, "invalid_target"), ({"audience": oauth.WORKFORCE_AUDIENCE}, "invalid_grant"),
    ({"scope": ""}, "invalid_scope"), ({"subject_token": "x"}, "invalid_grant"),
    ({"subject_token_type": "urn:other"}, "invalid_grant"), ({"requested_token_type": ""}, "invalid_request"),
    ({"subject_token": "[]", "subject_token_type": oauth.SUBJECT_MTLS}, "invalid_grant"),
    ({"subject_token_type": oauth.SUBJECT_AWS}, "invalid_grant")])
def test_sts_errors(emulator, change, word):
    got, answer, _ = form(emulator, "/v1/token", exchange(emulator, **change))
    assert (got, answer["error"]) == (400, word)


@pytest.mark.parametrize("change, text", [
    ({"aud": "//other"}, "expected audience"), ({"iss": "https://idp.other.example"}, "issuer"), ({"sub": "somebody"}, "subject"), ({"exp": 1}, "timeframe"),
    ({"kid": "other"}, "key is not one"), ({}, "")])
def test_subject_token(emulator, change, text):
    """What must be in the provider's JWT, for a token service of the test's own, whose provider signs it; to the running emulator that is a stranger."""
    claims = {**identity(emulator.text_of("subject-token")), **change}
    idp = oauth.OAuth(None, None, clock_module.Clock(), None, None, None, None, None)
    head = {"kid": change.get("kid", idp.idp_key_id)}
    signed = tokens.sign_jwt(idp.idp_key, head["kid"], {name: value for name, value in claims.items() if name != "kid"})
    if text:
        with pytest.raises(tokens.TokenError, match=text):
            idp._check_jwt(signed, oauth.AUDIENCE)
    else:
        idp._check_jwt(signed, oauth.AUDIENCE)
    assert form(emulator, "/v1/token", exchange(emulator, subject_token=signed))[1]["error"] == "invalid_grant"  # another provider's key


def der(emulator, name):
    """The certificates of a file, as X.509 federation writes them."""
    found = emulator.text_of(name).split("-----BEGIN CERTIFICATE-----")[1:]
    return [base64.b64encode(ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE-----" + one)).decode() for one in found]


def test_x509_needs_its_own_certificate(emulator):
    """The chain in the subject token must begin with the certificate of the connection, and lead to the authority."""
    mine, other, chain = der(emulator, "workload.pem"), der(emulator, "api-ca.pem"), der(emulator, "workload-chain.pem")
    host, port = emulator.facts["mtls"].removeprefix("https://").split(":")
    for file, subject, wanted in (("workload", mine, 200), ("workload", other, 400), ("workload", [1], 400), ("workload", [], 400), ("workload", ["AAAA"], 400),
                                  ("workload", mine + other, 400), ("workload-chain", chain, 200), ("workload-chain", chain[:1], 400),
                                  ("workload-chain", mine, 400)):
        context = ssl.create_default_context(cafile=emulator.facts["api_ca"])
        context.load_cert_chain(emulator.state / f"{file}{'-leaf' if file == 'workload-chain' else ''}.pem", emulator.state / f"{file}.key")
        subject = json.dumps(subject)
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)
        fields = exchange(emulator, subject_token=subject, subject_token_type=oauth.SUBJECT_MTLS)
        connection.request("POST", "/v1/token", urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
        assert connection.getresponse().status == wanted, (file, subject)
        connection.close()
    bare = ssl.create_default_context(cafile=emulator.facts["api_ca"])
    with bare.wrap_socket(socket.create_connection((host, int(port)), 20), server_hostname=host) as sock:
        with pytest.raises(ssl.SSLError, match="(?i)certificate.required"):  # and without a certificate there is no connection
            sock.recv(1)


def test_aws(emulator):
    """IMDSv2, then GetCallerIdentity signed by hand, and what must be refused."""
    assert emulator.http("PUT", "/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "300", "X-Forwarded-For": "1.2.3.4"})[0] == 403
    assert emulator.http("GET", "/latest/meta-data/iam/security-credentials")[0] == 401
    assert emulator.http("PUT", "/latest/api/token")[0] == 400
    session = emulator.http("PUT", "/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "300"})[1]
    head = {"X-aws-ec2-metadata-token": session}
    assert emulator.http("GET", "/latest/meta-data/placement/availability-zone", headers=head)[1] == "us-east-2b"
    role = emulator.http("GET", "/latest/meta-data/iam/security-credentials", headers=head)[1]
    keys = emulator.http("GET", f"/latest/meta-data/iam/security-credentials/{role}", headers=head)[1]

    user = dict(line.removeprefix("export ").split("=", 1) for line in emulator.text_of("aws-environment").splitlines() if line.startswith("export"))
    asked = "Action=GetCallerIdentity&Version=2011-06-15"

    def subject(secret=keys["SecretAccessKey"], key_id=keys["AccessKeyId"], session=keys["Token"], audience=oauth.AUDIENCE, url="", query=asked,
                unsigned=(), region="us-east-2", late=0, day="", scheme="https", path="", twice=()):
        host = f"sts.{region}.amazonaws.com"
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - late))
        day = day or stamp[:8]
        headers = {"host": host, "x-amz-date": stamp, **({"x-amz-security-token": session} if session else {}), "x-goog-cloud-target-resource": audience}
        signed = {name: value for name, value in headers.items() if name not in unsigned}
        signature = aws.signature_v4(secret, day, region, "sts", stamp, "POST", path or "/", query, signed)
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={key_id}/{day}/{region}/sts/aws4_request, "
                                    f"SignedHeaders={';'.join(sorted(signed))}, Signature={signature}")
        lines = [{"key": k, "value": v} for k, v in headers.items()] + [{"key": k, "value": headers[k]} for k in twice]
        return urllib.parse.quote(json.dumps({"url": url or f"{scheme}://{host}{path}?{query}", "method": "POST", "headers": lines}))

    evil = f"https://evil.example.com?{asked}"
    for text, wanted in ((subject(), ""), (subject(unsigned=["x-goog-cloud-target-resource"]), ""), (subject(path="/"), ""), (subject(region="eu-west-1"), ""),
                         (subject(user["AWS_SECRET_ACCESS_KEY"], user["AWS_ACCESS_KEY_ID"], ""), ""), (subject(secret="x"), "signature is wrong"),
                         (subject(session=""), "keys are not known"), (subject(session="x"), "keys are not known"),
                         (subject(user["AWS_SECRET_ACCESS_KEY"], user["AWS_ACCESS_KEY_ID"]), "keys are not known"),
                         (subject(audience="//other"), "not the audience"), (subject(url=evil), "not for the regional STS"),
                         (subject(scheme="http"), "not for the regional STS"), (subject(path="/x"), "not for the regional STS"),
                         (subject(query="Action=Other&Version=2011-06-15"), "does not ask"), (subject(query=asked + "&X=1"), "does not ask"),
                         (subject(unsigned=["x-amz-security-token"]), "does not sign"), (subject(unsigned=["host"]), "does not sign"),
                         (subject(unsigned=["x-amz-date"]), "does not sign"), (subject(late=1000), "expired"), (subject(late=-1000), "expired"),
                         (subject(day="20200101"), "expired"), (subject(twice=["x-amz-date"]), "a header twice"), ("x", "cannot be parsed")):
        status, answer, _ = form(emulator, "/v1/token", exchange(emulator, subject_token=text, subject_token_type=oauth.SUBJECT_AWS))
        assert status == (400 if wanted else 200) and wanted in answer.get("error_description", ""), (wanted, answer)


def test_workforce_refresh(emulator):
    content = credential(emulator, "external_account_authorized_user")
    basic = base64.b64encode(f"{content['client_id']}:{content['client_secret']}".encode()).decode()
    fields = {"grant_type": "refresh_token", "refresh_token": content["refresh_token"]}
    assert form(emulator, "/v1/oauthtoken", fields, headers={"Authorization": "Basic " + basic})[0] == 200
    assert form(emulator, "/v1/oauthtoken", fields)[0] == 401
    assert form(emulator, "/v1/oauthtoken", {**fields, "client_id": content["client_id"], "client_secret": content["client_secret"]})[0] == 401
    emulator.fault("sts", rotate=True, times=1)
    second = form(emulator, "/v1/oauthtoken", fields, headers={"Authorization": "Basic " + basic})[1]["refresh_token"]
    assert second != content["refresh_token"]
    assert form(emulator, "/v1/oauthtoken", fields, headers={"Authorization": "Basic " + basic})[1]["error"] == "invalid_grant"
    assert form(emulator, "/v1/oauthtoken", {**fields, "refresh_token": second}, headers={"Authorization": "Basic " + basic})[0] == 200
    emulator.reset()
    assert form(emulator, "/v1/oauthtoken", fields, headers={"Authorization": "Basic " + basic})[0] == 200


def impersonate(emulator, name="target", headers=None, **changes):
    email = emulator.facts["principals"][name]["email"]
    return emulator.http("POST", f"/v1/projects/-/serviceAccounts/{email}:generateAccessToken", {"scope": [LOGIN], "lifetime": "1200s", **changes},
                         headers=headers if headers is not None else bearer(emulator))


def test_impersonation(emulator):
    status, answer, _ = impersonate(emulator)
    assert status == 200 and set(answer) == {"accessToken", "expireTime"}
    expires = calendar.timegm(time.strptime(answer["expireTime"], "%Y-%m-%dT%H:%M:%SZ"))
    assert abs(expires - time.time() - 1200) < 30
    delegate = "projects/-/serviceAccounts/" + emulator.facts["principals"]["delegate"]["email"]
    assert impersonate(emulator, "far", delegates=[delegate])[0] == 200


@pytest.mark.parametrize("name, changes, status", [
    ("far", {}, 403), ("target", {"scope": []}, 400), ("target", {"lifetime": "3601s"}, 400), ("target", {"lifetime": "-1s"}, 400),
    ("far", {"delegates": ["delegate@p1.iam.gserviceaccount.com"]}, 400), ("far", {"delegates": "x"}, 400), ("target", {"headers": {}}, 401),
    ("target", {"scope": "x"}, 400)])
def test_impersonation_errors(emulator, name, changes, status):
    got, answer, _ = impersonate(emulator, name, **changes)
    assert got == answer["error"]["code"] == status


def test_impersonation_needs_a_scope(emulator):
    assert impersonate(emulator, headers=bearer(emulator, "login-token"))[0] == 403


# ---- metadata server ------------------------------------------------------------------------------------------------

FLAVOR = {"Metadata-Flavor": "Google"}
ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/"


def test_metadata(emulator):
    status, _, headers = emulator.http("GET", "/")
    assert status == 200 and headers["Metadata-Flavor"] == "Google"
    assert emulator.http("GET", "/computeMetadata/v1/project/project-id", headers=FLAVOR)[1] == "p1"
    assert emulator.http("GET", "/computeMetadata/v1/universe/universe-domain", headers=FLAVOR)[1] == "googleapis.com"
    vm = emulator.facts["principals"]["vm"]["email"]
    assert emulator.http("GET", ACCOUNT + "?recursive=true", headers=FLAVOR)[1] == {"aliases": ["default"], "email": vm, "scopes": [CLOUD_PLATFORM]}
    assert emulator.http("GET", ACCOUNT + "email", headers=FLAVOR)[1] == vm
    answer = emulator.http("GET", f"{ACCOUNT}token?scopes={LOGIN},{CLOUD_PLATFORM}", headers=FLAVOR)[1]
    assert answer["token_type"] == "Bearer" and answer["expires_in"] == 3599
    assert emulator.requests("metadata")[-1]["scopes"] == [LOGIN, CLOUD_PLATFORM]
    assert emulator.http("GET", f"/computeMetadata/v1/instance/service-accounts/{vm}/token", headers=FLAVOR)[0] == 200


@pytest.mark.parametrize("form, server, universe, email", [
    ("gce", "Metadata Server for VM", 200, ""), ("gke", "GKE Metadata Server", 404, ""), ("gke-pool", "GKE Metadata Server", 404, "p1.svc.id.goog"),
    ("cloud-run", "Metadata Server for Serverless", 404, "")])
def test_metadata_forms(emulator, form, server, universe, email):
    emulator.fault("metadata", form=form)
    assert emulator.http("GET", "/computeMetadata/v1/universe/universe-domain", headers=FLAVOR)[0] == universe
    status, text, headers = emulator.http("GET", ACCOUNT + "email", headers=FLAVOR)
    assert (status, text, headers["Server"]) == (200, email or emulator.facts["principals"]["vm"]["email"], server)
    assert emulator.http("GET", f"{ACCOUNT}token?scopes={LOGIN}", headers=FLAVOR)[0] == 200
    principal = emulator.requests("metadata")[-1]["principal"]
    assert principal.startswith("principal://") if form == "gke-pool" else principal == emulator.facts["principals"]["vm"]["email"]


def test_metadata_scopes(emulator):
    emulator.fault("metadata", scopes=[CLOUD_PLATFORM])
    for asked in (LOGIN, f"{LOGIN},{CLOUD_PLATFORM}"):
        assert emulator.http("GET", f"{ACCOUNT}token?scopes={asked}", headers=FLAVOR)[0] == 200
        assert emulator.requests("metadata")[-1]["scopes"] == [CLOUD_PLATFORM]
    emulator.fault("metadata", scopes=[CLOUD_PLATFORM], beyond="refused")
    assert emulator.http("GET", f"{ACCOUNT}token?scopes={LOGIN}", headers=FLAVOR)[0] == 400
    assert emulator.http("GET", f"{ACCOUNT}token?scopes={CLOUD_PLATFORM}", headers=FLAVOR)[0] == 200


def test_metadata_refusals(emulator):
    assert emulator.http("GET", ACCOUNT + "token")[0] == 403
    assert emulator.http("GET", ACCOUNT + "token", headers={**FLAVOR, "X-Forwarded-For": "1.2.3.4"})[0] == 403
    assert emulator.http("GET", "/computeMetadata/v1/nothing", headers=FLAVOR)[0] == 404
    emulator.fault("metadata", expires_in=60)
    assert emulator.http("GET", ACCOUNT + "token", headers=FLAVOR)[1]["expires_in"] == 60


# ---- the proxy ------------------------------------------------------------------------------------------------------

def connect(emulator, target):
    host, port = emulator.facts["metadata"].split(":")
    sock = socket.create_connection((host, int(port)), 20)
    sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    return sock, sock.recv(4096)


def test_proxy(emulator):
    sock, answer = connect(emulator, "iamcredentials.googleapis.com:443")
    assert answer.startswith(b"HTTP/1.1 200 ")
    context = ssl.create_default_context(cafile=emulator.facts["api_ca"])
    with context.wrap_socket(sock, server_hostname="iamcredentials.googleapis.com") as inner:
        for _ in range(2):  # the connection stays
            inner.sendall(b"GET /computeMetadata/v1/project/project-id HTTP/1.1\r\nHost: x\r\nMetadata-Flavor: Google\r\n\r\n")
            assert b"200 OK" in inner.recv(65536)
    assert all(entry["proxied"] for entry in emulator.requests("metadata"))


@pytest.mark.parametrize("target", ["example.com:443", "googleapis.com.evil.example:443", "169.254.169.254:80"])
def test_proxy_goes_nowhere_else(emulator, target):
    sock, answer = connect(emulator, target)
    sock.close()
    assert answer.startswith(b"HTTP/1.1 403 ")


def test_proxy_of_plain_http(emulator):
    host, port = emulator.facts["metadata"].split(":")
    with socket.create_connection((host, int(port)), 20) as sock:
        sock.sendall(b"GET http://metadata.google.internal/computeMetadata/v1/project/project-id HTTP/1.1\r\nHost: x\r\nMetadata-Flavor: Google\r\n"
                     b"Connection: close\r\n\r\n")
        assert sock.makefile("rb").read().endswith(b"p1")


# ---- control --------------------------------------------------------------------------------------------------------

def test_control(emulator):
    assert "/_emulator/faults" in emulator.http("GET", "/_emulator/")[1]
    number = emulator.fault("token", status=500)
    assert emulator.http("GET", "/_emulator/faults")[1] == [{"at": "token", "status": 500, "id": number}]
    assert emulator.http("DELETE", f"/_emulator/faults/{number}")[0] == 200 and emulator.http("DELETE", f"/_emulator/faults/{number}")[0] == 404
    status, answer, _ = emulator.http("POST", "/_emulator/faults", [{"at": "token", "status": 500}, {"at": "token", "colour": 1}])
    assert status == 400 and 'no "colour"' in answer["error"] and emulator.http("GET", "/_emulator/faults")[1] == []
    assert emulator.http("POST", "/_emulator/faults", b"{")[0] == 400
    assert emulator.http("POST", "/_emulator/tokens", {"principal": "nobody"})[0] == 400
    info(emulator)
    last = emulator.http("GET", "/_emulator/requests")[1]["last"]
    info(emulator)
    assert len(emulator.http("GET", f"/_emulator/requests?after={last}")[1]["requests"]) == 1
    assert emulator.http("GET", "/_emulator/requests?after=x")[0] == 400


def test_journal_is_bounded(emulator):
    info(emulator, headers={**bearer(emulator), "User-Agent": "x" * 20000})
    assert len(emulator.requests("admin")[0]["user_agent"]) == 1000


def test_revoke(emulator):
    made = emulator.http("POST", "/_emulator/tokens", {"principal": "alice@example.com"})[1]["access_token"]
    other = form(emulator, "/token", assertion(emulator, scope=CLOUD_PLATFORM))[1]["access_token"]
    emulator.http("POST", "/_emulator/revoke", {})
    assert info(emulator, headers={"Authorization": "Bearer " + other})[0] == 401
    assert info(emulator, headers={"Authorization": "Bearer " + made})[0] == 200


def test_expect_and_keep_alive(emulator):
    """As libcurl sends larger bodies, and one connection for several requests."""
    host, port = emulator.facts["metadata"].split(":")
    with socket.create_connection((host, int(port)), 20) as sock:
        for _ in range(3):
            body = b'{"at": "token", "status": 500, "times": 1}'
            sock.sendall(b"POST /_emulator/faults HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
            assert sock.recv(4096).startswith(b"HTTP/1.1 100 ")
            sock.sendall(body)
            answer = b""
            while b'"id"' not in answer:
                answer += sock.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("lines, status", [
    (b"POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
    (b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", b"413"),
    (b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"413"),
    (b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n", b"414"), (b"nonsense\r\n\r\n", b"400")],
    ids=["chunked", "too-long", "negative", "long-url", "nonsense"])
def test_odd_http(emulator, lines, status):
    host, port = emulator.facts["metadata"].split(":")
    with socket.create_connection((host, int(port)), 20) as sock:
        sock.sendall(lines)
        assert status in sock.recv(4096).split(b"\r\n")[0]
