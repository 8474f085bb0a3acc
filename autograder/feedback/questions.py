"""Inline questions on a feedback page: what was asked, what was answered, what it got."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_HEADING = re.compile(r"\A\*\*Inline question[^*\n]*\*\*\s*", re.IGNORECASE)
_PLAIN_MATH = re.compile(r"\$([^$\\\n]+)\$")  # reads well without a typesetter
_NOTHING = {"No answer.", "No response."}  # what is said automatically where nothing was written
_STRUCTURED = re.compile(r"^(?:[|>]|[-*+] |\d+[.)] |    |\t|```)", re.MULTILINE)


@dataclass(frozen=True)
class Paragraph:
    """A part of a question; its lines are kept where they mean something."""

    text: str
    as_it_stands: bool


@dataclass(frozen=True)
class Question:
    """An inline question and what the student wrote."""

    anchor: str
    name: str
    asked: tuple[Paragraph, ...]
    answer: str
    score: float
    points: float
    graded: bool
    comment: str


def questions(cells: Sequence[Mapping[str, Any]]) -> Iterator[Question]:
    """Every written answer that is graded, with the text before it."""
    answers = [
        (cell, before)
        for before, cell in pairwise(({}, *cells))
        if cell["cell_type"] == "markdown" and _grade(cell).get("grade")
    ]
    for number, (cell, before) in enumerate(answers, start=1):
        grade, ours = _grade(cell), cell["metadata"].get("autograder") or {}
        answer = str(ours.get("text", cell["source"])).replace("\r\n", "\n").strip()
        comment = (grade.get("comment") or "").strip()
        score = float(grade.get("score") or 0.0)
        yield Question(
            anchor=f"q{number}",
            name=f"Question {number}",
            asked=tuple(_paragraphs(before["source"] if _is_text(before) else "")),
            answer=answer,
            score=score,
            points=float(grade.get("points") or 0.0),
            # What is empty needs no reader.
            graded=bool(ours.get("graded") or score or comment or not answer),
            comment="" if comment in _NOTHING and not answer else comment,
        )


def _grade(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["metadata"].get("nbgrader") or {}
    return found


def _is_text(cell: Mapping[str, Any]) -> bool:
    return cell.get("cell_type") == "markdown" and not _grade(cell).get("grade")


def _paragraphs(text: str) -> Iterator[Paragraph]:
    plain = _PLAIN_MATH.sub(r"\1", _HEADING.sub("", text)).strip()
    for part in re.split(r"\n\s*\n", plain):
        if part:
            yield Paragraph(part, bool(_STRUCTURED.search(part)))
