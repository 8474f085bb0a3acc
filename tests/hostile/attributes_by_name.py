# threat: reading expected values
# tries: go from a function to its module's inner life by names that begin with underscores
# file: gradcheck.py
# expect: eval_numerical_gradient = forbidden
# expect: gradient_check = forbidden

_everything = ().__class__.__base__.__subclasses__()


def gradient_check(f, grad, x, h=1e-5):
    return f.__globals__.get("want", 0.0)
