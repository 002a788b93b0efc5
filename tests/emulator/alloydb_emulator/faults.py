# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, when, and how often: knobs that can be turned at the start and while the emulator runs.

A fault is a JSON object: where ("at"), how often and for whom, and what happens. POINTS is the whole list; `--help-faults` prints it.
"""
import json
import threading
import time

from . import exchange


class FaultError(ValueError):
    """The fault's description is wrong; the text says where."""


def _number(low: float, high: float):
    def check(value):
        if isinstance(value, str):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return value
    return check


def _integer(low: int, high: int):
    def check(value):
        if isinstance(value, str):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value
    return check


def _word(*words: str):
    def check(value):
        if value not in words:
            raise ValueError("one of " + ", ".join(words))
        return value
    return check


def _text(value):
    if not isinstance(value, str) or len(value) > 1 << 20:
        raise ValueError("a text")
    return value


def _texts(value):
    if isinstance(value, str):
        value = value.split("+")
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("a list of texts")
    return value


def _object(value):
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
        raise ValueError("a JSON object")
    return value


def _flag(value):
    if isinstance(value, str):
        value = {"true": True, "false": False, "": True}.get(value)
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


_DELAY = ("wait so many seconds first", _number(0, 3600))
_HTTP = {
    "status": ("answer with this HTTP status and Google's error body", _integer(200, 599)),
    "message": ("that body's message", _text),
    "reason": ("that body's status word, or the OAuth error word", _text),
    "headers": ("more header lines of the answer, as {\"Retry-After\": \"1\"}", _object),
    "body": ("send this text in place of the body", _text),
    "drop": ("close the connection without an answer", _flag),
    "delay": _DELAY,
}
_TOKEN = {**_HTTP, "expires_in": ("lifetime of the token, in seconds", _number(-86400, 86400)),
          "omit": ("leave these members out of the answer", _texts)}
_ROTATE = ("a refresh token is answered with a new one, and is good no more (until a reset)", _flag)
_PG = {"text": ("text of the error", _text), "sqlstate": ("its SQLSTATE", _text)}

# point -> effect -> (meaning, check)
POINTS: dict = {
    "admin": {**_HTTP},
    "connectionInfo": {**_HTTP, "omit": ("leave these members out, as ipAddress+publicIpAddress+pscDnsName", _texts),
                       "set": ("put these members in, as {\"ipAddress\": \"127.0.0.9\"}", _object)},
    "generateClientCertificate": {
        **_HTTP, "omit": ("leave these members out: caCert, pemCertificateChain", _texts),
        "lifetime": ("the leaf's lifetime in seconds from now, whatever was asked for; negative: expired already",
                     _number(-86400 * 365, 86400 * 365)),
        "starts_in": ("the leaf is valid only from so many seconds on", _number(-86400, 86400)),
        "leaf": ("other-key: for a key that is not the client's; stranger: signed by an unknown authority", _word("other-key", "stranger")),
        "chain": ("what comes as pemCertificateChain", _word("leaf-only", "reversed", "empty", "garbage", "no-newlines")),
        "ca": ("what comes as caCert", _word("stranger", "garbage"))},
    "token": {**_TOKEN, "rotate": _ROTATE}, "sts": {**_TOKEN, "rotate": _ROTATE}, "impersonate": _TOKEN,
    "metadata": {
        **_TOKEN, "flavor": ("false: answer without the header Metadata-Flavor", _flag),
        "form": ("whose metadata server it is; gke-pool: a pod without a service account of its own", _word("gce", "gke", "gke-pool", "cloud-run")),
        "scopes": ("the scopes that the machine has; what is asked for beyond them is left out of the token", _texts),
        "beyond": ("refused: no token at all for scopes beyond those", _word("ignored", "refused"))},
    "aws": {**_HTTP}, "subjectToken": {**_HTTP},
    "front": {
        "listen": ("closed: nobody listens while this fault is active; connections that are open are cut", _word("closed")),
        "accept": ("what happens to a new TCP connection", _word("close", "reset", "silent")),
        "tls": ("1.2: offer no TLS 1.3", _word("1.2")),
        "certificate": ("the front's own certificate", _word("wrong-san", "no-san", "stranger", "expired", "not-yet-valid")),
        "delay": ("wait so many seconds before the TLS handshake", _number(0, 3600))},
    "exchange": {"reply": ("what is sent in place of the answer", _word(*exchange.BAD_ANSWERS)), "delay": _DELAY,
                 "slow": ("send the answer byte by byte, so many seconds apart", _number(0, 60)),
                 "raw": ("send these bytes (hexadecimal) in place of the answer, then close", lambda v: bytes.fromhex(_text(v)).hex()), **_PG},
    "login": {"reply": ("what happens to the start-up message", _word("error", "close", "silent")), "delay": _DELAY, **_PG},
    "stream": {"cut_after": ("reset the connection after so many bytes to the client", _integer(0, 1 << 40))},
    "api": {"listen": ("closed: nobody listens for HTTPS while this fault is active; plain HTTP, where these knobs are, and gRPC stay",
                       _word("closed"))},
    "clock": {"offset": ("the emulator's clock goes wrong by so many seconds", _number(-86400 * 400, 86400 * 400))},
}
MEANINGS = {
    "admin": "both calls of the Admin API", "connectionInfo": "GET …/connectionInfo",
    "generateClientCertificate": "POST …:generateClientCertificate",
    "token": "the OAuth token endpoint, /token", "sts": "the Security Token Service, /v1/token and /v1/oauthtoken",
    "impersonate": "generateAccessToken",
    "metadata": "the metadata server, its ping at / included", "aws": "Amazon's metadata service", "subjectToken": "the workload's URL source",
    "front": "a new connection to an instance's port", "exchange": "the metadata exchange", "login": "PostgreSQL's start-up message",
    "stream": "an established session", "api": "the ports of HTTPS and of mTLS", "clock": "certificates, tokens and Date headers"}
COMMON = {
    "times": ("how often; without it until the fault is removed", _integer(1, 1 << 30)),
    "skip": ("let so many pass first", _integer(0, 1 << 30)),
    "seconds": ("for so long, counted from now", _number(0, 86400)),
    "instance": ("for this instance URI only (admin, connectionInfo, generateClientCertificate: also its cluster)", _text),
}


def parse(text: str) -> dict:
    """A fault from the command line: a JSON object, or AT,effect=value,effect=value…"""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise FaultError(f"{text}: {error}") from None
    at, *effects = text.split(",")
    fault = {"at": at}
    for effect in effects:
        name, _, value = effect.partition("=")
        fault[name] = value
    return fault


def check(fault: object) -> dict:
    """The fault with its values converted, or FaultError."""
    if not isinstance(fault, dict):
        raise FaultError("a fault is a JSON object")
    at = fault.get("at")
    if at not in POINTS:
        raise FaultError(f"\"at\" is {at!r}, and must be one of {', '.join(POINTS)}")
    known = {**POINTS[at], **COMMON}
    out = {"at": at}
    for name, value in fault.items():
        if name in ("at", "id"):
            continue
        if name not in known:
            raise FaultError(f"{at} has no \"{name}\"; it has {', '.join(known)}")
        if name == "times" and value is None:
            continue
        try:
            out[name] = known[name][1](value)
        except (ValueError, TypeError) as error:
            raise FaultError(f"{at}: \"{name}\" is {value!r}, and must be {error}") from None
    if not any(name in POINTS[at] for name in out):
        raise FaultError(f"{at}: nothing that should happen is given; choose from {', '.join(POINTS[at])}")
    return out


def describe() -> str:
    """The list for people, from the tables above."""
    def effects(table: dict) -> list[str]:
        out = []
        for name, (meaning, convert) in table.items():
            words = [c.cell_contents for c in convert.__closure__ or ()] if convert.__qualname__.startswith("_word") else []
            out.append(f"  {name:14}{meaning}" + (f" ({' | '.join(words[0])})" if words else ""))
        return out

    lines = ["A fault is a JSON object, or on the command line also AT,EFFECT=VALUE,…", "", "Every fault may have:", *effects(COMMON),
             "", "What is HTTP may have:", *effects(_HTTP)]
    for at, table in POINTS.items():
        http = "status" in table
        lines += ["", f"{at}: {MEANINGS[at]}" + (" (HTTP)" if http else ""), *effects({k: v for k, v in table.items() if not http or k not in _HTTP})]
    return "\n".join(lines)


class Faults:
    """The active faults, in the order they came; thread-safe. `changed` is called, without the lock, after each change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[dict] = []
        self._number = 0
        self.changed = lambda: None

    def add(self, fault: object) -> dict:
        return self.add_all([fault])[0]

    def add_all(self, faults: list) -> list[dict]:
        """Adds all, or none and FaultError."""
        checked = [check(fault) for fault in faults]
        with self._lock:
            for fault in checked:
                self._number += 1
                fault["id"] = self._number
                if "seconds" in fault:
                    fault["_until"] = time.monotonic() + fault["seconds"]
                self._active.append(fault)
        self.changed()
        return [_public(fault) for fault in checked]

    def remove(self, number: int | None = None) -> int:
        """Removes one, or all; returns how many went."""
        with self._lock:
            before = len(self._active)
            self._active = [f for f in self._active if number is not None and f["id"] != number]
            gone = before - len(self._active)
        self.changed()
        return gone

    def list(self) -> list[dict]:
        with self._lock:
            self._expire()
            return [_public(fault) for fault in self._active]

    def _expire(self) -> None:
        now = time.monotonic()
        self._active = [f for f in self._active if f.get("_until", now + 1) > now]

    def peek(self, at: str, instance: str = "") -> dict:
        """The effects at a point without counting it as a use."""
        with self._lock:
            self._expire()
            return self._merge(at, instance, use=False)

    def take(self, at: str, instance: str = "") -> dict:
        """The effects at a point, {} without any. Where several apply they add up, the later one winning; each is used once."""
        with self._lock:
            self._expire()
            return self._merge(at, instance, use=True)

    def _merge(self, at: str, instance: str, use: bool) -> dict:
        effects: dict = {}
        left = []
        for fault in self._active:
            keep = True
            if fault["at"] == at and _meant(fault.get("instance"), instance):
                if fault.get("skip"):
                    fault["skip"] -= use
                else:
                    effects.update({k: v for k, v in fault.items() if k in POINTS[at]})
                    if use and "times" in fault:
                        fault["times"] -= 1
                        keep = fault["times"] > 0
            if keep:
                left.append(fault)
        self._active = left
        return effects


def _meant(wanted: str | None, instance: str) -> bool:
    """A call about a cluster is also one about each of its instances."""
    return not wanted or not instance or wanted == instance or wanted.startswith(instance + "/instances/")


def _public(fault: dict) -> dict:
    return {name: value for name, value in fault.items() if not name.startswith("_")}
