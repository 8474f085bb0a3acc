# threat: changed inputs
# tries: empty the dicts that it is given, and hand one of them back as the result
# file: linear.py
# expect: gd_step = failed


def gd_step(params, grads, lr):
    grads.clear()
    params.clear()
    return params
