"""A class at a glance for its instructor: one HTML page, no script, nothing loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from autograder.assignment import Assignment
from autograder.feedback.class_numbers import numbers
from autograder.feedback.words import prepare
from autograder.report import Report

TEMPLATES = Path(__file__).parent / "templates" / "autograder"
LINK = "{student}/{slug}.html"


def render(
    assignment: Assignment,
    reports: Sequence[Report],
    *,
    scores: Mapping[str, float] | None = None,
    max_score: float | None = None,
    link: str = LINK,
) -> str:
    """The page of a class.

    `scores` are final scores by student, where they are known; `max_score` is what they are out
    of. `link` says where a student's page is, seen from this one.
    """

    def to(student: str) -> str:
        # Quoted whole, so that no name becomes a scheme or climbs out of the folder.
        return link.format(student=quote(student, safe="", errors="replace"), slug=assignment.slug)

    most = max_score or assignment.max_score
    shown = numbers(assignment, reports, scores or {}, most, to)
    environment = prepare(Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True))
    return environment.get_template("class.html.j2").render(shown=shown)
