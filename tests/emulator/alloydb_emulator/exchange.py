# SPDX-License-Identifier: Apache-2.0
"""The metadata exchange: one request and one answer between the TLS handshake and PostgreSQL's protocol.

Each is a big-endian uint32 length and a protobuf message of package google.cloud.alloydb.connectors.v1. Pure: bytes in, bytes out.
"""
import struct

from . import protowire

MAX_MESSAGE = 16 * 1024
AUTH_UNSPECIFIED, DB_NATIVE, AUTO_IAM = 0, 1, 2
AUTH_NAMES = {AUTH_UNSPECIFIED: "UNSPECIFIED", DB_NATIVE: "DB_NATIVE", AUTO_IAM: "AUTO_IAM"}
UNSPECIFIED, OK, ERROR = 0, 1, 2

REQUEST = {1: ("user_agent", "string"), 2: ("auth_type", "enum"), 3: ("oauth2_token", "string")}
RESPONSE = {1: ("response_code", "enum"), 2: ("error", "string")}


class ExchangeError(Exception):
    """What the answer's error field says."""


def frame(message: bytes) -> bytes:
    return struct.pack(">I", len(message)) + message


def read_length(head: bytes) -> int:
    """The length in the first 4 bytes; ExchangeError if it is no exchange's."""
    (length,) = struct.unpack(">I", head)
    if length > MAX_MESSAGE:
        raise ExchangeError(f"metadata exchange request of {length} bytes exceeds the limit of {MAX_MESSAGE}")
    return length


def parse_request(message: bytes) -> dict:
    """user_agent, auth_type, oauth2_token; an unspecified type is DB_NATIVE."""
    try:
        request = protowire.decode(REQUEST, message)
    except protowire.WireError as error:
        raise ExchangeError(f"metadata exchange request cannot be parsed: {error}") from None
    if request["auth_type"] not in AUTH_NAMES:
        raise ExchangeError(f"unknown auth_type {request['auth_type']}")
    return request


def request(user_agent: str, auth_type: int, token: str) -> bytes:
    return frame(protowire.encode(REQUEST, {"user_agent": user_agent, "auth_type": auth_type, "oauth2_token": token}))


def answer(code: int, error: str = "") -> bytes:
    return frame(protowire.encode(RESPONSE, {"response_code": code, "error": error}))


def parse_answer(message: bytes) -> dict:
    return protowire.decode(RESPONSE, message)


# ---- answers that no server should give ----------------------------------------------------------------------------

def pg_error(severity: str, sqlstate: str, text: str) -> bytes:
    """A PostgreSQL ErrorResponse, which a real front has been seen to send in the exchange's place."""
    fields = b"".join(tag + value.encode() + b"\0" for tag, value in ((b"S", severity), (b"V", severity), (b"C", sqlstate), (b"M", text)))
    return b"E" + struct.pack(">I", len(fields) + 5) + fields + b"\0"


# Fields 3, 15 (fixed32), 99 and 100 (fixed64) of every wire type, around an OK.
UNKNOWN_FIELDS = frame(b"\x1a\x03abc" + b"\x08\x01" + b"\x7d\1\2\3\4" + protowire.varint(99 << 3) + b"\xff\xff\xff\xff\x0f"
                       + protowire.varint(100 << 3 | 1) + b"12345678")

BAD_ANSWERS = {
    "error": None, "pg-error": None, "silent": None,  # made where the text is known
    "close": b"",
    "truncated-length": b"\0\0",
    "truncated": frame(b"\x08\x01")[:5],
    "oversize": struct.pack(">I", 0x7FFFFFFF) + b"\x08\x01",
    "over-limit": frame(b"\x08\x01\x12" + protowire.varint(MAX_MESSAGE - 4) + b"x" * (MAX_MESSAGE - 4)),  # one byte too long
    "empty": frame(b""),
    "unspecified": frame(b"\x08\x00"),
    "unknown-code": frame(b"\x08\x07"),
    "unknown-fields": UNKNOWN_FIELDS,
    "garbage": frame(b"\xff\xff\xff\xff"),
}
