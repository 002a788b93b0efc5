# SPDX-License-Identifier: Apache-2.0
"""Set-ups that are broken on purpose, and what alloydb-odbc doctor says of each: stage, a part of the fact, a part of the remedy.

tests/clients/test_doctor.sh starts the emulator that plays Google's side. CASES is the list; what a case needs is made by the functions before it.
"""
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

COMMAND = os.environ["ALDB_TEST_COMMAND"]
HOST, PORT, USER, PASSWORD, DATABASE = (os.environ["ALDB_TEST_" + name] for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE"))
DRIVER = os.path.join(os.environ["ALDB_TEST_PROGRAMS"], "..", "driver", "liballoydbodbc.so")
API, INSTANCE, CREDENTIALS = (os.environ[name] for name in ("ALLOYDB_EMULATOR_URL", "ALLOYDB_EMULATOR_INSTANCE", "GOOGLE_APPLICATION_CREDENTIALS"))
ROOM = pathlib.Path(tempfile.mkdtemp(prefix="doctor."))
DIRECT = {"Server": HOST, "Port": PORT, "Database": DATABASE, "UID": USER, "PWD": PASSWORD}
CONNECTOR = {"InstanceUri": INSTANCE, "ApiEndpoint": API, "CredentialsFile": CREDENTIALS, "Database": DATABASE, "UID": USER, "PWD": PASSWORD}
IAM = {"EnableIamAuth": "yes", "UID": None, "PWD": None}


def psql(statement):
    subprocess.run([os.path.join(os.environ["ALDB_TEST_PGBIN"], "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", os.environ["ALDB_TEST_SUPER_CONNINFO"], "-c", statement], check=True)


def control(path, body):
    urllib.request.urlopen(urllib.request.Request(f"{API}/_emulator/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}), timeout=30).close()


# ---- servers that are none


class Door:
    """Listens on loopback; `greet` says what a connection gets. None: nobody accepts."""

    def __init__(self, greet, full=False):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0 if full else 16)
        self.port = str(self.listener.getsockname()[1])
        self.held = []
        if full:  # the queue is taken: what else comes is dropped, as a firewall drops it
            for _ in range(4):
                s = socket.socket()
                s.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    s.connect(self.listener.getsockname())
                self.held.append(s)
        if greet:
            threading.Thread(target=self.serve, args=(greet,), daemon=True).start()

    def serve(self, greet):
        while True:
            s, _ = self.listener.accept()
            self.held.append(s)
            with contextlib.suppress(OSError):
                s.recv(8)  # SSLRequest
                greet(s)


def self_signed(names, days):
    """A certificate whose life ends in so many days, and its key, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=days))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    path = ROOM / f"{names[0]}.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(path)


def starts_tls(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def greet(s):
        s.sendall(b"S")
        with contextlib.suppress(OSError):
            context.wrap_socket(s, server_side=True).recv(1)
    return greet


# ---- libraries that are none


def compiled(name, source, *options):
    path = ROOM / name
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", str(path), *options], input=source, text=True, check=True)
    return str(path)


def needs_what_is_gone():
    needed = compiled("libgone.so.7", "int gone(void) { return 1; }", "-Wl,-soname,libgone.so.7")
    path = compiled("needs.so", "int gone(void); int f(void) { return gone(); }", needed)
    os.unlink(needed)
    return path


def ansi():
    names = ["AllocHandle", "FreeHandle", "SetEnvAttr", "DriverConnect", "Disconnect", "GetDiagRec", "GetConnectAttr"]
    return compiled("ansi.so", "".join(f"int SQL{name}(void) {{ return -1; }}\n" for name in names))


def patched(name, at, value):
    path = ROOM / name
    data = bytearray(pathlib.Path(DRIVER).read_bytes())
    data[at:at + len(value)] = value
    path.write_bytes(data)
    return str(path)


def written(name, text, mode=0o644):
    path = ROOM / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


# ---- a case


def set_up(folder, settings, driver_path=DRIVER, driver="AlloyDB", head="", mode=0o600):
    """odbcinst.ini and odbc.ini with the data source "it"."""
    folder.mkdir()
    (folder / "odbcinst.ini").write_text(f"{head}[AlloyDB]\nDriver = {driver_path}\n")
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items() if value is not None)
    (folder / "user.ini").write_text(f"[it]\nDriver = {driver}\n{lines}" if driver else f"[it]\n{lines}")
    (folder / "user.ini").chmod(mode)


def run(number, settings, fault=None, target="it", arguments=(), environment=None, without_rights=False, given="", **more):
    folder = ROOM / str(number)
    set_up(folder, settings, **more)
    control("reset", {})
    control("faults", [fault] if fault else [])
    variables = {key: value for key, value in os.environ.items() if key not in ("GOOGLE_APPLICATION_CREDENTIALS", "ODBCINSTINI")}
    variables.update({"ODBCSYSINI": str(folder), "ODBCINI": str(folder / "user.ini"), "HOME": str(folder), "LC_ALL": "C.UTF-8", **(environment or {})})
    command = [COMMAND, "doctor", target, "--json", *arguments]
    if without_rights and os.geteuid() == 0:  # root, whom files deny what they deny others
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, env=variables, text=True, input=given, capture_output=True, check=False, timeout=120)


def info(**effects):
    return {"at": "connectionInfo", **effects}


blocked, silent = Door(None, full=True), Door(None)
web = Door(lambda s: s.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n"))
no_tls = Door(lambda s: s.sendall(b"N"))
hangs_up = Door(lambda s: s.shutdown(socket.SHUT_RDWR))
expired_pem, other_pem = self_signed(["localhost"], -1), self_signed(["elsewhere.example"], 30)
expired, other_name = Door(starts_tls(expired_pem)), Door(starts_tls(other_pem))
KEY = json.loads(pathlib.Path(CREDENTIALS).read_text())
secret = pathlib.Path(written("unreadable.json", json.dumps(KEY), 0o600))
if os.geteuid() == 0:
    os.chown(secret, 65534, 65534)
    ROOM.chmod(0o755)
else:
    secret.chmod(0)
psql(f"drop role if exists doctor_full; create role doctor_full login password '{PASSWORD}' connection limit 0")
psql(f"drop role if exists doctor_nologin; create role doctor_nologin nologin password '{PASSWORD}'")

# name, keywords of set_up() and run(), verdict, stage, a part of the fact, a part of the remedy
CASES = [
    ("all is well", {"settings": DIRECT}, None, None, None, None),
    ("all is well through the connector", {"settings": CONNECTOR}, None, None, None, None),
    ("all is well with IAM", {"settings": {**CONNECTOR, **IAM}}, None, None, None, None),
    ("the password is given", {"settings": {**DIRECT, "PWD": None}, "arguments": ["--password-stdin"], "given": PASSWORD + "\n"}, None, None, None, None),
    # The driver manager's files
    ("text before the first section", {"settings": DIRECT, "head": "Trace = yes\n"}, "failed", "driver manager", "Line 1 of", "Correct that file"),
    ("a byte order mark", {"settings": DIRECT, "head": "\ufeff"}, "failed", "driver manager", "byte order mark", "Correct that file"),
    ("no such data source", {"settings": DIRECT, "target": "that"}, "failed", "data source", "There are: it", "alloydb-odbc dsn add"),
    ("no line Driver", {"settings": DIRECT, "driver": None}, "failed", "data source", "without a line Driver", "Driver = AlloyDB"),
    ("others read the password", {"settings": DIRECT, "mode": 0o644}, "doubtful", "settings", "Others may read", "chmod 600"),
    ("no such keyword", {"settings": {**DIRECT, "SSLMod": "require"}}, "doubtful", "settings", "did you mean SSLMode?", "alloydb-odbc keywords"),
    ("no such value", {"settings": {**DIRECT, "SSLMode": "perhaps"}}, "failed", "settings", '"perhaps" of SSLMode', "Change that keyword"),
    ("an open brace", {"settings": DIRECT, "target": "DRIVER=AlloyDB;PWD={abc"}, "failed", "settings", "brace", "braces"),
    # The library
    ("no such driver", {"settings": DIRECT, "driver": "AlloyDP"}, "failed", "driver", "No driver AlloyDP", "alloydb-odbc register"),
    ("the library is not there", {"settings": DIRECT, "driver_path": str(ROOM / "nowhere.so")}, "failed", "driver", "No such file", "alloydb-odbc register --driver"),
    ("a library that it needs is missing", {"settings": DIRECT, "driver_path": needs_what_is_gone()}, "failed", "driver", "libgone.so.7", "Install the package"),
    ("another processor", {"settings": DIRECT, "driver_path": patched("arm.so", 18, b"\xb7\x00" if os.uname().machine != "aarch64" else b"\x3e\x00")}, "failed", "driver", "made for",
     "the application's own architecture"),
    ("32 bits", {"settings": DIRECT, "driver_path": patched("32.so", 4, b"\x01")}, "failed", "driver", "32 bits", "the application's own architecture"),
    ("no library at all", {"settings": DIRECT, "driver_path": written("text.so", "hello\n" * 20)}, "failed", "driver", "is no library", "alloydb-odbc register --driver"),
    ("an ANSI driver", {"settings": DIRECT, "driver_path": ansi()}, "failed", "driver", "ANSI driver", "wide and narrow functions"),
    ("no ODBC driver", {"settings": DIRECT, "driver_path": compiled("other.so", "int f(void) { return 1; }")}, "failed", "driver", "no ODBC driver", "alloydb-odbc register"),
    # The network
    ("wrong host", {"settings": {**DIRECT, "Server": "no-such-host.invalid"}}, "failed", "name", "no-such-host.invalid", "spelling of Server"),
    ("closed port", {"settings": {**DIRECT, "Port": os.environ["ALDB_TEST_DEAD_PORT"]}}, "failed", "TCP", "Connection refused", "Nothing listens there"),
    ("firewalled port", {"settings": {**DIRECT, "Port": blocked.port}, "arguments": ["--timeout", "2"]}, "failed", "TCP", "no answer", "firewalls"),
    ("no socket", {"settings": {**DIRECT, "Server": str(ROOM)}}, "failed", "TCP", "No such file or directory", "no server on this machine"),
    ("a server that says nothing", {"settings": {**DIRECT, "Port": silent.port}, "arguments": ["--timeout", "2"]}, "failed", "TLS", "did not finish the login", "says nothing"),
    ("a web server", {"settings": {**DIRECT, "Port": web.port}}, "failed", "TLS", "invalid response", "Check Server and Port"),
    ("a server that hangs up", {"settings": {**DIRECT, "Port": hangs_up.port}}, "failed", "TLS", "closed the connection", "no PostgreSQL server"),
    # TLS
    ("no TLS", {"settings": {**DIRECT, "Port": no_tls.port, "SSLMode": "require"}}, "failed", "TLS", "does not support SSL", "ssl = on"),
    ("another authority", {"settings": {**DIRECT, "SSLMode": "verify-ca", "SSLRootCert": os.environ["ALDB_TEST_WRONG_CA"]}}, "failed", "TLS", "verify failed", "SSLRootCert"),
    ("no file of an authority", {"settings": {**DIRECT, "SSLMode": "verify-ca", "SSLRootCert": str(ROOM / "no.crt")}}, "failed", "TLS", "does not exist", "SSLRootCert"),
    ("expired certificate of the server", {"settings": {**DIRECT, "Server": "localhost", "Port": expired.port, "SSLMode": "verify-ca", "SSLRootCert": expired_pem}}, "failed", "TLS", "has expired",
     "Renew the server's certificate"),
    ("another name in the certificate", {"settings": {**DIRECT, "Server": "localhost", "Port": other_name.port, "SSLMode": "verify-full", "SSLRootCert": other_pem}}, "failed", "TLS",
     "elsewhere.example", "name that the certificate is for"),
    # The login
    ("wrong password", {"settings": {**DIRECT, "PWD": "wrong"}}, "failed", "login", "password authentication failed", "Check UID and PWD"),
    ("no password", {"settings": {**DIRECT, "PWD": None}}, "failed", "login", "no password supplied", "PassFile"),
    ("no such database", {"settings": {**DIRECT, "Database": "nowhere"}}, "failed", "login", 'database "nowhere" does not exist', "Set Database"),
    ("a role that may not log in", {"settings": {**DIRECT, "UID": "doctor_nologin"}}, "failed", "login", "not permitted to log in", "ALTER ROLE"),
    ("too many connections", {"settings": {**DIRECT, "UID": "doctor_full"}}, "failed", "login", "too many connections", "max_connections"),
    ("InitSql", {"settings": {**DIRECT, "InitSql": "select 1/0"}}, "failed", "session", "division by zero", "Correct InitSql"),
    # Google's side
    ("no file of credentials", {"settings": {**CONNECTOR, "CredentialsFile": str(ROOM / "no.json")}}, "failed", "credentials", "was not found", "CredentialsFile"),
    ("the variable names no file", {"settings": {**CONNECTOR, "CredentialsFile": None}, "environment": {"GOOGLE_APPLICATION_CREDENTIALS": str(ROOM / "no.json")}}, "failed", "credentials", "no.json",
     "GOOGLE_APPLICATION_CREDENTIALS"),
    ("unreadable credentials", {"settings": {**CONNECTOR, "CredentialsFile": str(secret)}, "without_rights": True}, "failed", "credentials", "may not be read", "readable"),
    ("damaged credentials", {"settings": {**CONNECTOR, "CredentialsFile": written("damaged.json", '{"type": ')}}, "failed", "credentials", "JSON", "download the key anew"),
    ("a key that was withdrawn", {"settings": CONNECTOR, "fault": {"at": "token", "status": 400, "body": '{"error":"invalid_grant","error_description":"Invalid JWT Signature."}'}}, "failed",
     "credentials", "invalid_grant", "make a new key"),
    ("no credentials at all", {"settings": {**CONNECTOR, "CredentialsFile": None}, "environment": {"GCE_METADATA_HOST": "127.0.0.1:" + os.environ["ALDB_TEST_DEAD_PORT"]}}, "failed", "credentials",
     "", "gcloud auth application-default login"),
    ("API disabled", {"settings": CONNECTOR, "fault": info(status=403, message="AlloyDB API has not been used in project 7 before or it is disabled.")}, "failed", "API", "it is disabled",
     "gcloud services enable alloydb.googleapis.com"),
    ("a role is missing", {"settings": CONNECTOR, "fault": info(status=403, message="Permission 'alloydb.instances.connect' denied")}, "failed", "API", "alloydb.instances.connect",
     "roles/alloydb.client"),
    ("no such instance", {"settings": {**CONNECTOR, "InstanceUri": INSTANCE + "x"}}, "failed", "API", "HTTP 404", "correct InstanceUri"),
    ("no InstanceUri at all", {"settings": {**CONNECTOR, "InstanceUri": "my-instance"}}, "failed", "settings", "my-instance", "Change that keyword"),
    ("the API is out of reach", {"settings": {**CONNECTOR, "ApiEndpoint": "https://127.0.0.1:" + os.environ["ALDB_TEST_DEAD_PORT"]}}, "failed", "API", "", "HTTPS"),
    ("wrong IpType", {"settings": {**CONNECTOR, "IpType": "PSC"}}, "failed", "address", "it offers PRIVATE, PUBLIC", "Set IpType"),
    ("port 5433 is closed", {"settings": CONNECTOR, "fault": {"at": "front", "listen": "closed"}}, "failed", "TCP", "Connection refused", "Nothing listens there"),
    ("expired certificate of the instance", {"settings": CONNECTOR, "fault": {"at": "front", "certificate": "expired"}}, "failed", "TLS", "certificate has expired", "clock"),
    ("somebody in the middle", {"settings": CONNECTOR, "fault": {"at": "front", "certificate": "stranger"}}, "failed", "TLS", "self-signed certificate", "opens the TLS connection"),
    ("another server's certificate", {"settings": CONNECTOR, "fault": {"at": "front", "certificate": "wrong-san"}}, "failed", "TLS", "IP address mismatch", "redirects the connection"),
    ("the clock is wrong", {"settings": CONNECTOR, "fault": {"at": "clock", "offset": -7200}}, "failed", "exchange", "certificate expired", "clock"),
    ("the instance has no IAM", {"settings": {**CONNECTOR, **IAM, "InstanceUri": INSTANCE + "-without-iam"}}, "failed", "exchange", "not enabled", "alloydb.iam_authentication=on"),
    ("the instance refuses", {"settings": CONNECTOR, "fault": {"at": "exchange", "reply": "error", "text": "nobody may"}}, "failed", "exchange", "nobody may", "roles/alloydb.databaseUser"),
    ("no such IAM user", {"settings": {**CONNECTOR, **IAM, "UID": "nobody"}}, "failed", "login", "IAM user authentication failed", "gcloud alloydb users create"),
]

bad = 0
for number, (name, options, verdict, stage, fact, remedy) in enumerate(CASES):
    done = run(number, **options)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        print(f"{name}: no JSON, exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        bad += 1
        continue
    stages = answer["stages"]
    wrong = [s for s in stages if s["verdict"] != "ok"]
    first = wrong[0] if wrong else None
    right = (done.returncode == (1 if verdict == "failed" else 0) and answer["well"] is (verdict != "failed") and done.stderr == "" and PASSWORD not in done.stdout)
    if verdict is None:
        right = right and not wrong and stages[-1]["stage"] == "query"
    else:
        right = right and first is not None and (first["verdict"], first["stage"]) == (verdict, stage) and fact in first["fact"] and remedy in first["remedy"]
        right = right and (verdict == "failed" or stages[-1]["stage"] == "query")  # a doubt does not end the visit
    if not right:
        bad += 1
        print(f"{name}: exit {done.returncode}\n    wanted {verdict} {stage}: {fact} -> {remedy}\n    is     {json.dumps(first, ensure_ascii=False)}\n    {done.stderr}")
control("reset", {})
psql("drop role doctor_full; drop role doctor_nologin")

# What a person sees: one line a stage, signs that the terminal has, the remedy below.
set_up(ROOM / "seen", {**DIRECT, "Database": "nowhere"})
for locale, good, ill in (("C.UTF-8", "✔", "✘"), ("C", "ok  ", "FAIL")):
    seen = subprocess.run([COMMAND, "doctor", "it"], env={**os.environ, "ODBCSYSINI": str(ROOM / "seen"), "ODBCINI": str(ROOM / "seen" / "user.ini"), "LC_ALL": locale}, text=True,
                          encoding="utf-8", capture_output=True, check=False)
    lines = seen.stdout.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    if seen.returncode != 1 or not all(line.startswith((good, ill)) for line in heads) or not heads[-1].startswith(f"{ill} login") or "Set Database" not in lines[-1] or "PWD                      ***" not in seen.stdout:
        bad += 1
        print(seen.stdout, seen.stderr)
shutil.rmtree(ROOM)
print(f"{len(CASES)} set-ups, {sum(case[2] is not None for case in CASES)} of them broken; {bad} wrong")
sys.exit(bad > 0)
