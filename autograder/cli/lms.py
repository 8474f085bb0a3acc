"""The verbs `export canvas` and `export moodle`: grades back to where students handed in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import choose
from autograder.errors import UsageError
from autograder.files import write_whole

if TYPE_CHECKING:
    from autograder.export.lists.filled import Filled

Reports = Annotated[
    Path | None,
    typer.Argument(metavar="REPORTS", help="What `grade` wrote; graded/SLUG when left out."),
]
Course = Annotated[
    Path, typer.Option(metavar="DIR", help="The course folder: roster.csv, gradebook.db.")
]
By = Annotated[str, typer.Option(metavar="COLUMN", help="Find students by this column only.")]
Partial = Annotated[
    bool, typer.Option("--partial", help="Leave out students whom the other system does not have.")
]
Exported = Annotated[Path, typer.Option("--gradebook", metavar="CSV", help="What Canvas exported.")]
Column = Annotated[str, typer.Option(metavar="TITLE", help="The column to fill, with its (id).")]
Worksheet = Annotated[
    Path | None,
    typer.Option(metavar="CSV", help="Moodle's offline grading worksheet, to be filled."),
]
Points = Annotated[float | None, typer.Option(min=0.01, help="Moodle's grade for full marks.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="SLUG.canvas.csv or SLUG.moodle.csv when left out."),
]
COURSE = Path("course")
SHOWN = 20  # so many lines that stay as they are, are listed


def canvas(  # noqa: PLR0913, PLR0917 - each is an option of the command
    slug: choose.Slug,
    exported: Exported,
    reports: Reports = None,
    column: Column = "",
    out: Out = None,
    course: Course = COURSE,
    by: By = "",
    partial: Partial = False,
) -> int:
    """Fill the assignment's column of a gradebook that Canvas exported; all else stays as it is."""
    from autograder.export.lists import canvas as lms
    from autograder.export.lists import scores
    from autograder.export.lists.filled import Wanted

    assignment = choose.one(slug)
    known = scores.load(assignment, reports or Path("graded", slug), course)
    done = lms.fill(exported, assignment, known, Wanted(column, by, partial))
    _write(done, out or Path(f"{slug}.canvas.csv"), exported)
    return 0


def moodle(  # noqa: PLR0913, PLR0917 - each is an option of the command
    slug: choose.Slug,
    reports: Reports = None,
    worksheet: Worksheet = None,
    points: Points = None,
    out: Out = None,
    course: Course = COURSE,
    by: By = "",
    partial: Partial = False,
) -> int:
    """Make a file for Moodle's grade import, or fill its offline grading worksheet.

    In a file for the import, students are known by Email address, ID number (both from the
    roster) or Username (their name here); --by says which, and the e-mail address is the default.
    """
    from autograder.export.lists import moodle as lms
    from autograder.export.lists import scores
    from autograder.export.lists.filled import Wanted

    assignment = choose.one(slug)
    if worksheet is not None and points is not None:
        raise UsageError("--points: the worksheet says itself what full marks are; leave it out")
    known = scores.load(assignment, reports or Path("graded", slug), course)
    if worksheet is not None:
        done = lms.worksheet(worksheet, known, Wanted(by=by, partial=partial))
    else:
        wanted = Wanted(by=by or lms.IDENTIFIERS[0], partial=partial)
        done = lms.grades(assignment, known, wanted, points)
    _write(done, out or Path(f"{slug}.moodle.csv"), worksheet)
    return 0


def _write(done: "Filled", place: Path, read: Path | None) -> None:
    """Write the file, unless it is the one that was read, and say what it holds."""
    from autograder.feedback.words import count

    if read is not None and place.resolve() == read.resolve():
        raise UsageError(f"{place}: this is the file that was read; give another one with --out")
    write_whole(place, done.content)
    print(f"{place}: {count(len(done.written), 'score')} in the column {done.column!r}")
    for note in done.notes:
        print(note, file=sys.stderr)
    for line, why in done.left[:SHOWN]:
        print(f"left as it was: {line}: {why}", file=sys.stderr)
    if len(done.left) > SHOWN:
        print(f"left as they were: {len(done.left) - SHOWN} more lines", file=sys.stderr)
