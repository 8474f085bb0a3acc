"""Frames of the trust line: a JSON header with a value's tree, and the value's arrays.

A frame is ``magic (4) | header length (u32) | payload length (u64) | header | payload``,
little-endian. Sizes are checked before memory is taken.
"""

from __future__ import annotations

import json
import struct
from typing import Any, NoReturn

from .wire import MAX_PAYLOAD, Encoded, WireError, decode, to_json, tree_of

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"AGW1"
MAX_HEADER = 256 * 1024


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


_decoder = json.JSONDecoder(parse_constant=_refuse)


def pack(header: dict[str, Any], value: object = None) -> bytes:
    """One frame: `header` with `value` encoded under ``value``, and the arrays it holds."""
    tree, payload = tree_of(value)
    return _framed(to_json(dict(header, value=tree)), payload)


def frame(header: dict[str, Any], value: Encoded) -> bytes:
    """One frame with a value that is encoded."""
    return _framed(f"{to_json(dict(header, value=None))[:-5]}{value.tree}}}", value.payload)


def _framed(text: str, payload: bytes) -> bytes:
    head = text.encode(errors="surrogatepass")  # as json.loads reads it
    if len(head) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise WireError("a value is too large for the wire")
    return PREFIX.pack(MAGIC, len(head), len(payload)) + head + payload


def sizes(prefix: bytes | bytearray) -> tuple[int, int]:
    """Header and payload length from a frame's first bytes, within the caps."""
    magic, head, payload = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("not a frame")
    if head > MAX_HEADER or payload > MAX_PAYLOAD:
        raise WireError("a frame is larger than the wire allows")
    return head, payload


def unpack(head: bytes | bytearray, payload: bytearray) -> tuple[dict[str, Any], Any]:
    """The header and the decoded value of a frame; arrays are views of `payload`."""
    header, tree = read_header(head)
    return header, decode(tree, payload)


def read_header(head: bytes | bytearray) -> tuple[dict[str, Any], Any]:
    """The header of a frame, and its value's tree."""
    try:
        text = head.decode(errors="surrogatepass")
        header, end = _decoder.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error
    if end != len(text) or type(header) is not dict or "value" not in header:
        raise WireError("a header is not an object with a value")
    return header, header.pop("value")
