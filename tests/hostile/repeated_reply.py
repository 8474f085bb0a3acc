# threat: broken protocol
# tries: answer each call twice, so that the second answer is taken for that of the next call
# file: arithmetic.py
# expect: training_time = protocol_error

import os


def training_time(steps, minutes_per_step):
    modules = "{0.modules}".format(os.sys).split("'")
    for name in [name for name in modules if name.endswith("line")]:
        line = os.sys.modules[name].Line
        if line.send.__name__ == "send":
            honest = line.send

            def stutter(self, header, value=None):
                honest(self, header, value)
                honest(self, header, value)

            line.send = stutter
    return divmod(steps * minutes_per_step, 60)
