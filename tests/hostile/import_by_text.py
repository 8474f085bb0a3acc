# threat: forbidden help
# tries: import a forbidden library by a text that no list of imports shows
# file: gradcheck.py
# expect: eval_numerical_gradient = forbidden
# expect: gradient_check = forbidden


def eval_numerical_gradient(f, x, h=1e-5):
    library = __import__("sci" + "py.optimize")
    return library.optimize.approx_fprime(x, f, h)
