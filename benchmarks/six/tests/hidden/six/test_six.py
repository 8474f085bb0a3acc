"""Three cases of each exercise, as the other platforms have them."""

import pytest

from autograder.suite import exercise

CASES = pytest.mark.parametrize("case", range(3))


@CASES
@exercise("affine_forward")
def test_affine_forward(student, reference, rng, close, case):
    """The output agrees with the reference."""
    given = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    close(student.affine_forward(*given), reference.affine_forward(*given))


@CASES
@exercise("affine_backward")
def test_affine_backward(student, reference, rng, close, case):
    """The gradients agree with the reference."""
    given = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
    close(student.affine_backward(*given), reference.affine_backward(*given))


@CASES
@exercise("relu_forward")
def test_relu_forward(student, reference, rng, close, case):
    """The output agrees with the reference."""
    x = rng.normal(size=(5, 4))
    close(student.relu_forward(x), reference.relu_forward(x))


@CASES
@exercise("relu_backward")
def test_relu_backward(student, reference, rng, close, case):
    """The gradient agrees with the reference."""
    given = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    close(student.relu_backward(*given), reference.relu_backward(*given))


@CASES
@exercise("softmax_loss")
def test_softmax_loss(student, reference, rng, close, case):
    """Loss and gradient agree with the reference."""
    given = rng.normal(size=(5, 4)), rng.integers(4, size=5)
    close(student.softmax_loss(*given), reference.softmax_loss(*given))


@CASES
@exercise("sgd")
def test_sgd(student, reference, rng, close, case):
    """The step agrees with the reference."""
    given = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), 0.1
    close(student.sgd(*given), reference.sgd(*given))
