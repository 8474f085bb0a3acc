"""Texts of others that a spreadsheet would run are shown instead."""

import pytest

from autograder.export.lists.harmless import harmless


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+cmd", "-2+3", "@SUM(A1)", " =1+1", "\t=1+1", "\n=1", "\r@x", "\tx",
        "=cmd|' /C calc'!A0", '="a"&cmd', '="a"+"b"', "\uff1d1+1", "\uff20x", "--1", "-a",
    ],
)  # fmt: skip
def test_formulas_become_texts(text: str) -> None:
    """An apostrophe stands before them, and nothing of them is lost; one is enough."""
    assert harmless(text) == f"'{text}"
    assert harmless(f"'{text}") == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "", "Ada", "O'Brien", "a=b", "-", "-1", "+49", "-1.5", "+1,5", '="=1+1"', "\u202eada",
        "\U0001f980",
    ],
)  # fmt: skip
def test_everything_else_stays(text: str) -> None:
    """Numbers, an empty cell's dash, and what Canvas makes of a name that begins with `=`."""
    assert harmless(text) == text
