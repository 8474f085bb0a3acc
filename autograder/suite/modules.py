"""A hidden test's hands on torch modules in the sandbox: weights, gradients, shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.sandbox.inside.arrays import DTYPES
from autograder.sandbox.inside.tensors import BFLOAT16, STORED, Tensor
from autograder.suite.remote import Remote, Sandbox, fetch

# Runs on the other side of the wire; what it says is a claim, as all that comes from there.
HANDS = """
import torch

class Hands:
    def state(self, module):
        return {name: value for name, value in module.state_dict().items()}

    def load(self, module, state):
        with torch.no_grad():
            for name, value in module.state_dict().items():
                value.copy_(torch.as_tensor(state[name]))

    def vjp(self, function, inputs, upstream):
        leaves = [x.detach().requires_grad_() if x.is_floating_point() else x for x in inputs]
        known = getattr(function, "named_parameters", dict)
        weights = {name: w for name, w in dict(known()).items() if w.requires_grad}
        output = function(*leaves)
        wanted = [x for x in leaves if x.requires_grad] + list(weights.values())
        found = torch.autograd.grad(output, wanted, upstream, allow_unused=True)
        found = [torch.zeros_like(w) if g is None else g for w, g in zip(wanted, found)]
        count = len(wanted) - len(weights)
        return output, tuple(found[:count]), dict(zip(weights, found[count:]))

    def meta(self, build, args, kwargs):
        with torch.device("meta"):
            return build(*args, **kwargs)

    def trace(self, module, shape):
        seen, hooks = [], []
        def note(layer, _, output):
            seen.append((type(layer).__name__, tuple(output.shape)))
        for layer in module.modules():
            if not list(layer.children()):
                hooks.append(layer.register_forward_hook(note))
        first = next(module.parameters())
        try:
            with torch.no_grad():
                output = module(torch.empty(shape, dtype=first.dtype, device=first.device))
        finally:
            for hook in hooks:
                hook.remove()
        return seen, tuple(output.shape)

hands = Hands()
"""


def tensor(array: Any, dtype: str = "float32") -> Tensor:
    """A value that arrives as a tensor of that dtype (torch's name), laid out as the array is."""
    if dtype != BFLOAT16:
        return Tensor(np.asarray(array).astype(DTYPES[STORED[dtype]], order="K", copy=False), dtype)
    bits = np.asarray(array).astype(np.float32, order="K", copy=False).view(np.uint32)
    nearest_even = bits + 0x7FFF + ((bits >> 16) & 1)
    return Tensor(np.asarray(nearest_even >> 16, np.uint16), dtype)


class Modules:
    """Hands on the modules of one test's sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._defined: Remote | None = None

    @property
    def _hands(self) -> Remote:
        if self._defined is None:
            self._defined = self._sandbox.define(HANDS, "hands")
        return self._defined

    def state(self, module: Remote) -> dict[str, np.ndarray]:
        """The values of a module's state_dict by name, in its order."""
        return _arrays(fetch(self._hands.state(module)))

    def load(self, module: Remote, state: Mapping[str, Any]) -> None:
        """Copy values into a module's parameters and buffers, by their names there."""
        self._hands.load(module, dict(state))

    def vjp(self, function: Remote, inputs: Sequence[Any], upstream: Any) -> tuple[Any, Any, Any]:
        """The output, and the gradients of <output, upstream>: of inputs, of parameters by name.

        `function` may be a module or any function of tensors; inputs of integers have no gradient.
        """
        output, of_inputs, of_weights = self._hands.vjp(function, tuple(inputs), upstream)
        return fetch(output), fetch(of_inputs), fetch(of_weights)

    def meta(self, build: Remote, *args: Any, **kwargs: Any) -> Remote:
        """Call what builds a module, on the device `meta`: shapes without values, at any size."""
        made: Remote = self._hands.meta(build, args, kwargs)
        return made

    def trace(
        self, module: Remote, shape: Sequence[int]
    ) -> tuple[list[tuple[str, tuple[int, ...]]], tuple[int, ...]]:
        """What a forward pass on an input of that shape goes through, and its output's shape.

        (class, output shape) of each layer without layers of its own, in the order of their calls.
        """
        seen, last = self._hands.trace(module, tuple(shape))
        return fetch(seen), fetch(last)


def _arrays(state: Any) -> dict[str, np.ndarray]:
    return {name: value.array for name, value in state.items()}
