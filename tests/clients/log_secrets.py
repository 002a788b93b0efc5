# SPDX-License-Identifier: Apache-2.0
"""Looks for every secret in everything that the driver writes; tests/clients/test_log_secrets.sh starts it with the emulator's environment, and a folder.

The cases run in children, once with statements' texts and values in the log and once without, and after that programs of tests/odbc which try each kind of credentials and each
refusal. Each secret is looked for as it is and in every form that software gives to bytes. What may be in a log (a user's name, a text with LogQueryText) is looked for in the same way: if
that is not found, the search is broken, and the test fails.
"""
import base64
import ctypes
import hashlib
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

LEVEL = {"ALLOYDB_ODBC_LOG_LEVEL": "TRACE"}


# ---- the search ---------------------------------------------------------------------------------------------------------------

def inside_base64(value: bytes) -> set[bytes]:
    """What base64 makes of it wherever it begins in a longer text: without the characters that its neighbours have a part in."""
    found = set()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value)
        end = len(text) - (4 if (before + len(value)) % 3 else 0)
        found.add(text[[0, 2, 3][before]:end])
    return found | {one.translate(bytes.maketrans(b"+/", b"-_")) for one in found}


def forms(value: str) -> dict[bytes, str]:
    raw = value.encode()
    escaped = urllib.parse.quote(value, safe="")
    found = [{value.encode("utf-16-le"): "UTF-16", value.encode("utf-16-be"): "UTF-16",
             raw.hex().encode(): "hexadecimal", raw.hex().upper().encode(): "hexadecimal", escaped.encode(): "percent-encoded", escaped.lower().encode(): "percent-encoded",
             json.dumps(value)[1:-1].encode(): "JSON", value.replace("}", "}}").encode(): "in braces", value.replace("'", "''").encode(): "in quotes",
             value.replace("\\", "\\\\").replace("'", "\\'").encode(): "escaped", value[::-1].encode(): "backwards",
              hashlib.md5(raw).hexdigest().encode(): "MD5", hashlib.sha256(raw).hexdigest().encode(): "SHA-256"},
             {one: "base64" for one in inside_base64(raw)}, {raw: "itself"}] # what several forms have in common is itself
    return {form: kind for part in found for form, kind in part.items() if len(form) >= 8}


class Search:
    """Secrets by name, in all their forms, and patterns of what is made while connecting."""
    PATTERNS = {"a token that the emulator gave out": rb"ya29\.emulator\.[\w-]{8}", "a JWT": rb"eyJ[\w-]{10,}\.eyJ",
                "a private key": rb"PRIVATE KEY-----(?:\\[nr]|\s)*[A-Za-z0-9+/]{16}",
                "a SCRAM proof": rb"p=[A-Za-z0-9+/]{43}=", "a SCRAM verifier": rb"SCRAM-SHA-256\$", "an HTTP header": rb"(?i)authorization: |bearer [\w.-]{8}",
                "a signature of AWS": rb"Signature=[0-9a-f]{16}", "a client secret": rb"GOCSPX-", "a password's MD5": rb"\bmd5[0-9a-f]{32}"}

    def __init__(self) -> None:
        self.secrets: list[tuple[str, str]] = []
        self.forms: dict[bytes, tuple[str, str]] = {}

    def add(self, name: str, value: str) -> str:
        """A key is a secret line by line; of a marker each half is one."""
        assert len(value) >= 12, name
        lines = [line for line in value.splitlines() if len(line) >= 12 and not line.startswith("-----")]
        for line in lines:
            self.secrets.append((name, line))
            self.forms |= {form: (name, kind) for form, kind in forms(line).items()}
        if len(lines) == 1:
            half = len(value) // 2
            self.forms |= {part.encode(): (name, "a half") for part in (value[:half], value[half:]) if len(part) >= 8}
        return value

    def find_forms(self, data: bytes, but: set[str] = frozenset()) -> set[tuple[str, str]]:
        return {(name, kind) for form, (name, kind) in self.forms.items() if name not in but and form in data}

    def find(self, data: bytes, but: set[str] = frozenset()) -> set[tuple[str, str]]:
        return self.find_forms(data, but) | {(what, "pattern") for what, pattern in self.PATTERNS.items() if re.search(pattern, data)}


def prove_search() -> None:
    search = Search()
    secret = search.add("control", "Kontrolle/9+{}'\\'-Geheimnis~ü")
    for form, kind in forms(secret).items():
        assert ("control", kind) in search.find(b"2026 line " + form + b" behind"), (kind, form)
    for before in ("", "x", "xy", "user:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            assert ("control", "base64") in search.find(encode(f"{before}{secret}and more".encode())), before
    assert ("control", "a half") in search.find(b"only " + secret[:len(secret) // 2].encode())
    assert not search.find(secret.replace("9", "8")[4:20].encode())
    for sample in (b"x ya29.emulator.abcdefgh", b"eyJhbGciOiJSUzI1NiJ9.eyJpc3M", b"-----BEGIN RSA PRIVATE KEY-----\\nMIIEvQIBADANBgkq", b"c=biws,r=x,p=" + b"A" * 43 + b"=",
                   b"SCRAM-SHA-256$4096:", b"Authorization: x", b"Bearer abcdefghij", b"Signature=0123456789abcdef", b"GOCSPX-", b"md5" + b"0" * 32):
        assert search.find(sample), sample


# ---- a child: connects, and writes down whatever ODBC says ----------------------------------------------------------------------

def run_child(plan_file: str) -> None:
    odbc = ctypes.CDLL("libodbc.so.2")
    plan = json.loads(pathlib.Path(plan_file).read_text())
    said = open(plan["said"], "w")
    env, text, length, number = ctypes.c_void_p(), ctypes.create_string_buffer(20000), ctypes.c_short(), ctypes.c_int()
    odbc.SQLAllocHandle(1, None, ctypes.byref(env))
    odbc.SQLSetEnvAttr(env, 200, ctypes.c_void_p(380), 0)

    texts = {*range(0, 200), *range(10000, 10030)} - {3, 4, 5, 76, 135} # what SQLGetInfo is asked for: those that are not found to be numbers; those left out are handles

    def tell(case, what, value):
        print(json.dumps([case, what, value]), file=said)

    def http(method, path, body=None):
        urllib.request.urlopen(urllib.request.Request(plan["url"] + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method), timeout=30).close()

    def records(case, kind, handle):
        record = 0
        state = ctypes.create_string_buffer(6)
        while (record := record + 1) and odbc.SQLGetDiagRec(kind, handle, record, state, ctypes.byref(number), text, len(text), ctypes.byref(length)) in (0, 1):
            tell(case, "message", state.value.decode() + " " + text.value.decode())

    def execute(case, dbc, sql, value=None):
        stmt = ctypes.c_void_p()
        odbc.SQLAllocHandle(3, dbc, ctypes.byref(stmt))
        if value:
            given, room = ctypes.create_string_buffer(value.encode()), ctypes.c_ssize_t(-3)
            odbc.SQLBindParameter(stmt, 1, 1, 1, 12, 1000, 0, given, len(given), ctypes.byref(room))
        if odbc.SQLExecDirect(stmt, sql.encode(), -3) in (0, 1):
            odbc.SQLFetch(stmt)
            if odbc.SQLGetData(stmt, 1, 1, text, len(text), None) in (0, 1):
                tell(case, "row", text.value.decode())
        records(case, 3, stmt)
        odbc.SQLFreeHandle(3, stmt)

    def ask(case, dbc):
        for info in sorted(texts):
            ctypes.memset(text, 0, len(text))
            length.value = 0
            if odbc.SQLGetInfo(dbc, info, text, len(text), ctypes.byref(length)) not in (0, 1):
                continue
            if length.value < 5: # a number, or a letter
                texts.discard(info)
            else:
                tell(case, f"SQLGetInfo {info}", text.raw[:min(length.value, 2000)].decode(errors="replace"))
        for attribute in (105, 106, 109, 111, 0x4A01, 0x4A02, 0x4A03, 0x4A04, 0x4A05, 0x4A06, 0x4A07):
            ctypes.memset(text, 0, len(text))
            if odbc.SQLGetConnectAttr(dbc, attribute, text, len(text), ctypes.byref(number)) in (0, 1):
                tell(case, f"attribute {attribute}", text.raw[:200].decode(errors="replace"))

    for case in plan["cases"]:
        name, via = case["name"], case.get("via", "driver")
        for key, value in case.get("environ", {}).items():
            os.environ[key] = value
        for fault in case.get("faults", []):
            http("POST", "/_emulator/faults", fault)
        dbc = ctypes.c_void_p()
        odbc.SQLAllocHandle(2, env, ctypes.byref(dbc))
        given = case["string"] if isinstance(case["string"], list) else case["string"].encode()
        if via == "connect":
            rc = odbc.SQLConnect(dbc, *(part for one in given for part in (one.encode(), -3)))
        elif via == "connectw":
            rc = odbc.SQLConnectW(dbc, *(part for one in given for part in ((one + "\0").encode("utf-16-le"), -3)))
        elif via == "driverw":
            room = ctypes.create_string_buffer(40000)
            rc = odbc.SQLDriverConnectW(dbc, None, (given.decode() + "\0").encode("utf-16-le"), -3, room, len(room) // 2, ctypes.byref(length), 0)
            tell(name, "completed", room.raw.decode("utf-16-le", errors="replace").split("\0")[0])
        elif via == "browse":
            text.value = b""
            rc = odbc.SQLBrowseConnect(dbc, given, -3, text, len(text), ctypes.byref(length))
            tell(name, "completed", text.value.decode())
        else:
            text.value = b""
            rc = odbc.SQLDriverConnect(dbc, None, given, -3, text, len(text), ctypes.byref(length), 0)
            tell(name, "completed", text.value.decode())
        ok = rc in (0, 1)
        tell(name, "result", ok)
        records(name, 2, dbc)
        ask(name, dbc)
        if ok:
            for sql, value in case.get("execute", [["select 1", None]]):
                execute(name, dbc, sql, value)
            ask(name, dbc)
            for entry in os.listdir("/proc/self/fd"): # temporary files without a name
                path = f"/proc/self/fd/{entry}"
                try:
                    if os.readlink(path).endswith(" (deleted)"):
                        tell(name, "deleted file", pathlib.Path(path).read_bytes().decode("latin-1"))
                except OSError:
                    pass
            odbc.SQLDisconnect(dbc)
        odbc.SQLFreeHandle(2, dbc)
        for key in case.get("environ", {}):
            os.environ.pop(key, None)
        if "faults" in case:
            http("DELETE", "/_emulator/faults")
            http("POST", "/_emulator/reset")
    odbc.SQLFreeHandle(1, env)
    said.close()


# ---- what there is to be kept secret -------------------------------------------------------------------------------------------

def marker(name: str) -> str:
    return f"Mk{name}{secrets.token_hex(10)}"


class Scene:
    """The secrets of this run, where they are, and the cases that use them."""

    def __init__(self, work: pathlib.Path) -> None:
        self.work = work
        self.search = Search()
        self.cases: list[dict] = []
        self.state = pathlib.Path(os.environ["ALLOYDB_EMULATOR_STATE"])
        self.host = f"Server={os.environ['ALDB_TEST_HOST']};Port={os.environ['ALDB_TEST_PORT']};Database={os.environ['ALDB_TEST_DATABASE']}"
        self.role = f"secret_role_{os.getpid()}"
        self.odd_role = f"secret_odd_{os.getpid()}"
        add = self.search.add
        self.password = add("the password of a role", marker("good"))
        self.odd = add("a password with every special character", f"{marker('odd')};}}='\"{{%\\ü@:/")
        self.server = add("the password of the test server's roles", os.environ["ALDB_TEST_PASSWORD"])
        self.key_password = add("the password of a key file", marker("key"))
        self.fresh = 0
        self.make_files()

    def secret(self, name: str) -> str:
        return self.search.add(f"a secret of \"{name}\"", marker("x"))

    def file(self, name: str, text: str) -> str:
        path = self.work / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def make_files(self) -> None:
        add, state = self.search.add, self.state
        for name in ("access-token", "login-token", "alice-token", "subject-token"):
            setattr(self, name.replace("-", "_"), add(name, (state / name).read_text().strip()))
        for path in sorted([*state.glob("credentials/*.json"), *state.glob("credentials-https/*.json")]):
            document = json.loads(path.read_text())
            for part in (document, document.get("source_credentials", {})):
                for key in ("private_key", "refresh_token", "client_secret"):
                    if part.get(key):
                        add(f"{key} of {path.stem}", part[key])
        for path in sorted(state.glob("aws*-environment")):
            for key, value in re.findall(r"export (AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)=(\S+)", path.read_text()):
                add(f"{key} of {path.name}", value)
        for path in sorted(state.glob("*.key")):
            add(path.name, path.read_text())
        add("the key of static-info.json", json.loads((state / "static-info.json").read_text())["privateKey"])
        tls = pathlib.Path(os.environ["ALDB_TEST_KEY"])
        add("a client's key", tls.read_text())
        self.encrypted = str(self.work / "encrypted.key")
        subprocess.run(["openssl", "rsa", "-aes256", "-passout", "stdin", "-in", tls, "-out", self.encrypted], input=self.key_password.encode(), check=True, capture_output=True)
        os.chmod(self.encrypted, 0o600)
        psql = [os.environ["ALDB_TEST_PGBIN"] + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", os.environ["ALDB_TEST_SUPER_CONNINFO"]]
        quoted = self.odd.replace("'", "''")
        self.psql = lambda sql: subprocess.run(psql, input=sql, text=True, check=True, capture_output=True).stdout
        self.psql(f"create role {self.role} login password '{self.password}'; create role {self.odd_role} login password '{quoted}';")
        for part in self.psql(f"select rolpassword from pg_authid where rolname in ('{self.role}', '{self.odd_role}', 'aldb_test')").split():
            for half in part.split("$")[-1].split(":"): # what the server keeps, and what a proof is made of
                add("a SCRAM key", half)

    # ---- cases

    def case(self, name: str, string, ok: bool, **more) -> None:
        self.cases.append({"name": name, "string": string, "ok": ok, **more})

    def direct(self, name: str, keywords: str, ok: bool, **more) -> None:
        self.case(name, f"DRIVER=AlloyDB;{self.host};{keywords}", ok, **more)

    def instance(self, name: str, keywords: str, ok: bool, iam: bool = False, **more) -> None:
        """QuotaProject is new each time, so that nothing known in the process counts."""
        self.fresh += 1
        login = "EnableIamAuth=yes" if iam else f"UID={self.role};PWD={self.password}"
        self.case(name, f"DRIVER=AlloyDB;Server={os.environ['ALLOYDB_EMULATOR_INSTANCE']};ApiEndpoint={os.environ['ALLOYDB_EMULATOR_URL']};"
                        f"Database={os.environ['ALDB_TEST_DATABASE']};QuotaProject=fresh{self.fresh};{keywords};{login}", ok, **more)

    def braces(self, value: str) -> str:
        return "{" + value.replace("}", "}}") + "}"

    def passwords(self) -> None:
        def wrong(name):
            return self.secret(name)
        role, odd = f"UID={self.role}", f"UID={self.odd_role}"
        self.direct("PWD", f"{role};PWD={self.password}", True)
        self.direct("wrong PWD", f"{role};PWD={wrong('PWD')}", False)
        self.direct("PWD, wide", f"{role};PWD={self.password}", True, via="driverw")
        self.direct("wrong PWD, wide", f"{role};PWD={wrong('PWD, wide')}", False, via="driverw")
        self.direct("PWD in braces", f"{odd};PWD={self.braces(self.odd)}", True)
        self.direct("wrong PWD in braces", f"{odd};PWD={self.braces(wrong('braces') + self.odd)}", False)
        self.direct("a password cut by a semicolon", f"{role};PWD=a;{wrong('cut')}=b", False)
        self.direct("what stands behind a password", f"{role};PWD=a;{wrong('behind')}", False)
        self.direct("a brace that is not closed", f"{role};PWD={{{wrong('open')}", False)
        self.direct("text behind a brace", f"{role};PWD={{a}}{wrong('text')};", False)
        self.direct("an unknown keyword", f"{role};PWD={self.password};Passwort={wrong('Passwort')}", True)
        self.direct("MD5", f"UID=aldb_md5;PWD={self.server}", True)
        self.direct("wrong, MD5", f"UID=aldb_md5;PWD={wrong('MD5')}", False)
        self.direct("clear text", f"UID=aldb_clear;PWD={self.server}", True)
        self.direct("wrong, clear text", f"UID=aldb_clear;PWD={wrong('clear')}", False)
        self.direct("ChannelBinding", f"{role};PWD={self.password};SSLMode=require;ChannelBinding=require", True)
        self.direct("nobody listens", f"{role};PWD={wrong('dead')};ConnectRetryCount=1;ConnectRetryInterval=0;Port={os.environ['ALDB_TEST_DEAD_PORT']}", False)
        self.case("several hosts", f"DRIVER=AlloyDB;Server=127.0.0.1:{os.environ['ALDB_TEST_DEAD_PORT']},127.0.0.1:{os.environ['ALDB_TEST_PORT']};Database=x;{role};PWD={wrong('hosts')}", False)
        self.direct("SAVEFILE", f"{role};PWD={self.password};PqOpt={{fallback_application_name={wrong('PqOpt')}}};SAVEFILE={self.work}/saved.dsn", True, kept=self.password)
        for how, ok, value in (("good", True, self.password), ("wrong", False, wrong("PassFile"))):
            self.direct(f"PassFile, {how}", f"{role};PassFile={self.file('pass-' + how, f'*:*:*:*:{value}' + chr(10))}", ok)
        self.direct("PassFile that others may read", f"{role};PassFile={self.file('pass-open', f'*:*:*:*:{wrong(chr(111))}' + chr(10))}", False)
        os.chmod(self.work / "pass-open", 0o644)
        for how, ok, value in (("good", True, self.password), ("wrong", False, wrong("PqOpt"))):
            self.direct(f"PqOpt, {how}", f"{role};PqOpt={{password={value}}}", ok)
            self.direct(f"PGPASSWORD, {how}", role, ok, environ={"PGPASSWORD": value})
            service = self.file(f"service-{how}", f"[s]\npassword={value}\n")
            self.direct(f"service file, {how}", f"{role};PqOpt={{service=s}}", ok, environ={"PGSERVICEFILE": service})
        self.direct("PqOpt with an open quote", f"{role};PqOpt={{password='{wrong('quote')}}}", False)
        self.direct("PqOpt that is no list", f"{role};PqOpt={{{wrong('list')}}}", False)
        self.direct("PqOpt beside PWD", f"{role};PWD={self.password};PqOpt={{password={wrong('beside')}}}", False)
        key = f"UID=aldb_cert;SSLMode=require;SSLCert={os.environ['ALDB_TEST_CERT']};SSLKey={self.encrypted}"
        self.direct("SSLPassword", f"{key};SSLPassword={self.key_password}", True)
        self.direct("wrong SSLPassword", f"{key};SSLPassword={wrong('SSLPassword')}", False)
        self.direct("PWD beside IAM", f"EnableIamAuth=1;PWD={wrong('IAM')}", False)
        self.direct("an IAM token without TLS", f"{role};EnableIamAuth=1;SSLMode=disable;LoginToken={wrong('no TLS')};AccessToken={wrong('no TLS 2')}", False)
        common = f"Driver=AlloyDB\n{self.host.replace(';', chr(10))}\nUID={self.role}"
        dsns = "".join(f"[{name}]\n{common}\nPWD={value}\nPqOpt=fallback_application_name={wrong(name)}\n" for name, value in (("good", self.password), ("wrong", wrong("DSN"))))
        dsns += f"[long]\n{common}\nPWD={wrong('long') * 50}\n"
        self.odbc_ini = self.file("odbc.ini", dsns)
        for name, ok in (("good", True), ("wrong", False)):
            self.case(f"DSN, {name}", f"DSN={name}", ok)
            self.case(f"SQLConnect, {name}", [name, "", ""], ok, via="connect")
            self.case(f"DSN, {name}, SAVEFILE", f"DSN={name};SAVEFILE={self.work}/saved-{name}.dsn", ok)
        self.case("SQLConnect with a password", ["wrong", self.role, self.password], True, via="connect")
        self.case("SQLConnect with a wrong one", ["good", self.role, wrong("SQLConnect")], False, via="connect")
        self.case("SQLConnectW", ["wrong", self.role, self.password], True, via="connectw")
        self.case("SQLConnectW with a wrong one", ["good", self.role, wrong("SQLConnectW")], False, via="connectw")
        self.case("SQLBrowseConnect", f"DSN=good;PWD={self.password}", True, via="browse")
        self.case("SQLBrowseConnect, unfinished", f"DRIVER=AlloyDB;PWD={wrong('browse')}", False, via="browse")
        self.case("a line that is too long", "DSN=long", False)
        ini = self.file("driver.ini", f"[Defaults]\nPWD = {wrong('ini')}\nProxyUrl = http://u:{wrong('ini proxy')}@127.0.0.1:1\n")
        self.direct("secrets in alloydb-odbc.ini", f"{role};PWD={self.password}", True, environ={"ALLOYDB_ODBC_INI": ini})
        ini = self.file("long.ini", f"[Defaults]\nInitSql = {wrong('long ini') * 100}\n")
        self.direct("a long line in alloydb-odbc.ini", f"{role};PWD={self.password}", False, environ={"ALLOYDB_ODBC_INI": ini})
        ini = self.file("bad.ini", f"[Defaults]\n{wrong('bad ini')}\n")
        self.direct("a bad line in alloydb-odbc.ini", f"{role};PWD={self.password}", False, environ={"ALLOYDB_ODBC_INI": ini})

    def google(self) -> None:
        state = self.state
        kinds = {path.stem for path in state.glob("credentials/*.json")} - {"external_account_x509", "external_account_x509_chain", "gdch_service_account"}
        aws = {key: value for name in ("aws-environment",) for key, value in re.findall(r"export (\w+)=(\S+)", (state / name).read_text())}
        session = dict(re.findall(r"export (\w+)=(\S+)", (state / "aws-session-environment").read_text()))
        for kind in sorted(kinds):
            file = f"CredentialsFile={state}/credentials/{kind}.json"
            more = {"environ": aws} if kind == "external_account_aws_environment" else {}
            self.instance(kind, file, True, **more)
            for at in ("token", "sts", "impersonate", "subjectToken", "aws", "metadata", "admin"):
                self.instance(f"{kind}, refused by {at}", file, None, **more, faults=[{"at": at, "status": 403, "reason": "PERMISSION_DENIED", "message": "no"}])
        self.instance("AWS with a session", f"CredentialsFile={state}/credentials/external_account_aws.json", True, environ=session)
        for kind in ("service_account", "authorized_user", "impersonated_service_account"):
            self.instance(f"{kind}, IAM", f"CredentialsFile={state}/credentials/{kind}.json", True, iam=True)
        for kind in ("external_account_x509", "gdch_service_account"): # as far as they come without trust in the emulator's authority
            self.instance(kind, f"CredentialsFile={state}/credentials/{kind}.json", False)
        self.instance("the metadata server", "", True)
        # Google's own addresses are those of strangers here.
        self.instance("impersonation", f"CredentialsFile={state}/credentials/service_account.json;ProxyUrl={os.environ['ALLOYDB_EMULATOR_URL']};"
                                       f"ImpersonateServiceAccount=target@{os.environ['ALLOYDB_EMULATOR_PROJECT']}.iam.gserviceaccount.com", False, iam=True)
        # Servers that give back what they were sent, or worse.
        user = json.loads((state / "credentials/authorized_user.json").read_text())
        for name, text in (("the refresh token", user["refresh_token"]), ("the client's secret", user["client_secret"]), ("an access token", self.access_token), ("a JWT", self.subject_token)):
            for key in ("message", "body"):
                self.instance(f"{key} with {name}", f"CredentialsFile={state}/credentials/authorized_user.json", False,
                              faults=[{"at": "token", "status": 400, "reason": "invalid_grant", key: f"cannot take {text} of you"}])
                self.instance(f"{key} of the API with {name}", f"CredentialsFile={state}/credentials/authorized_user.json", False,
                              faults=[{"at": "admin", "status": 400, "reason": "INVALID_ARGUMENT", key: f"cannot take {text} of you"}])
        self.instance("an exchange that gives the token back", f"AccessToken={self.access_token}", False,
                      faults=[{"at": "exchange", "reply": "error", "text": f"cannot take {self.access_token} of you"}])
        # Documents.
        for kind in ("service_account", "authorized_user"):
            text = (state / f"credentials/{kind}.json").read_text()
            self.instance(f"CredentialsJson, {kind}", f"CredentialsJson={self.braces(text)}", True)
            self.instance(f"CredentialsJson, {kind}, cut", f"CredentialsJson={self.braces(text[:-20])}", False)
            self.instance(f"{kind}, cut", f"CredentialsFile={self.file(kind + '-cut.json', text[:len(text) * 2 // 3])}", False)
        account = json.loads((state / "credentials/service_account.json").read_text())
        spoilt = dict(account, private_key=account["private_key"].replace("-----END", "AAAA-----END"))
        self.instance("a key that cannot be read", f"CredentialsFile={self.file('spoilt.json', json.dumps(spoilt))}", False)
        hidden = self.secret("a field of another type")
        self.instance("a document with a wrong field", f"CredentialsFile={self.file('field.json', json.dumps(dict(user, refresh_token=[hidden])))}", False)
        self.instance("a document of another type", f"CredentialsFile={self.file('type.json', json.dumps({'type': 'none', 'private_key': self.secret('type')}))}", False)
        open_file = self.file("open.json", json.dumps(account))
        os.chmod(open_file, 0o644)
        self.instance("a document that others may read", f"CredentialsFile={open_file}", True)
        self.warning = f'the file "{open_file}" holds secrets and may be read by others than its owner (mode 644); chmod 600 it'.encode()
        # Tokens that are given.
        self.instance("AccessToken", f"AccessToken={self.access_token}", True)
        self.instance("LoginToken", f"AccessToken={self.access_token};LoginToken={self.login_token};UID=app@{os.environ['ALLOYDB_EMULATOR_PROJECT']}.iam", True, iam=True)
        self.instance("AccessToken that is none", f"AccessToken={self.secret('AccessToken')}", False)
        self.instance("LoginToken that is none", f"AccessToken={self.access_token};LoginToken={self.secret('LoginToken')};UID=app@{os.environ['ALLOYDB_EMULATOR_PROJECT']}.iam", False, iam=True)
        self.instance("two credentials", f"AccessToken={self.secret('two')};CredentialsJson={{{{\"x\": \"{self.secret('two 2')}\"}}}}", False)
        # Proxies.
        address = os.environ["ALLOYDB_EMULATOR_URL"].removeprefix("http://")
        named = f"CredentialsFile={self.file('bare.json', json.dumps({k: v for k, v in account.items() if k != 'token_uri'}))}"
        for how, where in (("good", address), ("dead", f"127.0.0.1:{os.environ['ALDB_TEST_DEAD_PORT']}"), ("no host", "no-such-host.invalid:1"), ("unreadable", "h:port")):
            self.instance(f"ProxyUrl, {how}", f"{named};ProxyUrl=http://user:{self.secret('ProxyUrl' + how)}@{where}", None)
            self.instance(f"HTTPS_PROXY, {how}", named, None, environ={"HTTPS_PROXY": f"http://user:{self.secret('HTTPS_PROXY' + how)}@{where}"})
        # Static connection info.
        static = (state / "static-info.json").read_text()
        self.instance("StaticConnectionInfo", f"StaticConnectionInfo={state}/static-info.json;ApiEndpoint=;CredentialsFile={state}/credentials/service_account.json", None)
        self.instance("StaticConnectionInfo, cut", f"StaticConnectionInfo={self.file('static-cut.json', static[:len(static) // 2])}", False)
        # A helper: what it is given, and what it leaves behind.
        helper = self.work / "helper"
        helper.write_text(f"#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ >>'{self.work}/helper-said'\ntr '\\0' '\\n' </proc/$$/cmdline >>'{self.work}/helper-said'\n"
                          f"tr '\\0' '\\n' </proc/$PPID/cmdline >>'{self.work}/helper-said'\nexec '{state}/subject-token-helper' \"$@\"\n")
        helper.chmod(0o700)
        document = (state / "credentials/external_account_executable.json").read_text().replace(str(state / "subject-token-helper"), str(helper))
        self.instance("a helper that looks around", f"CredentialsFile={self.file('helper.json', document)}", True)
        told = self.secret("a helper's error")
        answer = json.dumps({"version": 1, "success": False, "code": "401", "message": "no", "id_token": told})
        broken = self.work / "broken-helper"
        broken.write_text(f"#!/bin/sh\necho '{told}' >&2\nprintf '%s' '{answer}'\nexit 0\n")
        broken.chmod(0o700)
        document = (state / "credentials/external_account_executable.json").read_text().replace(str(state / "subject-token-helper"), str(broken))
        self.instance("a helper that fails", f"CredentialsFile={self.file('broken.json', document)}", False)

    def controls(self) -> None:
        """What may be found: a name always, a text and a value where they are allowed."""
        self.control = Search()
        self.user = self.control.add("a user's name", f"control_user_{secrets.token_hex(6)}")
        self.text = self.control.add("a statement's text", f"control_text_{secrets.token_hex(6)}")
        self.value = self.control.add("a value", f"control_value_{secrets.token_hex(6)}")
        forms_of_text = [form.decode() for form, kind in forms(self.text).items() if kind != "UTF-16"]
        self.direct("a user's name", f"UID={self.user};PWD={self.secret('control')}", False)
        self.direct("a text and a value", f"UID={self.role};PWD={self.password}", True, execute=[[f"select '{form}'", None] for form in forms_of_text] + [["select ?", self.value]])


# ---- judging -------------------------------------------------------------------------------------------------------------------

failures = []


def fail(*what) -> None:
    failures.append(" ".join(str(part) for part in what))


def files_of(*folders: pathlib.Path) -> list[pathlib.Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def environment(scene: Scene, folder: pathlib.Path, texts: bool) -> dict[str, str]:
    """Without anything that a secret of this test could be in."""
    keep = ("PATH", "LANG", "LD_LIBRARY_PATH", "GCE_METADATA_HOST", "GCE_METADATA_IP", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "ODBCSYSINI")
    return {**{key: os.environ[key] for key in keep if key in os.environ}, **LEVEL, "ODBCINI": scene.odbc_ini, "HOME": str(folder), "TMPDIR": str(folder / "tmp"),
            "ALLOYDB_ODBC_LOG_PATH": str(folder / "log"), "ALLOYDB_ODBC_LOG_QUERY_TEXT": "yes" if texts else "no", "ALLOYDB_ODBC_LOG_PARAMETERS": "yes" if texts else "no"}


def make_folder(scene: Scene, name: str) -> pathlib.Path:
    folder = scene.work / name
    for part in ("log", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


def judge_outputs(folder: pathlib.Path) -> None:
    for stream in ("stdout", "stderr"):
        if (folder / stream).read_bytes():
            fail(folder.name, "wrote to", stream, (folder / stream).read_bytes()[:200])
    for path in files_of(folder / "tmp"):
        fail("a temporary file was left behind:", path)


def judge_logs(scene: Scene, folder: pathlib.Path, texts: bool) -> None:
    logs = files_of(folder / "log")
    data = b"".join(path.read_bytes() for path in logs)
    if len(data) < 100000 or data.count(b" TRACE ") < 100:
        fail(folder.name, "has no log worth searching:", len(data), "bytes")
    for path in logs:
        if path.stat().st_mode & 0o777 != 0o600:
            fail(path, "has the mode", oct(path.stat().st_mode))
    if scene.warning not in data:
        fail(f"in the log of \"{folder.name}\" there is no warning of a file that others may read")
    for name, kind in scene.search.find(data):
        fail(f"in the log of \"{folder.name}\":", name, "as", kind)
    found = scene.control.find_forms(data)
    allowed = {(name, kind) for form, (name, kind) in scene.control.forms.items() if kind == "itself" and name == "a user's name"}
    if texts:
        allowed |= {("a statement's text", kind) for kind in set(forms(scene.text).values()) - {"UTF-16"}} | {("a value", "itself")}
    for name, kind in allowed - found:
        fail(f"the search does not find in the log of \"{folder.name}\" what is there:", name, "as", kind)
    if not texts:
        for name, kind in found:
            if name != "a user's name":
                fail(f"in the log of \"{folder.name}\", which is to have no texts:", name, "as", kind)
    print(f"{folder.name}: {len(scene.search.secrets)} secrets in {len(scene.search.forms)} forms are not in {len(data)} bytes of log; {len(found)} forms of what is allowed are")


def judge_said(scene: Scene, said: str) -> None:
    by_name = {case["name"]: case for case in scene.cases}
    results = set()
    for line in said.splitlines():
        name, what, value = json.loads(line)
        case = by_name[name]
        if what == "result":
            results.add(name)
            if case["ok"] is not None and case["ok"] != value:
                fail(f"\"{name}\"", "connected" if value else "was refused")
            continue
        string = str(case["string"]) if what == "completed" else ""
        own = {secret for secret, text in scene.search.secrets if text in string or text.replace("}", "}}") in string}
        if what == "completed" and "PWD=" in str(case["string"]) and case["ok"] and case.get("via") != "browse" and "PWD=" not in value:
            fail(f"\"{name}\": the completed string is not the application's:", value)
        patterns = {"an HTTP header", "a private key", "a token that the emulator gave out", "a JWT", "a client secret"} if own else set()
        for secret, kind in scene.search.find(value.encode(), own):
            if secret not in patterns:
                fail(f"\"{name}\":", secret, "as", kind, "in", what + ":", value[:300])
    for case in scene.cases:
        if case["name"] not in results:
            fail(f"\"{case['name']}\" did not run")


def run_cases(scene: Scene, texts: bool) -> None:
    folder = make_folder(scene, "texts and values" if texts else "no texts")
    plan = {"said": str(folder / "said"), "url": os.environ["ALLOYDB_EMULATOR_URL"], "cases": scene.cases}
    plan_file = scene.file("plan.json", json.dumps(plan))
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        status = subprocess.run([sys.executable, __file__, "--child", plan_file], stdout=out, stderr=err, env=environment(scene, folder, texts), check=False).returncode
    if status != 0:
        fail(folder.name, "ended with", status)
    os.unlink(plan_file)
    judge_outputs(folder)
    judge_logs(scene, folder, texts)
    judge_said(scene, (folder / "said").read_text())
    for path in [scene.work / "helper-said", *scene.work.glob("saved*.dsn")]:
        data = path.read_bytes()
        if not data:
            fail(path, "is empty")
        for name, kind in scene.search.find(data, {"a secret of \"a child\""}):
            if not (path.name == "saved.dsn" and name == "the password of a role"): # the application's own, which unixODBC leaves out, too
                fail("in", path.name + ":", name, "as", kind)
    if b"GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" not in (scene.work / "helper-said").read_bytes():
        fail("the helper has seen no environment")


def run_programs(scene: Scene) -> None:
    """Programs of tests/odbc, which know every kind of credentials, trust the emulator's authority, and check what comes of it themselves."""
    programs = pathlib.Path(os.environ["ALDB_TEST_PROGRAMS"])
    for name in ("odbc_credentials_emulator", "odbc_connect", "odbc_connect_more"):
        folder = make_folder(scene, name)
        env = {**os.environ, **LEVEL, "ALDB_TEST_EMULATOR": str(scene.state), "TMPDIR": str(folder / "tmp"), "ALLOYDB_ODBC_LOG_PATH": str(folder / "log"),
               "ALLOYDB_ODBC_LOG_QUERY_TEXT": "yes", "ALLOYDB_ODBC_LOG_PARAMETERS": "yes"}
        env |= {"ODBCSYSINI": os.environ["ALDB_SECRETS_SYSINI"], "ODBCINI": os.environ["ALDB_SECRETS_SYSINI"] + "/odbc.ini"}
        done = subprocess.run([programs / name], env=env, cwd=pathlib.Path(__file__).parent.parent, capture_output=True, text=True, check=False)
        data = b"".join(path.read_bytes() for path in files_of(folder / "log"))
        if done.returncode != 0:
            fail(name, "ended with", done.returncode, done.stdout[-2000:])
        if data.count(b"SQLDriverConnect(") < 20:
            fail(name, "left no log worth searching:", len(data), "bytes")
        for secret, kind in scene.search.find(data):
            fail(f"in the log of {name}:", secret, "as", kind)
        print(f"{name}: none in {len(data)} bytes of log")


def run_command(scene: Scene) -> None:
    command = pathlib.Path(os.environ["ALDB_TEST_SETUP_LIBRARY"]).parent / "alloydb-odbc"
    env = {**os.environ, **LEVEL, "ODBCINI": scene.odbc_ini, "ALLOYDB_ODBC_LOG_PATH": str(make_folder(scene, "command") / "log")}
    listed = subprocess.run([command, "--help"], env=env, capture_output=True, text=True, check=True).stdout
    words = [["dsn", "list"], ["dsn", "show", "good"], ["dsn", "show", "--all", "good"], ["dsn", "show", "--json", "good"], ["dsn", "test", "good"], ["dsn", "test", "wrong"]]
    if " doctor " in listed:
        words += [["doctor", "good"], ["doctor", "wrong"], ["doctor", "--json", "wrong"]]
    for arguments in words:
        done = subprocess.run([command, *arguments], env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        said = done.stdout + done.stderr
        if (b"good" not in said and b"wrong" not in said) and scene.role.encode() not in said:
            fail("alloydb-odbc", *arguments, "says nothing of the data source:", said[:300])
        for secret, kind in scene.search.find(said):
            fail("alloydb-odbc", *arguments, "shows", secret, "as", kind)
    data = b"".join(path.read_bytes() for path in files_of(scene.work / "command"))
    for secret, kind in scene.search.find(data):
        fail("in the log of alloydb-odbc:", secret, "as", kind)
    print(f"alloydb-odbc: {len(words)} commands show none")


def main(work: pathlib.Path) -> None:
    prove_search()
    scene = Scene(work)
    try:
        scene.passwords()
        scene.google()
        scene.controls()
        run_cases(scene, True)
        run_cases(scene, False)
        run_programs(scene)
        run_command(scene)
    finally:
        scene.psql(f"drop role if exists {scene.role}; drop role if exists {scene.odd_role};")
    print(f"{len(scene.cases)} cases")
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        run_child(sys.argv[2])
    else:
        main(pathlib.Path(sys.argv[1]))
