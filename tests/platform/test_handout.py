"""Handouts: what becomes of each line, and what is wrong with one is named."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import CheckCellMetadata

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import handout, notebook
from autograder.release.visible import Check

REPO = Path(__file__).parents[2]
BOTH = "<!-- check double -->\n\n<!-- check softmax_loss -->\n"
CODE, FENCE = "```python\n{}\n```\n", "```text\n{}\n```\n"


def cells(course: Assignment, text: str) -> list[tuple[str, str]]:
    """Return kind and source of each cell of a handout after the two checks."""
    course.handout.write_text(f"{BOTH}\n{text}", "utf-8")
    made = handout.source_notebook(course, {}).cells
    return [(cell.cell_type, cell.source) for cell in made[2:]]


def wrong(course: Assignment, text: str) -> str:
    """Return what is wrong with a handout, after its place."""
    course.handout.write_text(text, "utf-8")
    with pytest.raises(StaffError, match="^assignments/mini/handout.md: ") as caught:
        handout.source_notebook(course, {})
    return caught.value.message


def graded(book: Any) -> dict[str, dict[str, Any]]:
    """Return nbgrader's metadata of each graded cell by its name."""
    told = [cell.metadata["nbgrader"] for cell in book.cells if "nbgrader" in cell.metadata]
    return {each["grade_id"]: each for each in told}


def source(*checks: Check, course: Assignment) -> str:
    """Return the code of the first exercise's cell."""
    return handout.check_source(course.exercise("double"), checks)


def asked(code: str) -> list[str]:
    """Run a check cell and return the names that it asks for."""
    names: list[str] = []
    call = code.replace("from checks import check", "")
    exec(call, {"check": lambda *given: names.extend(given)})
    return names


def test_the_cells_of_the_mini_course(mini_course: Assignment) -> None:
    """Text is split at headings, code is code, and each mark has a cell of its own."""
    book = handout.source_notebook(mini_course, {})
    assert [cell.cell_type for cell in book.cells] == [
        "markdown", "markdown", "code", "code", "markdown", "markdown", "markdown", "code",
        "markdown", "markdown",
    ]  # fmt: skip
    assert book.cells[1].source == "## Twice"
    assert list(graded(book)) == ["double", "question_1", "softmax_loss", "question_2"]


def test_a_grade_cell(mini_course: Assignment) -> None:
    """A check cell has the exercise's points, and students may not change it."""
    assert graded(handout.source_notebook(mini_course, {}))["double"] == {
        "grade": True, "grade_id": "double", "locked": True, "points": 40.0, "schema_version": 3,
        "solution": False, "task": False,
    }  # fmt: skip


def test_an_answer_cell(mini_course: Assignment) -> None:
    """An answer has the points of a question, and a person grades it."""
    book = handout.source_notebook(mini_course, {})
    assert graded(book)["question_2"] == {
        "grade": True, "grade_id": "question_2", "locked": False, "points": 5.0,
        "schema_version": 3, "solution": True, "task": False,
    }  # fmt: skip
    answers = [name for name, told in graded(book).items() if told["solution"]]
    assert answers == ["question_1", "question_2"]


def test_nbgrader_accepts_the_source(mini_course: Assignment) -> None:
    """Its own two judges of metadata have nothing to say."""
    book = handout.source_notebook(mini_course, {})
    CheckCellMetadata().preprocess(book, {})
    for cell in book.cells:
        MetadataValidator().validate_cell(cell)


def test_the_release_notebook(mini_course: Assignment) -> None:
    """Generating locks the checks and empties the answers; nothing has run."""
    book = json.loads(notebook.release_notebook(mini_course))
    told = [cell for cell in book["cells"] if "nbgrader" in cell["metadata"]]
    assert [cell["metadata"].get("editable", True) for cell in told] == [False, True, False, True]
    assert told[1]["source"] == ["YOUR ANSWER HERE"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in book["cells"])


def test_the_same_bytes_twice(mini_course: Assignment) -> None:
    """The source depends on nothing but the course; its cells are counted."""
    text = notebook.source_text(mini_course)
    assert notebook.source_text(mini_course) == text
    made = [cell["id"] for cell in json.loads(text)["cells"]]
    assert made == [f"cell-{number}" for number in range(1, 11)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
            "Solution region detected in a non-solution",
        ),
        ("### BEGIN SOLUTION\nx = 1", "no end solution statement found"),
        ("### BEGIN HIDDEN TESTS\nx = 1", "No end hidden tests statement found"),
    ],
)
def test_what_nbgrader_refuses(mini_course: Assignment, code: str, said: str) -> None:
    """A handout that holds a solution or a hidden test is named, with nbgrader's own reason."""
    text = mini_course.handout.read_text("utf-8")
    mini_course.handout.write_text(f"{text}\n{CODE.format(code)}", "utf-8")
    with pytest.raises(StaffError, match="^assignments/mini/handout.md: nbgrader cannot") as caught:
        notebook.release_notebook(mini_course)
    assert f"RuntimeError: {said}" in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!-- check double -->\n", "exercise 'softmax_loss' has 0 lines <!-- check softmax_loss"),
        (f"{BOTH}\n<!--check double-->\n", "exercise 'double' has 2 lines <!-- check double -->"),
        (f"{BOTH}\n<!-- check dubble -->\n", "<!-- check dubble -->: no exercise 'dubble'; there"),
        (f"{BOTH}\n<!-- check -->\n", "'<!-- check -->' names no exercise"),
        (f"{BOTH}\n<!-- check a b -->\n", "'<!-- check a b -->' names no exercise"),
        (f"{BOTH}\n<!-- check question_1 -->\n", "<!-- check question_1 -->: no exercise"),
        (FENCE.format(BOTH), "exercise 'double' has 0 lines"),
        ("```text\n" + BOTH, "exercise 'double' has 0 lines"),
        (BOTH.replace("<!-- check d", "Now: <!-- check d"), "exercise 'double' has 0 lines"),
        ("", "exercise 'double' has 0 lines"),
    ],
)
def test_what_is_wrong_with_marks(mini_course: Assignment, text: str, said: str) -> None:
    """Each exercise needs exactly one mark, and each mark an exercise."""
    assert wrong(mini_course, text).startswith(said)


def test_no_handout(mini_course: Assignment) -> None:
    """A handout that is not there, or not UTF-8, is named."""
    mini_course.handout.write_bytes(b"# \xff\n")
    with pytest.raises(StaffError, match="^assignments/mini/handout.md: not UTF-8 text"):
        handout.source_notebook(mini_course, {})
    mini_course.handout.unlink()
    with pytest.raises(StaffError, match="^assignments/mini/handout.md: no such file"):
        handout.source_notebook(mini_course, {})


def test_an_exercise_like_a_question(mini_course: Assignment) -> None:
    """An exercise may not have the name that an answer gets."""
    text = mini_course.toml.read_text("utf-8").replace('"double"', '"question_1"')
    mini_course.toml.write_text(text, "utf-8")
    course = assignment.load("mini", mini_course.root)
    marks = f"{BOTH.replace('double', 'question_1')}\n{handout.ANSWER}\n"
    assert wrong(course, marks) == "an exercise is called 'question_1', like a question"


@pytest.mark.parametrize(
    "block",
    [
        FENCE.format(handout.ANSWER),
        FENCE.format("<!-- check double -->"),
        f"~~~text\n{handout.ANSWER}\n~~~\n",
        f"````text\n```\n{handout.ANSWER}\n```\n````\n",
        f"```text\n~~~\n{handout.ANSWER}\n```\n",
        f"- point\n\n  ```text\n  {handout.ANSWER}\n  ```\n",
        f"Indented:\n\n    {handout.ANSWER}\n",
        f"A word and {handout.ANSWER}\n",
    ],
)
def test_marks_in_text_stay(mini_course: Assignment, block: str) -> None:
    """What stands in a block of code, or inside of a line, is no mark."""
    assert cells(mini_course, f"Before.\n\n{block}") == [
        ("markdown", f"Before.\n\n{block.rstrip()}")
    ]


@pytest.mark.parametrize("mark", [handout.ANSWER, "<!-- check double -->", "### Not a heading"])
def test_marks_in_python_stay(mini_course: Assignment, mark: str) -> None:
    """A code cell is what the handout says."""
    assert cells(mini_course, CODE.format(f"x = 1\n{mark}")) == [("code", f"x = 1\n{mark}")]


@pytest.mark.parametrize(
    "block",
    [
        f"Above.\n{handout.ANSWER}\nBelow.",
        f"Above.\n\n   {handout.ANSWER}  \n\n\nBelow.",
        f"Above.\n{handout.ANSWER}\t\n\nBelow.",
        f"Above.\r\n\r\n{handout.ANSWER}\r\n\r\nBelow.",
    ],
)
def test_marks_have_their_own_cell(mini_course: Assignment, block: str) -> None:
    """Wherever a mark stands, the text around it stays in cells of its own."""
    expected = [("markdown", each) for each in ["Above.", handout.ANSWER, "Below."]]
    assert cells(mini_course, block) == expected


def test_a_mark_after_a_block(mini_course: Assignment) -> None:
    """A block that is closed hides nothing, and words between backticks open none."""
    text = f"```text\nx\n```\n{handout.ANSWER}\n```inline``` words\n\n{handout.ANSWER}\n"
    assert [source for _, source in cells(mini_course, text)] == [
        "```text\nx\n```", handout.ANSWER, "```inline``` words", handout.ANSWER,
    ]  # fmt: skip


def test_other_text(mini_course: Assignment) -> None:
    """A mark of byte order is no text, a raw cell no code, and magics stay as they are."""
    text = "<!-- #raw -->\nraw\n<!-- #endraw -->\n\n" + CODE.format("%matplotlib inline")
    assert cells(mini_course, text) == [("raw", "raw"), ("code", "%matplotlib inline")]
    mini_course.handout.write_bytes(b"\xef\xbb\xbf# Title\n\n" + BOTH.encode())
    assert handout.source_notebook(mini_course, {}).cells[0].source == "# Title"


def test_a_cell_without_checks(mini_course: Assignment) -> None:
    """It says so, and is still valid Python."""
    said = source(course=mini_course)
    assert said == (
        "# double in basics.py: 40 points\n"
        "# No visible check is about this exercise: try it yourself."
    )


def test_one_point(mini_course: Assignment) -> None:
    """Points are written as people say them."""
    one = mini_course.exercise("double").model_copy(update={"points": 1})
    half = one.model_copy(update={"points": 2.5})
    assert handout.check_source(one, ()).startswith("# double in basics.py: 1 point\n")
    assert handout.check_source(half, ()).startswith("# double in basics.py: 2.5 points\n")


@pytest.mark.parametrize(
    "name",
    ['a"b', "a'b", "a\\b", r"a\nb", "a\nb", "é∂", "a # b", '"""', "{x}", "%s", "\x00", "x" * 200],
)
def test_any_name_can_be_asked_for(mini_course: Assignment, name: str) -> None:
    """A cell asks pytest for just the id that a check has, whatever is in it."""
    ids = [f"tests/test_x.py::test_x[{name}]", "tests/test_x.py::test_y"]
    code = source(*(Check(each, "A title.") for each in ids), course=mini_course)
    assert asked(code) == ids


@pytest.mark.parametrize(
    "title", ['Say "x" # y', "a\\", "a\rb", "a\x00b\x0cc\u2028d\u202ee", "é∂", "", "   ", "w" * 300]
)
def test_any_title_is_a_comment(mini_course: Assignment, title: str) -> None:
    """A cell stays valid Python, and its lines fit, whatever a title holds."""
    code = source(Check("tests/test_x.py::test_x", title), course=mini_course)
    assert asked(code) == ["tests/test_x.py::test_x"]
    assert len(code.splitlines()) == 6
    assert max(map(len, code.splitlines())) <= 96
    assert all(letter.isprintable() for letter in code.replace("\n", ""))


def test_a_long_line_loses_words_of_its_title(mini_course: Assignment) -> None:
    """Only the comment is cut, between words."""
    long, name = "word " * 40, f"tests/test_x.py::test_{'x' * 60}"
    first, second = source(
        Check(name, long), Check("tests/test_x.py::test_y", long), course=mini_course
    ).splitlines()[-3:-1]
    assert first == f'    "{name}",  # word word word ...'
    assert second.endswith("# " + "word " * 11 + "...")


def test_awkward_checks_run(mini_course: Assignment) -> None:
    """Every check is found by the name that its cell has for it."""
    (mini_course.visible / "test_basics.py").write_text(
        "import basics\nimport losses\nimport pytest\n\n\n"
        "@pytest.mark.parametrize('x', ['a\"b', \"a'b\", 'a\\\\b', 'a\\nb', 'é', 'a]b', '', 'l'])\n"
        "def test_x(x):\n    '''Any \"letters\" # \\\\n.'''\n"
        "    losses._log_softmax\n    x == 'l' or basics.double(x)\n",
        "utf-8",
    )
    text = notebook.source_text(mini_course)
    (cell,) = [c for c in json.loads(text)["cells"] if "# double" in "".join(c["source"])]
    names = asked("".join(cell["source"]))
    assert len(names) == 7
    assert_runs(mini_course, names)


def assert_runs(course: Assignment, names: list[str]) -> None:
    """Run these checks on the solution with what a student gets."""
    folder = course.root / "student"
    (folder / "tests").mkdir(parents=True)
    for path in course.solutions.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    for path in course.visible.glob("*.py"):
        (folder / "tests" / path.name).write_bytes(path.read_bytes())
    for path in (Path(handout.__file__).parent / "kit").glob("[cp]*"):
        (folder / path.name).write_bytes(path.read_bytes())
    scope: dict[str, Any] = {"__file__": str(folder / "checks.py"), "__name__": "checks"}
    exec((folder / "checks.py").read_text("utf-8"), scope)
    with contextlib.redirect_stdout(None):
        scope["check"](*names)


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_the_course_has_handouts(slug: str) -> None:
    """Each exercise has one cell, which asks for checks of files that are there."""
    course = assignment.load(slug, REPO)
    book = json.loads(notebook.source_text(course))
    code = ["".join(c["source"]) for c in book["cells"] if "nbgrader" in c["metadata"]]
    files = [path.name for path in course.visible.glob("test_*.py")]
    named = [name for source in code if "check(" in source for name in asked(source)]
    told = [c["metadata"]["nbgrader"] for c in book["cells"] if "nbgrader" in c["metadata"]]
    exercises = {each["grade_id"]: each["points"] for each in told if not each["solution"]}
    assert exercises == {each.name: each.points for each in course.exercises}
    assert {name.partition("::")[0] for name in named} == {f"tests/{name}" for name in files}
