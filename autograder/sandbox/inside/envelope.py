"""Several conversations over one byte stream: each piece says in five bytes what it belongs to.

A piece is ``kind (u8) | length (u32) | bytes``, little-endian. Both ends of a container's stdin and
stdout speak it; student code never holds either.
"""

from __future__ import annotations

import struct

HEAD = struct.Struct("<BI")
CONTROL = 1  # a whole frame between the trusted side and the keeper
DATA = 2  # bytes between the trusted side and the submission's process
HANG_UP = 3  # one side is done with the submission


def head(kind: int, length: int) -> bytes:
    """The first bytes of a piece."""
    return HEAD.pack(kind, length)
