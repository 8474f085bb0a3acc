# threat: broken protocol
# tries: send a reply byte by byte, so slowly that it never ends
# file: arithmetic.py
# expect: training_time = timeout

import contextlib
import os
import time


def training_time(steps, minutes_per_step):
    head = b'{"done": true, "id": 1, "value": 0}'
    frame = b"AGW1" + len(head).to_bytes(4, "little") + bytes(8) + head
    for place in range(len(frame)):
        for descriptor in range(3, 100):
            with contextlib.suppress(OSError):
                os.write(descriptor, frame[place : place + 1])
        time.sleep(1)
    return 0, 0
