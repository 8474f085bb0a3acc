"""A summary in Markdown shows every text as it is, and nothing else comes of it."""

import re
from html.parser import HTMLParser

import pytest
from exports import AWKWARD, judged, report, said
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import graded, ungraded

from autograder.assignment import Assignment
from autograder.export.formats import markdown
from autograder.report import Report, TestStatus

OURS = {"h1", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br"}


class Page(HTMLParser):
    """What a browser makes of the HTML: its elements, and the text of each cell and heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.texts: list[str] = []
        self.feed(MarkdownIt("commonmark").enable("table").render(text))
        self.texts = [each.rstrip("\n") for each in self.texts]

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as its base has it
        """A line break is a text; other elements begin one."""
        self.elements.add(tag)
        if tag == "br":
            self.texts[-1] += "\n"
        elif tag in OURS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """Add to the text of what began last."""
        if self.texts:
            self.texts[-1] += data


def page(assignment: Assignment, *reports: Report, alone: bool = False) -> Page:
    """Render a summary, and read it."""
    return Page(markdown.render(assignment, reports, alone=alone))


def test_a_class(mini_course: Assignment) -> None:
    """A row a student, and a row an exercise."""
    made = page(mini_course, graded().report, said("Wrong.", student="bob"))
    cells = made.texts
    assert cells[cells.index("ann") :][:3] == ["ann", "100", "all passed"]
    assert cells[cells.index("bob") :][:3] == ["bob", "10", "1 of 1 exercises lost points"]
    assert cells[cells.index("double") :][:3] == ["double", "25/40", "1 of 2"]


def test_one_student(mini_course: Assignment) -> None:
    """A row an exercise, with what to know."""
    made = page(mini_course, said("Wrong."), alone=True)
    assert made.texts[0] == "A miniature course: ann"
    cells = made.texts
    assert cells[cells.index("double") :][:4] == ["double", "10/40", "partly right", "Wrong."]


def test_who_has_no_verdicts(mini_course: Assignment) -> None:
    """The reason stands there, and no score is no zero."""
    lost = ungraded("error", "lost").report
    assert "error: lost" in page(mini_course, lost).texts
    assert "no score" in page(mini_course, lost, alone=True).texts


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("alone", [False, True], ids=["class", "one"])
def test_words_stay_words(mini_course: Assignment, text: str, alone: bool) -> None:
    """As a name and as a message: no elements, no cells, no lines but ours."""
    made = page(mini_course, said(text, student=text), alone=alone)
    assert made.elements <= OURS
    shown = [each.removeprefix(f"{mini_course.title}: ").strip() for each in made.texts]
    assert text.strip() in shown
    source = markdown.render(mini_course, [said(text, student=text)], alone=alone)
    assert len(re.findall(r"^\|", source, re.MULTILINE)) == (3 if alone else 7)


@given(st.text("ab`*_[]()<>!&#|\\~-+=1.: \n\"'@$"))
def test_any_text_stays_a_text(text: str) -> None:
    """In a paragraph, too."""
    made = Page(f"x{markdown.escaped(text)}x")
    assert made.elements <= {"p", "br"}
    assert "".join(made.texts).split() == f"x{text.strip(' ')}x".split()


def test_nobody_is_mentioned() -> None:
    """GitHub looks for names and numbers in the page, so something stands between."""
    assert markdown.escaped("@ann #1") == r"\@<!-- -->ann \#<!-- -->1"


def test_a_passed_exercise_has_nothing_to_say(mini_course: Assignment) -> None:
    """Its cell is empty."""
    made = report(judged("double", TestStatus.PASSED))
    assert "| double | 40/40 | passed |  |" in markdown.render(mini_course, [made], alone=True)


def test_a_long_reason_is_cut(mini_course: Assignment) -> None:
    """A class of a thousand fits into GitHub's megabyte."""
    refused = ungraded("rejected", "*" * 2000).report
    everybody = [refused] * 1000
    assert len(markdown.render(mini_course, everybody, alone=False).encode()) < 1_000_000
    assert "\\*" * 2000 in markdown.render(mini_course, [refused], alone=True)
