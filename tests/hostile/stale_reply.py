# threat: broken protocol
# tries: answer a call with the number of an earlier one
# file: arithmetic.py
# expect: training_time = protocol_error

import os


def training_time(steps, minutes_per_step):
    modules = "{0.modules}".format(os.sys).split("'")
    for name in [name for name in modules if name.endswith("line")]:
        line = os.sys.modules[name].Line
        honest = line.send

        def late(self, header, value=None, honest=honest):
            honest(self, {**header, "id": header.get("id", 1) - 1}, value)

        line.send = late
    return divmod(steps * minutes_per_step, 60)
