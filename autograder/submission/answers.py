"""A notebook's answers to the inline questions: text for people to read, never run.

A cell is known by the name that nbgrader gave it, wherever it stands and whatever its type is now.
Where the name was lost, the cell after `Inline question N` counts. Copies are joined, a cell that
still says what it said when it was released is no answer.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from autograder.errors import Rejected
from autograder.submission.book import read_cells
from autograder.submission.text import printable

_NAME = re.compile(r"question_\d{1,3}")
_ASKED = re.compile(r"\*\*Inline question (\d{1,3})\b")
_UNANSWERED = {"", "YOUR ANSWER HERE", "*Your answer:*", "# YOUR CODE HERE"}
_LENGTH = 20_000  # characters of one answer
_READ = 2 * _LENGTH  # and of one cell


def answers_of(data: bytes) -> dict[str, str]:
    """Return `question_N` -> text; a notebook that cannot be read has none."""
    try:
        return answers_in(read_cells(data))
    except Rejected:
        return {}


def answers_in(cells: Sequence[Any]) -> dict[str, str]:
    """Return `question_N` -> text from the cells of a notebook, whatever they are."""
    said = _by_name(cells)
    by_place = {name: text for name, text in _by_place(cells).items() if name not in said}
    return dict(sorted((said | by_place).items(), key=lambda item: int(item[0].split("_")[1])))


def _by_name(cells: Sequence[Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for cell in cells:
        name = _name(cell)
        if name and (text := _text(cell)) not in {*_UNANSWERED, *found.get(name, [])}:
            found.setdefault(name, []).append(text)
    return {name: "\n\n".join(texts)[:_LENGTH] for name, texts in found.items()}


def _by_place(cells: Sequence[Any]) -> dict[str, str]:
    found = {}
    for cell, following in pairwise(cells):
        if (asked := _ASKED.search(_text(cell))) and not _name(following):
            is_graded = bool(_told(following).get("grade"))
            if not is_graded and not _ASKED.search(_text(following)):
                text = _text(following)[:_LENGTH]
                found[f"question_{int(asked[1])}"] = "" if text in _UNANSWERED else text
    return {name: text for name, text in found.items() if text}


def _name(cell: Any) -> str:
    name = _told(cell).get("grade_id")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def _told(cell: Any) -> Mapping[str, Any]:
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    told = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def _text(cell: Any) -> str:
    source = cell.get("source") if isinstance(cell, Mapping) else None
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))[:_READ]
    return "\n".join(printable(line.expandtabs(4), _LENGTH) for line in text.splitlines()).strip()
