"""The autograded notebook: what formgrader shows, and where nbgrader takes scores from."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown import markdown2html
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.server_extensions import formgrader
from nbgrader.utils import determine_grade
from reports import FULL, WHY, graded, ungraded

from autograder.assignment import Assignment
from autograder.feedback.autograded import UNREADABLE, Form, Graded, _harmless, mark
from autograder.release.handout import source_notebook
from autograder.report import ExerciseStatus

TEMPLATES = Path(formgrader.__file__).parent / "templates"
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <b onclick=alert(1)>b</b>",
    "<!-- <script>alert(1)</script> -->",
    "<javascript:alert(1)>",
    "<https://evil.example/>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( <javascript:alert(1)>)",
    "[x](java&#115;cript:alert(1))",
    "[x](java&amp;#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript\\:alert(1))",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[r]\n\n[r]: <javascript:alert(1)>",
    "[x](data:text/html;base64,AAAA)",
    "[![x](https://evil.example/a.png)](javascript:alert(1))",
    "![x](https://evil.example/a.png)",
    "![x](x){onerror=alert(1)}",
    "![x][r]\n\n[r]: https://evil.example/a.png",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "$<img src=x onerror=alert(1)>$",
    "$$\n</p><script>alert(1)</script>\n$$",
    "`` </code><script>alert(1)</script> ``",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "    </pre><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)</script>",
    "<\nscript>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "!\\[x](javascript:alert(1))",
    "\\![x](javascript:alert(1))",
    "{{ resources }} {% raw %}",
]
PIECES = st.sampled_from(
    [
        *"<>&![]()\\`$|:#/\"'=\n \t",
        "<a",
        "javascript:",
        "x",
        "](",
        "![",
        "&#",
        "]:",
        "\n\n",
        "http:",
    ]
)


class Active(HTMLParser):
    """Collects what a browser would run, load or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag of an answer."""
        if tag in {"script", "img", "iframe", "object", "svg", "style", "form", "base", "meta"}:
            self.found.append(tag)
        bad = [
            name
            for name, value in attrs
            if name.startswith("on") or (name in {"href", "src"} and not safe(value or ""))
        ]
        self.found += bad


def safe(link: str) -> bool:
    """Tell whether a link leads to a page, and says so: nbconvert links plain addresses."""
    return link.startswith(("http://", "https://", "#"))


def active(html: str) -> list[object]:
    """What is active in a piece of HTML."""
    parser = Active()
    parser.feed(html)
    parser.close()
    return parser.found


def filled(assignment: Assignment, **content: Any) -> Any:
    """The notebook of a submission with this content."""
    return Form(assignment).fill(graded(**content))


def cell(book: Any, name: str) -> Any:
    """The graded cell of that name."""
    named = [each for each in book.cells if each.metadata.get("nbgrader", {}).get("grade_id")]
    return next(each for each in named if each.metadata.nbgrader.grade_id == name)


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_does_nothing_in_a_page(text: str) -> None:
    """Tags, links, images and what becomes them are text when Markdown is rendered."""
    assert active(markdown2html(_harmless(text))) == []


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_mixture_does(text: str) -> None:
    """Whatever is put together from the pieces that could."""
    assert active(markdown2html(_harmless(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Because $a < b$, and $x \\le y$ & so on: **no**.",
        "- `x = a[0] < 3`\n- f(x) != g(x)!\n\n$$\\begin{matrix} a & b \\\\ c & d \\end{matrix}$$",
        "R & D, 3 < 4 > 2, [sic], (really)",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    """Formulas, code and plain words are shown as they were written."""
    assert _harmless(text) == text


def test_formgrader_shows_a_hostile_answer_as_text(mini_course: Assignment) -> None:
    """Through nbgrader's own template, answer, file and verdict and all."""
    evil = "\n\n".join(HOSTILE)
    book = filled(
        mini_course,
        scores={"double": 0, "softmax_loss": 60},
        answers={"question_1": evil},
        files={"basics.py": f"'''{evil}'''".encode()},
    )
    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[str(TEMPLATES)])
    numbers = {"index": 0, "total": 1, "base_url": "", "submission_id": "1", "notebook_path": ""}
    names = {"student": "ann", "assignment_id": "mini", "notebook_id": "mini"}
    told = {**numbers, **names, "last_name": None, "first_name": None}
    page, _ = exporter.from_notebook_node(book, resources=told)
    shown = page[page.index('id="notebook-container"') :]
    assert "alert(1)" in shown
    assert active(shown) == []


def test_what_it_holds(mini_course: Assignment) -> None:
    """The handout with answers, then the files, in the order of their names."""
    answers = {"question_1": "Nothing.", "question_9": "?"}
    files = {"losses.py": b"y = 2\n", "basics.py": "x = '\u00e9'\n".encode()}
    book = filled(mini_course, answers=answers, files=files)
    nbformat.validate(book)
    MetadataValidator().validate_nb(book)
    assert cell(book, "question_1").source == "Nothing."
    assert cell(book, "question_2").source == "*Your answer:*"
    assert [each.source for each in book.cells[-2:]] == ["x = '\u00e9'\n", "y = 2\n"]
    assert [each.metadata.autograder.file for each in book.cells[-2:]] == ["basics.py", "losses.py"]


def test_the_same_submission_is_the_same_bytes(mini_course: Assignment) -> None:
    """So that what did not change is not written again."""
    form, each = Form(mini_course), graded(files={"basics.py": b"x = 1\n"})
    assert form.text(each) == form.text(each) == Form(mini_course).text(each)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x = '\xe9'\n", bytes(range(256))])
def test_a_file_that_is_not_text(mini_course: Assignment, data: bytes) -> None:
    """It is named and not shown."""
    book = filled(mini_course, files={"basics.py": data})
    assert book.cells[-1].source == UNREADABLE
    assert book.cells[-1].metadata.autograder.file == "basics.py"


@pytest.mark.parametrize("text", ["", "\ufeffx = 1", "x = '\0'\r\n", "\x1b[31mred", "\u202e"])
def test_odd_text_can_be_written(mini_course: Assignment, text: str) -> None:
    """Whatever a file or an answer holds, the notebook can be written and read again."""
    content = {"files": {"basics.py": text.encode()}, "answers": {"question_1": text + "\ud800"}}
    written = Form(mini_course).text(graded(**content))
    nbformat.validate(nbformat.reads(written.decode(), as_version=4))


def test_broken_rules_are_shown_at_their_lines(mini_course: Assignment) -> None:
    """Each line with what the rules say about it."""
    code = b"import numpy\nimport scipy\n\ndef double(x):\n    return 2 * x\n"
    told = graded(files={"basics.py": code, "other.py": b"import scipy\n"})
    status = {"status": ExerciseStatus.FORBIDDEN}
    broken = tuple(each.model_copy(update=status) for each in told.report.exercises)
    report = told.report.model_copy(update={"exercises": broken})
    book = Form(mini_course).fill(Graded(report, told.handed_in))
    lines = book.cells[-2].metadata.autograder.lines
    assert list(lines) == ["2"]
    assert "scipy" in lines["2"]
    assert book.cells[-1].metadata.autograder.lines == {}


@pytest.mark.parametrize("score", [0.0, 40.0, 13.3333, 26.6667, 0.0001, 39.9999, 1e-05])
def test_nbgrader_takes_exactly_the_score(mini_course: Assignment, score: float) -> None:
    """Its own function reads the verdict's cell and gets the number that the report has."""
    book = source_notebook(mini_course, {})
    scores = {"double": score, "softmax_loss": 60.0}
    mark(book, mini_course, graded(scores=scores))
    assert determine_grade(cell(book, "double")) == (score, 40.0)
    assert determine_grade(cell(book, "softmax_loss")) == (60.0, 60.0)


@pytest.mark.parametrize("score", [0.0, 40.0])
def test_a_refused_submission_has_no_points(mini_course: Assignment, score: float) -> None:
    """Nobody gets all points because there is no verdict."""
    book = source_notebook(mini_course, {})
    mark(book, mini_course, ungraded("rejected", "x.zip is not a zip file."))
    assert [determine_grade(cell(book, name))[0] for name in FULL] == [0.0, 0.0]
    assert "x.zip is not a zip file." in cell(book, "double").outputs[0].text


def test_nothing_hidden_is_in_it(mini_course: Assignment) -> None:
    """Neither the code of hidden tests nor the reference is anywhere."""
    scores = {"double": 0.0, "softmax_loss": 20.0}
    text = json.dumps(filled(mini_course, scores=scores, files={"basics.py": b"x = 1\n"}))
    assert WHY in text
    for secret in ("reference", "2 * x", "log_softmax", "rng", "SOLUTION"):
        assert secret not in text, secret
