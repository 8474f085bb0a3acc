# threat: broken protocol
# tries: announce a header that the real reply will be taken for
# file: arithmetic.py
# expect: training_time = protocol_error

import contextlib
import os


def training_time(steps, minutes_per_step):
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"AGW1" + (40).to_bytes(4, "little") + bytes(8))
    return divmod(steps * minutes_per_step, 60)
