# SPDX-License-Identifier: Apache-2.0
"""The metadata exchange byte by byte. The vectors were captured from Google's Python connector 1.13.0."""
import struct

import pytest

from alloydb_emulator import exchange

AGENT = "alloydb-python-connector/1.13.0+psycopg myapp/1.0"
AGENT_HEX = "616c6c6f7964622d707974686f6e2d636f6e6e6563746f722f312e31332e302b707379636f7067206d796170702f312e30"
DB_NATIVE = bytes.fromhex("000000410a31" + AGENT_HEX + "10011a0a46414b452d544f4b454e")
AUTO_IAM = bytes.fromhex("000000410a31" + AGENT_HEX + "10021a0a46414b452d544f4b454e")
OK = bytes.fromhex("000000020801")
ERROR = bytes.fromhex("000000210802121d7065726d697373696f6e2064656e69656420627920656d756c61746f72")


@pytest.mark.parametrize("auth_type, wire", [(exchange.DB_NATIVE, DB_NATIVE), (exchange.AUTO_IAM, AUTO_IAM)])
def test_request_vectors(auth_type, wire):
    assert len(wire) == 69
    assert exchange.request(AGENT, auth_type, "FAKE-TOKEN") == wire
    assert exchange.read_length(wire[:4]) == 65
    assert exchange.parse_request(wire[4:]) == {"user_agent": AGENT, "auth_type": auth_type, "oauth2_token": "FAKE-TOKEN"}


def test_answer_vectors():
    assert exchange.answer(exchange.OK) == OK
    assert exchange.answer(exchange.ERROR, "permission denied by emulator") == ERROR
    assert exchange.parse_answer(ERROR[4:]) == {"response_code": exchange.ERROR, "error": "permission denied by emulator"}
    assert exchange.parse_answer(b"") == {"response_code": exchange.UNSPECIFIED, "error": ""}


def test_defaults_and_order():
    """Defaults are not there, fields come in any order, the last of a scalar wins, an unknown field is nothing."""
    assert exchange.request("", exchange.AUTH_UNSPECIFIED, "") == b"\0\0\0\0"
    assert exchange.parse_request(b"") == {"user_agent": "", "auth_type": 0, "oauth2_token": ""}
    parsed = exchange.parse_request(b"\x1a\x01a" + b"\x10\x01" + b"\x7a\x02zz" + b"\x1a\x01b" + b"\x10\x02")
    assert parsed == {"user_agent": "", "auth_type": exchange.AUTO_IAM, "oauth2_token": "b"}


def test_length_limit():
    assert exchange.read_length(struct.pack(">I", 16384)) == 16384
    with pytest.raises(exchange.ExchangeError, match="16385 bytes exceeds the limit of 16384"):
        exchange.read_length(struct.pack(">I", 16385))
    with pytest.raises(exchange.ExchangeError):  # a PostgreSQL message taken for a length
        exchange.read_length(b"E\0\0\0")


@pytest.mark.parametrize("message, text", [
    (b"\x10\x03", "unknown auth_type 3"), (b"\x0a\x05ab", "has 5 bytes, and 2 are left"), (b"\x0a\x02\xff\xfe", "user_agent is not UTF-8"),
    (b"\x80" * 11, "a number of more than 10 bytes"), (b"\x0b", "wire type 3"), (b"\x00\x01", "field number 0"), (b"\x10", "ends within a number")])
def test_wrong_requests(message, text):
    with pytest.raises(exchange.ExchangeError, match=text):
        exchange.parse_request(message)


def test_answers_that_no_server_should_give():
    bad = exchange.BAD_ANSWERS
    assert bad["empty"] == b"\0\0\0\0" and bad["close"] == b"" and bad["truncated-length"] == b"\0\0"
    assert bad["truncated"] == b"\0\0\0\2\x08"
    assert struct.unpack(">I", bad["oversize"][:4]) == (0x7FFFFFFF,)
    (length,) = struct.unpack(">I", bad["over-limit"][:4])
    assert length == 16385 and len(bad["over-limit"]) == 4 + length
    assert exchange.parse_answer(bad["over-limit"][4:])["response_code"] == exchange.OK  # only its size is wrong
    assert exchange.parse_answer(bad["unknown-fields"][4:]) == {"response_code": exchange.OK, "error": ""}
    assert exchange.parse_answer(bad["unspecified"][4:])["response_code"] == exchange.UNSPECIFIED


def test_postgres_error_in_its_place():
    wire = exchange.pg_error("FATAL", "53300", "too many")
    assert wire[:1] == b"E" and struct.unpack(">I", wire[1:5]) == (len(wire) - 1,)
    assert wire[5:] == b"SFATAL\0VFATAL\0C53300\0Mtoo many\0\0"
