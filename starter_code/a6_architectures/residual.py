# Generated from solutions/a6_architectures/residual.py by `autograder starter`.
# Write your code where it says NotImplementedError.
r"""A residual block, forward and backward, with arrays: what autograd does for you elsewhere.

    x ---> conv 3x3 ---> ReLU ---> conv 3x3 ---> + ---> ReLU ---> out
     \_______________ shortcut ________________/

The shortcut is x itself, or a convolution of 1 x 1 (a projection) where x does not have the shape
of what it is added to. Images come as (N, C, H, W), in double precision. No function changes the
arrays that it is given. PyTorch does the convolutions: `conv_forward` and `conv_backward` are here
for you to use.
"""

import numpy as np
import torch


def conv_forward(x, w, b, stride, pad):
    """The convolution of x (N, C, H, W) with filters w (F, C, HH, WW) and biases b (F,).

    Returns (N, F, H_out, W_out), with H_out = floor((H + 2 pad - HH) / stride) + 1, W_out likewise.
    """
    x, w, b = (torch.tensor(np.ascontiguousarray(each)) for each in (x, w, b))
    return torch.nn.functional.conv2d(x, w, b, stride, pad).numpy()


def conv_backward(dout, x, w, stride, pad):
    """The gradients of conv_forward for the upstream gradient dout (N, F, H_out, W_out).

    Returns dx (N, C, H, W), dw (F, C, HH, WW) and db (F,).
    """
    db = np.sum(dout, axis=(0, 2, 3))
    dout, x, w = (torch.tensor(np.ascontiguousarray(each)) for each in (dout, x, w))
    dx = torch.nn.grad.conv2d_input(x.shape, w, dout, stride, pad)
    dw = torch.nn.grad.conv2d_weight(x, w.shape, dout, stride, pad)
    return dx.numpy(), dw.numpy(), db


def residual_forward(x, params, stride=1):
    """The block's output: relu(branch + shortcut).

    x: (N, C, H, W) images.
    params: dict with
        "w1", "b1": (F, C, 3, 3) filters and (F,) biases of the first convolution, with the given
            stride and a padding of 1.
        "w2", "b2": (F, F, 3, 3) and (F,), of the second one, with stride 1 and a padding of 1.
        "wp", "bp": (F, C, 1, 1) and (F,), of the projection, with the given stride and no padding.
            Where params have no "wp", the shortcut is x itself.
    stride: of the first convolution and of the projection.

    The branch is conv, ReLU, conv; the second ReLU comes after the addition. So a block whose
    weights and biases are all zero, without a projection, returns relu(x): it starts as (almost) no
    layer at all, and that is why networks of a hundred such blocks can be trained.

    Returns:
        out: (N, F, H_out, W_out).
        cache: whatever residual_backward needs.

    Raises a ValueError where there is no projection and the branch has another shape than x:
    broadcasting must not hide it.
    """
    raise NotImplementedError("residual_forward: your code here")


def residual_backward(dout, cache):
    """The gradients of residual_forward.

    dout: (N, F, H_out, W_out) upstream gradient.  cache: from residual_forward.

    Returns:
        dx: (N, C, H, W). x reaches out on two ways, through the branch and through the shortcut:
            their gradients add up. Without a projection the shortcut passes its gradient on as it
            is, which is what keeps gradients alive in deep networks.
        grads: dict with a gradient for each entry of params: the same names, the same shapes.

    The slope of the ReLU at 0 is 0. Work it out by hand: autograd is for later.
    """
    raise NotImplementedError("residual_backward: your code here")
