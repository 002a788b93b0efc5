# SPDX-License-Identifier: Apache-2.0
"""Access tokens: opaque ones which the emulator handed out, and JWTs which service accounts sign themselves."""
import base64
import collections
import dataclasses
import json
import secrets
import threading

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .clock import Clock
from .principals import Principals

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
LOGIN = "https://www.googleapis.com/auth/alloydb.login"
IAM = "https://www.googleapis.com/auth/iam"
MAX_TOKENS = 100000
MAX_JWT = 16 * 1024
SKEW = 300


class TokenError(ValueError):
    """Why a token or an assertion is not accepted; the text is for the client."""


@dataclasses.dataclass(frozen=True)
class Token:
    value: str
    principal: str
    scopes: tuple[str, ...]
    expires: float
    kind: str       # how it came about: jwt-bearer, refresh_token, sts, impersonate, metadata, static, self-signed

    def may(self, *scopes: str) -> bool:
        """Whether it has one of these scopes; cloud-platform stands for each."""
        return bool({CLOUD_PLATFORM, *scopes} & set(self.scopes))


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def sign_jwt(key: rsa.RSAPrivateKey, key_id: str, claims: dict) -> str:
    head = {"alg": "RS256", "kid": key_id, "typ": "JWT"}
    signed = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
    return signed + "." + b64url(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))


def verify_jwt(text: str, find_key, now: float, longest: float = 3600) -> dict:
    """The claims of an RS256 JWT whose signature and times are right. find_key(header, claims) gives the public key or raises TokenError.
    `longest` is the longest lifetime in seconds.
    """
    if len(text) > MAX_JWT:
        raise TokenError("the JWT is too long")
    try:
        head_text, claims_text, signature_text = text.split(".")
        head, claims, signature = json.loads(unb64url(head_text)), json.loads(unb64url(claims_text)), unb64url(signature_text)
    except (ValueError, RecursionError):
        raise TokenError("the JWT cannot be parsed") from None
    if not isinstance(head, dict) or not isinstance(claims, dict) or head.get("alg") != "RS256":
        raise TokenError("the JWT is not signed with RS256")
    try:
        find_key(head, claims).verify(signature, f"{head_text}.{claims_text}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise TokenError("Invalid JWT Signature.") from None
    issued, expires = claims.get("iat"), claims.get("exp")
    if isinstance(issued, bool) or isinstance(expires, bool) or not isinstance(issued, (int, float)) or not isinstance(expires, (int, float)) \
            or expires - issued > longest + SKEW or expires <= now or issued > now + SKEW:
        raise TokenError("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                         "Check your iat and exp values in the JWT claim.")
    return claims


class Tokens:
    """The tokens handed out; thread-safe. The oldest go when there are more than MAX_TOKENS."""

    def __init__(self, clock: Clock, principals: Principals) -> None:
        self._clock = clock
        self._principals = principals
        self._lock = threading.Lock()
        self._known: collections.OrderedDict[str, Token] = collections.OrderedDict()

    def issue(self, principal: str, scopes, lifetime: float, kind: str, value: str = "") -> Token:
        token = Token(value or "ya29.emulator." + secrets.token_urlsafe(48), principal, tuple(scopes), self._clock.time() + lifetime, kind)
        with self._lock:
            self._known[token.value] = token
            while len(self._known) > MAX_TOKENS:
                self._known.popitem(last=False)
        return token

    def revoke(self, principal: str = "") -> int:
        """Forgets the tokens of one principal, or all but the static ones."""
        with self._lock:
            gone = [v for v, t in self._known.items() if (t.principal == principal if principal else t.kind != "static")]
            for value in gone:
                del self._known[value]
        return len(gone)

    def find(self, value: str, self_signed: bool = False) -> Token:
        """The token, if it is known and has not expired; else TokenError. With self_signed also a service account's own JWT."""
        if not value:
            raise TokenError("the token is empty")
        with self._lock:
            token = self._known.get(value)
        if token is None and self_signed and value.count(".") == 2 and value.startswith("eyJ"):
            return self._self_signed(value)
        if token is None:
            raise TokenError("the token is not known")
        if token.expires <= self._clock.time():
            raise TokenError("the token has expired")
        return token

    def account_key(self, head: dict, claims: dict) -> rsa.RSAPublicKey:
        """The key of the service account which signs; for verify_jwt."""
        account = self._principals.accounts.get(str(claims.get("iss")))
        if account is None or account.key is None:
            raise TokenError("Invalid grant: account not found")
        if head.get("kid") not in (None, account.key_id):
            raise TokenError("Invalid JWT Signature.")
        return account.key.public_key()

    def _self_signed(self, value: str) -> Token:
        claims = verify_jwt(value, self.account_key, self._clock.time())
        if claims.get("sub") != claims["iss"]:
            raise TokenError("a self-signed JWT has its issuer as its subject")
        scopes = str(claims.get("scope", "")).split()
        if not scopes and claims.get("aud"):
            scopes = [CLOUD_PLATFORM]
        return Token(value, claims["iss"], tuple(scopes), float(claims["exp"]), "self-signed")
