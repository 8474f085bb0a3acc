# threat: endless code
# tries: stop its own process, which then cannot even be asked to end
# file: arithmetic.py
# expect: training_time = timeout

import signal


def training_time(steps, minutes_per_step):
    signal.raise_signal(signal.SIGSTOP)
