"""Inside Gradescope's container: grades one submission as root and writes results.json.

    python -m autograder.export.gradescope.run            /autograder/submission -> results.json
    python -m autograder.export.gradescope.run --check    the reference, when the image is built

Exit status 0 means that there is a verdict. Whatever else happens, results.json is valid and gives
no points away, and the status is 2, so that the failure shows wherever Gradescope looks for it.
"""

import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import AutograderError, SandboxError, StaffError
from autograder.export.gradescope import metadata, results
from autograder.export.gradescope.settings import COURSE, SETTINGS, Settings, limit_s
from autograder.feedback import lateness
from autograder.files import write_whole
from autograder.grading import Lanes
from autograder.grading import Settings as Grading
from autograder.report import Report, ReportStatus
from autograder.sandbox.walls import Site, own_uids, strongest_walls
from autograder.submission import Entry

PLACE = Path("/autograder")
STUDENT = "submission"
OWN_USER = "own user"  # as reports have it


def main(place: Path = PLACE) -> int:
    """Grade what was handed in and write results.json; 0 where there is a verdict."""
    try:
        told, status = _results(place), 0
    except AutograderError as error:
        told, status = _failed(str(error)), 2
    except Exception as error:  # noqa: BLE001 - a bug of ours is shown to staff, and is no verdict
        traceback.print_exc()
        told, status = _failed(f"{type(error).__name__}: {error}"), 2
    write_whole(place / "results" / "results.json", results.dump(told))
    return status


def check(place: Path = PLACE) -> int:
    """Grade the reference solution and say what holds student code; 0 where all is well."""
    course, _ = _course(place)
    report = grade(course, course.solutions)
    if report.score != report.max_score:
        raise StaffError(f"the reference has {report.score} of {report.max_score} points")
    held = report.sandbox.confinement if report.sandbox else ()
    print(f"{course.slug}: the reference has all points; student code is held by {', '.join(held)}")
    return 0


def grade(course: Assignment, path: Path) -> Report:
    """Return the report on one submission; raises AutograderError where there is no verdict."""
    _require_own_user(course)
    with tempfile.TemporaryDirectory() as out, _deadline(limit_s(course)):
        settings = Grading(course.slug, str(course.root), out, force=True)
        with Lanes(course, settings) as lanes:
            try:
                report, _ = lanes.grade(Entry(STUDENT, path))
            except BaseException:
                lanes.stop()
                raise
    if report.status is ReportStatus.ERROR:
        raise SandboxError(report.message)
    if report.sandbox is not None and OWN_USER not in report.sandbox.confinement:
        raise SandboxError("student code did not run as a user of its own")
    return report


def _results(place: Path) -> dict[str, Any]:
    course, settings = _course(place)
    report = grade(course, place / "submission")
    told, late = metadata.read(place / metadata.FILE), lateness.load(course.root)
    return results.results(report, course, told, late, leaderboard=settings.leaderboard)


def _failed(reason: str) -> dict[str, Any]:
    print(f"autograder: {reason}", file=sys.stderr)
    return results.failed(reason)


def _course(place: Path) -> tuple[Assignment, Settings]:
    source = place / "source"
    settings = Settings.load(source / SETTINGS)
    return assignments.load(settings.slug, source / COURSE), settings


def _require_own_user(course: Assignment) -> None:
    """Refuse to run student code as root, or as whoever can read the suite."""
    site = Site.of(course.runtime)
    if next(own_uids(site, strongest_walls()), None) is None:
        raise SandboxError(
            "student code would have no user of its own: this must run as root, with a Python and"
            f" libraries that others can read ({site.python}, {site.libraries['numpy']})"
        )


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """End with an error of ours before Gradescope ends everything without a word."""

    def too_late(*_: object) -> None:
        raise SandboxError(f"grading took longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    try:
        sys.exit(check() if sys.argv[1:] == ["--check"] else main())
    except AutograderError as error:
        sys.exit(f"autograder: {error}")
