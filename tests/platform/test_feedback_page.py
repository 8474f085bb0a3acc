"""A student's feedback page: what it shows, by our own code and by nbgrader's command."""

import os
import re
import sys
from pathlib import Path

import pytest
from graded_notebooks import (
    CODE,
    FILE,
    Parsed,
    exercise,
    failed,
    notebook,
    passed,
    question,
    report,
    resources,
    ungraded,
    with_status,
)
from nbformat import NotebookNode, write
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.errors import StaffError
from autograder.feedback import pages
from autograder.feedback.words import STATUS
from autograder.report import ExerciseStatus, ReportStatus

EXPORTER = pages.exporter()
WRONG = failed("The loss is a mean.", "loss is N times too large: is a division by N missing?")


def page(node: NotebookNode, student: str = "ada", late: float = 0.0) -> Parsed:
    """The page of a notebook, parsed."""
    return Parsed(pages.render(EXPORTER, node, resources(node, student, late)))


def test_score_and_where_it_comes_from() -> None:
    """Score, maximum, tests, a person's changes, answers and a late penalty are said in words."""
    half = report(with_status(ExerciseStatus.PASSED), exercise("softmax_loss", 60, WRONG))
    changed = {"softmax_loss": (30.0, "Nearly.")}
    shown = page(notebook(half, grades=changed, answers=question("Why?", "So.", 1.5)), late=5.0)
    assert "66.5 of 102 points" in shown.words
    assert "Tests of your code 40 of 100, judged automatically" in shown.words
    assert "Changed by a person +30 points" in shown.words
    assert "Written answers 1.5 of 2, judged by a person" in shown.words
    assert "Handed in late 5 points taken off" in shown.words


def test_everything_passed() -> None:
    """Who has all points reads that nothing is left, and no reasons."""
    shown = page(notebook())
    assert "100 of 100 points" in shown.words
    assert "Every test of every exercise passes" in shown.words
    assert "Exercise by exercise" not in shown.words


def test_rejected() -> None:
    """A rejected submission says why, and lists neither exercises nor questions."""
    about = ungraded(ReportStatus.REJECTED, "ada.zip is not a zip file")
    shown = page(notebook(about, {}, answers=question("Why?", "")))
    assert "could not be accepted. ada.zip is not a zip file." in shown.words
    assert "0 of 102 points" in shown.words
    assert not re.search("softmax_loss|Why", shown.text)


def test_error() -> None:
    """An error of ours shows no score, nothing to do, and nothing of what failed inside."""
    shown = page(notebook(ungraded(ReportStatus.ERROR, "docker: no space left on /var")))
    assert "Not graded yet, through no fault of yours." in shown.words
    assert "of 100 points" not in shown.words
    assert "docker" not in shown.text


@pytest.mark.parametrize("status", ExerciseStatus)
def test_every_status_of_an_exercise(status: ExerciseStatus) -> None:
    """An exercise's status stands in words beside its points."""
    result = with_status(status)
    shown = page(notebook(report(result)))
    assert f"double {result.score:g} of 40 {STATUS[status]}" in shown.words


def test_what_went_wrong() -> None:
    """Tests that share a diagnosis stand together below it; those that passed stand there, too."""
    same = failed("Large scores.", WRONG.diagnosis.message)  # type: ignore[union-attr]
    about = report(exercise("softmax_loss", 60, passed("The shape."), WRONG, same))
    shown = page(notebook(about))
    said = "is a division by N missing? not passed: The loss is a mean. not passed: Large scores."
    assert f"{said} passed: The shape." in shown.words


def test_nothing_of_the_tests_but_titles() -> None:
    """Names of hidden tests are not on the page; their titles are."""
    node = notebook(report(exercise("double", 40, WRONG, passed("A matrix is doubled."))))
    html = pages.render(EXPORTER, node, resources(node))
    assert "secret::" not in html
    assert "A matrix is doubled." in html


def test_exercises_with_one_obstacle_stand_together() -> None:
    """What is said about several exercises alike is said once."""
    never = "cannot be imported: it is no Python"
    broken = failed("A matrix.", never, code="import"), failed("The loss.", never, code="import")
    about = report(exercise("double", 40, broken[0]), exercise("softmax_loss", 60, broken[1]))
    shown = page(notebook(about))
    assert "2 exercises cannot be loaded, 0 of 100 points" in shown.words
    assert shown.text.count("be imported: it is no Python") == 2  # once as the next step, once here


def test_lines_that_broke_a_rule() -> None:
    """A line that a rule complains about has an anchor, and the message right below it."""
    shown = page(notebook(lines={"5": "`+` is not allowed here."}))
    assert "f1-5" in shown.ids
    assert "    return x + x+ is not allowed here." in shown.text
    assert "#f1-5" in shown.links


def test_line_of_a_syntax_error() -> None:
    """A place that a report names is marked in the code, and linked from where it is said."""
    said = f"{FILE} line 4: SyntaxError: invalid syntax"
    about = report(
        exercise("double", 40, failed("A matrix.", said, code="import")), problems={FILE: said}
    )
    shown = page(notebook(about))
    assert "def double(x):SyntaxError: invalid syntax." in shown.text
    assert shown.links.count("#f1-4") >= 3  # next steps, the exercise, what was handed in
    assert "First of all, repair losses.py" in shown.words


def test_comments_of_a_person() -> None:
    """A person's comment is shown at its exercise; one that repeats the message is not."""
    about = report(exercise("double", 40, WRONG), exercise("softmax_loss", 60, WRONG))
    repeated = about.exercises[1].message
    grades = {"double": (20.0, "Half of it is right."), "softmax_loss": (0.0, repeated)}
    shown = page(notebook(about, grades=grades))
    assert shown.words.count("Comment on your work") == 1
    assert "the tests gave 0. Comment on your work Half of it is right." in shown.words


def test_answers() -> None:
    """Question and answer are shown as they were written, with points once somebody has read."""
    read = page(notebook(answers=question("**Inline question 1**\n\nWhy $f$?", "*So*.", 1.5)))
    unread = page(notebook(answers=question("**Inline question 1.** Why?", "So.")))
    empty = page(notebook(answers=question("Why?", " \n")))
    assert "Question 1 1.5 of 2 points Why f? Your answer: *So*." in read.words
    assert "Question 1 0 of 2 points Why? No answer." in empty.words
    assert "Question 1 not graded yet, 2 points Why? Your answer: So." in unread.words


def test_what_was_handed_in() -> None:
    """Files that were graded, missing and not used are listed, with the advice of intake."""
    told = {"files": ("a.py",), "missing": ("b.py",), "ignored": ("notes.txt",)}
    about = report(with_status(ExerciseStatus.PASSED), **told)
    about = about.model_copy(update={"message": "the zip holds two copies of a.py"})
    shown = page(notebook(about))
    assert "holds two copies of a.py. Graded a.py Missing b.py Not used notes.txt" in shown.words


def test_other_cells_are_not_shown() -> None:
    """What the handout explains is not repeated."""
    node = notebook()
    node.cells.insert(0, new_markdown_cell("A long story"))
    assert "A long story" not in page(node).text


def test_order_of_headings_and_links() -> None:
    """No level of headings is skipped, no id is taken twice, and every link has its target."""
    about = report(exercise("double", 40, WRONG), exercise("softmax_loss", 60, passed("Mean.")))
    shown = page(notebook(about, lines={"2": "Why?"}, answers=question("Why?", "So.")))
    steps = zip(shown.headings, shown.headings[1:], strict=False)
    assert shown.headings[0] == 1
    assert all(after - before <= 1 for before, after in steps)
    assert len(set(shown.ids)) == len(shown.ids)
    assert {link.removeprefix("#") for link in shown.links} <= set(shown.ids)


def test_grades_are_optional() -> None:
    """Without nbgrader's grades, the score is that of the cells."""
    shown = Parsed(pages.render(EXPORTER, notebook(), {}))
    assert "Feedback for ada 100 of 100 points" in shown.words


def test_a_notebook_of_somebody_else() -> None:
    """A notebook without a report is the staff's mistake, and named."""
    node = notebook()
    del node.metadata["autograder"]
    with pytest.raises(StaffError, match="ada/a1_linear/a1_linear holds no report"):
        page(node)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's add_submission
def test_by_the_command_of_nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of nbgrader makes the same page, with the grades of its gradebook."""
    node = notebook(answers=question("Why?", "So.", 1.5))
    place = tmp_path / "autograded" / "ada" / "a1_linear"
    place.mkdir(parents=True)
    # A new gradebook is stamped by the command alembic, which stands beside this Python.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    write(node, place / "a1_linear.ipynb")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        fill(gradebook, node)
    config = Config()
    config.CourseDirectory.update(root=str(tmp_path), assignment_id="a1_linear")
    config.GenerateFeedback.exporter_class = "autograder.feedback.pages.FeedbackExporter"
    GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    made = (tmp_path / "feedback" / "ada" / "a1_linear" / "a1_linear.html").read_text("utf-8")
    assert "66.5 of 102 points" in Parsed(made).words
    assert "Comment on your work See me." in Parsed(made).words
    assert "<script" not in made


def fill(gradebook: Gradebook, node: NotebookNode) -> None:
    """Put a notebook's cells and ada's grades into a gradebook: 25 points by hand, 5 late."""
    gradebook.add_assignment("a1_linear")
    gradebook.add_notebook("a1_linear", "a1_linear")
    cells = [cell.metadata["nbgrader"] for cell in node.cells if "nbgrader" in cell.metadata]
    for cell in cells:
        place = cell["grade_id"], "a1_linear", "a1_linear"
        gradebook.add_grade_cell(*place, max_score=cell["points"], cell_type=cell["cell_type"])
        gradebook.add_solution_cell(*place)
    gradebook.add_student("ada")
    gradebook.add_submission("a1_linear", "ada")
    for cell in cells:
        place = cell["grade_id"], "a1_linear", "a1_linear", "ada"
        gradebook.find_grade(*place).auto_score = cell["score"]
    by_hand = "softmax_loss", "a1_linear", "a1_linear", "ada"
    gradebook.find_grade(*by_hand).manual_score = 30.0
    gradebook.find_comment(*by_hand).manual_comment = "See me."
    gradebook.find_submission_notebook("a1_linear", "a1_linear", "ada").late_submission_penalty = 5
    gradebook.db.commit()


def test_many_pages_of_one_exporter() -> None:
    """An exporter keeps nothing of a student for the next one."""
    first = page(notebook(files={FILE: CODE + "secret = 1\n"}), "ann")
    second = page(notebook(), "bob")
    assert "secret" in first.text
    assert not re.search("secret|ann", second.words.replace("annot", ""))
