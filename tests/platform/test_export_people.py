"""Who is who in two lists."""

import pytest

from autograder.errors import UsageError
from autograder.export.lists import people
from autograder.export.lists.people import Kind


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann", "ann "), ("o'brien", "o_brien"), ("A@Uni.example", "a@uni.example")],
)
def test_two_ways_of_writing_one_identifier(one: str, other: str) -> None:
    """Case, spaces, and what a folder's name cannot hold."""
    assert people.key(one) == people.key(other)


def test_nothing_is_no_identifier() -> None:
    """Two empty cells are not the same person."""
    assert people.keys("", " ", None) == frozenset()


def test_kinds_do_not_meet() -> None:
    """A login 17 and a user number 17 are two things."""
    held = people.keys("17")
    assert not people.of_kinds((Kind.NAME,), held) & people.of_kinds((Kind.NUMBER,), held)


def test_names_as_canvas_and_moodle_write_them() -> None:
    """Marks of a script are kept, signs are not."""
    assert people.canvas_label("O'Brien-Smith, Zo\u00eb", "5") == "obriensmithzo\u00eb_5"
    assert people.canvas_name("\u0c30\u0c3e\u0c2e") == "\u0c30\u0c3e\u0c2e"
    assert people.moodle_label("A_B: C/D...", "5") == "A B CD_5"


def test_everybody_has_one_line() -> None:
    """Or none, or there is doubt."""
    lines = [{"a"}, {"b", "x"}, {"c", "x"}]
    got = people.match({"ann": {"a"}, "eve": {"e"}}, lines, ["1", "2", "3"])
    assert (got.lines, got.strangers) == ({"ann": 0}, ("eve",))
    with pytest.raises(UsageError, match="'ann' may be 2 and 3"):
        people.match({"ann": {"x"}}, lines, ["1", "2", "3"])
    with pytest.raises(UsageError, match="1 may be 'ann' and 'bob'"):
        people.match({"ann": {"a"}, "bob": {"a"}}, lines, ["1", "2", "3"])
