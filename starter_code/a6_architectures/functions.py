# Generated from solutions/a6_architectures/functions.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""An operation that autograd does not know: you give it the forward and the backward pass.

The operation is Swish with a slope that can be learnt: swish(x, beta) = x * sigmoid(beta * x). For
beta = 0 it is x / 2, and for a large beta it is nearly the ReLU.
"""

import torch


class Swish(torch.autograd.Function):
    """Swish, with gradients for x and for beta.

    PyTorch calls `forward` when `Swish.apply(x, beta)` is called, and `backward` when the gradient
    comes back. `ctx` belongs to this one call; it carries what you want to remember from one to the
    other. A graph may hold many calls: nothing may be kept in the class or in globals.
    """

    @staticmethod
    def forward(ctx, x, beta):
        """The value x * sigmoid(beta * x), in the shape and dtype of x.

        x: float tensor of any shape, contiguous or not.  beta: float tensor of shape ().

        Values in the thousands, of either sign, neither overflow nor give NaN, here and in
        backward, in single precision, too. Tensors that backward needs are kept with
        ctx.save_for_backward: then PyTorch notices when one of them is changed in place in between,
        and raises an error instead of giving a wrong gradient.
        """
        raise NotImplementedError("Swish.forward: your code here")

    @staticmethod
    def backward(ctx, dout):
        """The gradients of the loss with respect to x and beta, worked out by hand.

        dout: upstream gradient, in the shape of x; it is not changed.

        Returns dx, in the shape of x, and dbeta, of shape () like beta. A gradient that nobody asks
        for is None: ctx.needs_input_grad says which of the two are wanted.
        """
        raise NotImplementedError("Swish.backward: your code here")


def swish(x, beta):
    """The activation as a function, to be used like torch.relu."""
    return Swish.apply(x, beta)
