# SPDX-License-Identifier: Apache-2.0
"""The metadata server of Compute Engine, GKE and Cloud Run."""
import json
import threading

from . import faults as faults_module
from . import httpfaults
from .journal import Journal, fingerprint
from .principals import Account
from .tokens import CLOUD_PLATFORM, Tokens
from .web import Request, Response, Router

FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}
PREFIX = "/computeMetadata/v1"
LIFETIME = 3599


class Metadata:
    """`account` is the machine's service account, or None for a machine without one. Any scope that is asked for is granted."""

    def __init__(self, project: str, account: Account | None, universe: str, tokens: Tokens, faults: faults_module.Faults, journal: Journal,
                 stopping: threading.Event) -> None:
        self.project, self.account, self.universe = project, account, universe
        self.tokens, self.faults, self.journal, self.stopping = tokens, faults, journal, stopping

    def install(self, router: Router) -> None:
        router.add("GET", "/|/computeMetadata(?:/.*)?", self._answer)

    def _answer(self, request: Request, _match) -> Response:
        facts = {"path": request.path, "query": request.query, "user_agent": request.headers.get("user-agent"), "proxied": request.proxied}
        effects = self.faults.take("metadata")
        response = httpfaults.before(effects, self.stopping) or self._page(request, effects, facts)
        if effects.get("flavor") is not False:
            response.headers = {**FLAVOR, **response.headers}
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
        fixed = {"/project/project-id": self.project, "/project/numeric-project-id": "1", "/universe/universe-domain": self.universe,
                 "/instance/id": "1", "/instance/zone": "projects/1/zones/us-central1-a"}
        if fixed.get(path):
            return Response.text(fixed[path], headers={"Content-Type": "application/text"})
        if self.account:
            for name in ("default", self.account.email):
                base = f"/instance/service-accounts/{name}"
                if path == base + "/token":
                    return self._token(request, effects, facts)
                if path == base + "/email":
                    return Response.text(self.account.email, headers={"Content-Type": "application/text"})
                if path == base + "/scopes":
                    return Response.text(CLOUD_PLATFORM + "\n", headers={"Content-Type": "application/text"})
                if path.rstrip("/") == base:
                    if request.query.get("recursive", "").lower() == "true":
                        return Response(200, json.dumps({"aliases": ["default"], "email": self.account.email, "scopes": [CLOUD_PLATFORM]}).encode(),
                                        {"Content-Type": "application/json"})
                    return Response.text("aliases\nemail\nidentity\nscopes\ntoken\n", headers={"Content-Type": "application/text"})
        return Response.text("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>\n", 404, {"Content-Type": "text/html; charset=UTF-8"})

    def _token(self, request: Request, effects: dict, facts: dict) -> Response:
        scopes = [s for s in request.query.get("scopes", "").split(",") if s] or [CLOUD_PLATFORM]
        lifetime = effects.get("expires_in", LIFETIME)
        token = self.tokens.issue(self.account.email, scopes, lifetime, "metadata")
        facts.update(principal=token.principal, scopes=scopes, token=fingerprint(token.value))
        answer = {"access_token": token.value, "expires_in": int(lifetime), "token_type": "Bearer"}
        answer = {k: v for k, v in answer.items() if k not in effects.get("omit", [])}
        return Response(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})
