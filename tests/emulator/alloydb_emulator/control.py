# SPDX-License-Identifier: Apache-2.0
"""/_emulator/…: the journal, the faults, and what else a test turns while the emulator runs."""
import json

from . import faults as faults_module
from .web import Request, Response, Router

HELP = """GET    /_emulator/requests?kind=K&after=N   what happened: kinds admin, token, sts, impersonate, metadata, aws, exchange, front
POST   /_emulator/reset                      empties the journal, removes all faults, opens what was closed, takes the files' refresh tokens again
GET    /_emulator/faults                     the active faults
POST   /_emulator/faults                     adds a fault, or a list of them; answers with their numbers
DELETE /_emulator/faults[/N]                 removes one, or all
GET    /_emulator/state                      open connections, counts, certificates issued
POST   /_emulator/cut                        cuts every open connection of the fronts, without a farewell
POST   /_emulator/tokens                     {"principal", "scopes", "lifetime"}: makes an access token
POST   /_emulator/revoke                     {"principal"}: forgets its tokens; without a principal all but the static ones
GET    /_emulator/subject-token              what the workload's identity provider gives it (?format=json)
"""
MAX_TOKEN_SECONDS = 86400


class Control:
    """Routes over the emulator's parts. Calls to it are not in the journal."""

    def __init__(self, emulator) -> None:
        self.emulator = emulator

    def install(self, router: Router) -> None:
        router.add("GET", "/_emulator/?", lambda request, match: Response.text(HELP))
        router.add("GET", "/_emulator/requests", self._requests)
        router.add("POST", "/_emulator/reset", self._reset)
        router.add("GET POST DELETE", "/_emulator/faults", self._faults)
        router.add("DELETE", "/_emulator/faults/([0-9]{1,9})", self._remove)
        router.add("GET", "/_emulator/state", lambda request, match: Response.json(self.emulator.state()))
        router.add("POST", "/_emulator/cut", lambda request, match: Response.json({"cut": sum(front.cut() for front in self.emulator.fronts)}))
        router.add("POST", "/_emulator/tokens", self._tokens)
        router.add("POST", "/_emulator/revoke", self._revoke)
        router.add("GET", "/_emulator/subject-token", self._subject_token)

    @staticmethod
    def _body(request: Request):
        try:
            return json.loads(request.body or b"{}")
        except (ValueError, RecursionError):
            return None

    def _requests(self, request: Request, _match) -> Response:
        after = request.query.get("after", "0")
        if not after.isdecimal():
            return Response.json({"error": "after must be a number"}, 400)
        return Response.json(self.emulator.journal.read(request.query.get("kind", ""), int(after)))

    def _reset(self, request: Request, _match) -> Response:
        self.emulator.faults.remove()
        self.emulator.journal.reset()
        for account in self.emulator.principals.accounts.values():
            account.rotated = ""
        return Response.json({})

    def _faults(self, request: Request, _match) -> Response:
        faults = self.emulator.faults
        if request.method == "GET":
            return Response.json(faults.list())
        if request.method == "DELETE":
            return Response.json({"removed": faults.remove()})
        body = self._body(request)
        try:
            return Response.json(faults.add_all(body if isinstance(body, list) else [body]))
        except faults_module.FaultError as error:
            return Response.json({"error": str(error)}, 400)

    def _remove(self, request: Request, match) -> Response:
        removed = self.emulator.faults.remove(int(match[1]))
        return Response.json({"removed": removed}, 200 if removed else 404)

    def _tokens(self, request: Request, _match) -> Response:
        body = self._body(request)
        accounts = self.emulator.principals.accounts
        try:
            principal, scopes = body.get("principal", self.emulator.principals.app.email), body.get("scopes")
            lifetime = float(body.get("lifetime", 3599))
            if principal not in accounts or not -MAX_TOKEN_SECONDS <= lifetime <= MAX_TOKEN_SECONDS or not isinstance(scopes or [], list):
                raise ValueError
        except (AttributeError, ValueError, TypeError):
            return Response.json({"error": "principal must be one of " + ", ".join(accounts) + "; scopes a list; lifetime seconds"}, 400)
        token = self.emulator.tokens.issue(principal, scopes or [self.emulator.CLOUD_PLATFORM], lifetime, "static")
        return Response.json({"access_token": token.value, "expires_in": int(lifetime), "principal": principal, "scopes": list(token.scopes)})

    def _revoke(self, request: Request, _match) -> Response:
        body = self._body(request)
        return Response.json({"revoked": self.emulator.tokens.revoke(body.get("principal", "") if isinstance(body, dict) else "")})

    def _subject_token(self, request: Request, _match) -> Response:
        """The "URL" source of workload identity; it wants the header that its credential file names."""
        from . import httpfaults
        self.emulator.journal.add("subjectToken", path=request.path)
        stand_in = httpfaults.before(self.emulator.faults.take("subjectToken"), self.emulator.stopping)
        if stand_in:
            return stand_in
        if request.headers.get("X-Emulator-Workload") != "yes":
            return Response.json({"error": "the header X-Emulator-Workload: yes is missing"}, 403)
        token = self.emulator.oauth.subject_token()
        return Response.json({"id_token": token}) if request.query.get("format") == "json" else Response.text(token)
