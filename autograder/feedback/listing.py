"""A student's file as numbered lines of HTML, with what was said about a line below it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from autograder.feedback.words import Places, code_point, count, tricky
from autograder.report import Report

MOST_LINES = 3000  # a page must open on a phone
MOST_COLUMNS = 400

Complaints = Mapping[str, Mapping[int, Sequence[str]]]  # file, line, messages

_PLACE = re.compile(r"([\w.-]+\.py) line (\d{1,7}): ")
_AND_MORE = re.compile(r" And \d+ more\.$")
_SUSPECT = re.compile(r"[^\n\t -~]")
# Each alternative matches whatever follows its start, so that no file is read more than once.
_PIECE = re.compile(
    r"""
      (?P<c> \#[^\n]* )
    | (?P<s> (?:\b[rbuf]{1,2})?
             (?: \"{3} (?:[^\\]|\\.)*? (?:\"{3}|\\?\Z) | '{3} (?:[^\\]|\\.)*? (?:'{3}|\\?\Z)
               | \" (?:[^"\\\n]|\\.)* "?               | ' (?:[^'\\\n]|\\.)* '? ) )
    | (?P<d> (?<=\bdef\ )\w+ | (?<=\bclass\ )\w+ )
    | (?P<k> \b (?: """
    + "|".join(keyword.kwlist)
    + r""" ) \b )
    | (?P<n> \b \d [\w.]* )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One line: its HTML, and the messages about it."""

    number: int
    html: Markup
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """One file; `cut` says what is not shown, `late` what was said about lines not shown."""

    anchor: str
    name: str
    lines: tuple[Line, ...]
    cut: str = ""
    late: tuple[str, ...] = ()

    @property
    def hits(self) -> tuple[Line, ...]:
        """The lines that something was said about."""
        return tuple(line for line in self.lines if line.messages)

    def places(self) -> Places:
        """The anchors of these lines."""
        return {(self.name, hit.number): f"{self.anchor}-{hit.number}" for hit in self.hits}


def listing(anchor: str, name: str, source: str, messages: Mapping[int, Sequence[str]]) -> Listing:
    """The file's lines; endless files and lines are cut."""
    whole = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    raw = whole.removesuffix("\n").split("\n")
    kept = [_shortened(line) for line in raw[:MOST_LINES]]
    html = colour("\n".join(kept)).split("\n")
    lines = [
        Line(n, Markup(each), tuple(messages.get(n, ()))) for n, each in enumerate(html, start=1)
    ]
    over = len(raw) - len(kept)
    late = [f"line {n}: {each}" for n in sorted(messages) if n > len(kept) for each in messages[n]]
    return Listing(
        anchor, name, tuple(lines), f"{count(over, 'more line')} not shown" if over else "",
        tuple(late),
    )  # fmt: skip


def _shortened(line: str) -> str:
    over = len(line) - MOST_COLUMNS
    return f"{line[:MOST_COLUMNS]} … {over} more characters" if over > 0 else line


def colour(source: str) -> str:
    """The source as HTML, where no element crosses a line.

    Pygments does this more exactly and takes five times as long, which a class of a thousand feels.
    """
    return spelled("".join(_pieces(source)))  # what is tricky stands in the source's text only


def spelled(html: str) -> str:
    """HTML with the tricky characters of its text as marked code points."""
    return _SUSPECT.sub(_marked, html)


def _pieces(source: str) -> Iterator[str]:
    end = 0
    for match in _PIECE.finditer(source):
        yield str(escape(source[end : match.start()]))
        end = match.end()
        inner = str(escape(match[0])).replace("\n", f'</span>\n<span class="{match.lastgroup}">')
        yield f'<span class="{match.lastgroup}">{inner}</span>'
    yield str(escape(source[end:]))


def _marked(match: re.Match[str]) -> str:
    character = match[0]
    if not tricky(character):
        return character
    return f'<span class="u">{code_point(character)}</span>'


def complaints(report: Report, said: Complaints) -> Complaints:
    """What was said about which line: by the rules, and in the messages of the report."""
    found: dict[str, dict[int, list[str]]] = {}
    for file, lines in said.items():
        for line, message in lines.items():
            found.setdefault(file, {})[line] = [_PLACE.sub("", each, count=1) for each in message]
    for text in _texts(report):
        for file, line, message in placed(text):
            already = found.setdefault(file, {}).setdefault(line, [])
            if message not in already:
                already.append(message)
    return found


def _texts(report: Report) -> Iterator[str]:
    yield from report.submission.problems.values()
    for exercise in report.exercises:
        yield exercise.message
        yield from (test.diagnosis.message for test in exercise.tests if test.diagnosis)


def placed(text: str) -> Iterator[tuple[str, int, str]]:
    """Each `file line n: message` of a text; a message ends where the next one begins."""
    starts = list(_PLACE.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=False):
        yield match[1], int(match[2]), _AND_MORE.sub("", text[match.end() : end].strip())
