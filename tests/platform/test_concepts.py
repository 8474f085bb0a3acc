"""docs/concepts.md is a true map of the course."""

import re
from pathlib import Path

import pytest

from autograder import assignment as assignments

REPO = Path(__file__).parents[2]
GRADED_BY = re.compile(r"`(\w+)`: ((?:`\w+`(?:, )?)+)")


def mapped() -> set[tuple[str, str]]:
    """Return every (slug, exercise) that the page names."""
    page = (REPO / "docs" / "concepts.md").read_text("utf-8")
    return {
        (slug, exercise)
        for slug, named in GRADED_BY.findall(page)
        for exercise in re.findall(r"\w+", named)
    }


@pytest.mark.parametrize("slug", assignments.slugs(REPO))
def test_every_exercise_grades_a_concept(slug: str) -> None:
    """Nothing is asked that the map of the course does not explain."""
    asked = {(slug, each.name) for each in assignments.load(slug, REPO).exercises}
    assert asked - mapped() == set()


def test_every_concept_is_graded() -> None:
    """The exercises that the map names exist."""
    there = {
        (slug, each.name)
        for slug in assignments.slugs(REPO)
        for each in assignments.load(slug, REPO).exercises
    }
    assert mapped() - there == set()


def test_every_concept_names_an_exercise() -> None:
    """No row of the map is left without an exercise."""
    page = (REPO / "docs" / "concepts.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    rows = [row for row in rows if not row.startswith("| concept")]
    assert [row for row in rows if not GRADED_BY.search(row)] == []
