"""Texts in the cells of a spreadsheet: none of them is taken for a formula."""

# With what a formula may begin, also on a Japanese keyboard; and what hides its beginning.
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these are the wide ones
_SKIPPED = "' "


def guarded(text: str) -> str:
    """Return the text; with an apostrophe before it, where a spreadsheet would compute it.

    >>> guarded("ada"), guarded("=1+1")
    ('ada', "'=1+1")
    """
    return f"'{text}" if _is_formula(text) else text


def plain(cell: str) -> str:
    """Return the text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    return text.lstrip(_SKIPPED)[:1] in _STARTS
