# threat: shadow modules
# tries: have nothing but a false numpy taken for the submission
# upload: numpy.py
# expect: rejected


def content(solution):
    return b"def __getattr__(name):\n    return lambda *_, **__: 0.0\n" + solution["losses.py"]
