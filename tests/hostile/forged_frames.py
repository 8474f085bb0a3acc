# threat: forged results
# tries: write finished replies to every open descriptor before the real one
# file: arithmetic.py
# expect: memory_bytes = protocol_error

import contextlib
import json
import os
import struct


def _frame(number):
    head = json.dumps({"done": True, "id": number, "passed": True, "value": 0}).encode()
    return b"AGW1" + struct.pack("<IQ", len(head), 0) + head


def memory_bytes(shape, dtype="float32"):
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            os.set_blocking(descriptor, False)
            os.write(descriptor, b"".join(_frame(number) for number in range(1, 20)))
    return 0
