# threat: crashed grader
# tries: describe arrays whose shape, bytes and offsets do not belong together
# file: arithmetic.py
# expect: training_time = protocol_error

import contextlib
import json
import os
import time


def training_time(steps, minutes_per_step):
    giant = {"a": ["f8", [2**31 - 1, 2**31 - 1, 2**20], 0, 8, "C"]}
    head = json.dumps({"done": True, "id": 1, "value": {"t": [giant, giant]}}).encode()
    frame = b"AGW1" + len(head).to_bytes(4, "little") + (8).to_bytes(8, "little") + head + bytes(8)
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            os.write(descriptor, frame)
    time.sleep(0.2)
    return 0, 0
