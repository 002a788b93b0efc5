# SPDX-License-Identifier: Apache-2.0
"""Amazon's side of workload identity: the instance metadata service (version 2), and the check of a signed GetCallerIdentity request."""
import calendar
import hashlib
import hmac
import json
import secrets
import threading
import time
import urllib.parse

from . import faults as faults_module
from . import httpfaults
from .clock import Clock
from .journal import Journal
from .tokens import TokenError
from .web import Request, Response, Router

REGION = "us-east-2"
ROLE = "emulator-role"
MAX_SESSIONS = 1000
MAX_SUBJECT = 16 * 1024
SKEW = 900              # seconds that a signature may be old, or early
QUERY = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}


class Aws:
    """Keys of one role, which last for a session, of one user, which last, and the session tokens of IMDSv2."""

    def __init__(self, clock: Clock, faults: faults_module.Faults, journal: Journal, stopping: threading.Event) -> None:
        self.clock, self.faults, self.journal, self.stopping = clock, faults, journal, stopping
        self.key_id = "ASIA" + secrets.token_hex(8).upper()
        self.secret = secrets.token_urlsafe(30)
        self.session = secrets.token_urlsafe(60)
        self.user_key_id = "AKIA" + secrets.token_hex(8).upper()
        self.user_secret = secrets.token_urlsafe(30)
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()

    # ---- the metadata service -------------------------------------------------------------------------------------

    def install(self, router: Router) -> None:
        router.add("PUT", "/latest/api/token", self._session_token)
        router.add("GET", "/latest/meta-data/(.*)", self._metadata)

    def _session_token(self, request: Request, _match) -> Response:
        self.journal.add("aws", path=request.path)
        stand_in = httpfaults.before(self.faults.take("aws"), self.stopping)
        if stand_in:
            return stand_in
        if request.headers.get("X-Forwarded-For"):
            return Response.text("", 403)
        seconds = request.headers.get("X-aws-ec2-metadata-token-ttl-seconds") or ""
        if not seconds.isdecimal() or not 1 <= int(seconds) <= 21600:
            return Response.text("", 400)
        token = secrets.token_urlsafe(40)
        with self._lock:
            if len(self._tokens) >= MAX_SESSIONS:
                self._tokens.clear()
            self._tokens[token] = time.monotonic() + int(seconds)
        return Response.text(token, headers={"X-aws-ec2-metadata-token-ttl-seconds": seconds})

    def _metadata(self, request: Request, match) -> Response:
        self.journal.add("aws", path=request.path)
        stand_in = httpfaults.before(self.faults.take("aws"), self.stopping)
        if stand_in:
            return stand_in
        with self._lock:
            good = self._tokens.get(request.headers.get("X-aws-ec2-metadata-token") or "", 0) > time.monotonic()
        if not good:
            return Response.text("", 401)
        keys = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": self.key_id, "SecretAccessKey": self.secret, "Token": self.session}
        text = {"placement/availability-zone": REGION + "b", "iam/security-credentials": ROLE, "iam/security-credentials/": ROLE,
                f"iam/security-credentials/{ROLE}": json.dumps(keys)}.get(match[1])
        return Response.text(text) if text else Response.text("", 404)

    # ---- GetCallerIdentity ----------------------------------------------------------------------------------------

    def check_subject(self, subject: str, audience: str) -> None:
        """TokenError unless `subject` is a GetCallerIdentity request for this audience, signed (Signature Version 4) just now with keys of the role or of
        the user.
        """
        if len(subject) > MAX_SUBJECT:
            raise TokenError("the AWS subject token is too long")
        try:
            call = json.loads(urllib.parse.unquote(subject, errors="strict"))
            pairs = [(item["key"].lower(), item["value"]) for item in call["headers"]]
            headers = dict(pairs)
            method, url = call["method"], urllib.parse.urlsplit(call["url"])
            algorithm, _, rest = headers["authorization"].partition(" ")
            parts = dict(part.strip().split("=", 1) for part in rest.split(","))
            credential, names, signature = parts["Credential"].split("/"), parts["SignedHeaders"].split(";"), parts["Signature"]
            key_id, day, region, service, end = credential
            query = urllib.parse.parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
            stamp = headers["x-amz-date"]
            signed_at = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise TokenError("the AWS subject token cannot be parsed") from None
        if len(headers) != len(pairs) or not all(isinstance(value, str) for value in headers.values()):
            raise TokenError("the AWS subject token has a header twice, or one that is no text")
        if algorithm != "AWS4-HMAC-SHA256" or len(parts) != 3 or (method, service, end) != ("POST", "sts", "aws4_request"):
            raise TokenError("the AWS subject token is no signed GetCallerIdentity request")
        if headers.get("x-goog-cloud-target-resource") != audience:
            raise TokenError("the AWS subject token's x-goog-cloud-target-resource is not the audience")
        session = headers.get("x-amz-security-token")
        secret = {(self.key_id, self.session): self.secret, (self.user_key_id, None): self.user_secret}.get((key_id, session))
        if secret is None:
            raise TokenError("the AWS keys are not known")
        if url.scheme != "https" or url.netloc != f"sts.{region}.amazonaws.com" or headers.get("host") != url.netloc or url.path not in ("", "/"):
            raise TokenError("the AWS subject token is not for the regional STS")
        if sorted(query) != sorted(QUERY.items()):
            raise TokenError("the AWS subject token does not ask for GetCallerIdentity")
        if names != sorted(set(names)) or not {"host", "x-amz-date", *(["x-amz-security-token"] if session else [])} <= set(names) <= set(headers):
            raise TokenError("the AWS subject token does not sign what it must")
        if day != stamp[:8] or abs(self.clock.time() - signed_at) > SKEW:
            raise TokenError("the AWS signature has expired, or is not yet valid")
        canonical = "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for k, v in sorted(query))
        wanted = signature_v4(secret, day, region, service, stamp, method, "/", canonical, {n: headers[n] for n in names})
        if not hmac.compare_digest(wanted, signature):
            raise TokenError("the AWS signature is wrong")


def signature_v4(secret: str, day: str, region: str, service: str, stamp: str, method: str, path: str, query: str, headers: dict,
                 body: bytes = b"") -> str:
    """AWS Signature Version 4, in hexadecimal; `headers` are the signed ones with lower-case names."""
    canonical = "\n".join([method, path, query, *(f"{n}:{' '.join(headers[n].split())}" for n in sorted(headers)), "", ";".join(sorted(headers)),
                           hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()
