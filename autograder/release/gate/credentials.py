"""Passwords, keys, and the course's secret in whatever letters it is written."""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate

from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage

_SHAPES = {
    "a private key": r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a Slack token": r"\bxox[abeprs]-[\w-]{10,}",
    "a Google key": r"\bAIza[\w-]{35}",
    "a Hugging Face token": r"\bhf_[A-Za-z]{30,}",
    "a key of an AI service": r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_]{20,}",
    "a package index's token": r"\bpypi-AgE[\w-]{20,}",
    "a web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}",
    "a password in an address": r"\b[a-z][a-z0-9+.]*://[^\s/:@\"']+:[^\s/@\"'{<$]+@",
    "a password": (
        r"(?i)(?<![A-Za-z])(?:password|passwd|passphrase|pwd)[\"']?\s*[:=]\s*"
        r"(?:[\"'](?![<{$])[^\"'\s]{4,}[\"']|(?=\S*\d)[^\s\"'()\[\]{}<$.,]{6,}(?=[\s,;]|$))"
    ),
    "a token": (
        r"(?i)(?:token|secret|api[_-]?key|access[_-]?key)[\"']?\s*[:=]\s*"
        r"[\"']?(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{16,}(?![\w.(])"
    ),
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _SHAPES.items()}
_SHORTEST = 8  # characters: shorter secrets would be found everywhere
_PIECE = 20  # characters of a long secret that tell enough of it
_NOISE = re.compile(r"[^A-Za-z0-9+/_-]")


def find(passage: Passage) -> Iterator[Leak]:
    """Yield a finding for each line that looks like a password or a token; it is not repeated."""
    for index, line in enumerate(passage.lines):
        for what, pattern in _PATTERNS.items():
            if pattern.search(line):
                yield passage.leak(Kind.SECRET, index, what)


class CourseSecret:
    """The course's secret in all letters that are usual, whole or in part."""

    def __init__(self, secret: bytes) -> None:
        self._needles = {what: set(_pieces(texts)) for what, texts in _writings(secret)}

    def find(self, passage: Passage) -> Iterator[Leak]:
        """Yield a finding for each way in which the text holds it; it is not repeated."""
        letters = _letters(passage.text)
        for what, pieces in self._needles.items():
            places = [place for piece in pieces if (place := letters.find(piece)) >= 0]
            if places:
                said = f"the course's secret, {what}"
                yield passage.leak(Kind.SECRET, _line_of(min(places), passage.lines), said)


def _writings(secret: bytes) -> Iterator[tuple[str, list[str]]]:
    if len(secret) < _SHORTEST:
        return
    contents = [secret]
    with suppress(ValueError):
        contents.append(bytes.fromhex(secret.decode()))
    text = secret.decode("latin-1")
    yield "as it is", [text]
    yield "backwards", [text[::-1]]
    yield "in hex", [content.hex() for content in contents if content.hex() != text.lower()]
    yield "in base32", [base64.b32encode(content).decode() for content in contents]
    yield "in base64", [_base64(content, shift) for content in contents for shift in range(3)]


def _base64(content: bytes, shift: int) -> str:
    """What a longer text has of it in base64, where it begins at this offset of three."""
    coded = base64.b64encode(b"\0" * shift + content).decode().rstrip("=")
    return coded[4 if shift else 0 : -1]


def _pieces(texts: list[str]) -> Iterator[str]:
    """The texts themselves, or pieces of which any longer part holds one."""
    for letters in map(_letters, texts):
        if len(letters) < 2 * _PIECE:
            yield letters
        for begin in range(0, len(letters) - 2 * _PIECE + 1, _PIECE // 2):
            yield letters[begin : begin + _PIECE]
        yield letters[-_PIECE:]


def _letters(text: str) -> str:
    """What is compared: without case, white space, quotes and what else cuts it up."""
    return _NOISE.sub("", text).replace("-", "+").replace("_", "/").casefold()


def _line_of(place: int, lines: list[str]) -> int:
    seen = list(accumulate(len(_letters(line)) for line in lines))
    return bisect_right(seen, place)
