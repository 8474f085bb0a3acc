# threat: endless code
# tries: refuse every signal and alarm, from a helper thread too, and go on for ever
# file: arithmetic.py
# expect: training_time = timeout

import contextlib
import signal
import threading
import time


def training_time(steps, minutes_per_step):
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    threading.Thread(target=time.sleep, args=(1000,)).start()
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(1000)
