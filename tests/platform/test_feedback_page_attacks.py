"""Whatever a student writes is text on the page, and text that cannot play tricks."""

import time

import pytest
from graded_notebooks import (
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
)
from nbformat import NotebookNode

from autograder.feedback import pages
from autograder.feedback.listing import MOST_COLUMNS, MOST_LINES, colour
from autograder.report import Report, ReportStatus

EXPORTER = pages.exporter()
ATTACKS = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title></pre></code></details><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "`<b onclick=alert(1)>`",
    "<a href=javascript:alert(1)>here</a>",
    "[here](javascript:alert(1)) ![x](https://example.org/x.png)",
    "{{ 7 * 7 }}{% include 'style.css' %}",
    "<!--", "-->", "<![CDATA[", "&lt;script&gt;", "<svg/onload=alert(1)>",
    "losses.py line 1: <i>x</i> losses.py line 2: `</span>`",
]  # fmt: skip
HARMLESS = {
    "charset", "class", "id", "href", "style", "lang", "name", "content", "http-equiv", "open",
    "aria-hidden", "aria-label", "aria-labelledby", "tabindex", "dir",
}  # fmt: skip


def about(text: str) -> Report:
    """A report that says a text wherever a report can."""
    return report(
        exercise("double", 40, failed(text, text), passed(text)),
        exercise("softmax_loss", 60, failed(text, f"{FILE} line 1: {text}", code="import")),
        student=text,
        files=(text,),
        missing=(text,),
        ignored=(text,),
        problems={text: text},
    ).model_copy(update={"message": text})


def everywhere(text: str) -> tuple[NotebookNode, str]:
    """A notebook that holds a text wherever a student or a grader can write, and its page."""
    answers = question(text, text, 1.0)
    answers[1].metadata["nbgrader"]["comment"] = text
    node = notebook(
        about(text),
        {text: text, FILE: f"{text}\n'''{text}\n# {text}"},
        lines={"1": text, "9": text},
        grades={"double": (1.0, f"hand: {text}")},
        answers=answers,
    )
    return node, pages.render(EXPORTER, node, resources(node, student=text))


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_stays_text(attack: str) -> None:
    """No text becomes an element or an attribute, wherever it stands."""
    innocent, attacked = Parsed(everywhere("abc def")[1]), Parsed(everywhere(attack)[1])
    assert set(attacked.tags) <= set(innocent.tags) | {"code"}
    assert {name for name, _ in attacked.attributes} <= HARMLESS
    assert all(link.startswith("#") for link in attacked.links)
    assert attack.replace("`", "") in attacked.text.replace("`", "")


@pytest.mark.parametrize("status", [ReportStatus.REJECTED, ReportStatus.ERROR])
@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_markup_of_a_reason_stays_text(status: ReportStatus, attack: str) -> None:
    """The reason of a rejection names files as they were handed in."""
    node = notebook(ungraded(status, attack, student=attack), {})
    shown = Parsed(pages.render(EXPORTER, node, resources(node, student=attack)))
    assert not {"script", "img", "svg"} & set(shown.tags)
    assert {name for name, _ in shown.attributes} <= HARMLESS


def test_no_script_and_nothing_from_elsewhere() -> None:
    """A page has no script, loads nothing, and forbids both."""
    html = everywhere("x")[1]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(Parsed(html).tags)
    assert "@import" not in html
    assert "url(" not in html


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\x00", "\x1b", "\u200b", "\ud800", "\x85"]
)
def test_what_cannot_be_seen_is_spelled_out(character: str) -> None:
    """Controls and marks that turn the reading direction are replaced by their numbers."""
    html = everywhere(f"a{character}b")[1]
    assert character not in html
    assert f'<span class="u">U+{ord(character):04X}</span>' in html  # in code
    assert f"a[U+{ord(character):04X}]b" in html  # elsewhere
    html.encode("utf-8")


def test_letters_of_all_languages_stay() -> None:
    """What is only foreign is shown as it is."""
    text = "größer, שלום, 你好, می‌خواهم, 👩‍🔬"
    node = notebook(answers=question("Why?", text))
    assert text in pages.render(EXPORTER, node, resources(node))


def test_an_endless_line_is_cut() -> None:
    """A line that nobody would read is not carried to a phone."""
    node = notebook(files={FILE: "x = '" + "a" * 100_000 + "'\n"})
    shown = Parsed(pages.render(EXPORTER, node, resources(node)))
    assert f"… {100_006 - MOST_COLUMNS} more characters" in shown.text
    assert len(shown.text) < 5000


def test_an_endless_file_is_cut() -> None:
    """So is a file; what was said about a line further down is said below it."""
    node = notebook(files={FILE: "x = 1\n" * 100_000}, lines={"50000": "Too long."})
    shown = Parsed(pages.render(EXPORTER, node, resources(node)))
    assert f"{100_000 - MOST_LINES} more lines not shown" in shown.words
    assert "line 50000: Too long." in shown.words


@pytest.mark.parametrize(
    "piece",
    ['"""', "\\", "'", '\\"""', "# ", "rb'", "f'{", "((((", "a.b", "0x", "\n'''\\", "é\u202e"],
)
def test_half_a_megabyte_of_anything_is_fast(piece: str) -> None:
    """No source makes the colouring slower than in proportion to its length."""
    source = (piece * (500_000 // len(piece)))[:500_000]
    begun = time.process_time()
    colour(source)
    assert time.process_time() - begun < 5  # of the processor; it takes well below one


@pytest.mark.parametrize(
    "source", ["", "\n", "x", "x\r\ny\r", "\ufeffx = 1", '"""', "'\\\n'", "é = 1"]
)
def test_colours_change_no_text(source: str) -> None:
    """The text of a coloured source is the source, line by line."""
    assert Parsed(colour(source)).text == source.replace("\ufeff", "U+FEFF").replace("\r", "U+000D")
