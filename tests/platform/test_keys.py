"""What an earlier report is still good for: each ingredient of a verdict changed in turn."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment import Assignment, load
from autograder.grading import keys
from autograder.grading.lane import Lane
from autograder.grading.one import Grader
from autograder.grading.tasks import Settings, Task, report_path
from autograder.report import ExerciseStatus, Report
from autograder.suite.plugin import Suite, run_session

SECRET = b"secret"
WRONG = "def double(x):\n    return 3 * x\n"


@pytest.fixture
def settings(mini_course: Assignment, tmp_path: Path) -> Settings:
    """Where reports go."""
    return Settings("mini", str(mini_course.root), str(tmp_path / "graded"))


def graded(settings: Settings, folder: Path, secret: bytes = SECRET) -> tuple[Report, list[str]]:
    """Grade once more; the report, and the exercises that ran."""
    course, ran = load("mini", Path(settings.root)), []

    def drive(suite: Suite) -> None:
        lane = Lane(suite, settings)
        judge = suite.judge
        suite.judge = lambda e, s: (ran.append(e.name), judge(e, s))[1]  # type: ignore[method-assign]
        try:
            lane.grade(Task("ann", str(folder)))
        finally:
            lane.grader.backend.shutdown()

    run_session(course, secret, drive)
    return Report.load(report_path(Path(settings.out), "ann").read_bytes()), ran


def append(path: str, text: str = "\n# changed\n") -> Callable[[Path], None]:
    """A change of one file of the course."""

    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def in_toml(before: str, after: str) -> Callable[[Path], None]:
    """A change of assignment.toml."""

    def change(root: Path) -> None:
        toml = root / "assignments" / "mini" / "assignment.toml"
        text = toml.read_text("utf-8")
        assert before in text
        toml.write_text(text.replace(before, after), "utf-8")

    return change


BOTH = ["double", "softmax_loss"]
CHANGES = {
    "nothing": (lambda _: None, []),
    "one exercise's tests": (append("tests/hidden/mini/test_basics.py"), ["double"]),
    "the other's tests": (append("tests/hidden/mini/test_losses.py"), ["softmax_loss"]),
    "what tests share": (append("tests/hidden/mini/shared.py"), BOTH),
    "a solution": (append("solutions/mini/losses.py"), BOTH),
    "a limit": (in_toml("call_s = 2", "call_s = 3"), BOTH),
    "a rule": (in_toml('["scipy"]', '["scipy", "torch"]'), BOTH),
    "an exercise's own rule": (in_toml("no_loops = true", "no_loops = false"), ["softmax_loss"]),
    "a due date": (in_toml("title =", "due = 2026-12-01T00:00:00Z\ntitle ="), []),
    "the handout": (append("assignments/mini/handout.md"), []),
    "a visible check": (append("tests/visible/mini/test_basics.py"), []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_runs_again(
    mini_course: Assignment, settings: Settings, hand_in: Callable[..., Path], change: str
) -> None:
    """Only exercises that the change can make a difference to, and never too few."""
    folder = hand_in("ann")
    first, ran = graded(settings, folder)
    assert ran == BOTH
    act, again = CHANGES[change]
    act(mini_course.root)
    second, ran = graded(settings, folder)
    assert ran == again
    assert second.score == first.score


def test_points_change_with_the_exercise(
    mini_course: Assignment, settings: Settings, hand_in: Callable[..., Path]
) -> None:
    """New points are an exercise's own affair, and reach the report."""
    folder = hand_in("ann", {"basics.py": WRONG})
    graded(settings, folder)
    in_toml("points = 40", "points = 30")(mini_course.root)
    in_toml("points = 60", "points = 70")(mini_course.root)
    report, ran = graded(settings, folder)
    assert (ran, [each.points for each in report.exercises]) == (BOTH, [30, 70])


def test_another_submission_runs_whole(settings: Settings, hand_in: Callable[..., Path]) -> None:
    """One file may change what another one does."""
    folder = hand_in("ann")
    graded(settings, folder)
    (folder / "basics.py").write_text(WRONG)
    report, ran = graded(settings, folder)
    assert ran == BOTH
    assert report.score is not None
    assert report.score < 100


def test_another_secret_runs_whole(settings: Settings, hand_in: Callable[..., Path]) -> None:
    """All hidden data are others."""
    folder = hand_in("ann")
    graded(settings, folder)
    assert graded(settings, folder, b"another")[1] == BOTH


def test_other_code_of_ours_runs_whole(
    settings: Settings, hand_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grader that was mended grades anew."""
    folder = hand_in("ann")
    graded(settings, folder)
    monkeypatch.setattr(keys, "_platform", lambda: b"another")
    assert graded(settings, folder)[1] == BOTH


def test_another_sandbox_runs_whole(
    settings: Settings, hand_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another kind, image or device."""
    folder = hand_in("ann")
    graded(settings, folder)
    monkeypatch.setattr(Grader, "runs_as", lambda *_: False)
    assert graded(settings, folder)[1] == BOTH


def test_force_runs_whole(settings: Settings, hand_in: Callable[..., Path]) -> None:
    """Whatever is there."""
    folder = hand_in("ann")
    graded(settings, folder)
    assert graded(replace(settings, force=True), folder)[1] == BOTH


def test_a_blocked_exercise_runs_again(
    mini_course: Assignment, settings: Settings, hand_in: Callable[..., Path]
) -> None:
    """Its report hides what its tests had said, and the prerequisite may pass by now."""
    in_toml('name = "softmax_loss"', 'name = "softmax_loss"\nrequires = ["double"]')(
        mini_course.root
    )
    folder = hand_in("ann", {"basics.py": WRONG, "losses.py": "def softmax_loss(x, y): return 1\n"})
    report, _ = graded(settings, folder)
    assert report.exercises[1].status is ExerciseStatus.BLOCKED
    append("tests/hidden/mini/test_basics.py")(mini_course.root)
    assert graded(settings, folder)[1] == BOTH


def test_the_same_report_comes_of_it(
    mini_course: Assignment, settings: Settings, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    """Kept and new results together are what grading anew gives."""
    folder = hand_in("ann", {"basics.py": WRONG})
    graded(settings, folder)
    append("tests/hidden/mini/test_losses.py")(mini_course.root)
    mixed, _ = graded(settings, folder)
    anew, _ = graded(replace(settings, out=str(tmp_path / "anew")), folder)
    still = {"seconds": 0.0, "processor_seconds": None}
    assert mixed.model_copy(update=still) == anew.model_copy(update=still)


def test_another_version_of_the_runtime_runs_whole(
    settings: Settings, hand_in: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference may answer otherwise with another library."""
    folder = hand_in("ann")
    graded(settings, folder)
    monkeypatch.setattr("numpy.__version__", "another")
    assert graded(settings, folder)[1] == BOTH
