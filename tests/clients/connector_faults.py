# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on the way to an AlloyDB instance, and what the application is told: each row of ROWS is made to happen in the emulator.

tests/clients/test_connector_faults.sh starts it. A row is the faults (packaging/doc/emulator.md; None: the emulator refuses by itself), keywords of the connection string beside the usual ones, the
SQLSTATE, and the whole message behind "[AlloyDB][ODBC Driver]"; SQLSTATE None: it connects. In a message $API, $INSTANCE and so on
stand for what NAMES says, and … for what may vary.
"""
import json
import os
import re
import string
import sys
import urllib.request

import pyodbc

pyodbc.pooling = False
API = os.environ["ALLOYDB_EMULATOR_URL"]
INSTANCE = os.environ["ALLOYDB_EMULATOR_INSTANCE"]
CREDENTIALS = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
with open(os.environ["ALLOYDB_EMULATOR_STATE"] + "/emulator.json") as file:
    ADDRESS = json.load(file)["instances"][0]["private"]
with open(os.environ["ALLOYDB_EMULATOR_STATE"] + "/login-token") as file:
    LOGIN_TOKEN = file.read()
USUAL = {"DRIVER": "AlloyDB", "Server": INSTANCE, "ApiEndpoint": API, "CredentialsFile": CREDENTIALS, "Database": os.environ["ALDB_TEST_DATABASE"],
         "UID": os.environ["ALDB_TEST_USER"], "PWD": os.environ["ALDB_TEST_PASSWORD"], "LoginTimeout": "30"}
WITHOUT_IAM = INSTANCE + "-without-iam"
IAM = {"EnableIamAuth": "1", "UID": None, "PWD": None}
HURRY = {"LoginTimeout": "2"}
CUT_MESSAGE = 480   # characters; the driver manager gives 512 of a message, prefixes included


def info(**effects):
    return {"at": "connectionInfo", **effects}


def certificate(**effects):
    return {"at": "generateClientCertificate", **effects}


def front(**effects):
    return {"at": "front", **effects}


def exchange(reply="", **effects):
    return {"at": "exchange", **({"reply": reply} if reply else {}), **effects}


def token(**effects):
    return {"at": "token", **effects}


def login(reply, **effects):
    return {"at": "login", "reply": reply, **effects}


INFO = "AlloyDB Admin API at $API: connectionInfo of $INSTANCE"
CERTIFICATE = "AlloyDB Admin API at $API: generateClientCertificate of $CLUSTER"
ANSWERED_INFO = "AlloyDB Admin API at $API: the answer for connectionInfo of $INSTANCE"
ANSWERED_CERTIFICATE = "AlloyDB Admin API at $API: the answer for generateClientCertificate of $CLUSTER"
TOOK_CERTIFICATE = "AlloyDB Admin API: the certificate for $INSTANCE"
DOUBT = "\nHINT: The AlloyDB Admin API does not answer so. Does ApiEndpoint lead to it, or does something answer in its place, as a proxy?"
ROLES = ("The principal of Google credentials (CredentialsFile \"$CREDENTIALS\") needs the roles roles/alloydb.client and "
         "roles/serviceusage.serviceUsageConsumer in the instance's project; the AlloyDB API must be enabled in that project.")
LATER = "The fault is on that side: try again later."
TOKEN = "Google credentials (CredentialsFile \"$CREDENTIALS\"): the token endpoint $API/token"
ANSWERED_TOKEN = "Google credentials (CredentialsFile \"$CREDENTIALS\"): the answer of the token endpoint $API/token"
TCP = "TCP connection with $ADDRESS:5433 (PRIVATE address of $INSTANCE)"
TLS = "TLS with $ADDRESS:5433 (PRIVATE address of $INSTANCE)"
EXCHANGE = "Metadata exchange with $ADDRESS:5433 (PRIVATE address of $INSTANCE)"
NETWORK = "It is reached from its VPC network and what is joined to it; firewalls must let TCP to port 5433 out. IpType can also be PUBLIC."
SOMETHING_ELSE = "oes something else than an AlloyDB instance listen there?"
REFUSED_CLIENT = "The server does not accept the client's certificate; is this machine's clock right?"
RESTARTED = "Is the instance being restarted? A certificate that it does not accept can be the reason too."
CLIENT_ROLE = "The principal of the Google credentials needs the role roles/alloydb.client."
CUT = "(does a firewall or a proxy on the way cut the connection?)"

ROWS = [
    # ---- Google credentials
    (token(status=400), {}, "28000", TOKEN + " refused: invalid_grant: Request contains an invalid argument. (HTTP 400). The key may have been deleted or disabled, or "
     "the service account may be gone: look at its keys in the Google Cloud console."),
    (token(status=401, message="no"), {}, "28000", TOKEN + " refused: invalid_client: no (HTTP 401). The client that the credentials name (client_id, client_secret, or the service "
     "account) is unknown, disabled or not allowed to do this."),
    (token(status=503), {}, "08001", TOKEN + " cannot answer now: temporarily_unavailable: The service is currently unavailable. (HTTP 503). " + LATER),
    (token(delay=60), HURRY, "HYT00", TOKEN + ": there was no answer within the time allowed (LoginTimeout)"),
    (token(drop=True), {}, "08001", TOKEN + ": …" + CUT),
    (token(body="<html>"), {}, "08001", ANSWERED_TOKEN + ": it is not valid JSON: a syntax error (line 1, column 1)"),
    (token(omit=["access_token"]), {}, "08001", ANSWERED_TOKEN + ": the field \"access_token\" is missing"),
    (token(expires_in=-5), {}, "08001", ANSWERED_TOKEN + ": \"expires_in\" is -5: the token has expired already"),

    # ---- The Admin API: statuses
    (info(status=400), {}, "28000", INFO + " refused: INVALID_ARGUMENT: Request contains an invalid argument. (HTTP 400). Is the instance URI right?"),
    (info(status=401, message="no"), {}, "28000", INFO + " refused: UNAUTHENTICATED: no (HTTP 401). A new token of Google credentials (CredentialsFile \"$CREDENTIALS\") "
     "was refused as well."),
    (info(status=401, times=1), {}, None, ""),
    (certificate(status=400), {}, "28000", CERTIFICATE + " refused: INVALID_ARGUMENT: Request contains an invalid argument. (HTTP 400). Is the instance URI right?"),
    (certificate(status=401, message="no"), {}, "28000", CERTIFICATE + " refused: UNAUTHENTICATED: no (HTTP 401). A new token of Google credentials (CredentialsFile "
     "\"$CREDENTIALS\") was refused as well."),
    (None, {"AccessToken": "nonsense", "CredentialsFile": None}, "28000", "AlloyDB Admin API at $API: … refused: UNAUTHENTICATED: Request had invalid authentication credentials.… "
     "(HTTP 401). The token was given as it is and cannot be renewed: give a new one, or use credentials that can be …"),
    (None, {"AccessToken": "$LOGIN_TOKEN", "CredentialsFile": None}, "28000", "AlloyDB Admin API at $API: … refused: PERMISSION_DENIED: Request had insufficient "
     "authentication scopes. (HTTP 403). The token of Google credentials (AccessToken) does not have the scope https://www.googleapis.com/auth/cloud-platform: …"),
    (info(status=403, message="no"), {}, "28000", INFO + " refused: PERMISSION_DENIED: no (HTTP 403). " + ROLES),
    (certificate(status=403, message="no"), {}, "28000", CERTIFICATE + " refused: PERMISSION_DENIED: no (HTTP 403). " + ROLES),
    (info(status=403, body="<html>"), {}, "28000", INFO + " refused: HTTP 403 with 6 bytes of application/json; charset=UTF-8, which is no explanation; something else may "
     "be answering there, as a proxy. " + ROLES),
    (info(status=404), {}, "08001", INFO + " failed: NOT_FOUND: Requested entity was not found. (HTTP 404). There is no such instance: check project, region, cluster and "
     "instance in the URI."),
    (certificate(status=404), {}, "08001", CERTIFICATE + " failed: NOT_FOUND: Requested entity was not found. (HTTP 404). There is no such instance: check project, "
     "region, cluster and instance in the URI."),
    (None, {"Server": INSTANCE + "x"}, "08001", "AlloyDB Admin API at $API: connectionInfo of ${INSTANCE}x failed: NOT_FOUND: Resource '${INSTANCE}x' was not found (HTTP 404). There is no such "
     "instance: check project, region, cluster and instance in the URI."),
    (certificate(status=429, message="slowly"), {}, "08001", CERTIFICATE + " cannot answer now: RESOURCE_EXHAUSTED: slowly (HTTP 429). A quota is used up: try again "
     "later, or have it raised."),
    (info(status=429, message="slowly"), {}, "08001", INFO + " cannot answer now: RESOURCE_EXHAUSTED: slowly (HTTP 429). A quota is used up: try again later, or have it raised."),
    (info(status=500), {}, "08001", INFO + " cannot answer now: INTERNAL: Internal error encountered. (HTTP 500). " + LATER),
    (certificate(status=500), {}, "08001", CERTIFICATE + " cannot answer now: INTERNAL: Internal error encountered. (HTTP 500). " + LATER),
    (info(status=503), HURRY, "08001", INFO + " cannot answer now: UNAVAILABLE: The service is currently unavailable. (HTTP 503). " + LATER),
    (info(status=503, times=2), {}, None, ""),
    (certificate(status=503), HURRY, "08001", CERTIFICATE + " cannot answer now: UNAVAILABLE: The service is currently unavailable. (HTTP 503). " + LATER),
    (certificate(status=503, times=2), {}, None, ""),
    (info(status=502), {}, "08001", INFO + " cannot answer now: UNAVAILABLE: HTTP status 502 by a fault of the emulator. (HTTP 502). " + LATER),
    (info(status=504), {}, "08001", INFO + " cannot answer now: DEADLINE_EXCEEDED: Deadline exceeded. (HTTP 504). " + LATER),
    (info(status=302, message="elsewhere", headers={"Location": "http://192.0.2.1/"}), {}, "08001", INFO + " failed: UNKNOWN: elsewhere (HTTP 302). Is that the right address?"),
    (info(delay=60), HURRY, "HYT00", INFO + ": there was no answer within the time allowed (LoginTimeout)"),
    (info(drop=True), {}, "08001", INFO + ": …" + CUT),
    (info(body="<html>"), {}, "08001", ANSWERED_INFO + ": it is not valid JSON: a syntax error (line 1, column 1)" + DOUBT),
    (certificate(body="[]"), {}, "08001", ANSWERED_CERTIFICATE + ": …" + DOUBT),

    # ---- … and the instance's addresses
    (info(omit=["ipAddress", "publicIpAddress", "pscDnsName"]), {}, "08001", "Address of $INSTANCE: the instance has no address at all; is it still being made, or stopped?"),
    (info(omit=["ipAddress"]), {}, "08001", "Address of $INSTANCE: the instance has none for IpType=PRIVATE; it offers PUBLIC. Set IpType to one of these, or have the "
     "instance given a PRIVATE address"),
    (info(omit=["publicIpAddress"]), {"IpType": "PUBLIC"}, "08001", "Address of $INSTANCE: the instance has none for IpType=PUBLIC; it offers PRIVATE. Set IpType to one of "
     "these, or have the instance given a PUBLIC address"),
    (None, {"IpType": "PSC"}, "08001", "Address of $INSTANCE: the instance has none for IpType=PSC; it offers PRIVATE, PUBLIC. Set IpType to one of these, or have the "
     "instance given a PSC address"),
    (info(set={"pscDnsName": "a.b.alloydb.goog."}), {"IpType": "PSC"}, "08001", "TCP connection with a.b.alloydb.goog:5433 (PSC address of $INSTANCE): the name cannot be "
     "resolved: …. The name must lead to a Private Service Connect endpoint of this network; firewalls must let TCP to port 5433 out. IpType can also be PRIVATE, PUBLIC."),
    (info(set={"ipAddress": "a b"}), {}, "08001", ANSWERED_INFO + ": \"ipAddress\" is neither an IP address nor a host name" + DOUBT),

    # ---- … and the certificate
    (certificate(omit=["caCert"]), {}, "08001", ANSWERED_CERTIFICATE + ": the field \"caCert\" is missing" + DOUBT),
    (certificate(chain="empty"), {}, "08001", ANSWERED_CERTIFICATE + ": the field \"pemCertificateChain\" is missing" + DOUBT),
    (certificate(chain="garbage"), {}, "08001", TOOK_CERTIFICATE + ": pemCertificateChain holds no certificates that can be read" + DOUBT),
    (certificate(chain="reversed"), {}, "08001", TOOK_CERTIFICATE + ": the client certificate is not for this process's key, so that it cannot be used" + DOUBT),
    (certificate(leaf="other-key"), {}, "08001", TOOK_CERTIFICATE + ": the client certificate is not for this process's key, so that it cannot be used" + DOUBT),
    (certificate(ca="garbage"), {}, "08001", TOOK_CERTIFICATE + ": caCert holds no certificate that can be read" + DOUBT),
    (certificate(lifetime=-60), {}, "08001", TOOK_CERTIFICATE + ": the client certificate expired 6… seconds ago, by the API's own clock: try again later" + DOUBT),
    (certificate(chain="no-newlines"), {}, None, ""),
    (certificate(chain="leaf-only"), {}, "08001", EXCHANGE + ": tlsv1 alert unknown ca. " + REFUSED_CLIENT),
    (certificate(leaf="stranger"), {}, "08001", EXCHANGE + ": tlsv1 alert unknown ca. " + REFUSED_CLIENT),
    (certificate(starts_in=1800), {}, "08001", EXCHANGE + ": …alert bad certificate. " + REFUSED_CLIENT),
    ({"at": "clock", "offset": 7200}, {}, "08001", EXCHANGE + ": …alert bad certificate. " + REFUSED_CLIENT),
    ({"at": "clock", "offset": -7200}, {}, "08001", EXCHANGE + ": …alert certificate expired. " + REFUSED_CLIENT),

    # ---- The instance: TCP
    (front(listen="closed"), {}, "08001", TCP + ": Connection refused. " + NETWORK),
    (info(set={"ipAddress": "127.255.255.254"}), {}, "08001", "TCP connection with 127.255.255.254:5433 (PRIVATE address of $INSTANCE): Connection refused. " + NETWORK),

    # ---- … TLS
    (front(accept="close"), {}, "08001", TLS + ": the server closed the connection. Does an AlloyDB instance listen there, or does something on the way cut the connection?"),
    (front(accept="silent"), HURRY, "HYT00", TLS + ": the server did not answer within the time allowed. LoginTimeout sets that time."),
    (front(delay=60), HURRY, "HYT00", TLS + ": the server did not answer within the time allowed. LoginTimeout sets that time."),
    (front(delay=0.5), {}, None, ""),
    (front(tls="1.2"), {}, "08001", TLS + ": tlsv1 alert protocol version. The server does not speak TLS 1.3; d" + SOMETHING_ELSE),
    (front(certificate="wrong-san"), {}, "08001", TLS + ": the server's certificate is not accepted: IP address mismatch. It is for another address; does something "
     "redirect the connection?"),
    (front(certificate="no-san"), {}, "08001", TLS + ": the server's certificate is not accepted: IP address mismatch. It is for another address; does something "
     "redirect the connection?"),
    (front(certificate="stranger"), {}, "08001", TLS + ": the server's certificate is not accepted: self-signed certificate in certificate chain. Only the instance's own "
     "authority is trusted; does something open the TLS connection on its way?"),
    (certificate(ca="stranger"), {}, "08001", TLS + ": the server's certificate is not accepted: self-signed certificate in certificate chain. Only the instance's own "
     "authority is trusted; does something open the TLS connection on its way?"),
    (front(certificate="expired"), {}, "08001", TLS + ": the server's certificate is not accepted: certificate has expired. Is this machine's clock right?"),
    (front(certificate="not-yet-valid"), {}, "08001", TLS + ": the server's certificate is not accepted: certificate is not yet valid. Is this machine's clock right?"),

    # ---- … the metadata exchange
    (exchange("error", text="nobody may"), {}, "28000", EXCHANGE + ": the instance refused: nobody may. " + CLIENT_ROLE),
    (exchange("error", text="nobody may"), IAM, "28000", EXCHANGE + ": the instance refused: nobody may. The principal needs the roles roles/alloydb.client and "
     "roles/alloydb.databaseUser, the instance the flag alloydb.iam_authentication=on, and the database a user of that principal."),
    (None, {"LoginToken": "nonsense"}, "28000", EXCHANGE + ": the instance refused: unable to authenticate the request: the token is not known. " + CLIENT_ROLE),
    (None, {"LoginToken": "nonsense", **IAM, "UID": "nobody"}, "28000", EXCHANGE + ": the instance refused: unable to authenticate the request: the token is not known. The principal "
     "needs the roles roles/alloydb.client and …"),
    (None, {"Server": WITHOUT_IAM, **IAM}, "28000", "Metadata exchange with …: the instance refused: IAM authentication is not enabled on this instance (flag "
     "alloydb.iam_authentication). The principal needs the roles …"),
    (exchange(raw="000000020802"), {}, "28000", EXCHANGE + ": the instance refused without a reason (code 2). " + CLIENT_ROLE),
    (exchange("empty"), {}, "28000", EXCHANGE + ": the instance refused without a reason (code 0). " + CLIENT_ROLE),
    (exchange("unspecified"), {}, "28000", EXCHANGE + ": the instance refused without a reason (code 0). " + CLIENT_ROLE),
    (exchange("unknown-code"), {}, "28000", EXCHANGE + ": the instance refused without a reason (code 7). " + CLIENT_ROLE),
    (exchange("pg-error", text="no room", sqlstate="53300"), {}, "08004", "[PostgreSQL] FATAL: no room\nCONTEXT: " + EXCHANGE + "\n(SQLSTATE 53300)"),
    (exchange("pg-error", text="no entry", sqlstate="28000"), {}, "28000", "[PostgreSQL] FATAL: no entry\nCONTEXT: " + EXCHANGE + "\n(SQLSTATE 28000)"),
    (exchange(raw="450000000400"), {}, "08001", EXCHANGE + ": the answer looks like an error of PostgreSQL, but has no text; d" + SOMETHING_ELSE),
    (exchange(raw="45000000"), {}, "08001", EXCHANGE + ": the server closed the connection within its answer. " + RESTARTED),
    (exchange(raw="45ffffffff00"), {}, "08001", EXCHANGE + ": the answer is no message that this driver understands; d" + SOMETHING_ELSE),
    (exchange("silent"), HURRY, "HYT00", EXCHANGE + ": the server did not answer within the time allowed. LoginTimeout sets that time."),
    (exchange(delay=60), HURRY, "HYT00", EXCHANGE + ": the server did not answer within the time allowed. LoginTimeout sets that time."),
    (exchange(slow=0.05), {}, None, ""),
    (exchange("close"), {}, "08001", EXCHANGE + ": the server closed the connection without an answer. " + RESTARTED),
    (exchange("truncated-length"), {}, "08001", EXCHANGE + ": the server closed the connection within the length of its answer. " + RESTARTED),
    (exchange("truncated"), {}, "08001", EXCHANGE + ": the server closed the connection within its answer. " + RESTARTED),
    (exchange("oversize"), {}, "08001", EXCHANGE + ": the answer says that it has 2147483647 bytes, where 16384 are the limit; d" + SOMETHING_ELSE),
    (exchange("over-limit"), {}, "08001", EXCHANGE + ": the answer says that it has 16385 bytes, where 16384 are the limit; d" + SOMETHING_ELSE),
    (exchange("garbage"), {}, "08001", EXCHANGE + ": the answer is no message that this driver understands; d" + SOMETHING_ELSE),
    (exchange("unknown-fields"), {}, None, ""),

    # ---- … and PostgreSQL's login
    (None, {**IAM, "UID": "nobody"}, "28000", "connection to server at \"$INSTANCE\" failed: FATAL:  AlloyDB IAM user authentication failed for user "
     "\"nobody\"\nHINT: With EnableIamAuth the user is the principal of the Google credentials, here \"app@faults.iam\", and UID says \"nobody\": leave UID out, "
     "or give the credentials of that user"),
    (login("error", text="no"), {}, "28000", "connection to server at \"$INSTANCE\" failed: FATAL:  no"),
    (login("close"), {}, "08001", "connection to server at \"$INSTANCE\" failed: server closed the connection unexpectedly…the server closed the connection"),
    (login("silent"), HURRY, "HYT00", "connection to server at \"$INSTANCE\" given up after the login timeout: the server accepted the connection but did not finish the login"),
]


def control(path, body):
    urllib.request.urlopen(urllib.request.Request(f"{API}/_emulator/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}), timeout=30).close()


NAMES = {"API": API, "INSTANCE": INSTANCE, "CLUSTER": INSTANCE.rpartition("/instances/")[0], "ADDRESS": ADDRESS, "CREDENTIALS": CREDENTIALS,
         "LOGIN_TOKEN": LOGIN_TOKEN}


def fits(said, message):
    message = string.Template(message).substitute(NAMES)
    if len(said) >= CUT_MESSAGE and "…" not in message:
        return message.startswith(said)
    return re.fullmatch(".*?".join(re.escape(part) for part in message.split("…")), said, re.DOTALL) is not None


bad = 0
for number, (fault, more, state, message) in enumerate(ROWS):
    # A user agent of its own makes credentials and connection info that nobody has asked for before.
    options = {**USUAL, "UserAgent": f"row/{number}", **{key: value and string.Template(value).safe_substitute(NAMES) for key, value in more.items()}}
    control("reset", {})
    control("faults", [fault] if fault else [])
    try:
        pyodbc.connect(";".join(f"{key}={value}" for key, value in options.items() if value is not None)).close()
        got, said = None, ""
    except pyodbc.Error as error:
        got, said = error.args
        said = re.sub(r" \(-?\d+\) \(SQLDriverConnect\)$", "", said.removeprefix(f"[{got}] [AlloyDB][ODBC Driver]")).strip()
    if got != state or not fits(said, message):
        bad += 1
        print(f"{json.dumps(fault)} {more}\n    is   {got} {said}\n    not  {state} {message}")
control("reset", {})
print(f"{len(ROWS)} rows, {bad} wrong")
sys.exit(bad > 0)
