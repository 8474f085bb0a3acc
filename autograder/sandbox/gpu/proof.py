"""The proof that student code reaches a GPU: a small exercise of our own, handed in and judged."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.faults import StudentFault
from autograder.sandbox.gpu.session import conversation
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.tensors import Tensor
from autograder.sandbox.inside.wire import Ref

FILE = b"""
import torch

def product(a, b, upstream):
    a, b = a.requires_grad_(), b.requires_grad_()
    out = a @ b
    return out, *torch.autograd.grad(out, (a, b), upstream), out.device.type
"""
SHAPES = ((37, 29), (29, 53), (37, 53))
# Single precision without TF32, whose ten bits would be off by a thousand times as much.
TOLERANCE = 1e-5


def prove(backend: Backend, limits: Limits) -> float:
    """Have a product and its gradients computed; the seconds it took. Raises SandboxError."""
    started = time.monotonic()
    session = conversation(backend, Load({"proof.py": FILE}, ["proof"]), limits)
    draw = np.random.default_rng(0)
    a, b, upstream = (draw.normal(size=shape).astype(np.float32) for shape in SHAPES)
    try:
        session.begin("proof")
        given = tuple(Tensor(array, "float32") for array in (a, b, upstream))
        function = Ref(ROOT, (("attr", "product"),))
        *results, device = session.request("call", (function, given, {}))
    except StudentFault as fault:
        raise SandboxError(f"nothing can be computed on the {session.device}: {fault}") from fault
    finally:
        session.close()
    _compare(results, (a @ b, upstream @ b.T, a.T @ upstream))
    if device != session.device:
        raise SandboxError(f"what should be computed on {session.device} is computed on {device}")
    return time.monotonic() - started


def _compare(got: Sequence[Tensor], want: tuple[np.ndarray, ...]) -> None:
    for theirs, mine in zip(got, want, strict=True):
        error = np.abs(theirs.array - mine).max() / np.abs(mine).max()
        if not error <= TOLERANCE:
            raise SandboxError(f"a product of matrices is wrong by {error:.1e}: is TF32 on?")
