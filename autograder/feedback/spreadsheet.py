"""Texts in the cells of a CSV file that spreadsheets show and never run.

Excel and LibreOffice take a cell for a formula by how it begins, whoever wrote it. An apostrophe
before it makes it a text again.
"""

import re

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:[.,]\d+)?)?\s*")  # or the dash of an empty cell
_ONLY_TEXT = re.compile(r'="[^"]*"')  # a formula that is nothing but a text; Canvas writes it


def harmless(text: str) -> str:
    """Return the text, after an apostrophe where a spreadsheet would take it for a formula.

    >>> harmless("=1+1"), harmless("-1.5"), harmless("Ada")
    ("'=1+1", '-1.5', 'Ada')
    """
    if not _FORMULA.match(text) or _NUMBER.fullmatch(text) or _ONLY_TEXT.fullmatch(text):
        return text
    return f"'{text}"
