"""Checks for functions.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import functions
import pytest
import torch


def double(values):
    """A tensor in double precision that wants a gradient."""
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_values():
    """sigmoid(log 3) = 3/4, so for beta = log 3 and x = 1 the result is 3/4; for x = 0 it is 0."""
    x, beta = double([1.0, 0.0, -1.0]), torch.log(double(3.0))
    got = functions.swish(x, beta).tolist()
    assert got == pytest.approx([0.75, 0.0, -0.25]), "x * sigmoid(beta * x)"


def test_gradients_at_zero():
    """At beta = 0 the function is x / 2, and its slope by beta is x^2 / 4."""
    x, beta = double([2.0, -4.0]), double(0.0)
    functions.swish(x, beta).backward(torch.tensor([1.0, 10.0], dtype=torch.float64))
    assert x.grad.tolist() == pytest.approx([0.5, 5.0]), "1/2 times the upstream gradient"
    assert beta.grad.item() == pytest.approx(1 + 40), "4/4 * 1 + 16/4 * 10: the sum over x"


@pytest.mark.filterwarnings("ignore")
def test_gradcheck():
    """PyTorch compares your gradients with slopes, in double precision."""
    torch.manual_seed(0)
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    beta = double(-1.3)
    assert torch.autograd.gradcheck(functions.swish, (x, beta)), "dx or dbeta is not the slope"
    assert torch.autograd.gradcheck(functions.swish, (x.T[::2], beta)), "other memory layouts, too"


def test_two_calls_in_one_graph():
    """Each call remembers its own input."""
    x, beta = double([0.5, -2.0, 3.0]), double(0.7)

    def twice(x, beta):
        return functions.swish(functions.swish(x, beta), 2 * beta)

    assert torch.autograd.gradcheck(twice, (x, beta)), "keep nothing outside of ctx"


def test_no_gradient_for_what_needs_none():
    """Without requires_grad there is nothing to work out: None."""
    x, beta = double([1.0, 2.0]).detach(), double(0.7)
    out = functions.swish(x, beta)
    dx, dbeta = functions.Swish.backward(out.grad_fn, torch.ones(2, dtype=torch.float64))
    assert dx is None, "ctx.needs_input_grad[0] is False here"
    assert dbeta.shape == (), "one number, as beta is"
