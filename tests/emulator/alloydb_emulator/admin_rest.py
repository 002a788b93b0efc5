# SPDX-License-Identifier: Apache-2.0
"""The Admin API as REST with JSON, in its three versions. Query strings mean nothing."""
import json

from .admin import Admin, ApiError, Call, Dropped, RawAnswer, parse_duration
from .web import Request, Response, Router, google_error

VERSION = r"/(v1|v1beta|v1alpha)"
CLUSTER = r"(projects/[^/]+/locations/[^/]+/clusters/[^/:]+)"
# member -> (its other spelling, versions that have it)
MEMBERS = {"publicKey": "public_key", "certDuration": "cert_duration", "useMetadataExchange": "use_metadata_exchange", "requestId": "request_id",
           "pemCsr": "pem_csr", "parent": "parent"}


def _call(request: Request, version: str) -> Call:
    head = request.headers.get
    return Call(version, "rest", request.bearer(), head("user-agent") or "", head("x-goog-api-client") or "", head("x-goog-user-project") or "",
                head("x-goog-request-params") or "", request.secure, request.proxied)


def _body(request: Request) -> dict:
    """The request message; unknown members are refused, as Google's servers do."""
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(400, "Invalid JSON payload received: the Content-Type must be application/json.")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise ApiError(400, "Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid JSON payload received: the root element must be a message.")
    names = {**{m: m for m in MEMBERS}, **{other: m for m, other in MEMBERS.items()}}
    out = {}
    for name, value in body.items():
        if name not in names:
            raise ApiError(400, f"Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.")
        out[names[name]] = value
    for name in ("publicKey", "requestId", "pemCsr"):
        if not isinstance(out.get(name, ""), str):
            raise ApiError(400, f"Invalid value at '{MEMBERS[name]}' (TYPE_STRING)")
    if not isinstance(out.get("useMetadataExchange", False), bool):
        raise ApiError(400, "Invalid value at 'use_metadata_exchange' (TYPE_BOOL)")
    if "certDuration" in out:
        out["certDuration"] = parse_duration(out["certDuration"])
    return out


def _answer(work) -> Response:
    try:
        return Response.json(work())
    except ApiError as error:
        headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'} if error.code == 401 else {}
        return Response.json(google_error(error.code, error.message, error.status, error.details), error.code, {**headers, **error.headers})
    except RawAnswer as raw:
        return Response(raw.status, raw.body.encode(), raw.headers)
    except Dropped:
        return Response(0, drop=True)


def install(router: Router, admin: Admin) -> None:
    def connection_info(request: Request, match) -> Response:
        return _answer(lambda: admin.connection_info(_call(request, match[1]), match[2]))

    def generate(request: Request, match) -> Response:
        return _answer(lambda: admin.generate_client_certificate(_call(request, match[1]), match[2], _body(request)))

    router.add("GET", VERSION + "/" + CLUSTER[:-1] + r"/instances/[^/]+)/connectionInfo", connection_info)
    router.add("POST", VERSION + "/" + CLUSTER + ":generateClientCertificate", generate)
