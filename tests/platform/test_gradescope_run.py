"""What runs inside Gradescope's container, run here: a verdict, or no points at all."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reports import graded

from autograder.assignment import Assignment
from autograder.errors import SandboxError, StaffError
from autograder.export.gradescope import metadata, results, run
from autograder.export.gradescope.settings import COURSE, SETTINGS, Settings
from autograder.report import Report

Capture = pytest.CaptureFixture[str]
HandIn = Callable[..., Path]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives student code a user of its own")
LATE = {
    "created_at": "2026-12-02T08:15:00+01:00",
    "assignment": {"due_date": "2026-12-01T23:59:00+01:00"},
}


@pytest.fixture
def place(mini_course: Assignment, tmp_path: Path) -> Path:
    """A folder laid out as /autograder is, with nothing handed in."""
    place = tmp_path / "autograder"
    shutil.copytree(mini_course.root, place / "source" / COURSE)
    (place / "source" / SETTINGS).write_bytes(Settings("mini", leaderboard=True).dump())
    (place / "submission").mkdir()
    (place / "results").mkdir()
    return place


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Grading gives this report, or raises this."""

    def set_to(outcome: Report | Exception) -> None:
        def grade(_course: Assignment, _path: Path) -> Report:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(run, "grade", grade)

    return set_to


def told(place: Path) -> dict[str, Any]:
    """What was written."""
    read: dict[str, Any] = json.loads((place / "results" / "results.json").read_text("ascii"))
    return read


@needs_root
def test_a_submission_is_graded(place: Path, hand_in: HandIn) -> None:
    """From the folder to results.json, with the course's late policy and Gradescope's dates."""
    shutil.copytree(hand_in("ann"), place / "submission", dirs_exist_ok=True)
    (place / metadata.FILE).write_text(json.dumps(LATE), "utf-8")
    policy = '[late]\npolicy = "percent_per_day"\npercent = 10\n'
    (place / "source" / COURSE / "course.toml").write_text(policy, "utf-8")
    assert run.main(place) == 0
    read = told(place)
    assert (read["score"], read["extra_data"]["score_before_lateness"]) == (90.0, 100.0)
    assert "Handed in 1 day late" in read["output"]
    assert read["leaderboard"][0]["value"] == 90.0
    assert "own user" in read["tests"][-1]["output"]


@needs_root
def test_nothing_handed_in(place: Path) -> None:
    """An empty folder is a result like any other, and missing metadata a note for staff."""
    assert run.main(place) == 0
    assert told(place)["score"] == 0.0


@needs_root
def test_links_are_not_followed(place: Path) -> None:
    """Root reads what was handed in, and must not read the reference in its place."""
    solutions = place / "source" / COURSE / "solutions" / "mini"
    (place / "submission" / "basics.py").symlink_to(solutions / "basics.py")
    (place / "submission" / "losses.py").symlink_to("../source/course/solutions/mini/losses.py")
    (place / "submission" / "mini").symlink_to(solutions)
    assert run.main(place) == 0
    assert told(place)["score"] == 0.0


@needs_root
def test_a_pipe_does_not_hold_it_up(place: Path) -> None:
    """What is no file is not opened."""
    os.mkfifo(place / "submission" / "basics.py")
    assert run.main(place) == 0
    assert told(place)["score"] == 0.0


@pytest.mark.parametrize(
    "error",
    [SandboxError("the lane was lost"), StaffError("the reference fails"), ValueError("bug")],
)
def test_a_failure_is_valid_and_shows(
    place: Path, report: Any, error: Exception, capsys: Capture
) -> None:
    """No points, a reason for staff, a status that is not 0, and the reason in the log."""
    report(error)
    assert run.main(place) == 2
    assert told(place)["score"] == 0.0
    assert told(place)["output"] == results.NOT_GRADED
    assert str(error) in told(place)["tests"][1]["output"]
    assert str(error) in capsys.readouterr().err


def test_a_broken_export_is_a_failure(place: Path) -> None:
    """Whatever is wrong with the source, there are results."""
    (place / "source" / SETTINGS).write_text("{", "utf-8")
    assert run.main(place) == 2
    assert told(place)["output"] == results.NOT_GRADED


def test_a_broken_policy_is_a_failure(place: Path, report: Any, mini_course: Assignment) -> None:
    """It would decide about points."""
    (place / "source" / COURSE / "course.toml").write_text("[late]\npolicy = 7\n", "utf-8")
    report(graded().report)
    assert run.main(place) == 2
    assert "course.toml" in told(place)["tests"][1]["output"]


def test_student_code_never_runs_as_root(
    place: Path, monkeypatch: pytest.MonkeyPatch, mini_course: Assignment
) -> None:
    """Where no user of its own can be had, nothing is run."""
    monkeypatch.setattr(run, "own_uids", lambda _site, _walls: iter(()))
    with pytest.raises(SandboxError, match="no user of its own"):
        run.grade(mini_course, place / "submission")


@needs_root
def test_a_report_must_say_that_it_did_not(
    hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, mini_course: Assignment
) -> None:
    """Should it have run as root all the same, there is no score."""
    monkeypatch.setattr(run, "OWN_USER", "a word that no report has")
    with pytest.raises(SandboxError, match="did not run as a user of its own"):
        run.grade(mini_course, hand_in("ann"))


def test_grading_ends_before_gradescope_ends_it() -> None:
    """With an error of ours, and the alarm is off again afterwards."""
    with pytest.raises(SandboxError, match=r"longer than 0\.05 s"), run._deadline(0.05):
        time.sleep(5)
    with run._deadline(0.05):
        pass
    time.sleep(0.1)


@needs_root
def test_the_trial_of_the_image(place: Path, capsys: Capture) -> None:
    """The reference gets all points, and staff read what will hold student code."""
    assert run.check(place) == 0
    said = capsys.readouterr().out
    assert said.startswith("mini: the reference has all points; student code is held by")
    assert "own user" in said


def test_the_trial_fails_with_the_image(place: Path, report: Any) -> None:
    """A machine on which the reference loses points is not let near students."""
    lost = graded(scores={"double": 0.0, "softmax_loss": 60.0}).report
    report(lost)
    with pytest.raises(StaffError, match=r"the reference has 60\.0 of 100\.0 points"):
        run.check(place)
