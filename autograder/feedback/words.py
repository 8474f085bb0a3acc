"""How feedback says things: statuses, numbers, and texts that cannot play tricks on a reader."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from autograder.report import ExerciseStatus

Places = Mapping[tuple[str, int], str]  # file and line to the anchor of that line on the page

STATUS = {
    ExerciseStatus.PASSED: "passed",
    ExerciseStatus.PARTIAL: "partly right",
    ExerciseStatus.FAILED: "not right yet",
    ExerciseStatus.NOT_ATTEMPTED: "not written yet",
    ExerciseStatus.BLOCKED: "waits for another exercise",
    ExerciseStatus.FORBIDDEN: "breaks a rule",
    ExerciseStatus.TIMEOUT: "took too long",
    ExerciseStatus.OUT_OF_MEMORY: "took too much memory",
    ExerciseStatus.CRASHED: "ended the program",
    ExerciseStatus.PROTOCOL_ERROR: "broke off the grading",
}
# Which colour: all right, on the way, nothing to judge, wrong.
KIND = {
    ExerciseStatus.PASSED: "good",
    ExerciseStatus.PARTIAL: "part",
    ExerciseStatus.NOT_ATTEMPTED: "open",
    ExerciseStatus.BLOCKED: "open",
}

_SUSPECT = re.compile(r"[^\n\t -~]")
# `dx` and `loss` begin messages, too, and stay as they are.
_BEGINNINGS = {"a", "cannot", "does", "importing", "no", "not", "nothing", "the"}
_TRICKY = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # nothing to see, or a changed reading direction
_JOINERS = "\u200c\u200d"  # some scripts and emoji need them
_TICKED = re.compile(r"`([^`\n]+)`")
_PLACE = re.compile(r"([\w.-]+\.py) line (\d{1,7})\b")


def kind(status: ExerciseStatus) -> str:
    """Which colour a status has: good, part, open or lost."""
    return KIND.get(status, "lost")


def number(value: float) -> str:
    """A number with at most two decimals: 5.6, 7, 97.49."""
    return f"{value + 0.0:.2f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def points(value: float) -> str:
    """`number` and its unit: 1 point, 5.6 points."""
    return f"{number(value)} point{'' if number(value) == '1' else 's'}"


def count(value: int, noun: str) -> str:
    """A number of things: 1 exercise, 3 exercises."""
    return f"{value} {noun}{'' if value == 1 else 's'}"


def listed(names: list[str], most: int = 4) -> str:
    """Names as a sentence has them: a, b and c; beyond `most`, how many there are besides."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def sentence(text: str) -> str:
    """The text with a full stop, and with a capital where it begins with a word, not with code."""
    if not text:
        return text
    begun = text[0].upper() + text[1:] if text.split(" ", 1)[0] in _BEGINNINGS else text
    return begun if begun[-1] in ".!?…" else f"{begun}."


def tricky(character: str) -> bool:
    """Whether a character cannot be seen, or changes the order in which others are read."""
    return unicodedata.category(character) in _TRICKY


def code_point(character: str) -> str:
    """A character's number, as Unicode writes it."""
    return f"U+{ord(character):04X}"


def clean(value: Any) -> Any:
    """A text with tricky characters spelled out; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return _SUSPECT.sub(_spelled, value.replace("\r\n", "\n"))


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    hidden = tricky(character) and character not in _JOINERS
    return f"[{code_point(character)}]" if hidden else character


def said(text: str, places: Places | None = None) -> Markup:
    """A message: `code` set as code, and places in files linked to their lines on the page."""

    def linked(match: re.Match[str]) -> str:
        anchor = (places or {}).get((match[1], int(match[2])))
        return f'<a href="#{anchor}">{match[0]}</a>' if anchor else match[0]

    escaped = str(escape(clean(text)))
    return Markup(_TICKED.sub(r"<code>\1</code>", _PLACE.sub(linked, escaped)))


def prepare(environment: Environment) -> Environment:
    """Make an environment escape everything it prints, and spell out what tricks the eye."""
    environment.autoescape = True
    environment.finalize = clean
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters |= {
        "number": number, "points": points, "count": count, "said": said, "sentence": sentence,
    }  # fmt: skip
    return environment
