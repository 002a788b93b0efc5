# SPDX-License-Identifier: Apache-2.0
"""The command as people use it: help, wrong arguments, readiness, the state folder, and the end."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

import harness
from alloydb_emulator import control, faults

PLAIN = ["--listen", "auto", "--postgres", "127.0.0.1:1"]


def run(*arguments, **options):
    return subprocess.run([sys.executable, harness.COMMAND, *arguments], capture_output=True, text=True, timeout=120, **options)


def test_help():
    for option in ("--instance", "--postgres", "--listen", "--port", "--state", "--fault", "--run"):
        assert option in run("--help").stdout
    assert run("--help-faults").stdout.rstrip() == faults.describe().rstrip()


@pytest.mark.parametrize("arguments, text", [
    (["--instance", "projects/p/instances/i"], "is no instance URI"), (["--instance", harness.INSTANCE + "?colour=red"], "unknown option 'colour'"),
    (["--instance", harness.INSTANCE + "?private=none&public=none&psc=none"], "no address at all"),
    (["--instance", harness.INSTANCE + "?private=x"], "no IP address"),
    (["--instance", harness.INSTANCE + "?psc=no.such.name.invalid"], "is not known here"),
    (["--postgres", "nowhere"], "neither HOST:PORT nor /FOLDER:PORT"),
    (["--token", "x"], "TOKEN=PRINCIPAL"), (["--fault", "token,status=1"], "from 200 to 599"), (["--instance", harness.INSTANCE] * 2, "named twice"),
    (["--postgres", "127.0.0.1:1", "--admin", "postgres"], "refused")])
def test_wrong_arguments(arguments, text):
    result = run("--listen", "auto", *arguments)
    assert result.returncode == 1 and text in result.stderr and "Traceback" not in result.stderr, result


def test_port_that_is_taken():
    with harness.Emulator(*PLAIN) as one:
        facts = one.facts["instances"][0]
        result = run("--listen", facts["private"], "--postgres", "127.0.0.1:1")
        assert result.returncode == 1 and f"{facts['private']} port 5433" in result.stderr and "another program listens there" in result.stderr


def wait_for_an_answer(emulator):
    with contextlib.suppress(OSError):
        emulator.http("GET", f"/v1/{harness.INSTANCE}/connectionInfo")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_with_clients_connected(number, stand_in):
    """Open sessions, silent ones and waiting HTTP connections do not hold it up."""
    from test_front import Client
    one = harness.Emulator("--instance", harness.INSTANCE, "--listen", "auto", "--postgres", f"{stand_in.folder}:1")
    client = Client(one)
    sessions = [client.session() for _ in range(3)]
    sessions += [client.tcp(), socket.create_connection(one.facts["metadata"].split(":"))]
    one.fault("admin", delay=300)
    waiting = threading.Thread(target=wait_for_an_answer, args=(one,), daemon=True)
    waiting.start()
    time.sleep(0.2)
    started = time.monotonic()
    assert one.stop(number) == 0 and time.monotonic() - started < 30, one.text
    assert one.text.count("\n") == 3, one.text
    for sock in sessions:
        sock.close()


def test_state_folder(tmp_path):
    state = tmp_path / "state"
    with harness.Emulator(*PLAIN, "--instance", harness.INSTANCE, folder=str(tmp_path)) as one:
        assert state.stat().st_mode & 0o777 == 0o700
        for path in state.rglob("*"):
            wanted = 0o700 if path.is_dir() or path.name == "subject-token-helper" else 0o600
            assert path.stat().st_mode & 0o777 == wanted, path
        assert (state / "ready").read_text() == f"{one.process.pid}\n"
        shown = subprocess.run(["sh", "-c", '. "$0"; echo "$ALLOYDB_EMULATOR_URL $ALLOYDB_EMULATOR_INSTANCE $GOOGLE_APPLICATION_CREDENTIALS"',
                                state / "environment"],
                               capture_output=True, text=True, check=True).stdout.split()
        assert shown == [one.facts["http"], harness.INSTANCE, str(state / "credentials" / "service_account.json")]
        info = json.loads((state / "static-info.json").read_text())
        assert set(info) == {"publicKey", "privateKey", harness.INSTANCE}
        assert set(info[harness.INSTANCE]) == {"ipAddress", "publicIpAddress", "pscInstanceConfig", "pemCertificateChain", "caCert"}
    assert not (state / "ready").exists()
    with harness.Emulator(*PLAIN, folder=str(tmp_path)):  # again in the same folder
        assert (state / "ready").exists()


def test_several_instances_and_faults_from_the_start():
    second = harness.INSTANCE.replace("i1", "i2")
    with harness.Emulator("--listen", "auto", "--postgres", "127.0.0.1:1", "--instance", harness.INSTANCE + "?public=none", "--instance", second,
                          "--fault", "token,status=503,times=1", "--fault", '{"at": "sts", "status": 500}') as one:
        assert [(f["at"], f["status"]) for f in one.http("GET", "/_emulator/faults")[1]] == [("token", 503), ("sts", 500)]
        first, other = one.facts["instances"]
        assert first["private"] != other["private"] and first["public"] == "" and other["public"]
        token = {"Authorization": "Bearer " + one.text_of("access-token")}
        assert "publicIpAddress" not in one.http("GET", f"/v1/{harness.INSTANCE}/connectionInfo", headers=token)[1]
        one.fault("connectionInfo", status=500, instance=second)
        assert [one.http("GET", f"/v1/{name}/connectionInfo", headers=token)[0] for name in (harness.INSTANCE, second)] == [200, 500]


def test_page():
    """What the page for users says is so: its faults, its options, its calls, its credential files."""
    page = (pathlib.Path(harness.COMMAND).parents[2] / "packaging" / "doc" / "emulator.md").read_text()
    examples = [json.loads(text) for text in re.findall(r"^fault '(\{.*?\})'", page, re.MULTILINE)]
    assert len(examples) > 10 and all(faults.check(example) for example in examples)
    known = run("--help").stdout
    ours = re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", page)
    foreign = {"--alloydbadmin-api-endpoint", "--credentials-file", "--disable-built-in-telemetry", "--auto-iam-authn", "--filter"}
    assert set(ours) - foreign and not [option for option in set(ours) - foreign if option not in known]
    for call in re.findall(r"^(?:GET|POST|DELETE) +(/_emulator/[a-z-]+)", control.HELP, re.MULTILINE):
        assert call in page
    table = page.partition("## Files")[2].partition("## Faults")[0]
    with harness.Emulator(*PLAIN) as one:
        for path in (one.state / "credentials").glob("*.json"):
            assert f"`{path.stem}`" in table or f"`…{path.stem.removeprefix('external_account')}`" in table, path.stem
        for name in ("environment", "emulator.json", "ready", "access-token", "login-token", "alice-token", "static-info.json", "api-ca.pem", "subject-token",
                     "subject-token.json", "subject-token-helper", "aws-environment", "aws-session-environment", "certificate_config.json"):
            assert f"`{name}`" in table and (one.state / name).exists()


def test_run(tmp_path):
    """The command's status is ours, it sees the variables, and nothing is left."""
    script = 'test -f "$GOOGLE_APPLICATION_CREDENTIALS" && echo "$ALLOYDB_EMULATOR_STATE" >"$0" && exit 7'
    result = run(*PLAIN, "--run", "sh", "-c", script, str(tmp_path / "out"))
    assert result.returncode == 7, result
    assert not pathlib.Path((tmp_path / "out").read_text().strip()).exists()


def test_run_is_told_of_a_signal(tmp_path):
    process = subprocess.Popen([sys.executable, harness.COMMAND, *PLAIN, "--run", "sh", "-c", 'touch "$0"; exec sleep 600', str(tmp_path / "up")],
                               stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "up").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM


def test_ends_with_its_parent(tmp_path):
    """A test program that is killed leaves no emulator behind."""
    script = f"import sys, time; sys.path.insert(0, {os.path.dirname(harness.COMMAND)!r}); import harness; " \
             f"e = harness.Emulator(*{PLAIN!r}, folder={str(tmp_path)!r}); print(e.process.pid, flush=True); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    host, port = json.loads((tmp_path / "state" / "emulator.json").read_text())["metadata"].split(":")
    with contextlib.suppress(ConnectionRefusedError):
        while True:
            socket.create_connection((host, int(port)), 5).close()
            assert time.monotonic() < deadline, child
            time.sleep(0.1)
    assert not (tmp_path / "state" / "ready").exists()


def test_machine_without_a_service_account_and_events_on_the_terminal():
    with harness.Emulator(*PLAIN, "--no-service-account", "--universe", "example.test", "--verbose") as one:
        flavor = {"Metadata-Flavor": "Google"}
        assert one.http("GET", "/computeMetadata/v1/instance/service-accounts/default/token", headers=flavor)[0] == 404
        assert one.http("GET", "/computeMetadata/v1/universe/universe-domain", headers=flavor)[1] == "example.test"
        for path in (one.state / "credentials").glob("*.json"):
            assert json.loads(path.read_text()).get("universe_domain", "example.test") == "example.test"
        events = [json.loads(line) for line in one.log().splitlines() if line.startswith("{")]
        assert [(event["kind"], event["status"]) for event in events] == [("metadata", 404), ("metadata", 200)]


def test_domain_scoped_project():
    name = "projects/example.com:p1/locations/us-central1/clusters/c1/instances/i1"
    with harness.Emulator(*PLAIN, "--instance", name) as one:
        token = {"Authorization": "Bearer " + one.text_of("access-token")}
        for path in (name, name.replace(":", "%3A", 1)):
            assert one.http("GET", f"/v1beta/{path}/connectionInfo", headers=token)[0] == 200
        assert one.http("POST", f"/v1beta/{name.rpartition('/instances')[0]}:generateClientCertificate", {}, token)[0] == 400  # it was understood
        assert one.facts["principals"]["app"]["role"] == "app@p1.example.com.iam"
