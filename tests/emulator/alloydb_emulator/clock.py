# SPDX-License-Identifier: Apache-2.0
"""The emulator's idea of now, which the fault "clock" can move."""
import datetime
import time


class Clock:
    """Real time plus an offset in seconds. Certificates, tokens and the Date header follow it; OpenSSL's own checks do not."""

    def __init__(self) -> None:
        self.offset = 0.0

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.offset

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.time(), datetime.timezone.utc)


def rfc3339(seconds: float) -> str:
    """A time as Google's JSON writes it: UTC, whole seconds, Z."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
