"""The other door: `nbgrader autograde` grades in the sandbox, whatever a notebook looks like."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat import v4
from nbgrader.apps.api import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from reports import by_hand, marks, opened
from traitlets.config import Config

from autograder.assignment import Assignment
from autograder.feedback import door
from autograder.release.course import course_api, generate_assignment

SOLUTIONS = Path(__file__).parent / "mini_course" / "solutions" / "mini"
WHOLE = {path.name: path.read_text() for path in SOLUTIONS.glob("*.py")}
DOUBLE = {"basics.py": WHOLE["basics.py"]}
MOST = {"basics.py": "def double(x):\n    x *= 2\n    return x\n"}  # two thirds
LOUD = "import sys\nprint(40, file=sys.stderr)\nprint('40')\n" + DOUBLE["basics.py"]
CODE = "import numpy as np\n" + "".join(WHOLE.values()).replace('"""A loss', '"""The loss')
UNANSWERED = (0.0, None, 0.0, False, "No response.")

Book = Any  # nbformat's, which has no types


def cell(book: Book, name: str) -> Any:
    """The cell that nbgrader knows by that name."""
    named = (each for each in book.cells if "nbgrader" in each.metadata)
    return next(each for each in named if each.metadata.nbgrader.get("grade_id") == name)


def solved(book: Book) -> None:
    """Everything is in the notebook, and a question is answered."""
    book.cells.append(v4.new_code_cell(CODE))
    cell(book, "question_1").source = "Nothing <script>alert(1)</script>."


def deleted(book: Book) -> None:
    """A grade cell is gone."""
    book.cells.remove(cell(book, "double"))


def duplicated(book: Book) -> None:
    """A grade cell was copied with its name."""
    book.cells.insert(0, v4.new_code_cell("40", metadata=cell(book, "double").metadata))


def retyped(book: Book) -> None:
    """A grade cell became Markdown."""
    old = cell(book, "double")
    book.cells[book.cells.index(old)] = v4.new_markdown_cell("40", metadata=old.metadata)


def stripped(book: Book) -> None:
    """Another editor lost all metadata."""
    for each in book.cells:
        each.metadata = {}


def told(**changes: Any) -> Callable[[Book], None]:
    """The grade cell's metadata says something else."""
    return lambda book: cell(book, "double").metadata.nbgrader.update(changes)


def forged(book: Book) -> None:
    """Outputs say what nobody computed, and a lot of it."""
    for each in book.cells:
        if each.cell_type == "code":
            each.outputs = [
                v4.new_output("execute_result", data={"text/plain": "40"}),
                v4.new_output("stream", text="x" * 1_000_000),
            ]
    book.cells.append(v4.new_code_cell("def double(x):\n    return x\n"))


def same(book: Book) -> None:
    """The notebook as it was released."""


# student -> what became of the notebook, the files beside it, points of the two exercises
CLASS: dict[str, tuple[Callable[[Book], None], dict[str, str], tuple[float, float]]] = {
    "whole": (same, WHOLE, (40, 60)),
    "notebook_only": (solved, {}, (40, 60)),
    "one_file": (same, DOUBLE, (40, 0)),
    "most": (same, MOST, (26.6667, 0)),
    "nothing_done": (same, {}, (0, 0)),
    "deleted": (deleted, DOUBLE, (40, 0)),
    "duplicated": (duplicated, DOUBLE, (40, 0)),
    "retyped": (retyped, DOUBLE, (40, 0)),
    "stripped": (stripped, DOUBLE, (40, 0)),
    "not_graded": (told(grade=False, locked=False), {}, (0, 0)),
    "a_solution": (told(solution=True, locked=False), MOST, (26.6667, 0)),
    "a_task": (told(task=True, grade=False, points=1000), MOST, (26.6667, 0)),
    "more_points": (told(points=1000), MOST, (26.6667, 0)),
    "older_schema": (told(schema_version=1), MOST, (26.6667, 0)),
    "newer_schema": (told(schema_version=99), MOST, (26.6667, 0)),
    "no_name": (told(grade_id=""), MOST, (26.6667, 0)),
    "other_name": (told(grade_id="question_1"), MOST, (26.6667, 0)),
    "forged": (forged, {}, (13.3333, 0)),
    "loud": (same, {"basics.py": LOUD}, (40, 0)),
    "raises": (same, {"basics.py": "raise SystemExit(0)\n"}, (0, 0)),
    "o'neill, zo\u00eb": (same, DOUBLE, (40, 0)),
}


def hand_in(folder: Path, student: str) -> None:
    """Put a student's work where nbgrader collects it."""
    change, files, _ = CLASS[student]
    place = folder / "submitted" / student / "mini"
    place.mkdir(parents=True)
    book = nbformat.read(folder / "release" / "mini" / "mini.ipynb", 4)
    change(book)
    (place / "mini.ipynb").write_text(v4.writes(book))
    for name, text in files.items():
        (place / name).write_text(text)


def plain_assignment(folder: Path) -> None:
    """Set up an assignment that is nbgrader's alone, and hand it in."""
    told = {"schema_version": 3, "task": False, "grade_id": "one", "points": 3}
    graded = {"nbgrader": {**told, "grade": True, "solution": False, "locked": True}}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [v4.new_code_cell("x = 1"), v4.new_code_cell("assert x == 1", metadata=graded)]
    for place in (folder / "source" / "plain", folder / "submitted" / "ann" / "plain"):
        place.mkdir(parents=True)
        book = v4.new_notebook(cells=cells, metadata=kernel)
        (place / "plain.ipynb").write_text(v4.writes(book))


def nbgrader(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run nbgrader's own command; return its status and what it said."""
    root = {"AUTOGRADER_ROOT": str(folder.parent / "root"), "AUTOGRADER_SANDBOX": "process"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        check=False,
        cwd=folder,
        env=os.environ | root | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def autograded(_prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder after one `nbgrader autograde` of everybody, two of whom cannot be read."""
    place = tmp_path_factory.mktemp("door")
    shutil.copytree(_prepared.parent, place, dirs_exist_ok=True)
    folder = place / "course"
    for student in CLASS:
        hand_in(folder, student)
    for student, text in {"a_torn": '{"cells": [', "z_list": "[]"}.items():
        broken = folder / "submitted" / student / "mini" / "mini.ipynb"
        broken.parent.mkdir(parents=True)
        broken.write_text(text)
    (folder / "submitted" / "most" / "mini" / "timestamp.txt").write_text("2026-12-03 12:00:00 UTC")
    with opened(folder) as book:
        book.update_or_create_assignment("mini", duedate=datetime(2026, 12, 1, 12))
    suite = place / "root" / "tests" / "hidden" / "mini" / "test_basics.py"
    suite.write_text(suite.read_text().replace('("double")', '("double", weight=2)', 1))
    (place / "root" / "course.toml").write_text("[late]\npolicy = 'percent_per_day'\n")
    status, said = nbgrader(folder, "autograde", "mini")
    assert status == 1, said
    assert said.count("There was an error processing assignment 'mini' for student") == 2, said
    return folder


@pytest.mark.parametrize("student", CLASS)
def test_everybody_gets_what_the_code_is_worth(autograded: Path, student: str) -> None:
    """To the last digit, whatever was done to the notebook; nobody's trouble is another's."""
    double, softmax_loss = CLASS[student][2]
    assert marks(autograded, "double", student)[:4] == (double, None, double, False)
    assert marks(autograded, "softmax_loss", student)[:4] == (
        softmax_loss, None, softmax_loss, False,
    )  # fmt: skip


def test_what_is_said(autograded: Path) -> None:
    """Exercises have the report's words as comments; full points need none."""
    assert marks(autograded, "double", "whole")[4] is None
    assert marks(autograded, "softmax_loss", "one_file")[4] == "losses.py was not handed in"
    assert "defines none of the functions" in marks(autograded, "double", "nothing_done")[4]


def test_questions(autograded: Path) -> None:
    """What was answered waits for a person, and is shown as text; nobody waits for nothing."""
    assert marks(autograded, "question_1", "notebook_only") == (None, None, 0.0, True, None)
    assert marks(autograded, "question_2", "notebook_only") == UNANSWERED
    assert marks(autograded, "question_1", "stripped") == UNANSWERED
    shown = nbformat.read(autograded / "autograded" / "notebook_only" / "mini" / "mini.ipynb", 4)
    assert cell(shown, "question_1").source == "Nothing < script>alert(1)< /script>."


def test_who_could_not_be_read_has_no_score(autograded: Path) -> None:
    """Neither a zero nor full points: a person has to look."""
    assert marks(autograded, "double", "a_torn") == (None, None, 0.0, True, None)
    assert not (autograded / "autograded" / "a_torn" / "mini").exists()


def test_formgrader_offers_comments_on_exercises(autograded: Path) -> None:
    """It does so for cells of solutions, and the exercises' cells are such at the end."""
    shown = nbformat.read(autograded / "autograded" / "deleted" / "mini" / "mini.ipynb", 4)
    assert cell(shown, "double").metadata.nbgrader.solution
    assert [each.source for each in shown.cells[-1:]] == [DOUBLE["basics.py"]]


def test_lateness_is_charged_by_the_course(autograded: Path, tmp_path: Path) -> None:
    """The penalty is the policy's, not nbgrader's own; its export has what is left."""
    with opened(autograded) as book:
        CsvExportPlugin(to=str(tmp_path / "grades.csv"), student=["most"]).export(book)
    scores = (tmp_path / "grades.csv").read_text().splitlines()[-1].split(",")[-4:]
    assert [f"{float(each):.4f}" for each in scores] == ["26.6667", "5.3333", "21.3334", "110.0000"]


def test_grading_again_keeps_what_people_gave(autograded: Path) -> None:
    """Their scores and comments stay, and feedback has both; the late penalty follows."""
    by_hand(autograded, "double", "most", manual_score=30, manual_comment="Nearly <b>.")
    status, said = nbgrader(autograded, "autograde", "mini", "--student=most", "--force")
    assert status == 0, said
    assert marks(autograded, "double", "most") == (26.6667, 30.0, 30.0, True, "Nearly <b>.")
    status, said = nbgrader(autograded, "generate_feedback", "mini")
    assert status == 0, said
    pages = {path.parts[-3] for path in (autograded / "feedback").glob("*/mini/mini.html")}
    assert pages == set(CLASS)
    page = (autograded / "feedback" / "most" / "mini" / "mini.html").read_text()
    assert "Nearly &lt;b&gt;." in page


def test_a_sandbox_that_fails_touches_no_grade(autograded: Path) -> None:
    """The command fails and says why; the grade of before is still there."""
    before = marks(autograded, "double", "whole")
    status, said = nbgrader(
        autograded, "autograde", "mini", "--student=whole", "--force",
        AUTOGRADER_SANDBOX="docker", DOCKER_HOST="unix:///nonexistent.sock",
    )  # fmt: skip
    assert status == 1
    assert "no Docker engine answers" in said
    assert marks(autograded, "double", "whole") == before


def test_nbgrader_generates_it_again(autograded: Path) -> None:
    """Its own command, with grades there, changes none of them."""
    before = marks(autograded, "double", "most")
    status, said = nbgrader(autograded, "generate_assignment", "mini", "--force")
    assert status == 0, said
    assert marks(autograded, "double", "most") == before


def test_other_assignments_are_nbgraders(autograded: Path) -> None:
    """What has no assignment.toml is executed and shown as nbgrader always did."""
    plain_assignment(autograded)
    generate_assignment("plain", course_api(autograded))
    for command in ("autograde", "generate_feedback"):
        status, said = nbgrader(autograded, command, "plain")
        assert status == 0, said
    with opened(autograded) as book:
        assert book.find_submission("plain", "ann").score == 3
    page = autograded / "feedback" / "ann" / "plain" / "plain.html"
    assert "assert" in page.read_text()


@pytest.fixture
def server(mini_course: Assignment, course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The interface that formgrader has, in this process, with our configuration."""
    closing: list[Callable[[], None]] = []
    monkeypatch.setattr(door, "atexit", SimpleNamespace(register=closing.append))
    monkeypatch.setenv("AUTOGRADER_ROOT", str(mini_course.root))
    monkeypatch.setenv("AUTOGRADER_SANDBOX", "process")
    config = Config()
    config.CourseDirectory.root = str(course)
    door.configure(config)
    yield NbGraderAPI(config=config)
    for close in closing:
        close()
    door._desk_of.cache_clear()


@pytest.mark.filterwarnings("ignore")  # nbgrader itself gives rise to some
def test_formgrader_grades_with_the_suite_of_today(
    server: Any, mini_course: Assignment, course: Path
) -> None:
    """Its server has no need to be started again when staff have mended a hidden test."""
    hand_in(course, "most")
    assert server.autograde("mini", "most")["success"]
    assert marks(course, "double", "most")[0] == 20
    suite = mini_course.hidden / "test_basics.py"
    suite.write_text(suite.read_text().replace('("double")', '("double", weight=3)', 1))
    assert server.autograde("mini", "most")["success"]
    assert marks(course, "double", "most")[0] == 30
