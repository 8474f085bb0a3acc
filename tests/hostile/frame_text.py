# threat: reading expected values
# tries: read the callers' local variables as text, without a word that the rules refuse
# file: losses.py
# expect: svm_loss_naive = failed

import re
import traceback


def svm_loss_naive(W, X, y, reg):
    for frame, _ in traceback.walk_stack(None):
        seen = "{0.f_locals}".format(frame)
        if found := re.search(r"'want': (?:\()?([-\d.e]+)", seen):
            return float(found[1]), np.zeros_like(W)
    return 0.0, np.zeros_like(W)
