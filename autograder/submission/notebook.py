"""A notebook's definitions as the files that the assignment asks for. Nothing of it is ever run.

A cell whose first line is `# %% export losses.py` goes to that file as it is. Of the other cells,
the functions and classes that the exercises name go to their files, each with the imports,
constants and helpers that it needs, in the order of the notebook. Everything else (plots,
experiments, outputs, metadata, text) is left out.
"""

import re
from collections.abc import Sequence

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission.answers import answers_in
from autograder.submission.book import read_cells
from autograder.submission.cells import Cell, code_of, read_cell
from autograder.submission.model import Sources
from autograder.submission.pieces import Piece, needed, pieces
from autograder.submission.scopes import free_names
from autograder.submission.source import problem, too_long
from autograder.submission.text import printable

_NOTES = 10
_FUTURE = re.compile(r"^from __future__ import .*\n", re.MULTILINE)


def extract(data: bytes, assignment: Assignment) -> Sources:
    """Turn a notebook into files; Rejected when it is no notebook."""
    every = read_cells(data)
    code = list(code_of(every))
    if too_long("\n".join(text for _, text in code).encode("utf-8", "replace")):
        raise Rejected("The notebook holds far too much code. Hand in less, and no data.")
    cells = [read_cell(number, text) for number, text in code]
    found = pieces(cells)
    files, problems, damaged = {}, {}, {}
    for name in assignment.files:
        wanted = _wanted(assignment, name)
        source = _text(cells, found, name, wanted).encode("utf-8", "replace")
        if fault := _fault(cells, name, wanted) or (source and problem(name, source)):
            problems[name], damaged[name] = str(fault), source
        elif source:
            files[name] = source
    notes = _notes(cells, assignment, problems)
    return Sources(files, problems, notes, damaged, answers_in(every))


def _wanted(assignment: Assignment, name: str) -> set[str]:
    """Return the top-level names that the exercises of a file ask for."""
    exercises = [exercise for exercise in assignment.exercises if exercise.file == name]
    return {function.partition(".")[0] for e in exercises for function in e.functions}


def _text(cells: Sequence[Cell], found: Sequence[Piece], name: str, wanted: set[str]) -> str:
    """Return the file's text; empty when the notebook holds nothing of it."""
    own = {cell.number: cell for cell in cells if cell.target == name}
    roots = {bound for piece in found for bound in piece.binds} & wanted
    if not roots and not own:
        return ""
    reads = {read for cell in own.values() for read in free_names(cell.tree)}
    chunks = {number: [cell.text] for number, cell in own.items()}
    for piece in needed(found, roots | reads):
        chunks.setdefault(piece.cell, []).append(piece.text)
    text = "".join(
        f"# cell {number}\n" + "".join(f"{chunk}\n" for chunk in chunks[number])
        for number in sorted(chunks)
    )
    return "".join(_FUTURE.findall(text)) + _FUTURE.sub("", text)


def _fault(cells: Sequence[Cell], name: str, wanted: set[str]) -> str | None:
    """Say what is wrong with the cells of one file: the first thing only."""
    first: dict[str, int] = {}
    for cell in cells:
        if cell.target not in {name, None}:
            continue
        if cell.fault and (cell.target == name or wanted.intersection(cell.defines)):
            return cell.fault
        for defined in cell.defines:
            if defined in wanted and defined in first:
                where = f"the other is in cell {first[defined]}"
                return f"Cell {cell.number} defines {defined} twice; keep one ({where})."
            first[defined] = cell.number
    return None


def _notes(
    cells: Sequence[Cell], assignment: Assignment, problems: dict[str, str]
) -> tuple[str, ...]:
    said = set(problems.values())
    notes = []
    for cell in cells:
        if cell.fault and cell.fault not in said:
            notes.append(f"{cell.fault.rstrip('.')}. The cell was left out.")
        elif cell.target and cell.target not in assignment.files:
            target = printable(cell.target, 40)
            notes.append(f"Cell {cell.number} is for {target}, which nobody asks for.")
    return tuple(notes[:_NOTES])
