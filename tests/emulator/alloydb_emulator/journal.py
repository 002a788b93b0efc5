# SPDX-License-Identifier: Apache-2.0
"""What happened, for tests to read: one JSON object an event, the newest MAX_ENTRIES of them."""
import collections
import hashlib
import threading
import time

MAX_ENTRIES = 20000
MAX_TEXT = 1000     # characters of one value; a client chooses its user agent


def fingerprint(secret: str) -> str:
    """Enough of a token to tell two apart, and no more: no secret goes into the journal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()[:12] if secret else ""


def _short(value: object) -> object:
    """The value with no text in it longer than MAX_TEXT."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, list):
        return [_short(item) for item in value[:100]]
    if isinstance(value, dict):
        return {str(name)[:MAX_TEXT]: _short(item) for name, item in list(value.items())[:100]}
    return value


class Journal:
    """Thread-safe. `echo` is called with each entry, for a log on the terminal."""

    def __init__(self, echo=None) -> None:
        self._entries: collections.deque = collections.deque(maxlen=MAX_ENTRIES)
        self._lock = threading.Lock()
        self._number = 0
        self._resets = 0
        self._echo = echo

    def mark(self) -> int:
        """For `since`: what began now."""
        with self._lock:
            return self._resets

    def add(self, kind: str, since: int = -1, **facts) -> dict:
        """The entry of something that began at the mark `since`: after a reset it is of no interest any more, and is not kept."""
        entry = {"kind": kind, **{name: _short(value) for name, value in facts.items() if value not in (None, "", [])}}
        with self._lock:
            self._number += 1
            entry = {"number": self._number, "time": round(time.time(), 6), **entry}
            if since in (-1, self._resets):
                self._entries.append(entry)
            else:
                self._number -= 1
        if self._echo:
            self._echo(entry)
        return entry

    def read(self, kind: str = "", after: int = 0) -> dict:
        """Entries with a number above `after`, of one kind if that is given; `dropped` tells how many were lost to the bound."""
        with self._lock:
            found = [e for e in self._entries if e["number"] > after and (not kind or e["kind"] == kind)]
            return {"requests": found, "last": self._number, "dropped": max(0, self._number - len(self._entries))}

    def reset(self) -> None:
        with self._lock:
            self._entries.clear()
            self._number = 0
            self._resets += 1
