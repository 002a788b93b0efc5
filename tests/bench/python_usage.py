# SPDX-License-Identifier: Apache-2.0
"""What the Python programs share: the line that usage.h describes, and a check sum of rows, the same whatever a library's types are."""
import datetime
import decimal
import hashlib
import pathlib
import re
import resource
import time


class Usage:
    def __init__(self):
        self.start = self._now()

    @staticmethod
    def _now():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return time.monotonic(), used.ru_utime, used.ru_stime, used.ru_nvcsw

    def stop(self):
        self.took = [now - before for now, before in zip(self._now(), self.start)]
        self.memory = re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text()).group(1)

    def show(self, count, total):
        wall, user, system, waits = self.took
        print(f"{count} {total} {wall:.6f} {user:.6f} {system:.6f} {self.memory} {waits}")


def text(name, value):
    """A value in one form. `amount` is numeric(12, 2), which some libraries give as text or as a double: two digits in any case."""
    if value is None:
        return "\\N"
    if name == "amount":
        return f"{decimal.Decimal(value):.2f}"
    if name == "ok":
        return "t" if value else "f"
    if isinstance(value, float):
        return f"{value:.17g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "microseconds")
    return str(value)


def check_sum(names, columns):
    total = 0
    for row in zip(*columns):
        line = "\t".join(text(name, value) for name, value in zip(names, row))
        total += int.from_bytes(hashlib.blake2b(line.encode(), digest_size=7).digest(), "big")
    return total % 2**63
