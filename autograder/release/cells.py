"""Comments for exercises in nbgrader's gradebook, which has them for students' own cells only."""

from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells


class SaveCellsWithComments(SaveCells):  # type: ignore[misc]  # nbgrader has no types
    """Saves a solution cell of the same name with each grade cell, so that it can have comments.

    Formgrader and feedback look comments up by name. Saved from the beginning, these cells do not
    keep nbgrader from generating the assignment again.
    """

    def _create_grade_cell(self, cell: Any) -> None:
        super()._create_grade_cell(cell)
        self._create_solution_cell(cell)


def with_comments(config: Any) -> None:
    """Let `nbgrader generate_assignment` save cells in this way."""
    usual = GenerateAssignment.preprocessors.default()
    config.GenerateAssignment.preprocessors = [
        SaveCellsWithComments if each is SaveCells else each for each in usual
    ]
