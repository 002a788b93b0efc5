# SPDX-License-Identifier: Apache-2.0
"""The two methods of the AlloyDB Admin API that connectors call, without regard to how they are called."""
import dataclasses
import re
import threading

from . import faults as faults_module
from . import httpfaults, pki
from .instances import Instance
from .journal import Journal, fingerprint
from .pki import Pki, PublicKeyError
from .tokens import TokenError, Tokens

HOUR, DAY = 3600, 86400


class ApiError(Exception):
    """An error in Google's terms: HTTP code, status word, message, details."""

    def __init__(self, code: int, message: str, status: str = "", details: list | None = None, headers: dict | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.details, self.headers = code, message, status, details, headers or {}


class Dropped(Exception):
    """A fault wants the connection closed without an answer."""


class RawAnswer(Exception):
    """A fault wants this text in place of the body."""

    def __init__(self, status: int, body: str, headers: dict) -> None:
        super().__init__(body)
        self.status, self.body, self.headers = status, body, headers


@dataclasses.dataclass
class Call:
    """One call: who, and through what."""

    version: str
    transport: str              # rest or grpc
    token: str
    user_agent: str = ""
    api_client: str = ""
    quota_project: str = ""
    request_params: str = ""
    secure: bool = True
    proxied: bool = False


def _info(reason: str, **metadata) -> list:
    return [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata}]


class Admin:
    """Answers calls with dicts in the API's JSON names, or raises ApiError, Dropped or RawAnswer."""

    def __init__(self, instances: list[Instance], certificates: Pki, tokens: Tokens, faults: faults_module.Faults, journal: Journal,
                 stopping: threading.Event) -> None:
        self.instances = {i.name: i for i in instances}
        self.pki, self.tokens, self.faults, self.journal, self.stopping = certificates, tokens, faults, journal, stopping

    def connection_info(self, call: Call, name: str) -> dict:
        return self._run(call, "connectionInfo", name, lambda effects: self._connection_info(call, name, effects))

    def generate_client_certificate(self, call: Call, cluster: str, request: dict) -> dict:
        """`request` has publicKey, certDuration in seconds (None: not given) and useMetadataExchange."""
        return self._run(call, "generateClientCertificate", cluster, lambda effects: self._certificate(cluster, request, effects))

    def _run(self, call: Call, method: str, resource: str, work) -> dict:
        facts = {"method": method, "resource": resource, "version": call.version, "transport": call.transport, "user_agent": call.user_agent,
                 "api_client": call.api_client, "quota_project": call.quota_project, "request_params": call.request_params,
                 "secure": call.secure, "proxied": call.proxied, "token": fingerprint(call.token)}
        status = 200
        try:
            effects = {**self.faults.take("admin", resource), **self.faults.take(method, resource)}
            self._fail(effects)
            self._authorise(call, facts)
            return work({**effects, "facts": facts})
        except ApiError as error:
            status = error.code
            facts["error"] = error.message
            raise
        except RawAnswer as raw:
            status = raw.status
            raise
        except Dropped:
            status = 0
            raise
        finally:
            facts.update(status=status)
            self.journal.add("admin", **facts)

    def _fail(self, effects: dict) -> None:
        stand_in = httpfaults.before(effects, self.stopping)
        if stand_in is None:
            return
        if stand_in.drop:
            raise Dropped
        if "body" in effects or stand_in.status < 400:
            raise RawAnswer(stand_in.status, stand_in.body.decode(), stand_in.headers)
        message = effects.get("message", httpfaults.MESSAGES.get(stand_in.status, f"HTTP status {stand_in.status} by a fault of the emulator."))
        raise ApiError(stand_in.status, message, effects.get("reason", ""), headers=effects.get("headers"))

    def _authorise(self, call: Call, facts: dict) -> None:
        if not call.token:
            raise ApiError(401, "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid "
                                "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
                           details=_info("CREDENTIALS_MISSING", service="alloydb.googleapis.com"))
        try:
            token = self.tokens.find(call.token, self_signed=True)
        except TokenError as error:
            facts["refused"] = str(error)
            raise ApiError(401, httpfaults.MESSAGES[401], details=_info("ACCESS_TOKEN_TYPE_UNSUPPORTED", service="alloydb.googleapis.com")) from None
        facts.update(principal=token.principal, scopes=list(token.scopes), token_kind=token.kind)
        if not token.may():
            raise ApiError(403, "Request had insufficient authentication scopes.",
                           details=_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service="alloydb.googleapis.com"))

    # ---- the methods ----------------------------------------------------------------------------------------------

    def _connection_info(self, call: Call, name: str, effects: dict) -> dict:
        instance = self.instances.get(name)
        if instance is None:
            raise ApiError(404, f"Resource '{name}' was not found")
        info = {**instance.connection_info(call.version), **effects.get("set", {})}
        for member in effects.get("omit", []):
            info.pop(member, None)
        return {member: value for member, value in info.items() if value}

    def _certificate(self, cluster: str, request: dict, effects: dict) -> dict:
        if cluster not in self.pki.clusters:
            raise ApiError(404, f"Resource '{cluster}' was not found")
        try:
            key = pki.load_public_key(request.get("publicKey") or request.get("pemCsr") or "")
        except PublicKeyError as error:
            raise ApiError(400, str(error)) from None
        asked = request.get("certDuration")
        lifetime = DAY if asked is None else min(max(asked, HOUR), DAY)
        facts = effects["facts"]
        facts.update(cert_duration=asked, use_metadata_exchange=bool(request.get("useMetadataExchange")),
                     key_encoding="pkcs1" if "RSA PUBLIC KEY" in request["publicKey"] else "spki")
        authority = self.pki.clusters[cluster]
        leaf = authority.client_certificate(
            self.pki.other_key.public_key() if effects.get("leaf") == "other-key" else key, effects.get("lifetime", lifetime),
            effects.get("starts_in", -60), self.pki.stranger if effects.get("leaf") == "stranger" else None)
        self.pki.remember(leaf, bool(request.get("useMetadataExchange")))
        facts["serial"] = f"{leaf.serial_number:x}"
        chain = authority.chain(leaf)
        chain = {"leaf-only": chain[:1], "reversed": chain[::-1], "empty": [],
                 "garbage": ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
                 "no-newlines": [c.rstrip("\n") for c in chain]}.get(effects.get("chain", ""), chain)
        ca = pki.pem(authority.root.certificate)
        if "ca" in effects:
            ca = {"stranger": pki.pem(self.pki.stranger.certificate), "garbage": "no certificate\n"}[effects["ca"]]
        answer = {"pemCertificateChain": chain, "caCert": ca}
        for member in effects.get("omit", []):
            answer.pop(member, None)
        return {member: value for member, value in answer.items() if value}


DURATION = re.compile(r"(-?\d{1,12})(?:\.\d{1,9})?s")


def parse_duration(text: object) -> float:
    """A Duration in JSON, as "3600s"."""
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ApiError(400, "Invalid value at 'cert_duration' (type.googleapis.com/google.protobuf.Duration), Field 'certDuration', "
                            f"Illegal duration format; duration must end with 's': {text!r}")
    return float(text[:-1])
