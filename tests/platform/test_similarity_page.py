"""Pages of a comparison: what they say, and that whatever a student writes stays text."""

import re
from pathlib import Path

import pytest
from graded_notebooks import Parsed

from autograder.assignment import Assignment
from autograder.similarity.listing import GIVEN, listing
from autograder.similarity.model import Comparison, Match, Own, Pair, Skipped, Span, Work
from autograder.similarity.page import fingerprint, histogram, render
from autograder.similarity.pages import write
from autograder.similarity.rows import as_json, percent, rows

CODE = "import numpy\n\n\ndef double(x):\n    return 2 * x\n"
WHOLE = Span("basics.py", CODE.index("def"), len(CODE) - 1)
ATTACKS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "</title></bdi></span></main><iframe src=x>",
    '" onmouseover="alert(1)" x="',
    "{{ 7 * 7 }}{% include 'style.css' %}",
    "<!--", "-->", "<![CDATA[", "&lt;script&gt;", "javascript:alert(1)", "../../index.html#a1",
]  # fmt: skip
HARMLESS = {
    "charset", "class", "id", "href", "style", "lang", "name", "content", "http-equiv",
    "aria-hidden", "aria-label", "aria-labelledby", "tabindex", "role", "viewbox",
    "x", "y", "x1", "x2", "y1", "y2", "width", "height",
}  # fmt: skip


def comparison(name: str = "ann", code: str = CODE, span: Span = WHOLE) -> Comparison:
    """Two works with one match, and one beside them that has nothing of its own."""
    works = (
        Work(name, "1", {"basics.py": code}),
        Work("bob", "2", {"basics.py": CODE}, year=name),
        Work("nil", "3", {"basics.py": CODE}),
    )
    match = Match(span, WHOLE, tokens=8, names=4, same=3)
    return Comparison(
        works=works,
        own=(Own(10, (Span("basics.py", 0, 12),)), Own(8), Own(0)),
        pairs=(Pair(0, 1, 4.5, (match,), 8, 8), Pair(0, 2, 1.5, note=f"cut: {name}")),
        closest=(4.5, 4.5, 0.0),
        skipped=(Skipped(name, name),),
        same_person=2,
    )


def pages(course: Assignment, shown: Comparison) -> dict[str, str]:
    """All pages by path."""
    return dict(render(course, shown))


def test_the_first_page_ranks_pairs(mini_course: Assignment) -> None:
    """With scores, shares, and what was left out and why."""
    shown = Parsed(pages(mini_course, comparison())["index.html"])
    assert "1 ann and bob (ann) 4.5 80 % 100 % 75 %" in shown.words
    assert "2 ann and nil cut: ann 1.5 0 % 0 % 0 %" in shown.words
    assert "2 pairs left out" in shown.words
    assert "Too little of their own to compare: nil." in shown.words
    assert [link for link in shown.links if "pairs" in link] == ["pairs/1.html", "pairs/2.html"]


def test_nothing_in_common(mini_course: Assignment) -> None:
    """The page says so."""
    shown = Comparison((), (), (), ())
    assert "No two submissions have anything in common" in pages(mini_course, shown)["index.html"]


def test_a_pair_side_by_side(mini_course: Assignment) -> None:
    """Both codes, the match coloured, and its number leading to the other side and back."""
    html = pages(mini_course, comparison())["pairs/1.html"]
    shown = Parsed(html)
    assert '<a class="j m0" id="a1" href="#b1">1</a>' in html
    assert '<a class="j m0" id="b1" href="#a1">1</a>' in html
    assert html.count('<span class="m m0">def double(x):</span>') == 2
    assert '<span class="g">import numpy</span>' in html
    assert "80 % of the first one's own code" in shown.words
    assert {"../index.html", "2.html"} <= set(shown.links)


def test_pages_are_the_same_every_time(mini_course: Assignment) -> None:
    """Neither the time nor chance is on them."""
    assert pages(mini_course, comparison()) == pages(mini_course, comparison())


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_stays_text(mini_course: Assignment, attack: str) -> None:
    """In names, reasons and code; every page has the elements of an innocent one."""
    innocent = pages(mini_course, comparison("xy", f"xy\n# xy\n{CODE}"))
    attacked = pages(mini_course, comparison(attack, f"{attack}\n# {attack}\n{CODE}"))
    for name, html in attacked.items():
        shown, expected = Parsed(html), Parsed(innocent[name])
        assert set(shown.tags) == set(expected.tags)
        assert {attribute for attribute, _ in shown.attributes} <= HARMLESS
        assert shown.links == expected.links
        assert attack in shown.text


@pytest.mark.parametrize("name", ["index.html", "pairs/1.html"])
def test_nothing_is_loaded_and_only_our_script_runs(mini_course: Assignment, name: str) -> None:
    """The policy names the hash of the one script that is there."""
    html = pages(mini_course, comparison("</script><script>x", "</script><script>x"))[name]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    policy = next(v for k, v in Parsed(html).attributes if k == "content" and "default" in v)
    allowed = [f"script-src '{fingerprint(script)}'" for script in scripts]
    assert policy.split("; ") == ["default-src 'none'", "style-src 'unsafe-inline'", *allowed]
    assert len(scripts) == (0 if name == "index.html" else 1)
    assert "@import" not in html
    assert "url(" not in html


@pytest.mark.parametrize("character", ["\u202e", "\0", "\x1b", "\u200b", "\x85", "\u2028"])
def test_what_cannot_be_seen_is_spelled_out(mini_course: Assignment, character: str) -> None:
    """A turned reading direction would show another code than the one that was handed in."""
    for html in pages(mini_course, comparison(f"a{character}", f"x = 'a{character}b'\n")).values():
        assert character not in html
    assert f'<span class="u">U+{ord(character):04X}</span>' in html


def test_colours_change_no_text() -> None:
    """The lines are the file's, also where marks overlap; each begins where it can be seen."""
    marked = [(1, Span("f", 3, 20)), (2, Span("f", 10, 99_999)), (GIVEN, Span("f", 0, 5))]
    lines = listing("f", CODE, marked).lines
    assert "\n".join(Parsed(line.html).text for line in lines) + "\n" == CODE
    assert [line.begins for line in lines if line.begins] == [(1,), (2,)]


def test_endless_files_and_lines_are_cut() -> None:
    """A match that begins where nothing is shown any more still has its number."""
    text = "x" * 100_000 + "\n" + "y\n" * 5000
    shown = listing("f", text, [(1, Span("f", len(text) - 2, len(text)))])
    assert shown.cut == "2001 more lines not shown"
    assert shown.late == (1,)
    assert len(shown.lines[0].html) < 1000


def test_the_histogram_counts_everybody() -> None:
    """Also where all are alike, or nobody is there."""
    assert "3 with a score from 0.0" in histogram([0, 0, 0])
    assert "2 with a score from 9.5" in histogram([0, 10, 10])
    assert "<svg" in histogram([])


def test_a_share_is_whole_only_where_nothing_is_missing() -> None:
    """And never more than that."""
    assert [percent(999, 1000), percent(1, 1), percent(3, 2), percent(1, 0)] == [99, 100, 100, 0]


def test_json_says_what_the_pages_say(mini_course: Assignment) -> None:
    """Names, scores, shares and places."""
    said = as_json(mini_course, comparison())
    first = said["pairs"][0]
    assert (first["names"], first["shares"]) == (["ann", "bob (ann)"], [80, 100])
    assert first["matches"][0]["spans"] == [["basics.py", *place(WHOLE)]] * 2
    assert said["students"][2] == {"student": "nil", "archive": "", "own_tokens": 0}
    assert rows(comparison())[0].lines == 2


def place(span: Span) -> tuple[int, int]:
    """Where a span begins and ends."""
    return span.start, span.end


def test_old_pages_of_pairs_go(mini_course: Assignment, tmp_path: Path) -> None:
    """A rank that is no longer there is not left from the last time; other files stay."""
    (tmp_path / "pairs").mkdir()
    for name in ("1.html", "3.html", "mine.html"):
        (tmp_path / "pairs" / name).write_text("old")
    write(mini_course, comparison(), tmp_path)
    left = sorted(path.name for path in (tmp_path / "pairs").iterdir())
    assert left == ["1.html", "2.html", "mine.html"]
