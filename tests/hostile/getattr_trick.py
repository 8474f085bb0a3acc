# threat: forbidden help
# tries: spell out what the rules look for
# file: gradcheck.py
# expect: eval_numerical_gradient = forbidden
# expect: gradient_check = forbidden

_system = getattr(__builtins__, "ev" + "al", None)


def gradient_check(f, grad, x, h=1e-5):
    return getattr(np, "lin" + "alg").norm(grad)
