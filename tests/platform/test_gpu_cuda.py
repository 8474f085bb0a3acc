"""How CUDA is started in an exercise's process, with a stand-in for torch where it needs a GPU."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from fake_nvml import FIRST

from autograder.errors import SandboxError
from autograder.sandbox.gpu import doctor, proof, reach
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.inside import cuda, tensors
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.walls import Walls, strongest_walls

GIGABYTE = 2**30


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in whose GPU has 10 GiB, 6 of them free."""
    library = MagicMock()
    library.cuda.mem_get_info.return_value = (6 * GIGABYTE, 10 * GIGABYTE)
    monkeypatch.setitem(sys.modules, "torch", library)
    return library


def test_results_can_be_repeated(torch: Any) -> None:
    """No TF32, no choice by the clock, deterministic algorithms where there are some."""
    assert cuda.start(1024) == ""
    assert torch.backends.cuda.matmul.allow_tf32 is False
    assert torch.backends.cudnn.allow_tf32 is False
    assert torch.backends.cudnn.benchmark is False
    torch.use_deterministic_algorithms.assert_called_once_with(True, warn_only=True)


def test_memory_is_limited_before_anything_is_taken(torch: Any) -> None:
    """To the limit's share of the whole GPU."""
    assert cuda.start(1024) == ""
    named = [call[0] for call in torch.mock_calls]
    limit = "cuda.set_per_process_memory_fraction"
    torch.cuda.set_per_process_memory_fraction.assert_called_once_with(0.1)
    assert named.index("cuda.init") < named.index(limit) < named.index("zeros")


def test_a_full_gpu_is_said(torch: Any) -> None:
    """With both numbers; nothing is taken."""
    assert cuda.start(7000) == ("6144 MB are free on the GPU, and an exercise may use 7000 MB")
    torch.zeros.assert_not_called()


def test_what_cuda_says_is_passed_on(torch: Any) -> None:
    """In one line, and short."""
    torch.cuda.init.side_effect = RuntimeError("no\ndriver" + 500 * "!")
    said = cuda.start(1024)
    assert said.startswith("CUDA does not start: RuntimeError: no driver!")
    assert len(said) < 300


def test_memory_that_cublas_does_not_get_is_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch tells of it by another error than of its own allocator's."""
    kinds = SimpleNamespace(OutOfMemoryError=type("OutOfMemoryError", (RuntimeError,), {}))
    monkeypatch.setitem(sys.modules, "torch", kinds)
    full = RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`")
    assert tensors.is_out_of_memory(full)
    assert tensors.is_out_of_memory(kinds.OutOfMemoryError("CUDA out of memory"))
    assert not tensors.is_out_of_memory(RuntimeError("mat1 and mat2 shapes"))


@pytest.mark.skipif(strongest_walls() is not Walls.BUBBLEWRAP, reason="bubblewrap is not usable")
def test_a_sandbox_without_a_gpu_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real worker and the real torch, told to use a GPU that cannot be reached."""
    pytest.importorskip("torch")
    monkeypatch.setattr(reach, "NODES", ())
    monkeypatch.setattr(reach, "nodes", lambda _: ["/dev/null"])
    backend = ProcessBackend(Path(__file__).parents[2], "torch", lease=Lease(FIRST))
    try:
        with pytest.raises(SandboxError, match="CUDA does not start"):
            proof.prove(backend, doctor.LIMITS)
    finally:
        backend.shutdown()
