"""No text in a cell is computed, and each can be had back."""

import pytest
from exports import AWKWARD
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.spreadsheet import guarded, plain


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", " =1"])  # noqa: RUF001
def test_a_formula_is_a_text(text: str) -> None:
    """An apostrophe stands before it."""
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["ada", "", "a=1", "it's", "'quoted'", "é", "🎓", "1+1"])
def test_other_texts_stay(text: str) -> None:
    """As they are."""
    assert guarded(text) == text


@given(st.one_of(st.text(), st.text("'=+-@ \t\ra"), st.sampled_from(AWKWARD)))
def test_each_text_comes_back(text: str) -> None:
    """Also one that has apostrophes of its own; and none begins a formula."""
    cell = guarded(text)
    assert plain(cell) == text
    assert cell[:1] not in {*"=+-@\t\r\n"}
