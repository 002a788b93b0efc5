# SPDX-License-Identifier: Apache-2.0
"""Every data source of packaging/doc/authentication.md, line by line as it stands there; test_authentication_doc.sh starts it beside an emulator.

What is a placeholder in the document is replaced by what it stands for here, and the emulator's address is added, because the driver would ask Google. Then the
data source has to give the session of the user that the document promises. A block that has no entry below is a failure, and so is a placeholder that is not there.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FACT = {name: os.environ["ALDB_TEST_" + name] for name in ("HOST", "PORT", "DATABASE", "USER", "PASSWORD", "CA", "CERT", "ENCRYPTED_KEY", "KEY_PASSWORD", "EMULATOR", "CLIENT_INI")}
STATE = pathlib.Path(FACT["EMULATOR"])
FACTS = json.loads((STATE / "emulator.json").read_text(encoding="utf-8"))
PROJECT, ALICE = os.environ["ALLOYDB_EMULATOR_PROJECT"], os.environ["ALLOYDB_EMULATOR_ALICE"]
INSTANCE = FACTS["instances"][0]
CREDENTIALS = STATE / "credentials"
CASES = pathlib.Path(__file__).parents[2] / "packaging/doc/authentication.md"
# Their servers are made there, and Google's own address of the IAM API can be the emulator's only in a program that interposes libcurl. RADIUS and PAM have no lines of their own.
ELSEWHERE = {"Kerberos": "odbc_kerberos", "LDAP": "odbc_ldap", "Impersonation": "odbc_credentials_emulator"}

# The server's certificate is localhost's.
SERVER = {"Server      = db.example.com": f"Server = localhost\nHostAddr = {FACT['HOST']}\nPort = {FACT['PORT']}", "/path/to/ca.crt": FACT["CA"],
          "= sales\n": f"= {FACT['DATABASE']}\n"}
READER = {"UID         = reader": f"UID = {FACT['USER']}"}
CONNECTOR = {"projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE": os.environ["ALLOYDB_EMULATOR_INSTANCE"], "= sales\n": f"= {FACT['DATABASE']}\n"}
API = f"ApiEndpoint = {os.environ['ALLOYDB_EMULATOR_URL']}\n"
APP, TARGET, VM = f"app@{PROJECT}.iam", f"target@{PROJECT}.iam", f"vm@{PROJECT}.iam"


def wide(replacements):
    """The same with the blanks that longer keywords of a block bring along."""
    return {re.sub(r" +=", lambda match: match.group().replace("      =", "         ="), old): new for old, new in replacements.items()}


def token(name):
    return (STATE / name).read_text(encoding="utf-8").strip()


# heading, number of the block under it: replacements, lines that are added, environment (None: not set), user
def cases(folder):
    nothing = {"GOOGLE_APPLICATION_CREDENTIALS": None, "CLOUDSDK_CONFIG": str(folder), "HOME": str(folder)}
    machine = {**nothing, "GCE_METADATA_HOST": os.environ["GCE_METADATA_HOST"]}
    gcloud = folder / "gcloud"
    gcloud.mkdir()
    (gcloud / "application_default_credentials.json").write_text((CREDENTIALS / "authorized_user.json").read_text(encoding="utf-8"), encoding="utf-8")
    password_file = folder / "pgpass"
    password_file.write_text(f"localhost:{FACT['PORT']}:*:{FACT['USER']}:{FACT['PASSWORD']}\n", encoding="utf-8")
    password_file.chmod(0o600)
    return {
        ("Password", 0): ({**wide(SERVER), **wide(READER), "the password": FACT["PASSWORD"]}, "", {}, FACT["USER"]),
        ("Password file", 0): ({**SERVER, **READER, "/home/reader/pgpass": str(password_file)}, "", {}, FACT["USER"]),
        ("Client certificate", 0): ({**SERVER, "UID         = reader": "UID = aldb_cert", "/path/to/reader.crt": FACT["CERT"], "/path/to/reader.key": FACT["ENCRYPTED_KEY"],
                                     "the password of the key": FACT["KEY_PASSWORD"]}, "", {}, "aldb_cert"),
        ("IAM token", 0): ({"Server          = 10.0.0.5": f"Server = {INSTANCE['private']}\nPort = {INSTANCE['direct_port']}", "= sales\n": f"= {FACT['DATABASE']}\n",
                            "/path/to/service-account.json": str(CREDENTIALS / "service_account.json"), "/path/to/the/cluster's/ca.crt": INSTANCE["ca"]}, "", nothing, APP),
        ("An AlloyDB instance", 0): ({**CONNECTOR, **READER, "the password": FACT["PASSWORD"]}, API, {}, FACT["USER"]),
        ("An AlloyDB instance", 1): (CONNECTOR, API, {}, APP),
        ("Your own user", 0): ({**CONNECTOR, "= PROJECT\n": f"= {PROJECT}\n"}, API, {**nothing, "CLOUDSDK_CONFIG": str(gcloud)}, ALICE),
        ("The metadata server", 0): (CONNECTOR, API, machine, VM),
        ("A service account's key", 0): ({**CONNECTOR, "/path/to/service-account.json": str(CREDENTIALS / "service_account.json")}, API, nothing, APP),
        ("Workload identity federation", 0): ({**CONNECTOR, "/path/to/credential-configuration.json": str(CREDENTIALS / "external_account_impersonation.json")},
                                              API, nothing, TARGET),
        ("A token", 0): ({**CONNECTOR, "app@PROJECT.iam": APP,
                          "AccessToken   = ya29.…": f"AccessToken = {token('access-token')}", "LoginToken    = ya29.…": f"LoginToken = {token('login-token')}"},
                         API, nothing, APP),
    }


def blocks():
    """(heading, number under it, lines) of each block of odbc.ini."""
    heading, number, out, block = "", 0, [], None
    for line in CASES.read_text(encoding="utf-8").split("\n"):
        if block is not None:
            if line == "```":
                out.append((heading, number, "\n".join(block) + "\n"))
                number, block = number + 1, None
            else:
                block.append(line)
        elif line == "```ini":
            block = []
        elif line.startswith("#"):
            heading, number = line.lstrip("# "), 0
    return out


ASK = """
import pyodbc
pyodbc.pooling = False
print(pyodbc.connect("DSN=sales").execute("select current_user").fetchval())
"""


def connect(folder, text, environment):
    (folder / "odbc.ini").write_text(text, encoding="utf-8")
    wanted = {**os.environ, "ODBCSYSINI": FACT["CLIENT_INI"], "ODBCINI": str(folder / "odbc.ini"), **environment}
    answer = subprocess.run(["/usr/bin/python3", "-c", ASK], env={name: value for name, value in wanted.items() if value is not None}, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else answer.stderr.strip().split("\n")[-1]


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        known = cases(folder)
        seen = set()
        for heading, number, text in blocks():
            title = f"{heading}, {number + 1}"
            if heading in ELSEWHERE:
                print(f"ok      {title}: {ELSEWHERE[heading]}")
                continue
            if (heading, number) not in known:
                failures += 1
                print(f"FAILED  {title}: this test does not know it")
                continue
            seen.add((heading, number))
            replacements, more, environment, user = known[(heading, number)]
            lost = [old for old in replacements if text.count(old) != 1]
            for old, new in replacements.items():
                text = text.replace(old, new)
            got = f"not once in the document: {lost}" if lost else connect(folder, text + more, environment)
            failures += got != user
            print(f"ok      {title}: {got}" if got == user else f"FAILED  {title}: {got} instead of {user}")
        for heading, number in known.keys() - seen:
            failures += 1
            print(f"FAILED  {heading}, {number + 1}: not in the document any more")
    print(failures, "failed")
    sys.exit(1 if failures else 0)


main()
