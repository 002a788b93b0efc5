# SPDX-License-Identifier: Apache-2.0
"""google-auth, unmodified, with each credential file that the emulator writes, and with its metadata server."""
import json
import os
import subprocess
import sys

import pytest

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
LOGIN = "https://www.googleapis.com/auth/alloydb.login"
SA = "{}@p1.iam.gserviceaccount.com"
FEDERATED = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/emulator/subject/workload"
# file -> the principal whose token comes out of it, and the journal's kind of the last step
FILES = {
    "service_account": (SA.format("app"), "token"),
    "authorized_user": ("alice@example.com", "token"),
    "impersonated_service_account": (SA.format("target"), "impersonate"),
    "impersonated_from_service_account": (SA.format("target"), "impersonate"),
    "impersonated_with_delegate": (SA.format("far"), "impersonate"),
    "external_account_file": (FEDERATED, "sts"),
    "external_account_file_json": (FEDERATED, "sts"),
    "external_account_url": (FEDERATED, "sts"),
    "external_account_url_json": (FEDERATED, "sts"),
    "external_account_impersonation": (SA.format("target"), "impersonate"),
    "external_account_executable": (FEDERATED, "sts"),
    "external_account_executable_output_file": (FEDERATED, "sts"),
    "external_account_aws": (FEDERATED, "sts"),
    "external_account_aws_environment": (FEDERATED, "sts"),
    "external_account_x509": (FEDERATED, "sts"),
    "external_account_x509_chain": (FEDERATED, "sts"),
    "external_account_authorized_user": ("principal://iam.googleapis.com/locations/global/workforcePools/emulator/subject/bob", "sts"),
}
# google-auth goes to Google's own URLs for these whatever the file says: through the emulator as a proxy.
FIXED_URLS = {"authorized_user", "impersonated_service_account", "impersonated_from_service_account", "impersonated_with_delegate"}


def refreshed(emulator, name, folder="credentials", scope=CLOUD_PLATFORM):
    import google.auth
    import google.auth.transport.requests
    credentials, _ = google.auth.load_credentials_from_file(str(emulator.state / folder / f"{name}.json"), scopes=[scope])
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials


@pytest.fixture(autouse=True)
def proxy(emulator, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", emulator.facts["http"])


@pytest.fixture
def aws_environment(emulator, monkeypatch):
    for line in emulator.text_of("aws-environment").splitlines():
        if line.startswith("export "):
            monkeypatch.setenv(*line.removeprefix("export ").split("=", 1))


def test_every_file_is_tried(emulator):
    written = {path.stem for path in (emulator.state / "credentials").glob("*.json")}
    assert written == set(FILES) | {"gdch_service_account"}
    for folder in ("credentials", "credentials-https"):
        for path in (emulator.state / folder).glob("*.json"):
            assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("folder", ["credentials", "credentials-https"])
@pytest.mark.parametrize("name", FILES)
def test_file(emulator, request, name, folder):
    principal, last = FILES[name]
    if name == "external_account_aws_environment":
        request.getfixturevalue("aws_environment")
    credentials = refreshed(emulator, name, folder)
    assert credentials.token and not credentials.expired
    entry = emulator.requests(last)[-1]
    assert entry["status"] == 200
    assert entry.get("principal", entry.get("target")) == principal
    assert entry["scopes"] == [CLOUD_PLATFORM] or name == "authorized_user" and CLOUD_PLATFORM in entry["scopes"]
    if name in FIXED_URLS:
        assert entry["proxied"]
    # The token is good at the API, and belongs to whom it should.
    from harness import INSTANCE
    status, answer, _ = emulator.http("GET", f"/v1beta/{INSTANCE}/connectionInfo", headers={"Authorization": f"Bearer {credentials.token}"})
    assert status == 200, answer
    assert emulator.requests("admin")[-1]["principal"] == principal


@pytest.mark.parametrize("name", ["service_account", "impersonated_from_service_account", "external_account_file", "external_account_impersonation"])
def test_login_scope(emulator, name):
    refreshed(emulator, name, scope=LOGIN)
    assert emulator.requests(FILES[name][1])[-1]["scopes"] == [LOGIN]


def test_delegates_and_lifetime(emulator):
    refreshed(emulator, "impersonated_with_delegate")
    assert emulator.requests("impersonate")[-1]["delegates"] == [f"projects/-/serviceAccounts/{SA.format('delegate')}"]
    refreshed(emulator, "external_account_impersonation")
    assert emulator.requests("impersonate")[-1]["lifetime"] == 2400


def test_target_reached_only_through_the_delegate(emulator, tmp_path):
    import google.auth
    import google.auth.exceptions
    import google.auth.transport.requests
    content = json.loads((emulator.state / "credentials" / "impersonated_with_delegate.json").read_text())
    content["delegates"] = []
    (tmp_path / "file.json").write_text(json.dumps(content))
    credentials, _ = google.auth.load_credentials_from_file(str(tmp_path / "file.json"), scopes=[CLOUD_PLATFORM])
    with pytest.raises(google.auth.exceptions.RefreshError, match="Unable to acquire impersonated credentials"):
        credentials.refresh(google.auth.transport.requests.Request())


@pytest.mark.parametrize("name, point, effects, text", [
    ("service_account", "token", {"status": 400, "reason": "invalid_grant", "message": "Invalid JWT Signature."},
     "invalid_grant: Invalid JWT Signature."),
    ("authorized_user", "token", {"status": 400}, "invalid_grant"),
    ("external_account_file", "sts", {"status": 400, "reason": "invalid_target", "message": "no such pool"}, "invalid_target: no such pool"),
    ("external_account_url", "subjectToken", {"status": 404}, "Unable to retrieve Identity Pool subject token"),
    ("external_account_impersonation", "impersonate", {"status": 403}, "Unable to acquire impersonated credentials"),
    ("external_account_aws", "aws", {"status": 500}, "(?i)aws|metadata"),
])
def test_error(emulator, name, point, effects, text):
    import google.auth.exceptions
    emulator.fault(point, **effects)
    with pytest.raises(google.auth.exceptions.GoogleAuthError, match=text):
        refreshed(emulator, name)


def test_unavailable_is_tried_again(emulator):
    emulator.fault("token", status=503, times=1)
    assert refreshed(emulator, "service_account").token
    assert [entry["status"] for entry in emulator.requests("token")] == [503, 200]


def test_changed_key_is_refused(emulator, tmp_path):
    """The signature is checked against the key that was handed out."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    import google.auth
    import google.auth.exceptions
    import google.auth.transport.requests
    content = json.loads((emulator.state / "credentials" / "service_account.json").read_text())
    content["private_key"] = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    (tmp_path / "file.json").write_text(json.dumps(content))
    credentials, _ = google.auth.load_credentials_from_file(str(tmp_path / "file.json"), scopes=[CLOUD_PLATFORM])
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant: Invalid JWT Signature."):
        credentials.refresh(google.auth.transport.requests.Request())


def test_self_signed_jwt_at_the_api(emulator):
    from google.oauth2 import service_account
    from harness import INSTANCE
    credentials = service_account.Credentials.from_service_account_file(
        str(emulator.state / "credentials" / "service_account.json"), scopes=[CLOUD_PLATFORM], always_use_jwt_access=True)
    credentials._create_self_signed_jwt(None)
    credentials.refresh(None)
    status, answer, _ = emulator.http("GET", f"/v1beta/{INSTANCE}/connectionInfo", headers={"Authorization": f"Bearer {credentials.token}"})
    assert status == 200, answer
    assert emulator.requests("admin")[-1]["token_kind"] == "self-signed" and emulator.requests("token") == []


ADC = """
import google.auth, google.auth.transport.requests
credentials, project = google.auth.default(scopes=["https://www.googleapis.com/auth/alloydb.login"])
credentials.refresh(google.auth.transport.requests.Request())
print(type(credentials).__module__, project, credentials.service_account_email, credentials.universe_domain)
"""


def adc(emulator, tmp_path, **more):
    """google-auth reads the metadata server's address when it is imported: in a program of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT")}
    environment.update(HOME=str(tmp_path), CLOUDSDK_CONFIG=str(tmp_path), GCE_METADATA_HOST=emulator.facts["metadata"],
                       GCE_METADATA_IP=emulator.facts["metadata"], **more)
    return subprocess.run([sys.executable, "-c", ADC], env=environment, capture_output=True, text=True, timeout=120)


def test_metadata_server(emulator, tmp_path):
    result = adc(emulator, tmp_path)
    assert result.stdout.split() == ["google.auth.compute_engine.credentials", "p1", SA.format("vm"), "googleapis.com"], result
    token = [entry for entry in emulator.requests("metadata") if entry["path"].endswith("/token")]
    assert token[-1]["scopes"] == [LOGIN]


def test_metadata_server_without_a_service_account(emulator, tmp_path):
    emulator.fault("metadata", status=404, body="not found", skip=2)
    result = adc(emulator, tmp_path)
    assert result.returncode == 1 and "404" in result.stderr, result


def test_no_metadata_server(emulator, tmp_path):
    emulator.fault("metadata", flavor=False)
    result = adc(emulator, tmp_path)
    assert result.returncode == 1 and "Your default credentials were not found" in result.stderr, result
