"""The corpus of attacks: each gets its verdict, in one class that is graded to its end."""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import hostile
from autograder.assignment import Assignment
from autograder.grading import Settings, grade_class
from autograder.hostile import Hostile, Threat
from autograder.report import ExerciseStatus, Report, ReportStatus
from autograder.sandbox.container.plan import Plan
from autograder.submission import Entry
from autograder.suite.seeds import VARIABLE

REPO = Path(__file__).parents[2]
A1 = assignments.load("a1_linear", REPO)
ATTACKS = {attack.name: attack for attack in hostile.load(A1)}
LEAKING = sorted(name for name, each in ATTACKS.items() if each.threat is Threat.LEAKED_INPUTS)
SHORT = {"import_s": 3, "call_s": 3, "exercise_s": 6, "submission_s": 60, "memory_mb": 256}
EVERY = 10  # after so many attackers, somebody honest is graded
LONGEST = 100_000  # characters of a report


def course_copy(root: Path) -> Assignment:
    """Copy the assignment into a course of its own, with limits that do not keep us waiting."""
    for part in ("assignments", "solutions", "tests/hidden"):
        shutil.copytree(REPO / part / A1.slug, root / part / A1.slug)
    toml = root / "assignments" / A1.slug / "assignment.toml"
    text = toml.read_text("utf-8")
    for name, limit in SHORT.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {limit}", text, flags=re.MULTILINE)
    toml.write_text(text, "utf-8")
    return assignments.load(A1.slug, root)


def write_class(course: Assignment, folder: Path, names: list[str]) -> list[Entry]:
    """Hand in the attacks, an entry each, with honest students between them."""
    solution = {name: (course.solutions / name).read_bytes() for name in course.files}
    entries = []
    for number, name in enumerate(names, start=1):
        entries.append(Entry(name, ATTACKS[name].hand_in(folder, solution)))
        if number % EVERY == 0 or number == len(names):
            entries.append(Entry(f"honest-{number}", course.solutions))
    return entries


def grade(
    course: Assignment, entries: list[Entry], out: Path, containers: Plan | None
) -> dict[str, Report]:
    """Grade a class in two lanes; the reports by student."""
    settings = Settings(course.slug, str(course.root), str(out), containers=containers)
    outcome = grade_class(course, entries, settings, jobs=2)
    return {report.submission.student: report for report in outcome.reports}


def expected(attack: Hostile, backend: str) -> dict[str, ExerciseStatus]:
    """What an attack gets behind a sandbox."""
    return dict(attack.expect if backend.startswith("docker") else attack.in_process)


def lost(report: Report) -> dict[str, ExerciseStatus]:
    """Return the exercises that did not pass."""
    return {e.name: e.status for e in report.exercises if e.status is not ExerciseStatus.PASSED}


def texts(value: object) -> Iterator[str]:
    """Every text of a JSON value."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    if isinstance(value, str):
        yield value


def timeless(report: Report) -> str:
    """The report but for the time that it took, and the digests of what it rests on."""
    exercises = tuple(each.model_copy(update={"key": ""}) for each in report.exercises)
    return report.model_copy(
        update={"seconds": 0.0, "processor_seconds": None, "exercises": exercises}
    ).dump()


@pytest.fixture(scope="module", params=["process", "docker"])
def backend(request: pytest.FixtureRequest) -> str:
    """The sandbox that holds the attackers."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def plan(request: pytest.FixtureRequest, backend: str) -> Plan | None:
    """How containers are used, if it is they."""
    if backend == "process":
        return None
    chosen: Plan = request.getfixturevalue("containers")
    return chosen


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Return the course with short limits."""
    return course_copy(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Path:
    """Where the reports are written."""
    made: Path = tmp_path_factory.mktemp(f"out-{backend}")
    return made


@pytest.fixture(scope="module")
def reports(
    course: Assignment, out: Path, plan: Plan | None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Report]:
    """Return the reports of one class of all attackers."""
    entries = write_class(course, tmp_path_factory.mktemp("class"), sorted(ATTACKS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "one secret")
        return grade(course, entries, out, plan)


@pytest.fixture(scope="module")
def reports_on_other_data(
    course: Assignment, plan: Plan | None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Report]:
    """Return the reports of those who leak inputs, in a course with another secret."""
    entries = write_class(course, tmp_path_factory.mktemp("class"), LEAKING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "another secret")
        return grade(course, entries, tmp_path_factory.mktemp("out"), plan)


def test_the_corpus_is_large() -> None:
    """There are attacks enough, and they are different ones."""
    assert len(ATTACKS) >= 60
    assert len({attack.tries for attack in ATTACKS.values()}) == len(ATTACKS)


@pytest.mark.parametrize("threat", Threat)
def test_every_threat_is_tried(threat: Threat) -> None:
    """No threat is on the list without an attack that stands for it."""
    assert any(attack.threat is threat for attack in ATTACKS.values())


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_gets_its_verdict(name: str, reports: dict[str, Report], backend: str) -> None:
    """An attacker is refused, or loses what the header says, no more and no less."""
    attack, report = ATTACKS[name], reports[name]
    wanted = ReportStatus.REJECTED if attack.rejected else ReportStatus.GRADED
    assert (report.status, lost(report)) == (wanted, expected(attack, backend)), report.message


def test_the_honest_keep_their_points(reports: dict[str, Report]) -> None:
    """Whoever is graded in the same lanes, right work is right."""
    honest = {name: report.score for name, report in reports.items() if name not in ATTACKS}
    assert len(honest) >= len(ATTACKS) / EVERY
    assert set(honest.values()) == {100.0}


@pytest.mark.parametrize("name", LEAKING)
def test_hidden_inputs_stay_hidden(
    name: str, reports: dict[str, Report], reports_on_other_data: dict[str, Report]
) -> None:
    """With other hidden inputs, a report is the same to the last byte: it tells nothing of them."""
    assert timeless(reports[name]) == timeless(reports_on_other_data[name])


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_a_report_is_safe_to_show(name: str, reports: dict[str, Report]) -> None:
    """No escape codes, no lone surrogates, no turned text, and not too much of anything."""
    said = reports[name].dump()
    shown = "".join(texts(json.loads(said))).replace("\n", "").replace("\t", "")
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs"}
    assert len(said) < LONGEST


def test_nothing_but_reports_is_written(reports: dict[str, Report], out: Path) -> None:
    """No attacker leaves a file among the reports, or takes one away."""
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    kept = {name for name, report in reports.items() if report.status is ReportStatus.GRADED}
    wanted = {"class.json", *(f"{name}/report.json" for name in reports)}
    assert written == wanted | {f"{name}/submission.zip" for name in kept}
