# threat: crashed grader
# tries: send the grader a header that its parser runs out of stack on
# file: arithmetic.py
# expect: training_time = protocol_error

import contextlib
import os
import time


def training_time(steps, minutes_per_step):
    head = b'{"done": true, "id": 1, "value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    frame = b"AGW1" + len(head).to_bytes(4, "little") + bytes(8) + head
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            os.write(descriptor, frame)
    time.sleep(0.2)
    return 0, 0
