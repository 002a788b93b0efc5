# SPDX-License-Identifier: Apache-2.0
"""The effects that every HTTP point has: delay, drop, status, body, headers."""
import threading

from .web import Response, google_error

MESSAGES = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. "
         "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    403: "Permission denied by a fault of the emulator.",
    404: "Requested entity was not found.",
    429: "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
    504: "Deadline exceeded.",
}
OAUTH_WORDS = {400: "invalid_grant", 401: "invalid_client", 403: "access_denied", 500: "internal_failure", 503: "temporarily_unavailable"}


def before(effects: dict, stopping: threading.Event, oauth: bool = False) -> Response | None:
    """Waits as told, and gives the answer that stands in for the real one, if there is any."""
    if effects.get("delay"):
        stopping.wait(effects["delay"])
    if effects.get("drop"):
        return Response(0, drop=True)
    status = effects.get("status")
    if status is None and "body" not in effects:
        return None
    status = status or 200
    headers = effects.get("headers", {})
    if "body" in effects:
        return Response(status, effects["body"].encode(), {"Content-Type": "application/json; charset=UTF-8", **headers})
    message = effects.get("message", MESSAGES.get(status, f"HTTP status {status} by a fault of the emulator."))
    if oauth:
        return Response.json({"error": effects.get("reason") or OAUTH_WORDS.get(status, "server_error"), "error_description": message}, status,
                             headers)
    return Response.json(google_error(status, message, effects.get("reason", "")), status, headers)
