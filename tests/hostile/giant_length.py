# threat: broken protocol
# tries: announce a frame that no memory could hold
# file: arithmetic.py
# expect: training_time = protocol_error

import contextlib
import os
import time


def training_time(steps, minutes_per_step):
    prefix = b"AGW1" + (100).to_bytes(4, "little") + (2**62).to_bytes(8, "little")
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            os.write(descriptor, prefix)
    time.sleep(0.2)
    return divmod(steps * minutes_per_step, 60)
