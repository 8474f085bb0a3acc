# threat: broken protocol
# tries: shut the connection down while the grader waits, so that it breaks in its hands
# file: arithmetic.py
# expect: training_time = protocol_error

import contextlib
import socketserver


def training_time(steps, minutes_per_step):
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            socketserver.socket.socket(fileno=descriptor).shutdown(2)
    return divmod(steps * minutes_per_step, 60)
