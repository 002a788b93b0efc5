#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The commands that packaging/doc/logging.md gives for reading a log, on the log of a program whose statements are fast, slow, wrong, and never come back."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

INI = os.environ.get("ALDB_TEST_CLIENT_INI")
if not INI:
    print("SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it")
    sys.exit(77)
DOCUMENT = pathlib.Path(__file__).parents[2] / "packaging/doc/logging.md"
PROGRAM = """
import os, pyodbc
c = pyodbc.connect("DSN=" + os.environ["ALDB_TEST_DSN"], autocommit=True)
print(c.execute("select pg_backend_pid()").fetchval(), flush=True)
c.execute("select pg_sleep(0.3)").fetchall()
try:
    c.execute("select nonsense")
except pyodbc.Error:
    pass
print("waiting", flush=True)
c.execute("select pg_sleep(1000)")
"""


def commands():
    """Question and command of each row."""
    table = DOCUMENT.read_text().split("| question | command |")[1].split("\n\n")[0]
    rows = [re.split(r" (?<!\\)\| ", line.strip("| "), maxsplit=1) for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    return {question: re.findall(r"`([^`]*FILE)`", command) for question, command in rows}


with tempfile.TemporaryDirectory() as folder:
    log = pathlib.Path(folder, "log")
    environment = {**os.environ, "ODBCSYSINI": INI, "ODBCINI": INI + "/odbc.ini", "ALLOYDB_ODBC_LOG_LEVEL": "DEBUG", "ALLOYDB_ODBC_LOG_QUERY_TEXT": "yes", "ALLOYDB_ODBC_LOG_FILE": str(log)}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)
    backend = program.stdout.readline().strip()
    assert program.stdout.readline() == "waiting\n"
    while "pg_sleep(1000)" not in log.read_text() or not re.search(r"execute [^\n]*\n\Z", log.read_text()):
        time.sleep(0.05)
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    text = log.read_text()
    thread = str(program.pid)
    statement = re.search(r"SQLExecDirect\((0x\w+)\) text: select pg_sleep\(1000\)", text)[1]

    def run(command):
        for old, new in (("14291", thread), ("0x3fb763a0", statement), ("14297", backend), ("FILE", str(log))):
            command = command.replace(old, new)
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0, command
        return done.stdout.splitlines()

    asked = commands()
    assert len(asked) == 6 and sum(map(len, asked.values())) == 7, asked

    failed, = run(asked["what failed?"][0])
    assert 'column "nonsense" does not exist' in failed, failed
    slow = [float(re.search(r" = SQL_\w+.*?, ([\d.]+) ms", line)[1]) for line in run(asked["which statement was slow?"][0])]
    assert min(slow) > 100 and max(slow) >= 300 and len(slow) < text.count(" = SQL_SUCCESS"), slow
    open_call, = run(asked["which call has not come back?"][0])
    assert open_call.endswith(f"SQLExecDirect({statement}) text: select pg_sleep(1000)"), open_call
    assert run(asked["what did one thread do?"][0]) == text.splitlines()
    of_statement = run(asked["what did one statement or connection do?"][0])
    assert of_statement[-1] == open_call or "execute" in text.splitlines()[-1], of_statement[-3:]
    assert all(statement in line for line in of_statement) and len(of_statement) > 2
    found, sent = (run(command) for command in asked["which connection is the server's process 14297?"])
    assert len(found) == 1 and re.search(r"connection 0x\w+ is backend " + backend, found[0]), found
    assert len(sent) > 3 and any("execute" in line for line in sent), sent
print("7 commands do what they are for")
