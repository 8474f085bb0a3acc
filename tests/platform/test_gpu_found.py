"""GPUs are what NVML says; what is missing is named."""

import pytest
from fake_nvml import FIRST, SECOND, FakeNvml

from autograder.errors import NoGpu, SandboxError
from autograder.sandbox.gpu import found


def test_all_gpus_are_told_of() -> None:
    """Each with its UUID, name, node, memory in MiB and driver; and NVML is shut down again."""
    nvml = FakeNvml()
    assert found.gpus(nvml) == [FIRST, SECOND]
    assert nvml.open == 0


def test_a_lost_gpu_is_left_out() -> None:
    """The others still count."""
    assert found.gpus(FakeNvml(lost=(FIRST.uuid,))) == [SECOND]


def test_only_lost_gpus_are_none() -> None:
    """Said with how many there are."""
    nvml = FakeNvml(lost=(FIRST.uuid, SECOND.uuid))
    with pytest.raises(NoGpu, match="no GPU that works here: 2 of them do not answer"):
        found.gpus(nvml)
    assert nvml.open == 0


def test_no_gpu_at_all() -> None:
    """A driver alone is none."""
    with pytest.raises(NoGpu, match="no GPU that works here$"):
        found.gpus(FakeNvml(gpus=()))


def test_no_driver() -> None:
    """The error says what to look at, and how to do without."""
    with pytest.raises(NoGpu, match="Driver Not Loaded.*nvidia-smi.*--device cpu"):
        found.gpus(FakeNvml(driver=False))


def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package to install is named."""
    monkeypatch.setitem(__import__("sys").modules, "pynvml", None)
    with pytest.raises(NoGpu, match="pip install nvidia-ml-py"):
        found.gpus()


def test_no_gpu_is_the_infrastructure() -> None:
    """It is tried again or done without, and never a zero."""
    assert issubclass(NoGpu, SandboxError)
