"""Words by which authors mark what is not for students, in the styles of several tools."""

import re
from collections.abc import Iterator

from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage

_GAP = r"[\s_\-.:]*"
_SPACES = r"[\s_\-]+"
_BOUND = r"(?:BEGIN|END|START|STOP|CUT)"
_BLOCK = (
    rf"(?:(?:THE|YOUR|REFERENCE|MODEL|SAMPLE|OF){_GAP})*"
    rf"(?:SOLUTIONS?|HIDDEN{_GAP}TESTS?|MARK{_GAP}SCHEME|ANSWERS?(?:{_GAP}KEY)?|(?:STAFF|INSTRUCTOR)S?(?:{_GAP}NOTES?)?)"
)
_OTTER = rf"(?:PROMPT|TESTS?(?:{_GAP}CONFIG)?|QUESTION)"
_SHOUT = r"(?<![A-Za-z])"  # capitals that are no part of a word
_REST = r"(?![A-Za-z])"

# Wherever they stand, these are no prose.
_ANYWHERE = (
    rf"{_SHOUT}{_BOUND}{_GAP}{_BLOCK}{_REST}",
    rf"{_SHOUT}(?:SOLUTION|ANSWER|HIDDEN{_GAP}TESTS?|MARK{_GAP}SCHEME){_GAP}{_BOUND}{_REST}",
    rf"#+\s*{_BOUND}\s+{_OTTER}{_REST}",
    r"#+\s*SOLUTION(?:\s+NO\s+PROMPT)?\s*(?:$|[:\"'*#\-=])",
    r"#+\s*(?:HIDDEN|ASSIGNMENT\s+CONFIG)\s*$",
)
_ANY_CASE = (
    r"\b(?:instructor|teacher|staff|grader|ta)s?[ '\u2019_-]+(?:eyes )?only\b(?! in)",
    r"\b(?:answer|solution)[ _-]key\b",
    r"\b(?:remove|delete|strip|cut)\s+(?:this\s+)?(?:before|prior to)\s+(?:the\s+)?releas\w*",
    r"\bdo not (?:release|distribute|publish|give to students|share with students)\b",
    r"\bnot for students\b",
)
# As a line of its own, or at the start of a line: prose does not look like this.
_LINE = (
    rf"^[\W_]*{_BOUND}{_SPACES}{_BLOCK}\s*(?:[\W_]*$|[(:\[{{])",
    rf"^[\W_]*{_BLOCK}{_SPACES}{_BOUND}[\W_]*$",
    rf"^[\W_]*{_BOUND}\s+{_OTTER}[\W_]*$",
)
_MODEL = r"model|sample|reference"
_END = r"\s*(?:[*_]*:|[\W_]*(?:</\w+>\s*)?$)"  # of a title
_DRESS = r"^[\s>]*(?:#+|\*(?!\s)|\*{2,}|_+|<!-+|<\w+>|/{2,}|=+|-{2,}|\d+[.)])[\W_]*"
_TITLES = (  # in code they are variables: `solutions: list[float]`
    rf"{_DRESS}(?:(?:the|{_MODEL}|official)\s+)?solutions?{_END}",
    rf"{_DRESS}(?:{_MODEL}|expected|correct)\s+answers?{_END}",
    rf"{_DRESS}answers?[*_]*:[*_]*\s*\w",
)
# A line of bare words must look like a title: wrapped prose may begin with "solution", too.
_BARE = (
    r"^\s*(?:(?:The|Model|Sample|Reference)\s+)?(?:Solutions?|SOLUTIONS?)\s*(?::|$)",
    r"^\s*(?:Model|Sample|Reference|Correct)\s+[Aa]nswers?\s*(?::|$)",
)
_COMMENTS = (
    r"#+\s*(?:the\s+)?solution\s*(?:no\s+prompt\s*)?(?:$|:|[\"'])",
    rf"#+\s*(?:{_MODEL}|expected|correct)\s+answers?{_END}",
    rf"#[\W_]*{_BOUND}[\s_-]*{_BLOCK}\b",
)


def _any_case(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


_ALWAYS = [*map(re.compile, _ANYWHERE), *_any_case(*_ANY_CASE, *_LINE)]
_IN_PROSE = [*_ALWAYS, *_any_case(*_TITLES), *map(re.compile, _BARE)]
_IN_CODE = _ALWAYS + _any_case(*_COMMENTS)
_SHOWN = 60


def find(passage: Passage) -> Iterator[Leak]:
    """Yield a finding for each line that holds a marker."""
    patterns = _IN_CODE if passage.code else _IN_PROSE
    for index, line in enumerate(passage.lines):
        if any(pattern.search(line) for pattern in patterns):
            shown = line.strip()
            shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
            yield passage.leak(Kind.MARKER, index, repr(shown))
