"""The handout: `handout.md` as nbgrader's source notebook.

Two conventions mark what is graded, each a line of its own outside of code:

    <!-- check NAME -->    becomes the graded code cell of the exercise NAME
    *Your answer:*         becomes the answer cell of the inline question above it
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.assignment import Assignment, Exercise
from autograder.errors import StaffError
from autograder.release.visible import Check

ANSWER = "*Your answer:*"
_CHECK = re.compile(r"<!--\s*check\s+(\S+)\s*-->")
_MARK = re.compile(rf" {{0,3}}(<!--\s*check\b.*?-->|{re.escape(ANSWER)})\s*")
_FENCE = re.compile(r"\s*(`{3,}(?!.*`)|~{3,})(.*)")
_SCHEMA = 3  # of nbgrader's cell metadata
_WIDTH, _LEAST = 96, 20  # of a line of code, and of a title that is still worth its place
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

Cell = Any  # nbformat's, which has no types


def source_notebook(assignment: Assignment, checks: Mapping[str, Sequence[Check]]) -> Any:
    """Return the source notebook (nbformat 4): a grade cell for each exercise of the assignment."""
    import jupytext
    from nbformat.v4 import new_notebook

    shape = {"extension": ".md", "format_name": "markdown", "split_at_heading": True}
    read = jupytext.reads(_text(assignment), fmt=shape)
    cells = [new for cell in read.cells for new in _split(assignment, cell, checks)]
    _complete(assignment, cells)
    _name_questions(assignment, cells)
    for number, cell in enumerate(cells, start=1):
        cell.id = f"cell-{number}"  # else a new one each time, and no release is the same twice
    info = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=info)


def _where(assignment: Assignment) -> str:
    return f"assignments/{assignment.slug}/handout.md"


def _text(assignment: Assignment) -> str:
    try:
        return assignment.handout.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except FileNotFoundError:
        raise StaffError("no such file", _where(assignment)) from None
    except UnicodeDecodeError:
        raise StaffError("not UTF-8 text", _where(assignment)) from None


def _split(
    assignment: Assignment, cell: Cell, checks: Mapping[str, Sequence[Check]]
) -> Iterator[Cell]:
    """Give each mark of a Markdown cell a cell of its own; code stays as it is."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

    if cell.cell_type != "markdown":
        yield (new_raw_cell if cell.cell_type == "raw" else new_code_cell)(cell.source)
        return
    for is_mark, text in _pieces(cell.source):
        if not is_mark:
            if text:
                yield new_markdown_cell(text)
        elif text == ANSWER:
            yield _answer_cell(assignment.question_points)
        elif marked := _CHECK.fullmatch(text):
            yield _grade_cell(_exercise(assignment, marked[1]), checks)
        else:
            raise StaffError(f"{text!r} names no exercise", _where(assignment))


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Cut Markdown at its marks; yield whether a piece is a mark, and the piece."""
    fence, between = "", ""
    for line in text.split("\n"):
        fence = _fence(fence, line)
        if fence or not (mark := _MARK.fullmatch(line)):
            between += f"{line}\n"
            continue
        yield False, between.strip()
        yield True, mark[1]
        between = ""
    yield False, between.strip()


def _fence(fence: str, line: str) -> str:
    """Return what the block of code began with that goes on after a line; empty when none does."""
    bar = _FENCE.fullmatch(line)
    if bar and not fence:
        return bar[1]
    closes = bar and bar[1].startswith(fence) and not bar[2].strip()
    return "" if closes else fence


def _exercise(assignment: Assignment, name: str) -> Exercise:
    try:
        return assignment.exercise(name)
    except StaffError as error:
        raise StaffError(f"<!-- check {name} -->: {error.message}", _where(assignment)) from None


def _grade_cell(exercise: Exercise, checks: Mapping[str, Sequence[Check]]) -> Cell:
    from nbformat.v4 import new_code_cell

    source = check_source(exercise, checks.get(exercise.name, ()))
    return new_code_cell(source, metadata=_graded(exercise.name, exercise.points))


def _graded(name: str, points: float, *, by_hand: bool = False) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell that gives points, by tests or by hand."""
    told = {"grade": True, "grade_id": name, "points": points, "schema_version": _SCHEMA}
    return {"nbgrader": {**told, "locked": not by_hand, "solution": by_hand, "task": False}}


def check_source(exercise: Exercise, checks: Sequence[Check]) -> str:
    """Return the code of an exercise's cell: its visible checks by name, nothing hidden."""
    points = "1 point" if exercise.points == 1 else f"{exercise.points:g} points"
    lines = [f"# {exercise.name} in {exercise.file}: {points}"]
    if not checks:
        return "\n".join([*lines, "# No visible check is about this exercise: try it yourself."])
    lines += ["from checks import check", "", "check("]
    return "\n".join([*lines, *map(_named, checks), ")"])


def _named(check: Check) -> str:
    """Return the line of one check: its id as a string of Python, its title as far as it fits."""
    code = f"    {json.dumps(check.id, ensure_ascii=False)},"
    title = "".join(letter for letter in check.title if letter.isprintable())
    room = max(_WIDTH - len(code) - len("  # "), _LEAST)
    short = textwrap.shorten(title, room, placeholder=" ...")
    return f"{code}  # {short}" if short else code


def _answer_cell(points: float) -> Cell:
    from nbformat.v4 import new_markdown_cell

    # Its name is known once all questions are counted.
    return new_markdown_cell(ANSWER, metadata=_graded("", points, by_hand=True))


def _name_questions(assignment: Assignment, cells: Sequence[Cell]) -> None:
    answers = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    taken = {exercise.name for exercise in assignment.exercises}
    for number, cell in enumerate(answers, start=1):
        name = f"question_{number}"
        if name in taken:
            raise StaffError(f"an exercise is called {name!r}, like a question", _where(assignment))
        cell.metadata["nbgrader"]["grade_id"] = name


def _complete(assignment: Assignment, cells: Sequence[Cell]) -> None:
    """Every exercise has exactly one grade cell."""
    told = [cell.metadata.get("nbgrader", {}) for cell in cells]
    graded = [each["grade_id"] for each in told if each.get("grade") and not each["solution"]]
    for exercise in assignment.exercises:
        times = graded.count(exercise.name)
        if times != 1:
            said = f"exercise {exercise.name!r} has {times} lines <!-- check {exercise.name} -->"
            raise StaffError(f"{said}, and needs one", _where(assignment))
