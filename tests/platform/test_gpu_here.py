"""What only a machine with a GPU can show: the whole of A6 there, and students who attack it.

The attacks are in `tests/hostile/gpu/`; that they are well formed is tested everywhere.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import hostile
from autograder.audit import mutants
from autograder.audit.mutants import Kind, Mutant, Variant
from autograder.errors import SandboxError
from autograder.grading import grade_class
from autograder.grading.results import result_of
from autograder.grading.tasks import Settings
from autograder.report import ExerciseStatus, Report
from autograder.sandbox.backend import Backend
from autograder.sandbox.gpu import choice, found, lease, proof
from autograder.sandbox.gpu import doctor as gpu_doctor
from autograder.sandbox.gpu.choice import Device
from autograder.sandbox.gpu.session import conversation
from autograder.sandbox.imports import Load
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Entry
from autograder.suite.plugin import Suite, run_session

REPO = Path(__file__).parents[2]
A6 = assignments.load("a6_architectures", REPO)
SOURCES = {name: (A6.solutions / name).read_bytes() for name in A6.files}
LINEUP = mutants.load(A6)
CHANGES = [*(m for m in LINEUP.mutants if m.kind is not Kind.EQUIVALENT), *LINEUP.variants]
ATTACKS = {attack.name: attack for attack in hostile.load(A6, "gpu")}


def why_not() -> str:
    """Why the process sandbox has no GPU here; empty where it has one."""
    try:
        choice.on_gpu(Device.CUDA, A6, None, 1)
    except SandboxError as error:
        return f"no GPU here: {error}"
    return ""


NO_GPU = why_not()
here = pytest.mark.skipif(bool(NO_GPU), reason=NO_GPU or "there is one")


def test_the_attacks_are_well_formed() -> None:
    """Each names a file of A6 and what becomes of its exercise."""
    assert {"memory_hog", "endless_kernel", "unsynchronised", "residue"} <= set(ATTACKS)
    for attack in ATTACKS.values():
        compile(attack.applied(SOURCES)[attack.file], attack.name, "exec")


@pytest.fixture(scope="module")
def on_both() -> Iterator[list[Backend]]:
    """A sandbox on the CPU and one on a GPU."""
    held = lease.take(found.gpus(), A6.limits.gpu_memory_mb, wait_s=60)
    cpu = ProcessBackend(REPO, "torch")
    gpu = ProcessBackend(REPO, "torch", lease=held)
    yield [cpu, gpu]
    cpu.shutdown()
    gpu.shutdown()


def status(suite: Suite, change: Mutant | Variant, backend: Backend) -> ExerciseStatus:
    """What becomes of a change's exercise in a sandbox."""
    load = Load(mutants.apply(change, SOURCES), [name.removesuffix(".py") for name in A6.files])
    exercise = A6.exercise(change.exercise)
    session = conversation(backend, load, A6.limits)
    try:
        return result_of(exercise, suite.judge(exercise, session)).status
    finally:
        session.close()


@here
def test_the_proof(on_both: list[Backend]) -> None:
    """A product is computed on the GPU, without TF32."""
    assert proof.prove(on_both[1], gpu_doctor.LIMITS) > 0


@here
def test_verdicts_are_those_of_the_cpu(on_both: list[Backend]) -> None:
    """Every mutant fails and every variant passes on both devices alike."""
    found_on: list[dict[str, ExerciseStatus]] = []

    def drive(suite: Suite) -> None:
        found_on.extend(
            {change.id: status(suite, change, backend) for change in CHANGES} for backend in on_both
        )

    run_session(A6, b"secret", drive)
    on_cpu, on_gpu = found_on
    assert on_gpu == on_cpu


def lost(report: Report) -> dict[str, ExerciseStatus]:
    """Return the exercises that did not pass."""
    return {e.name: e.status for e in report.exercises if e.status is not ExerciseStatus.PASSED}


@here
def test_attacks_cost_their_own_exercise(tmp_path: Path) -> None:
    """In one class on one GPU, with the reference behind each; every report names the device."""
    entries = [
        entry
        for name, attack in ATTACKS.items()
        for entry in (
            Entry(name, attack.hand_in(tmp_path / "class", SOURCES)),
            Entry(f"behind-{name}", A6.solutions),
        )
    ]
    gpu, _ = choice.on_gpu(Device.CUDA, A6, None, 1)
    settings = Settings(A6.slug, str(REPO), str(tmp_path / "out"), gpu=gpu)
    for report in grade_class(A6, entries, settings, jobs=1).reports:
        attack = ATTACKS.get(report.submission.student)
        assert lost(report) == (dict(attack.expect) if attack else {}), report.submission.student
        assert report.sandbox is not None
        assert report.sandbox.device == "cuda"
