# SPDX-License-Identifier: Apache-2.0
"""Protocol Buffers on the wire, for messages of strings, enums, booleans and one level of nesting.

A schema is a dict: field number -> (name, kind), kind one of "string", "enum", "bool", "int", "strings" (repeated), or another schema.
Written by hand so that the core needs no protobuf package, and so that tests can send what a generated class would not.
"""
MAX_VARINT = 10


class WireError(ValueError):
    """The bytes are no such message."""


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(MAX_VARINT):
        if at >= len(data):
            raise WireError("the message ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & ((1 << 64) - 1), at
    raise WireError(f"a number of more than {MAX_VARINT} bytes")


def _fields(data: bytes):
    """(field number, wire type, value) of each field; value is an int or bytes. Groups are refused, as proto3 does."""
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise WireError("field number 0")
        if wire == 0:
            value, at = _read_varint(data, at)
        elif wire in (1, 2, 5):
            size = {1: 8, 5: 4}.get(wire)
            if size is None:
                size, at = _read_varint(data, at)
            if size > len(data) - at:
                raise WireError(f"field {number} has {size} bytes, and {len(data) - at} are left")
            value, at = data[at:at + size], at + size
        else:
            raise WireError(f"field {number} has the wire type {wire}")
        yield number, wire, value


def decode(schema: dict, data: bytes) -> dict:
    """The message as a dict with every field of the schema, defaults included. Unknown fields are skipped; the last of a repeated scalar wins."""
    out = {}
    for name, kind in schema.values():
        out[name] = {"string": "", "bool": False, "strings": []}.get(kind, 0) if isinstance(kind, str) else None
    for number, wire, value in _fields(data):
        if number not in schema:
            continue
        name, kind = schema[number]
        if wire != (0 if kind in ("enum", "bool", "int") else 2):
            continue  # as protobuf does: a known number with another wire type is an unknown field
        if kind in ("string", "strings"):
            try:
                text = value.decode("utf-8")
            except UnicodeDecodeError:
                raise WireError(f"{name} is not UTF-8") from None
            if kind == "strings":
                out[name].append(text)
            else:
                out[name] = text
        elif kind == "bool":
            out[name] = value != 0
        elif kind in ("enum", "int"):
            out[name] = value - (1 << 64) if value >> 63 else value
        else:
            out[name] = decode(kind, value)
    return out


def encode(schema: dict, message: dict) -> bytes:
    """The message's bytes, fields in order of their numbers, defaults left out."""
    out = bytearray()
    for number in sorted(schema):
        name, kind = schema[number]
        value = message.get(name)
        if not value:
            continue
        if kind in ("enum", "bool", "int"):
            out += varint(number << 3) + varint(int(value))
            continue
        if kind == "strings":
            blobs = [text.encode() for text in value]
        else:
            blobs = [value.encode() if kind == "string" else encode(kind, value)]
        for blob in blobs:
            out += varint(number << 3 | 2) + varint(len(blob)) + blob
    return bytes(out)
