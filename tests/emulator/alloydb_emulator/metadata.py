# SPDX-License-Identifier: Apache-2.0
"""The metadata server of Compute Engine, and the forms that it has on GKE and Cloud Run."""
import json
import threading

from . import faults as faults_module
from . import httpfaults
from .journal import Journal, fingerprint
from .principals import Account
from .tokens import CLOUD_PLATFORM, Tokens
from .web import Request, Response, Router

FLAVOR = {"Metadata-Flavor": "Google"}
# Who says he answers. On GKE a pod is a service account, or (gke-pool) has the name of its pool for an e-mail address.
SERVERS = {"gce": "Metadata Server for VM", "gke": "GKE Metadata Server", "gke-pool": "GKE Metadata Server", "cloud-run": "Metadata Server for Serverless"}
PREFIX = "/computeMetadata/v1"
LIFETIME = 3599


class Metadata:
    """`account` is the machine's service account, or None for a machine without one. Any scope that is asked for is granted, unless the fault "scopes"
    says which ones the machine has.
    """

    def __init__(self, project: str, account: Account | None, federated: str, universe: str, tokens: Tokens, faults: faults_module.Faults, journal: Journal,
                 stopping: threading.Event) -> None:
        self.project, self.account, self.federated, self.universe = project, account, federated, universe
        self.tokens, self.faults, self.journal, self.stopping = tokens, faults, journal, stopping

    def install(self, router: Router) -> None:
        router.add("GET", "/|/computeMetadata(?:/.*)?", self._answer)

    def _answer(self, request: Request, _match) -> Response:
        facts = {"path": request.path, "query": request.query, "user_agent": request.headers.get("user-agent"), "proxied": request.proxied}
        effects = self.faults.take("metadata")
        response = httpfaults.before(effects, self.stopping) or self._page(request, effects, facts)
        if effects.get("flavor") is not False:
            response.headers = {**FLAVOR, "Server": SERVERS[effects.get("form", "gce")], **response.headers}
        self.journal.add("metadata", status=response.status, **facts)
        return response

    def _page(self, request: Request, effects: dict, facts: dict) -> Response:
        if request.path == "/":  # the ping, which works without the header too
            return Response.text("computeMetadata/\n", headers={"Content-Type": "application/text"})
        if request.headers.get("metadata-flavor") != "Google":
            return Response.text("Missing Metadata-Flavor:Google header.\n", 403)
        if request.headers.get("x-forwarded-for"):
            return Response.text("X-Forwarded-For is not allowed.\n", 403)
        path = request.path.removeprefix(PREFIX)
        form = effects.get("form", "gce")
        fixed = {"/project/project-id": self.project, "/project/numeric-project-id": "1", "/instance/id": "1"}
        if form == "gce":
            fixed.update({"/universe/universe-domain": self.universe, "/instance/zone": "projects/1/zones/us-central1-a"})
        elif form == "cloud-run":
            fixed["/instance/region"] = "projects/1/regions/us-central1"
        email = f"{self.project}.svc.id.goog" if form == "gke-pool" else self.account and self.account.email
        if fixed.get(path):
            return Response.text(fixed[path], headers={"Content-Type": "application/text"})
        if self.account:
            for name in ("default", email):
                base = f"/instance/service-accounts/{name}"
                if path == base + "/token":
                    return self._token(request, effects, facts)
                if path == base + "/email":
                    return Response.text(email, headers={"Content-Type": "application/text"})
                if path == base + "/scopes":
                    return Response.text("\n".join(effects.get("scopes", [CLOUD_PLATFORM])) + "\n", headers={"Content-Type": "application/text"})
                if path.rstrip("/") == base:
                    if request.query.get("recursive", "").lower() == "true":
                        return Response(200, json.dumps({"aliases": ["default"], "email": email, "scopes": effects.get("scopes", [CLOUD_PLATFORM])}).encode(),
                                        {"Content-Type": "application/json"})
                    return Response.text("aliases\nemail\nidentity\nscopes\ntoken\n", headers={"Content-Type": "application/text"})
        return Response.text("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>\n", 404, {"Content-Type": "text/html; charset=UTF-8"})

    def _token(self, request: Request, effects: dict, facts: dict) -> Response:
        scopes = [s for s in request.query.get("scopes", "").split(",") if s] or [CLOUD_PLATFORM]
        has = effects.get("scopes")
        if has is not None and not set(scopes) <= set(has):
            if effects.get("beyond") == "refused":
                return Response.json({"error": "invalid_scope", "error_description": "Invalid OAuth scope or ID token audience provided."}, 400)
            scopes = [scope for scope in scopes if scope in has] or has
        lifetime = effects.get("expires_in", LIFETIME)
        principal = self.federated if effects.get("form") == "gke-pool" else self.account.email
        token = self.tokens.issue(principal, scopes, lifetime, "metadata")
        facts.update(principal=token.principal, scopes=scopes, token=fingerprint(token.value))
        answer = {"access_token": token.value, "expires_in": int(lifetime), "token_type": "Bearer"}
        answer = {k: v for k, v in answer.items() if k not in effects.get("omit", [])}
        return Response(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})
