# SPDX-License-Identifier: Apache-2.0
"""The state folder: credential files of every type, certificates, static connection info, and the facts that programs need to find the emulator."""
import datetime
import json
import os
import pathlib
import shlex
import stat

from cryptography.x509.oid import ExtendedKeyUsageOID

from . import oauth, pki
from .aws import REGION
from .tokens import CLOUD_PLATFORM, LOGIN

STATIC_LIFETIME = 30 * 86400


class State:
    """A folder of the user's own, mode 0700; every file in it is 0600, scripts 0700. What it had before under the same names is replaced."""

    def __init__(self, folder: str) -> None:
        self.folder = pathlib.Path(folder).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self.remove_ready()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def write(self, name: str, text: str, mode: int = 0o600) -> str:
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        scratch = path.with_name(path.name + ".new")
        scratch.unlink(missing_ok=True)
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
        os.chmod(scratch, stat.S_IMODE(mode))
        os.replace(scratch, path)
        return str(path)

    def write_json(self, name: str, value: object) -> str:
        return self.write(name, json.dumps(value, indent=2) + "\n")

    def remove_ready(self) -> None:
        (self.folder / "ready").unlink(missing_ok=True)


def write_credentials(state: State, emulator, base: str, mtls_base: str, folder: str) -> dict:
    """One file a credential type, its URLs under `base`; returns name -> path."""
    p = emulator.principals
    made = {}

    def put(name: str, value: dict) -> None:
        made[name] = state.write_json(f"{folder}/{name}.json", value)

    def impersonation(account) -> str:
        return f"{base}/v1/projects/-/serviceAccounts/{account.email}:generateAccessToken"

    service = {"type": "service_account", "project_id": p.project, "private_key_id": p.app.key_id, "private_key": pki.key_pem(p.app.key),
               "client_email": p.app.email, "client_id": "1", "auth_uri": f"{base}/o/oauth2/auth", "token_uri": f"{base}/token",
               "universe_domain": emulator.universe}
    person = {"type": "authorized_user", "account": "", "client_id": p.alice.client_id, "client_secret": p.alice.client_secret,
              "refresh_token": p.alice.refresh_token, "token_uri": f"{base}/token", "universe_domain": emulator.universe}
    put("service_account", service)
    put("authorized_user", person)
    put("impersonated_service_account", {"type": "impersonated_service_account", "delegates": [], "source_credentials": person,
                                         "service_account_impersonation_url": impersonation(p.target)})
    put("impersonated_from_service_account", {"type": "impersonated_service_account", "delegates": [], "source_credentials": service,
                                              "service_account_impersonation_url": impersonation(p.target)})
    put("impersonated_with_delegate", {
        "type": "impersonated_service_account", "delegates": [f"projects/-/serviceAccounts/{p.delegate.email}"], "source_credentials": service,
        "service_account_impersonation_url": impersonation(p.far)})

    external = {"type": "external_account", "audience": oauth.AUDIENCE, "subject_token_type": oauth.SUBJECT_JWT, "token_url": f"{base}/v1/token",
                "universe_domain": emulator.universe}
    subject = emulator.oauth.subject_token()
    text, as_json = state.write("subject-token", subject), state.write_json("subject-token.json", {"id_token": subject})
    json_format = {"type": "json", "subject_token_field_name": "id_token"}
    put("external_account_file", {**external, "credential_source": {"file": text}})
    put("external_account_file_json", {**external, "credential_source": {"file": as_json, "format": json_format}})
    put("external_account_url", {**external, "credential_source": {
        "url": f"{base}/_emulator/subject-token", "headers": {"X-Emulator-Workload": "yes"}}})
    put("external_account_url_json", {**external, "credential_source": {
        "url": f"{base}/_emulator/subject-token?format=json", "headers": {"X-Emulator-Workload": "yes"}, "format": json_format}})
    put("external_account_impersonation", {**external, "credential_source": {"file": text},
                                           "service_account_impersonation_url": impersonation(p.target),
                                           "service_account_impersonation": {"token_lifetime_seconds": 2400}})
    put("external_account_executable", {**external, "credential_source": {"executable": {
        "command": f"{shlex.quote(state.path('subject-token-helper'))} --for \"the emulator\"", "timeout_millis": 5000}}})  # Node's knows no other quotes
    put("external_account_executable_output_file", {**external, "credential_source": {"executable": {
        "command": shlex.quote(state.path("subject-token-helper")), "timeout_millis": 5000, "output_file": state.path("executable-output.json")}}})
    put("external_account_aws", {**external, "subject_token_type": oauth.SUBJECT_AWS, "credential_source": {
        "environment_id": "aws1", "region_url": f"{base}/latest/meta-data/placement/availability-zone",
        "url": f"{base}/latest/meta-data/iam/security-credentials", "imdsv2_session_token_url": f"{base}/latest/api/token",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}})
    put("external_account_aws_environment", {**external, "subject_token_type": oauth.SUBJECT_AWS, "credential_source": {
        "environment_id": "aws1", "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}})
    x509 = {**external, "subject_token_type": oauth.SUBJECT_MTLS, "token_url": f"{mtls_base}/v1/token"}
    put("external_account_x509", {**x509, "credential_source": {
        "certificate": {"certificate_config_location": state.path("certificate_config.json")}}})
    put("external_account_x509_chain", {**x509, "credential_source": {
        "certificate": {"certificate_config_location": state.path("certificate_config_chain.json"), "trust_chain_path": state.path("workload-chain.pem")}}})
    put("external_account_authorized_user", {
        "type": "external_account_authorized_user", "audience": oauth.WORKFORCE_AUDIENCE, "client_id": p.workforce.client_id,
        "client_secret": p.workforce.client_secret, "refresh_token": p.workforce.refresh_token, "token_url": f"{base}/v1/oauthtoken",
        "token_info_url": f"{base}/v1/introspect", "universe_domain": emulator.universe})
    put("gdch_service_account", {"type": "gdch_service_account", "format_version": "1", "project": p.project, "private_key_id": p.app.key_id,
                                 "private_key": "", "name": "gdch", "ca_cert_path": "", "token_uri": f"{base}/token"})
    return made


HELPER = """#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The executable source of workload identity: gives the subject token as Google's libraries want it.
complain() { printf '%s\\n' "$1" >&2; exit 3; }
[ "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = AUDIENCE ] || complain 'GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE is wrong'
[ "$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE" = TYPE ] || complain 'GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE is wrong'
[ "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" = 0 ] || complain 'GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE is not 0'
case $#:$1:$2 in
0:: | '2:--for:the emulator') ;;
*) complain "the arguments are wrong: $*" ;;
esac
answer='{"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:jwt", "id_token": "TOKEN", "expiration_time": EXPIRES}'
[ -z "$GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE" ] || printf '%s' "$answer" >"$GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"
printf '%s\\n' "$answer"
"""


def write_helpers(state: State, emulator) -> None:
    """The executable source, keys and certificates of X.509 workloads, and AWS keys."""
    expires = int(emulator.clock.time()) + oauth.SUBJECT_LIFETIME
    text = HELPER.replace("= AUDIENCE", f"= {shlex.quote(oauth.AUDIENCE)}").replace("= TYPE", f"= {shlex.quote(oauth.SUBJECT_JWT)}")
    state.write("subject-token-helper", text.replace("TOKEN\"", emulator.oauth.subject_token() + "\"").replace("EXPIRES", str(expires)), 0o700)
    aws = emulator.aws
    write_variables(state, "aws-environment", {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": aws.user_key_id, "AWS_SECRET_ACCESS_KEY": aws.user_secret})
    write_variables(state, "aws-session-environment", {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": aws.key_id, "AWS_SECRET_ACCESS_KEY": aws.secret,
                                                       "AWS_SESSION_TOKEN": aws.session})
    stranger = pki.Authority("stranger", emulator.clock, key=pki.new_fast_key())
    for name, authority in (("", emulator.oauth.workload_authority), ("_chain", emulator.oauth.workload_intermediate), ("_stranger", stranger)):
        write_workload(state, emulator, name, authority)


def write_workload(state: State, emulator, name: str, authority: pki.Authority) -> None:
    """Key and certificate of a workload, the configuration that names them, and for the one of the intermediate authority the chain."""
    key = pki.new_fast_key()
    now = emulator.clock.now()
    leaf = authority.sign("workload", key.public_key(), ExtendedKeyUsageOID.CLIENT_AUTH, now - datetime.timedelta(hours=1), now + pki.LONG)
    file = "workload" + name.replace("_", "-")
    if name == "_chain":
        state.write(f"{file}.pem", pki.pem(leaf) + pki.pem(authority.certificate))
    paths = {"cert_path": state.write(f"{file}-leaf.pem" if name == "_chain" else f"{file}.pem", pki.pem(leaf)),
             "key_path": state.write(f"{file}.key", pki.key_pem(key))}
    state.write_json(f"certificate_config{name}.json", {"cert_configs": {"workload": paths}})


def write_static_info(state: State, emulator) -> str:
    """static-info.json as the connectors read it: development only, no API calls."""
    key = pki.new_key()
    info: dict = {"publicKey": pki.public_pem(key), "privateKey": pki.key_pem(key)}
    for front in emulator.fronts:
        instance = front.instance
        authority = emulator.pki.clusters[instance.cluster]
        leaf = authority.client_certificate(key.public_key(), STATIC_LIFETIME)
        emulator.pki.remember(leaf, True)
        info[instance.name] = {"ipAddress": instance.private, "publicIpAddress": instance.public, "pscInstanceConfig": {"pscDnsName": instance.psc},
                               "pemCertificateChain": authority.chain(leaf), "caCert": pki.pem(authority.root.certificate)}
    return state.write_json("static-info.json", info)


def write_tokens(state: State, emulator) -> dict:
    """Access tokens that last as long as the emulator runs: of app for everything, of app for the login alone, of alice for everything."""
    p, issue = emulator.principals, emulator.tokens.issue
    return {name: state.write(name, issue(principal, [scope], STATIC_LIFETIME, "static").value) for name, principal, scope in (
        ("access-token", p.app.email, CLOUD_PLATFORM), ("login-token", p.app.email, LOGIN), ("alice-token", p.alice.email, CLOUD_PLATFORM))}


def environment(state: State, facts: dict) -> dict:
    """ALLOYDB_EMULATOR_… and what Google's own software reads."""
    return {
        "ALLOYDB_EMULATOR_STATE": str(state.folder), "ALLOYDB_EMULATOR_URL": facts["http"], "ALLOYDB_EMULATOR_HTTPS": facts["https"],
        "ALLOYDB_EMULATOR_MTLS": facts["mtls"], "ALLOYDB_EMULATOR_GRPC": facts.get("grpc") or "", "ALLOYDB_EMULATOR_CA": facts["api_ca"],
        "ALLOYDB_EMULATOR_PROJECT": facts["project"], "ALLOYDB_EMULATOR_ALICE": facts["principals"]["alice"]["email"],
        "ALLOYDB_EMULATOR_INSTANCE": facts["instances"][0]["name"], "ALLOYDB_EMULATOR_PORT": str(facts["instances"][0]["port"]),
        "ALLOYDB_EMULATOR_CREDENTIALS": state.path("credentials"), "GOOGLE_APPLICATION_CREDENTIALS": facts["credentials"]["service_account"],
        "GOOGLE_CLOUD_PROJECT": facts["project"], "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1", "GCE_METADATA_HOST": facts["metadata"],
        "GCE_METADATA_IP": facts["metadata"], "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": facts["api_ca"]}


def write_environment(state: State, variables: dict) -> str:
    return write_variables(state, "environment", variables)


def write_variables(state: State, name: str, variables: dict) -> str:
    """A file to source."""
    lines = ["# SPDX-License-Identifier: Apache-2.0", "# To be sourced; written by alloydb-emulator."]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return state.write(name, "\n".join(lines) + "\n")
