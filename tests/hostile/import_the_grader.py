# threat: reading expected values
# tries: import the grader's own package, and ask it for the reference
# file: losses.py
# expect: svm_loss_naive = failed

import contextlib
import logging.config


def svm_loss_naive(W, X, y, reg):
    find = logging.config.BaseConfigurator({}).resolve
    with contextlib.suppress(ValueError):
        grader = find("autograder.suite.reference")
        course = find("autograder.assignment")
        modules = grader.load_reference(course.load("a1_linear"))
        return modules["losses"].svm_loss_naive(W, X, y, reg)
    return 0.0, np.zeros_like(W)
