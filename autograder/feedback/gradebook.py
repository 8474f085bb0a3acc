"""nbgrader's gradebook as the gradebook of record: reports go in, marks come out.

Everything of one call is one transaction: a grade is there as a whole or as it was before. A report
without a score, an error of ours, never touches a grade.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.feedback import lateness, rows
from autograder.feedback.autograded import Graded, comment_of, score_of
from autograder.feedback.roster import Roster
from autograder.release.course import own_programs
from autograder.report import ReportStatus

DATABASE = "gradebook.db"
NO_ANSWER = "No response."  # nbgrader's own words


@dataclass(frozen=True)
class Imported:
    """What became of an import: who has a grade, and who was left alone for want of a score."""

    students: tuple[str, ...]
    skipped: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Known:
    """What a gradebook knows about an assignment: its graded cells, and whether any came in."""

    points: Mapping[str, float]
    submissions: int


def known(folder: Path, slug: str) -> Known | None:
    """Return what the gradebook knows about an assignment; None when there is nothing."""
    from nbgrader import api

    if not (folder / DATABASE).is_file():
        return None
    with transaction(url_of(folder)) as db:
        row = _notebook(db, slug)
        if row is None:
            return None
        cells = select(api.GradeCell.name, api.GradeCell.max_score)
        points = db.execute(cells.where(api.GradeCell.notebook_id == row)).all()
        book = api.SubmittedNotebook
        count = select(func.count(book.id)).where(book.notebook_id == row)
        return Known(dict(points), db.scalars(count).one())


def import_reports(
    assignment: Assignment,
    folder: Path,
    graded: Sequence[Graded],
    roster: Roster,
    seen: Mapping[str, Mapping[str, str]] | None = None,
) -> Imported:
    """Write students, submissions, scores and comments, then everybody's late penalties.

    `seen` are the answers that were there to be graded by hand so far: student -> question -> text.
    """
    scored = {each.student: each for each in graded if each.report.status is not ReportStatus.ERROR}
    every = [each.student for each in graded]
    with transaction(url_of(folder)) as db:
        row = _assignment(db, assignment)
        cells = rows.cells_of(db, row, assignment.slug)
        people = {name: rows.Student(name) for name in every} | dict(roster.students)
        rows.save_students(db, people.values())
        hand_ins = {name: (roster.came(name), roster.extension(name)) for name in scored}
        books = rows.save_submissions(db, row, cells.notebook, hand_ins)
        changed = set(_changed(cells, scored, books, seen or {}))
        rows.save_grades(db, dict(_scores(cells, scored, books)), changed)
        rows.save_comments(db, dict(_comments(cells, scored, books)))
        _save_penalties(db, lateness.load(assignment.root), roster.grace_days)
    return Imported(tuple(scored), tuple(name for name in every if name not in scored))


def update_penalties(folder: Path, late: lateness.Late, grace_days: Mapping[str, int]) -> int:
    """Work out every late penalty again, after manual grading; return how many there are."""
    with transaction(url_of(folder)) as db:
        return _save_penalties(db, late, grace_days)


def update_penalty(
    url: str, student: str, late: lateness.Late, grace_days: Mapping[str, int]
) -> None:
    """Work out the late penalties of one student again."""
    with transaction(url) as db:
        _save_penalties(db, late, grace_days, student)


def marks(folder: Path, slug: str) -> dict[str, rows.Marks]:
    """Return what the gradebook says about an assignment: student -> marks."""
    with transaction(url_of(folder)) as db:
        notebook = _notebook(db, slug)
        return rows.marks_of(db, notebook) if notebook else {}


def comment(url: str, assignment: Assignment, graded: Graded) -> None:
    """Write the comments of one student who has a submission: nbgrader saves the scores itself."""
    student = graded.student
    with transaction(url) as db:
        row = _assignment(db, assignment)
        cells = rows.cells_of(db, row, assignment.slug)
        books = rows.save_submissions(db, row, cells.notebook, {student: (None, None)})
        said = dict(_comments(cells, {student: graded}, books))
        exercises = {cell for name, cell in cells.comments.items() if cells.is_code.get(name)}
        rows.save_comments(db, {key: text for key, text in said.items() if key[1] in exercises})


def url_of(folder: Path) -> str:
    """Return the gradebook of a course folder, as a database's address."""
    place = folder / DATABASE
    if not place.is_file():
        raise UsageError(f"{place}: no such file; `autograder gradebook prepare` makes it")
    return f"sqlite:///{place.resolve()}"


@contextmanager
def transaction(url: str) -> Iterator[Any]:
    """One transaction on a gradebook: all of it, or nothing."""
    from nbgrader.api import Gradebook

    try:
        with own_programs():
            book = Gradebook(url)
    except DatabaseError as error:
        raise UsageError(f"{url}: {error.orig}") from error
    with book:
        try:
            if book.engine.dialect.name == "sqlite":
                book.db.execute(text("BEGIN IMMEDIATE"))  # what is read stays so until the end
            yield book.db
            book.db.commit()
        except OperationalError as error:
            book.db.rollback()
            said = f"{url}: {error.orig}; nothing was changed, try again later"
            raise UsageError(said) from error
        except BaseException:
            book.db.rollback()
            raise


def _notebook(db: Any, slug: str) -> str | None:
    from nbgrader import api

    where = api.Assignment.name == slug, api.Notebook.name == slug
    found: str | None = db.scalars(
        select(api.Notebook.id).join(api.Assignment).where(*where)
    ).one_or_none()
    return found


def _assignment(db: Any, assignment: Assignment) -> str:
    from nbgrader import api

    found = db.scalars(select(api.Assignment).where(api.Assignment.name == assignment.slug)).one()
    if assignment.due is not None:
        found.duedate = without_zone(assignment.due)
    return str(found.id)


def without_zone(moment: datetime) -> datetime:
    """Return a time as nbgrader keeps it: in UTC, and not saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _scores(
    cells: rows.Cells, scored: Mapping[str, Graded], books: Mapping[str, str]
) -> Iterator[tuple[rows.Key, float | None]]:
    for student, graded in scored.items():
        for name, cell in cells.grades.items():
            if cells.is_code[name]:
                score: float | None = score_of(graded.report, name)
            else:  # an inline question: nothing to grade where nothing was answered
                score = None if graded.handed_in.answers.get(name) else 0.0
            yield (books[student], cell), score


def _changed(
    cells: rows.Cells,
    scored: Mapping[str, Graded],
    books: Mapping[str, str],
    seen: Mapping[str, Mapping[str, str]],
) -> Iterator[rows.Key]:
    for student in scored.keys() & seen.keys():
        for name, text_seen in seen[student].items():
            is_same = scored[student].handed_in.answers.get(name, "") == text_seen
            if name in cells.grades and not is_same:
                yield books[student], cells.grades[name]


def _comments(
    cells: rows.Cells, scored: Mapping[str, Graded], books: Mapping[str, str]
) -> Iterator[tuple[rows.Key, str | None]]:
    for student, graded in scored.items():
        for name, cell in cells.comments.items():
            if cells.is_code.get(name, False):
                said = comment_of(graded.report, name)
            else:
                said = "" if graded.handed_in.answers.get(name) else NO_ANSWER
            yield (books[student], cell), said or None


def _save_penalties(
    db: Any, late: lateness.Late, grace_days: Mapping[str, int], student: str | None = None
) -> int:
    """Grace days are spent over all assignments, so all of them are worked out together."""
    from nbgrader import api

    submission = api.SubmittedAssignment
    of_student: dict[str, list[lateness.HandIn]] = {}
    whose = select(submission)
    if student is not None:
        whose = whose.where(submission.student_id == student)
    for each in db.scalars(whose):
        known = each.assignment.name, each.assignment.duedate, each.timestamp
        hand_in = lateness.HandIn(*known, each.extension or lateness.NO_EXTENSION)
        of_student.setdefault(each.student_id, []).append(hand_in)
    days = {
        who: lateness.charged_days(hand_ins, grace_days.get(who, late.grace_days))
        for who, hand_ins in of_student.items()
    }
    penalties = {
        row: lateness.penalty(score, days[who][name], late)
        for row, who, name, score in rows.scores_of(db, student)
    }
    rows.save_penalties(db, penalties)
    return sum(lost > 0 for lost in penalties.values())
