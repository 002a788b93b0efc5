# SPDX-License-Identifier: Apache-2.0
"""The token endpoints: OAuth 2.0 (/token), the Security Token Service (/v1/token, /v1/oauthtoken), and generateAccessToken."""
import base64
import dataclasses
import hmac
import json
import re
import secrets
import threading
import urllib.parse

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from . import faults as faults_module
from . import httpfaults, pki
from .aws import Aws
from .clock import Clock, rfc3339
from .journal import Journal, fingerprint
from .principals import Account, Principals
from .tokens import CLOUD_PLATFORM, IAM, TokenError, Tokens, sign_jwt, verify_jwt
from .web import Request, Response, Router, google_error

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
SUBJECT_JWT = "urn:ietf:params:oauth:token-type:jwt"
SUBJECT_AWS = "urn:ietf:params:aws:token-type:aws4_request"
SUBJECT_MTLS = "urn:ietf:params:oauth:token-type:mtls"
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/emulator/providers/emulator"
WORKFORCE_AUDIENCE = "//iam.googleapis.com/locations/global/workforcePools/emulator/providers/emulator"
ISSUER = "https://idp.emulator.example"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
GCLOUD_SCOPES = ("openid", EMAIL, CLOUD_PLATFORM, "https://www.googleapis.com/auth/sqlservice.login")
LIFETIME = 3599
SUBJECT_LIFETIME = 30 * 86400
DELEGATE = re.compile(r"projects/-/serviceAccounts/(.+)")


class OAuthError(Exception):
    """An error as OAuth 2.0 words it."""

    def __init__(self, word: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.word, self.text, self.status = word, text, status


@dataclasses.dataclass
class OAuth:
    """The endpoints' state: whom they know, and what they hand out."""

    principals: Principals
    tokens: Tokens
    clock: Clock
    faults: faults_module.Faults
    journal: Journal
    aws: Aws
    certificates: pki.Pki
    stopping: threading.Event

    def __post_init__(self) -> None:
        # The identity provider whose tokens the workload identity pool trusts, and the authority of its X.509 workloads.
        self.idp_key, self.idp_key_id = pki.new_key(), secrets.token_hex(8)
        self.workload_authority = pki.Authority("workload identity authority", self.clock, key=pki.new_fast_key())
        self.workload_intermediate = pki.Authority("workload identity intermediate", self.clock, self.workload_authority, pki.new_fast_key())

    def install(self, router: Router) -> None:
        router.add("POST", "/token|/oauth2/v4/token", self._token)  # the second is www.googleapis.com's, which Google's Node library uses
        router.add("POST", "/v1/(?:token|oauthtoken)", self._sts)
        router.add("POST", "/v1/projects/-/serviceAccounts/([^/:]+):generateAccessToken", self._impersonate)

    def subject_token(self) -> str:
        """What the workload's own identity provider gives it; it lasts, because it stands in a file."""
        now = int(self.clock.time())
        return sign_jwt(self.idp_key, self.idp_key_id, {"iss": ISSUER, "sub": "workload", "aud": AUDIENCE, "iat": now,
                                                        "exp": now + SUBJECT_LIFETIME})

    # ---- /token ---------------------------------------------------------------------------------------------------

    def _token(self, request: Request, _match) -> Response:
        form = request.form()
        return self._grant("token", request, form, {JWT_BEARER: self._jwt_bearer, "refresh_token": self._refresh})

    def _jwt_bearer(self, request: Request, form: dict, facts: dict) -> dict:
        try:
            claims = verify_jwt(form.get("assertion", ""), self.tokens.account_key, self.clock.time())
        except TokenError as error:
            raise OAuthError("invalid_grant", str(error)) from None
        facts["claims"] = {name: claims.get(name) for name in ("iss", "sub", "scope", "aud", "iat", "exp") if name in claims}
        scopes = str(claims.get("scope", "")).split()
        if not scopes:
            raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if "sub" in claims and claims["sub"] != claims["iss"]:
            raise OAuthError("unauthorized_client",
                             "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of "
                                                    "the scopes requested.", 401)
        return {"principal": claims["iss"], "scopes": scopes}

    def _refresh(self, request: Request, form: dict, facts: dict) -> dict:
        account = self._person(form, form.get("client_id", ""), form.get("client_secret", ""))
        scopes = form.get("scope", "").split() or list(GCLOUD_SCOPES)
        if not set(scopes) <= set(GCLOUD_SCOPES):
            raise OAuthError("invalid_scope", "Some requested scopes were invalid: " + json.dumps(sorted(set(scopes) - set(GCLOUD_SCOPES))))
        more = {"scope": " ".join(scopes)}
        if "openid" in scopes:
            more["id_token"] = self._identity(account, scopes)
        return {"principal": account.email, "scopes": scopes, "more": more, "account": account}

    def _identity(self, account: Account, scopes: list[str]) -> str:
        """OpenID Connect's word on whose token it is; with the e-mail address where that was granted."""
        now = int(self.clock.time())
        claims = {"iss": "https://accounts.google.com", "azp": account.client_id, "aud": account.client_id, "sub": account.email, "iat": now, "exp": now + LIFETIME}
        return sign_jwt(self.idp_key, self.idp_key_id, claims | ({"email": account.email, "email_verified": True} if EMAIL in scopes else {}))

    def _person(self, form: dict, client_id: str, client_secret: str) -> Account:
        for account in self.principals.accounts.values():
            if account.refresh_token and hmac.compare_digest(account.valid_refresh_token.encode(), form.get("refresh_token", "").encode()):
                if (client_id, client_secret) != (account.client_id, account.client_secret):
                    raise OAuthError("invalid_client", "The provided client secret is invalid.", 401)
                return account
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")

    # ---- STS ------------------------------------------------------------------------------------------------------

    def _sts(self, request: Request, _match) -> Response:
        form = request.form()
        return self._grant("sts", request, form, {TOKEN_EXCHANGE: self._exchange, "refresh_token": self._sts_refresh})

    def _exchange(self, request: Request, form: dict, facts: dict) -> dict:
        audience, kind, subject = form.get("audience", ""), form.get("subject_token_type", ""), form.get("subject_token", "")
        facts.update(audience=audience, subject_token_type=kind, options=form.get("options"))
        if form.get("requested_token_type") != ACCESS_TOKEN:
            raise OAuthError("invalid_request", "Invalid requested_token_type.")
        if audience not in (AUDIENCE, WORKFORCE_AUDIENCE):
            raise OAuthError("invalid_target",
                             "The target service indicated by the \"audience\" parameters is invalid. This might either be because the pool "
                                               "or provider is disabled or deleted or because it doesn't exist.")
        scopes = form.get("scope", "").split()
        if not scopes:
            raise OAuthError("invalid_scope", "Invalid OAuth scope.")
        try:
            if kind == SUBJECT_JWT:
                self._check_jwt(subject, audience)
            elif kind == SUBJECT_AWS:
                self.aws.check_subject(subject, audience)
            elif kind == SUBJECT_MTLS:
                self._check_certificate(request, subject)
            else:
                raise TokenError(f"the subject_token_type {kind!r} is not configured for the provider")
        except TokenError as error:
            raise OAuthError("invalid_grant", f"Error connecting to the given credential's issuer, or: {error}.") from None
        return {"principal": self.principals.federated, "scopes": scopes, "more": {"issued_token_type": ACCESS_TOKEN}}

    def _check_jwt(self, subject: str, audience: str) -> None:
        """The token of the workload's identity provider: signed by it, and made for this audience."""
        def key(head: dict, _claims: dict):
            if head.get("kid") != self.idp_key_id:
                raise TokenError("the JWT's key is not one of the provider's")
            return self.idp_key.public_key()

        claims = verify_jwt(subject, key, self.clock.time(), SUBJECT_LIFETIME)
        if claims.get("iss") != ISSUER:
            raise TokenError("the JWT's issuer is not the provider's")
        if claims.get("aud") != audience:
            raise TokenError("the audience in the JWT does not match the expected audience")
        if claims.get("sub") != "workload":
            raise TokenError("the JWT's subject is missing")

    def _check_certificate(self, request: Request, subject: str) -> None:
        """The subject token of X.509 federation: the chain as a JSON array of base64 DER, its leaf the one of the TLS connection, up to the authority that
        the provider trusts.
        """
        if not request.peer_certificate:
            raise TokenError("this connection has no client certificate")
        try:
            chain = [base64.b64decode(item, validate=True) for item in json.loads(subject)]
        except (ValueError, TypeError, RecursionError):
            raise TokenError("the subject token is no JSON array of base64 certificates") from None
        if not chain or chain[0] != request.peer_certificate:
            raise TokenError("the first certificate of the subject token is not the connection's")
        try:
            certificates = [x509.load_der_x509_certificate(der) for der in chain]
        except ValueError:
            raise TokenError("the subject token is no JSON array of base64 certificates") from None
        for certificate, issuer in zip(certificates, [*certificates[1:], self.workload_authority.certificate]):
            try:
                issuer.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
            except (InvalidSignature, TypeError):
                raise TokenError("the certificate is not of the workload's authority") from None
            if certificate.issuer != issuer.subject or not pki.valid_at(certificate, self.clock.now()):
                raise TokenError("a certificate of the chain is not valid")

    def _sts_refresh(self, request: Request, form: dict, facts: dict) -> dict:
        scheme, _, text = (request.headers.get("authorization") or "").partition(" ")
        try:
            user, _, secret = base64.b64decode(text, validate=True).decode().partition(":") if scheme.lower() == "basic" else ("", "", "")
        except ValueError:
            user = secret = ""
        account = self._person(form, urllib.parse.unquote(user), urllib.parse.unquote(secret))
        scopes = form.get("scope", "").split() or [CLOUD_PLATFORM]
        return {"principal": account.email, "scopes": scopes, "more": {"refresh_token": account.valid_refresh_token}, "account": account}

    # ---- what both have -------------------------------------------------------------------------------------------

    def _grant(self, point: str, request: Request, form: dict, grants: dict) -> Response:
        facts: dict = {"grant": form.get("grant_type", ""), "user_agent": request.headers.get("user-agent"), "secure": request.secure,
                       "proxied": request.proxied, "api_client": request.headers.get("x-goog-api-client")}
        status = 200
        try:
            effects = self.faults.take(point)
            stand_in = httpfaults.before(effects, self.stopping, oauth=True)
            if stand_in:
                status = stand_in.status
                return stand_in
            if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
                raise OAuthError("invalid_request", "The Content-Type must be application/x-www-form-urlencoded.")
            if facts["grant"] not in grants:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {facts['grant']}")
            grant = grants[facts["grant"]](request, form, facts)
            if effects.get("rotate") and "account" in grant:
                grant["more"]["refresh_token"] = grant["account"].rotate()
            lifetime = effects.get("expires_in", LIFETIME)
            token = self.tokens.issue(grant["principal"], grant["scopes"], lifetime, facts["grant"].rpartition(":")[2])
            facts.update(principal=token.principal, scopes=list(token.scopes), token=fingerprint(token.value))
            answer = {"access_token": token.value, "expires_in": int(lifetime), "token_type": "Bearer", **grant.get("more", {})}
            return Response.json({k: v for k, v in answer.items() if k not in effects.get("omit", [])}, headers={"Cache-Control": "no-store"})
        except OAuthError as error:
            status = error.status
            facts["error"] = f"{error.word}: {error.text}"
            return Response.json({"error": error.word, "error_description": error.text}, status)
        finally:
            self.journal.add(point, status=status, **facts)

    # ---- impersonation --------------------------------------------------------------------------------------------

    def _impersonate(self, request: Request, match) -> Response:
        facts: dict = {"target": match[1], "token": fingerprint(request.bearer()), "secure": request.secure, "proxied": request.proxied,
                       "quota_project": request.headers.get("x-goog-user-project")}
        effects = self.faults.take("impersonate")
        response = httpfaults.before(effects, self.stopping) or self._access_token(request, match[1], effects, facts)
        self.journal.add("impersonate", status=response.status, **facts)
        return response

    def _access_token(self, request: Request, target: str, effects: dict, facts: dict) -> Response:
        def refuse(code: int, text: str) -> Response:
            facts["error"] = text
            return Response.json(google_error(code, text), code)

        try:
            token = self.tokens.find(request.bearer(), self_signed=True)
            body = json.loads(request.body or b"{}")
            scopes, delegates = body.get("scope") or [], body.get("delegates") or []
            text = str(body.get("lifetime") or "3600s")
            lifetime = float(text[:-1]) if text.endswith("s") else -1
        except TokenError as error:
            facts["refused"] = str(error)
            return refuse(401, httpfaults.MESSAGES[401])
        except (ValueError, AttributeError, RecursionError):
            return refuse(400, "Invalid JSON payload received. Unexpected token.")
        facts.update(caller=token.principal, scopes=scopes, delegates=delegates, lifetime=lifetime)
        if not token.may(IAM):
            return refuse(403, "Request had insufficient authentication scopes.")
        if not isinstance(scopes, list) or not scopes or not all(isinstance(s, str) for s in scopes):
            return refuse(400, "scope is required.")
        if not 0 < lifetime <= 3600:
            return refuse(400, "The token lifetime can be at most 3600s; see the constraint iam.allowServiceAccountCredentialLifetimeExtension.")
        chain = []
        for delegate in delegates if isinstance(delegates, list) else [None]:
            found = DELEGATE.fullmatch(delegate) if isinstance(delegate, str) else None
            if not found:
                return refuse(400, "The delegates must have the format projects/-/serviceAccounts/{ACCOUNT_EMAIL_OR_UNIQUEID}.")
            chain.append(found[1])
        caller = token.principal
        for name in [*chain, target]:
            account = self.principals.accounts.get(name)
            if account is None or caller not in account.impersonators | {account.email}:
                return refuse(403, "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).")
            caller = name
        lifetime = effects.get("expires_in", lifetime)
        made = self.tokens.issue(target, scopes, lifetime, "impersonate")
        facts["made"] = fingerprint(made.value)
        answer = {"accessToken": made.value, "expireTime": rfc3339(made.expires)}
        return Response.json({k: v for k, v in answer.items() if k not in effects.get("omit", [])})
