"""The demo class: everybody gets the verdict that belongs to them, in whatever order."""

from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import demo, hostile
from autograder.audit import mutants
from autograder.grading import Settings, grade_class
from autograder.report import ExerciseStatus, Report, ReportStatus
from autograder.submission import discover

A1 = assignments.load("a1_linear", Path(__file__).parents[2])
ATTACKS = {f"x_{attack.name}": attack for attack in hostile.load(A1) if attack.name in demo.ATTACKS}


def grade(folder: Path, out: Path, *, backwards: bool = False) -> dict[str, Report]:
    """Grade a class in two lanes; the reports by student."""
    entries = discover(folder, A1)
    settings = Settings(A1.slug, str(A1.root), str(out))
    outcome = grade_class(A1, entries[::-1] if backwards else entries, settings, jobs=2)
    return {report.submission.student: report for report in outcome.reports}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the demo class's folder."""
    made: Path = tmp_path_factory.mktemp("demo")
    demo.write_class(A1, made / "class")
    return made


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, Report]:
    """Return the demo class's reports by student."""
    return grade(folder / "class", folder / "graded")


def statuses(report: Report) -> dict[str, ExerciseStatus]:
    """Return the exercises that did not pass."""
    return {e.name: e.status for e in report.exercises if e.status is not ExerciseStatus.PASSED}


def test_about_fifteen_are_graded(reports: dict[str, Report]) -> None:
    """The class is large enough to show everything, and everyone has a report."""
    assert 14 <= len(reports) <= 24
    assert {report.status for report in reports.values()} == {
        ReportStatus.GRADED,
        ReportStatus.REJECTED,
    }


@pytest.mark.parametrize("student", ["ada", "alma", "anton"])
def test_the_solution_is_perfect(reports: dict[str, Report], student: str) -> None:
    """As a folder, as a zip and as a tar."""
    assert reports[student].score == 100.0


def test_the_untouched_starter_has_nothing(reports: dict[str, Report]) -> None:
    """Zero points, every exercise not attempted."""
    report = reports["nils_starter_untouched"]
    assert report.score == 0.0
    assert {e.status for e in report.exercises} == {ExerciseStatus.NOT_ATTEMPTED}


@pytest.mark.parametrize("name", sorted(demo.MISTAKES))
def test_a_mistake_costs_its_own_exercise(reports: dict[str, Report], name: str) -> None:
    """A famous bug loses points where it is, and says why; elsewhere it at most blocks."""
    exercise, mutant = demo.MISTAKES[name]
    lost = statuses(reports[f"{name}_{mutant}"])
    assert lost.pop(exercise) in {ExerciseStatus.FAILED, ExerciseStatus.PARTIAL}
    (result,) = (e for e in reports[f"{name}_{mutant}"].exercises if e.name == exercise)
    assert result.message
    assert all(exercise in A1.exercise(other).requires for other in lost)


@pytest.mark.parametrize("student", ["olga_one_file_missing", "pia_syntax_error"])
def test_one_bad_file_costs_its_own_exercises(reports: dict[str, Report], student: str) -> None:
    """A file that is missing or cannot be parsed costs what is in it."""
    first = {e.name for e in A1.exercises if e.file == A1.files[0]}
    assert set(statuses(reports[student])) == first


@pytest.mark.parametrize("student", sorted(ATTACKS))
def test_an_attack_gets_its_verdict(reports: dict[str, Report], student: str) -> None:
    """Each attacker loses what their header says, no more and no less."""
    assert statuses(reports[student]) == ATTACKS[student].expect


def test_the_order_does_not_matter(folder: Path, reports: dict[str, Report]) -> None:
    """Graded the other way round, everybody's report is the same but for the time it took."""
    again = grade(folder / "class", folder / "again", backwards=True)
    for student, report in reports.items():
        assert _timeless(again[student]) == _timeless(report)


def _timeless(report: Report) -> str:
    return report.model_copy(update={"seconds": 0.0, "processor_seconds": None}).dump()


def test_every_famous_mistake_is_a_mutant() -> None:
    """The demo names mutants that exist."""
    known = {(each.exercise, each.name) for each in mutants.load(A1).mutants}
    assert set(demo.MISTAKES.values()) <= known
