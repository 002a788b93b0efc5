#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""alloydb-odbc as a user and a script meet it: registering, data sources by flags and by questions, keywords, completions; and what becomes of the files."""
import concurrent.futures
import json
import os
import pathlib
import pty
import random
import re
import select
import shutil
import stat
import subprocess
import sys
import tempfile
import termios
import time

if not os.environ.get("ALDB_TEST_PROGRAMS"):
    print("SKIP: ALDB_TEST_PROGRAMS is not set; tests/run starts a server and sets it")
    sys.exit(77)
COMMAND = str(pathlib.Path(os.environ["ALDB_TEST_PROGRAMS"], "..", "setup", "alloydb-odbc").resolve())
DRIVER = str(pathlib.Path(os.environ["ALDB_TEST_PROGRAMS"], "..", "driver", "liballoydbodbc.so").resolve())
SETUP = str(pathlib.Path(os.environ["ALDB_TEST_PROGRAMS"], "..", "setup", "liballoydbodbcS.so").resolve())
HOST, PORT, USER, PASSWORD, DATABASE = (os.environ["ALDB_TEST_" + name] for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE"))
ROOM = pathlib.Path(tempfile.mkdtemp(prefix="command."))
SYSTEM, HOME = ROOM / "system", ROOM / "home"
for folder in (SYSTEM, HOME):
    folder.mkdir()
ODBC_INI, ODBCINST_INI = HOME / "odbc.ini", HOME / ".odbcinst.ini"
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("ODBC")}
ENVIRONMENT.update(HOME=str(HOME), ODBCINI=str(ODBC_INI), ODBCSYSINI=str(SYSTEM), LC_ALL="C.UTF-8", TERM="dumb")
checks = 0


def run(*arguments, given="", status=0, **more):
    done = subprocess.run([COMMAND, *arguments], input=given, text=True, capture_output=True, check=False, timeout=120, **{"env": ENVIRONMENT, **more})
    same(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
    return done


def same(got, wanted, about=""):
    global checks
    checks += 1
    if got != wanted:
        raise AssertionError(f"{about}\n  is     {got!r}\n  wanted {wanted!r}")


def holds(text, part):
    global checks
    checks += 1
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def refused(*arguments, said, status=1, **more):
    """It complains so on stderr, says nothing on stdout, and leaves odbc.ini as it was."""
    before = ODBC_INI.read_bytes() if ODBC_INI.exists() else None
    done = run(*arguments, status=status, **more)
    holds(done.stderr, said)
    same(done.stdout, "")
    same(ODBC_INI.read_bytes() if ODBC_INI.exists() else None, before, arguments)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# ---- the command line

SECTION = f"[AlloyDB]\nDescription = ODBC driver for AlloyDB for PostgreSQL\nDriver = {DRIVER}\nSetup = {SETUP}\nThreading = 0\nUsageCount = 1\n"


def command_line():
    names = re.findall(r"^  (\S+(?: \S+)?)  ", run("--help").stdout, re.M)
    holds(names, "dsn add")
    for name in names:
        text = run(*name.split(), "--help").stdout
        holds(text, f"Usage: alloydb-odbc {name}")
        for flag in re.findall(r"--([a-z-]+)", text):  # what help tells, there is
            holds(run(*name.split(), f"--{flag}=x", "--nonsense", status=2).stderr, "alloydb-odbc: --")
    same(run("help").stdout, run("--help").stdout)
    same(run(status=2).stdout, run("--help").stdout)
    same(run("--version").stdout, run("version").stdout)
    holds(run("version").stdout, DRIVER)
    same(json.loads(run("version", "--json").stdout)["driver"], DRIVER)
    refused("frobnicate", said="frobnicate: there is no such command", status=2)
    refused("dsn", said="alloydb-odbc dsn add NAME", status=2)
    refused("dsn", "frobnicate", said="alloydb-odbc dsn add NAME", status=2)
    refused("dsn", "add", said="Something is missing: alloydb-odbc dsn add NAME", status=2)
    refused("dsn", "list", "x", said="That is too much", status=2)
    refused("dsn", "list", "--fast", said="--fast: there is no such flag", status=2)
    refused("dsn", "list", "--json=yes", said="--json takes no value", status=2)
    refused("register", "--name", said="--name needs a value", status=2)
    refused("register", "--user", "--system", said="--user and --system exclude each other", status=2)
    refused("register", "--name", "a]b", said="a driver's name has", status=2)
    refused("register", "--name", "A", "--name", "B", said="--name is given twice", status=2)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([COMMAND, "keywords"], env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        same(done.returncode, 1)
        holds(done.stderr, "No space left on device")
    done = subprocess.run(f"{COMMAND} keywords | head -1", env=ENVIRONMENT, shell=True, text=True, capture_output=True, check=False)
    same((done.stdout, done.stderr), ("core\n", ""))  # a reader that leaves is no error


# ---- register

FILES = ["", "# mine\n", "[A]\nDriver = a.so\n", "; x\n\n[A]\n  Driver=a.so ; not a comment\n# behind A\n\n\n[B]\nDriver = b.so\n\n", "[alloydb2]\nDriver = c.so\n# end\n"]


def registering():
    for text in [None, *FILES]:
        if text is None:
            ODBCINST_INI.unlink(missing_ok=True)
        else:
            ODBCINST_INI.write_text(text, encoding="utf-8")
        holds(run("register", "--user").stdout, "Registered [AlloyDB]")
        there = ODBCINST_INI.read_text(encoding="utf-8")
        same(there, (text + "\n" if text else "") + SECTION)
        holds(run("register", "--user").stdout, "Already registered")
        same(ODBCINST_INI.read_text(encoding="utf-8"), there)
        listed = subprocess.run(["odbcinst", "-q", "-d"], env=ENVIRONMENT, text=True, capture_output=True, check=True).stdout
        holds(listed.splitlines(), "[AlloyDB]")
        holds(run("unregister", "--user").stdout, "Removed [AlloyDB]")
        same(ODBCINST_INI.read_text(encoding="utf-8") if ODBCINST_INI.exists() else None, text or None, text)
        holds(run("unregister", "--user").stdout, "Not registered")
    # What somebody wrote stays; what must change does, in its place and spacing.
    ODBCINST_INI.write_text("[alloydb]\n# my own\nCPTimeout=5\nDescription=mine\nDriver   =  /old.so\nUsageCount=3\n[Z]\nDriver=z.so\n", encoding="utf-8")
    holds(run("register", "--user").stdout, "Updated [AlloyDB]")
    same(ODBCINST_INI.read_text(encoding="utf-8"),
         f"[alloydb]\n# my own\nCPTimeout=5\nDescription=mine\nDriver   =  {DRIVER}\nUsageCount=3\nSetup = {SETUP}\nThreading = 0\n[Z]\nDriver=z.so\n")
    run("unregister", "--user")
    same(ODBCINST_INI.read_text(encoding="utf-8"), "[Z]\nDriver=z.so\n")
    ODBCINST_INI.unlink()
    # Another name, another library; the system's file.
    run("register", "--system", "--name", "AlloyDB 2", "--driver", DRIVER)
    same((SYSTEM / "odbcinst.ini").read_text(encoding="utf-8"), f"[AlloyDB 2]\nDescription = ODBC driver for AlloyDB for PostgreSQL\nDriver = {DRIVER}\nThreading = 0\nUsageCount = 1\n")
    same(mode(SYSTEM / "odbcinst.ini"), 0o644)
    run("unregister", "--system", "--name", "AlloyDB 2")
    same((SYSTEM / "odbcinst.ini").read_text(encoding="utf-8"), "")
    refused("register", "--user", "--driver", str(ROOM / "none.so"), said="none.so: No such file")
    same(ODBCINST_INI.exists(), False)
    run("register", "--user")


# ---- data sources by flags


def adding():
    ODBC_INI.unlink(missing_ok=True)
    same(run("dsn", "add", "sales", "Servername=db.example.com", "database=sales", "User=reader", "UseDeclareFetch=1").stdout, f"Added [sales] in {ODBC_INI}\n")
    same(ODBC_INI.read_text(encoding="utf-8"), "[sales]\nDriver = AlloyDB\nServer = db.example.com\nDatabase = sales\nUID = reader\nFetchMode = CURSOR\n")
    same(mode(ODBC_INI), 0o600)
    refused("dsn", "add", "sales", "Server=x", said="There is a data source sales in the user's odbc.ini already")
    refused("dsn", "add", "SALES", "Server=x", said="There is a data source SALES")
    holds(run("dsn", "add", "sales", "Server=other", "--replace").stdout, "Replaced [sales]")
    same(ODBC_INI.read_text(encoding="utf-8"), "[sales]\nDriver = AlloyDB\nServer = other\n")
    # What is wrong changes nothing, and says what is right.
    for words, said in [(["SSLMod=require"], "did you mean SSLMode?"), (["SSLMode=perhaps"], "verify-full"), (["Port=0"], "Port"), (["Server=a", "Servername=b"], "Server"),
                        (["Server=a", "InstanceUri=projects/p/locations/l/clusters/c/instances/i"], "Server"), (["PWD=geheim", "EnableIamAuth=yes"], "PWD"),
                        (["Database=" + "x" * 2000], "960"), (["Database=a\nb"], "control character")]:
        refused("dsn", "add", "new", *words, said=said)
        same("geheim" in run("dsn", "add", "new", *words, status=1).stderr, False)
    refused("dsn", "add", "new", "Server", said="settings are KEYWORD=VALUE", status=2)
    refused("dsn", "add", "new", "DSN=x", said="the data source's name stands first", status=2)
    for name in ("a]b", "x" * 40, "a=b", ""):
        refused("dsn", "add", name, "Server=x", said="name")
    # Secrets: given in words, from standard input; a file that others may read is told of.
    run("dsn", "add", "secret", "Server=h", "--password-stdin", given="p;w=} {\n")
    holds(ODBC_INI.read_text(encoding="utf-8"), "PWD = p;w=} {\n")
    refused("dsn", "add", "none", "Server=h", "--password-stdin", said="no password")
    refused("dsn", "add", "none", "Server=h", "--ask-password", said="needs a terminal")
    ODBC_INI.chmod(0o644)
    holds(run("dsn", "edit", "secret", "Port=5433").stderr, "others may read")
    same(mode(ODBC_INI), 0o644)  # an existing file's mode is its owner's business
    ODBC_INI.chmod(0o600)
    same(run("dsn", "edit", "secret", "Port=5434").stderr, "")
    # One of another name of the driver, which is not registered.
    holds(run("dsn", "add", "other", "Server=h", "--driver-name", "AlloyDB 9").stderr, "no driver AlloyDB 9 is registered")


def editing():
    text = "# top\n[a]\nDriver=AlloyDB\nServername  =  h  \n; about b\n\n[ODBC Data Sources]\na = AlloyDB\n\n[b]\nDriver = Other\nx = 1\n"
    ODBC_INI.write_text(text, encoding="utf-8")
    run("dsn", "edit", "a", "Server=g", "Port=1")  # under its own name, another spelling goes
    same(ODBC_INI.read_text(encoding="utf-8"), text.replace("Servername  =  h  \n", "Server = g\nPort = 1\n"))
    run("dsn", "edit", "A", "port=")
    same(ODBC_INI.read_text(encoding="utf-8"), text.replace("Servername  =  h  \n", "Server = g\n"))
    run("dsn", "edit", "a", "--rename", "c", "Server=h")
    same(ODBC_INI.read_text(encoding="utf-8"), text.replace("Servername  =  h  \n", "Server = h\n").replace("[a]", "[c]").replace("a = AlloyDB", "c = AlloyDB"))
    refused("dsn", "edit", "c", "--rename", "b", said="there is such a data source")
    refused("dsn", "edit", "nobody", "Port=1", said="There is no data source nobody")
    refused("dsn", "edit", "c", said="There is nothing to change", status=2)
    refused("dsn", "edit", "c", "InstanceUri=projects/p/locations/l/clusters/c/instances/i", said="Server")
    run("dsn", "remove", "c")
    same(ODBC_INI.read_text(encoding="utf-8"), "# top\n; about b\n\n[ODBC Data Sources]\n\n[b]\nDriver = Other\nx = 1\n")
    refused("dsn", "remove", "c", said="There is no data source c")


def files():
    """Links, modes and what cannot be written."""
    target = ROOM / "real.ini"
    target.write_text("# real\n", encoding="utf-8")
    target.chmod(0o640)
    ODBC_INI.unlink()
    ODBC_INI.symlink_to(target)
    run("dsn", "add", "linked", "Server=h")
    same((ODBC_INI.is_symlink(), mode(target)), (True, 0o640))
    same(target.read_text(encoding="utf-8"), "# real\n\n[linked]\nDriver = AlloyDB\nServer = h\n")
    run("dsn", "remove", "linked")
    same(target.read_text(encoding="utf-8"), "# real\n")
    ODBC_INI.unlink()
    ODBC_INI.mkdir()
    holds(run("dsn", "list", status=1).stderr, "Is a directory")
    ODBC_INI.rmdir()
    nowhere = {**ENVIRONMENT, "ODBCINI": str(ROOM / "no" / "odbc.ini")}
    holds(run("dsn", "add", "x", "Server=h", status=1, env=nowhere).stderr, "No such file or directory")
    # A disk that is full leaves the old file, and nothing beside it.
    ODBC_INI.write_text("[old]\nDriver = AlloyDB\n", encoding="utf-8")
    done = subprocess.run(f"ulimit -f 0; trap '' XFSZ; {COMMAND} dsn add x Server=h", shell=True, env=ENVIRONMENT, text=True, capture_output=True, check=False)
    same((done.returncode, "File too large" in done.stderr), (1, True), done.stderr)
    same((ODBC_INI.read_text(encoding="utf-8"), sorted(p.name for p in HOME.iterdir())), ("[old]\nDriver = AlloyDB\n", [".odbcinst.ini", "odbc.ini"]))
    ODBC_INI.unlink()
    # Many at once: none is lost.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: run("dsn", "add", f"d{n}", f"Port={n + 1}"), range(24)))
    same(sorted(run("dsn", "list", "--names").stdout.split()), sorted(f"d{n}" for n in range(24)))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: run("dsn", "remove", f"d{n}"), range(24)))
    same(ODBC_INI.exists(), False)


def anything():
    """What is added and removed again leaves any file as it was, and unixODBC finds what was added."""
    dice = random.Random(7)
    lines = ["", "# c", ";c", "[A]", "[b c]", "[A]", "k=v", "k = v w", "=x", "lonely", " indented = 1", "[open", "Ü=ß"]
    for _ in range(60):
        text = "".join(dice.choice(lines) + "\n" for _ in range(dice.randrange(12)))
        ODBC_INI.write_text(text, encoding="utf-8")
        run("dsn", "add", "new one", "Server=h", "Database=d")
        holds(ODBC_INI.read_text(encoding="utf-8"), "[new one]\nDriver = AlloyDB\nServer = h\nDatabase = d\n")
        first = next((line for line in text.splitlines() if line and line[0] not in "#;"), "[")
        if first[0] == "[" and first != "[open":  # else unixODBC reads nothing of such a file
            found = subprocess.run(["odbcinst", "-q", "-s", "-n", "new one"], env=ENVIRONMENT, text=True, capture_output=True, check=False).stdout
            holds(found, "Database=d")
        run("dsn", "remove", "new one")
        same(ODBC_INI.read_text(encoding="utf-8") if ODBC_INI.exists() else "", text)
    ODBC_INI.unlink(missing_ok=True)


def showing():
    (SYSTEM / "odbc.ini").write_text("[sys]\nDriver = AlloyDB\nServer = s\n", encoding="utf-8")
    run("dsn", "add", "one", "Server=h", "Port=5433", "Database=d", "UID=u", "PWD=geheim", "ProxyUrl=http://me:verborgen@proxy:3128")
    same(run("dsn", "list").stdout, "one                  user    AlloyDB              h:5433/d\nsys                  system  AlloyDB              s\n")
    same([(d["name"], d["target"]) for d in json.loads(run("dsn", "list", "--json").stdout)], [("one", "h:5433/d"), ("sys", "s")])
    same(run("dsn", "list", "--system", "--names").stdout, "sys\n")
    shown = run("dsn", "show", "one").stdout
    same([tuple(line.split()) for line in shown.splitlines()[1:]],
         [("Driver", "AlloyDB", "odbc.ini"), ("Server", "h", "odbc.ini"), ("Port", "5433", "odbc.ini"), ("Database", "d", "odbc.ini"), ("UID", "u", "odbc.ini"), ("PWD", "***", "odbc.ini"),
          ("ProxyUrl", "***", "odbc.ini")])
    answer = json.loads(run("dsn", "show", "one", "--json", "--all", env={**ENVIRONMENT, "ALLOYDB_ODBC_LOG_LEVEL": "ERROR"}).stdout)
    same(answer["settings"]["LogLevel"], {"value": "ERROR", "origin": "environment"})
    same(answer["settings"]["SSLMode"], {"value": "prefer", "origin": "default"})
    same(answer["settings"]["PWD"]["value"], "***")
    same("geheim" in json.dumps(answer) or "verborgen" in json.dumps(answer), False)
    # What a connection would refuse is shown all the same, with why.
    ODBC_INI.write_text("[bad]\nDriver = AlloyDB\nSSLMode = perhaps\nPWD = geheim\n", encoding="utf-8")
    done = run("dsn", "show", "bad", status=1)
    holds(done.stderr, "perhaps")
    holds(done.stdout, "SSLMode                    perhaps")
    same("geheim" in done.stdout + done.stderr, False)
    (SYSTEM / "odbc.ini").unlink()
    ODBC_INI.unlink()


def connecting():
    run("dsn", "add", "live", f"Server={HOST}", f"Port={PORT}", f"Database={DATABASE}", f"UID={USER}")
    holds(run("dsn", "test", "live", "--password-stdin", given=PASSWORD + "\n").stdout, f"database {DATABASE}, as {USER}, in ")
    done = run("dsn", "test", "live", "--password-stdin", given="wrong\n", status=1)
    holds(done.stderr, "28000 [AlloyDB][ODBC Driver]")
    holds(done.stderr, "alloydb-odbc doctor live")
    holds(run("dsn", "test", f"DSN=live;PWD={{{PASSWORD}}};").stdout, "SELECT 1 took")
    holds(run("dsn", "test", "nobody", status=1).stderr, "IM002")
    ODBC_INI.unlink()


# ---- data sources by questions


def talk(arguments, answers):
    """On a terminal: waits for each question's beginning, then types. Returns all that was shown, and the status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(COMMAND, [COMMAND, *arguments], ENVIRONMENT)
    shown, at = "", 0
    for question, answer in [*answers, (None, None)]:
        until = time.monotonic() + 60
        while question is None or question not in shown[at:]:
            ready, _, _ = select.select([terminal], [], [], max(0, until - time.monotonic()))
            try:
                data = os.read(terminal, 65536) if ready else b""
            except OSError:  # the end
                data = b""
            if not data:
                break
            shown += data.decode()
        if question is None:
            break
        holds(shown[at:], question)
        at = len(shown)
        if question == "Password":
            for _ in range(200):  # nothing is typed before it does not show
                if not termios.tcgetattr(terminal)[3] & termios.ECHO:
                    break
                time.sleep(0.02)
            same(termios.tcgetattr(terminal)[3] & termios.ECHO, 0)
        os.write(terminal, (answer + "\n").encode() if answer != "\x03" else b"\x03")
    os.close(terminal)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def asking():
    server = [("Server: HOST", f"{HOST}:{PORT}"), ("Database [postgres]", DATABASE), ("User", USER), ("Password", PASSWORD)]
    shown, status = talk(["dsn", "add", "asked"], [*server, ("Keep it in odbc.ini", ""), ("TLS:", "sometimes"), ("TLS:", ""), ("Connect now", "n")])
    same(status, 0, shown)
    same(PASSWORD in shown, False)
    holds(shown, '"sometimes" of SSLMode')
    same(ODBC_INI.read_text(encoding="utf-8"), f"[asked]\nDriver = AlloyDB\nServer = {HOST}:{PORT}\nDatabase = {DATABASE}\nUID = {USER}\nSSLMode = prefer\n")
    shown, status = talk(["dsn", "add", "kept"], [*server, ("Keep it in odbc.ini", "y"), ("TLS:", "require"), ("Connect now", "")])
    same(status, 0, shown)
    holds(shown, "Connected to PostgreSQL")
    same(PASSWORD in shown, False)
    holds(ODBC_INI.read_text(encoding="utf-8"), f"PWD = {PASSWORD}\n")
    # Changing: empty lines leave things as they are, "-" takes one out.
    before = ODBC_INI.read_text(encoding="utf-8")
    shown, status = talk(["dsn", "edit", "kept"], [("Server: HOST", ""), ("Database", ""), ("User", ""), ("Password", ""), ("TLS:", "")])
    same((status, ODBC_INI.read_text(encoding="utf-8")), (0, before), shown)
    shown, status = talk(["dsn", "edit", "kept"], [("Server: HOST", ""), ("Database", "-"), ("User", "somebody"), ("Password", ""), ("TLS:", "disable")])
    same(status, 0, shown)
    same(ODBC_INI.read_text(encoding="utf-8"),
         before[:before.index("[kept]")] + f"[kept]\nDriver = AlloyDB\nServer = {HOST}:{PORT}\nUID = somebody\nPWD = {PASSWORD}\nSSLMode = disable\n")
    # An instance.
    uri = "projects/p/locations/l/clusters/c/instances/i"
    shown, status = talk(["dsn", "add", "instance"], [("Server: HOST", uri), ("PRIVATE, PUBLIC or PSC", "public"), ("Database [postgres]", ""), ("Log in with Google's IAM", ""), ("User", ""),
                                                      ("Credentials file", ""), ("Connect now", "n")])
    same(status, 0, shown)
    holds(ODBC_INI.read_text(encoding="utf-8"), f"[instance]\nDriver = AlloyDB\nInstanceUri = {uri}\nIpType = PUBLIC\nDatabase = postgres\nEnableIamAuth = yes\n")
    # Giving up, also while a password is typed, leaves the file; and the terminal as it was.
    before = ODBC_INI.read_text(encoding="utf-8")
    shown, status = talk(["dsn", "add", "never"], [("Server: HOST", "h"), ("Database", ""), ("User", "u"), ("Password", "\x03")])
    same((status, ODBC_INI.read_text(encoding="utf-8")), (-2, before), shown)
    shown, status = talk(["dsn", "add", "never"], [("Server: HOST", "\x04")])
    same((status, ODBC_INI.read_text(encoding="utf-8")), (1, before), shown)
    shown, status = talk(["dsn", "test", "asked", "--ask-password"], [("Password", PASSWORD)])
    same((status, PASSWORD in shown, "Connected to" in shown), (0, False, True), shown)
    ODBC_INI.unlink()


# ---- keywords, completions


def keywords():
    table = json.loads(run("keywords", "--json").stdout)
    names = re.findall(r"^ALDB_KEYWORD\((\w+),", pathlib.Path("driver/config/keywords.def").read_text(encoding="utf-8"), re.M)
    same([k["name"] for k in table], names)
    same(run("keywords", "--names").stdout.split(), names)
    same(all(k["help"] and k["group"] and k["type"] for k in table), True)
    one = next(k for k in table if k["name"] == "SSLMode")
    same((one["default"], one["values"]), ("prefer", "disable allow prefer require verify-ca verify-full"))
    holds(run("keywords", "ssl_mode").stdout, "disable allow prefer require verify-ca verify-full")
    same(run("keywords", "Encrypt").stdout, run("keywords", "SSLMode").stdout)
    holds(run("keywords", "SSLMod", status=1).stderr, "did you mean SSLMode?")
    same({k["group"] for k in json.loads(run("keywords", "--group", "tls", "--json").stdout)}, {"tls"})
    holds(run("keywords", "--group", "x", status=1).stderr, "There is no group x")


def completions():
    script = run("completion", "bash").stdout
    same(subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode, 0)
    run("dsn", "add", "sales", "Server=h")

    def complete(*words):
        ask = (f"PATH={os.path.dirname(COMMAND)}:$PATH; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _alloydb_odbc; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        return subprocess.run(["bash"], input=script + ask, env=ENVIRONMENT, text=True, capture_output=True, check=True).stdout.split()

    same("doctor" in complete("alloydb-odbc", "do"), True)
    same(complete("alloydb-odbc", "dsn", "re"), ["remove"])
    same(complete("alloydb-odbc", "dsn", "show", "sa"), ["sales"])
    same(complete("alloydb-odbc", "doctor", "sa"), ["sales"])
    same(complete("alloydb-odbc", "keywords", "SSLM"), ["SSLMode", "SSLMinProtocolVersion", "SSLMaxProtocolVersion"])
    same(complete("alloydb-odbc", "completion", "f"), ["fish"])
    same(complete("alloydb-odbc", "dsn", "list", "--n"), ["--names"])
    for shell, check in (("zsh", ["-n"]), ("fish", ["--no-execute"])):
        script = run("completion", shell).stdout
        holds(script, "alloydb-odbc")
        if shutil.which(shell):
            path = ROOM / f"completion.{shell}"
            path.write_text(script, encoding="utf-8")
            same(subprocess.run([shell, *check, str(path)], check=False).returncode, 0)
    if shutil.which("fish"):
        ask = f"source {ROOM}/completion.fish; complete -C 'alloydb-odbc dsn sh'; complete -C 'alloydb-odbc dsn show sa'; complete -C 'alloydb-odbc completion z'"
        shown = subprocess.run(["fish", "-c", ask], env={**ENVIRONMENT, "PATH": os.path.dirname(COMMAND) + ":" + os.environ["PATH"]}, text=True, capture_output=True, check=True).stdout
        same([line.split("\t")[0] for line in shown.splitlines()], ["show", "sales", "zsh"])
    refused("completion", "tcsh", said="bash, zsh and fish", status=2)
    ODBC_INI.unlink()


def no_memory():
    """However little memory there is: done, or not done and said so; never half, and no crash."""
    text = "# c\n[a]\nDriver = AlloyDB\nServer = h\nPWD = geheim\n\n[b]\nx=1\n"
    for arguments in (["dsn", "add", "new", "Server=h", "Database=d"], ["dsn", "edit", "a", "Server=g", "--rename", "z"], ["dsn", "remove", "a"], ["dsn", "show", "a"], ["dsn", "list"],
                      ["keywords", "--json"], ["register", "--user"], ["doctor", f"DRIVER=AlloyDB;Server={HOST};Port={PORT};UID={USER};PWD={PASSWORD};Database={DATABASE}", "--json"]):
        seen, n = [], 0
        while seen[-3:] != [0, 0, 0] and n < 3000:
            ODBC_INI.write_text(text, encoding="utf-8")
            done = subprocess.run([COMMAND, *arguments], env={**ENVIRONMENT, "ALLOYDB_ODBC_FAIL_ALLOC": str(n)}, text=True, capture_output=True, check=False, timeout=120)
            same(done.returncode in (0, 1), True, f"{arguments} {n}: {done.returncode} {done.stderr}")
            if done.returncode == 1:
                same((bool(done.stderr) or arguments[0] == "doctor", ODBC_INI.read_text(encoding="utf-8")), (True, text), f"{arguments} {n}: {done.stdout}")
            seen.append(done.returncode)
            n += 1 if n < 150 else 7
        same((1 in seen, seen[-1]), (True, 0), arguments)
    ODBC_INI.unlink()


def man_page():
    """It is well-formed, and tells of the commands and flags that there are, and of no others."""
    path = pathlib.Path("packaging/man/alloydb-odbc.1")
    text = path.read_text(encoding="utf-8")
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(path)], text=True, capture_output=True, check=False)
        same(done.stdout, "")
    for name in re.findall(r"^  (\S+(?: \S+)?)  ", run("--help").stdout, re.M):
        part = re.search(rf"^\.Ss {name}\n(.*?)(?=^\.S[sh] )", text, re.M | re.S)
        same(part is not None, True, f"{name} is not in the page")
        same(sorted(re.findall(r"^\.It Fl -([a-z-]+)", part.group(1), re.M)), sorted(re.findall(r"^  (?:-\w, )?--([a-z-]+)", run(*name.split(), "--help").stdout, re.M)), name)
    same(len(re.findall(r"^\.Ss ", text, re.M)), len(re.findall(r"^  (\S+(?: \S+)?)  ", run("--help").stdout, re.M)))


for part in (command_line, registering, adding, editing, files, anything, showing, connecting, asking, keywords, completions, man_page, no_memory):
    before = checks
    part()
    print(f"{part.__name__}: {checks - before} checks")
shutil.rmtree(ROOM)
