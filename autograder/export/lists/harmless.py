"""Cells of other people's lists that a spreadsheet would run, and those that only look so."""

import re

from autograder.feedback.spreadsheet import guarded

_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:[.,]\d+)?)?\s*")  # or the dash of an empty cell
_ONLY_TEXT = re.compile(r'="[^"]*"')  # a formula that is nothing but a text: Canvas writes it


def harmless(text: str) -> str:
    """Return the text, after an apostrophe where a spreadsheet would run it and it has none.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("-1.5"), harmless("Ada")
    ("'=1+1", "'=1+1", '-1.5', 'Ada')
    """
    is_safe = text.startswith("'") or _NUMBER.fullmatch(text) or _ONLY_TEXT.fullmatch(text)
    return text if is_safe else guarded(text)
