# threat: forged results
# tries: take over the reply itself and claim that the call was right
# file: losses.py
# expect: svm_loss_naive = failed

import os


def svm_loss_naive(W, X, y, reg):
    modules = "{0.modules}".format(os.sys).split("'")
    for name in [name for name in modules if name.endswith("line")]:
        line = os.sys.modules[name].Line
        if line.send.__name__ == "send":
            honest = line.send

            def claim(self, header, value=None):
                honest(self, {**header, "done": True, "status": "passed", "score": 7}, (0.0, 0.0))

            line.send = claim
    return "right"
