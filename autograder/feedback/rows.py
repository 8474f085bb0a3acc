"""The rows of nbgrader's gradebook, read and written for a whole class at once.

nbgrader's own functions look up and commit one grade at a time. These use the same tables through
nbgrader's models, in the caller's transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update

Key = tuple[str, str]  # submitted notebook, cell


@dataclass(frozen=True)
class Student:
    """What a gradebook knows about a person; nothing is changed where a field is None."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    lms_user_id: str | None = None


@dataclass(frozen=True)
class Cells:
    """The cells of an assignment's notebook: name -> row id."""

    notebook: str
    grades: Mapping[str, str]
    comments: Mapping[str, str]
    is_code: Mapping[str, bool]


def save_students(db: Any, students: Iterable[Student]) -> None:
    """Create students, or bring them up to date."""
    from nbgrader import api

    known = set(db.scalars(select(api.Student.id)))
    for each in students:
        told = {key: value for key, value in vars(each).items() if value is not None}
        statement = update(api.Student).where(api.Student.id == each.id).values(**told)
        db.execute(statement if each.id in known else insert(api.Student).values(**told))


def cells_of(db: Any, assignment_id: str, notebook: str) -> Cells:
    """Return the cells that `generate_assignment` saved, and a comment for each graded one.

    nbgrader has comments for cells that students write in only. A solution cell of an exercise's
    name gives the exercise one, too.
    """
    from nbgrader import api

    where = api.Notebook.assignment_id == assignment_id, api.Notebook.name == notebook
    book = db.scalars(select(api.Notebook).where(*where)).one()
    grades = {cell.name: cell.id for cell in book.grade_cells}
    comments = {cell.name: cell.id for cell in book.solution_cells}
    for name in grades.keys() - comments.keys():
        twin = api.SolutionCell(id=_new_id(), name=name, notebook=book)
        db.add(twin)
        comments[name] = twin.id
    db.flush()
    is_code = {cell.name: cell.cell_type == "code" for cell in book.grade_cells}
    return Cells(book.id, grades, comments, is_code)


def save_submissions(
    db: Any, assignment_id: str, notebook_id: str, hand_ins: Mapping[str, tuple[Any, Any]]
) -> dict[str, str]:
    """Save who handed in, with time and extension (None: leave it); student -> notebook row."""
    from nbgrader import api

    table, book = api.SubmittedAssignment, api.SubmittedNotebook
    known = _ids(db, table, "student_id", hand_ins, assignment_id=assignment_id)
    changes = [_hand_in(known[s], came, more) for s, (came, more) in hand_ins.items()]
    for kind in ("timestamp", "extension"):
        told = [{"id": each["id"], kind: each[kind]} for each in changes if kind in each]
        _update(db, table, told)
    submitted = [known[student] for student in hand_ins]
    books = _ids(db, book, "assignment_id", submitted, notebook_id=notebook_id)
    return {student: books[known[student]] for student in hand_ins}


def _ids(db: Any, table: Any, owner: str, owners: Iterable[str], **common: str) -> dict[str, str]:
    """Return owner -> row of a table; rows that are missing are made."""
    where = [getattr(table, key) == value for key, value in common.items()]
    known = dict(db.execute(select(getattr(table, owner), table.id).where(*where)).all())
    new = {each: _new_id() for each in owners if each not in known}
    _insert(db, table, [{"id": row, owner: each, **common} for each, row in new.items()])
    return known | new


def _hand_in(row: str, came: datetime | None, extension: timedelta | None) -> dict[str, Any]:
    told = {"id": row, "timestamp": came, "extension": extension}
    return {key: value for key, value in told.items() if value is not None}


def save_grades(
    db: Any, scores: Mapping[Key, float | None], changed_answers: Collection[Key] = ()
) -> None:
    """Save automatic scores; None stands for a cell that a person has to grade.

    What a person has given stays, and is marked to be looked at again, as nbgrader does. A question
    that a person has graded is marked only when its answer is another one now.
    """
    from nbgrader import api

    table = api.Grade
    columns = table.notebook_id, table.cell_id, table.id, table.auto_score, table.manual_score
    there = {(n, c): rest for n, c, *rest in _rows(db, columns, scores)}
    new, changed = [], []
    for key, score in scores.items():
        row, before, manual = there.get(key, (None, None, None))
        waits = score is None or manual is not None
        values = {"auto_score": score, "needs_manual_grade": waits}
        if row is None:
            new.append({"id": _new_id(), "notebook_id": key[0], "cell_id": key[1], **values})
        elif score is not None or before is not None or key in changed_answers:
            changed.append({"id": row, **values})
    _insert(db, table, new)
    _update(db, table, changed)


def save_comments(db: Any, comments: Mapping[Key, str | None]) -> None:
    """Save automatic comments; what a person has written stays."""
    from nbgrader import api

    table = api.Comment
    columns = table.notebook_id, table.cell_id, table.id
    there = {(n, c): row for n, c, row in _rows(db, columns, comments)}
    new = [
        {"id": _new_id(), "notebook_id": key[0], "cell_id": key[1], "auto_comment": said}
        for key, said in comments.items()
        if key not in there
    ]
    known = [
        {"id": there[key], "auto_comment": said} for key, said in comments.items() if key in there
    ]
    _insert(db, table, new)
    _update(db, table, known)


@dataclass(frozen=True)
class Mark:
    """What a gradebook says about one cell of one student."""

    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool  # for a person

    @property
    def score(self) -> float:
        """What counts, as nbgrader has it: the manual score before ours, and extra credit on it."""
        base = self.auto if self.manual is None else self.manual
        return 0.0 if base is None else base + (self.extra or 0.0)


@dataclass
class Marks:
    """What a gradebook says about one student's submission: by cell, and its late penalty."""

    row: str
    penalty: float
    grades: dict[str, Mark]
    comments: dict[str, str]  # by people only


def marks_of(db: Any, notebook_id: str) -> dict[str, Marks]:
    """Return the marks of everybody who handed in: student -> marks."""
    from nbgrader import api

    book, submission = api.SubmittedNotebook, api.SubmittedAssignment
    held = select(submission.student_id, book.id, book.late_submission_penalty)
    held = held.join(submission, book.assignment_id == submission.id)
    found = db.execute(held.where(book.notebook_id == notebook_id))
    marks = {student: Marks(row, penalty or 0.0, {}, {}) for student, row, penalty in found}
    by_row = {each.row: each for each in marks.values()}
    for row, name, *values in _by_name(db, api.Grade, notebook_id):
        by_row[row].grades[name] = Mark(*values)
    for row, name, said in _by_name(db, api.Comment, notebook_id):
        if said:
            by_row[row].comments[name] = said
    return marks


def _by_name(db: Any, table: Any, notebook_id: str) -> Any:
    from nbgrader import api

    graded = table is api.Grade
    what = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade")
    columns = [getattr(table, name) for name in (what if graded else ("manual_comment",))]
    statement = select(table.notebook_id, api.BaseCell.name, *columns)
    statement = statement.join(api.BaseCell, table.cell_id == api.BaseCell.id)
    return db.execute(statement.where(api.BaseCell.notebook_id == notebook_id))


def scores_of(db: Any, student: str | None) -> Any:
    """Return (submitted notebook, student, assignment, score), added up as nbgrader does.

    Of everybody, or of one student.
    """
    from nbgrader import api

    book, submission, grade = api.SubmittedNotebook, api.SubmittedAssignment, api.Grade
    score = func.coalesce(func.sum(grade.score), 0.0)
    statement = select(book.id, submission.student_id, api.Assignment.name, score)
    statement = statement.join(submission, book.assignment_id == submission.id)
    statement = statement.join(api.Assignment, submission.assignment_id == api.Assignment.id)
    statement = statement.outerjoin(grade, grade.notebook_id == book.id)
    if student is not None:
        statement = statement.where(submission.student_id == student)
    return db.execute(statement.group_by(book.id))


def save_penalties(db: Any, penalties: Mapping[str, float]) -> None:
    """Save late penalties: submitted notebook -> points."""
    from nbgrader import api

    values = [{"id": row, "late_submission_penalty": lost} for row, lost in penalties.items()]
    _update(db, api.SubmittedNotebook, values)


def _rows(db: Any, columns: tuple[Any, ...], keys: Collection[Key]) -> Any:
    """Return the rows of all cells that the keys name."""
    cells = {cell for _, cell in keys}
    return db.execute(select(*columns).where(columns[1].in_(cells)))


def _insert(db: Any, table: Any, values: list[dict[str, Any]]) -> None:
    if values:
        db.execute(insert(table), values)


def _update(db: Any, table: Any, values: list[dict[str, Any]]) -> None:
    if values:
        db.execute(update(table), values)


def _new_id() -> str:
    return uuid4().hex
