# SPDX-License-Identifier: Apache-2.0
"""Protocol Buffers by hand: the examples of the encoding's documentation, nesting, repetition, and what must be refused."""
import pytest

from alloydb_emulator import admin_grpc, protowire

ALL = {1: ("a", "int"), 2: ("b", "string"), 3: ("c", {1: ("a", "int")}), 4: ("d", "strings"), 5: ("e", "bool"), 15: ("f", "enum"), 16: ("g", "enum")}


@pytest.mark.parametrize("message, wire", [
    ({"a": 150}, "089601"), ({"b": "testing"}, "120774657374696e67"), ({"c": {"a": 150}}, "1a03089601"), ({"d": ["x", ""]}, "2201782200"),
    ({"e": True}, "2801"), ({"f": 1, "g": 2}, "7801800102"), ({"a": -1}, "08ffffffffffffffffff01"), ({}, "")])
def test_documented_examples(message, wire):
    assert protowire.encode(ALL, message).hex() == wire
    decoded = protowire.decode(ALL, bytes.fromhex(wire))
    for name, value in message.items():
        assert decoded[name] == (value if name != "c" else {"a": 150})


def test_unknown_fields_of_each_wire_type():
    unknown = b"\xf8\x06\x07" + b"\xf9\x06" + b"8" * 8 + b"\xfa\x06\x03abc" + b"\xfd\x06" + b"4" * 4
    assert protowire.decode(ALL, unknown + b"\x08\x01" + unknown)["a"] == 1


def test_a_known_number_with_another_wire_type_is_unknown():
    assert protowire.decode(ALL, b"\x0a\x01x" + b"\x10\x05") == protowire.decode(ALL, b"")


@pytest.mark.parametrize("wire", ["08", "0880", "1205", "120561", "0b", "0c", "0e", "0f", "00", "08" + "80" * 10 + "00", "0900", "0d0000"])
def test_refused(wire):
    with pytest.raises(protowire.WireError):
        protowire.decode(ALL, bytes.fromhex(wire))


def test_certificate_request():
    wire = protowire.encode(admin_grpc.CERTIFICATE_REQUEST, {"parent": "p", "certDuration": {"seconds": 3600}, "publicKey": "k",
                                                             "useMetadataExchange": True})
    assert wire.hex() == "0a0170" + "220308901c" + "2a016b" + "3001"
    assert protowire.decode(admin_grpc.CERTIFICATE_REQUEST, wire)["certDuration"] == {"seconds": 3600, "nanos": 0}
