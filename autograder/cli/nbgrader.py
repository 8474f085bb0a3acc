"""The verbs of nbgrader's part: `gradebook` and `feedback`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.cli.choose import CORES
from autograder.cli.progress import shown

app = typer.Typer(
    name="gradebook", help="nbgrader's gradebook: reports go in, grades for everybody come out."
)
Reports = Annotated[
    Path | None,
    typer.Argument(metavar="REPORTS", help="What `grade` wrote.  [default: graded/SLUG]"),
]
Course = Annotated[Path, typer.Option(metavar="DIR", help="nbgrader's course folder.")]
Out = Annotated[Path | None, typer.Option(help="Where pages go.  [default: DIR/feedback]")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes in parallel.  [default: the cores]")]
COURSE = Path("course")


@app.command()
def prepare(slug: choose.Slug, course: Course = COURSE) -> int:
    """Set up a course folder: source/, release/, gradebook.db, nbgrader_config.py."""
    from autograder.feedback import course_folder

    changed = course_folder.prepare(choose.one(slug), course)
    print(f"{course / 'release' / slug} is {'ready' if changed else 'up to date'}")
    return 0


@app.command("import")
def import_(slug: choose.Slug, reports: Reports = None, course: Course = COURSE) -> int:
    """Write reports into the gradebook: students, scores, comments, late penalties.

    Who the students are stands in DIR/roster.csv, when they handed in in DIR/hand_ins/SLUG.csv;
    both may be missing. Manual scores and comments stay as they are.
    """
    into_gradebook(choose.one(slug), reports or Path("graded") / slug, course)
    return 0


@app.command()
def late(course: Course = COURSE) -> int:
    """Work out all late penalties again, after manual grading."""
    from autograder.assignment import find_root
    from autograder.feedback import gradebook, lateness, roster

    policy = lateness.load(find_root())
    count = gradebook.update_penalties(course, policy, roster.grace_days(course))
    print(f"{count} late penalties, by the policy {policy.policy}")
    return 0


def into_gradebook(
    assignment: Assignment, reports: Path, course: Path, *, quiet: bool = False
) -> None:
    """Bring a class's reports into the gradebook, and say so."""
    from autograder.feedback import course_folder, gradebook, publish, roster

    graded = publish.load(assignment, reports)
    course_folder.prepare(assignment, course)
    people = roster.read(course, assignment.slug)
    seen = course_folder.seen_answers(assignment, course)
    done = gradebook.import_reports(assignment, course, graded, people, seen)
    course_folder.write_autograded(assignment, course, graded, people.times)
    if not quiet:
        print(f"{len(done.students)} students are in {course / gradebook.DATABASE}")
    if unknown := people.handed_in - people.students.keys() - {g.student for g in graded}:
        print(
            f"hand_ins/{assignment.slug}.csv names strangers: {', '.join(sorted(unknown))}",
            file=sys.stderr,
        )
    if done.skipped:
        print(f"left alone, since they have no score: {', '.join(done.skipped)}", file=sys.stderr)


def feedback(
    slug: choose.Slug,
    reports: Reports = None,
    course: Course = COURSE,
    out: Out = None,
    jobs: Jobs = CORES,
) -> int:
    """Make a page for each student, and one about the class.

    Manual scores, comments and late penalties come from the gradebook in DIR, where there is one.
    """
    from autograder.feedback import gradebook, lateness, publish, roster

    assignment = choose.one(slug)
    graded = publish.load(assignment, reports or Path("graded") / slug)
    marks = {}
    if (course / gradebook.DATABASE).is_file():
        late = lateness.load(assignment.root)
        gradebook.update_penalties(course, late, roster.grace_days(course))
        marks = gradebook.marks(course, slug)
    folder = out if out is not None else course / "feedback"
    with shown("made pages:", len(graded)) as step:
        publish.publish(assignment, graded, marks, folder, jobs, step)
    print(f"{len(graded)} pages: {folder}/<student>/{slug}/{slug}.html")
    print(f"the class: {folder}/{slug}.{publish.CLASS}")
    return 0
