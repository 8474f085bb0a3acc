"""Lateness: due dates, extensions, grace days, and what a late submission loses."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import StaffError
from autograder.feedback.lateness import HandIn, Late, Policy, charged_days, load, penalty

DUE = datetime(2026, 12, 1, 23, 59)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

days_late = st.integers(0, 30)
scores = st.floats(-10, 200)
policies = st.builds(
    Late,
    policy=st.sampled_from(Policy),
    percent=st.floats(0, 100),
    max_days=st.none() | st.integers(0, 10),
)


def late_by(gap: timedelta, extension: timedelta = timedelta(), name: str = "a1") -> HandIn:
    """A hand-in that came so long after its due date."""
    return HandIn(name, DUE, DUE + gap, extension)


@pytest.mark.parametrize(
    ("gap", "days"),
    [(-DAY, 0), (timedelta(), 0), (SECOND, 1), (DAY, 1), (DAY + SECOND, 2), (9 * DAY, 9)],
)
def test_a_day_is_charged_when_it_begins(gap: timedelta, days: int) -> None:
    """At the due date nothing is late; one second later it is a day, and so on."""
    assert late_by(gap).days_late == days


@pytest.mark.parametrize(
    ("gap", "extension", "days"),
    [(HOUR, HOUR, 0), (HOUR + SECOND, HOUR, 1), (3 * DAY, 2 * DAY, 1), (-DAY, 5 * DAY, 0)],
)
def test_an_extension_moves_the_due_date(gap: timedelta, extension: timedelta, days: int) -> None:
    """Days are counted from the student's own due date."""
    assert late_by(gap, extension).days_late == days


def test_what_is_unknown_is_not_late() -> None:
    """Without a due date, or without a time of arrival, nothing is late."""
    assert HandIn("a1", None, DUE).days_late == 0
    assert HandIn("a1", DUE, None).days_late == 0


def test_grace_days_are_spent_in_the_order_of_due_dates() -> None:
    """The earlier assignment gets them, whatever came last; without a due date none are needed."""
    early = HandIn("b", DUE, DUE + 9 * DAY)
    later = HandIn("a", DUE + 2 * DAY, DUE + 4 * DAY)
    undated = HandIn("c", None, DUE)
    assert charged_days([later, undated, early], 10) == {"b": 0, "a": 1, "c": 0}
    assert charged_days([later, undated, early], 3) == {"b": 6, "a": 2, "c": 0}
    assert charged_days([later, undated, early], 0) == {"b": 9, "a": 2, "c": 0}


def test_equal_due_dates_are_taken_by_name() -> None:
    """So the same class is charged the same way every time."""
    both = [late_by(DAY, name="b"), late_by(DAY, name="a")]
    assert charged_days(both, 1) == charged_days(both[::-1], 1) == {"a": 0, "b": 1}


@given(st.lists(st.tuples(days_late, st.integers(0, 5)), max_size=6), st.integers(0, 20))
def test_grace_is_neither_made_nor_wasted(late: list[tuple[int, int]], grace: int) -> None:
    """Charged days are never negative, and grace covers all it can: no more and no less."""
    hand_ins = [
        HandIn(f"a{i}", DUE + due * DAY, DUE + (due + days) * DAY)
        for i, (days, due) in enumerate(late)
    ]
    charged = charged_days(hand_ins, grace)
    all_days = sum(days for days, _ in late)
    assert min(charged.values(), default=0) >= 0
    assert all_days - sum(charged.values()) == min(grace, all_days)


@pytest.mark.parametrize(
    ("late", "days", "lost"),
    [
        (Late(), 5, 0.0),
        (Late(policy=Policy.HARD), 0, 0.0),
        (Late(policy=Policy.HARD), 1, 97.4333),
        (Late(policy=Policy.PERCENT_PER_DAY), 1, 9.7433),
        (Late(policy=Policy.PERCENT_PER_DAY), 10, 97.4333),
        (Late(policy=Policy.PERCENT_PER_DAY), 11, 97.4333),
        (Late(policy=Policy.PERCENT_PER_DAY, percent=0), 11, 0.0),
        (Late(policy=Policy.PERCENT_PER_DAY, max_days=3), 3, 29.23),
        (Late(policy=Policy.PERCENT_PER_DAY, max_days=3), 4, 97.4333),
        (Late(policy=Policy.NONE, max_days=3), 4, 0.0),
    ],
)
def test_what_97_4333_points_lose(late: Late, days: int, lost: float) -> None:
    """Nothing, a share for each day, or everything: as the policy says."""
    assert penalty(97.4333, days, late) == lost


@given(scores, days_late, policies)
def test_a_penalty_takes_no_more_than_there_is(score: float, days: int, late: Late) -> None:
    """It is never negative and never more than the score, whatever a person gave by hand."""
    assert 0 <= penalty(score, days, late) <= max(score, 0)


@given(scores, days_late, policies)
def test_another_day_never_helps(score: float, days: int, late: Late) -> None:
    """Whoever is later loses at least as much."""
    assert penalty(score, days, late) <= penalty(score, days + 1, late)


def test_a_course_without_a_file_has_no_lateness(tmp_path: Path) -> None:
    """Without course.toml, and without [late] in it, nothing is ever late."""
    assert load(tmp_path) == Late()
    (tmp_path / "course.toml").write_text("")
    assert load(tmp_path) == Late()


def test_the_policy_of_a_course(tmp_path: Path) -> None:
    """[late] says policy, percent, max_days and grace_days."""
    text = "[late]\npolicy = 'percent_per_day'\npercent = 20\nmax_days = 3\ngrace_days = 4\n"
    (tmp_path / "course.toml").write_text(text)
    wanted = Late(policy=Policy.PERCENT_PER_DAY, percent=20, max_days=3, grace_days=4)
    assert load(tmp_path) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[late]\npolicy = 'strict'", "late.policy: .*'none', 'hard' or 'percent_per_day'"),
        ("[late]\npercent = -1", "late.percent: .*greater than or equal to 0"),
        ("[late]\npercent = 101", "late.percent: .*less than or equal to 100"),
        ("[late]\npercent = nan", "late.percent: "),
        ("[late]\ngrace_days = -1", "late.grace_days: "),
        ("[late]\ngrace_days = 1.5", "late.grace_days: "),
        ("[late]\nmax_days = -1", "late.max_days: "),
        ("[late]\nmax_day = 1", "late.max_day: "),
        ("[lateness]\n", "lateness: "),
        ("late = 3", "late: "),
        ("[late", "end of a table declaration"),
        ("[late]\npercent = ,", "line 2"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    """An error names the file, and the key or the line."""
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(StaffError, match=rf"^course\.toml: .*{said}"):
        load(tmp_path)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are an error of the file."""
    (tmp_path / "course.toml").write_bytes(b"# \xe4\n")
    with pytest.raises(StaffError, match="^course.toml: .*utf-8"):
        load(tmp_path)
