"""From --device to backends: an error with cuda, the CPU with auto, and what a lane does next."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import FIRST, SECOND, FakeNvml

from autograder import cli
from autograder.assignment import Assignment
from autograder.errors import NoGpu, SandboxError, UsageError
from autograder.grading.lane import Lane
from autograder.grading.tasks import Settings, Task, report_path
from autograder.report import Report
from autograder.sandbox import backends
from autograder.sandbox import choice as sandboxes
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found, lease, reach
from autograder.sandbox.gpu.choice import Device, OnGpu, on_gpu
from autograder.sandbox.process import ProcessBackend
from autograder.suite.plugin import Suite, run_session

HandIn = Callable[..., Path]
PLAN = Plan("sha256:cpu", 512, reuse=3, runtime="runsc")


@pytest.fixture
def with_torch(mini_course: Assignment) -> Assignment:
    """The miniature course's assignment, as if it were one of PyTorch."""
    return mini_course.model_copy(update={"runtime": "torch"})


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with two GPUs and a PyTorch with CUDA."""
    monkeypatch.setattr(found, "_nvml", FakeNvml)
    monkeypatch.setattr(reach, "check_torch", lambda: None)
    monkeypatch.setattr(lease, "FOLDERS", tmp_path)
    monkeypatch.setattr(backends, "WAIT_S", 0.0)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a driver."""
    monkeypatch.setattr(found, "_nvml", lambda: FakeNvml(driver=False))


def test_the_cpu_asks_for_nothing(with_torch: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --device no GPU is looked for."""
    monkeypatch.setattr(found, "gpus", lambda: 1 / 0)
    assert on_gpu(Device.CPU, with_torch, None, 1) == (None, "")


@pytest.mark.usefixtures("two_gpus")
def test_numpy_stays_on_the_cpu(mini_course: Assignment) -> None:
    """With auto silently; with cuda it is an error that says what to do."""
    assert on_gpu(Device.AUTO, mini_course, None, 1) == (None, "")
    with pytest.raises(UsageError, match="mini is a numpy assignment.*leave --device out"):
        on_gpu(Device.CUDA, mini_course, None, 1)


@pytest.mark.usefixtures("two_gpus")
def test_lanes_are_as_many_as_leases(with_torch: Assignment) -> None:
    """GPUs x --gpu-jobs; only auto may do without."""
    assert on_gpu(Device.CUDA, with_torch, None, 1)[0] == OnGpu(False, 1, 2)
    assert on_gpu(Device.AUTO, with_torch, None, 3)[0] == OnGpu(True, 3, 6)


@pytest.mark.usefixtures("no_gpu")
def test_no_driver(with_torch: Assignment) -> None:
    """An error with cuda, a note with auto."""
    with pytest.raises(NoGpu, match="no NVIDIA driver answers here"):
        on_gpu(Device.CUDA, with_torch, None, 1)
    gpu, note = on_gpu(Device.AUTO, with_torch, None, 1)
    assert gpu is None
    assert note.startswith("No GPU was used: no NVIDIA driver answers here")


@pytest.mark.usefixtures("two_gpus")
def test_containers_are_of_the_image_with_cuda(
    with_torch: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Used as those on the CPU would be; without the image it is an error that names it."""
    asked: list[Any] = []

    def plan(*given: object, **settings: object) -> tuple[Plan, str]:
        asked.append((given, settings))
        return replace(PLAN, image="sha256:cuda"), ""

    monkeypatch.setattr(sandboxes, "plan", plan)
    gpu, _ = on_gpu(Device.CUDA, with_torch, PLAN, 1)
    assert gpu is not None
    assert gpu.containers == replace(PLAN, image="sha256:cuda")
    assert asked == [(("docker", "cuda"), {"reuse": 3, "engine_runtime": "runsc"})]


def test_settings_cross_to_a_lane() -> None:
    """As JSON and back, with and without containers."""
    for plan in (None, PLAN):
        settings = Settings("mini", "/root", "/out", containers=plan, gpu=OnGpu(True, 2, 4, plan))
        assert Settings.read(json.dumps(asdict(settings))) == settings
    assert Settings.read(json.dumps(asdict(Settings("a", "b", "c")))).gpu is None


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize("optional", [True, False])
def test_each_lane_has_a_gpu_of_its_own(
    with_torch: Assignment, monkeypatch: pytest.MonkeyPatch, optional: bool
) -> None:
    """Two get one each; a third gets none, and the CPU where that will do."""
    monkeypatch.setattr(backends, "prove", lambda *_: 0.1)
    gpu = OnGpu(optional, 1, 2)
    held = [backends.of_assignment(with_torch, None, gpu) for _ in range(2)]
    names = [[each.describe().device for each in lane] for lane in held]
    assert names == [["cuda", "cpu"] if optional else ["cuda"]] * 2
    if optional:
        (third,) = backends.of_assignment(with_torch, None, gpu)
        assert third.describe().device == "cpu"
    else:
        with pytest.raises(SandboxError, match="all 2 GPUs are leased"):
            backends.of_assignment(with_torch, None, gpu)
    for lane in held:
        for each in lane:
            each.shutdown()
    assert [lease.is_leased(each) for each in (FIRST, SECOND)] == [False, False]


@pytest.mark.usefixtures("two_gpus")
def test_a_gpu_that_computes_nothing_is_given_back(
    with_torch: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the proof raises is raised, and the lease is over."""

    def fail(*_: object) -> float:
        raise SandboxError("CUDA does not start: RuntimeError: no kernel image")

    monkeypatch.setattr(backends, "prove", fail)
    with pytest.raises(SandboxError, match="no kernel image"):
        backends.of_assignment(with_torch, None, OnGpu(False, 1, 2))
    assert not lease.is_leased(FIRST)


class Lost(ProcessBackend):
    """On a GPU that has fallen off the bus."""

    renewed = 0

    def open(self, *_: object) -> Any:
        """Fail."""
        raise SandboxError("the GPU is lost")

    def describe(self) -> Any:
        """Say that it is a GPU."""
        return super().describe().model_copy(update={"device": "cuda"})

    def renew(self) -> None:
        """Count."""
        self.renewed += 1


@pytest.mark.parametrize("optional", [True, False])
def test_a_lost_gpu_is_tried_again_and_then_done_without(
    mini_course: Assignment,
    hand_in: HandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    optional: bool,
) -> None:
    """With auto the report is one of the CPU; with cuda it is no verdict, and no report."""
    gpu, cpu = Lost(mini_course.root), ProcessBackend(mini_course.root)
    used = (gpu, cpu) if optional else (gpu,)
    monkeypatch.setattr(backends, "of_assignment", lambda *_: used)
    settings = Settings("mini", str(mini_course.root), str(tmp_path / "out"))
    place = report_path(tmp_path / "out", "ann")
    answers = []

    def drive(suite: Suite) -> None:
        answers.append(Lane(suite, settings).grade(Task("ann", str(hand_in("ann")))))

    run_session(mini_course, b"secret", drive)
    cpu.shutdown()
    assert gpu.renewed == 2
    if optional:
        report = Report.load(place.read_bytes())
        assert report.sandbox is not None
        assert (report.score, report.sandbox.device) == (100, "cpu")
    else:
        assert (answers[0].failed, place.exists()) == ("the GPU is lost", False)


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("cuda", "mini is a numpy assignment, which has no use for it: leave --device out"),
        ("gpu", "no device 'gpu'; there are: cpu, cuda, auto"),
    ],
)  # fmt: skip
def test_the_command_says_what_is_wrong(
    mini_course: Assignment,
    hand_in: HandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    device: str,
    said: str,
) -> None:
    """One line, and exit 2."""
    monkeypatch.chdir(mini_course.root)
    assert cli.main(["grade", "mini", str(hand_in("ann")), "--device", device]) == 2
    assert capsys.readouterr().err == f"autograder: {said}\n"
