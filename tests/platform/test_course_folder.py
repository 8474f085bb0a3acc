"""nbgrader's course folder: prepared once, changed with care, filled with what was graded."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from reports import bring_in, by_hand, dump, graded, marks, opened, save, ungraded

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.feedback import course_folder, gradebook, publish
from autograder.grading import handed_in
from autograder.release import gate
from autograder.release.course import course_api, generate_assignment

MORE = """
[[exercise]]
name = "again"
file = "basics.py"
functions = ["double"]
points = 10
summary = "Twice once more."
"""
Change = Callable[..., Assignment]


@pytest.fixture
def change(mini_course: Assignment) -> Change:
    """`change(("old", "new"), ...)` rewrites the assignment and its handout, and loads it."""

    def rewrite(*pairs: tuple[str, str], more: str = "", handout: str = "") -> Assignment:
        for path in (mini_course.toml, mini_course.handout):
            text = path.read_text()
            for old, new in pairs:
                text = text.replace(old, new)
            path.write_text(text + (more if path == mini_course.toml else handout))
        return assignments.load("mini", mini_course.root)

    return rewrite


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the database."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".db"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_prepared_folder(mini_course: Assignment, course: Path) -> None:
    """It has what nbgrader gives out, a gradebook with all points, and a configuration."""
    released = {path.name for path in (course / "release" / "mini").iterdir()}
    assert {"mini.ipynb", "basics.py", "losses.py", "checks.py", "README.md"} <= released
    assert "door.configure" in (course / "nbgrader_config.py").read_text()
    known = gradebook.known(course, "mini")
    assert known == gradebook.Known(
        {"double": 40, "softmax_loss": 60, "question_1": 5, "question_2": 5}, submissions=0
    )


def test_what_is_up_to_date_is_left_alone(mini_course: Assignment, course: Path) -> None:
    """A second time nothing is written, a configuration that staff changed least of all."""
    (course / "nbgrader_config.py").write_text("# ours\n")
    before = everything(course), dump(course)
    assert not course_folder.prepare(mini_course, course)
    assert (everything(course), dump(course)) == before


@pytest.mark.parametrize("missing", ["release/mini/mini.ipynb", "gradebook.db"])
def test_what_is_missing_is_made_again(mini_course: Assignment, course: Path, missing: str) -> None:
    """The release, or the gradebook."""
    (course / missing).unlink()
    assert course_folder.prepare(mini_course, course)
    assert (course / missing).is_file()
    bring_in(mini_course, course, graded())


def test_points_may_change(course: Path, change: Change) -> None:
    """They reach nbgrader's maximum; grades and what people gave stay until the next import."""
    bring_in(change(), course, graded())
    by_hand(course, "softmax_loss", manual_score=50)
    changed = change(("points = 40", "points = 70"), ("points = 60", "points = 30"))
    assert course_folder.prepare(changed, course)
    with opened(course) as book:
        assert book.find_graded_cell("double", "mini", "mini").max_score == 70
        assert book.find_submission("mini", "ann").max_score == 110
    assert marks(course, "double")[0] == 40
    assert marks(course, "softmax_loss")[1] == 50
    points = {"double": 70.0, "softmax_loss": 30.0}
    bring_in(changed, course, graded(scores=points, points=points))
    assert marks(course, "double")[0] == 70


@pytest.mark.parametrize(
    ("pairs", "more", "handout", "named"),
    [
        ([("points = 60", "points = 50")], MORE, "\n<!-- check again -->\n", "again"),
        ([('name = "double"', 'name = "twice"\nfunctions = ["double"]'),
          ("check double", "check twice")], "", "", "double, twice"),
        ([], "", "\n**Inline question 3.** Why?\n\n*Your answer:*\n", "question_3"),
    ],
    ids=["an exercise more", "another name", "a question more"],
)  # fmt: skip
def test_cells_of_submissions_cannot_come_or_go(
    course: Path, change: Change, pairs: list[tuple[str, str]], more: str, handout: str, named: str
) -> None:
    """It is said before anything is touched, the release above all: nbgrader would refuse it."""
    bring_in(change(), course, graded())
    changed = change(*pairs, more=more, handout=handout)
    before = everything(course), dump(course)
    for _ in range(2):
        with pytest.raises(StaffError, match=rf"mini: {named} came or went .* \(1\); .* new"):
            course_folder.prepare(changed, course)
        assert (everything(course), dump(course)) == before


def test_cells_may_change_before_anybody_handed_in(course: Path, change: Change) -> None:
    """Then everything is made anew."""
    changed = change(("points = 60", "points = 50"), more=MORE, handout="\n<!-- check again -->\n")
    assert course_folder.prepare(changed, course)
    known = gradebook.known(course, "mini")
    assert known is not None
    assert known.points["again"] == 10
    assert not course_folder.prepare(changed, course)


def test_nbgrader_may_generate_it_again(mini_course: Assignment, course: Path) -> None:
    """Its own command works after an import, and keeps grades and comments."""
    bring_in(mini_course, course, graded(scores={"double": 0, "softmax_loss": 60}))
    by_hand(course, "double", manual_score=3, manual_comment="Well!")
    generate_assignment("mini", course_api(course))
    assert marks(course, "double") == (0.0, 3.0, 3.0, False, "Well!")


def test_what_would_leak_is_not_released(
    course: Path, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate empties release/, and goes on doing so until nothing leaks."""
    leak = gate.Leak(gate.Kind.SOLUTION, "basics.py", 4, None, "of double")
    monkeypatch.setattr(gate, "inspect", lambda *_: [leak])
    changed = change(("Write `double`", "Please write `double`"))
    for _ in range(2):
        with pytest.raises(StaffError, match="assignments/mini: the release would leak: .*double"):
            course_folder.prepare(changed, course)
        assert everything(course / "release") == {}
    monkeypatch.undo()
    assert course_folder.prepare(changed, course)


def test_what_was_graded_is_kept(mini_course: Assignment, course: Path) -> None:
    """The upload, its time and the autograded notebook, where nbgrader looks for them."""
    ann = graded("ann", files={"basics.py": b"x = 1\n"}, answers={"question_1": "Nothing."})
    came = datetime(2026, 12, 1, 10, 30)
    every = [ann, graded("bob"), ungraded("error", "lost", "cyd")]
    course_folder.write_autograded(mini_course, course, every, {"ann": came})
    kept = course / "submitted" / "ann" / "mini"
    assert handed_in.unpack(kept) == ann.handed_in
    shown = course / "autograded" / "ann" / "mini"
    stamp = b"2026-12-01 10:30:00.000000 UTC"
    assert (kept / "timestamp.txt").read_bytes() == (shown / "timestamp.txt").read_bytes() == stamp
    cells = json.loads((shown / "mini.ipynb").read_text())["cells"]
    assert cells[-1]["source"] == ["x = 1\n"]
    assert not (course / "autograded" / "bob" / "mini" / "timestamp.txt").exists()
    assert not list(course.glob("*/cyd"))


def test_what_nbgrader_collected_is_not_touched(mini_course: Assignment, course: Path) -> None:
    """A folder in submitted/ that is not ours stays as it came."""
    place = course / "submitted" / "ann" / "mini"
    place.mkdir(parents=True)
    (place / "basics.py").write_text("x = 1\n")
    (place / "timestamp.txt").write_text("2026-12-01 10:30:00 UTC")
    before = everything(place)
    course_folder.write_autograded(mini_course, course, [graded()], {"ann": datetime(2026, 12, 2)})
    assert everything(place) == before


def test_answers_that_people_have_seen(mini_course: Assignment, course: Path) -> None:
    """They are found in the notebooks that formgrader shows; one that is damaged shows nothing."""
    answered = [graded(name, answers={"question_2": "Four <b>."}) for name in ("ann", "bob")]
    assert course_folder.seen_answers(mini_course, course) == {}
    course_folder.write_autograded(mini_course, course, answered, {})
    (course / "autograded" / "bob" / "mini" / "mini.ipynb").write_text('{"cells": [1]}')
    seen = course_folder.seen_answers(mini_course, course)
    assert seen == {"ann": {"question_1": "", "question_2": "Four <b>."}}


def test_two_reports_about_one_student(mini_course: Assignment, tmp_path: Path) -> None:
    """A copied folder would decide by chance: both are named."""
    save(tmp_path, graded())
    (tmp_path / "ann").rename(tmp_path / "copy")
    save(tmp_path, graded())
    with pytest.raises(Exception, match="copy and .*ann are both about 'ann'"):
        publish.load(mini_course, tmp_path)
