"""The commands of nbgrader's part: `gradebook`, `feedback` and `grade --gradebook`."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reports import FULL, by_hand, dump, graded, marks, opened, save, score, ungraded

from autograder.assignment import Assignment
from autograder.cli import main
from autograder.grading import handed_in

HandIn = Callable[..., Path]
HALF = {"double": 40.0, "softmax_loss": 33.3333}
DUE = 'due = 2026-12-01T12:00:00Z\ntitle = "A min'


@pytest.fixture(autouse=True)
def _here(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are given in the course's folder."""
    monkeypatch.chdir(mini_course.root)


@pytest.fixture
def reports(mini_course: Assignment) -> Path:
    """Where reports are looked for when nobody says where."""
    ann = graded(scores=HALF, answers={"question_1": "Nothing."})
    return save(mini_course.root / "graded" / "mini", ann, graded("bob"))


def failed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that cannot be done; return the one line that it says."""
    assert main([str(each) for each in arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def run(*arguments: object) -> None:
    """Run a command that is done."""
    assert main([str(each) for each in arguments]) == 0


def late(course: Path) -> float:
    """What lateness costs ann."""
    with opened(course) as book:
        return float(book.find_submission("mini", "ann").late_submission_penalty)


def test_from_nothing_to_pages(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One import prepares the folder, too; feedback takes scores and comments from there."""
    course = tmp_path / "new"
    run("gradebook", "import", "mini", "--course", course)
    assert "2 students are in" in capsys.readouterr().out
    by_hand(course, "question_1", manual_score=4.5, manual_comment="Nearly <b>.")
    run("feedback", "mini", "--course", course, "--jobs", 1)
    assert "2 pages" in capsys.readouterr().out
    page = (course / "feedback" / "ann" / "mini" / "mini.html").read_text()
    assert "Nearly &lt;b&gt;." in page
    assert "77.83" in page
    assert (course / "feedback" / "mini.class.html").is_file()


def test_prepare_says_what_it_did(
    course: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second time nothing is to be done."""
    run("gradebook", "prepare", "mini", "--course", course)
    assert capsys.readouterr().out == f"{course}/release/mini is up to date\n"
    (course / "release" / "mini" / "mini.ipynb").unlink()
    run("gradebook", "prepare", "mini", "--course", course)
    assert capsys.readouterr().out == f"{course}/release/mini is ready\n"


def test_importing_twice_changes_nothing(course: Path, reports: Path) -> None:
    """Neither the grades, nor what people gave, nor what they have looked at."""
    run("gradebook", "import", "mini", reports, "--course", course)
    by_hand(course, "question_1", manual_score=4)
    before = dump(course)
    run("gradebook", "import", "mini", reports, "--course", course)
    assert dump(course) == before


def test_another_answer_waits_again(course: Path, reports: Path) -> None:
    """It is compared with the notebook that was graded by hand."""
    run("gradebook", "import", "mini", reports, "--course", course)
    by_hand(course, "question_1", manual_score=4)
    save(reports, graded(answers={"question_1": "It depends."}))
    run("gradebook", "import", "mini", reports, "--course", course)
    assert marks(course, "question_1") == (None, 4.0, 4.0, True, None)


def test_who_has_no_score_is_named(
    course: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others come in."""
    save(reports, ungraded("error", "lost", "cyd"))
    run("gradebook", "import", "mini", reports, "--course", course)
    assert capsys.readouterr().err == "left alone, since they have no score: cyd\n"
    assert score(course, "bob") == 100


def test_lateness_from_files(mini_course: Assignment, course: Path, reports: Path) -> None:
    """Due date, policy, times, extensions and grace days come from where staff keep them."""
    mini_course.toml.write_text(mini_course.toml.read_text().replace('title = "A min', DUE))
    (mini_course.root / "course.toml").write_text("[late]\npolicy = 'hard'\ngrace_days = 1\n")
    (course / "hand_ins").mkdir()
    times = "student,submitted_at,extension_days\nann,2026-12-03T12:00+00:00,\n"
    (course / "hand_ins" / "mini.csv").write_text(times)
    run("gradebook", "import", "mini", "--course", course)
    assert late(course) == score(course)
    (course / "roster.csv").write_text("student,grace_days\nann,2\n")
    run("gradebook", "late", "--course", course)
    assert late(course) == 0


def test_late_counts(
    mini_course: Assignment, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says by which policy, and how many are late."""
    run("gradebook", "late", "--course", course)
    assert capsys.readouterr().out == "0 late penalties, by the policy none\n"


def test_grading_into_the_gradebook(course: Path, hand_in: HandIn, tmp_path: Path) -> None:
    """`grade --gradebook` grades and imports; what nbgrader has can be graded again."""
    folder = hand_in("ann", {"losses.py": None})
    out = tmp_path / "out"
    grade = ("grade", "mini", "--sandbox", "process", "--jobs", 1)
    run(*grade, folder, "--out", out, "--gradebook", course)
    assert (score(course), marks(course, "softmax_loss")[4]) == (40, "losses.py was not handed in")
    shown = course / "autograded" / "ann" / "mini" / "mini.ipynb"
    assert "return 2 * x" in shown.read_text()
    kept = course / "submitted" / "ann" / "mini" / handed_in.NAME
    run(*grade, kept, "--out", tmp_path / "again")
    assert "40" in (tmp_path / "again" / "class.json").read_text()


def test_feedback_without_a_gradebook(reports: Path, tmp_path: Path) -> None:
    """Pages are made from reports alone, and no gradebook comes into being."""
    run("feedback", "mini", "--out", tmp_path / "pages", "--jobs", 1)
    assert "73.33" in (tmp_path / "pages" / "ann" / "mini" / "mini.html").read_text()
    assert not Path("course").exists()


def test_the_exports_of_nbgrader(course: Path, reports: Path, tmp_path: Path) -> None:
    """`nbgrader export` itself, in a process of its own, has the scores."""
    run("gradebook", "import", "mini", reports, "--course", course)
    to = tmp_path / "grades.csv"
    command = [sys.executable, "-m", "nbgrader", "export", f"--to={to}"]
    subprocess.run(command, cwd=course, check=True, capture_output=True, timeout=60)
    rows = {row[3]: row[-4:] for row in csv.reader(to.read_text().splitlines())}
    assert rows["ann"] == ["73.3333", "0.0", "73.3333", "110.0"]
    assert rows["bob"] == ["100.0", "0.0", "100.0", "110.0"]


@pytest.mark.parametrize("command", [("gradebook", "import"), ("feedback",)])
def test_without_reports(
    course: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """The folder that was looked at is named."""
    said = failed(capsys, *command, "mini", "--course", course)
    assert "graded/mini: no reports (<student>/report.json) are there" in said


def test_reports_of_another_assignment(
    course: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first one is named, and nothing comes in."""
    other = graded("cyd").report.model_copy(update={"assignment": "a1"})
    (reports / "ann" / "report.json").write_text(other.dump())
    before = dump(course)
    said = failed(capsys, "gradebook", "import", "mini", reports, "--course", course)
    assert f"{reports}/ann/report.json: this report is about a1, not about mini" in said
    assert dump(course) == before


@pytest.mark.parametrize("name", ["report.json", "submission.zip"])
@pytest.mark.parametrize("content", [b"", b"\xff", b'{"version": 2}'])
def test_damaged_files_are_named(
    course: Path, reports: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    """With what is to be done, and nothing comes in."""
    (reports / "bob" / name).write_bytes(content)
    before = dump(course)
    said = failed(capsys, "gradebook", "import", "mini", reports, "--course", course)
    assert f"{reports}/bob/{name}: " in said
    assert "grade the submission again" in said
    assert dump(course) == before


@pytest.mark.parametrize("verb", ["prepare", "import"])
def test_a_course_folder_that_is_a_file(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    """It is named."""
    (tmp_path / "file").write_text("")
    assert f"{tmp_path}/file: " in failed(
        capsys, "gradebook", verb, "mini", "--course", tmp_path / "file"
    )


def test_late_needs_a_gradebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It makes none by itself."""
    said = failed(capsys, "gradebook", "late", "--course", tmp_path)
    assert f"{tmp_path}/gradebook.db: no such file; `autograder gradebook prepare` makes it" in said
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize("verb", ["prepare", "import"])
def test_an_unknown_assignment(course: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """A wrong name is answered with the right one."""
    assert "did you mean 'mini'?" in failed(capsys, "gradebook", verb, "minni", "--course", course)


def test_a_mistake_in_a_file_of_staff(
    mini_course: Assignment, course: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is found before anything is written."""
    (course / "roster.csv").write_text("student,grace_days\nann,many\n")
    before = dump(course)
    said = failed(capsys, "gradebook", "import", "mini", "--course", course)
    assert "roster.csv:2: grace_days is 'many': " in said
    (course / "roster.csv").unlink()
    (mini_course.root / "course.toml").write_text("[late]\npolicy = 'strict'\n")
    assert "course.toml: late.policy: " in failed(
        capsys, "gradebook", "import", "mini", "--course", course
    )
    assert dump(course) == before
    assert not (course / "autograded").exists()


def test_all_points(course: Path, tmp_path: Path) -> None:
    """Whoever has all of them, and answered nothing, waits for nobody."""
    run(
        "gradebook", "import", "mini", save(tmp_path / "r", graded(scores=FULL)), "--course", course
    )
    with opened(course) as book:
        assert not book.find_submission("mini", "ann").needs_manual_grade
