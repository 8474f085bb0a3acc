"""The verbs `export FORMAT`: reports in the formats of other systems."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.assignment import Assignment
from autograder.cli import choose, gradescope, lms
from autograder.errors import UsageError
from autograder.files import write_whole

if TYPE_CHECKING:  # grading needs POSIX, and this module is imported for every command
    from autograder.export.formats.remarks import Remark, Sources
    from autograder.grading.written import Written

app = typer.Typer(
    name="export", help="Reports in the formats of other systems.", no_args_is_help=True
)
Reports = Annotated[
    Path | None,
    typer.Argument(
        metavar="REPORTS", help="What `grade` wrote, or one report.json.  [default: graded/SLUG]"
    ),
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write it.  [default: it is printed]")
]
Files = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="What was graded, as the repository has it.  [default: files lie at its top]",
    ),
]
Result = Annotated[
    bool, typer.Option("--result", help="What GitHub Classroom's reporter reads, for GITHUB_OUTPUT")
]


@app.command()
def junit(slug: choose.Slug, reports: Reports = None, out: Out = None) -> int:
    """JUnit XML: a suite a student, a case a hidden test."""
    from autograder.export.formats import junit

    _, written = _read(slug, reports)
    return _put(junit.render(slug, [each.report for each in written]), out)


@app.command()
def markdown(slug: choose.Slug, reports: Reports = None, out: Out = None) -> int:
    """A summary in Markdown: of a class, or of one student."""
    from autograder.export.formats import markdown
    from autograder.grading.written import is_one

    assignment, written = _read(slug, reports)
    alone = is_one(_place(slug, reports))
    text = markdown.render(assignment, [each.report for each in written], alone=alone)
    return _put(text, out)


@app.command()
def csv(slug: choose.Slug, reports: Reports = None, out: Out = None) -> int:
    """A class as CSV: a row a student, a column an exercise."""
    from autograder.export.formats import class_csv

    assignment, written = _read(slug, reports)
    return _put(class_csv.render(assignment, [each.report for each in written]), out)


@app.command()
def github(
    slug: choose.Slug,
    reports: Reports = None,
    files: Files = None,
    result: Result = False,
    out: Out = None,
) -> int:
    """GitHub Actions: annotations on the students' lines, and the points for Classroom."""
    from autograder.export.formats import github

    assignment, written = _read(slug, reports)
    told = [each.report for each in written]
    if result:
        return _put(github.result(told), out)
    sources = _sources(assignment, written, files)
    return _put(github.render(told, _remarks(assignment, written), sources), out)


@app.command()
def gitlab(slug: choose.Slug, reports: Reports = None, files: Files = None, out: Out = None) -> int:
    """GitLab's Code Quality report: findings on the students' lines."""
    from autograder.export.formats import gitlab

    assignment, written = _read(slug, reports)
    sources = _sources(assignment, written, files)
    return _put(gitlab.render(_remarks(assignment, written), sources), out)


@app.command()
def autolab(slug: choose.Slug, reports: Reports = None, out: Out = None) -> int:
    """Autolab: one student's feedback, and last the line with the scores."""
    from autograder.export.formats import autolab

    assignment, written = _read(slug, reports)
    return _put(autolab.render(assignment, _only(written).report), out)


@app.command()
def prairielearn(slug: choose.Slug, reports: Reports = None, out: Out = None) -> int:
    """PrairieLearn: one student's results.json."""
    from autograder.export.formats import prairielearn

    assignment, written = _read(slug, reports)
    return _put(prairielearn.render(assignment, _only(written).report), out)


app.command("gradescope")(gradescope.gradescope)
app.command()(lms.canvas)
app.command()(lms.moodle)


def _place(slug: str, reports: Path | None) -> Path:
    return reports or Path("graded", slug)


def _read(slug: str, reports: Path | None) -> "tuple[Assignment, list[Written]]":
    from autograder.grading import written

    assignment = choose.one(slug)
    return assignment, written.read(assignment, _place(slug, reports))


def _only(written: "Sequence[Written]") -> "Written":
    if len(written) != 1:
        raise UsageError(f"this is about one student, and here are {len(written)}: name one")
    return written[0]


def _remarks(assignment: Assignment, written: "Sequence[Written]") -> "list[Remark]":
    from autograder.export.formats.remarks import remarks

    return [remark for each in written for remark in remarks(assignment, each)]


def _sources(
    assignment: Assignment, written: "Sequence[Written]", files: Path | None
) -> "Sources | None":
    from autograder.export.formats.remarks import Sources

    if files is None and len(written) > 1:
        raise UsageError("where do these students' files lie? Say --files DIR, or name one student")
    return None if files is None else Sources.of(files, assignment)


def _put(text: str, out: Path | None) -> int:
    """Print it, or write it as a whole or not at all."""
    if out is None:
        print(text, end="")
        return 0
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise UsageError(f"{out}: no ordinary file; without --out it is printed")
    write_whole(out, text)
    return 0
