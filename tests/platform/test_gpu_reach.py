"""A sandbox reaches the GPU that it has leased, and one on the CPU reaches none."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import FIRST, SECOND

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.gpu import reach
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.process import Keeper, ProcessBackend
from autograder.sandbox.walls import Site, Walls, bubblewrap

ROOT = Path(__file__).parents[2]


def bound(arguments: list[str]) -> list[str]:
    """Return the device files that bubblewrap is told to hand in."""
    return [after for flag, after in itertools.pairwise(arguments) if flag == "--dev-bind"]


def test_only_the_leased_gpu_is_bound() -> None:
    """Its own node and the two that all GPUs share."""
    arguments = bubblewrap(Site.of("numpy"), ROOT, reach.bound(FIRST))
    assert bound(arguments) == ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia3"]
    assert arguments.index("--dev-bind") > arguments.index("--dev")
    assert arguments[-1] == "--"


def test_nothing_is_bound_on_the_cpu() -> None:
    """No word of NVIDIA's in the arguments."""
    arguments = bubblewrap(Site.of("numpy"), ROOT, reach.bound(None))
    assert bound(arguments) == []
    assert [each for each in arguments if "/dev/nvidia" in each] == []


def test_the_environment_names_the_gpu() -> None:
    """By its UUID, so that its place among others does not matter; and cuBLAS is repeatable."""
    told = reach.environment(SECOND.uuid)
    assert told["CUDA_VISIBLE_DEVICES"] == SECOND.uuid
    assert told["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_what_a_submission_is_told() -> None:
    """The limit on the GPU, CUDA's own share of the main memory, and the nodes to open."""
    told = reach.told(FIRST, Limits(memory_mb=100, gpu_memory_mb=2000))
    assert told["gpu_memory"] == 2000
    assert told["memory"] == (100 + reach.HOST_MB) * 2**20
    assert told["devices"] == reach.nodes(FIRST)


def test_a_process_needs_bubblewrap_for_a_gpu() -> None:
    """Weaker walls would let it reach every GPU, or none."""
    with pytest.raises(SandboxError, match="only behind bubblewrap"):
        ProcessBackend(ROOT, "torch", walls=Walls.NONE, lease=Lease(FIRST))


def test_a_build_without_cuda_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which build is there and what to do."""
    torch: Any = pytest.importorskip("torch")
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(SandboxError, match="a build without CUDA.*docs/gpu.md"):
        reach.check_torch()
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    reach.check_torch()


def test_killing_does_not_wait_for_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper that does not end although it was killed is left behind after a while."""
    monkeypatch.setattr("autograder.sandbox.process.end_tree", lambda *_: None)
    monkeypatch.setattr("autograder.sandbox.process.KILLED_S", 0.2)
    keeper = Keeper("numpy", ["/bin/sh", "-c", "exec sleep 30", "sh"], "/", None)
    assert keeper.kill() == "it was killed and does not end: the kernel or a driver holds it"
    keeper._process.kill()
    keeper._process.wait()
